"""The same answers as pgmpy's variable elimination, asked through the engine that wraps it."""

from __future__ import annotations

import numpy as np
import pytest

from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import evidence_of
from tests.strategies import chain_of_three, layered_network, random_findings, random_network

pytest.importorskip("pgmpy", reason="pgmpy is not installed")


def test_agrees_with_pgmpy_on_random_networks(rng: np.random.Generator) -> None:
    from massage_pain.inference.pgmpy_engine import PgmpyEngine

    impossible = 0
    for number in range(36):
        if number % 3:
            network = random_network(rng, int(rng.integers(2, 9)))
        else:
            network = layered_network(rng, 4, 3, 4)
        names = tuple(each.id for each in network.nodes)
        targets = names[:3]
        cases = [random_findings(rng, network, soft=0.3) for _ in range(3)]
        evidence = evidence_of(network, cases)
        ours = CompiledNetwork(network).propagate(evidence, targets, joint=True)
        theirs = PgmpyEngine(network).propagate(evidence, targets, joint=True)
        np.testing.assert_allclose(ours.log_evidence, theirs.log_evidence, rtol=0, atol=1e-11)
        for name in targets:
            np.testing.assert_allclose(ours.marginals[name], theirs.marginals[name], rtol=0, atol=1e-12)
        assert ours.joint is not None
        assert theirs.joint is not None
        np.testing.assert_allclose(ours.joint, theirs.joint, rtol=0, atol=1e-12)
        impossible += int(np.isneginf(ours.log_evidence).sum())
    assert impossible > 0


def test_impossible_findings_are_noticed_there_too() -> None:
    from massage_pain.inference.pgmpy_engine import PgmpyEngine

    network = chain_of_three()
    evidence = evidence_of(network, {"A": "0", "B": "1", "C": "0"})
    found = PgmpyEngine(network).propagate(evidence, ("D",), joint=True)
    assert found.log_evidence[0] == -np.inf
    assert np.isnan(found.marginals["D"]).all()
