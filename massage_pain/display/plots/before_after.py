"""A change: a ring where each chance was, an arrow head where it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.display import scales, wording
from massage_pain.display.plots.canvas import Canvas
from massage_pain.display.tables import report_of


def _moves(summary: Mapping[str, Any]) -> tuple[list[str], list[Mapping[str, Any]]]:
    """The chances before and after; without a change, every single change that could be made."""
    if not summary["do"] and not summary["assume"]:
        found = summary["ranking"]
        return [f"{each['label']}: {each['becomes']}" for each in found], list(found)
    complaint = summary["complaint"]
    moved = complaint is not None and not complaint["before"] == complaint["after"] == 1.0
    found = [*([complaint] if moved else []), *summary["causes"]]
    return [each["label"] for each in found], found


def rows(summary: Mapping[str, Any]) -> int:
    """How many rows are drawn."""
    return max(len(_moves(summary)[0]), 1)


def draw(on: Canvas, summary: Mapping[str, Any]) -> None:
    """The moves, on one scale from zero."""
    names, found = _moves(summary)
    for at, each in enumerate(found):
        on.ax.annotate(
            "",
            (each["after"], at),
            (each["before"], at),
            arrowprops={
                "arrowstyle": "-|>",
                "color": on.color("solid"),
                "linewidth": 2,
                "mutation_scale": 14,
                "shrinkA": 0,
                "shrinkB": 0,
            },
        )
        on.ax.plot(each["before"], at, "o", color=on.color("bg"), markeredgecolor=on.color("ink"))
    on.names(names)
    on.numbers(range(len(found)), [wording.from_to(each["before"], each["after"]) for each in found])
    most = max((max(each["before"], each["after"]) for each in found), default=0.1)
    on.across(scales.from_zero(most * 1.02), "Chance. Ring: before; arrow head: after")
    on.title(report_of(summary).title)
