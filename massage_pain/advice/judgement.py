"""What the rules say of many cases at once: urgency, flags raised, advice that applies.

Red flags read answers only, so they are judged first and beside the probabilities. The urgency of a case
is the highest of the flags raised and the advice that applies, and self-care where there is none. A case
is *provisional* while an unanswered question could still raise a red flag above its urgency.

Everything is arrays over the cases; words are made elsewhere, and only for what is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massage_pain.advice.answer_counts import AnswerCounts, Counted
from massage_pain.advice.conditions import FindingIs, NumberIs
from massage_pain.advice.nearly_true import NearlyTrue
from massage_pain.advice.rules import AdviceRule, Rules
from massage_pain.advice.truth import Indices, Outcome, Truths, TruthTable
from massage_pain.advice.urgency import Contraindication, Urgency
from massage_pain.inference.evidence import Evidence
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network

Levels = NDArray[np.int8]

BLOCK = 8192
"""Cases judged together: enough that array operations pay, few enough that a block stays in the cache."""


class Judgement(NamedTuple):
    """The rules' word on `n_cases` cases.

    `urgency`, `could_reach` (n_cases,): the level now, and the highest a further answer could raise by a
    red flag. `raised` (n_red_flags, n_cases), `applying` (n_advice_rules, n_cases). `contraindication`
    (n_cases,) and `contraindicated` (n_contraindications, n_cases) when asked before a massage.
    """

    urgency: Levels
    could_reach: Levels
    raised: Truths
    applying: Truths
    contraindication: Levels
    could_forbid: Levels
    contraindicated: Truths

    @property
    def provisional(self) -> Truths:
        """Where an unanswered question could still raise what is said, (n_cases,)."""
        found: Truths = (self.could_reach > self.urgency) | (self.could_forbid > self.contraindication)
        return found

    @classmethod
    def of_blocks(cls, blocks: Sequence[Judgement]) -> Judgement:
        """Several blocks of cases as one."""
        if len(blocks) == 1:
            return blocks[0]
        return cls(*(np.concatenate(parts, axis=-1) for parts in zip(*blocks, strict=True)))


class CloseLook(NamedTuple):
    """The judgement of a few cases with everything their words need.

    `advice` holds one condition a rule, then the `withheld_when` of those that have one.
    """

    judgement: Judgement
    flags: Outcome
    contraindications: Outcome
    advice: Outcome


class Judge:
    """The rules of a network compiled for one moment: "assess", or "screen" before a massage."""

    def __init__(self, rules: Rules, network: Network, moment: str = "assess") -> None:
        self.rules, self.moment = rules, moment
        self.before = moment == "screen"
        self._network = network
        self._granted = None if self.before else network.complaint
        causes = [each.id for each in network.causes]
        flags = [each.id for each in rules.red_flags]
        self.advice: tuple[AdviceRule, ...] = tuple(r for r in rules.advice if moment in r.moments)
        self.contraindications = rules.contraindications if self.before else ()
        withheld = [r for r in self.advice if r.withheld_when is not None]

        self.flag_table = TruthTable([r.when for r in rules.red_flags], network)
        self.contraindication_table = TruthTable([r.when for r in self.contraindications], network)
        self.advice_table = TruthTable(
            [r.when for r in self.advice] + [r.withheld_when for r in withheld if r.withheld_when],
            network,
            causes,
            flags,
        )
        self.withheld_row = {rule.id: len(self.advice) + at for at, rule in enumerate(withheld)}

        self.flag_urgency = _levels([r.urgency for r in rules.red_flags])
        self.flag_level = _levels([Contraindication.implied_by(r.urgency) for r in rules.red_flags])
        self.advice_urgency = _levels([r.urgency for r in self.advice])
        withholding = np.zeros(len(withheld), dtype=np.int8)  # what withholds advice raises nothing
        self._levels = np.concatenate((self.flag_urgency, self.advice_urgency, withholding))
        self.level = _levels([r.level for r in self.contraindications])

    @cached_property
    def open_flags(self) -> OpenQuestions:
        """Which open questions could raise a red flag."""
        return OpenQuestions(self.flag_table, self.flag_urgency)

    def judge(self, evidence: Evidence, chances: FloatArray, misfit: FloatArray | None = None) -> Judgement:
        """What the rules say of each case.

        `chances` (n_cases, n_causes + 1): P(cause | case) in the network's order, then P(no cause).
        `misfit` (n_cases,): how poorly the findings fit together; without it no rule about that applies.
        """
        if evidence.n_cases <= BLOCK:
            return self.look(evidence, chances, misfit).judgement
        return Judgement.of_blocks(
            [
                self.look(
                    evidence.take(rows), chances[rows], None if misfit is None else misfit[rows]
                ).judgement
                for rows in (slice(at, at + BLOCK) for at in range(0, evidence.n_cases, BLOCK))
            ]
        )

    def look(
        self,
        evidence: Evidence,
        chances: FloatArray,
        misfit: FloatArray | None = None,
        *,
        possible: bool = True,
    ) -> CloseLook:
        """The judgement of a few cases, all at once, with what their words need.

        Without `possible` what an open question could still raise is left out: hypothetical cases are only
        judged by what is.
        """
        flags = self.flags(evidence, possible=possible)
        against = self.contraindication_table.evaluate(evidence)
        advice = self.advice_table.evaluate(evidence, chances, flags.true, possible=False, misfit=misfit)
        n = evidence.n_cases
        urgency = self._urgency(np.concatenate((flags.true, advice.true)))
        could_reach = highest(flags.possible, self.flag_urgency, n)
        if self.before:
            forbidden = highest(against.true, self.level, n)
            forbidden = np.maximum(forbidden, highest(flags.true, self.flag_level, n))
            could_forbid = highest(against.possible, self.level, n)
            could_forbid = np.maximum(could_forbid, highest(flags.possible, self.flag_level, n))
        else:
            forbidden = could_forbid = np.zeros(n, dtype=np.int8)
        judgement = Judgement(
            urgency,
            could_reach,
            flags.true,
            advice.true[: len(self.advice)],
            forbidden,
            could_forbid,
            against.true,
        )
        return CloseLook(judgement, flags, against, advice)

    def flags(self, evidence: Evidence, *, possible: bool = True) -> Outcome:
        """Which red flags are raised, and with `possible` which could still be."""
        return self.flag_table.evaluate(self._presupposing(evidence), possible=possible)

    @cached_property
    def counts(self) -> AnswerCounts:
        """What each answer does for the red flags, then for the advice."""
        granted = {} if self._granted is None else {self._granted.id: self._granted.present_index}
        return AnswerCounts([(self.flag_table, granted), (self.advice_table, {})], self._network)

    def urgency_under(self, one: Evidence, chances: FloatArray, misfit: FloatArray | None = None) -> Levels:
        """The urgency of one case under many chances (n, n_causes + 1), its answers as they are, (n,)."""
        n = len(chances)
        fit = None if misfit is None else np.repeat(misfit, n)
        return self._urgency(self._as_answered.hold(self.counts.of(one), [0] * n, chances, fit))

    def with_one_more(
        self, counted: Counted, names: Sequence[str], chances: FloatArray, misfit: FloatArray | None = None
    ) -> tuple[Levels, Truths]:
        """The urgency of one case, then with each state of each of `names`, in turn; and what advice holds.

        `counted` are its answers by `counts`. Of `names`, variables with a probability, nothing may be
        known. `chances` and `misfit` are those of `look`, a row a case. The advice is (rules, then their
        `withheld_when`; cases).
        """
        which = [0]
        for name in names:
            which += self._answer[name]
        found = self._with_one_more.hold(counted, which, chances, misfit)
        return self._urgency(found), found[len(self.flag_urgency) :]

    def _urgency(self, found: Truths) -> Levels:
        """The highest of the red flags raised and the advice that applies, (n_cases,)."""
        return np.maximum(highest(found, self._levels, found.shape[1]), np.int8(Urgency.SELF_CARE))

    @cached_property
    def _answer(self) -> Mapping[str, Sequence[int]]:
        """The states of each variable with a probability, numbered from 1 on; 0 is no answer."""
        number = count(1)
        return {each.id: [next(number) for _ in each.states] for each in self._network.nodes}

    @cached_property
    def _with_one_more(self) -> NearlyTrue:
        first = self.counts.first
        rows = [
            first[each.id] + at if each.id in first else 0
            for each in self._network.nodes
            for at in range(len(each.states))
        ]
        return NearlyTrue(self.counts, self.flag_table, self.advice_table, [0, *rows])

    @cached_property
    def _as_answered(self) -> NearlyTrue:
        """The same where no answer is to come."""
        return NearlyTrue(self.counts, self.flag_table, self.advice_table, [0])

    def _presupposing(self, evidence: Evidence) -> Evidence:
        """The same with the complaint present: whoever is assessed came because of it.

        Red flags take it for granted even where it was denied, so that no answer can lower one.
        """
        granted = self._granted
        if granted is None or granted.id not in self.flag_table.variables:
            return evidence
        present = np.full(evidence.n_cases, granted.present_index, dtype=np.int16)
        return evidence.with_codes({**evidence.codes, granted.id: present})


def _levels(found: Sequence[int]) -> Levels:
    return np.array([int(each) for each in found], dtype=np.int8)


def highest(holds: Truths, levels: Levels, n_cases: int) -> Levels:
    """The highest level among the rules that hold, 0 where none does, (n_cases,)."""
    if not len(levels):
        return np.zeros(n_cases, dtype=np.int8)
    found: Levels = (holds * levels[:, None]).max(axis=0)
    return found


class OpenQuestions:
    """Which questions are open in a case, and how far the answer to each could raise a level.

    A question is open while some condition that is not met could still be met by its answer, given all
    that was answered. Made from a truth table of answers and the level of each of its conditions.
    """

    def __init__(self, table: TruthTable, levels: Levels) -> None:
        self._level = np.repeat(levels, [len(span) for span in table.spans]) if len(levels) else levels
        names = [atom.variable for atom in table.atoms if isinstance(atom, (FindingIs, NumberIs))]
        self.variables: tuple[str, ...] = tuple(dict.fromkeys(names))
        position = {name: at for at, name in enumerate(self.variables)}
        pairs = sorted(
            (position[names[atom]], conjunction, atom)
            for conjunction, members in enumerate(table.conjunction_atoms)
            for atom in members
        )
        self._conjunction: Indices = np.array([pair[1] for pair in pairs], dtype=np.intp)
        self.pair_atoms: Indices = np.array([pair[2] for pair in pairs], dtype=np.intp)
        variable = np.array([pair[0] for pair in pairs], dtype=np.intp)
        self._starts = np.flatnonzero(np.diff(variable, prepend=-1))
        ends = [*self._starts[1:].tolist(), len(pairs)]
        self.pairs: tuple[range, ...] = tuple(map(range, self._starts.tolist(), ends))

    def reached(self, outcome: Outcome) -> tuple[Levels, Levels, Levels]:
        """How far things reach in one case: pairs of question and conjunction, questions, single answers.

        The last is how far each question reaches by its answer alone.
        """
        if not self.variables:
            return self._level[:0], self._level[:0], self._level[:0]
        level = outcome.holding[1, :, 0] * self._level
        unknown = outcome.marks[1, :, 0] & ~outcome.marks[0, :, 0]
        here = unknown[self.pair_atoms]
        by_pair: Levels = level[self._conjunction] * here
        missing = np.bincount(self._conjunction[here], minlength=len(level))
        alone = by_pair * (missing[self._conjunction] == 1)
        return (
            by_pair,
            np.maximum.reduceat(by_pair, self._starts),
            np.maximum.reduceat(alone, self._starts),
        )

    def levels(self, possible: Truths, unknown: Truths | None = None) -> Levels:
        """The highest level that the answer to each question could raise, (n_cases, questions).

        `possible` (n_cases, conjunctions). `unknown` (atoms,): those still to be answered; None for all.
        """
        if not self.variables:
            return np.zeros((len(possible), 0), dtype=np.int8)
        by_pair = (possible * self._level).take(self._conjunction, axis=1)
        if unknown is not None:
            by_pair *= unknown.take(self.pair_atoms)
        found: Levels = np.maximum.reduceat(by_pair, self._starts, axis=1)
        return found
