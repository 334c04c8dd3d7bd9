"""Findings that fit poorly together: a rule reads it, it raises to see a doctor, and it says so."""

from __future__ import annotations

from pathlib import Path

import pytest

import massage_pain as mp
from massage_pain.advice.condition_reader import parse_condition
from massage_pain.advice.conditions import MisfitIs
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.reasoner import Reasoner
from tests.advice.small import ADVICE, small_network, small_rules

POOR = """
[[advice]]
id = "poor"
action = "See a doctor: these findings fit poorly together."
kind = "seek_care"
urgency = "SEE_DOCTOR"
when = { misfit = 0.5 }
source = "book"
"""


@pytest.fixture
def reasoner(tmp_path: Path) -> Reasoner:
    network = small_network()
    return Reasoner(network, rules=small_rules(tmp_path, network, advice=ADVICE + POOR))


def misfit_of(reasoner: Reasoner, case: dict[str, object]) -> float:
    assessor = reasoner._assessor
    _, said = assessor.accepted(case)
    evidence = assessor.with_assumed_complaint(said)
    found = assessor.misfit(evidence, reasoner.engine.propagate(evidence, ()).log_evidence)
    assert found is not None
    return float(found[0])


def test_it_raises_the_urgency_and_says_why(reasoner: Reasoner) -> None:
    poor = {"stiff": "present", "radiates": "foot", "press": "light"}
    assert misfit_of(reasoner, poor) >= 0.5
    seen = reasoner.assess(poor)
    told = next(each for each in seen.advice if each.id == "poor")
    assert told.because == "Because these findings fit poorly together."
    assert seen.urgency is not None
    assert seen.urgency >= mp.Urgency.SEE_DOCTOR
    fine = {"stiff": "present", "press": "hard"}
    assert misfit_of(reasoner, fine) < 0.5
    assert "poor" not in {each.id for each in reasoner.assess(fine).advice}


def test_a_table_of_cases_says_the_same(back: mp.Reasoner) -> None:
    worst = {each.id: each.states[-1] for each in back.network.symptoms if each.id != "limb_weakness"}
    frame = back.simulate(200, seed=3).drop(columns=[each.id for each in back.network.causes])
    frame["back_pain"] = "present"
    frame = frame.astype(object)
    frame.loc[0, list(worst)] = list(worst.values())
    many = back.assess_many(frame)["urgency"]
    for row in range(0, 200, 20):
        assert back.assess(frame.loc[row].to_dict()).urgency.name == many[row]  # type: ignore[union-attr]


def test_the_shipped_network_says_it(back: mp.Reasoner) -> None:
    worst = {each.id: each.states[-1] for each in back.network.symptoms}
    told = [
        each for each in back.assess({**worst, "limb_weakness": "absent"}).advice if "poorly" in each.action
    ]
    assert len(told) == 1
    assert told[0].urgency is mp.Urgency.SEE_DOCTOR
    assert told[0].sources == ("jensen_1991", "judgement")
    assert "jensen_1991" in back.network.sources


def test_a_massage_that_has_not_begun_is_not_measured(back: mp.Reasoner) -> None:
    worst = {each.id: each.states[-1] for each in back.network.symptoms}
    assert "findings_fit_poorly" not in {each.id for each in back.screen(worst).advice}


def test_without_a_rule_that_reads_it_nothing_is_measured(tmp_path: Path) -> None:
    network = small_network()
    plain = Reasoner(network, rules=small_rules(tmp_path, network))
    evidence = plain._assessor.with_assumed_complaint(plain._assessor.accepted({})[1])
    assert (
        plain._assessor.misfit(evidence, CompiledNetwork(network).propagate(evidence, ()).log_evidence)
        is None
    )


@pytest.mark.parametrize("wrong", [0, -1, True, "much", float("inf"), None])
def test_what_is_no_measure_is_refused(wrong: object) -> None:
    with pytest.raises(mp.InvalidNetworkError, match="misfit must be a number above 0"):
        parse_condition({"misfit": wrong}, small_network())


def test_a_red_flag_may_not_read_it() -> None:
    with pytest.raises(mp.InvalidNetworkError, match="`misfit` has no place in a red flag"):
        parse_condition({"misfit": 1.0}, small_network(), only_rising=True)


def test_its_negation_and_its_conjunction_are_intervals() -> None:
    network = small_network()
    assert parse_condition({"not": {"misfit": 1.0}}, network).atoms == (MisfitIs(below=1.0),)
    both = parse_condition({"all": [{"misfit": 1.0}, {"not": {"misfit": 2.0}}]}, network)
    assert both.conjunctions == ((MisfitIs(1.0, 2.0),),)
    with pytest.raises(mp.InvalidNetworkError, match="can never be true"):
        parse_condition({"all": [{"misfit": 2.0}, {"not": {"misfit": 1.0}}]}, network)
