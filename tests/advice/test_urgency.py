from __future__ import annotations

import pytest

from massage_pain.advice.urgency import Contraindication, Urgency


def test_levels_are_ordered_and_the_highest_counts() -> None:
    assert list(Urgency) == sorted(Urgency)
    assert [each.value for each in Urgency] == [1, 2, 3, 4, 5]
    assert max(Urgency.SELF_CARE, Urgency.EMERGENCY) is Urgency.EMERGENCY
    assert [each.value for each in Contraindication] == [0, 1, 2]


@pytest.mark.parametrize(
    ("urgency", "level"),
    [
        (Urgency.SELF_CARE, Contraindication.NONE),
        (Urgency.STOP_AND_REST, Contraindication.NONE),
        (Urgency.SEE_DOCTOR, Contraindication.ASK_DOCTOR_FIRST),
        (Urgency.SAME_DAY, Contraindication.DO_NOT_MASSAGE),
        (Urgency.EMERGENCY, Contraindication.DO_NOT_MASSAGE),
    ],
)
def test_a_flag_speaks_against_a_massage(urgency: Urgency, level: Contraindication) -> None:
    assert Contraindication.implied_by(urgency) is level
