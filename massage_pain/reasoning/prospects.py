"""What would be said of many hypothetical cases: chances, urgency, and what to do.

A *decision* is what a person would do differently. That is the urgency, which says whether to stop, to rest
or to see somebody, and whether cold or warmth is advised, which can harm where it does not belong. What to
watch, gentle movement, comfort, information and what to do next time are advice as well, but no reason to go
on asking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from massage_pain.advice.answer_counts import Counted
from massage_pain.advice.assessor import Assessor
from massage_pain.advice.judgement import Judge, Levels
from massage_pain.advice.rules import WITHHELD
from massage_pain.advice.truth import Truths
from massage_pain.advice.urgency import Urgency
from massage_pain.inference.cause_beliefs import cause_beliefs
from massage_pain.inference.evidence import Evidence
from massage_pain.inference.one_more_finding import beliefs_with_one_more
from massage_pain.inference.posterior import TIE, likeliest
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
        return likeliest(self.chances[:, :-1])

    @property
    def possible(self) -> NDArray[np.bool_]:
        """Whether the findings can occur together, (n_cases,)."""
        found: NDArray[np.bool_] = ~np.isneginf(self.log_evidence)
        return found


def prospects(assessor: Assessor, evidence: Evidence) -> Prospects:
    """What would be said of each case; the complaint must be in the evidence already."""
    beliefs = cause_beliefs(assessor.engine, evidence)
    chances = beliefs.chances
    joint = None if beliefs.joint is None else beliefs.joint.reshape(evidence.n_cases, -1)
    if assessor.counsellor is None:
        return Prospects(chances, beliefs.log_evidence, joint, None, _without_rules(chances))
    misfit = assessor.misfit(evidence, beliefs.log_evidence)
    urgency, decision = decided(assessor.counsellor.judge, evidence, chances, misfit)
    return Prospects(chances, beliefs.log_evidence, joint, urgency, decision)


def prospects_with_one_more(
    assessor: Assessor, one: Evidence, names: Sequence[str], counted: Counted | None
) -> Prospects:
    """What would be said of one case, then of it with each answer to each of `names`, in turn.

    The complaint must be in the evidence already. Of `names`, variables with a probability that are not the
    complaint, nothing may be known. `counted` are the answers of the case by `Judge.counts`; None where there
    are no rules.
    """
    beliefs = beliefs_with_one_more(assessor.engine, one, names)
    chances = beliefs.chances
    joint = None if beliefs.joint is None else beliefs.joint.reshape(len(chances), -1)
    if assessor.counsellor is None or counted is None:
        return Prospects(chances, beliefs.log_evidence, joint, None, _without_rules(chances))
    judge = assessor.counsellor.judge
    misfit = assessor.misfit_with_one_more(one, names, beliefs.log_evidence)
    urgency, advice = judge.with_one_more(counted, names, chances, misfit)
    return Prospects(chances, beliefs.log_evidence, joint, urgency, _numbered(judge, urgency, advice))


def _without_rules(chances: FloatArray) -> NDArray[np.int64]:
    """The likeliest cause of each case, and whether it is more likely there than not, as one number."""
    first = likeliest(chances[:, :-1])
    likely = chances[np.arange(len(first)), first] >= 0.5 - TIE
    return 2 * first.astype(np.int64) + likely


def decided(
    judge: Judge, evidence: Evidence, chances: FloatArray, misfit: FloatArray | None = None
) -> tuple[Levels, NDArray[np.int64]]:
    """The urgency of each case, and a number that is the same where a person would do the same."""
    look = judge.look(evidence, chances, misfit, possible=False)
    urgency = look.judgement.urgency
    return urgency, _numbered(judge, urgency, look.advice.true)


def _numbered(judge: Judge, urgency: Levels, advice: Truths) -> NDArray[np.int64]:
    """The decision as a number, from the urgency and from which advice (and `withheld_when`) holds."""
    rules = _acting.get(judge)
    if rules is None:
        rules = _acting[judge] = _Acting.of(judge)
    given = advice.take(rules.rows, axis=0)
    given &= ~advice.take(rules.withheld, axis=0) | rules.always
    if not len(given):
        return urgency.astype(np.int64)
    said = np.logical_or.reduceat(given, rules.starts, axis=0)
    said &= rules.allowed.take(urgency, axis=1)
    numbered: NDArray[np.int64] = np.packbits(said, axis=0)[0] * np.int64(_LEVELS) + urgency
    return numbered


_LEVELS = max(map(int, Urgency)) + 1


class _Acting(NamedTuple):
    """Where the advice on `ACTIONS` stands among the rules of a judge.

    `rows` of the rules, `withheld` of what withholds each (any row where `always`, (n, 1), is true). For each
    kind of which there is a rule `starts`, its first row among these, and `allowed` (kinds, urgencies),
    whether it is given.
    """

    rows: NDArray[np.intp]
    withheld: NDArray[np.intp]
    always: NDArray[np.bool_]
    starts: NDArray[np.intp]
    allowed: NDArray[np.bool_]

    @classmethod
    def of(cls, judge: Judge) -> _Acting:
        by_kind = {
            kind: [row for row, rule in enumerate(judge.advice) if rule.kind == kind] for kind in ACTIONS
        }
        kinds = [kind for kind in ACTIONS if by_kind[kind]]
        every = [row for kind in kinds for row in by_kind[kind]]
        withheld = [judge.withheld_row.get(judge.advice[row].id) for row in every]
        allowed = np.ones((len(kinds), _LEVELS), dtype=bool)
        for level, kept_back in WITHHELD.items():
            allowed[[at for at, kind in enumerate(kinds) if kind in kept_back], int(level)] = False
        return cls(
            np.array(every, dtype=np.intp),
            np.array([0 if each is None else each for each in withheld], dtype=np.intp),
            np.array([[each is None] for each in withheld], dtype=bool).reshape(-1, 1),
            np.cumsum([0, *(len(by_kind[kind]) for kind in kinds[:-1])], dtype=np.intp),
            allowed,
        )


# A judge never changes, so where its advice stands is found once.
_acting: WeakKeyDictionary[Judge, _Acting] = WeakKeyDictionary()
