"""The safety questions without a settled answer, and what an answer could raise.

A question nobody asked is not a no. It is open while some rule that is not met could still be met by its
answer, given everything that was answered; and it matters while that rule would raise what is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from massage_pain.advice.conditions import FindingIs, NumberIs
from massage_pain.advice.judgement import CloseLook, Judge, Levels, OpenQuestions
from massage_pain.advice.reasons import raising_answer
from massage_pain.advice.truth import Outcome, TruthTable
from massage_pain.advice.urgency import Contraindication, Urgency
from massage_pain.inference.evidence import ASKED_UNSURE, SOFT, Evidence
from massage_pain.knowledge.network import Network

_Level: TypeAlias = tuple[int, int, str]
"""The level that an answer could raise, the one it would raise by itself, and that answer in words."""

_NOTHING: _Level = (0, 0, "")


@dataclass(frozen=True, slots=True)
class Unscreened:
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


_Placed: TypeAlias = tuple[tuple[int, ...], Unscreened]
"""A question and its place in the order."""


class Screen:
    """The open safety questions of one moment: made once, asked for every case."""

    def __init__(self, judge: Judge, network: Network) -> None:
        self._flags = _Reach(judge.flag_table, judge.flag_urgency, network)
        self._against: tuple[_Reach, ...] = ()
        if judge.before:
            self._against = (
                _Reach(judge.flag_table, judge.flag_level, network),
                _Reach(judge.contraindication_table, judge.level, network),
            )
        self._order = {each.id: at for at, each in enumerate(network.variables)}
        self._variables = network.variables
        self._made: dict[object, _Placed] = {}

    def unscreened(self, look: CloseLook, evidence: Evidence) -> tuple[Unscreened, ...]:
        """The questions whose answer could raise what is said of one case, most urgent first."""
        judgement = look.judgement
        urgency = self._flags.levels(look.flags, int(judgement.urgency[0]))
        against: dict[str, _Level] = {}
        for reach, outcome in zip(self._against, (look.flags, look.contraindications), strict=False):
            for name, found in reach.levels(outcome, int(judgement.contraindication[0])).items():
                against[name] = max(found, against.get(name, found))
        names: Iterable[str] = (*urgency, *against) if against else urgency
        questions = [
            self._question(name, urgency.get(name), against.get(name), evidence) for name in set(names)
        ]
        questions.sort(key=lambda each: each[0])
        return tuple(each[1] for each in questions)

    def _question(
        self, name: str, urgency: _Level | None, against: _Level | None, evidence: Evidence
    ) -> _Placed:
        """The question with its place in the order; each is made once, since cases share them."""
        codes = evidence.codes.get(name)
        unsure = codes is not None and int(codes[0]) in (ASKED_UNSURE, SOFT)
        key = (name, urgency, against, unsure)
        known = self._made.get(key)
        if known is not None:
            return known
        at = self._order[name]
        variable = self._variables[at]
        question = Unscreened(
            name,
            variable.label,
            variable.question,
            None if urgency is None else Urgency(urgency[0]),
            unsure,
            None if against is None else Contraindication(against[0]),
            (urgency or against or _NOTHING)[2],
            Urgency(urgency[1]) if urgency and urgency[1] else None,
        )
        first, second = urgency or _NOTHING, against or _NOTHING
        place = (-first[0], -first[1], -second[0], -second[1], at)
        return self._made.setdefault(key, (place, question))


class _Reach:
    """Open questions with the answers that matter, in words."""

    def __init__(self, table: TruthTable, levels: Levels, network: Network) -> None:
        self._questions = OpenQuestions(table, levels)
        self._words = [
            raising_answer(atom, network.variable(atom.variable))
            for atom in table.atoms
            if isinstance(atom, (FindingIs, NumberIs))
        ]
        # most questions have one answer that matters: its words need no looking up
        self._only: list[str] = []
        for pairs in self._questions.pairs:
            words = {self._words[self._questions.pair_atoms[pair]] for pair in pairs}
            self._only.append(words.pop() if len(words) == 1 else "")

    def levels(self, outcome: Outcome, above: int) -> dict[str, _Level]:
        """Question -> the highest level above `above` that its answer could raise, and that answer."""
        questions = self._questions
        if not questions.variables:
            return {}
        by_pair, highest, alone = questions.reached(outcome)
        return {
            questions.variables[at]: (
                int(highest[at]),
                int(alone[at]) if alone[at] > above else 0,
                self._only[at] or self._answers(questions.pairs[at], by_pair, highest[at]),
            )
            for at in np.flatnonzero(highest > above).tolist()
        }

    def _answers(self, pairs: range, by_pair: Levels, highest: int) -> str:
        atoms = (self._questions.pair_atoms[pair] for pair in pairs if by_pair[pair] == highest)
        return "; ".join(dict.fromkeys(self._words[atom] for atom in atoms))
