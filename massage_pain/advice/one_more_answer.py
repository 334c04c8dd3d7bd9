"""What the rules say of one case if one more question were answered: every answer to every open question.

Each answer is a hypothetical case, and `Judge.look` judges any number of them. But all these are one case but
for one answer, and an answer to what was not asked can only make more atoms true. So the atoms of the case
are looked up once; a conjunction matters only if at most as many of them are missing as one answer can
bring, and most of the rules fall away.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from massage_pain.advice.conditions import FindingIs
from massage_pain.advice.judgement import Judge, Levels, highest
from massage_pain.advice.truth import Truths, TruthTable
from massage_pain.advice.urgency import Urgency
from massage_pain.inference.evidence import Evidence
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network


class OneMoreAnswer:
    """The rules of one moment compiled for this question; immutable."""

    def __init__(self, judge: Judge, network: Network) -> None:
        self._judge = judge
        self._place: dict[str, range] = {}
        answers = [("", "")]  # the first is the case itself
        for variable in network.nodes:
            self._place[variable.id] = range(len(answers), len(answers) + len(variable.states))
            answers += [(variable.id, state) for state in variable.states]
        self._flags = _Nearly(judge.flag_table, answers)
        self._advice = _Nearly(judge.advice_table, answers)

    def look(
        self,
        one: Evidence,
        names: Sequence[str],
        answered: Truths,
        chances: FloatArray,
        misfit: FloatArray | None = None,
    ) -> tuple[Levels, Truths]:
        """The urgency of one case, then with each state of each of `names`, in turn; and what advice holds.

        Of `names`, variables with a probability, nothing may be known. `answered` is which atoms of the red
        flags are true in the case, the complaint presupposed; `chances` and `misfit` are those of
        `Judge.look`, a row a case. The advice is (rules, then their `withheld_when`; cases).
        """
        which = [0]
        for name in names:
            which += self._place[name]
        count = len(which)
        judge = self._judge
        raised = self._flags.true(answered, judge.flag_table.believed(count), which)
        table = judge.advice_table
        advice = self._advice.true(table.answered(one), table.believed(count, chances, raised, misfit), which)
        urgency = np.maximum(
            np.maximum(highest(raised, judge.flag_urgency, count), Urgency.SELF_CARE),
            highest(advice[: len(judge.advice)], judge.advice_urgency, count),
        )
        return urgency, advice


class _Nearly:
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
