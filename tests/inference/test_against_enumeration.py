"""Every answer against the whole joint distribution written out, on thousands of random networks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massage_pain.errors import ImpossibleEvidenceError
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import evidence_of
from massage_pain.knowledge.network import Network
from tests.strategies import (
    Enumeration,
    findings_for,
    layered_network,
    networks,
    random_findings,
    random_network,
)

TOLERANCE = 1e-12


def check(network: Network, generator: np.random.Generator, cases: int = 3) -> int:
    """Compare all answers on a batch of random cases; the number of impossible ones."""
    oracle = Enumeration(network)
    engine = CompiledNetwork(network)
    names = tuple(oracle.names)
    targets = tuple(generator.permutation(names)[: generator.integers(1, 4)].tolist())
    findings = [random_findings(generator, network, soft=0.3) for _ in range(cases)]
    evidence = evidence_of(network, findings)
    every = engine.propagate(evidence, names)
    some = engine.propagate(evidence, targets)
    joint = engine.propagate(evidence, targets, joint=True)
    nothing = engine.propagate(evidence, ())
    assert joint.joint is not None
    impossible = 0
    for row, found in enumerate(findings):
        table = oracle.with_findings(found)
        probability = table.sum()
        if probability == 0.0:
            impossible += 1
            for each in (every, some, joint, nothing):
                assert each.log_evidence[row] == -np.inf
                assert all(np.isnan(values[row]).all() for values in each.marginals.values())
            assert np.isnan(joint.joint[row]).all()
            continue
        for each in (every, some, joint, nothing):
            assert each.log_evidence[row] == pytest.approx(np.log(probability), abs=TOLERANCE)
        for name in names:
            expected = oracle.posterior(table, (name,))
            np.testing.assert_allclose(every.marginals[name][row], expected, rtol=0, atol=TOLERANCE)
        for name in targets:
            expected = oracle.posterior(table, (name,))
            np.testing.assert_allclose(some.marginals[name][row], expected, rtol=0, atol=TOLERANCE)
            np.testing.assert_allclose(joint.marginals[name][row], expected, rtol=0, atol=TOLERANCE)
        expected = oracle.posterior(table, targets)
        np.testing.assert_allclose(joint.joint[row], expected, rtol=0, atol=TOLERANCE)
    return impossible


def test_random_networks(rng: np.random.Generator) -> None:
    impossible = sum(check(random_network(rng, int(rng.integers(1, 8))), rng) for _ in range(1000))
    assert impossible > 100  # the strategy does make contradictions


def test_random_networks_of_noisy_nodes(rng: np.random.Generator) -> None:
    for _ in range(200):
        network = random_network(rng, int(rng.integers(4, 9)), most_parents=5, most_states=3, noisy=0.9)
        check(network, rng)


def test_random_layered_networks(rng: np.random.Generator) -> None:
    for _ in range(200):
        network = layered_network(rng, int(rng.integers(1, 5)), int(rng.integers(1, 4)), 3)
        check(network, rng)


@given(st.data())
@settings(max_examples=100)
def test_any_network_and_findings(data: st.DataObject) -> None:
    network = data.draw(networks())
    findings = data.draw(findings_for(network))
    oracle = Enumeration(network)
    engine = CompiledNetwork(network)
    table = oracle.with_findings(findings)
    if table.sum() == 0.0:
        with pytest.raises(ImpossibleEvidenceError):
            engine.marginals(findings)
        return
    for name, values in engine.marginals(findings).items():
        expected = oracle.posterior(table, (name,))
        np.testing.assert_allclose(values[0], expected, rtol=0, atol=TOLERANCE)
