"""Credible intervals in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.display import marks, row_marks, scales, wording
from massage_pain.display.tables import Drawn, Report, Table

STAYS = 0.95
"""The share of draws from which a cause is said to stay first."""


def report(summary: Mapping[str, Any]) -> Report:
    """The title says how sure the first place is."""
    first = summary["causes"][0]
    span = f"{wording.chance(first['probability'])}, between {_ends(first)}"
    if first["ranks_first"] >= STAYS:
        title = f"{first['label']} stays first: {span}"
    else:
        title = f"{first['label']} comes first, but not for sure: {span}"
    lead = [_first_place(summary)]
    if summary["same_urgency"] is not None:
        share = wording.whole_percent(summary["same_urgency"])
        meaning = wording.URGENCIES[summary["urgency"]].meaning
        lead.append(f"The urgency is “{meaning}” in {share} of 100 draws of the numbers.")
    notes = (
        f"The likely range holds {wording.chance(summary['level'])} of {summary['draws']:,} draws of the "
        f"numbers the answer rests on (seed {summary['seed']}). It does not say whether a cause is missing.",
    )
    tables = [_chances(summary)]
    if summary["influences"]:
        tables.append(_influences(summary))
    return Report("How sure the chances are", title, tuple(lead), tuple(tables), notes)


def _ends(row: Mapping[str, Any]) -> str:
    return f"{wording.chance(row['low'])} and {wording.chance(row['high'])}"


def _first_place(summary: Mapping[str, Any]) -> str:
    shares = [
        f"{each['label']} in {wording.whole_percent(each['ranks_first'])}"
        for each in sorted(summary["causes"], key=lambda each: -each["ranks_first"])
        if wording.whole_percent(each["ranks_first"]) > 0
    ]
    return f"Of 100 draws, this cause comes first: {wording.joined(shares)}."


def _chances(summary: Mapping[str, Any]) -> Table:
    rows = [*summary["causes"]]
    none = {"label": f"None of these {wording.number_word(len(rows))}", "ranks_first": None}
    if len(rows) > 1:
        rows.append({**none, **summary["none_of_these"]})
    if summary["complaint"] is not None:
        rows.append({**summary["complaint"], "ranks_first": None})
    return Table(
        ("Cause", "Chance", "Likely range", "Comes first in"),
        tuple(
            (
                each["label"],
                wording.chance(each["probability"]),
                wording.interval(each["low"], each["high"]),
                "" if each["ranks_first"] is None else f"{wording.hundreds(each['ranks_first'])}",
            )
            for each in rows
        ),
        numbers=(1, 2, 3),
        strong=(0,),
        heading="The chances and how far they reach",
        drawn=Drawn(
            tuple(marks.chance_bar(each["probability"], low=each["low"], high=each["high"]) for each in rows),
            marks.AXIS,
            (
                (
                    marks.INTERVAL_KEY,
                    f"Solid: at least. Pale: up to ({wording.chance(summary['level'])} range). ",
                ),
                (marks.FIGURE_KEY, "Line: best single figure."),
            ),
            "Drawing, from 0 to 100%",
        ),
        under=((3, 0), (2, 1)),
    )


def _influences(summary: Mapping[str, Any]) -> Table:
    rows = summary["influences"]
    scale = scales.from_zero(max(each["share"] for each in rows))
    return Table(
        ("Number", "Value and range", "Share", "Grade", "Rests on"),
        tuple(
            (
                each["words"],
                wording.parameter(each["value"], each["low"], each["high"]),
                wording.chance(each["share"]),
                f"grade {each['grade']}",
                ", ".join(each["sources"]),
            )
            for each in rows
        ),
        caption=f"Numbers that carry most of the uncertainty about “{summary['influenced']['label']}”, "
        "and their share of it.",
        numbers=(1, 2),
        heading="What to study next",
        drawn=Drawn(
            tuple(row_marks.amount(scale, each["share"]) for each in rows),
            row_marks.axis(scale),
            (),
            "Drawing, share of the uncertainty in percent",
        ),
        under=((1, 0), (3, 0), (4, 0)),
        tags=(3,),
    )
