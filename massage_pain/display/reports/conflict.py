"""How well the findings fit together, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.display import wording
from massage_pain.display.tables import Report, Table


def report(summary: Mapping[str, Any]) -> Report:
    """Whether they fit; what is usual instead; which pairs speak against each other."""
    found = summary["fits"]
    lead = list(_lead(summary))
    tables = []
    if len(found) > 1:
        tables.append(_usual(found))
        if summary["pairs"]:
            tables.append(_pairs(summary["pairs"][:5]))
    notes = [
        "Conflict is positive where answers are less likely together than apart. It is measured in bits: one "
        "bit is a factor of two.",
        f"Compared with {summary['draws']:,} cases drawn from the network with the same questions answered.",
    ]
    return Report("Do the answers fit together?", _title(summary), tuple(lead), tuple(tables), tuple(notes))


def _title(summary: Mapping[str, Any]) -> str:
    if len(summary["fits"]) < 2:
        return "There is nothing to fit together yet"
    if summary["poor"]:
        return "These findings fit poorly together"
    if summary["bits"] > 1 / 3:
        return "These findings pull in different directions, no more than chance would"
    return "These findings fit together"


def _lead(summary: Mapping[str, Any]) -> list[str]:
    if len(summary["fits"]) < 2:
        return ["It takes at least two answers that bear on the chances."]
    rarest = 1 / (summary["draws"] + 1)  # none of the cases drawn is not yet none at all
    conflicting = wording.hundreds(max(rarest, summary["as_conflicting"]))
    surprising = wording.hundreds(max(rarest, summary["as_surprising"]))
    lead = [
        f"Conflict {wording.signed(summary['bits'])} bits: {conflicting} cases are at least as conflicting. "
        f"Surprise {summary['surprise']:.1f} bits: {surprising} are at least as surprising."
    ]
    for each in summary["explained_by"][:1]:
        change = wording.from_to(each["before"], each["after"])
        lead.append(f"{each['label']} would explain it: with these answers it goes {change}.")
    if summary["poor"]:
        if summary["bits"] <= 0:
            lead.append("They do not speak against each other; it is that so much is unusual at once.")
        elif not summary["explained_by"]:
            lead.append("No cause this model knows explains it: trust the answers, not the list of causes.")
        # a network without rules may be about anything
        seen = "; if they hold, have it looked at by a doctor" if summary["network"]["rules_hash"] else ""
        lead.append(f"Check the answers{seen}.")
    return lead


def _usual(found: list[Mapping[str, Any]]) -> Table:
    return Table(
        ("You said", "Usually, with the other answers", "Chance of your answer", "Adds"),
        tuple(
            (
                f"{each['label']}: {each['answer']}",
                f"{each['usual']} ({wording.chance(each['usual_probability'])})",
                wording.chance(each["with_others"]),
                f"{wording.signed(each['adds'])} bits",
            )
            for each in found
        ),
        caption="The answer that adds most to the conflict first.",
        numbers=(2, 3),
    )


def _pairs(pairs: list[Mapping[str, Any]]) -> Table:
    return Table(
        ("These two", "Conflict"),
        tuple(
            (" and ".join(each["labels"]), f"{wording.signed(each['conflict'], 2)} bits") for each in pairs
        ),
        numbers=(1,),
        heading="Pairs that speak against each other",
    )
