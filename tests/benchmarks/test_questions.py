"""The next question, explanations and the rest of an interview; the same questions put to the peers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import massage_pain as mp
from massage_pain.knowledge.distributions import FloatArray
from tests.benchmarks.peers import model_for_pyagrum, with_pyagrum
from tests.benchmarks.report import SERVICES
from tests.benchmarks.timing import alternating, timed

if TYPE_CHECKING:
    from massage_pain import Reasoner
    from tests.benchmarks.report import Report

CASE = {
    "focal_pressure": "present",
    "local_numbness": "present",
    "limb_numbness": "absent",
    "muscle_stiffness": "present",
    "aching": "present",
    "onset": "during",
    "bruising": "absent",
    "massage_pressure": "firm",
    "static_posture": "present",
    "course": "unchanged",
}
SAMPLE = 6
"""Hypothetical answers that are put to pgmpy; the time for all of them is extrapolated from these."""


def test_the_next_question(back: Reasoner, report: Report) -> None:
    """`ask` against the peers working out the same expected information, one answer after another."""
    pytest.importorskip("pgmpy")
    pytest.importorskip("pyagrum")
    from pgmpy.inference import VariableElimination

    network = back.network
    engine = VariableElimination(network.to_pgmpy())
    causes = [each.id for each in network.causes]
    found = back.ask(CASE)
    known = {**CASE, "back_pain": "present"}
    answers = [(each.variable, answer.state) for each in found.ranked for answer in each.answers]
    answers += [
        (name, state)
        for each in found.safety
        for name in each.variables
        if network.variable(name).role != "screening"
        for state in network.variable(name).states
    ]

    def entropy(evidence: dict[str, str]) -> float:
        return bits(engine.query(causes, evidence, show_progress=False).values)

    model = model_for_pyagrum(network)
    joint = joint_of_pyagrum(model, causes)

    # equal first: the expected information of one question
    question = found.ranked[0]
    chances = engine.query([question.variable], known, show_progress=False)
    expected = entropy(known)
    for answer in question.answers:
        p = chances.values[chances.state_names[question.variable].index(answer.state)]
        assert answer.probability == pytest.approx(float(p), abs=1e-9)
        then = entropy({**known, question.variable: answer.state})
        assert bits(joint({**known, question.variable: answer.state})) == pytest.approx(then, abs=1e-9)
        expected -= p * then
    assert question.information == pytest.approx(expected, abs=1e-9)

    sample = [answers[at] for at in np.linspace(0, len(answers) - 1, SAMPLE).astype(int)]
    single = with_pyagrum(model, list(dict.fromkeys(name for name, _ in sample)), "LazyPropagation")

    def by_pgmpy() -> None:
        for name, state in sample:
            engine.query([name], known, show_progress=False)
            entropy({**known, name: state})

    def by_pyagrum() -> None:
        single(known)
        for name, state in sample:
            bits(joint({**known, name: state}))

    bare = mp.Reasoner(network)  # no rules: the peers know of none
    ours = {"ours": lambda: back.ask(CASE), "bare": lambda: bare.ask(CASE)}
    times = alternating(15, {"pgmpy": by_pgmpy, "pyAgrum": by_pyagrum, **ours})
    peers = {name: times[name] / len(sample) * len(answers) for name in ("pgmpy", "pyAgrum")}
    work = f"the next question: {len(answers)} hypothetical answers"
    note = f"extrapolated from {len(sample)} answers; chances only, no urgency"
    report.add(SERVICES, work, "pgmpy VariableElimination", peers["pgmpy"], note=note)
    report.add(SERVICES, work, "pyAgrum LazyPropagation", peers["pyAgrum"], note=note)
    report.add(
        SERVICES,
        work,
        "massage_pain ask",
        times["ours"],
        against=peers,
        least={"pgmpy": 1000.0},
        goals=[("10 ms", times["ours"].median < 0.01)],
        note="with urgency and safety questions",
    )
    report.add(
        SERVICES,
        work,
        "massage_pain ask, a network without rules",
        times["bare"],
        against=peers,
        least={"pgmpy": 1000.0},
        note="chances and information, as the peers were asked, and the ranking",
    )
    rest = {each.id: "absent" for each in network.screening if each.numeric is None}
    screened = {**CASE, **rest, "age": 40}
    report.add(
        SERVICES,
        "the same-decision probability over all remaining answers",
        "massage_pain ask(...).same_decision",
        timed(3, lambda: back.ask(screened).same_decision),
        note="400 fair draws",
    )


def bits(chances: FloatArray) -> float:
    """The entropy of a distribution."""
    p = np.asarray(chances)[np.asarray(chances) > 0.0]
    return float(-(p * np.log2(p)).sum())


def joint_of_pyagrum(model: Any, names: list[str]) -> Callable[[dict[str, str]], FloatArray]:
    """P(names | findings) by pyAgrum, its engine kept from case to case."""
    import pyagrum as gum

    kept = gum.LazyPropagation(model)
    kept.addJointTarget(set(names))

    def answer(case: dict[str, str]) -> FloatArray:
        assert model is not None  # it must outlive the engine, which only points at it
        kept.setEvidence(case)
        kept.makeInference()
        found: FloatArray = kept.jointPosterior(set(names)).toarray()
        return found

    return answer


def test_an_explanation_of_ten_findings(back: Reasoner, report: Report) -> None:
    """`explain` against the peers asking all 1,024 subsets of ten findings."""
    pytest.importorskip("pgmpy")
    pytest.importorskip("pyagrum")
    from pgmpy.inference import VariableElimination

    engine = VariableElimination(back.network.to_pgmpy())
    cause, names = "impaired_circulation", list(CASE)
    subsets = [0, 1, 341, 682, 1023]

    def by_pgmpy() -> list[float]:
        found = []
        for subset in subsets:
            known = {name: CASE[name] for at, name in enumerate(names) if subset >> at & 1}
            factor = engine.query([cause], {**known, "back_pain": "present"}, show_progress=False)
            found.append(float(factor.values[factor.state_names[cause].index("present")]))
        return found

    answer = with_pyagrum(model_for_pyagrum(back.network), [cause], "LazyPropagation")

    def by_pyagrum() -> list[float]:
        found = []
        for subset in subsets:
            known = {name: CASE[name] for at, name in enumerate(names) if subset >> at & 1}
            found.append(float(answer({**known, "back_pain": "present"})[cause][1]))
        return found

    why = back.explain(CASE, cause)
    for ends in (by_pgmpy(), by_pyagrum()):
        assert (why.before, why.after) == pytest.approx((ends[0], ends[-1]), abs=1e-9)
    ours = {"ours": lambda: back.explain(CASE, cause)}
    times = alternating(5, {"pgmpy": by_pgmpy, "pyAgrum": by_pyagrum, **ours})
    peers = {name: times[name] / len(subsets) * 2 ** len(names) for name in ("pgmpy", "pyAgrum")}
    work = "exact Shapley weights of ten findings"
    note = f"extrapolated from {len(subsets)} of 1,024 subsets; no flips"
    report.add(SERVICES, work, "pgmpy VariableElimination", peers["pgmpy"], note=note)
    report.add(SERVICES, work, "pyAgrum LazyPropagation", peers["pyAgrum"], note=note)
    report.add(
        SERVICES,
        work,
        "massage_pain explain",
        times["ours"],
        against=peers,
        goals=[("20 ms", times["ours"].median < 0.02)],
        note="with the smallest flips",
    )


def test_the_other_services(back: Reasoner, report: Report) -> None:
    """What has no peer."""
    watched = back.monitor({"massage_pressure": "firm"})
    for work, answer in (
        ("how well ten findings fit together, against 1,000 drawn cases", lambda: back.conflict(CASE)),
        ("one observation during a session", lambda: watched.observe(1, local_numbness=True)),
        ("1,000 complete cases", lambda: back.simulate(1000)),
    ):
        report.add(SERVICES, work, "massage_pain", timed(5, answer))
    whole = timed(1, lambda: interviewed(back))
    report.add(SERVICES, "a whole interview, every safety question included", "massage_pain", whole)


def interviewed(back: Reasoner) -> mp.Case:
    """An interview in which every answer is the first: no, or the lowest."""
    now = back.interview(CASE)
    while now.question is not None:
        question = now.question
        if question.numeric is not None:
            now = now.answer(40)
        elif question.options:
            now = now.answer(next(iter(question.options)))
        else:
            now = now.none()
    return now.case
