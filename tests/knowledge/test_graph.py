"""The graph of a network, as networkx has it."""

from __future__ import annotations

import networkx
import numpy as np
import pytest

import massage_pain as mp
from tests.strategies import random_network


@pytest.mark.parametrize("seed", range(20))
def test_the_graph_is_that_of_the_network(seed: int) -> None:
    network = random_network(np.random.default_rng(seed), 8)
    graph = network.to_networkx()
    assert networkx.is_directed_acyclic_graph(graph)
    assert list(graph) == [each.id for each in network.nodes]
    for each in network.nodes:
        assert tuple(graph.predecessors(each.id)) == network.parents(each.id)
        assert set(graph.successors(each.id)) == set(network.children[each.id])
        assert graph.nodes[each.id] == {"role": each.role, "label": each.label, "states": each.states}


def test_screening_answers_are_no_nodes(back: mp.Reasoner) -> None:
    graph = back.network.to_networkx()
    assert graph.name == "back_pain"
    assert not {each.id for each in back.network.screening} & set(graph)
    assert set(graph) == {each.id for each in back.network.nodes}


def test_what_the_graph_separates_is_independent() -> None:
    """Where networkx finds two nodes d-separated, what is known of one says nothing of the other."""
    separated = 0
    for seed in range(40):
        network = random_network(np.random.default_rng(seed), 6, zeros=0.0)
        graph, engine = network.to_networkx(), mp.CompiledNetwork(network)
        one, other, known = (each.id for each in network.nodes[:3])
        if not networkx.is_d_separator(graph, {one}, {other}, {known}):
            continue
        separated += 1
        state = network.variable(known).states[-1]
        expected = engine.marginals({known: state}, one)[one]
        for each in network.variable(other).states:
            found = engine.marginals({known: state, other: each}, one)[one]
            np.testing.assert_allclose(found, expected, atol=1e-12)
    assert separated > 5
