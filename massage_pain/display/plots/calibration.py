"""How often what was given a chance came true: on the diagonal, as often as said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.display.plots.canvas import WORDS, Canvas
from massage_pain.display.tables import report_of


def rows(summary: Mapping[str, Any]) -> int:
    """As high as ten rows."""
    return 10


def draw(on: Canvas, summary: Mapping[str, Any]) -> None:
    """A point for each bin, larger for more cases, with the interval of its share."""
    found = summary["bins"]
    most = max(each["count"] for each in found)
    on.ax.plot([0, 1], [0, 1], color=on.color("edge"), linewidth=1, linestyle="--")
    for each in found:
        on.ax.vlines(each["said"], each["low"], each["high"], color=on.color("solid"), linewidth=2)
    on.ax.scatter(
        [each["said"] for each in found],
        [each["seen"] for each in found],
        s=[20 + 100 * each["count"] / most for each in found],
        color=on.color("solid"),
        edgecolor=on.color("bg"),
        zorder=3,
    )
    ticks = (0.0, 0.25, 0.5, 0.75, 1.0)
    for set_ticks, set_ends in ((on.ax.set_xticks, on.ax.set_xlim), (on.ax.set_yticks, on.ax.set_ylim)):
        set_ticks(ticks, labels=[f"{each * 100:.0f}%" for each in ticks], **WORDS)
        set_ends(-0.02, 1.02)
    on.ax.set_aspect("equal")
    on.ax.set_xlabel("Chance that was given", **WORDS)
    on.ax.set_ylabel("Share that came true", **WORDS)
    on.grid()
    on.ax.grid(visible=True, axis="y", color=on.color("line"), linewidth=0.8)
    on.title(report_of(summary).title)
