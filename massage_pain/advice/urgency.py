"""How soon something has to happen, and whether a massage is out of the question.

The five levels are those of the urgent-care lists the red flags come from, brought to five steps by
judgement. Both scales are ordered: the highest that applies is the one that counts, so nothing that is
added can lower it.
"""

from __future__ import annotations

import enum


class Urgency(enum.IntEnum):
    """How soon to act, lowest first.

    >>> Urgency.SEE_DOCTOR < Urgency.EMERGENCY
    True
    """

    SELF_CARE = 1
    STOP_AND_REST = 2
    SEE_DOCTOR = 3
    SAME_DAY = 4
    EMERGENCY = 5


class Contraindication(enum.IntEnum):
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
