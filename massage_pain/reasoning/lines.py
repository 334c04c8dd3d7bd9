"""All numbers of a network varied one at a time: where the chances go, and where a decision flips."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.number_blocks import Numbers
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.reasoning.curves import ROUNDING
from massage_pain.reasoning.decision import Decision


def without_rounding(probabilities: FloatArray, slopes: FloatArray) -> FloatArray:
    """The slopes, in proportion to P(event) wherever they are so but for rounding: no effect on the event.

    `probabilities` (events,) and `slopes` (n, events) as in `Lines`.
    """
    in_step = probabilities * slopes[:, :1]
    noise = ROUNDING * (np.abs(in_step) + np.abs(slopes))
    return np.where(np.abs(slopes - in_step) <= noise, in_step, slopes)


@dataclass(frozen=True, eq=False)
class Lines:
    """For each number the straight lines of P(event, findings), over P(findings) as it is now.

    `probabilities` (events,) at the present values and `slopes` (n, events); the events are anything at
    all, each cause, no cause.
    """

    numbers: Numbers
    probabilities: FloatArray
    slopes: FloatArray

    def chances(
        self,
        values: FloatArray,
        which: NDArray[np.intp] | slice = slice(None),
        events: slice = slice(1, None),
    ) -> FloatArray:
        """P(each cause), then P(no cause), when number i alone is values[i]: (n, n_causes + 1).

        NaN where the findings are impossible then. `which` selects some of the numbers, `events` of what is
        asked.
        """
        moved = values - self.numbers.value[which]
        slopes = self.slopes[which]
        change = slopes[:, 0] * moved
        findings = self.probabilities[0] + change
        possible = findings > ROUNDING * (1.0 + np.abs(change))
        both = self.probabilities[events] + slopes[:, events] * moved[:, None]
        found = both / np.where(possible, findings, np.nan)[:, None]
        return np.clip(found, 0.0, 1.0)

    def leader_flips(self, leader: int) -> tuple[FloatArray, NDArray[np.intp]]:
        """The nearest value at which another cause overtakes: value or NaN, cause or -1, (n,) each."""
        chance = self.probabilities[1:-1]
        ahead = chance[leader] - chance  # falls to zero where a cause catches up
        gaining = self.slopes[:, 1:-1] - self.slopes[:, 1 + leader, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = ahead / gaining
        at = self.numbers.value[:, None] + moved
        inside = (at >= self.numbers.low[:, None]) & (at <= self.numbers.high[:, None]) & (gaining != 0.0)
        inside[:, leader] = False
        # findings that have become impossible have no leader
        inside &= 1.0 + self.slopes[:, :1] * np.where(inside, moved, 0.0) > ROUNDING
        distance = np.where(inside, np.abs(moved), np.inf)
        first = distance.argmin(axis=1)
        rows = np.arange(len(first))
        some = np.isfinite(distance[rows, first])
        return np.where(some, at[rows, first], np.nan), np.where(some, first, -1)

    def urgency_flips(self, decision: Decision) -> tuple[int, FloatArray, NDArray[np.int8]]:
        """The level now, and for each number the nearest value at which it changes and what it becomes.

        NaN and 0 where it does not change, (n,) each.
        """
        count = len(self.numbers.value)
        flips, becomes = np.full(count, np.nan), np.zeros(count, dtype=np.int8)
        moving = np.flatnonzero((self.slopes != self.probabilities * self.slopes[:, :1]).any(axis=1))
        crossings = self._crossings(decision, self.slopes[moving])
        ways = []
        for end, sign in ((self.numbers.high, 1.0), (self.numbers.low, -1.0)):
            room = sign * (end[moving] - self.numbers.value[moving])
            number, start, middle = _pieces(sign * crossings, room)
            ways.append((moving[number], sign * start, sign * middle))
        number, start, middle = (np.concatenate(each) for each in zip(*ways, strict=True))
        present = self.numbers.value[number]
        chances = self.chances(present + middle, number)
        levels = decision.levels(np.concatenate([self.probabilities[None, 1:], chances]))
        now = int(levels[0])
        level = np.where(np.isnan(chances[:, 0]), now, levels[1:])
        changed = np.flatnonzero(level != now)
        # from the farthest to the nearest, so that the nearest is what stays
        for at in changed[np.argsort(-np.abs(start[changed]), kind="stable")].tolist():
            flips[number[at]], becomes[number[at]] = present[at] + start[at], level[at]
        return now, flips, becomes

    def _crossings(self, decision: Decision, slopes: FloatArray) -> FloatArray:
        """How far a number has to move to bring a chance to a mark, or two causes level: (n, marks)."""
        columns = np.array([column for column, _ in decision.marks], dtype=np.intp) + 1
        marks = np.array([mark for _, mark in decision.marks])
        above = [self.probabilities[columns] - marks]
        gain = [slopes[:, columns] - marks * slopes[:, :1]]
        if decision.ranks:
            one, other = _pairs(len(self.probabilities) - 2)
            above.append(self.probabilities[1 + one] - self.probabilities[1 + other])
            gain.append(slopes[:, 1 + one] - slopes[:, 1 + other])
        with np.errstate(divide="ignore", invalid="ignore"):
            found: FloatArray = -np.concatenate(above) / np.concatenate(gain, axis=1)
        return found


@lru_cache(maxsize=16)
def _pairs(causes: int) -> tuple[NDArray[np.intp], ...]:
    """Every two causes once."""
    return np.triu_indices(causes, 1)


def _pieces(crossings: FloatArray, room: FloatArray) -> tuple[NDArray[np.intp], FloatArray, FloatArray]:
    """The stretches of the way from 0 to `room` that begin at a crossing: number, beginning and middle."""
    inside = (crossings >= 0.0) & (crossings <= room[:, None])  # NaN is not inside
    rows = np.flatnonzero(inside.any(axis=1))
    begin = np.sort(np.where(inside[rows], crossings[rows], np.inf), axis=1)
    after = np.full((len(rows), 1), np.inf)
    end = np.minimum(np.concatenate([begin[:, 1:], after], axis=1), room[rows, None])
    some, at = np.nonzero(np.isfinite(begin))
    first = begin[some, at]
    return rows[some], first, (first + end[some, at]) / 2.0
