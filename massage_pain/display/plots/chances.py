"""The causes with their chances: solid to the low end, pale to the high end, a line at the figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.display import scales, sentences, wording
from massage_pain.display.plots.canvas import Canvas
from massage_pain.display.sentences import Chance
from massage_pain.display.tables import report_of


def _chances(summary: Mapping[str, Any]) -> list[Chance]:
    if summary["kind"] == "assessment":
        return sentences.chances(summary)
    found = [*summary["causes"]]
    if len(found) > 1:
        found.append(
            {"label": f"None of these {wording.number_word(len(found))}", **summary["none_of_these"]}
        )
    return [
        Chance(each["label"], each["probability"], None, each["low"], each["high"], False) for each in found
    ]


def rows(summary: Mapping[str, Any]) -> int:
    """How many rows are drawn."""
    return len(_chances(summary))


def draw(on: Canvas, summary: Mapping[str, Any]) -> None:
    """The bars, always from 0 to 100%."""
    found = _chances(summary)
    told = ["line: best single figure"]
    for at, each in enumerate(found):
        low = each.probability if each.low is None else each.low
        on.ax.barh(at, low, height=0.5, color=on.color("solid"))
        if each.low is not None and each.high is not None:
            on.ax.barh(
                at,
                each.high - each.low,
                left=each.low,
                height=0.5,
                color=on.color("pale"),
                edgecolor=on.color("solid"),
            )
        on.ax.vlines(each.probability, at - 0.36, at + 0.36, color=on.color("ink"), linewidth=2.5)
        if each.before is not None:
            on.ax.plot(
                each.before,
                at - 0.36,
                "v",
                color=on.color("bg"),
                markeredgecolor=on.color("ink"),
                markersize=6,
            )
    if any(each.before is not None for each in found):
        told.append("triangle: before the answers")
    if any(each.low is not None for each in found):
        share = f" ({wording.chance(summary['level'])} range)" if summary.get("level") else ""
        told.insert(0, f"solid: at least, pale: up to{share}")
    on.names([each.label for each in found])
    on.numbers(range(len(found)), [wording.chance(each.probability) for each in found])
    on.across(scales.chance(), f"Chance. {wording.sentence('; '.join(told)).capitalize()}")
    if summary["kind"] == "assessment":
        urgent = sentences.header(summary).title if sentences.level(summary) >= sentences.EMERGENCY else ""
        on.title(urgent or sentences.leading_title(summary))
    else:
        on.title(report_of(summary).title)
