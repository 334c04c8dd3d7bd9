"""An explanation: from the chance before to the chance after, an arrow for every answer, on log-odds."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from massage_pain.display import row_marks, scales, wording
from massage_pain.display.plots.canvas import WORDS, Canvas
from massage_pain.display.tables import report_of

_MOST = 20


def rows(summary: Mapping[str, Any]) -> int:
    """How many rows are drawn."""
    return min(len(summary["contributions"]), _MOST) + 2


def draw(on: Canvas, summary: Mapping[str, Any]) -> None:
    """The arrows, tip on the value; what speaks for points right, what speaks against points left."""
    bits = summary["scale"] == "bits"
    found = summary["contributions"]
    weights = [each["weight"] for each in found]
    names = [f"{each['label']}: {each['answer']}" for each in found]
    if len(found) > _MOST:  # the lightest are taken together
        kept = sorted(sorted(range(len(found)), key=lambda at: -abs(weights[at]))[: _MOST - 1])
        rest = sum(weights) - sum(weights[at] for at in kept)
        names = [*(names[at] for at in kept), f"{len(found) - len(kept)} others"]
        weights = [*(weights[at] for at in kept), rest]
    passed = row_marks.running(summary["before"], weights, bits=bits)
    scale = scales.odds(passed) if bits else scales.chance()
    places = [scales.log_odds(each) for each in passed] if bits else passed
    last = len(weights) + 1
    on.ax.plot([places[0], places[-1]], [0, last], "o", color=on.color("ink"))
    for at, (start, stop) in enumerate(pairwise(places), 1):
        color = on.color("for" if stop >= start else "against")
        on.ax.annotate(
            "",
            (stop, at),
            (start, at),
            arrowprops={"arrowstyle": "simple", "color": color, "shrinkA": 0, "shrinkB": 0},
        )
        on.ax.vlines(stop, at, at + 1, color=on.color("edge"), linewidth=0.8, linestyle=":")
    told = [
        f"{wording.signed(each)} bits" if bits else f"{wording.signed(100 * each, 0)}" for each in weights
    ]
    on.names(["Before the answers", *names, "With all of them"])
    ends = wording.chance(summary["before"]), wording.chance(summary["after"])
    on.numbers(range(last + 1), [ends[0], *told, ends[1]])
    on.across(scale, "Chance, spaced by log-odds" if bits else "Chance")
    for row in (0, last):
        on.ax.get_yticklabels()[row].set(fontweight="bold", **WORDS)
    on.title(report_of(summary).title)
