"""Networks with one number changed, written down again cell by cell: the oracle of the sensitivity tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from massage_pain.knowledge.distributions import Distribution, NoisyMax, Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import Parameter


def with_number(network: Network, key: tuple[str, ...], x: float) -> Network:
    """The network with the number `key` at x; the others of its row make room as the theory says."""
    changed = [
        _changed(network, each, key, x) if each.variable == key[0] else each for each in network.distributions
    ]
    return replace(network, distributions=tuple(changed))


def _changed(network: Network, old: Distribution, key: tuple[str, ...], x: float) -> Distribution:
    name, part, *rest = key
    states = network.variable(name).states
    if isinstance(old, NoisyMax):
        leak = dict(old.leak)
        links = {p: {u: dict(s) for u, s in by.items()} for p, by in old.links.items()}
        strengths = leak if part == "leak" else links[rest[0]][rest[1]]
        strengths[rest[-1]] = Parameter(x, x, x, ("test",), "U")
        return NoisyMax(name, leak, links)
    at = tuple(network.variable(p).states.index(s) for p, s in zip(old.parents, rest, strict=False))
    k = states.index(rest[-1])
    values = np.array(old.values)
    row = values[at] / values[at].sum()
    others = np.delete(np.arange(len(states)), k)
    if len(others):
        share = (
            row[others] / row[others].sum() if row[others].sum() > 0 else np.ones(len(others)) / len(others)
        )
        row[others] = (1.0 - x) * share
        row[k] = x
    values[at] = row
    return Table(name, old.parents, values)
