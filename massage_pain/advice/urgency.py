"""How soon something has to happen, and whether a massage is out of the question.

The five levels are those of the urgent-care lists the red flags come from, brought to five steps by
judgement. Both scales are ordered: the highest that applies is the one that counts, so nothing that is
added can lower it.
"""

from __future__ import annotations

import enum


class _Level(enum.IntEnum):
    """A level that is shown by its name: 3 alone would say little."""

    def __str__(self) -> str:
        return self.name

    def __format__(self, spec: str) -> str:
        return format(self.name, spec)


class Urgency(_Level):
    """How soon to act, lowest first.

    >>> Urgency.SEE_DOCTOR < Urgency.EMERGENCY
    True
    >>> print(Urgency.SAME_DAY)
    SAME_DAY
    """

    SELF_CARE = 1
    STOP_AND_REST = 2
    SEE_DOCTOR = 3
    SAME_DAY = 4
    EMERGENCY = 5


class Contraindication(_Level):
    """Whether to have the massage, asked before it, lowest first."""

    NONE = 0
    ASK_DOCTOR_FIRST = 1
    DO_NOT_MASSAGE = 2

    @classmethod
    def implied_by(cls, urgency: Urgency) -> Contraindication:
        """What a red flag of this urgency means for a massage that has not begun."""
        if urgency >= Urgency.SAME_DAY:
            return cls.DO_NOT_MASSAGE
        return cls.ASK_DOCTOR_FIRST if urgency >= Urgency.SEE_DOCTOR else cls.NONE
