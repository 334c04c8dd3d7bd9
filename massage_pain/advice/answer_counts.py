"""How far the answers of one case meet the conditions of the rules: atoms counted, not looked up.

An answer makes some atoms of a conjunction true and some false, always the same ones. So each answer is a row
of counts over all conjunctions, and what a case's answers amount to is the sum of their rows. A conjunction
holds when as many atoms of it are true as it has; it can still come to hold while none of them is false.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from massage_pain.advice.truth import TruthTable
from massage_pain.inference.evidence import SOFT, Evidence
from massage_pain.knowledge.network import Network

Counts: TypeAlias = NDArray[np.int16]

_GRANTED = 1  # the row of what is taken for granted; the one before is of an answer that says nothing


class Counted(NamedTuple):
    """How many atoms of each conjunction the answers of one case make true, and false, (conjunctions,)."""

    true: Counts
    false: Counts


class AnswerCounts:
    """The counts of every answer to the variables of a network; immutable.

    Over the conjunctions of several truth tables, one table after the other. With each table the states (by
    variable) that it takes for granted, whatever is answered. `true` and `false` (rows, conjunctions): of a
    variable's states from `first` on, and 0 of an answer that says nothing. `needed` (conjunctions,): how
    many atoms of an answer each has.
    """

    def __init__(self, tables: Sequence[tuple[TruthTable, Mapping[str, int]]], network: Network) -> None:
        self._tables = tables
        self.first: dict[str, int] = {}
        rows = _GRANTED + 1
        for variable in network.variables:
            if any(variable.id in table.answers for table, _ in tables):
                self.first[variable.id] = rows
                rows += len(variable.states)
        parts = [self._of_table(table, granted, rows) for table, granted in tables]
        self._both = np.concatenate(parts, axis=2)
        self.true, self.false = np.ascontiguousarray(self._both.transpose(1, 0, 2))
        self.needed = np.concatenate(
            [table.members[:, : table.of_answers].sum(axis=1) for table, _ in tables]
        ).astype(np.int16)

    def _of_table(self, table: TruthTable, granted: Mapping[str, int], rows: int) -> Counts:
        found = np.zeros((rows, 2, len(table.conjunctions)), dtype=np.int16)
        for name, answer in table.answers.items():
            states = answer.by_state
            members = table.members[:, answer.rows].T
            true, false = states[0].T @ members, (~states[1]).T @ members  # (states, conjunctions)
            if name in granted:
                found[_GRANTED] += np.array([true[granted[name]], false[granted[name]]], dtype=np.int16)
            elif answer.by_state.shape[2] and not len(answer.at_least):
                first = self.first[name]
                found[first : first + len(true), 0] = true
                found[first : first + len(true), 1] = false
        return found

    def of(self, one: Evidence) -> Counted:
        """What the answers of one case amount to."""
        rows, others = [_GRANTED], []
        for name, code in one.code_of.items():
            first = self.first.get(name)
            if first is None:
                continue
            if code == SOFT or name in one.numbers:
                others.append(name)
            elif code >= 0:
                rows.append(first + code)
        found = np.add.reduce(self._both.take(rows, axis=0), axis=0, dtype=np.int16)
        if others:
            found += self._of_others(one, others)
        return Counted(found[0], found[1])

    def _of_others(self, one: Evidence, names: Sequence[str]) -> Counts:
        """The same of numbers and soft answers, which are compared."""
        found = []
        for table, granted in self._tables:
            mine = [name for name in names if name not in granted]
            marks = table.marks_of_answers(_only(one, mine))[:, :, 0]
            marks[1] = ~marks[1]
            found.append(table.members[:, : table.of_answers] @ marks.T)
        return np.concatenate(found).T.astype(np.int16)


def _only(one: Evidence, names: Sequence[str]) -> Evidence:
    """The case with nothing answered but these."""
    return Evidence(
        1,
        {name: one.codes[name] for name in names},
        {name: one.likelihoods[name] for name in names if name in one.likelihoods},
        {name: one.numbers[name] for name in names if name in one.numbers},
        {},
    )
