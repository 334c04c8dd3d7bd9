"""Cases of which nearly everything is known: the same as by a clique tree, however wide the network."""

from __future__ import annotations

import numpy as np
import pytest

from massage_pain.inference import compiled, plans, rest_known
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import evidence_of
from massage_pain.inference.rest_known import with_rest_known
from tests.inference.same import assert_same
from tests.strategies import random_findings, random_network


@pytest.mark.parametrize("block", [1, 2**18])
@pytest.mark.parametrize("seed", range(60))
def test_equals_the_clique_tree(monkeypatch: pytest.MonkeyPatch, seed: int, block: int) -> None:
    monkeypatch.setattr(rest_known, "BLOCK_CELLS", block)
    rng = np.random.default_rng(seed)
    network = random_network(rng, 7, most_states=3, zeros=0.2 * (seed % 2))
    names = rng.permutation([each.id for each in network.nodes]).tolist()
    hidden = set(names[: int(rng.integers(0, 4))])
    cases = [
        {name: each for name, each in random_findings(rng, network, share=1.0).items() if name not in hidden}
        for _ in range(7)
    ]
    evidence = evidence_of(network, cases)
    told = [name for name in names if name in evidence.codes]
    targets = tuple(names[:3])
    engine = CompiledNetwork(network)
    for joint in (False, True):
        expected = engine.propagate(evidence, targets, joint=joint)
        found = with_rest_known(network, evidence, told, targets, joint=joint)
        assert found is not None
        assert_same(found, expected, targets)


def test_the_engine_takes_it_where_a_tree_would_be_large(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    network = random_network(rng, 9, zeros=0.0)
    names = [each.id for each in network.nodes]
    cases = [random_findings(rng, network, share=1.0) for _ in range(compiled.MANY_CASES)]
    cases = [{name: each for name, each in case.items() if name != names[2]} for case in cases]
    evidence = evidence_of(network, cases)
    engine = CompiledNetwork(network)
    expected = engine._general(evidence, (names[2],), True)
    monkeypatch.setattr(plans, "MANY_CELLS", 0)
    monkeypatch.setattr(engine._plans, "pieces", None)  # no tree is asked for
    found = engine._general(evidence, (names[2],), True)
    assert_same(found, expected, (names[2],))


def test_what_is_open_or_unsure_goes_another_way() -> None:
    rng = np.random.default_rng(2)
    network = random_network(rng, 6, zeros=0.0)
    names = [each.id for each in network.nodes]
    whole = {each.id: each.states[0] for each in network.nodes}
    part = {name: each for name, each in whole.items() if name != names[1]}
    for cases in ([whole, part], [{}, {}]):
        evidence = evidence_of(network, cases)
        assert with_rest_known(network, evidence, list(evidence.codes), (names[0],), joint=False) is None
