"""The peers, each asked in its quickest way: a function from findings to P(target | findings)."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network

Answer: TypeAlias = Callable[[dict[str, str]], dict[str, FloatArray]]


def with_massage_pain(network: Network, targets: Sequence[str]) -> Answer:
    """This library's engine; compiles at the first question."""
    engine, chosen = CompiledNetwork(network), list(targets)

    def answer(case: dict[str, str]) -> dict[str, FloatArray]:
        found = engine.marginals(case, chosen)
        return {name: found[name][0] for name in chosen}

    return answer


def model_for_pgmpy(network: Network) -> Any:
    """The network as pgmpy's; its engine is imported with it."""
    warnings.simplefilter("ignore")
    import pgmpy.inference  # noqa: F401  (so that no question pays for it)

    return network.to_pgmpy()


def with_pgmpy(network: Network, targets: Sequence[str], model: Any = None) -> Answer:
    """pgmpy's variable elimination, one target after the other; what was observed is not asked."""
    model = model_for_pgmpy(network) if model is None else model
    from pgmpy.inference import VariableElimination

    engine = VariableElimination(model)
    states = {name: network.variable(name).states for name in targets}

    def answer(case: dict[str, str]) -> dict[str, FloatArray]:
        found = {}
        for name, own in states.items():
            if name not in case:
                factor = engine.query([name], case, show_progress=False)
                order = factor.state_names[name]
                values = factor.values if tuple(order) == own else factor.values[[*map(order.index, own)]]
                found[name] = values
        return found

    return answer


def model_for_pyagrum(network: Network) -> Any:
    """The network filled from doubles: its readers keep floats."""
    import pyagrum as gum

    model = gum.BayesNet("network")
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
    return model


def with_pyagrum(model: Any, targets: Sequence[str], engine: str) -> Answer:
    """`LazyPropagation` or `ShaferShenoyInference`, kept from case to case.

    An engine whose targets were never named answers for every variable, and does so quicker.
    """
    import pyagrum as gum

    kept = getattr(gum, engine)(model)
    if len(targets) < model.size():
        for name in targets:
            kept.addTarget(name)

    def answer(case: dict[str, str]) -> dict[str, FloatArray]:
        assert model is not None  # it must outlive the engine, which only points at it
        kept.setEvidence(case)
        kept.makeInference()
        return {name: kept.posterior(name).toarray() for name in targets if name not in case}

    return answer


def faster_pyagrum(
    network: Network, targets: Sequence[str], cases: Sequence[dict[str, str]]
) -> tuple[str, Answer]:
    """The faster of pyAgrum's two engines on these cases, and its name."""
    model = model_for_pyagrum(network)
    best: tuple[float, str, Answer] | None = None
    for engine in ("LazyPropagation", "ShaferShenoyInference"):
        answer = with_pyagrum(model, targets, engine)
        answer(cases[0])
        start = time.perf_counter()
        for case in cases:
            answer(case)
        taken = time.perf_counter() - start
        if best is None or taken < best[0]:
            best = taken, engine, answer
    assert best is not None
    return best[1:]


def equal(one: dict[str, FloatArray], other: dict[str, FloatArray], tolerance: float = 1e-9) -> None:
    """Raises AssertionError unless what both answer is the same."""
    both = one.keys() & other.keys()
    assert both
    for name in both:
        np.testing.assert_allclose(one[name], other[name], rtol=0, atol=tolerance, err_msg=name)
