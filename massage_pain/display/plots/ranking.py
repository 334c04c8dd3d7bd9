"""What to ask next: a bar shows what the questions are ranked by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.display import scales, wording
from massage_pain.display.plots.canvas import Canvas
from massage_pain.display.tables import report_of


def rows(summary: Mapping[str, Any]) -> int:
    """How many rows are drawn."""
    return max(len(summary["questions"]), 1)


def draw(on: Canvas, summary: Mapping[str, Any]) -> None:
    """The chance that the answer changes what to do; where none does, what it tells of the causes."""
    found = summary["questions"]
    changing = any(each["changes"] > 0 for each in found)
    kind = "changes" if changing else "information"
    amounts = [each[kind] for each in found]
    costs = [each["cost"] for each in found]
    for at, (amount, cost) in enumerate(zip(amounts, costs, strict=True)):
        on.ax.barh(at, amount, height=0.5, color=on.color("pale"), edgecolor=on.color("solid"))
        on.ax.barh(at, amount / cost if cost >= 1 else amount, height=0.5, color=on.color("solid"))
    on.names([each["question"] for each in found])
    effort = ". Solid: divided by the effort of asking" if any(cost != 1 for cost in costs) else ""
    if changing:
        on.numbers(range(len(found)), [wording.hundreds(each) for each in amounts])
        what = "what to do" if summary["urgency"] is not None else "the likeliest cause"
        on.across(scales.from_zero(max(amounts)), f"Chance that the answer changes {what}{effort}")
    else:
        on.numbers(range(len(found)), [f"{each:.2f} bits" for each in amounts])
        on.ax.set_xlim(0, max([*amounts, 0.01]) * 1.05)
        on.label(f"Expected information about the causes (bits){effort}")
        on.grid()
    on.title(report_of(summary).title)
