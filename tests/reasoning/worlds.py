"""Small worlds for the tests of the services: a network, its rules if any, and what knows the answer."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

from massage_pain.advice.assessor import Assessor
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.knowledge.network import Network
from tests.advice.small import small_network, small_rules
from tests.strategies import Enumeration, layered_network, random_network


def assessor_of(network: Network) -> Assessor:
    """A network without rules."""
    return Assessor(CompiledNetwork(network), None)


def small_assessor(folder: Path) -> Assessor:
    """The small network of tests/advice with its rules."""
    network = small_network()
    return Assessor(CompiledNetwork(network), small_rules(folder, network))


def layered(seed: int, *, zeros: float = 0.0) -> Network:
    """Two or three factors, two or three causes, three or four findings."""
    rng = np.random.default_rng(seed)
    return layered_network(
        rng, int(rng.integers(2, 4)), int(rng.integers(2, 4)), int(rng.integers(3, 5)), zeros=zeros
    )


def tangled(seed: int, *, zeros: float = 0.0) -> Network:
    """Any small graph, two of its nodes taken as causes."""
    rng = np.random.default_rng(seed)
    while True:
        network = random_network(rng, 6, most_states=3, zeros=zeros)
        able = [each.id for each in network.nodes if len(each.states) > 1]
        if len(able) >= 4:
            return network.with_causes(able[:2])


def some_findings(network: Network, seed: int, most: int = 4) -> dict[str, str]:
    """States of a few variables that are no causes, possible together."""
    rng = np.random.default_rng(seed)
    names = [each.id for each in network.nodes if each.role not in ("cause", "complaint")]
    chosen = rng.permutation(names)[: int(rng.integers(1, min(most, len(names)) + 1))]
    world = Enumeration(network)
    found: dict[str, str] = {}
    for name in chosen.tolist():
        states = network.variable(name).states
        possible = [s for s in states if world.with_findings({**found, name: s}).sum() > 1e-12]
        found[name] = possible[int(rng.integers(len(possible)))]
    return found


def chance(world: Enumeration, findings: dict[str, str], cause: str) -> float:
    """P(cause present | findings), by enumeration."""
    table = world.with_findings(findings)
    return float(world.posterior(table, (cause,))[world.network.variable(cause).present_index])


def every_answer(network: Network, names: list[str]) -> list[dict[str, str]]:
    """All combinations of answers to these questions."""
    states = [network.variable(name).states for name in names]
    return [dict(zip(names, each, strict=True)) for each in itertools.product(*states)]
