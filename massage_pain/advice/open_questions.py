"""The safety questions without a settled answer, and what an answer could raise.

A question nobody asked is not a no. It is open while some rule that is not met could still be met by its
answer, given everything that was answered; and it matters while that rule would raise what is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

import numpy as np

from massage_pain.advice.conditions import FindingIs, NumberIs
from massage_pain.advice.judgement import CloseLook, Judge, Levels, OpenQuestions
from massage_pain.advice.reasons import raising_answer
from massage_pain.advice.truth import Outcome, TruthTable
from massage_pain.advice.urgency import Contraindication, Urgency
from massage_pain.inference.evidence import ASKED_UNSURE, SOFT, Evidence
from massage_pain.knowledge.network import Network


class Unscreened(NamedTuple):
    """A safety question without a settled answer, and what an answer could raise.

    `urgency` is the highest it could raise, perhaps together with further answers (None: it raises none
    above the present one); `alone` what it would raise by itself, None if nothing higher. `raised_by` is the
    answer that would, in words: "yes", "70 years or more". `contraindication` is the highest it could raise
    before a massage. `unsure`: it was asked, and the answer was not definite.
    """

    variable: str
    label: str
    question: str
    urgency: Urgency | None
    unsure: bool
    contraindication: Contraindication | None = None
    raised_by: str = ""
    alone: Urgency | None = None


_Key: TypeAlias = tuple[int, int, int, int, str, bool]
"""Position of the variable; levels of urgency, of urgency alone, of contraindication; answer; unsure."""


class Screen:
    """The open safety questions of one moment: made once, asked for every case."""

    def __init__(self, judge: Judge, network: Network) -> None:
        order = {each.id: at for at, each in enumerate(network.variables)}
        self._variables = network.variables
        self._flags = _Reach(judge.flag_table, judge.flag_urgency, network, order)
        self._against: tuple[_Reach, ...] = ()
        if judge.before:
            self._against = (
                _Reach(judge.flag_table, judge.flag_level, network, order),
                _Reach(judge.contraindication_table, judge.level, network, order),
            )
        self._names = [each.id for each in network.variables]
        self._made: dict[_Key, Unscreened] = {}

    def unscreened(self, look: CloseLook, evidence: Evidence) -> tuple[Unscreened, ...]:
        """The questions whose answer could raise what is said of one case, most urgent first."""
        now = int(look.judgement.urgency[0])
        urgency, alone, answers = self._flags.levels(look.flags, now)
        against, against_alone = np.zeros_like(urgency), np.zeros_like(urgency)
        for reach, outcome in zip(self._against, (look.flags, look.contraindications), strict=False):
            level, by_itself, words = reach.levels(outcome, int(look.judgement.contraindication[0]))
            against, against_alone = np.maximum(against, level), np.maximum(against_alone, by_itself)
            answers = {**words, **answers}
        at = np.flatnonzero(urgency | against)
        at = at[np.lexsort((-against_alone[at], -against[at], -alone[at], -urgency[at]))]
        unsure = {name for name, codes in evidence.codes.items() if codes[0] in (ASKED_UNSURE, SOFT)}
        levels = zip(at.tolist(), urgency[at].tolist(), alone[at].tolist(), against[at].tolist(), strict=True)
        made = self._made  # each question is made once: cases share them
        keys = [(*each, answers[each[0]], self._names[each[0]] in unsure) for each in levels]
        return tuple([made.get(key) or self._make(key) for key in keys])

    def _make(self, key: _Key) -> Unscreened:
        at, urgency, alone, against, answer, unsure = key
        variable = self._variables[at]
        question = Unscreened(
            variable.id,
            variable.label,
            variable.question,
            Urgency(urgency) if urgency else None,
            unsure,
            Contraindication(against) if against else None,
            answer,
            Urgency(alone) if alone else None,
        )
        self._made[key] = question
        return question


class _Reach:
    """Open questions by the position of their variable, with the answers that matter in words."""

    def __init__(self, table: TruthTable, levels: Levels, network: Network, order: Mapping[str, int]) -> None:
        self._questions = OpenQuestions(table, levels)
        self._at = np.array([order[name] for name in self._questions.variables], dtype=np.intp)
        self._count = len(network.variables)
        self._words = [
            raising_answer(atom, network.variable(atom.variable))
            for atom in table.atoms
            if isinstance(atom, (FindingIs, NumberIs))
        ]
        # most questions have one answer that matters: its words need no looking up
        self._only: dict[int, str] = {}
        self._several: list[int] = []
        for question, pairs in enumerate(self._questions.pairs):
            words = {self._words[self._questions.pair_atoms[pair]] for pair in pairs}
            if len(words) == 1:
                self._only[int(self._at[question])] = words.pop()
            else:
                self._several.append(question)

    def levels(self, outcome: Outcome, above: int) -> tuple[Levels, Levels, Mapping[int, str]]:
        """For every variable the level its answer could raise, and by itself, where above `above`.

        Both (n_variables,), 0 where it raises none; then the answers that matter, by position.
        """
        by_pair, highest, alone = self._questions.reached(outcome)
        found = np.zeros((2, self._count), dtype=np.int8)
        found[0, self._at] = highest * (highest > above)
        found[1, self._at] = alone * (alone > above)
        answers = dict(self._only)
        for question in self._several:
            if highest[question] > above:
                at = int(self._at[question])
                answers[at] = self._answers(self._questions.pairs[question], by_pair, highest[question])
        return found[0], found[1], answers

    def _answers(self, pairs: range, by_pair: Levels, highest: int) -> str:
        atoms = (self._questions.pair_atoms[pair] for pair in pairs if by_pair[pair] == highest)
        return "; ".join(dict.fromkeys(self._words[atom] for atom in atoms))
