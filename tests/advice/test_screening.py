"""Before a massage: what speaks against it, what is still open, what could be changed."""

from __future__ import annotations

import json
from typing import Any

import pytest

import massage_pain as mp
from massage_pain.advice.urgency import Contraindication, Urgency
from tests.advice.small import small_network, small_rules

NETWORK = small_network()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> mp.Reasoner:
    return mp.Reasoner(NETWORK, rules=small_rules(tmp_path_factory.mktemp("rules"), NETWORK))


@pytest.mark.parametrize(
    ("case", "level", "urgency"),
    [
        ({}, Contraindication.NONE, Urgency.SELF_CARE),
        ({"thinner": True}, Contraindication.ASK_DOCTOR_FIRST, Urgency.SELF_CARE),
        ({"pain": True, "radiates": "thigh"}, Contraindication.DO_NOT_MASSAGE, Urgency.SELF_CARE),
        ({"radiates": "thigh"}, Contraindication.NONE, Urgency.SELF_CARE),  # nobody said that it hurts
        ({"age": 60, "before": False}, Contraindication.ASK_DOCTOR_FIRST, Urgency.SEE_DOCTOR),
        ({"fever": True}, Contraindication.NONE, Urgency.SELF_CARE),
        ({"fever": True, "pain": True}, Contraindication.DO_NOT_MASSAGE, Urgency.SAME_DAY),
        ({"numb": True}, Contraindication.DO_NOT_MASSAGE, Urgency.EMERGENCY),
    ],
)
def test_rules_and_red_flags_speak_against_it(
    small: mp.Reasoner, case: dict[str, Any], level: Contraindication, urgency: Urgency
) -> None:
    seen = small.screen(case)
    assert seen.contraindication is level
    assert seen.urgency is urgency
    assert max((each.level for each in seen.reasons), default=Contraindication.NONE) is level


def test_reasons_name_the_answers_strongest_first(small: mp.Reasoner) -> None:
    seen = small.screen({"thinner": True, "numb": True, "pain": True, "radiates": "foot"})
    assert [(each.id, each.level.name) for each in seen.reasons] == [
        ("numbness", "DO_NOT_MASSAGE"),
        ("sore_already", "DO_NOT_MASSAGE"),
        ("bleeding", "ASK_DOCTOR_FIRST"),
    ]
    assert seen.reasons[1].because == ("Back pain: yes", "Pain down a limb: foot")
    assert [each.kind for each in seen.advice] == ["seek_care"]


def test_open_questions_say_what_they_could_forbid(small: mp.Reasoner) -> None:
    found = {each.variable: each for each in small.screen({"numb": False}).unscreened}
    assert found["thinner"].urgency is None
    assert found["thinner"].contraindication is Contraindication.ASK_DOCTOR_FIRST
    assert found["pain"].urgency is Urgency.SAME_DAY
    assert found["pain"].contraindication is Contraindication.DO_NOT_MASSAGE
    assert "ulcer" not in found
    settled = {"numb": False, "fever": False, "thinner": False, "radiates": "none", "before": True}
    assert not small.screen(settled).provisional


def test_the_complaint_is_left_open_and_its_chance_is_said(small: mp.Reasoner) -> None:
    seen = small.screen({"press": "hard", "cold": True})
    assert seen.complaint is not None
    everything = mp.CompiledNetwork(NETWORK).marginals([{"press": "hard", "cold": True}, {}], "pain")["pain"]
    assert seen.complaint.probability == pytest.approx(everything[0, 1], abs=1e-12)
    assert seen.complaint.before == pytest.approx(everything[1, 1], abs=1e-12)
    lowest = {"press": "light", "cold": False, "before": False}
    assert seen.complaint.no_factor == pytest.approx(
        mp.CompiledNetwork(NETWORK).marginals(lowest, "pain")["pain"][0, 1], abs=1e-12
    )
    assert seen.before.probabilities == small.screen({}).posterior.probabilities


def test_changes_are_ranked_by_what_they_spare(small: mp.Reasoner) -> None:
    seen = small.screen({"press": "hard", "cold": True, "before": True})
    assert [(each.variable, each.state, each.to) for each in seen.change] == [
        ("press", "hard", "light"),
        ("cold", "present", "absent"),
    ]
    assert seen.complaint is not None
    for each in seen.change:
        other = small.screen({**seen.case, each.variable: each.to}).complaint
        assert other is not None
        assert each.probability == pytest.approx(other.probability, abs=1e-12)
        assert each.fewer_in_100 == pytest.approx(100 * (seen.complaint.probability - other.probability))
    assert small.screen({"press": "light", "cold": mp.UNSURE}).change == ()


def test_advice_before_a_massage_is_its_own(small: mp.Reasoner) -> None:
    found = small.screen({"press": "hard"}).advice
    assert [(each.id, each.because) for each in found] == [
        ("lighter", "Because pressure of the massage: hard."),
        ("tell", ""),
    ]


@pytest.mark.parametrize("case", [{}, {"thinner": True, "age": 70.0}, {"numb": True, "press": "hard"}])
def test_a_record_is_plain_json_and_can_be_replayed(small: mp.Reasoner, case: dict[str, Any]) -> None:
    record = small.screen(case).to_dict()
    written = json.dumps(record, allow_nan=False)
    assert small.screen(json.loads(written)["findings"]).to_dict() == record
    assert record["kind"] == "screening"
    assert set(record["complaint_probability"]) == {"label", "probability", "before", "no_factor"}


def test_a_network_without_rules_or_complaint_is_screened_for_its_chances_alone() -> None:
    seen = mp.Reasoner(NETWORK).screen({"numb": True})
    assert (seen.contraindication, seen.urgency, seen.reasons) == (None, None, ())
    assert seen.complaint is not None
    assert repr(seen).startswith("<Screening: no rules, pain ")
    plain = mp.Reasoner(NETWORK, causes={"pain": "present"}).screen({})
    assert plain.to_dict()["contraindication"] is None
