"""A chance as one number of the network varies, with the number's stated range and its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.display import wording
from massage_pain.display.escape import plain
from massage_pain.display.plots.canvas import WORDS, Canvas


def rows(summary: Mapping[str, Any]) -> int:
    """As high as six rows."""
    return 6


def draw(on: Canvas, summary: Mapping[str, Any]) -> None:
    """The curve; a dot at today's value."""
    on.ax.plot(summary["values"], summary["chances"], color=on.color("solid"), linewidth=2)
    on.ax.plot(summary["value"], summary["probability"], "o", color=on.color("ink"))
    if summary["low"] is not None:
        on.ax.axvspan(summary["low"], summary["high"], color=on.color("pale"), alpha=0.5, linewidth=0)
    ticks = (0.0, 0.25, 0.5, 0.75, 1.0)
    on.ax.set_ylim(-0.02, 1.02)
    on.ax.set_yticks(ticks, labels=[f"{each * 100:.0f}%" for each in ticks], **WORDS)
    on.ax.set_ylabel(plain(f"Chance of {summary['label']}"), **WORDS)
    band = "; shaded: its stated range" if summary["low"] is not None else ""
    on.ax.set_xlabel(plain(f"Value of the number{band}; dot: as it is"), **WORDS)
    on.grid()
    on.ax.grid(visible=True, axis="y", color=on.color("line"), linewidth=0.8)
    at = f"{wording.chance(summary['probability'])} at {wording.two_figures(summary['value'])}"
    on.title(f"{summary['words']}: {at}")
