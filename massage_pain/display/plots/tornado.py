"""How far the chance moves when one number does: pale at the number's low end, solid at its high end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.display import scales, wording
from massage_pain.display.escape import plain
from massage_pain.display.plots.canvas import Canvas
from massage_pain.display.reports.sensitivity import ranged, step
from massage_pain.display.tables import report_of

_MOST = 10


def _shown(summary: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    ends = ("at_low", "at_high")
    return [each for each in summary["parameters"][:_MOST] if all(each[end] is not None for end in ends)]


def rows(summary: Mapping[str, Any]) -> int:
    """How many rows are drawn."""
    return 2 * max(len(_shown(summary)), 1)


def draw(on: Canvas, summary: Mapping[str, Any]) -> None:
    """The largest effect on top, a line at the chance now."""
    found, now = _shown(summary), summary["probability"]
    solid = on.color("solid")
    if found and not ranged(found):
        on.ax.barh(range(len(found)), [each["slope"] for each in found], height=0.55, color=solid)
        on.ax.axvline(0.0, color=on.color("ink"), linewidth=1.5)
        on.names([f"{plain(each['words'])}\n{wording.two_figures(each['value'])}" for each in found])
        on.numbers(range(len(found)), [step(each) for each in found])
        on.label(f"Points of a hundred that “{summary['cause']['label']}” moves by, for 0.01 more")
        on.grid()
        on.title(report_of(summary).title)
        return
    for at, each in enumerate(found):
        # both ends may lie on the same side: the shorter one is drawn on top
        ends = [(each["at_low"], on.color("pale")), (each["at_high"], solid)]
        for end, color in sorted(ends, key=lambda pair: -abs(pair[0] - now)):
            on.ax.barh(at, end - now, left=now, height=0.55, color=color, edgecolor=solid)
    on.ax.axvline(now, color=on.color("ink"), linewidth=1.5)
    on.names([f"{plain(each['words'])}\n{wording.parameter(*_values(each))}" for each in found])
    on.numbers(
        range(len(found)),
        [f"{wording.chance(each['at_low'])} → {wording.chance(each['at_high'])}" for each in found],
    )
    reached: list[float] = [each[end] for each in found for end in ("at_low", "at_high")]
    on.across(
        scales.around([now, *reached]),
        f"Chance of {summary['cause']['label']}. Pale: the number at its low end; solid: at its high end",
    )
    on.title(report_of(summary).title)


def _values(row: Mapping[str, Any]) -> tuple[float, float, float]:
    return row["value"], row["low"], row["high"]
