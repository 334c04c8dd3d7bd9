"""Roots drawn together given the core: as often as enumeration says."""

from __future__ import annotations

import numpy as np
import pytest

import massage_pain as mp
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import evidence_of
from massage_pain.inference.layered_network import fits, inner_nodes
from tests.strategies import Enumeration, layered_network, random_findings

DRAWS = 4000


@pytest.mark.parametrize("seed", range(30))
def test_as_often_as_enumeration_says(seed: int) -> None:
    """The joint frequencies of all hidden roots, for each joint state of the core, within five errors."""
    rng = np.random.default_rng(seed)
    network = layered_network(rng, 3, 3, 2, zeros=0.3 * (seed % 2))
    while not fits(network, inner_nodes(network)):
        network = layered_network(rng, 3, 3, 2, zeros=0.3 * (seed % 2))
    core = inner_nodes(network)
    said = {
        name: state
        for name, state in random_findings(rng, network, share=0.3).items()
        if name.startswith("factor")
    }
    oracle = Enumeration(network)
    table = oracle.with_findings(said)
    if table.sum() == 0.0:
        said, table = {}, oracle.joint
    joint = oracle.posterior(table, core)
    possible = np.argwhere(joint > 1e-12)
    chosen = possible[rng.integers(len(possible))]
    states = {name: np.full(DRAWS, code, dtype=np.int16) for name, code in zip(core, chosen, strict=True)}
    found = CompiledNetwork(network).drawn_roots(evidence_of(network, said), states, rng)
    assert found is not None
    hidden = tuple(
        each for each in (f"factor{at}" for at in range(3)) if each not in said and network.children[each]
    )
    assert set(found) == set(hidden)
    if not hidden:
        return
    given = {name: network.variable(name).states[code] for name, code in zip(core, chosen, strict=True)}
    expected = oracle.posterior(oracle.with_findings({**said, **given}), hidden)
    seen = np.zeros(expected.shape)
    np.add.at(seen, tuple(found[name] for name in hidden), 1.0 / DRAWS)
    assert (seen[expected < 1e-15] == 0.0).all()
    error = np.sqrt(expected * (1.0 - expected) / DRAWS)
    assert (np.abs(seen - expected) <= 5.0 * error + 1e-3).all()


def test_each_case_has_its_own_core(back: mp.Reasoner) -> None:
    """Many different states of the core at once: the roots' own chances, as the engine has them."""
    network, rng = back.network, np.random.default_rng(1)
    engine = CompiledNetwork(network)
    one = evidence_of(network, {"focal_pressure": "present", "massage_pressure": "firm"})
    causes = [each.id for each in network.causes]
    joint = engine.joint([{"focal_pressure": "present", "massage_pressure": "firm"}], causes)[0]
    cells = rng.choice(joint.size, size=20_000, p=joint.ravel() / joint.sum())
    states = {
        name: codes.astype(np.int16)
        for name, codes in zip(causes, np.unravel_index(cells, joint.shape), strict=True)
    }
    found = engine.drawn_roots(one, states, rng)
    assert found is not None
    for name, codes in found.items():
        expected = engine.marginals({"focal_pressure": "present", "massage_pressure": "firm"}, name)[name][0]
        seen = np.bincount(codes, minlength=len(expected)) / len(codes)
        assert np.abs(seen - expected).max() < 5.0 * np.sqrt(0.25 / len(codes)), name


def test_a_soft_finding_or_an_open_core_is_left_to_others(back: mp.Reasoner) -> None:
    network, rng = back.network, np.random.default_rng(0)
    engine = CompiledNetwork(network)
    states = {each.id: np.zeros(3, dtype=np.int16) for each in network.causes}
    soft = {"aching": mp.Likelihood(present=0.8, absent=0.2)}
    assert engine.drawn_roots(evidence_of(network, soft), states, rng) is None
    del states["fasciitis"]
    assert engine.drawn_roots(evidence_of(network, {}), states, rng) is None
