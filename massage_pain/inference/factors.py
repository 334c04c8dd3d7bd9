"""A network as a product of tables over numbered variables.

A noisy-MAX with many parents need not be written out: the highest of many contributions is the highest
of a chain of pairs ("parent divorcing", Olesen et al. 1989; Heckerman 1993). With Y_1 the higher of the
leak and what parent 1 triggers, and Y_i = max(Y_{i-1}, what parent i triggers), every table has three
variables and only positive numbers, so nothing is lost to cancellation.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from massage_pain.inference.elimination import Scope
from massage_pain.knowledge.distributions import FloatArray, NoisyMax, cell_count
from massage_pain.knowledge.network import Network


@dataclass(frozen=True)
class Factors:
    """The product of `tables` is the joint distribution; each has one axis a variable of its scope.

    Variables are numbered; the first are the network's nodes in `names`, the rest are auxiliary.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    scopes: tuple[Scope, ...]
    tables: tuple[FloatArray, ...]


@dataclass(frozen=True)
class FactorScopes:
    """The shape of `Factors` before any table is made, to estimate costs with."""

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    scopes: tuple[Scope, ...]
    divorced: frozenset[str]


def factor_scopes(network: Network, kept: Sequence[str], divorce: Collection[str]) -> FactorScopes:
    """The scopes for the nodes `kept` (ancestors included) with some noisy-MAX nodes divorced."""
    number = {name: index for index, name in enumerate(kept)}
    sizes = [len(network.variable(each).states) for each in kept]
    scopes: list[Scope] = []
    for name in kept:
        parents = [number[each] for each in network.parents(name)]
        if name not in divorce:
            scopes.append((*parents, number[name]))
            continue
        before = parents[0]
        for position, parent in enumerate(parents):
            last = position == len(parents) - 1
            here = number[name] if last else len(sizes)
            if not last:
                sizes.append(sizes[number[name]])
            scopes.append((parent, here) if position == 0 else (before, parent, here))
            before = here
    return FactorScopes(tuple(kept), tuple(sizes), tuple(scopes), frozenset(divorce))


def make_factors(network: Network, shape: FactorScopes) -> Factors:
    """The tables for these scopes; every row is divided by its sum, so rounding in a file is no mass."""
    tables: list[FloatArray] = []
    for name in shape.names:
        if name in shape.divorced:
            tables.extend(_chain(network, name))
        else:
            table = network.cpd(name)
            tables.append(table / table.sum(axis=-1, keepdims=True))
    return Factors(shape.names, shape.sizes, shape.scopes, tuple(tables))


def divorceable(network: Network, name: str) -> bool:
    """Whether writing the node as a chain of pairs could be smaller than its table."""
    distribution = network.distribution(name)
    if not isinstance(distribution, NoisyMax) or len(distribution.parents) < 2:
        return False
    states = len(network.variable(name).states)
    sizes = [len(network.variable(each).states) for each in distribution.parents]
    chain = sum(size * states * states for size in sizes[1:]) + sizes[0] * states
    return chain < cell_count(sizes) * states or len(sizes) > 2


def _chain(network: Network, name: str) -> list[FloatArray]:
    distribution = network.distribution(name)
    assert isinstance(distribution, NoisyMax)
    variables = {each: network.variable(each) for each in (*distribution.parents, name)}
    tables = []
    for position, parent in enumerate(distribution.parents):
        link = distribution.link_distribution(parent, variables)
        if position == 0:
            table = _higher(distribution.leak_distribution(variables)[None, :], link)[0]
        else:
            table = _higher(np.eye(link.shape[1]), link)
        tables.append(table / table.sum(axis=-1, keepdims=True))
    return tables


def _higher(before: FloatArray, link: FloatArray) -> FloatArray:
    """The distribution of the higher of two: shape (rows of before, parent states, states)."""
    states = link.shape[1]
    higher = np.zeros((before.shape[0], link.shape[0], states))
    for one in range(states):
        for other in range(states):
            higher[:, :, max(one, other)] += before[:, None, one] * link[None, :, other]
    return higher
