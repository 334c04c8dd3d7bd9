"""What to ask next: information and change against enumeration, safety first, when to stop."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import massage_pain as mp
from massage_pain.advice.assessment import Assessment
from massage_pain.errors import ComplexityError
from massage_pain.reasoning.hypotheses import accepted_case
from massage_pain.reasoning.prospects import ACTIONS, prospects
from massage_pain.reasoning.questions import ENOUGH, ask
from massage_pain.reasoning.ranking import Question
from massage_pain.reasoning.same_decision import same_decision
from tests.reasoning.worlds import (
    assessor_of,
    every_answer,
    layered,
    small_assessor,
    some_findings,
    tangled,
)
from tests.strategies import Enumeration


def information(network: mp.Network, findings: dict[str, str], name: str) -> float:
    """I(answer; joint of the causes | findings) in bits, from its symmetric definition."""
    oracle = Enumeration(network)
    causes = tuple(each.id for each in network.causes)
    joint = oracle.posterior(oracle.with_findings(findings), (*causes, name))
    states = joint.shape[-1]
    table = joint.reshape(-1, states)
    apart = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True)
    some = table > 0
    return float((table[some] * np.log2(table[some] / apart[some])).sum())


def told(seen: Assessment) -> tuple[str, bool]:
    """The decision without rules: the likeliest cause, and whether it is more likely there than not."""
    return seen.top_cause, seen.posterior.probabilities[seen.top_cause] >= 0.5


def denied(back: mp.Reasoner, case: mp.Case) -> mp.Case:
    """The case with every screening answer a no and an age."""
    rest = {e.id: "absent" for e in back.network.screening if e.numeric is None and e.id not in case}
    return case.observe(rest).observe(age=40)


@pytest.mark.parametrize("seed", range(15))
@pytest.mark.parametrize("world", [layered, tangled])
def test_information_is_the_mutual_information(world: object, seed: int) -> None:
    network = world(seed, zeros=0.15)  # type: ignore[operator]
    findings = some_findings(network, seed, most=2)
    found = ask(assessor_of(network), findings)
    for each in found.ranked:
        assert each.information >= 0.0
        assert each.information == pytest.approx(information(network, findings, each.variable), abs=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_answers_are_hypothetical_cases(seed: int) -> None:
    network = layered(seed)
    findings = some_findings(network, seed, most=2)
    assessor = assessor_of(network)
    oracle = Enumeration(network)
    now = told(assessor.assess(findings))
    for question in ask(assessor, findings).ranked:
        chances = oracle.posterior(oracle.with_findings(findings), (question.variable,))
        changes = 0.0
        for answer in question.answers:
            then = assessor.assess({**findings, question.variable: answer.state})
            p = chances[network.variable(question.variable).states.index(answer.state)]
            assert answer.probability == pytest.approx(p)
            assert answer.leading == then.top_cause
            assert answer.chance == pytest.approx(then.posterior.probabilities[then.top_cause])
            assert answer.changes == (told(then) != now)
            changes += p * answer.changes
        assert question.changes == pytest.approx(changes)
        assert sum(each.probability for each in question.answers) == pytest.approx(1.0)


def test_urgency_under_every_answer_is_that_of_assess(back: mp.Reasoner) -> None:
    case = mp.Case(focal_pressure="present", local_numbness="present")
    for question in back.ask(case, top=50).questions:
        for answer in question.answers:
            then = back.assess(case.observe({question.variable: answer.state}))
            assert answer.urgency == then.urgency
            assert answer.leading == then.top_cause


def test_a_decision_is_the_urgency_and_what_to_do_now(back: mp.Reasoner) -> None:
    cases = [
        dict(row.dropna())
        for _, row in back.simulate(60, seed=2).drop(columns=[e.id for e in back.network.causes]).iterrows()
    ]
    cases = [{**case, "back_pain": "present"} for case in cases]
    seen = [back.assess(case) for case in cases]
    found = [
        int(prospects(back._assessor, accepted_case(back._assessor, case)[1]).decision[0]) for case in cases
    ]
    told = [(each.urgency, frozenset(a.kind for a in each.advice) & set(ACTIONS)) for each in seen]
    for one in range(len(cases)):
        for other in range(one):
            assert (found[one] == found[other]) == (told[one] == told[other])


# -- safety first -----------------------------------------------------------------------------------------


def test_safety_questions_come_first_and_are_grouped(back: mp.Reasoner) -> None:
    found = back.ask({})
    groups = [each.group for each in found.safety if each.none_of_these and len(each.variables) > 1]
    assert "legs" in groups
    legs = next(each for each in found.safety if each.group == "legs")
    assert {"saddle_numbness", "bladder_or_bowel_change"} <= set(legs.variables)
    assert legs.urgency is mp.Urgency.EMERGENCY
    assert legs.text.startswith("Is any of these so: Numb between the legs; ")
    asked = [name for each in found.safety for name in each.variables]
    assert len(asked) == len(set(asked))
    assert not set(asked) & {each.variable for each in found.ranked}
    age = next(each for each in found.safety if "age" in each.variables)
    assert age.variables == ("age",)
    assert not age.none_of_these


def test_every_safety_question_could_raise_the_urgency(back: mp.Reasoner) -> None:
    case = mp.Case(local_numbness="present")
    open_now = {each.variable for each in back.assess(case).unscreened}
    found = back.ask(case)
    asked = {name for each in found.safety for name in each.variables}
    assert asked <= open_now
    screening = {each.id for each in back.network.screening}
    assert open_now & screening == asked & screening  # no screening answer is left out


def test_findings_that_alone_raise_a_flag_are_safety_questions(back: mp.Reasoner) -> None:
    found = back.ask(denied(back, mp.Case(local_tenderness="present")))
    asked = {name for each in found.safety for name in each.variables}
    assert {"limb_weakness", "osteoporosis", "radiating_pain"} <= asked
    assert "poor_technique" not in asked  # raises one only together with a stiffened spine, which was denied


@pytest.mark.parametrize("answer", ["absent", "unsure"])
def test_what_was_asked_never_returns(back: mp.Reasoner, answer: str) -> None:
    case = mp.Case()
    for _ in range(70):
        found = back.ask(case)
        if found.done:
            break
        names = found.safety[0].variables if found.safety else (found.ranked[0].variable,)
        assert not set(names) & set(case)
        states = {name: back.network.variable(name).states for name in names}
        case = case.observe({n: "unsure" if answer == "unsure" or not s else s[0] for n, s in states.items()})
    everything = {n for each in back.ask(case).safety for n in each.variables}
    everything |= {each.variable for each in back.ask(case).ranked}
    assert not everything & set(case)


def test_unsure_safety_answers_are_named_as_open(back: mp.Reasoner) -> None:
    case = denied(back, mp.Case(onset="during", chest_pain="unsure"))
    found = back.ask(case)
    assert found.unsure == ("chest_pain",)
    assert back.assess(case).provisional


def test_in_an_emergency_nothing_is_asked(back: mp.Reasoner) -> None:
    found = back.ask({"saddle_numbness": "present"})
    assert found.done
    assert found.safety == ()
    assert "emergency services" in found.why


def test_a_question_with_one_possible_answer_is_not_asked() -> None:
    for seed in range(20):
        network = tangled(seed, zeros=0.5)
        findings = some_findings(network, seed, most=2)
        oracle = Enumeration(network)
        for each in ask(assessor_of(network), findings).ranked:
            chances = oracle.posterior(oracle.with_findings(findings), (each.variable,))
            assert (chances > 0).sum() > 1


# -- when to stop -------------------------------------------------------------------------------------------


def by_enumeration(
    assessor: object, network: mp.Network, findings: dict[str, str], remaining: list[str]
) -> float:
    """P(same decision) over all completions."""
    oracle = Enumeration(network)
    chances = oracle.posterior(oracle.with_findings(findings), tuple(remaining))
    now = told(assessor.assess(findings))  # type: ignore[attr-defined]
    same = 0.0
    for at, answers in zip(np.ndindex(chances.shape), every_answer(network, remaining), strict=True):
        if chances[at] > 1e-15:
            then = told(assessor.assess({**findings, **answers}))  # type: ignore[attr-defined]
            same += float(chances[at]) * (then == now)
    return same


@pytest.mark.parametrize("seed", range(8))
def test_the_same_decision_probability_is_exact(seed: int) -> None:
    network = layered(seed)
    findings = some_findings(network, seed, most=2)
    assessor = assessor_of(network)
    found = ask(assessor, findings)
    remaining = [each.variable for each in found.ranked]
    assert found.same_decision.exact
    assert found.same_decision.error == 0.0
    expected = by_enumeration(assessor, network, findings, remaining)
    assert found.same_decision.probability == pytest.approx(expected, abs=1e-9)


def test_a_drawn_same_decision_probability_comes_close(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(6):
        network = layered(seed)
        findings = some_findings(network, seed, most=2)
        assessor = assessor_of(network)
        remaining = [each.variable for each in ask(assessor, findings).ranked]
        one = accepted_case(assessor, findings)[1]
        exact = same_decision(assessor, one, remaining, 400, 0)
        with monkeypatch.context() as patched:
            patched.setattr("massage_pain.reasoning.same_decision.EXACT", 0)
            drawn = same_decision(assessor, one, remaining, 2000, 0)
        assert not drawn.exact
        assert drawn.error > 0
        assert abs(drawn.probability - exact.probability) < 5 * drawn.error


def test_with_rules_done_means_what_it_says(tmp_path: Path) -> None:
    """No single answer changes the decision, and all together with a chance below 5%: by trying them."""
    assessor = small_assessor(tmp_path)
    network = assessor.network
    ended = 0
    answers = [
        *every_answer(network, ["stiff", "press"]),
        *every_answer(network, ["press", "cold", "radiates", "stiff"]),
    ]
    for case in answers:
        case = {
            **case,
            "before": "present",
            "age": 30,
            **dict.fromkeys(("fever", "numb", "thinner", "ulcer"), "absent"),
        }
        found = ask(assessor, case)
        now = prospects(assessor, accepted_case(assessor, case)[1]).decision[0]
        single = False
        for question in found.ranked:
            for answer in question.answers:
                then = prospects(
                    assessor, accepted_case(assessor, {**case, question.variable: answer.state})[1]
                )
                single = single or bool(then.decision[0] != now)
        expected = not found.safety and not single and found.same_decision.probability >= ENOUGH
        assert found.done == expected
        assert found.why.startswith("Done" if found.done else "Not done")
        ended += found.done
    assert 0 < ended < len(answers)


def test_nothing_left_to_ask_is_done() -> None:
    network = layered(1)
    names = [each.id for each in network.nodes if each.role != "cause"]
    case = {name: network.variable(name).states[0] for name in names}
    found = ask(assessor_of(network), case)
    assert found.done
    assert found.ranked == ()
    assert found.same_decision.probability == 1.0
    assert found.why == "Done: nothing is left to ask."


@settings(max_examples=25)
@given(st.integers(0, 10**6))
def test_ranked_by_change_per_cost_then_by_information(seed: int) -> None:
    network = layered(seed % 50)
    found = ask(assessor_of(network), some_findings(network, seed, most=2)).ranked
    keys = [(-round(each.changes_per_cost, 9), -round(each.information_per_cost, 9)) for each in found]
    assert keys == sorted(keys)


@pytest.mark.parametrize("seed", range(20))
def test_the_next_question_is_the_one_after_which_asking_should_end_soonest(seed: int) -> None:
    network = layered(seed)
    found = ask(assessor_of(network), some_findings(network, seed, most=2))
    best = max((each.changes * each.information / each.cost for each in found.ranked), default=0.0)
    assert (found.next is None) == (not found.ranked)
    if found.next is not None:
        assert isinstance(found.next, Question)
        now = found.next.changes * found.next.information / found.next.cost
        assert now == pytest.approx(best, abs=1e-9)
        if best < 1e-10:  # none would change anything: what tells most
            assert found.next == found.ranked[0]


def test_safety_comes_next(back: mp.Reasoner) -> None:
    found = back.ask({"local_numbness": "present"})
    assert found.next == found.safety[0]


def test_nothing_comes_next_in_an_emergency(back: mp.Reasoner) -> None:
    found = back.ask({"saddle_numbness": "present"})
    assert found.urgency is mp.Urgency.EMERGENCY
    assert found.ranked  # there would be questions
    assert found.next is None


@pytest.mark.parametrize("seed", range(12))
def test_words_made_late_are_those_of_the_numbers_made_at_once(back: mp.Reasoner, seed: int) -> None:
    """What is put into words when it is looked at is what a case for each answer gives."""
    case = mp.Case(some_symptoms(back, seed))
    found = back.ask(case)
    now = prospects(back._assessor, accepted_case(back._assessor, case)[1]).decision[0]
    for question in found.ranked:
        changes = 0.0
        for answer in question.answers:
            then = prospects(
                back._assessor,
                accepted_case(back._assessor, case.observe({question.variable: answer.state}))[1],
            )
            assert then.urgency is not None
            assert answer.urgency == int(then.urgency[0])
            assert answer.changes == (then.decision[0] != now)
            assert answer.chance == pytest.approx(float(then.chances[0, then.leading[0]]), abs=1e-12)
            changes += answer.probability * answer.changes
        assert question.changes == pytest.approx(changes, abs=1e-12)


def some_symptoms(back: mp.Reasoner, seed: int) -> dict[str, str]:
    """Answers to a third of the symptoms and factors."""
    rng = np.random.default_rng(seed)
    able = [each for each in back.network.nodes if each.role in ("symptom", "factor")]
    return {e.id: e.states[int(rng.integers(len(e.states)))] for e in able if rng.random() < 0.3}


# -- records and errors --------------------------------------------------------------------------------


def test_the_record_is_plain_json_and_top_shortens_it(back: mp.Reasoner) -> None:
    found = back.ask({"local_numbness": "present"}, top=3)
    assert len(found.questions) == 3
    assert len(found.to_frame()) == len(found.ranked)
    record = found.to_dict()
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert max(map(len, str(found).splitlines())) <= 80
    assert "<script" not in found._repr_html_()


def test_any_network_is_asked_by_its_labels(shared: Path) -> None:
    network = mp.read_network(shared / "corpus" / "asia.bif", normalize=True)
    reasoner = mp.Reasoner(network, causes={"lung": "yes", "bronc": "yes"})
    found = reasoner.ask({"smoke": "yes"})
    assert found.safety == ()
    assert {each.text for each in found.ranked} >= {"Xray?", "Dysp?"}
    assert all(answer.urgency is None for each in found.ranked for answer in each.answers)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"top": -1}, "top must be a whole number, 0 or more, got -1."),
        ({"top": 1.5}, "top must be a whole number, 0 or more, got 1.5."),
        ({"draws": 0}, "draws must be a whole number, 1 or more, got 0."),
        ({"draws": 10**7}, "draws must be at most 1,000,000, got 10000000."),
        ({"seed": "a"}, "seed must be a whole number, 0 or more, got 'a'."),
    ],
)
def test_wrong_numbers_are_refused(back: mp.Reasoner, wrong: dict[str, object], sentence: str) -> None:
    with pytest.raises(mp.MassagePainError) as refused:
        back.ask({}, **wrong)  # type: ignore[arg-type]
    assert str(refused.value) == sentence


def test_a_network_without_causes_says_so() -> None:
    with pytest.raises(mp.InvalidNetworkError, match="does not say which variables are causes"):
        mp.Reasoner(mp.Network("bare", layered(0).variables[:1], layered(0).distributions[:1])).ask({})


def test_what_is_too_wide_to_look_ahead_is_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network on which the remaining answers cannot be drawn is asked on, and says why."""

    def too_wide(*_: object) -> None:
        raise ComplexityError("too wide", estimate=2.0, limit=1.0)

    network = layered(4)
    case = {each.id: each.states[0] for each in network.factors}
    monkeypatch.setattr("massage_pain.reasoning.questions.same_decision", too_wide)
    found = mp.Reasoner(network).ask(case)
    with pytest.raises(ComplexityError):
        _ = found.same_decision
    assert not found.done
    assert found.to_dict()["same_decision"] is None
    assert str(found)
    object.__setattr__(found._ranking, "changes", np.zeros_like(found._ranking.changes))
    assert not found.done
    assert "too wide to tell" in found.why
