"""Which single number would bring a cause to a wished-for chance, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.display import wording
from massage_pain.display.tables import Report, Table


def report(summary: Mapping[str, Any]) -> Report:
    """Those within their stated range first; or that none can."""
    rows = summary["parameters"]
    label, wished = summary["cause"]["label"], wording.chance(summary["wished"])
    within = [each for each in rows if each["within_range"]]
    if not rows:
        title = f"No single number can bring {label} to {wished}"
    elif not within:
        title = f"Only beyond its stated range could a single number bring {label} to {wished}"
    else:
        count = wording.counted(len(within), "number")
        title = (
            f"{count}, within {'its' if len(within) == 1 else 'their'} range, could bring {label} to {wished}"
        )
    table = Table(
        ("Number", "Now", "Needed", "Stated range"),
        tuple(
            (
                each["words"],
                wording.two_figures(each["value"]),
                wording.two_figures(each["needed"]),
                "inside" if each["within_range"] else "outside",
            )
            for each in rows
        ),
        numbers=(1, 2),
    )
    lead = (f"{label} is at {wording.chance(summary['probability'])} now.",)
    return Report("What it would take", title, lead, (table,) if rows else ())
