"""Which network answered, and how urgent the case is: what every result about a case carries.

A result that speaks of chances, numbers or changes can look reassuring where a doctor is needed. So each
record holds a warning from the urgency of seeing a doctor on: what the assessment of the same case says, in
the same words. Hypothetical answers can make it more urgent, never less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any

import numpy as np

from massage_pain.advice.assessor import Assessor
from massage_pain.advice.counsel import Advice
from massage_pain.advice.record import advice_record, level_record, network_record, red_flags_record
from massage_pain.advice.red_flags import RedFlag
from massage_pain.advice.urgency import Urgency
from massage_pain.errors import ImpossibleEvidenceError
from massage_pain.inference.case import Case


class CaseRecord(Mapping[str, Any]):
    """`network` and `warning` (None below the urgency of seeing a doctor, and without rules).

    `case` and `assumed` (answers put in the place of its own) are as `Assessor.accepted` gives them. `done`
    (variable -> state index) is what an intervention sets: a warning sign that is set is warned of as if it
    were assumed, by itself and with the rest of the case. There only red flags count: that a state is set
    says nothing of the causes, which other advice goes by. The assessment is made when the record is first
    read: a result that is only reckoned with needs none. Reading raises `ImpossibleEvidenceError`.
    """

    def __init__(
        self,
        assessor: Assessor,
        case: Case,
        assumed: Case | None = None,
        done: Mapping[str, int] | None = None,
    ) -> None:
        self._assessor, self._case, self._assumed, self._done = assessor, case, assumed, done

    @cached_property
    def _entries(self) -> dict[str, Any]:
        found = _warning(self._assessor, self._case, assumed=False)
        if self._assumed:
            then = _warning(self._assessor, {**self._case, **self._assumed}, assumed=True)
            found = _more_urgent(found, then)
        if self._done:
            network = self._assessor.network
            done = {name: network.variable(name).states[state] for name, state in self._done.items()}
            with suppress(ImpossibleEvidenceError):  # a state that never occurs can be set
                found = _more_urgent(found, _warning(self._assessor, done, assumed=True))
            together = {**self._case, **(self._assumed or {}), **done}
            found = _more_urgent(found, _warning_of_flags(self._assessor, together))
        return {"network": network_record(self._assessor.network, self._assessor.rules), "warning": found}

    def __getitem__(self, key: str) -> Any:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self._entries,)


def _warning_of_flags(assessor: Assessor, case: Mapping[str, Any]) -> dict[str, Any] | None:
    """The warning by the red flags alone, which answers raise whether or not they can be together."""
    if assessor.counsellor is None:
        return None
    known, evidence = assessor.accepted(case)
    no_chances = np.full((1, len(assessor.network.causes) + 1), np.nan)
    flags = assessor.counsellor.counsel(known, evidence, no_chances).red_flags
    gravest = max((each.urgency for each in flags), default=Urgency.SELF_CARE)
    if gravest < Urgency.SEE_DOCTOR:
        return None
    return _warning_record(gravest, flags, (), assumed=True)


def _more_urgent(one: dict[str, Any] | None, other: dict[str, Any] | None) -> dict[str, Any] | None:
    """The first, unless the other is more urgent."""
    if one is None or other is None:
        return one or other
    return other if other["urgency"]["level"] > one["urgency"]["level"] else one


def _warning(assessor: Assessor, case: Mapping[str, Any], *, assumed: bool) -> dict[str, Any] | None:
    if assessor.rules is None:
        return None
    now = assessor.assess(case)
    if now.urgency is None or now.urgency < Urgency.SEE_DOCTOR:
        return None
    return _warning_record(now.urgency, now.red_flags, now.advice, assumed=assumed)


def _warning_record(
    urgency: Urgency, flags: Iterable[RedFlag], advice: Iterable[Advice], *, assumed: bool
) -> dict[str, Any]:
    """A warning as plain values: of what is raised and advised only what is of this urgency."""
    return {
        "urgency": level_record(urgency),
        "assumed": assumed,
        "red_flags": red_flags_record(each for each in flags if each.urgency == urgency),
        "advice": advice_record(each for each in advice if each.urgency == urgency),
    }
