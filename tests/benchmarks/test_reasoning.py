"""The services that need network and engine: sensitivity, intervals, what-if, would-have, most probable.

The peers have no such services, so their part is what one would have to do with them: for each number, or
each draw, make an inference object from the changed model and put one query to it (making the model itself is
not timed). That takes minutes, so a sample is timed and the whole is extrapolated from it; the table says so.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

from massage_pain.inference.parameter_draws import draw
from tests.benchmarks.peers import model_for_pyagrum, with_pyagrum
from tests.benchmarks.report import SERVICES
from tests.benchmarks.timing import Times, alternating, timed
from tests.inference.test_parameter_draws import read_again
from tests.reasoning.changed import with_number

if TYPE_CHECKING:
    from massage_pain import Reasoner
    from massage_pain.knowledge.network import Network
    from tests.benchmarks.report import Report

CASE = {
    "focal_pressure": "present",
    "massage_pressure": "excessive",
    "local_numbness": "present",
    "limb_numbness": "absent",
    "muscle_stiffness": "present",
    "continuous_dull_pain": "present",
    "muscle_spasm": "absent",
    "bruising": "absent",
    "aching": "present",
    "eases_on_release": "absent",
}
CAUSE = "fasciitis"
SAMPLE = 5
ROUNDS = 5


def pgmpy_on(network: Network, cause: str) -> Callable[[], float]:
    """P(cause | case) by pgmpy's variable elimination: a set-up and a query."""
    pytest.importorskip("pgmpy")
    from pgmpy.inference import VariableElimination

    assert network.complaint is not None
    model = network.to_pgmpy()
    evidence = {**CASE, network.complaint.id: network.complaint.present}

    def asked() -> float:
        factor = VariableElimination(model).query([cause], evidence, show_progress=False)
        return float(factor.values[factor.state_names[cause].index(network.variable(cause).present)])

    return asked


def pyagrum_on(network: Network, cause: str) -> Callable[[], float]:
    """The same by pyAgrum's lazy propagation."""
    pytest.importorskip("pyagrum")
    assert network.complaint is not None
    model = model_for_pyagrum(network)
    evidence = {**CASE, network.complaint.id: network.complaint.present}

    def asked() -> float:
        return float(with_pyagrum(model, [cause], "LazyPropagation")(evidence)[cause][1])

    return asked


PEERS = {
    "pgmpy": ("pgmpy VariableElimination", pgmpy_on),
    "pyAgrum": ("pyAgrum LazyPropagation", pyagrum_on),
}


def beside_peers(
    report: Report,
    work: str,
    note: str,
    asked: list[tuple[Network, str, float]],
    count: int,
    ours: Callable[[], object],
) -> tuple[dict[str, Times], Times]:
    """What `count` questions take the peers, from a sample (network, cause, answer), and what ours takes."""

    def over(questions: list[Callable[[], float]]) -> None:
        for each in questions:
            each()

    sample = {peer: [on(network, cause) for network, cause, _ in asked] for peer, (_, on) in PEERS.items()}
    for questions in sample.values():
        for each, (_, _, answer) in zip(questions, asked, strict=True):
            assert each() == pytest.approx(answer, abs=1e-9)
    contenders = {peer: partial(over, questions) for peer, questions in sample.items()}
    times = alternating(3 * ROUNDS, {**contenders, "ours": ours})
    peers = {peer: times[peer] / len(asked) * count for peer in PEERS}
    for peer, (by, _) in PEERS.items():
        report.add(SERVICES, work, by, peers[peer], note=note)
    return peers, times["ours"]


