"""One case in, urgency, warning signs, advice and reasons out: on a small network with rules of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import massage_pain as mp
from massage_pain.advice.counsel import Advice
from massage_pain.advice.urgency import Urgency
from massage_pain.knowledge.toml_reader import read_toml_network
from tests.advice.small import NETWORK as NETWORK_TEXT
from tests.advice.small import small_network, small_rules

NETWORK = small_network()
ALL_NO = {"fever": False, "numb": False, "before": True, "thinner": False, "ulcer": False, "age": 30}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> mp.Reasoner:
    return mp.Reasoner(NETWORK, rules=small_rules(tmp_path_factory.mktemp("rules"), NETWORK))


def ids(found: tuple[Advice, ...]) -> list[str]:
    return [each.id for each in found]


# -- urgency and warning signs -----------------------------------------------------------------------


def test_urgency_is_the_highest_that_applies(small: mp.Reasoner) -> None:
    assert small.assess({}).urgency is Urgency.SELF_CARE
    assert small.assess({"press": "hard"}).urgency is Urgency.STOP_AND_REST
    assert small.assess({"age": 50, "before": False}).urgency is Urgency.SEE_DOCTOR
    assert small.assess({"fever": True}).urgency is Urgency.SAME_DAY
    assert small.assess({"fever": True, "age": 50, "before": False}).urgency is Urgency.SAME_DAY
    assert small.assess({"numb": True}).urgency is Urgency.EMERGENCY


def test_a_red_flag_names_the_answers_that_raised_it(small: mp.Reasoner) -> None:
    seen = small.assess({"fever": True, "radiates": "foot", "numb": True, "press": "hard"})
    assert [each.id for each in seen.red_flags] == ["numbness", "fever"]
    first, second = seen.red_flags
    assert first.because == ("Numb between the legs: yes", "Fever: yes", "Pain down a limb: foot")
    assert second.because == ("Fever: yes",)  # the complaint is why one asks, and no reason


def test_the_complaint_is_taken_for_granted_even_when_denied(small: mp.Reasoner) -> None:
    for answer in ({}, {"pain": True}, {"pain": mp.UNSURE}, {"pain": False}):
        assert small.assess({"fever": True, **answer}).urgency is Urgency.SAME_DAY


def test_soft_evidence_raises_a_flag_unless_something_else_is_likelier(small: mp.Reasoner) -> None:
    even = mp.Likelihood(none=0.5, thigh=0.2, foot=0.5)
    assert small.assess({"fever": True, "radiates": even}).urgency is Urgency.EMERGENCY
    unlikely = mp.Likelihood(none=0.9, thigh=0.2, foot=0.5)
    seen = small.assess({"fever": True, "radiates": unlikely})
    assert seen.urgency is Urgency.SAME_DAY
    found = [(each.variable, each.unsure) for each in seen.unscreened]
    assert found == [("radiates", True), ("numb", False)]


# -- what was not asked --------------------------------------------------------------------------------


def test_open_questions_are_named_with_what_they_could_raise(small: mp.Reasoner) -> None:
    seen = small.assess({"before": mp.UNSURE})
    found = [(q.variable, q.urgency, q.alone, q.raised_by, q.unsure) for q in seen.unscreened]
    assert found == [
        ("numb", Urgency.EMERGENCY, Urgency.EMERGENCY, "yes", False),
        ("fever", Urgency.EMERGENCY, Urgency.SAME_DAY, "yes", False),
        ("radiates", Urgency.EMERGENCY, None, "foot", False),
        ("before", Urgency.SEE_DOCTOR, None, "no", True),
        ("age", Urgency.SEE_DOCTOR, None, "50 years or more", False),
    ]
    assert seen.unscreened[1].question == "Do you have a fever?"
    assert seen.provisional


def test_a_question_is_closed_by_any_answer_that_settles_its_rule(small: mp.Reasoner) -> None:
    seen = small.assess({"fever": False, "before": True})
    assert [each.variable for each in seen.unscreened] == ["numb"]
    assert not small.assess(ALL_NO).provisional
    assert small.assess({**ALL_NO, "numb": mp.UNSURE}).provisional
    assert not small.assess({"numb": True}).provisional  # nothing is above an emergency


def test_a_question_that_could_not_raise_the_urgency_is_not_named(small: mp.Reasoner) -> None:
    seen = small.assess({"fever": True, "radiates": "none"})
    assert seen.urgency is Urgency.SAME_DAY
    assert [each.variable for each in seen.unscreened] == ["numb"]


# -- advice --------------------------------------------------------------------------------------------


def test_advice_gives_the_satisfied_clause_as_its_reason(small: mp.Reasoner) -> None:
    seen = small.assess({"press": "hard", "stiff": True, **ALL_NO})
    by_id = {each.id: each for each in seen.advice}
    assert by_id["stop"].because == (
        "Because muscle strain is the most likely cause (99%) and pressure of the massage: hard."
    )
    assert by_id["warm"].because == "Because muscle strain is likely (99%) and fever: no."
    assert by_id["medicine"].because == "Because muscle strain is likely (99%)."
    assert by_id["lighter"].kind == "prevention"
    assert [each.urgency for each in seen.advice] == sorted((e.urgency for e in seen.advice), reverse=True)


def test_not_wants_a_denial_and_no_silence(small: mp.Reasoner) -> None:
    assert "warm" not in ids(small.assess({"stiff": True}).advice)
    assert "warm" not in ids(small.assess({"stiff": True, "fever": mp.UNSURE}).advice)
    assert "warm" in ids(small.assess({"stiff": True, "fever": False}).advice)


def test_a_medicine_note_carries_cautions_and_is_withheld_where_forbidden(small: mp.Reasoner) -> None:
    (note,) = [each for each in small.assess({"stiff": True}).advice if each.kind == "medicine_note"]
    assert note.cautions == "Only one of its kind; ask a pharmacist."
    assert note.provenance
    for forbidden in ("thinner", "ulcer"):
        assert "medicine" not in ids(small.assess({"stiff": True, forbidden: True}).advice)
    assert "medicine" in ids(small.assess({"stiff": True, "thinner": False}).advice)


def test_an_emergency_stands_alone(small: mp.Reasoner) -> None:
    seen = small.assess({"numb": True, "fever": True, "press": "hard", "stiff": True})
    (only,) = seen.advice
    assert (only.id, only.kind, only.urgency) == ("numbness", "seek_care", Urgency.EMERGENCY)
    assert only.because == "Because numb between the legs: yes."
    assert only.sources == ("book",)
    assert [each.id for each in seen.red_flags] == ["numbness", "fever"]


def test_the_same_day_leaves_nothing_that_comforts(small: mp.Reasoner) -> None:
    seen = small.assess({"fever": True, "stiff": True, "press": "hard", "age": 70, "before": False})
    assert ids(seen.advice) == ["fever", "stop", "flagged", "lighter"]
    assert ids(small.assess({"age": 70, "before": False}).advice) == ["old_and_new", "move", "medicine"]


def test_flags_and_rules_that_ask_for_the_same_ask_once(small: mp.Reasoner) -> None:
    seen = small.assess({"age": 70, "before": False, "radiates": "foot", "fever": False})
    (asked,) = [each for each in seen.advice if each.kind == "seek_care"]
    assert asked.id == "old_and_new"
    assert asked.because == (
        "Because age: 70 years and had it before: no. Because nerve trouble is likely (86%)."
    )
    assert asked.sources == ("book", "paper")


def test_advice_may_ask_whether_a_flag_is_raised(small: mp.Reasoner) -> None:
    found = {each.id: each.because for each in small.assess({"fever": True}).advice}
    assert found["flagged"] == "Because there is a warning sign (fever with pain)."


# -- chances -------------------------------------------------------------------------------------------


def test_the_complaint_counts_as_present_unless_the_case_says_otherwise(small: mp.Reasoner) -> None:
    plain = small.assess({"stiff": True})
    assert plain.complaint_assumed
    said = small.assess({"stiff": True, "pain": True})
    assert not said.complaint_assumed
    assert said.posterior.probabilities == plain.posterior.probabilities
    assert said.before.probabilities == plain.before.probabilities
    left_open = small.assess({"stiff": True, "pain": mp.UNSURE})
    assert left_open.posterior.probabilities["strain"] < plain.posterior.probabilities["strain"]
    assert left_open.before.probabilities["strain"] < plain.before.probabilities["strain"]
    denied = small.assess({"stiff": True, "pain": False})
    assert denied.posterior.probabilities["strain"] < left_open.posterior.probabilities["strain"]


def test_before_is_with_nothing_but_the_complaint(small: mp.Reasoner) -> None:
    assert small.assess({"stiff": True}).before.probabilities == small.assess({}).posterior.probabilities


def test_it_rests_on_the_numbers_between_the_first_cause_and_the_findings(small: mp.Reasoner) -> None:
    seen = small.assess({"press": "hard", "cold": False, "stiff": True, "fever": False})
    assert [each.parameter for each in seen.rests_on] == [
        ("strain", "link", "press", "hard", "present"),
        ("strain", "leak", "present"),
        ("stiff", "link", "strain", "present", "present"),
    ]
    first = seen.rests_on[0]
    assert first.key == "Pressure of the massage: hard brings about muscle strain"
    assert (first.value, first.low, first.high, first.grade, first.sources, first.note) == (
        *(0.5, 0.3, 0.7, "A", ("paper",), "a trial"),
    )
    assert seen.rests_on[1].key == "leak of muscle strain (none of the named factors)"
    assert seen.rests_on[2].key == "Stiff muscles, when muscle strain is the only cause"


# -- records -------------------------------------------------------------------------------------------


CASES: list[dict[str, Any]] = [
    {},
    {"press": "hard", "stiff": True, "age": 70.0},
    {"fever": True, "numb": mp.UNSURE, "radiates": mp.Likelihood(foot=0.2, thigh=0.7, none=0.7)},
    {"numb": True, "pain": True, "before": False},
    {"pain": mp.UNSURE, "age": 33.5},
]


@pytest.mark.parametrize("case", CASES)
def test_a_record_is_plain_json_and_can_be_replayed(small: mp.Reasoner, case: dict[str, Any]) -> None:
    seen = small.assess(case)
    record = seen.to_dict()
    written = json.dumps(record, allow_nan=False)
    assert small.assess(json.loads(written)["findings"]).to_dict() == record
    backwards = dict(reversed(list(case.items())))
    assert small.assess(backwards).to_dict() == record


def test_the_record_has_what_a_display_needs(small: mp.Reasoner) -> None:
    record = small.assess(
        {"age": 70.0, "fever": mp.UNSURE, "stiff": mp.Likelihood(present=0.8, absent=0.2), "press": "hard"}
    ).to_dict()
    assert record["kind"] == "assessment"
    assert set(record["network"]) == {"name", "version", "title", "content_hash", "rules_hash"}
    assert record["findings"] == {
        "press": "hard",
        "stiff": {"absent": 0.2, "present": 0.8},
        "age": 70,
        "fever": "unsure",
    }
    assert [(each["variable"], each["answer"]) for each in record["said"]] == [
        ("press", "hard"),
        ("stiff", "probably yes (80%)"),
        ("age", "70 years"),
        ("fever", "cannot tell"),
    ]
    assert record["urgency"] == {"name": "STOP_AND_REST", "level": 2}
    assert record["complaint"] == {"variable": "pain", "label": "Back pain", "assumed": True}
    assert [each["id"] for each in record["causes"]] == ["strain", "nerve"]
    assert record["tie"] == []
    used = {
        key
        for part in ("advice", "rests_on", "red_flags")
        for each in record[part]
        for key in each["sources"]
    }
    assert set(record["sources"]) == used == {"book", "paper"}
    assert record["sources"]["paper"] == {"citation": "A paper.", "url": "https://example.org/paper"}
    assert record["disclaimer"] == "For learning and decision support. Not a medical device."


def test_a_network_without_rules_is_not_judged() -> None:
    seen = mp.Reasoner(NETWORK).assess({"numb": True})
    assert seen.urgency is None
    assert (seen.advice, seen.red_flags, seen.unscreened, seen.provisional) == ((), (), (), False)
    assert seen.to_dict()["urgency"] is None
    assert seen.to_dict()["network"]["rules_hash"] == ""
    assert repr(seen) == "<Assessment: no rules; first strain 83%>"


def test_contradicting_findings_do_not_silence_a_warning_sign(tmp_path: Path) -> None:
    network = read_toml_network(
        NETWORK_TEXT.replace(
            'leak = { value = 0.05, low = 0.02, high = 0.1, source = "book", grade = "C" }\n'
            "links.strain.present = { value = 0.7,",
            'leak = { value = 0, low = 0, high = 0.1, source = "book", grade = "C" }\n'
            "links.strain.present = { value = 0,",
        ).replace("low = 0.5, high = 0.9", "low = 0, high = 0.9"),
        file="network.toml",
        folder=tmp_path,
    )
    never_stiff = mp.Reasoner(network, rules=small_rules(tmp_path, network))
    with pytest.raises(mp.ImpossibleEvidenceError) as caught:
        never_stiff.assess({"stiff": True, "fever": True})
    assert str(caught.value) == (
        "These findings cannot occur together (probability 0): stiff = present. "
        "Warning sign all the same: Fever with pain. Get medical help today."
    )
    assert caught.value.findings == {"stiff": "present"}
    with pytest.raises(mp.ImpossibleEvidenceError, match=r"stiff = present\.$"):
        never_stiff.assess({"stiff": True, "fever": False})
