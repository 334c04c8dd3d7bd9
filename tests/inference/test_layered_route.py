"""The fast route: taken where the structure allows, equal to the general route wherever it is taken."""

from __future__ import annotations

import numpy as np
import pytest

from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import evidence_of
from massage_pain.inference.general_route import GeneralRoute, tree_shape
from massage_pain.inference.layered_network import fits
from massage_pain.inference.layered_route import LayeredRoute
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from tests.strategies import layered_network, random_findings, random_network


def core_of(network: Network) -> tuple[str, ...]:
    return tuple(each.id for each in network.nodes if each.role == "cause")


def check_equal(network: Network, generator: np.random.Generator, count: int, soft: float) -> None:
    core = core_of(network)
    assert fits(network, core)
    route = LayeredRoute(network, core)
    names = [each.id for each in network.nodes]
    evidence = evidence_of(
        network, [random_findings(generator, network, share=0.5, soft=soft) for _ in range(count)]
    )
    for targets, joint in ((core, True), (core[:2], True), (core[::-1], True), (tuple(names), False)):
        fast, left = route.propagate(evidence, targets, joint)
        general = GeneralRoute(network, tree_shape(network, names, targets if joint else ()))
        slow = general.propagate(evidence, targets, joint)
        answered = np.setdiff1d(np.arange(count), left)
        assert len(answered) > 0
        np.testing.assert_allclose(
            fast.log_evidence[answered], slow.log_evidence[answered], rtol=1e-12, atol=1e-12
        )
        for name in targets:
            one, other = fast.marginals[name][answered], slow.marginals[name][answered]
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)
        if joint:
            assert fast.joint is not None
            assert slow.joint is not None
            np.testing.assert_allclose(fast.joint[answered], slow.joint[answered], rtol=0, atol=1e-12)


@pytest.mark.parametrize("soft", [0.0, 0.2])
def test_equal_to_the_general_route(rng: np.random.Generator, soft: float) -> None:
    for _ in range(15):
        shape = rng.integers(1, 8), rng.integers(1, 6), rng.integers(0, 12)
        network = layered_network(rng, *(int(each) for each in shape))
        check_equal(network, rng, 40, soft)


def test_equal_on_a_network_of_the_shipped_shape(rng: np.random.Generator) -> None:
    check_equal(layered_network(rng, 15, 6, 20, zeros=0.0), rng, 300, 0.1)


def test_more_roots_than_messages_are_kept_for(rng: np.random.Generator) -> None:
    check_equal(layered_network(rng, 20, 4, 6, zeros=0.0), rng, 50, 0.1)


@pytest.mark.parametrize("causes", [1, 2, 7, 8, 9, 10])
def test_one_case_under_few_and_many_causes(rng: np.random.Generator, causes: int) -> None:
    network = layered_network(rng, 9, causes, 6, zeros=0.0)
    check_equal(network, rng, 30, 0.1)
    engine = CompiledNetwork(network)
    names = tuple(each.id for each in network.nodes)
    route = GeneralRoute(network, tree_shape(network, names, ()))
    for share in (0.0, 0.3, 0.7):
        findings = random_findings(rng, network, share=share)
        slow = route.propagate(evidence_of(network, findings), names, False)
        for name, values in engine.marginals(findings).items():
            np.testing.assert_allclose(values, slow.marginals[name], rtol=0, atol=1e-12)


def test_one_case_answers_as_in_a_batch(rng: np.random.Generator) -> None:
    network = layered_network(rng, 8, 5, 10, zeros=0.0)
    engine, names = CompiledNetwork(network), tuple(each.id for each in network.nodes)
    cases = [random_findings(rng, network, soft=0.02) for _ in range(3000)]
    for targets, joint in ((core_of(network), True), (names, False)):
        together = engine.propagate(evidence_of(network, cases), targets, joint=joint)
        for row in range(0, 3000, 137):
            alone = engine.propagate(evidence_of(network, cases[row]), targets, joint=joint)
            assert alone.log_evidence[0] == pytest.approx(together.log_evidence[row], abs=1e-13)
            for name in targets:
                np.testing.assert_allclose(
                    alone.marginals[name][0], together.marginals[name][row], rtol=0, atol=2e-15
                )
            if joint:
                assert alone.joint is not None
                assert together.joint is not None
                np.testing.assert_allclose(alone.joint[0], together.joint[row], rtol=0, atol=2e-15)


def test_a_number_moves_no_chance_of_one_case(rng: np.random.Generator) -> None:
    layered = layered_network(rng, 4, 3, 5)
    age = Variable(id="age", role="screening", numeric=(0, 120))
    network = Network("with a number", (age, *layered.variables), layered.distributions)
    engine = CompiledNetwork(network)
    assert fits(network, core_of(network))
    for name, chances in engine.marginals({"age": 70}).items():
        np.testing.assert_array_equal(chances, engine.marginals()[name])


def test_a_question_asked_meanwhile_is_another_question(rng: np.random.Generator) -> None:
    """Each class acts as a second thread would at the worst moment."""
    network = random_network(rng, 12)
    one, other = (each.id for each in network.nodes[:2])

    class Asked(CompiledNetwork):
        def __setattr__(self, name: str, value: object) -> None:
            super().__setattr__(name, (other,) if name == "_asked" and value else value)

    assert list(Asked(network).marginals({}, one)) == [one]

    class Route(GeneralRoute):
        def __getattribute__(self, name: str) -> object:
            found = super().__getattribute__(name)
            if name == "_last" and found is not None and found[0] == (one,):
                self._last = None
                self._places_of((other,))
            return found

    route = Route(network, tree_shape(network, [each.id for each in network.nodes], ()))
    _, first = route.one({}, {}, (one,))
    _, again = route.one({}, {}, (one,))
    np.testing.assert_array_equal(again[one], first[one])


def test_a_case_gets_the_same_bits_in_any_batch(rng: np.random.Generator) -> None:
    network = layered_network(rng, 8, 5, 10, zeros=0.0)
    engine, core = CompiledNetwork(network), core_of(network)
    evidence = evidence_of(network, [random_findings(rng, network, soft=0.1) for _ in range(5000)])
    whole = engine.propagate(evidence, core, joint=True)
    assert whole.joint is not None
    for rows in (slice(0, 2), slice(17, 4711), slice(3, 100)):
        part = engine.propagate(evidence.take(rows), core, joint=True)
        assert part.joint is not None
        np.testing.assert_array_equal(part.joint, whole.joint[rows])
        np.testing.assert_array_equal(part.log_evidence, whole.log_evidence[rows])


def test_structure_decides_and_not_names(rng: np.random.Generator) -> None:
    network = layered_network(rng, 6, 4, 5)
    assert not fits(network, core_of(network)[:2])
    assert not fits(network, ())
    findings = tuple(each.id for each in network.nodes if each.role == "symptom")
    factors = tuple(each.id for each in network.nodes if each.role == "factor")
    assert not fits(network, findings)
    assert not fits(network, factors) or not any(network.parents(each) for each in findings)
