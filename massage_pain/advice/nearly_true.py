"""Which conditions hold in one case under many chances, or lack a single answer to hold.

The answers of one case are looked up once. A conjunction of atoms matters only if at most as many of them are
missing as one answer can bring, and most of the rules fall away.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from massage_pain.advice.conditions import FindingIs
from massage_pain.advice.truth import Truths, TruthTable


class NearlyTrue:
    """The conjunctions of a truth table that hold or lack a single answer.

    `answers` (variable, state), of which the first says nothing.
    """

    def __init__(self, table: TruthTable, answers: Sequence[tuple[str, str]]) -> None:
        conjunctions, split = len(table.conjunctions), table.of_answers
        members = np.zeros((conjunctions, len(table.atoms)), dtype=np.float32)
        for at, atoms in enumerate(table.conjunction_atoms):
            members[at, list(atoms)] = 1.0
        self._members = np.ascontiguousarray(members[:, :split])
        self._needed = self._members.sum(axis=1)
        brought = np.zeros((split, len(answers)), dtype=np.float32)
        for row, atom in enumerate(table.atoms[:split]):
            if isinstance(atom, FindingIs):
                for column, (variable, state) in enumerate(answers):
                    brought[row, column] = variable == atom.variable and state in atom.states
        self._brought = self._members @ brought
        self._most = self._brought.max(axis=1, initial=0.0)
        # the other atoms of each conjunction, as many for each: the last, which is always true, fills up
        others = [[atom - split for atom in each if atom >= split] for each in table.conjunction_atoms]
        width = max(map(len, others), default=0)
        always = len(table.atoms) - split
        padded = [each + [always] * (width - len(each)) for each in others]
        self._others = np.array(padded, dtype=np.intp).reshape(conjunctions, width)
        self._conditions = len(table.conditions)
        self._condition = np.repeat(np.arange(self._conditions), [len(each) for each in table.spans])

    def true(self, answered: Truths, believed: Truths, which: Sequence[int]) -> Truths:
        """Which conditions hold, (n_conditions, answers asked for).

        `answered` (atoms of answers,) in the case itself; `believed` (other atoms, answers asked for).
        """
        count = len(which)
        missing = self._needed - self._members @ answered.astype(np.float32)
        near = (missing <= self._most).nonzero()[0]
        if not len(near):
            return np.zeros((self._conditions, count), dtype=bool)
        brought = self._brought.take(near, axis=0).take(which, axis=1)
        holds = np.packbits(brought >= missing.take(near)[:, None], axis=1)  # eight cases in a byte
        if self._others.shape[1]:
            known = np.packbits(believed, axis=1)
            known = np.concatenate([known, np.full_like(known, 255, shape=(1, known.shape[1]))])
            for column in self._others.take(near, axis=0).T:
                holds &= known.take(column, axis=0)
        condition = self._condition.take(near)
        new = np.ones(len(near), dtype=bool)
        np.not_equal(condition[1:], condition[:-1], out=new[1:])
        starts = new.nonzero()[0]
        found = np.zeros((self._conditions, holds.shape[1]), dtype=np.uint8)
        found[condition.take(starts)] = np.bitwise_or.reduceat(holds, starts, axis=0)
        return np.unpackbits(found, axis=1, count=count).view(bool)
