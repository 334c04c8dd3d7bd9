"""Which of many conditions are true, and which may still become true, for many cases at once.

The atoms of all conditions are the rows of a table, the cases its columns. An atom of an answer is a
row looked up by the code of the answer; a conjunction is true where all its atoms are, a condition where one
of its conjunctions is. The same with "possible" in place of "true" says what unanswered questions could
still bring about (see `conditions` for the three values).

Soft evidence makes an atom true when no other state is more likely than its own; it stays possible while
one of its states is. Asked-but-unsure counts as not answered: a safety question is not settled by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from massage_pain.advice.conditions import ChanceIs, Condition, FindingIs, FlagIs, NumberIs, RanksFirst
from massage_pain.inference.evidence import ASKED_UNSURE, NOT_ASKED, SOFT, Evidence
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network

Truths: TypeAlias = NDArray[np.bool_]
Indices: TypeAlias = NDArray[np.intp]

TIE = 1e-9
"""Chances closer than this are taken as equal: they differ by rounding, which depends on how many cases
are computed together. A threshold counts as reached this much below it, for the same reason."""


_NO_STATE = -min(SOFT, ASKED_UNSURE, NOT_ASKED)
"""How many codes say that no state was given; they are the lowest."""

_FEW = 64
"""For so few cases a call over all conditions, which visits every element, beats a call for each of them."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What holds: axis 0 the conditions (or conjunctions, or atoms), axis 1 the cases.

    `true`, `possible` (n_conditions, n_cases); `holding` and `marks` (2, n, n_cases) for conjunctions and
    atoms: first what is true, then what is possible. Where only truth was asked for, `possible` is `true`.
    """

    true: Truths
    possible: Truths
    holding: Truths
    marks: Truths


@dataclass(frozen=True, eq=False, slots=True)
class _Answer:
    """The atoms of one variable, `rows` of the table: looked up by code, or compared with a number."""

    variable: str
    rows: slice
    marks: Truths  # (true or possible, atoms, codes): soft, unsure, not asked, then states
    states: Truths  # (atoms, states)
    strictly: Truths  # (atoms,)
    at_least: FloatArray  # (atoms,), for a number
    below: FloatArray


class TruthTable:
    """Conditions compiled against a network; frozen once made.

    `causes` gives the columns of the chances it will be asked with, `flags` the rows of raised flags.
    """

    def __init__(
        self,
        conditions: Sequence[Condition],
        network: Network,
        causes: Sequence[str] = (),
        flags: Sequence[str] = (),
    ) -> None:
        self.conditions = tuple(conditions)
        atoms = tuple(dict.fromkeys(a for each in self.conditions for a in each.atoms))
        answers = [a for a in atoms if isinstance(a, (FindingIs, NumberIs))]
        variables = dict.fromkeys(each.variable for each in answers)
        chances = [a for a in atoms if isinstance(a, ChanceIs)]
        ranks = [a for a in atoms if isinstance(a, RanksFirst)]
        raised = [a for a in atoms if isinstance(a, FlagIs)]
        ordered = [a for v in variables for a in answers if a.variable == v]
        self._answers = tuple(_grouped(network, ordered))
        self.variables: frozenset[str] = frozenset(variables)
        self.atoms = (*ordered, *chances, *ranks, *raised)
        at = len(ordered)
        self._chances = slice(at, at := at + len(chances))
        self._ranks = slice(at, at := at + len(ranks))
        self._flags = slice(at, at + len(raised))

        column = {cause: position for position, cause in enumerate(causes)}
        column_of = [len(column) if a.cause is None else column[a.cause] for a in chances]
        self._chance_columns = np.array(column_of, dtype=np.intp)
        self._at_least = np.array([[a.at_least] for a in chances]) - TIE
        self._below = np.array([[a.below] for a in chances]) - TIE
        self._rank_columns = np.array([column[a.cause] for a in ranks], dtype=np.intp)
        self._rank_holds = np.array([[a.holds] for a in ranks], dtype=bool)
        flag_row = {flag: position for position, flag in enumerate(flags)}
        self._flag_rows = np.array([flag_row[a.flag] for a in raised], dtype=np.intp)
        self._flag_raised = np.array([[a.raised] for a in raised], dtype=bool)

        self.conjunctions = tuple(c for each in self.conditions for c in each.conjunctions)
        row = {atom: position for position, atom in enumerate(self.atoms)}
        self.conjunction_atoms: tuple[tuple[int, ...], ...] = tuple(
            tuple(row[a] for a in each) for each in self.conjunctions
        )
        self._places = _by_place(self.conjunction_atoms)
        counts = [len(each.conjunctions) for each in self.conditions]
        self._starts = np.cumsum([0, *counts[:-1]], dtype=np.intp)
        ends = np.cumsum(counts)
        self.spans: tuple[range, ...] = tuple(
            range(int(start), int(end)) for start, end in zip(self._starts, ends, strict=False)
        )

    def evaluate(
        self,
        evidence: Evidence,
        chances: FloatArray | None = None,
        raised: Truths | None = None,
        *,
        possible: bool = True,
    ) -> Outcome:
        """What holds in each case.

        `chances` (n_cases, n_causes + 1): P(cause) in the order of `causes`, then P(no cause); NaN makes
        every atom of a chance false. `raised` (n_flags, n_cases). Without `possible` only truth is worked
        out: half the work, where nothing unanswered matters.
        """
        if not self.conditions:
            nothing = np.zeros((0, evidence.n_cases), dtype=bool)
            return Outcome(nothing, nothing, nothing[None], nothing[None])
        marks = np.zeros((2 if possible else 1, len(self.atoms), evidence.n_cases), dtype=bool)
        marks[1:] = True
        for each in self._answers:
            if each.variable in evidence.codes:
                _look_up(each, evidence, marks)
        if len(self._chance_columns):
            assert chances is not None
            p = chances.T[self._chance_columns]
            marks[:, self._chances] = (p >= self._at_least) & (p < self._below)
        if len(self._rank_columns):
            assert chances is not None
            p = chances.T[:-1]
            first = p[self._rank_columns] >= p.max(axis=0) - TIE
            marks[:, self._ranks] = (first == self._rank_holds) & ~np.isnan(p[0])
        if len(self._flag_rows):
            assert raised is not None
            marks[:, self._flags] = raised[self._flag_rows] == self._flag_raised
        holding, found = self._few(marks) if evidence.n_cases <= _FEW else self._many(marks)
        return Outcome(found[0], found[-1], holding, marks)

    def _few(self, marks: Truths) -> tuple[Truths, Truths]:
        """Conjunctions and conditions, (2, n, n_cases): few calls, each over all of them."""
        holding = np.ones((len(marks), len(self.conjunctions), marks.shape[-1]), dtype=bool)
        for conjunctions, atoms in self._places:
            holding[:, conjunctions] &= marks[:, atoms]
        return holding, np.logical_or.reduceat(holding, self._starts, axis=1)

    def _many(self, marks: Truths) -> tuple[Truths, Truths]:
        """The same: a call for each of them, over all the cases."""
        shape = len(marks), len(self.conjunctions), marks.shape[-1]
        holding = np.empty(shape, dtype=bool)
        for row, atoms in enumerate(self.conjunction_atoms):
            np.logical_and.reduce(marks[:, atoms], axis=1, out=holding[:, row])
        found = np.empty((shape[0], len(self.conditions), shape[2]), dtype=bool)
        for row, span in enumerate(self.spans):
            np.logical_or.reduce(holding[:, span.start : span.stop], axis=1, out=found[:, row])
        return holding, found


def _by_place(conjunctions: Sequence[Sequence[int]]) -> list[tuple[Indices, Indices]]:
    """For the first, second, ... place: the conjunctions that have an atom there, and the atoms."""
    found: list[tuple[Indices, Indices]] = []
    for place in range(max(map(len, conjunctions), default=0)):
        rows = [row for row, atoms in enumerate(conjunctions) if len(atoms) > place]
        atoms = [conjunctions[row][place] for row in rows]
        found.append((np.array(rows, dtype=np.intp), np.array(atoms, dtype=np.intp)))
    return found


def _grouped(network: Network, atoms: Sequence[FindingIs | NumberIs]) -> list[_Answer]:
    """Atoms that stand together by variable, as tables to look up."""
    found: list[_Answer] = []
    start = 0
    while start < len(atoms):
        variable = network.variable(atoms[start].variable)
        mine = [each for each in atoms[start:] if each.variable == variable.id]
        states = np.zeros((len(mine), len(variable.states)), dtype=bool)
        for row, atom in enumerate(mine):
            if isinstance(atom, FindingIs):
                states[row, [variable.states.index(each) for each in atom.states]] = True
        unknown = np.zeros((len(mine), _NO_STATE), dtype=bool)
        found.append(
            _Answer(
                variable.id,
                slice(start, start + len(mine)),
                np.stack([np.hstack([unknown, states]), np.hstack([~unknown, states])]),
                states,
                np.array([isinstance(each, FindingIs) and each.strictly for each in mine]),
                np.array([each.at_least if isinstance(each, NumberIs) else 0.0 for each in mine]),
                np.array([each.below if isinstance(each, NumberIs) else 0.0 for each in mine]),
            )
        )
        start += len(mine)
    return found


def _look_up(answer: _Answer, evidence: Evidence, marks: Truths) -> None:
    codes = evidence.codes[answer.variable]
    if answer.states.shape[1] == 0:
        _compare(answer, evidence, marks)
        return
    found = answer.marks.take(codes + _NO_STATE, axis=2, mode="clip")  # clip: no check for each case
    marks[:, answer.rows] = found[: len(marks)]
    if answer.variable in evidence.likelihoods:
        soft = np.flatnonzero(codes == SOFT)
        likelihood = evidence.likelihoods[answer.variable][soft]
        for row, (states, strictly) in enumerate(zip(answer.states, answer.strictly, strict=True)):
            inside, beside = likelihood[:, states].max(axis=1), likelihood[:, ~states].max(axis=1)
            at = answer.rows.start + row
            marks[0, at, soft] = inside > beside if strictly else inside >= beside
            marks[1:, at, soft] = inside > 0.0


def _compare(answer: _Answer, evidence: Evidence, marks: Truths) -> None:
    number = evidence.numbers.get(answer.variable)
    if number is None:
        return
    inside = (number >= answer.at_least[:, None]) & (number < answer.below[:, None])
    marks[0, answer.rows] = inside
    marks[1:, answer.rows] = inside | np.isnan(number)
