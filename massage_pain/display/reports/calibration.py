"""Whether chances come true, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.display import marks, wording
from massage_pain.display.tables import Drawn, Report, Table

_CLOSE = 0.05


def report(summary: Mapping[str, Any]) -> Report:
    """The title says how far what was said lies from what was seen."""
    off = wording.hundreds(summary["error"])
    close = summary["error"] < _CLOSE
    title = (
        f"Chances {'come true about as often as said' if close else 'do not come true as said'}: {off} off"
    )
    names = wording.joined([each["label"] for each in summary["causes"]])
    lead = f"{names}: {summary['rows']:,} chances were compared with what turned out."
    notes = (
        f"Brier score {summary['brier']:.3f}: the mean square of chance minus outcome, 0 at best. The "
        "distance in the title is the mean over the rows of the table, weighted by their number of cases.",
        "Cases drawn from the network itself test the computation, not whether the network is right.",
    )
    return Report("Do the chances come true?", title, (lead,), (_table(summary["bins"]),), notes)


def _table(bins: list[Mapping[str, Any]]) -> Table:
    return Table(
        ("Chance that was given", "Cases", "Came true", "Likely range"),
        tuple(
            (
                wording.chance(each["said"]),
                f"{each['count']:,} cases",
                wording.chance(each["seen"]),
                wording.interval(each["low"], each["high"]),
            )
            for each in bins
        ),
        numbers=(2, 3),
        shown=20,
        drawn=Drawn(
            tuple(
                marks.chance_bar(each["seen"], before=each["said"], low=each["low"], high=each["high"])
                for each in bins
            ),
            marks.AXIS,
            (
                (marks.INTERVAL_KEY, "Solid: at least. Pale: up to (90% range). "),
                (marks.FIGURE_KEY, "Line: the share that came true. "),
                (marks.BEFORE_KEY, "Triangle: the chance that was given."),
            ),
            "Drawing, from 0 to 100%",
        ),
        under=((1, 0), (3, 2)),
    )
