"""The quick way to all derivatives against the general one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import massage_pain as mp
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import evidence_of
from massage_pain.inference.layered_derivatives import layers_of
from massage_pain.knowledge.distributions import Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.derivatives import derivatives, findings_of, general_derivatives
from massage_pain.reasoning.one_way import along
from tests.reasoning.worlds import layered, tangled
from tests.strategies import random_findings

SEEDS = st.integers(0, 2**32 - 1)


def compare(network: Network, findings: dict[str, object]) -> bool:
    """Whether the quick way answered; if so, both must agree on everything that has a meaning."""
    evidence = evidence_of(network, findings)
    layers = layers_of(network)
    assert layers is not None
    found = layers.derivatives(*findings_of(network, evidence))
    if found is None:
        return False
    general = general_derivatives(CompiledNetwork(network), evidence)
    np.testing.assert_allclose(found[0], general.probabilities, atol=1e-11)
    slopes = along(network, general.by_cell)
    np.testing.assert_allclose(along(network, found[1]), slopes, atol=1e-10 * (1 + np.abs(slopes).max()))
    return True


@settings(max_examples=60)
@given(SEEDS)
def test_both_ways_agree(seed: int) -> None:
    network = layered(seed)
    if layers_of(network) is None:  # a strength of one
        return
    findings = random_findings(np.random.default_rng(seed), network, soft=0.3)
    compare(network, findings)


def test_both_ways_agree_on_the_shipped_network(rng: np.random.Generator) -> None:
    back = mp.load()
    network = back.network
    drawn = back.simulate(40, seed=1)
    names = [each.id for each in (*network.factors, *network.symptoms)]
    answered = 0
    for _, row in drawn.iterrows():
        some = rng.permutation(names)[: int(rng.integers(0, 14))].tolist()
        findings = {name: row[name] for name in some}
        if len(some) > 3:
            findings["nerve_compression"] = row["nerve_compression"]
        answered += compare(network, {**findings, "back_pain": "present"})
    assert answered > 30  # the usual case


def test_where_digits_would_be_lost_the_general_way_is_taken() -> None:
    back = mp.load()
    network = back.network
    findings = {each.id: each.states[1] for each in network.symptoms}
    evidence = evidence_of(network, findings)
    layers = layers_of(network)
    assert layers is not None
    assert layers.derivatives(*findings_of(network, evidence)) is None
    found = derivatives(back.engine, evidence)
    exact = back.engine.propagate(evidence, ("muscle_strain",)).marginals["muscle_strain"][0, 1]
    assert found.probabilities[1] == pytest.approx(exact, rel=1e-12)


def test_other_shapes_have_no_layers() -> None:
    assert sum(layers_of(tangled(seed)) is None for seed in range(20)) > 15


def test_a_finding_outside_the_layers_is_left_to_the_general_way() -> None:
    """A symptom of a symptom has a parent that is no cause."""
    network = layered(5)
    below = Variable(id="below", role="symptom")
    parent = network.symptoms[0]
    rows = np.array([[0.9, 0.1]] * (len(parent.states) - 1) + [[0.2, 0.8]])
    longer = replace(
        network,
        variables=(*network.variables, below),
        distributions=(*network.distributions, Table("below", (parent.id,), rows)),
    )
    layers = layers_of(longer)
    assert layers is not None
    evidence = evidence_of(longer, {"below": "present"})
    assert layers.derivatives(*findings_of(longer, evidence)) is None
    found = derivatives(CompiledNetwork(longer), evidence)
    assert found.probabilities[0] == pytest.approx(1.0)
