"""Scales for drawings: a value in, its place in percent out, and the ticks worth a number.

A scale is chosen for all rows of a table at once, so that they compare. Places are percentages of the
drawing's width; nothing is scaled later, so no text shrinks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_LEAST, _MOST = 4.0, 96.0
"""The first and the last place, in percent: half of a mark or of a number needs room beyond its place."""
_CHANCES = (0.001, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.999)
_BETWEEN_TICKS = 9.0


class Scale(NamedTuple):
    """From `low` to `high`, in even steps of the value, or of its log-odds."""

    low: float
    high: float
    ticks: tuple[float, ...]
    odds: bool = False

    def at(self, value: float) -> float:
        """The place of a value in percent; what lies outside is drawn at the end."""
        low, high = (log_odds(self.low), log_odds(self.high)) if self.odds else (self.low, self.high)
        share = ((log_odds(value) if self.odds else value) - low) / (high - low)
        return _LEAST + (_MOST - _LEAST) * min(max(share, 0.0), 1.0)


def log_odds(probability: float) -> float:
    """The log-odds in bits; certainty is taken as very nearly certain, since a drawing must end."""
    chance = min(max(probability, 1e-9), 1.0 - 1e-9)
    return math.log2(chance / (1.0 - chance))


def chance() -> Scale:
    """From 0 to 100%, never zoomed."""
    return Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))


def odds(chances: Iterable[float]) -> Scale:
    """Log-odds that span the chances, with ticks at round percents."""
    bits = [log_odds(each) for each in chances]
    least, most = min(bits), max(bits)
    room = max(0.06 * (most - least), (2.0 - (most - least)) / 2, 0.3)
    low, high = (2.0 ** (end) / (1.0 + 2.0**end) for end in (least - room, most + room))
    scale = Scale(low, high, (), odds=True)
    kept: list[float] = []
    # fifty and the tens first: a tick gives way to a rounder one
    for tick in sorted(_CHANCES, key=lambda each: (abs(each - 0.5) not in (0.0, 0.4, 0.25), abs(each - 0.5))):
        near = any(abs(scale.at(tick) - scale.at(other)) < _BETWEEN_TICKS for other in kept)
        if low < tick < high and not near:
            kept.append(tick)
    return scale._replace(ticks=tuple(sorted(kept)))


def from_zero(most: float, *, least: float = 0.05) -> Scale:
    """From zero to a round number that is at least `most` and at least `least`."""
    step = _step(max(most, least))
    top = math.ceil(max(most, least) / step - 1e-9) * step
    return Scale(0.0, min(top, 1.0) if most <= 1.0 else top, _ticks(0.0, top, step))


def around(values: Sequence[float]) -> Scale:
    """A scale of chances that fits the values, its ends on round numbers."""
    least, most = min(values), max(values)
    step = _step(max(most - least, 0.04))
    low = max(math.floor(least / step + 1e-9) * step, 0.0)
    high = min(math.ceil(most / step - 1e-9) * step, 1.0)
    if high - low < step / 2:
        low, high = max(low - step, 0.0), min(high + step, 1.0)
    return Scale(low, high, _ticks(low, high, step))


def _step(span: float) -> float:
    """A round step that goes into the span two to five times."""
    power = 10.0 ** math.floor(math.log10(span))
    return next(each * power for each in (0.2, 0.5, 1.0, 2.0) if span / (each * power) <= 5.0 + 1e-9)


def _ticks(low: float, high: float, step: float) -> tuple[float, ...]:
    count = round((high - low) / step)
    return tuple(round(low + at * step, 10) for at in range(count + 1))
