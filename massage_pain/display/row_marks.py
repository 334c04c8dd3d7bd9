"""One row's drawing: an arrow of a waterfall, before and after, a number's reach, a plain bar, steps.

A table with such a column is the chart. Each drawing is SVG of a fixed height with places in percent, hidden
from screen readers, because the row's words and numbers say the same. Nothing in it comes from a file or a
caller but numbers.

Direction never rests on colour: what speaks for points right, what speaks against points left.
"""

from __future__ import annotations

from collections.abc import Sequence

from massage_pain.display import wording
from massage_pain.display.escape import escape
from massage_pain.display.scales import Scale, log_odds

HEIGHT = 30
_NO_WAY = 0.3
"""Percent of the width: a change that is shorter has no direction one could see."""


def _svg(body: str, height: int = HEIGHT) -> str:
    return f'<svg height="{height}" aria-hidden="true" focusable="false">{body}</svg>'


def _x(scale: Scale, value: float) -> str:
    return f"{scale.at(value):.4g}%"


def _grid(scale: Scale, height: int = HEIGHT) -> str:
    return "".join(
        f'<line class="ax" x1="{_x(scale, each)}" x2="{_x(scale, each)}" y2="{height}"/>'
        for each in scale.ticks
    )


def _place(scale: Scale, value: float, body: str) -> str:
    return f'<svg x="{_x(scale, value)}" overflow="visible">{body}</svg>'


def axis(scale: Scale, now: float | None = None) -> str:
    """The numbers above a column of drawings; `now` is set strong, and numbers beside it give way."""
    shown = [each for each in scale.ticks if now is None or abs(scale.at(each) - scale.at(now)) >= 9.0]
    words = "".join(
        _place(scale, each, _number(percents(each) + ("%" if each == shown[-1] else ""))) for each in shown
    )
    if now is not None:
        words += _place(scale, now, _number(escape(wording.chance(now)), " now"))
    return _svg(words, 14)


def _number(words: str, strong: str = "") -> str:
    return f'<text class="t{strong}" y="11" text-anchor="middle">{words}</text>'


def percents(value: float) -> str:
    """A tick of a chance, without the sign."""
    return f"{value * 100:.3g}"


# -- the waterfall -----------------------------------------------------------------------------------------


def dot(scale: Scale, value: float) -> str:
    """Where the waterfall begins or ends."""
    return _svg(_grid(scale) + _place(scale, value, '<circle class="mk" cy="15" r="5.5"/>'))


def arrow(scale: Scale, start: float, stop: float) -> str:
    """From the chance before an answer to the chance after it, the tip on the value."""
    if abs(scale.at(stop) - scale.at(start)) < _NO_WAY:
        return _svg(
            _grid(scale) + _place(scale, stop, '<rect class="mk" x="-1" y="8" width="2" height="14"/>')
        )
    right = stop >= start
    name, way, head = ("fo", -9, "M-9 8v14L0 15z") if right else ("ag", 9, "M9 8v14L0 15z")
    first, last = sorted((scale.at(start), scale.at(stop)))
    body = (
        f'<svg x="{first:.4g}%" width="{last - first:.4g}%" height="{HEIGHT}">'
        f'<rect class="{name}" y="11" width="100%" height="8" transform="translate({way})"/></svg>'
    )
    tip = _place(
        scale,
        stop,
        f'<path class="{name}" d="{head}"/><line class="li" y1="23" y2="30" stroke-dasharray="2 2"/>',
    )
    return _svg(_grid(scale) + body + tip)


# -- before and after --------------------------------------------------------------------------------------


