"""One case, in a process that has answered before: the causes, every variable, a whole assessment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.clients import drawn, findings
from tests.benchmarks.peers import Answer, equal, faster_pyagrum, with_massage_pain, with_pgmpy
from tests.benchmarks.report import ONE
from tests.benchmarks.timing import alternating

if TYPE_CHECKING:
    from massage_pain import Reasoner
    from tests.benchmarks.report import Report


@pytest.mark.parametrize(
    ("words", "count", "rounds", "least"),
    [
        ("the six causes", 20, 7, {"pyAgrum": 30.0, "pgmpy": 200.0}),
        ("every variable", 5, 7, {"pyAgrum": 15.0, "pgmpy": 300.0}),
    ],
)
def test_one_case(
    back: Reasoner, report: Report, words: str, count: int, rounds: int, least: dict[str, float]
) -> None:
    pytest.importorskip("pgmpy")
    pytest.importorskip("pyagrum")
    network = back.network
    frame = drawn(network, count, missing=0.6)
    cases = [findings(frame, row, network) for row in range(count)]
    targets = [each.id for each in (network.causes if "causes" in words else network.nodes)]
    engine, pyagrum = faster_pyagrum(network, targets, cases)
    ours, pgmpy = with_massage_pain(network, targets), with_pgmpy(network, targets)
    for case in cases:
        found = ours(case)
        equal(found, pgmpy(case))
        equal(found, pyagrum(case))

    def over(answer: Answer, cases: Sequence[dict[str, str]] = cases) -> None:
        for case in cases:
            answer(case)

    few = cases[: max(2, count // 5)]  # pgmpy is slow and steady
    times = alternating(
        rounds,
        {
            "pgmpy": lambda: over(pgmpy, few),
            "pyAgrum": lambda: over(pyagrum),
            "ours": lambda: over(ours),
        },
    )
    peers = {"pgmpy": times["pgmpy"] / len(few), "pyAgrum": times["pyAgrum"] / count}
    work = f"posteriors of {words}, warm"
    report.add(ONE, work, "pgmpy VariableElimination", peers["pgmpy"])
    report.add(ONE, work, f"pyAgrum {engine}", peers["pyAgrum"])
    report.add(
        ONE, work, "massage_pain CompiledNetwork.marginals", times["ours"] / count, against=peers, least=least
    )


def test_one_assessment(back: Reasoner, report: Report) -> None:
    frame = drawn(back.network, 20, missing=0.6)
    cases = [findings(frame, row, back.network) for row in range(20)]
    times = alternating(
        7,
        {
            "assess": lambda: [back.assess(case) for case in cases],
            "assess and to_dict": lambda: [back.assess(case).to_dict() for case in cases],
            "assess and print": lambda: [str(back.assess(case)) for case in cases],
        },
    )
    for work, each in times.items():
        note = "with urgency, red flags, advice and open questions"
        report.add(ONE, f"{work}, warm", "massage_pain Reasoner", each / 20, note=note)
