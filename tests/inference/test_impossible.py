"""Findings that cannot occur together are always noticed, and the smallest conflict is named."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from massage_pain.errors import ImpossibleEvidenceError
from massage_pain.inference.case import Likelihood
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.impossible import smallest_conflict
from massage_pain.knowledge.distributions import Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from tests.strategies import (
    Enumeration,
    chain_of_three,
    random_findings,
    random_network,
)


def probability(oracle: Enumeration, findings: dict[str, object]) -> float:
    return float(oracle.with_findings(findings).sum())


def test_the_conflict_is_smallest(rng: np.random.Generator) -> None:
    seen = 0
    while seen < 60:
        network = random_network(rng, 6, zeros=0.4)
        oracle, engine = Enumeration(network), CompiledNetwork(network)
        findings = random_findings(rng, network, share=0.8, soft=0.2)
        if probability(oracle, findings) > 0.0:
            continue
        seen += 1
        with pytest.raises(ImpossibleEvidenceError) as caught:
            engine.marginals(findings)
        conflict = caught.value.findings
        assert conflict.items() <= findings.items()
        assert probability(oracle, conflict) == 0.0
        for subset in combinations(findings, len(conflict) - 1):
            assert probability(oracle, {name: findings[name] for name in subset}) > 0.0


def test_a_conflict_of_many_findings_is_minimal() -> None:
    """Exactly one of six must be present: no five absent answers contradict each other."""
    ones = [Variable(id=f"x{i}") for i in range(6)]
    half = [Table(each.id, (), np.array([0.5, 0.5])) for each in ones]
    some = np.zeros((2,) * 7)
    some[..., 1] = 1.0
    some[(0,) * 6] = [1.0, 0.0]
    either = Table("either", tuple(each.id for each in ones), some)
    other = Variable(id="other")
    network = Network(
        "or",
        (*ones, Variable(id="either"), other),
        (*half, either, Table("other", (), np.array([0.5, 0.5]))),
    )
    findings: dict[str, object] = {"other": True, **{each.id: False for each in ones}, "either": True}
    error = smallest_conflict(CompiledNetwork(network), network, findings)
    assert set(error.findings) == {*(each.id for each in ones), "either"}


def test_soft_findings_take_part() -> None:
    engine = CompiledNetwork(chain_of_three())
    soft = Likelihood({"0": 1.0, "1": 0.0})
    with pytest.raises(ImpossibleEvidenceError) as caught:
        engine.marginals({"A": soft, "B": "1", "C": "0", "D": "1"}, "D")
    assert caught.value.findings == {"A": soft, "B": "1", "C": "0"}
    assert "A = Likelihood({'0': 1.0, '1': 0.0})" in str(caught.value)


def test_one_finding_can_be_impossible_alone() -> None:
    network = Network("n", (Variable(id="x"),), (Table("x", (), np.array([1.0, 0.0])),))
    with pytest.raises(ImpossibleEvidenceError, match=r"\(probability 0\): x = present\.$"):
        CompiledNetwork(network).marginals({"x": True})
