"""Counterfactuals by brute force: every mechanism of a small network enumerated, in both worlds.

Independent of the library's twin network: a noisy-MAX is written as its thresholds, cut into the intervals on
which nothing changes; everything else as the states it can take. Each combination is one complete world.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise, product

import numpy as np

from massage_pain.inference.case import Likelihood
from massage_pain.knowledge.distributions import NoisyMax
from massage_pain.knowledge.network import Network

World = dict[str, int]


def thresholds(rows: np.ndarray) -> list[tuple[float, list[int]]]:
    """Intervals of one threshold: (probability, the child's state for each state of the parent)."""
    reached = [[float(row[t:].sum()) if t else 1.0 for t in range(len(row))] for row in rows]
    cuts = sorted({0.0, 1.0, *(each for row in reached for each in row)})
    found = []
    for low, high in pairwise(cuts):
        if high - low > 1e-15:
            middle = (low + high) / 2
            states = [max(t for t, chance in enumerate(row) if chance > middle) for row in reached]
            found.append((high - low, states))
    return found


def worlds(network: Network, do: Mapping[str, int]) -> Iterator[tuple[float, World, World]]:
    """Every combination of mechanisms: (probability, the actual world, the other world)."""
    variables = {each.id: each for each in network.variables}
    order = network.topological_order

    def rest(at: int, weight: float, actual: World, other: World) -> Iterator[tuple[float, World, World]]:
        if at == len(order):
            yield weight, dict(actual), dict(other)
            return
        name = order[at]
        for chance, state, copy in ways(name, actual, other):
            if chance > 0.0:
                actual[name], other[name] = state, do.get(name, copy)
                yield from rest(at + 1, weight * chance, actual, other)

    def ways(name: str, actual: World, other: World) -> list[tuple[float, int, int]]:
        distribution = network.distribution(name)
        if isinstance(distribution, NoisyMax):
            leak = thresholds(distribution.leak_distribution(variables)[None, :])
            links = [thresholds(distribution.link_distribution(p, variables)) for p in distribution.parents]
            found: dict[tuple[int, int], float] = {}
            for combination in product(leak, *links):
                states = [combination[0][1][0]]
                copies = [combination[0][1][0]]
                for parent, (_, by_state) in zip(distribution.parents, combination[1:], strict=True):
                    states.append(by_state[actual[parent]])
                    copies.append(by_state[other[parent]])
                key = max(states), max(copies)
                found[key] = found.get(key, 0.0) + float(np.prod([each[0] for each in combination]))
            return [(chance, *key) for key, chance in found.items()]
        row = network.cpd(name)[tuple(actual[parent] for parent in distribution.parents)]
        copy_row = network.cpd(name)[tuple(other[parent] for parent in distribution.parents)]
        if np.array_equal(row, copy_row):
            return [(float(chance), state, state) for state, chance in enumerate(row)]
        # only reached where nobody asks what became of it, or where both rows are certain
        return [(float(chance), state, int(copy_row.argmax())) for state, chance in enumerate(row)]

    yield from rest(0, 1.0, {}, {})


def weight_of(network: Network, actual: World, findings: Mapping[str, object]) -> float:
    """How likely the findings are in a complete world."""
    found = 1.0
    for name, said in findings.items():
        states = network.variable(name).states
        found *= (
            said[states[actual[name]]]
            if isinstance(said, Likelihood)
            else float(states[actual[name]] == said)
        )
    return found


def share(
    network: Network,
    do: Mapping[str, int],
    findings: Mapping[str, object],
    happens: object,
    given: object = None,
) -> float:
    """P(happens(actual, other) | findings, given(actual, other)), by enumeration; NaN of nothing."""
    above = below = 0.0
    for chance, actual, other in worlds(network, do):
        weight = chance * weight_of(network, actual, findings)
        if weight and (given is None or given(actual, other)):  # type: ignore[operator]
            below += weight
            above += weight * bool(happens(actual, other))  # type: ignore[operator]
    return above / below if below > 1e-12 else float("nan")
