"""What the rules say of one case if one more question were answered: every answer to every open question.

Each answer is a hypothetical case, and `Judge.look` judges any number of them. But all these are one case but
for one answer, and an answer to what was not asked can only make more atoms true. So the atoms of the case
are looked up once; a conjunction matters only if at most as many of them are missing as one answer can
bring, and most of the rules fall away.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from massage_pain.advice.judgement import Judge, Levels, highest
from massage_pain.advice.nearly_true import NearlyTrue
from massage_pain.advice.truth import Truths
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
        self._flags = NearlyTrue(judge.flag_table, answers)
        self._advice = NearlyTrue(judge.advice_table, answers)

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