def before_after(scale: Scale, before: float, after: float) -> str:
    """A ring at the first chance, an arrow head at the second, a line between."""
    more = scale.at(after) >= scale.at(before)
    head = "M-9 9v12L0 15z" if more else "M9 9v12L0 15z"
    line = (
        f'<line class="ba" x1="{_x(scale, before)}" x2="{_x(scale, after)}" y1="15" y2="15"/>'
        if abs(scale.at(after) - scale.at(before)) > 1.5
        else ""
    )
    ring = '<circle class="pt" cy="15" r="5"/>'
    if abs(scale.at(after) - scale.at(before)) < _NO_WAY:
        return _svg(_grid(scale) + _place(scale, after, ring + '<circle class="so" cy="15" r="2.5"/>'))
    return _svg(
        _grid(scale)
        + line
        + _place(scale, before, ring)
        + _place(scale, after, f'<path class="so" d="{head}"/>')
    )


# -- a number over its range -------------------------------------------------------------------------------


def reach(scale: Scale, now: float, at_low: float | None, at_high: float | None) -> str:
    """Pale to the chance at the number's low end, solid to that at its high end, a line at the chance now."""
    parts = [_grid(scale)]
    # both ends may lie on the same side: the shorter one is drawn on top
    ends = [(at_low, "pa"), (at_high, "so")]
    for end, name in sorted(ends, key=lambda each: -abs((each[0] if each[0] is not None else now) - now)):
        if end is None or end == now:
            continue
        first, last = sorted((scale.at(now), scale.at(end)))
        place = f'x="{first:.4g}%" width="{last - first:.4g}%" y="9" height="12"'
        parts.append(f'<rect class="{name}" {place}/><rect class="ou" {place}/>')
    parts.append(_place(scale, now, '<rect class="mk" x="-1" y="5" width="2" height="20"/>'))
    return _svg("".join(parts))


# -- one amount --------------------------------------------------------------------------------------------


def amount(scale: Scale, value: float, counted: float | None = None) -> str:
    """A bar from zero; where only a part of it is `counted`, the rest is pale."""
    start = scale.at(0.0)

    def bar(name: str, length: float) -> str:
        width = max(scale.at(length) - start, 0.0)
        rect = f'x="{start:.4g}%" y="9" width="{width:.4g}%" height="12"'
        return f'<rect class="{name}" {rect}/>' if width else ""

    if counted is None or counted >= value:
        return _svg(_grid(scale) + bar("so", value))
    return _svg(_grid(scale) + bar("pa", value) + bar("ou", value) + bar("so", counted))


def steps(level: int, of: int) -> str:
    """`level` of `of` boxes filled, as under the title of a card."""
    boxes = "".join(
        f'<rect class="{"mk" if at < level else "em"}" x="{at * 20 + 0.5:g}" y="6" width="16" height="8" '
        'rx="1"/>'
        for at in range(of)
    )
    return _svg(boxes, 20)


# -- keys --------------------------------------------------------------------------------------------------


def _key(body: str, width: int = 24) -> str:
    return f'<svg width="{width}" height="12" aria-hidden="true">{body}</svg>'


FOR_KEY: str = _key('<path class="fo" d="M0 3h14V0l8 6-8 6V9H0z"/>')
AGAINST_KEY: str = _key('<path class="ag" d="M23 3H9V0L1 6l8 6V9h14z"/>')
BEFORE_KEY: str = _key('<circle class="pt" cx="6" cy="6" r="4.5"/>', 12)
AFTER_KEY: str = _key('<path class="so" d="M1 0v12L11 6z"/>', 12)
LOW_KEY: str = _key(
    '<rect class="pa" width="24" height="12"/><rect class="ou" x=".5" y=".5" width="23" height="11"/>'
)
HIGH_KEY: str = _key('<rect class="so" width="24" height="12"/>')
NOW_KEY: str = _key('<rect class="mk" x="3" width="2" height="12"/>', 8)


def running(start: float, weights: Sequence[float], *, bits: bool) -> list[float]:
    """The chances a waterfall passes: the first, and the one after each weight."""
    found = [start]
    level = log_odds(start) if bits else start
    for weight in weights:
        level += weight
        odds = 2.0 ** max(min(level, 60.0), -60.0)
        found.append(odds / (1.0 + odds) if bits else min(max(level, 0.0), 1.0))
    return found
