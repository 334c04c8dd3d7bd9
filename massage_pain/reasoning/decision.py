"""What is answered to one case, and which urgency hypothetical chances would lead to."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from massage_pain.advice.assessor import Assessor
from massage_pain.advice.conditions import ChanceIs, RanksFirst
from massage_pain.advice.judgement import Judge, Judgement
from massage_pain.inference.cause_beliefs import CauseBeliefs
from massage_pain.inference.evidence import Evidence
from massage_pain.inference.impossible import smallest_conflict_of
from massage_pain.knowledge.distributions import FloatArray


@dataclass(frozen=True, eq=False)
class Decision:
    """The urgency of one case as its chances vary while its answers stay.

    `levels`: chances (n, n_causes + 1: each cause, then none of them) -> urgency levels (n,). `marks`:
    (column, chance) wherever a rule asks whether a chance is above or below; `ranks`: whether a rule asks
    which cause comes first. Between two marks the urgency cannot change. How poorly the findings fit
    together is taken as it is in the case.
    """

    levels: Callable[[FloatArray], NDArray[np.int8]]
    marks: tuple[tuple[int, float], ...]
    ranks: bool


def answer_now(assessor: Assessor, one: Evidence) -> tuple[CauseBeliefs, Judgement | None]:
    """Chances and judgement of one case.

    Raises `InvalidNetworkError` for a network without causes, `ImpossibleEvidenceError` with the smallest
    conflict (and any red flag that the answers raise all the same).
    """
    beliefs, judgement = assessor.judge(one)
    _refuse_impossible(assessor, one, beliefs)
    return beliefs, judgement


def beliefs_now(assessor: Assessor, one: Evidence) -> CauseBeliefs:
    """The chances alone. Raises what `answer_now` raises."""
    beliefs = assessor.beliefs(one)
    _refuse_impossible(assessor, one, beliefs)
    return beliefs


def _refuse_impossible(assessor: Assessor, one: Evidence, beliefs: CauseBeliefs) -> None:
    if beliefs.log_evidence[0] == -np.inf:
        raise assessor.with_red_flags(smallest_conflict_of(assessor.engine, one, 0), one)


def decision_for(assessor: Assessor, one: Evidence, log_evidence: FloatArray) -> Decision | None:
    """The decision of one case; None where there are no rules. `log_evidence` (1,): log P(findings)."""
    counsellor = assessor.counsellor
    if counsellor is None:
        return None
    judge = counsellor.judge
    misfit = assessor.misfit(one, log_evidence)

    def levels(chances: FloatArray) -> NDArray[np.int8]:
        return judge.urgency_under(one, chances, misfit)

    found = _marks.get(judge)
    if found is None:
        found = _marks[judge] = _marks_of(judge, [each.id for each in assessor.network.causes])
    return Decision(levels, *found)


# A judge never changes, so its marks are collected once.
_marks: WeakKeyDictionary[Judge, tuple[tuple[tuple[int, float], ...], bool]] = WeakKeyDictionary()


def _marks_of(judge: Judge, causes: Sequence[str]) -> tuple[tuple[tuple[int, float], ...], bool]:
    """What the rules ask of the chances: `marks` and `ranks` of a `Decision`."""
    column: dict[str | None, int] = {cause: at for at, cause in enumerate(causes)}
    column[None] = len(column)
    atoms = [atom for rule in judge.advice for atom in rule.when.atoms]
    marks = {
        (column[atom.cause], bound): None
        for atom in atoms
        if isinstance(atom, ChanceIs)
        for bound in (atom.at_least, atom.below)
        if math.isfinite(bound)
    }
    return tuple(marks), any(isinstance(atom, RanksFirst) for atom in atoms)
