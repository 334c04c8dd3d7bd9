"""Interviews: immutable, replayable, ended when enough is known."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import massage_pain as mp
from massage_pain.reasoning.interview import Interview
from tests.benchmarks import interviews
from tests.reasoning.worlds import assessor_of, layered

SAFE_AND_SOUND = {"age": 40}


@pytest.fixture
def begun(back: mp.Reasoner) -> Interview:
    return back.interview({"local_numbness": "present"}, draws=50)


def undecided() -> Interview:
    """An interview about a small network that has something to ask."""
    found = (mp.Reasoner(layered(seed)).interview() for seed in range(50))
    return next(each for each in found if not each.done)


def answered(now: Interview, truth: dict[str, object]) -> Interview:
    """The interview after a truthful answer; what the truth does not hold is a no."""
    assert now.question is not None
    states = {name: now.network.variable(name).states for name in now.question.variables}
    return now.answer({name: truth.get(name, each[0] if each else 40) for name, each in states.items()})


def test_it_begins_with_safety_and_ends(begun: Interview) -> None:
    asked = []
    now = begun
    while not now.done:
        assert now.question is not None
        asked.append(now.question.safety)
        now = answered(now, SAFE_AND_SOUND)
    assert asked[0]
    assert now.question is None
    assert now.why.startswith("Done")
    assert len(now.transcript) == len(now.steps) == len(asked)
    assert now.assessment.urgency == mp.load().assess(now.case).urgency
    assert not now.assessment.provisional


def test_a_soft_no_to_a_safety_question_is_no_end_and_no_denial(back: mp.Reasoner) -> None:
    doubt = mp.Likelihood(absent=0.9, present=0.1)
    now = back.interview({"saddle_numbness": doubt}, draws=50)
    assert now.questions.to_dict()["same_decision"]["probability"] > 0.0  # looked ahead, whole cases drawn
    while not now.done:
        assert now.question is not None
        assert "saddle_numbness" not in now.question.variables
        now = answered(now, SAFE_AND_SOUND)
    assert now.questions.unsure == ("saddle_numbness",)
    assert now.assessment.provisional


def test_an_answer_leaves_the_interview_before_it_as_it_was(begun: Interview) -> None:
    before = begun.to_dict()
    after = begun.none()
    assert begun.to_dict() == before
    assert after.steps != begun.steps
    assert after.back().to_dict() == before
    with pytest.raises(AttributeError):
        begun.steps = ()  # type: ignore[misc]


@settings(max_examples=8)
@given(st.lists(st.sampled_from(["none", "unsure", "present", "back"]), max_size=12), st.integers(0, 99))
def test_any_walk_is_replayed_from_its_record(back: mp.Reasoner, walk: list[str], pick: int) -> None:
    now = back.interview({"aching": "present"}, draws=20)
    for step in walk:
        if step == "back":
            now = now.back() if now.steps else now
        elif now.done:
            break
        else:
            question = now.question
            assert question is not None
            if step == "unsure":
                now = now.unsure()
            elif step == "none" and question.none_of_these:
                now = now.none()
            elif question.numeric is not None:
                now = now.answer(30)
            else:
                name = question.variables[pick % len(question.variables)]
                now = now.answer({name: now.network.variable(name).states[-1]})
    record = json.loads(json.dumps(now.to_dict(), allow_nan=False))
    again = back.interview(record=record)
    assert again.to_dict() == now.to_dict()
    assert again.case == now.case


def test_naming_one_thing_leaves_the_others_open(begun: Interview) -> None:
    assert begun.question is not None
    group = begun.question.variables
    assert len(group) > 2
    name = "foot_drop"
    assert name in group
    after = begun.answer({name: True})
    assert after.case[name] == "present"
    assert not set(group) - {name} & set(after.case)
    assert after.question is not None
    assert set(after.question.variables) <= set(group) - {name}
    whole = begun.answer({name: True}, others="absent")
    assert all(whole.case[each] == "absent" for each in group if each != name)
    assert whole.transcript[-1][1] == "Foot drop: yes; none of the others"


def test_none_and_unsure_answer_the_whole_group(begun: Interview) -> None:
    assert begun.question is not None
    group = begun.question.variables
    assert {begun.none().case[name] for name in group} == {"absent"}
    assert {begun.unsure().case[name] for name in group} == {mp.UNSURE}
    assert begun.none().transcript[-1][1] == "none of these"
    frame = begun.none().to_frame()
    assert list(frame.columns) == ["question", "variables", "answer", "safety"]
    assert [tuple(row) for row in frame.itertuples(index=False)] == [
        (begun.question.text, ", ".join(group), "none of these", True)
    ]
    assert begun.to_frame().empty
    assert begun.unsure().transcript[-1][1] == "cannot tell"


def test_an_emergency_ends_it_at_once(begun: Interview) -> None:
    after = begun.answer(saddle_numbness=True)
    assert after.done
    assert after.question is None
    assert after.assessment.urgency is mp.Urgency.EMERGENCY
    assert "emergency services" in after.why


def test_one_thing_is_answered_by_its_state_a_number_or_a_likelihood(back: mp.Reasoner) -> None:
    now = undecided()
    assert now.question is not None
    name = now.question.variables[0]
    states = list(now.question.options)
    assert now.answer(states[-1]).case[name] == states[-1]
    weights = mp.Likelihood(dict.fromkeys(states, 0.5) | {states[0]: 0.9})
    assert now.answer(weights).case[name] == weights
    assert now.answer(mp.UNSURE).case[name] is mp.UNSURE
    old = back.interview({e.id: "absent" for e in back.network.screening if e.numeric is None}, draws=20)
    while old.question is not None and old.question.variables != ("age",):
        old = answered(old, {})
    assert old.question is not None
    assert old.question.numeric == (0.0, 120.0)
    assert old.answer(71).case["age"] == 71


def test_wrong_answers_change_nothing_and_say_why(begun: Interview) -> None:
    before = begun.to_dict()
    for act, sentence in (
        (lambda: begun.answer("present"), "The question asks after several things; say which: answer("),
        (lambda: begun.answer(), "No answer was given; unsure() says that one cannot tell."),
        (lambda: begun.answer({"fever": True}), "The present question does not ask for 'fever'; it asks for"),
        (lambda: begun.answer(saddle_numbness="yes"), "Unknown state 'yes' for saddle_numbness."),
        (lambda: begun.answer(saddle_numbness=True, others="no"), "'None of these' cannot be said of"),
        (begun.back, "This is the beginning of the interview: there is no answer to take back."),
    ):
        with pytest.raises(mp.MassagePainError) as refused:
            act()
        assert str(refused.value).startswith(sentence)
    assert begun.to_dict() == before


def test_a_finished_interview_takes_no_answer(begun: Interview) -> None:
    done = begun.answer(saddle_numbness=True)
    for act in (done.none, done.unsure, lambda: done.answer("present")):
        with pytest.raises(
            mp.EvidenceError, match=r"The interview is done; there is no question to answer\."
        ):
            act()


def test_a_graded_question_takes_no_none() -> None:
    with pytest.raises(mp.EvidenceError, match="it asks for one thing"):
        undecided().none()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda r: {**r, "kind": "monitor"}, "A record of kind 'interview'"),
        (lambda r: {k: v for k, v in r.items() if k != "steps"}, "The record lacks steps."),
        (
            lambda r: {**r, "network": {**r["network"], "content_hash": "0"}},
            "The record was kept with other network",
        ),
        (
            lambda r: {**r, "network": {**r["network"], "rules_hash": "0"}},
            "The record was kept with other rules",
        ),
        (lambda r: [], "A record of kind 'interview'"),
        (lambda r: {**r, "steps": {}}, "The whole of the record has a wrong 'steps': {}."),
        (lambda r: {**r, "steps": [3]}, "Step 0 of the record must be a mapping, got 3."),
        (lambda r: {**r, "steps": [{}]}, "Step 0 of the record lacks 'answers'."),
        (lambda r: {**r, "start": [1]}, "A case is made from keywords or one mapping"),
        (
            lambda r: {**r, "steps": [{"answers": {"fever": "absent"}, "variables": ["aching"]}]},
            "Step 0 of the record answers what it did not ask.",
        ),
    ],
)
def test_a_record_that_does_not_belong_is_refused(
    back: mp.Reasoner, begun: Interview, spoil: object, sentence: str
) -> None:
    record = spoil(begun.to_dict())  # type: ignore[operator]
    with pytest.raises(mp.EvidenceError) as refused:
        back.interview(record=record)
    assert str(refused.value).startswith(sentence)


def test_without_rules_it_asks_until_the_likeliest_cause_is_settled() -> None:
    now = undecided()
    while not now.done:
        assert now.question is not None
        assert not now.question.safety
        now = now.answer(next(iter(now.question.options)))
    assert now.assessment.urgency is None
    assert assessor_of(now.network).assess(now.case).top_cause == now.assessment.top_cause


def test_it_is_shown_and_kept(begun: Interview) -> None:
    now = begun.none()
    assert "1 question answered" in str(now).lower().replace("one", "1")
    assert "<script" not in now._repr_html_()
    assert repr(now).startswith("<Interview: 1 answered; next: ")


def test_the_figures_of_the_page_can_be_made(back: mp.Reasoner) -> None:
    people = interviews.cases(back, 2, seed=3)
    rng = np.random.default_rng(3)
    found = interviews.outcomes([(truth, interviews.told_first(back, truth, rng, 2)) for truth in people])
    assert len(found) == 2
    assert all(each.safety > 0 for each in found)
    text = interviews.table(found, 2)
    assert "2 simulated cases" in text
    assert interviews.BEGIN in interviews.PAGE.read_text(encoding="utf-8")
