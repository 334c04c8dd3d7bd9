"""A massage watched over: what was once a reason to stop stays one, and the log gives the monitor again."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import massage_pain as mp
from massage_pain.errors import EvidenceError
from massage_pain.reasoning.monitor import Monitor, monitor
from massage_pain.reasoning.session_reasons import SessionAction
from tests.reasoning.worlds import assessor_of, layered, small_assessor

OBSERVED = (
    {},
    {"massage_pressure": "excessive"},
    {"massage_pressure": "light"},
    {"focal_pressure": "present"},
    {"back_pain": "present"},
    {"back_pain": "absent"},
    {"local_numbness": "present"},
    {"local_numbness": "absent"},
    {"limb_numbness": "unsure"},
    {"limb_weakness": "present"},
    {"chest_pain": "present"},
    {"chest_pain": "absent"},
    {"age": 71},
    {"radiating_pain": "below_knee_or_elbow"},
    {"radiating_pain": "none"},
)


@pytest.fixture
def begun(back: mp.Reasoner) -> Monitor:
    return back.monitor({"massage_pressure": "firm"})


@pytest.mark.parametrize(
    ("findings", "action"),
    [
        ({}, "CONTINUE"),
        ({"massage_pressure": "excessive"}, "EASE_OFF"),
        ({"back_pain": True}, "STOP"),
        ({"local_numbness": True}, "STOP"),
        ({"limb_numbness": True}, "STOP"),  # numb or tingling
        ({"muscle_spasm": True}, "STOP"),
        ({"local_tenderness": mp.Likelihood(present=0.8, absent=0.2)}, "STOP"),
        ({"local_tenderness": mp.Likelihood(present=0.1, absent=0.9)}, "EASE_OFF"),
        ({"limb_numbness": mp.UNSURE}, "EASE_OFF"),
        ({"limb_weakness": True}, "STOP_AND_GET_HELP_TODAY"),
        ({"sweating_or_faintness": True}, "STOP_AND_GET_HELP_TODAY"),
        ({"chest_pain": True}, "STOP_AND_CALL_FOR_HELP"),
        ({"saddle_numbness": True}, "STOP_AND_CALL_FOR_HELP"),
        ({"aching": False, "chest_pain": False}, "CONTINUE"),
    ],
)
def test_what_an_observation_means(begun: Monitor, findings: dict[str, object], action: str) -> None:
    assert begun.observe(1, findings).action.name == action


def test_what_forbids_a_massage_stops_it_and_what_a_doctor_should_know_eases_it(back: mp.Reasoner) -> None:
    forbidden = back.monitor({"fever": "present"})
    assert forbidden.action >= SessionAction.STOP
    careful = back.monitor({"anticoagulant": "present"})
    assert careful.action is SessionAction.EASE_OFF
    assert careful.standing[0].id.startswith("contraindication:")


def test_before_anything_hurts_there_is_nothing_to_explain(back: mp.Reasoner) -> None:
    begun = back.monitor({})
    assert begun.action is SessionAction.CONTINUE
    assert begun.standing == ()
    assert back.monitor({"osteoporosis": "absent", "age": 60, "previous_back_pain": "absent"}).action < 2


@settings(max_examples=30)
@given(st.lists(st.sampled_from(OBSERVED), max_size=7))
def test_stopping_is_never_taken_back_unasked(back: mp.Reasoner, seen: list[dict[str, object]]) -> None:
    now = back.monitor({})
    gravest = SessionAction.CONTINUE
    stood: set[str] = set()
    for minute, findings in enumerate(seen):
        before, standing = now.to_dict(), {e.id for e in now.standing if e.action >= SessionAction.STOP}
        after = now.observe(minute, findings)
        assert now.to_dict() == before  # the monitor before it is as it was
        if gravest >= SessionAction.STOP:
            assert after.action >= gravest
        assert standing <= {e.id for e in after.standing}
        gravest, now = max(gravest, after.action), after
        stood |= {e.id for e in now.standing if e.action >= SessionAction.STOP}
    assert stood == {e.id for e in now.standing if e.action >= SessionAction.STOP}
    again = back.monitor(record=json.loads(json.dumps(now.to_dict(), allow_nan=False)))
    assert again.to_dict() == now.to_dict()


@settings(max_examples=15)
@given(st.lists(st.sampled_from(OBSERVED), max_size=4), st.sampled_from(OBSERVED))
def test_an_observation_is_never_milder_than_it_would_be_alone(
    back: mp.Reasoner, seen: list[dict[str, object]], last: dict[str, object]
) -> None:
    """Red flags and reports stand beside the chances: nothing said before can outweigh them."""
    now = back.monitor({})
    for minute, findings in enumerate(seen):
        now = now.observe(minute, findings)
    alone = {
        e.id
        for e in back.monitor({}).observe(9, last).standing
        if e.id.split(":")[0] in ("red_flag", "reported")
    }
    assert alone <= {e.id for e in now.observe(9, last).standing}


def test_a_reason_is_cleared_by_name_once_it_no_longer_holds(begun: Monitor) -> None:
    numb = begun.observe(3, local_numbness=True)
    ids = [each.id for each in numb.standing]
    assert "reported:local_numbness" in ids
    with pytest.raises(mp.EvidenceError) as refused:
        numb.clear("reported:local_numbness", 4, "therapist")
    assert str(refused.value).startswith("'reported:local_numbness' still holds: Numb patch on the back: yes")
    gone = numb.observe(5, local_numbness=False)
    assert gone.action is SessionAction.STOP
    assert not any(each.holds for each in gone.standing)
    assert {each.since for each in gone.standing} == {3}
    for each in gone.standing:
        gone = gone.clear(each.id, 6, "therapist")
    assert gone.action is SessionAction.CONTINUE
    assert gone.log[-1].by == "therapist"
    assert gone.observe(7, local_numbness=True).action is SessionAction.STOP


def test_clearing_says_who_and_what(begun: Monitor) -> None:
    gone = begun.observe(3, local_numbness=True).observe(4, local_numbness=False)
    before = gone.to_dict()
    for act, sentence in (
        (
            lambda: gone.clear("reported:local_numbnes", 5, "me"),
            "Unknown reason 'reported:local_numbnes'. Did you mean",
        ),
        (
            lambda: gone.clear("reported:local_numbness", 5, " "),
            "Who clears a reason must be said (by=...), got ' '.",
        ),
        (
            lambda: gone.clear("reported:local_numbness", 2, "me"),
            "A session goes forward in time: 2 is before 4.",
        ),
    ):
        with pytest.raises(mp.EvidenceError) as refused:
            act()
        assert str(refused.value).startswith(sentence)
    assert gone.to_dict() == before


def test_easing_off_comes_and_goes(begun: Monitor) -> None:
    harder = begun.observe(1, massage_pressure="excessive")
    assert harder.action is SessionAction.EASE_OFF
    assert "has risen from" in harder.reasons[0]
    assert harder.observe(2, massage_pressure="firm").action is SessionAction.CONTINUE


def test_pain_there_before_is_no_reason_by_itself_but_pain_said_now_is(back: mp.Reasoner) -> None:
    begun = back.monitor({"aching": "present"})
    assert "reported:aching" not in {each.id for each in begun.standing}
    assert "reported:aching" in {each.id for each in begun.observe(1, aching="present").standing}


@pytest.mark.parametrize(
    ("times", "sentence"),
    [
        ((5, 4), "A session goes forward in time: 4 is before 5."),
        ((1, "2025-01-01T10:00"), "The times of one session are all numbers or all dates; after 1 came"),
        ((float("nan"),), "A time must be a number (minutes, say), a datetime or ISO 8601 text, got nan."),
        ((True,), "A time must be a number (minutes, say), a datetime or ISO 8601 text, got True."),
        (
            ("half past",),
            "A time must be a number (minutes, say), a datetime or ISO 8601 text, got 'half past'.",
        ),
        (("2025-01-01T10:00", "2025-01-01T10:00+01:00"), "One of the times '2025-01-01T10:00:00' and"),
    ],
)
def test_wrong_times_are_refused(begun: Monitor, times: tuple[object, ...], sentence: str) -> None:
    now = begun
    for time in times[:-1]:
        now = now.observe(time)
    with pytest.raises(mp.EvidenceError) as refused:
        now.observe(times[-1])
    assert str(refused.value).startswith(sentence)


def test_dates_are_kept_as_text(begun: Monitor) -> None:
    at = datetime.datetime(2025, 1, 21, 10, 30, tzinfo=datetime.UTC)
    now = begun.observe(at).observe("2025-01-21T12:00:00+01:00")
    assert [each.time for each in now.log] == ["2025-01-21T10:30:00+00:00", "2025-01-21T12:00:00+01:00"]


def test_wrong_findings_change_nothing(begun: Monitor) -> None:
    before = begun.to_dict()
    with pytest.raises(mp.UnknownVariableError, match="local_numbnes"):
        begun.observe(1, local_numbnes=True)
    with pytest.raises(mp.UnknownStateError, match="Unknown state 'yes'"):
        begun.observe(1, local_numbness="yes")
    assert begun.to_dict() == before


def test_a_changed_log_is_refused(back: mp.Reasoner, begun: Monitor) -> None:
    record = begun.observe(1, chest_pain=True).to_dict()
    record["log"][0]["action"] = "CONTINUE"
    with pytest.raises(mp.EvidenceError, match="Entry 0 of the log says 'CONTINUE', but what was observed"):
        back.monitor(record=record)
    with pytest.raises(mp.EvidenceError, match="A record of kind 'monitor'"):
        back.monitor(record={"kind": "interview"})
    for spoiled, sentence in (
        ({"log": 3}, "The whole of the record has a wrong 'log': 3."),
        ({"log": ["x"]}, "Entry 0 of the record must be a mapping, got 'x'."),
        ({"log": [{"kind": "observe"}]}, "Entry 0 of the record lacks 'time'."),
        (
            {"log": [{"kind": "observe", "time": 1, "findings": []}]},
            "Entry 0 of the record has a wrong 'findings'",
        ),
    ):
        with pytest.raises(mp.EvidenceError) as refused:
            back.monitor(record={**record, **spoiled})
        assert str(refused.value).startswith(sentence)


def test_any_network_can_be_watched_over(tmp_path: Path) -> None:
    plain = monitor(assessor_of(layered(3)), {})
    assert plain.action is SessionAction.CONTINUE
    network = plain.network
    symptom = network.symptoms[0]
    assert plain.observe(1, {symptom.id: symptom.states[-1]}).action is SessionAction.STOP
    small = monitor(small_assessor(tmp_path), {"press": "light"})
    assert small.observe(1, press="hard").action >= SessionAction.EASE_OFF
    assert small.observe(1, pain=True).action is SessionAction.STOP


def test_it_is_shown_and_kept(begun: Monitor) -> None:
    now = begun.observe(3, local_numbness=True).observe(4, local_numbness=False)
    frame = now.to_frame()
    assert frame["action"].tolist() == ["STOP", "STOP"]
    assert frame["findings"].tolist() == ["local_numbness=present", "local_numbness=absent"]
    assert "stands until somebody clears it" in str(now)
    assert "<script" not in now._repr_html_()
    assert repr(now) == f"<Monitor: STOP; {len(now.standing)} reasons, 2 entries>"


@pytest.mark.parametrize("cut", ["log", "last", "reasons", "action"])
def test_a_record_that_lost_a_part_is_refused(back: mp.Reasoner, cut: str) -> None:
    """A log without its end must not come back as a calmer session."""
    now = back.monitor({}).observe(1, massage_pressure="firm").observe(2, saddle_numbness=True)
    record = json.loads(json.dumps(now.to_dict()))
    assert back.monitor(record=record).action is SessionAction.STOP_AND_CALL_FOR_HELP
    if cut == "log":
        record["log"] = []
    elif cut == "last":
        record["log"].pop()
    elif cut == "reasons":
        record["reasons"].pop()
    else:
        record["action"] = {"name": "CONTINUE", "level": 0}
    with pytest.raises(EvidenceError, match="the log was changed or cut"):
        back.monitor(record=record)


@pytest.mark.parametrize(
    ("said", "action"),
    [
        ("unsure", SessionAction.EASE_OFF),
        (mp.Likelihood(present=0.45, absent=0.55), SessionAction.EASE_OFF),
        (mp.Likelihood(present=0.5, absent=0.5), SessionAction.STOP_AND_CALL_FOR_HELP),
        (mp.Likelihood(present=0.0, absent=1.0), SessionAction.CONTINUE),
        (False, SessionAction.CONTINUE),
    ],
)
@pytest.mark.parametrize("sign", ["saddle_numbness", "chest_pain"])
def test_a_safety_question_that_is_not_settled_is_no_reason_to_go_on_as_before(
    back: mp.Reasoner, sign: str, said: object, action: SessionAction
) -> None:
    assert back.monitor({}).observe(1, {sign: said}).action is action


def test_an_age_nobody_knows_and_a_history_are_no_signs(back: mp.Reasoner) -> None:
    assert back.monitor({}).observe(1, age="unsure").action is SessionAction.CONTINUE


def test_what_is_no_time_and_no_reason_is_refused(back: mp.Reasoner) -> None:
    with pytest.raises(EvidenceError, match="A time must be a number"):
        back.monitor({}).observe(10**400)
    wrong: object = []
    with pytest.raises(EvidenceError, match="Unknown reason"):
        back.monitor({}).clear(wrong, 1, "me")
