"""Which network answered, and how urgent the case is: what every result about a case carries.

A result that speaks of chances, numbers or changes can look reassuring where a doctor is needed. So each
record holds a warning from the urgency of seeing a doctor on: what the assessment of the same case says, in
the same words. Hypothetical answers can make it more urgent, never less.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.advice.assessor import Assessor
from massage_pain.advice.record import advice_record, level_record, network_record, red_flags_record
from massage_pain.advice.urgency import Urgency


def case_record(
    assessor: Assessor, case: Mapping[str, Any], assumed: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """`network` and `warning` (None below the urgency of seeing a doctor, and without rules).

    `assumed` are answers put in the place of the case's own. Raises the error of a wrong finding and
    `ImpossibleEvidenceError`.
    """
    found = _warning(assessor, case, assumed=False)
    if assumed:
        known, more = assessor.accepted(case)[0], assessor.accepted(assumed)[0]
        then = _warning(assessor, {**known, **more}, assumed=True)
        if then and (found is None or then["urgency"]["level"] > found["urgency"]["level"]):
            found = then
    return {"network": network_record(assessor.network, assessor.rules), "warning": found}


def _warning(assessor: Assessor, case: Mapping[str, Any], *, assumed: bool) -> dict[str, Any] | None:
    if assessor.rules is None:
        return None
    now = assessor.assess(case)
    if now.urgency is None or now.urgency < Urgency.SEE_DOCTOR:
        return None
    return {
        "urgency": level_record(now.urgency),
        "assumed": assumed,
        "red_flags": red_flags_record(each for each in now.red_flags if each.urgency == now.urgency),
        "advice": advice_record(each for each in now.advice if each.urgency == now.urgency),
    }
