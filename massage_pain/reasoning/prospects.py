"""What would be said of many hypothetical cases: chances, urgency, and what to do.

A *decision* is what a person would do differently. That is the urgency, which says whether to stop, to rest
or to see somebody, and whether cold or warmth is advised, which can harm where it does not belong. What to
watch, gentle movement, comfort, information and what to do next time are advice as well, but no reason to go
on asking.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from massage_pain.advice.assessor import Assessor, chances_of
from massage_pain.advice.judgement import Judge, Levels
from massage_pain.advice.rules import WITHHELD
from massage_pain.advice.truth import TIE
from massage_pain.inference.cause_beliefs import cause_beliefs
from massage_pain.inference.evidence import Evidence
from massage_pain.knowledge.distributions import FloatArray

ACTIONS: tuple[str, ...] = ("cold", "warmth", "massage")
"""The kinds of advice that the urgency does not say already, and that can harm when they are wrong."""


@dataclass(frozen=True, eq=False)
class Prospects:
    """What would be said of each of `n_cases` cases; findings that cannot be leave NaN.

    `chances` (n_cases, n_causes + 1): P(cause | case), then P(no cause). `log_evidence` (n_cases,): natural
    logarithm of P(findings). `joint` (n_cases, joint states of the causes) or None. `urgency` (n_cases,)
    and `decision` (n_cases,), equal where a person would do the same. Without rules `urgency` is None and
    the decision is the likeliest cause and whether it is more likely there than not.
    """

    chances: FloatArray
    log_evidence: FloatArray
    joint: FloatArray | None
    urgency: Levels | None
    decision: NDArray[np.int64]

    @property
    def leading(self) -> NDArray[np.intp]:
        """The position of the likeliest cause, the first of those that tie, (n_cases,)."""
        return leading(self.chances)

    @property
    def possible(self) -> NDArray[np.bool_]:
        """Whether the findings can occur together, (n_cases,)."""
        found: NDArray[np.bool_] = ~np.isneginf(self.log_evidence)
        return found


def prospects(assessor: Assessor, evidence: Evidence) -> Prospects:
    """What would be said of each case; the complaint must be in the evidence already."""
    beliefs = cause_beliefs(assessor.engine, evidence)
    chances = chances_of(beliefs)
    joint = None if beliefs.joint is None else beliefs.joint.reshape(evidence.n_cases, -1)
    if assessor.counsellor is None:
        return Prospects(chances, beliefs.log_evidence, joint, None, _without_rules(chances))
    misfit = assessor.misfit(evidence, beliefs.log_evidence)
    urgency, decision = decided(assessor.counsellor.judge, evidence, chances, misfit)
    return Prospects(chances, beliefs.log_evidence, joint, urgency, decision)


def leading(chances: FloatArray) -> NDArray[np.intp]:
    """The position of the likeliest cause in each case, the first of those that tie."""
    causes = chances[:, :-1]
    with np.errstate(invalid="ignore"):
        found: NDArray[np.intp] = (causes >= causes.max(axis=1, keepdims=True) - TIE).argmax(axis=1)
    return found


def _without_rules(chances: FloatArray) -> NDArray[np.int64]:
    """The likeliest cause of each case, and whether it is more likely there than not, as one number."""
    first = leading(chances)
    likely = chances[np.arange(len(first)), first] >= 0.5 - TIE
    return 2 * first.astype(np.int64) + likely


def decided(
    judge: Judge, evidence: Evidence, chances: FloatArray, misfit: FloatArray | None = None
) -> tuple[Levels, NDArray[np.int64]]:
    """The urgency of each case, and a number that is the same where a person would do the same."""
    look = judge.look(evidence, chances, misfit, possible=False)
    urgency = look.judgement.urgency
    decision = urgency.astype(np.int64)
    for at, kind in enumerate(ACTIONS):
        said = np.zeros(evidence.n_cases, dtype=bool)
        for row, rule in enumerate(judge.advice):
            if rule.kind == kind:
                kept_back = judge.withheld_row.get(rule.id)
                applies = look.advice.true[row]
                said |= applies if kept_back is None else applies & ~look.advice.true[kept_back]
        for level, kinds in WITHHELD.items():
            if kind in kinds:
                said &= urgency != level
        decision += said.astype(np.int64) << (at + 3)
    return urgency, decision
