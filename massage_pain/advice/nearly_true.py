"""Which rules hold in one case under many chances, or with one more answer each time.

All these are one case but for its chances and one answer, and an answer to what was not asked can only make
more atoms true. So the answers of the case are counted once; a conjunction matters only if at most as many of
its atoms are missing as one answer can bring, and most of the rules fall away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from massage_pain.advice.answer_counts import AnswerCounts, Counted
from massage_pain.advice.truth import Indices, Truths, TruthTable
from massage_pain.knowledge.distributions import FloatArray

Bytes: TypeAlias = NDArray[np.uint8]


class NearlyTrue:
    """The red flags and the advice of a judge, asked about one case and one more of `answers`; immutable.

    `counts` are over the conjunctions of `flags`, then of `advice`; `answers` are rows of it.
    """

    def __init__(
        self, counts: AnswerCounts, flags: TruthTable, advice: TruthTable, answers: Sequence[int]
    ) -> None:
        self._needed = counts.needed
        brought = counts.true.take(answers, axis=0)
        self._brought = np.ascontiguousarray(brought.T)
        self._most = brought.max(axis=0)
        self._advice = advice
        self._split = len(flags.conjunctions)
        # the other atoms of each conjunction of the advice, as many for each: the last is always true
        first = advice.of_answers
        others = [[atom - first for atom in each if atom >= first] for each in advice.conjunction_atoms]
        always = len(advice.atoms) - first
        width = max(map(len, others), default=0)
        padded = [each + [always] * (width - len(each)) for each in others]
        self._others = np.array(padded, dtype=np.intp).reshape(len(padded), width)
        self._flags = len(flags.conditions)
        starts = [each.start for each in flags.spans] + [self._split + each.start for each in advice.spans]
        self._starts = np.array(starts, dtype=np.intp)

    def hold(
        self, counted: Counted, which: Sequence[int], chances: FloatArray, misfit: FloatArray | None
    ) -> Truths:
        """Which red flags, then which conditions of the advice hold, (n_conditions, n_cases).

        `which` of the answers each case has besides. `chances` (n_cases, n_causes + 1), `misfit` (n_cases,).
        """
        missing = self._needed - counted.true
        near = (missing <= self._most).nonzero()[0]
        brought = self._brought.take(near, axis=0).take(which, axis=1)
        met = np.packbits(brought >= missing.take(near)[:, None], axis=1)  # eight cases in a byte
        every = np.zeros((len(missing), met.shape[1]), dtype=np.uint8)
        if self._others.shape[1]:
            begin = int(near.searchsorted(self._split))
            raised = every[:0]
            if len(self._advice.flag_rows):
                every[near[:begin]] = met[:begin]
                raised = _any(every[: self._split], self._starts[: self._flags])
            known, advised = self._known(chances, misfit, raised), met[begin:]
            for column in self._others.take(near[begin:] - self._split, axis=0).T:
                advised &= known.take(column, axis=0)
        every[near] = met
        return np.unpackbits(_any(every, self._starts), axis=1, count=len(which)).view(bool)

    def _known(self, chances: FloatArray, misfit: FloatArray | None, raised: Bytes) -> Bytes:
        """The other atoms, eight cases in a byte, then one that is always true."""
        table = self._advice
        figures = table.of_figures.stop - table.of_answers
        found = np.full((figures + len(table.flag_rows) + 1, (len(chances) + 7) // 8), 255, dtype=np.uint8)
        if figures:
            found[:figures] = np.packbits(table.figures_hold(chances, misfit), axis=1)
        if len(table.flag_rows):
            raises = np.where(table.flag_raised, 0, 255).astype(np.uint8)
            found[figures:-1] = raised.take(table.flag_rows, axis=0) ^ raises
        return found


def _any(conjunctions: Bytes, starts: Indices) -> Bytes:
    """The conditions, each of which is met by one of its conjunctions."""
    if not len(starts):
        return conjunctions[:0]
    found: Bytes = np.bitwise_or.reduceat(conjunctions, starts, axis=0)
    return found
