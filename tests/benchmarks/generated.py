"""Networks made to measure growth: a size or a width as large as one likes, the same in every process."""

from __future__ import annotations

import numpy as np

from massage_pain.knowledge.distributions import Distribution, NoisyMax, Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import Parameter
from massage_pain.knowledge.variable import Variable


def band(variables: int, width: int, *, seed: int = 1) -> Network:
    """Binary variables in a row, each with up to three parents among the `width` before it.

    One parent is the farthest of those, so the treewidth comes near `width` and cannot exceed it.
    """
    generator = np.random.default_rng([seed, variables, width])
    nodes = [Variable(id=f"x{i}", states=("no", "yes")) for i in range(variables)]
    tables: list[Distribution] = []
    for i, node in enumerate(nodes):
        window = list(range(max(0, i - width), i))
        others = generator.permutation(window[1:])[:2].tolist()
        parents = tuple(nodes[j].id for j in (*window[:1], *others))
        rows = generator.beta(1.0, 1.0, (2,) * len(parents))
        tables.append(Table(node.id, parents, np.stack([1.0 - rows, rows], axis=-1)))
    return Network("band", tuple(nodes), tuple(tables))


def two_layers(diseases: int, findings: int, *, causes: int = 4, seed: int = 1) -> Network:
    """Independent rare diseases over noisy-OR findings, each with a leak and `causes` of the diseases."""
    generator = np.random.default_rng([seed, diseases, findings])
    above = [Variable(id=f"disease{i}", role="cause") for i in range(diseases)]
    below = [Variable(id=f"finding{i}", role="symptom") for i in range(findings)]
    parts: list[Distribution] = []
    for disease in above:
        prior = float(generator.uniform(0.02, 0.2))
        parts.append(Table(disease.id, (), np.array([1.0 - prior, prior])))
    for finding in below:
        chosen = sorted(generator.permutation(diseases)[:causes].tolist())
        links = {above[i].id: {"present": {"present": strength(generator, 0.2, 0.9)}} for i in chosen}
        parts.append(NoisyMax(finding.id, {"present": strength(generator, 0.01, 0.05)}, links))
    return Network("two layers", (*above, *below), tuple(parts))


def strength(generator: np.random.Generator, low: float, high: float) -> Parameter:
    """A random parameter."""
    value = float(generator.uniform(low, high))
    return Parameter(value, value, value, ("generated",), "U")
