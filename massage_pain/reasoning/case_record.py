"""Which network answered, and how urgent the case is: what every result about a case carries.

A result that speaks of chances, numbers or changes can look reassuring where a doctor is needed. So each
record holds a warning from the urgency of seeing a doctor on: what the assessment of the same case says, in
the same words. Hypothetical answers can make it more urgent, never less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from massage_pain.advice.assessor import Assessor
from massage_pain.advice.record import advice_record, level_record, network_record, red_flags_record
from massage_pain.advice.urgency import Urgency
from massage_pain.inference.case import Case


class CaseRecord(Mapping[str, Any]):
    """`network` and `warning` (None below the urgency of seeing a doctor, and without rules).

    `case` and `assumed` (answers put in the place of its own) are as `Assessor.accepted` gives them. The
    assessment is made when the record is first read: a result that is only reckoned with needs none. Reading
    raises `ImpossibleEvidenceError`.
    """

    def __init__(self, assessor: Assessor, case: Case, assumed: Case | None = None) -> None:
        self._assessor, self._case, self._assumed = assessor, case, assumed

    @cached_property
    def _entries(self) -> dict[str, Any]:
        found = _warning(self._assessor, self._case, assumed=False)
        if self._assumed:
            then = _warning(self._assessor, {**self._case, **self._assumed}, assumed=True)
            if then and (found is None or then["urgency"]["level"] > found["urgency"]["level"]):
                found = then
        return {"network": network_record(self._assessor.network, self._assessor.rules), "warning": found}

    def __getitem__(self, key: str) -> Any:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self._entries,)


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
