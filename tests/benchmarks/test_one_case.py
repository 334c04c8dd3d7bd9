"""One case, in a process that has answered before."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import pytest

import massage_pain as mp
from tests.benchmarks.clients import drawn, findings
from tests.benchmarks.report import best_of

if TYPE_CHECKING:
    from massage_pain import Reasoner
    from tests.benchmarks.report import Report

Answer: TypeAlias = Callable[[dict[str, str]], dict[str, float]]


def test_one_case(back: Reasoner, report: Report) -> None:
    network = back.network
    frame = drawn(network, 20, missing=0.6)
    cases = [findings(frame, row, network) for row in range(len(frame))]
    causes = [each.id for each in network.causes]
    engine = mp.CompiledNetwork(network)

    def ours(case: dict[str, str]) -> dict[str, float]:
        found = engine.marginals(case, causes)
        return {each: float(found[each][0, network.variable(each).present_index]) for each in causes}

    pgmpy = with_pgmpy(back)
    pyagrum = with_pyagrum(back)
    for case in cases:
        expected = pgmpy(case)
        assert ours(case) == pytest.approx(expected, abs=1e-9)
        if pyagrum is not None:
            assert pyagrum(case) == pytest.approx(expected, abs=1e-9)
        assert dict(back.assess(case).posterior.probabilities) == pytest.approx(expected, abs=1e-9)

    def each_case(answer: Callable[[dict[str, str]], object]) -> float:
        """The mean over the cases of the best of several rounds."""
        return sum(best_of(7, partial(answer, case)) for case in cases) / len(cases)

    work = "one case, warm: the posteriors of all causes"
    peer = each_case(pgmpy)
    report.add(work, "pgmpy VariableElimination (peer)", peer)
    if pyagrum is not None:
        report.add(work, "pyAgrum LazyPropagation", each_case(pyagrum), against=peer)
    report.add(work, "massage_pain CompiledNetwork.marginals", each_case(ours), against=peer)
    whole = each_case(back.assess)
    note = "with urgency, red flags, advice and open questions"
    report.add("one case, warm: assess", "massage_pain Reasoner.assess", whole, against=peer, note=note)
    record = each_case(lambda case: back.assess(case).to_dict())
    report.add("one case, warm: assess and to_dict", "massage_pain", record, against=peer)
    text = each_case(lambda case: str(back.assess(case)))
    report.add("one case, warm: assess and print", "massage_pain", text, against=peer)


def with_pgmpy(back: Reasoner) -> Answer:
    pytest.importorskip("pgmpy")
    from pgmpy.inference import VariableElimination

    network = back.network
    engine = VariableElimination(network.to_pgmpy())

    def answer(case: dict[str, str]) -> dict[str, float]:
        found = {}
        for each in network.causes:
            factor = engine.query([each.id], case, show_progress=False)
            found[each.id] = float(factor.values[factor.state_names[each.id].index(each.present)])
        return found

    return answer


def with_pyagrum(back: Reasoner) -> Answer | None:
    """pyAgrum's quick engine, kept from case to case; filled from doubles (its readers keep floats)."""
    try:
        import pyagrum as gum
    except ImportError:
        return None
    network = back.network
    model = gum.BayesNet(network.name)
    for each in network.nodes:
        model.add(gum.LabelizedVariable(each.id, each.id, list(each.states)))
    for each in network.nodes:
        for parent in network.parents(each.id):
            model.addArc(parent, each.id)
    for each in network.nodes:
        table = model.cpt(each.id)
        order = list(reversed(table.names))  # pyAgrum's first name changes fastest
        axes = [*network.parents(each.id), each.id]
        values = network.cpd(each.id).transpose([axes.index(name) for name in order])
        table.fillWith([float(number) for number in values.ravel()])
    engine = gum.LazyPropagation(model)
    for each in network.causes:
        engine.addTarget(each.id)

    def answer(case: dict[str, str]) -> dict[str, float]:
        engine.setEvidence(case)
        engine.makeInference()
        return {
            each.id: float(engine.posterior(each.id).toarray()[each.present_index]) for each in network.causes
        }

    return answer