def test_sensitivity(back: Reasoner, report: Report) -> None:
    found = back.sensitivity(CASE, CAUSE)
    moving = np.flatnonzero(found.slope)
    sample = [int(each) for each in np.random.default_rng(1).choice(moving, SAMPLE, replace=False)]
    asked = [
        (with_number(back.network, found.keys[at], float(found.high[at])), CAUSE, float(found.at_high[at]))
        for at in sample
    ]
    count = len(found.keys)
    work = f"sensitivity of one cause to all {count} numbers, 10 findings"
    note = f"one query a number, extrapolated from {SAMPLE}"
    peers, ours = beside_peers(report, work, note, asked, count, lambda: back.sensitivity(CASE, CAUSE))
    report.add(
        SERVICES,
        work,
        "massage_pain Reasoner.sensitivity",
        ours,
        against=peers,
        least={"pgmpy": 1000.0},
        goals=[("20 ms", ours.median < 0.02)],
        note="with flips and urgency",
    )


def test_intervals(back: Reasoner, report: Report) -> None:
    draws = 1000
    found = back.intervals(CASE, draws=draws, seed=0)
    blocks = dict(draw(back.network, draws, 0).blocks)
    work = f"intervals of all causes, {draws:,} draws of the numbers, 10 findings"
    asked = [
        (read_again(back.network, blocks, row), cause, float(found.samples[row, at]))
        for row in range(2)
        for at, cause in enumerate(found.causes)
    ]
    note = f"one query a cause and draw, extrapolated from {len(asked)}"
    count = draws * len(found.causes)
    peers, ours = beside_peers(
        report, work, note, asked, count, lambda: back.intervals(CASE, draws=draws, seed=0)
    )
    report.add(
        SERVICES,
        work,
        "massage_pain Reasoner.intervals",
        ours,
        against=peers,
        goals=[("100 ms", ours.median < 0.1)],
        note="with urgency and influences",
    )


def test_would_have_and_what_if(back: Reasoner, report: Report) -> None:
    do = {"massage_pressure": "light"}
    work = "would_have: one change, 10 findings"
    ours = timed(ROUNDS, lambda: back.would_have(CASE, do=do))
    goals = [("20 ms", ours.median < 0.02)]
    report.add(SERVICES, work, "massage_pain Reasoner.would_have", ours, goals=goals)
    work = "what_if: one change, ranking of all modifiable factors"
    ours = timed(ROUNDS, lambda: back.what_if(CASE, do=do, draws=0))
    report.add(SERVICES, work, "massage_pain Reasoner.what_if", ours, note="without intervals")
    ours = timed(ROUNDS, lambda: back.what_if(CASE, do=do, draws=400))
    report.add(SERVICES, work, "massage_pain Reasoner.what_if", ours, note="with intervals, 400 draws")


def test_most_probable(back: Reasoner, report: Report) -> None:
    pytest.importorskip("pgmpy")
    from pgmpy.inference import VariableElimination

    network = back.network
    assert network.complaint is not None
    # pgmpy multiplies everything out; so all that the case does not say is answered no, but for the causes
    answers = {each.id: each.states[0] for each in (*network.factors, *network.symptoms)}
    case = {**answers, **CASE}
    found = back.most_probable(case)
    engine = VariableElimination(network.to_pgmpy())
    evidence = {**case, network.complaint.id: network.complaint.present}

    def asked() -> dict[str, str]:
        return dict(engine.map_query(list(found.explanation), evidence, show_progress=False))

    assert asked() == dict(found.explanation)
    times = alternating(ROUNDS, {"pgmpy": asked, "ours": lambda: back.most_probable(case)})
    work = "most probable explanation, all but the causes answered"
    report.add(SERVICES, work, "pgmpy VariableElimination.map_query", times["pgmpy"])
    report.add(
        SERVICES,
        work,
        "massage_pain Reasoner.most_probable",
        times["ours"],
        against={"pgmpy": times["pgmpy"]},
        note="and the joint states",
    )
    work = "most probable explanation of all that was not said, 10 findings"
    report.add(
        SERVICES, work, "massage_pain Reasoner.most_probable", timed(ROUNDS, lambda: back.most_probable(CASE))
    )
