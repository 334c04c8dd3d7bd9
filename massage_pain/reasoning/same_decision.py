"""How likely it is that what is said now would still be said after every remaining answer.

The same-decision probability (Choi, Xue and Darwiche 2012; Chen, Choi and Darwiche 2014): the chance, over
all that is not known yet, that knowing it would leave the decision as it is. It is what makes stopping
defensible: that each single answer changes nothing does not say that several together would not.

Exact where the remaining answers have at most `EXACT` combinations: every one of them is a hypothetical case,
weighed with its probability. Otherwise a share of fair draws (`completion`), with a binomial standard
error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from massage_pain.advice.assessor import Assessor
from massage_pain.inference.evidence import Evidence
from massage_pain.knowledge.distributions import cell_count
from massage_pain.reasoning.completion import completed
from massage_pain.reasoning.hypotheses import changed
from massage_pain.reasoning.prospects import prospects
from massage_pain.reasoning.simulation import generator

EXACT = 2048
"""The most combinations of remaining answers that are all tried."""


@dataclass(frozen=True, slots=True)
class SameDecision:
    """P(same decision after every remaining answer), its standard error (0 where exact).

    `cases` is how many hypothetical cases it rests on.
    """

    probability: float
    error: float
    exact: bool
    cases: int

    def to_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {
            "probability": self.probability,
            "error": self.error,
            "exact": self.exact,
            "cases": self.cases,
        }


def same_decision(
    assessor: Assessor, one: Evidence, remaining: Sequence[str], draws: int, seed: int
) -> SameDecision:
    """The chance that answering every variable of `remaining` leaves the decision on `one` as it is."""
    if not remaining:
        return SameDecision(1.0, 0.0, True, 1)
    sizes = [len(assessor.network.variable(each).states) for each in remaining]
    combinations = cell_count(sizes)
    exact = combinations <= EXACT
    if exact:
        states = np.indices(sizes).reshape(len(sizes), -1).astype(np.int16)
        found = dict(zip(remaining, states, strict=True))
    else:
        found = completed(assessor.engine, one, remaining, draws, generator(seed))
    count = combinations if exact else draws
    then = prospects(assessor, changed(one, found, count))
    now = prospects(assessor, one)
    same = then.decision == now.decision
    if not exact:
        share = float(same.mean())
        # of n draws that all agree, one that does not may still be about: never an error of zero
        wider = (share * count + 1.0) / (count + 2.0)
        return SameDecision(share, sqrt(wider * (1.0 - wider) / count), False, count)
    weights = np.exp(then.log_evidence - now.log_evidence[0])
    return SameDecision(min(1.0, float(weights[same].sum() / weights.sum())), 0.0, True, count)
