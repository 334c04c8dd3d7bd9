"""What a change would have made of this very case, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.display import wording
from massage_pain.display.tables import Report, Table


def report(summary: Mapping[str, Any]) -> Report:
    """The title says in how many such cases the outcome would have been avoided."""
    label = summary["outcome"]["label"]
    set_to = wording.joined([f"{each['label']}: {each['answer']}" for each in summary["do"]])
    title = f"{set_to}: avoided in {wording.hundreds(summary['avoided'])} such cases"
    stays = wording.hundreds(1.0 - summary["avoided"])
    lead = [
        f"Of people with the same findings, {wording.hundreds(summary['avoided'])} would not have had "
        f"“{label}”; {stays} would have had it all the same."
    ]
    if summary["instead_of"]:
        was = wording.joined([f"{each['label']}: {each['answer']}" for each in summary["instead_of"]])
        lead.append(f"In fact it was {was}.")
    lead += _blame(summary, label)
    return Report("Would it have happened anyway?", title, tuple(lead), (_causes(summary, label),), (_NOTE,))


_NOTE = (
    "All findings are kept, and so are the mechanisms that nobody saw; only the change is made. This rests on "
    "the network's noisy-OR mechanisms: each link acts on its own."
)


def _blame(summary: Mapping[str, Any], label: str) -> list[str]:
    found = []
    if summary["necessity"] is not None:
        found.append(f"Necessary for “{label}”: {wording.chance(summary['necessity'])}.")
    if summary["sufficiency"] is not None:
        found.append(f"Sufficient for “{label}”: {wording.chance(summary['sufficiency'])}.")
    return [" ".join(found)] if found else []


def _causes(summary: Mapping[str, Any], label: str) -> Table:
    return Table(
        ("Cause", "In fact", "With the change", "Necessary", "Sufficient"),
        tuple(
            (
                each["label"],
                wording.hundreds(each["actual"]),
                wording.hundreds(each["otherwise"]),
                _share(each["necessity"]),
                _share(each["sufficiency"]),
            )
            for each in summary["causes"]
        ),
        caption=(
            f"Necessary: without this cause, where it was present, no “{label}”. Sufficient: with it, where neither "
            f"was present, “{label}”."
        ),
        numbers=(1, 2, 3, 4),
        heading="The causes",
    )


def _share(found: float | None) -> str:
    return "not defined" if found is None else wording.chance(found)
