"""What a change would have made of this very case, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.display import row_marks, scales, wording
from massage_pain.display.tables import Drawn, Report, Table


def report(summary: Mapping[str, Any]) -> Report:
    """The title says in how many such cases the outcome would have been avoided."""
    label = summary["outcome"]["label"]
    set_to = wording.joined([f"{each['label']}: {each['answer']}" for each in summary["do"]])
    title = f"With “{set_to}”: avoided in {wording.hundreds(summary['avoided'])} such cases"
    stays = wording.hundreds(1.0 - summary["avoided"])
    lead = [
        f"Of people with the same findings, {wording.hundreds(summary['avoided'])} would not have had "
        f"“{label}”; {stays} would have had it all the same."
    ]
    if summary["instead_of"]:
        was = wording.joined([f"{each['label']}: {each['answer']}" for each in summary["instead_of"]])
        lead.append(f"In fact it was “{was}”.")
    lead += _blame(summary, label)
    return Report("Would it have happened anyway?", title, tuple(lead), (_causes(summary, label),), (_NOTE,))


_NOTE = (
    "All findings are kept, and so are the mechanisms that nobody saw; only the change is made. This rests "
    "on the network's noisy-OR mechanisms: each link acts on its own."
)


def _blame(summary: Mapping[str, Any], label: str) -> list[str]:
    found = []
    if summary["necessity"] is not None:
        found.append(f"Necessary for “{label}”: {wording.chance(summary['necessity'])}.")
    if summary["sufficiency"] is not None:
        found.append(f"Sufficient for “{label}”: {wording.chance(summary['sufficiency'])}.")
    return [" ".join(found)] if found else []


def _causes(summary: Mapping[str, Any], label: str) -> Table:
    rows = summary["causes"]
    scale = scales.from_zero(max((max(each["actual"], each["otherwise"]) for each in rows), default=0.1))
    return Table(
        ("Cause", "Necessary", "Sufficient", "In fact, and with the change"),
        tuple(
            (
                each["label"],
                f"necessary: {_share(each['necessity'])}",
                f"sufficient: {_share(each['sufficiency'])}",
                wording.from_to(each["actual"], each["otherwise"]),
            )
            for each in rows
        ),
        caption=(
            f"Necessary: without this cause, where it was present, no “{label}”. "
            f"Sufficient: with it, where neither was present, “{label}”."
        ),
        numbers=(3,),
        heading="The causes",
        drawn=Drawn(
            tuple(row_marks.before_after(scale, each["actual"], each["otherwise"]) for each in rows),
            row_marks.axis(scale),
            ((row_marks.BEFORE_KEY, "in fact. "), (row_marks.AFTER_KEY, "with the change (an arrow head).")),
            "Drawing, the chance in percent",
        ),
        under=((1, 0), (2, 0)),
    )


def _share(found: float | None) -> str:
    return "not defined" if found is None else wording.chance(found)
