"""Which of many conditions are true, and which may still become true, for many cases at once.

The atoms of all conditions are the rows of a table, the cases its columns. An atom of an answer is a
row looked up by the code of the answer; a conjunction is true where all its atoms are, a condition where one
of its conjunctions is. The same with "possible" in place of "true" says what unanswered questions could
still bring about (see `conditions` for the three values).

Soft evidence makes an atom true when no other state is more likely than its own; it stays possible while
one of its states is. Asked-but-unsure counts as not answered: a safety question is not settled by it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from massage_pain.advice.conditions import (
    ChanceIs,
    Condition,
    FindingIs,
    FlagIs,
    MisfitIs,
    NumberIs,
    RanksFirst,
)
from massage_pain.inference.evidence import ASKED_UNSURE, NOT_ASKED, SOFT, Evidence
from massage_pain.inference.posterior import TIE
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network

Truths: TypeAlias = NDArray[np.bool_]
Indices: TypeAlias = NDArray[np.intp]


_NO_STATE = -min(SOFT, ASKED_UNSURE, NOT_ASKED)
"""How many codes say that no state was given; they are the lowest."""

_FEW = 256
"""For so few cases a call over all conditions, which visits every element, beats a call for each of them."""


class Outcome(NamedTuple):
    """What holds: axis 0 the conditions (or conjunctions, or atoms), axis 1 the cases.

    `true`, `possible` (n_conditions, n_cases); `holding` and `marks` (2, n, n_cases) for conjunctions and
    atoms: first what is true, then what is possible. Where only truth was asked for, `possible` is `true`.
    Of many cases at once conjunctions are not kept: only words need them, and words are for few.
    """

    true: Truths
    possible: Truths
    holding: Truths
    marks: Truths


class AnswerAtoms(NamedTuple):
    """The atoms of one variable, `rows` of the table: looked up by code, or a number compared.

    `marks` (true or possible, atoms, codes): soft, unsure, not asked, then states; `by_state` of these the
    states alone. `at_least` and `below` (atoms, 1) are of a number.
    """

    variable: str
    rows: slice
    atoms: tuple[FindingIs | NumberIs, ...]
    marks: Truths
    at_least: FloatArray
    below: FloatArray

    @property
    def by_state(self) -> Truths:
        """What each state makes true, and leaves possible, (2, atoms, states)."""
        return self.marks[:, :, _NO_STATE:]


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
        by_variable: dict[str, list[FindingIs | NumberIs]] = {}
        for atom in atoms:
            if isinstance(atom, (FindingIs, NumberIs)):
                by_variable.setdefault(atom.variable, []).append(atom)
        chances = [a for a in atoms if isinstance(a, ChanceIs)]
        ranks = [a for a in atoms if isinstance(a, RanksFirst)]
        misfits = [a for a in atoms if isinstance(a, MisfitIs)]
        raised = [a for a in atoms if isinstance(a, FlagIs)]
        ordered = [atom for mine in by_variable.values() for atom in mine]
        self.answers = {each.variable: each for each in _lookups(network, by_variable)}
        self._every = _Lookup(tuple(self.answers.values()))
        self.variables: frozenset[str] = frozenset(by_variable)
        self.atoms = (*ordered, *chances, *ranks, *misfits, *raised)
        # a rank is an interval too: of how far the cause is behind the first
        column = {cause: position for position, cause in enumerate(causes)}
        column_of: dict[str | None, int] = {None: len(column)}
        column_of.update(column)
        bounds = [(column_of[a.cause], a.at_least, a.below) for a in chances]
        bounds += [
            (len(column_of) + column[a.cause], *((0.0, math.inf) if a.holds else (-math.inf, 0.0)))
            for a in ranks
        ]
        bounds += [(len(column_of) + len(column), a.at_least, a.below) for a in misfits]
        self.reads_misfit = bool(misfits)
        self.of_answers = at = len(ordered)
        self.of_figures = slice(at, at := at + len(bounds))
        self.of_flags = slice(at, at + len(raised))
        self._columns = np.array([each[0] for each in bounds], dtype=np.intp)
        # reached a little below: which side of a threshold rounding puts a chance must not matter
        self._at_least = np.array([[each[1]] for each in bounds]) - TIE
        self._below = np.array([[each[2]] for each in bounds]) - TIE
        flag_row = {flag: position for position, flag in enumerate(flags)}
        self.flag_rows = np.array([flag_row[a.flag] for a in raised], dtype=np.intp)
        self.flag_raised = np.array([[a.raised] for a in raised], dtype=bool)

        self.conjunctions = tuple(c for each in self.conditions for c in each.conjunctions)
        row = {atom: position for position, atom in enumerate(self.atoms)}
        self.conjunction_atoms: tuple[tuple[int, ...], ...] = tuple(
            tuple(row[a] for a in each) for each in self.conjunctions
        )
        self.members = np.zeros((len(self.conjunctions), len(self.atoms)), dtype=np.float32)
        for position, members in enumerate(self.conjunction_atoms):
            self.members[position, list(members)] = 1.0
        self._enough = self.members.sum(axis=1, keepdims=True) - np.float32(0.5)
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
        misfit: FloatArray | None = None,
    ) -> Outcome:
        """What holds in each case.

        `chances` (n_cases, n_causes + 1): P(cause) in the order of `causes`, then P(no cause); NaN makes
        every atom of a chance false. `raised` (n_flags, n_cases). `misfit` (n_cases,): how poorly the
        findings fit together; None or NaN makes every atom of it false. Without `possible` only truth is
        worked out: half the work, where nothing unanswered matters.
        """
        if not self.conditions:
            nothing = np.zeros((0, evidence.n_cases), dtype=bool)
            return Outcome(nothing, nothing, nothing[None], nothing[None])
        marks = np.empty((2 if possible else 1, len(self.atoms), evidence.n_cases), dtype=bool)
        self._of_answers(evidence, marks)
        if len(self._columns):
            assert chances is not None
            marks[:, self.of_figures] = self.figures_hold(chances, misfit)
        if len(self.flag_rows):
            assert raised is not None
            marks[:, self.of_flags] = raised[self.flag_rows] == self.flag_raised
        holding, found = self._few(marks) if evidence.n_cases <= _FEW else self._many(marks)
        return Outcome(found[0], found[-1], holding, marks)

    def figures_hold(self, chances: FloatArray, misfit: FloatArray | None = None) -> Truths:
        """Which atoms of a chance, a rank or a misfit are true in each case, (n_atoms, n_cases).

        Arguments as for `evaluate`.
        """
        count, width = chances.shape
        known = np.empty((2 * width, count))  # chances, how far each cause is behind the first, misfit
        known[:width] = chances.T
        causes = known[: width - 1]
        np.subtract(causes, causes.max(axis=0), out=known[width:-1])
        known[-1] = np.nan if misfit is None else misfit
        figures = known.take(self._columns, axis=0)
        found: Truths = figures >= self._at_least
        found &= figures < self._below
        return found

    def marks_of_answers(self, evidence: Evidence) -> Truths:
        """Which atoms of an answer are true, and which possible, (2, of_answers, n_cases)."""
        marks = np.empty((2, len(self.atoms), evidence.n_cases), dtype=bool)
        self._of_answers(evidence, marks)
        return marks[:, : self.of_answers]

    def _of_answers(self, evidence: Evidence, marks: Truths) -> None:
        """Fill in the rows of the atoms of an answer."""
        if evidence.n_cases <= _FEW:
            self._every.fill(evidence, marks)
        else:
            marks[0, : self.of_answers] = False
            marks[1:, : self.of_answers] = True
            for name, codes in evidence.codes.items():
                answer = self.answers.get(name)
                if answer is not None:
                    # clip: no check for each case
                    found = answer.marks.take(codes + _NO_STATE, axis=2, mode="clip")
                    marks[:, answer.rows] = found[: len(marks)]
        for name, number in evidence.numbers.items():
            answer = self.answers.get(name)
            if answer is not None:
                _compare(answer, number, marks)
        for name, likelihoods in evidence.likelihoods.items():
            answer = self.answers.get(name)
            if answer is not None:
                _soften(answer, np.flatnonzero(evidence.codes[name] == SOFT), likelihoods, marks)

    def _few(self, marks: Truths) -> tuple[Truths, Truths]:
        """Conjunctions and conditions, (2, n, n_cases): all of them in a few calls, by counting atoms."""
        holding = self.members @ marks.astype(np.float32) > self._enough
        return holding, np.logical_or.reduceat(holding, self._starts, axis=1)

    def _many(self, marks: Truths) -> tuple[Truths, Truths]:
        """Conditions, (2, n, n_cases), with eight cases in a byte; conjunctions are not kept."""
        packed = np.packbits(marks, axis=-1)
        found = np.zeros((len(marks), len(self.conditions), packed.shape[-1]), dtype=np.uint8)
        for row, span in enumerate(self.spans):
            condition = found[:, row]
            for each in span:
                first, *others = self.conjunction_atoms[each]
                holds = packed[:, first]
                for atom in others:
                    holds = holds & packed[:, atom]
                condition |= holds
        unpacked = np.unpackbits(found, axis=-1, count=marks.shape[-1])
        return np.zeros((len(marks), 0, marks.shape[-1]), dtype=bool), unpacked.view(bool)


def _lookups(
    network: Network, by_variable: Mapping[str, Sequence[FindingIs | NumberIs]]
) -> Iterator[AnswerAtoms]:
    """The atoms of each variable as a table to look up."""
    start = 0
    for name, atoms in by_variable.items():
        states = network.variable(name).states
        codes = _NO_STATE + max(len(states), 1)  # a number has the code 0, and is compared
        marks = np.zeros((2, len(atoms), codes), dtype=bool)
        marks[1, :, :_NO_STATE] = True
        for row, atom in enumerate(atoms):
            if isinstance(atom, FindingIs):
                for each in atom.states:
                    marks[:, row, _NO_STATE + states.index(each)] = True
        numbers = [each for each in atoms if isinstance(each, NumberIs)]
        yield AnswerAtoms(
            name,
            slice(start, start + len(atoms)),
            tuple(atoms),
            marks,
            np.array([[each.at_least] for each in numbers]),
            np.array([[each.below] for each in numbers]),
        )
        start += len(atoms)


class _Lookup:
    """The atoms of all answers in one table, so that a few cases are looked up in one call."""

    def __init__(self, answers: Sequence[AnswerAtoms]) -> None:
        self._position = {each.variable: at for at, each in enumerate(answers)}
        widths = [each.marks.shape[2] for each in answers for _ in each.atoms]
        self._marks = np.concatenate(
            [np.zeros((2, 0), bool), *(each.marks.reshape(2, -1) for each in answers)], 1
        )
        self._owner = np.array([at for at, each in enumerate(answers) for _ in each.atoms], dtype=np.intp)
        self._start = np.cumsum([0, *widths[:-1]], dtype=np.intp)[: len(widths), None] + _NO_STATE

    def fill(self, evidence: Evidence, marks: Truths) -> None:
        """Fill in the first rows of `marks`."""
        codes = np.full((len(self._position), evidence.n_cases), NOT_ASKED, dtype=np.intp)
        for name, column in evidence.codes.items():
            at = self._position.get(name)
            if at is not None:
                codes[at] = column
        place = self._start + codes.take(self._owner, axis=0)
        marks[:, : len(self._owner)] = self._marks[: len(marks)].take(place, axis=1)


def _compare(answer: AnswerAtoms, number: FloatArray, marks: Truths) -> None:
    inside = (number >= answer.at_least) & (number < answer.below)
    marks[0, answer.rows] = inside
    marks[1:, answer.rows] = inside | np.isnan(number)


def _soften(answer: AnswerAtoms, soft: Indices, likelihoods: FloatArray, marks: Truths) -> None:
    weights = likelihoods[soft]
    for row, atom in enumerate(answer.atoms, answer.rows.start):
        states = answer.marks[0, row - answer.rows.start, _NO_STATE:]
        inside, beside = weights[:, states].max(axis=1), weights[:, ~states].max(axis=1)
        strictly = isinstance(atom, FindingIs) and atom.strictly
        marks[0, row, soft] = inside > beside if strictly else inside >= beside
        marks[1:, row, soft] = inside > 0.0
