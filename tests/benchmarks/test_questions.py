"""The next question, explanations and the rest of an interview, with the same question put to pgmpy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import massage_pain as mp
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
    """`ask` against pgmpy working out the same expected information, one answer after another."""
    pytest.importorskip("pgmpy")
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
        p = engine.query(causes, evidence, show_progress=False).values
        return float(-(p[p > 0] * np.log2(p[p > 0])).sum())

    # equal first: the expected information of one question
    question = found.ranked[0]
    chances = engine.query([question.variable], known, show_progress=False)
    expected = entropy(known)
    for answer in question.answers:
        p = chances.values[chances.state_names[question.variable].index(answer.state)]
        assert answer.probability == pytest.approx(float(p), abs=1e-9)
        expected -= p * entropy({**known, question.variable: answer.state})
    assert question.information == pytest.approx(expected, abs=1e-9)

    sample = [answers[at] for at in np.linspace(0, len(answers) - 1, SAMPLE).astype(int)]

    def by_pgmpy() -> None:
        for name, state in sample:
            engine.query([name], known, show_progress=False)
            entropy({**known, name: state})

    times = alternating(5, {"pgmpy": by_pgmpy, "ours": lambda: back.ask(CASE)})
    peer = times["pgmpy"] / len(sample) * len(answers)
    work = f"the next question: {len(answers)} hypothetical answers"
    note = f"extrapolated from {len(sample)} answers; chances only, no urgency"
    report.add(SERVICES, work, "pgmpy VariableElimination", peer, note=note)
    report.add(
        SERVICES,
        work,
        "massage_pain ask",
        times["ours"],
        against={"pgmpy": peer},
        least={"pgmpy": 1000.0},
        goals=[("10 ms", times["ours"].median < 0.01)],
        note="with urgency and safety questions",
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


def test_an_explanation_of_ten_findings(back: Reasoner, report: Report) -> None:
    """`explain` against pgmpy asking all 1,024 subsets of ten findings."""
    pytest.importorskip("pgmpy")
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

    why = back.explain(CASE, cause)
    ends = by_pgmpy()
    assert (why.before, why.after) == pytest.approx((ends[0], ends[-1]), abs=1e-9)
    times = alternating(5, {"pgmpy": by_pgmpy, "ours": lambda: back.explain(CASE, cause)})
    peer = times["pgmpy"] / len(subsets) * 2 ** len(names)
    work = "exact Shapley weights of ten findings"
    note = f"extrapolated from {len(subsets)} of 1,024 subsets; no flips"
    report.add(SERVICES, work, "pgmpy VariableElimination", peer, note=note)
    report.add(
        SERVICES,
        work,
        "massage_pain explain",
        times["ours"],
        against={"pgmpy": peer},
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
