"""Many cases of which nearly everything is known: the little that is hidden, written out.

Given all the other variables, the hidden ones depend only on the families they are in (their Markov blanket,
Pearl 1988). So each family is looked up at what was observed, one row a case over the joint states of what is
hidden, and the product of the rows is P(hidden, findings). No clique tree is needed, however wide the
network. Logarithms throughout: a case may have hundreds of findings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from massage_pain.inference.evidence import Codes, Evidence
from massage_pain.inference.family_tables import ancestors
from massage_pain.inference.propagation import Propagation
from massage_pain.knowledge.distributions import FloatArray, cell_count
from massage_pain.knowledge.network import Network

MOST_CELLS = 4096
"""Joint states of what is hidden up to which they are written out."""

MOST_TABLE_CELLS = 2**22
"""Cells of all distributions together up to which they are written out."""

BLOCK_CELLS = 2**18
"""Joint states times cases that are gone through at a time."""


def with_rest_known(
    network: Network, evidence: Evidence, told: Sequence[str], targets: Sequence[str], *, joint: bool
) -> Propagation | None:
    """Posteriors of the targets, `told` being the variables that some case says something about.

    None where a case leaves one of them open or is not sure of it, or where there is too much to write out.
    """
    if not told or any((evidence.codes[name] < 0).any() for name in told):
        return None
    known = {name: evidence.codes[name] for name in told}
    needed = ancestors(network, [*told, *targets])
    hidden = [each.id for each in network.nodes if each.id in needed and each.id not in known]
    shape = [len(network.variable(name).states) for name in hidden]
    families = {name: (*network.parents(name), name) for name in needed}
    written = sum(
        cell_count([len(network.variable(each).states) for each in family]) for family in families.values()
    )
    if cell_count(shape) > MOST_CELLS or written > MOST_TABLE_CELLS:
        return None
    factors = [_factor(network, family, hidden) for family in families.values()]
    step = max(1, BLOCK_CELLS // cell_count(shape))
    parts = [
        _beliefs(factors, {name: each[start : start + step] for name, each in known.items()}, shape)
        for start in range(0, evidence.n_cases, step)
    ]
    log_evidence, table = (np.concatenate(each) for each in zip(*parts, strict=True))
    axis_of = {name: axis for axis, name in enumerate(hidden, 1)}
    marginals: dict[str, FloatArray] = {}
    for name in targets:
        if name in known:
            marginals[name] = np.eye(len(network.variable(name).states))[known[name]]
            marginals[name][log_evidence == -np.inf] = np.nan
        else:
            marginals[name] = table.sum(
                axis=tuple(axis for axis in axis_of.values() if axis != axis_of[name])
            )
    if not joint or not targets:
        return Propagation(log_evidence, marginals)
    free = [name for name in targets if name in axis_of]
    whole = table.sum(axis=tuple(axis for name, axis in axis_of.items() if name not in free))
    left = [name for name in hidden if name in free]
    whole = whole.transpose(0, *(1 + left.index(name) for name in free))
    for axis, name in enumerate(targets, 1):
        if name in known:  # all of it in the state that was observed
            point = marginals[name].reshape(len(whole), *[1] * (axis - 1), -1, *[1] * (whole.ndim - axis))
            whole = np.expand_dims(whole, axis) * point
    return Propagation(log_evidence, marginals, whole)


class _Factor(NamedTuple):
    """The logarithm of one distribution, its known variables first, then what is hidden of it in order.

    `shape` is that of a row of it beside the joint states of all that is hidden.
    """

    known: tuple[str, ...]
    logs: FloatArray
    shape: tuple[int, ...]


def _factor(network: Network, family: Sequence[str], hidden: Sequence[str]) -> _Factor:
    table = network.cpd(family[-1])
    table = table / table.sum(axis=-1, keepdims=True)
    axis = {name: at for at, name in enumerate(family)}
    known = tuple(name for name in family if name not in hidden)
    left = [name for name in hidden if name in axis]
    with np.errstate(divide="ignore"):
        logs = np.log(table.transpose(*(axis[name] for name in (*known, *left))))
    return _Factor(known, logs, tuple(table.shape[axis[name]] if name in axis else 1 for name in hidden))


def _beliefs(
    factors: Sequence[_Factor], known: Mapping[str, Codes], shape: Sequence[int]
) -> tuple[FloatArray, FloatArray]:
    """Log P(known), (n,), and P(hidden | known), (n, states of the first, ...)."""
    count = len(next(iter(known.values())))
    logs = np.zeros((count, *shape))
    for each in factors:
        logs += each.logs[tuple(known[name] for name in each.known)].reshape(-1, *each.shape)
    flat = logs.reshape(count, -1)
    highest = flat.max(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        flat = np.exp(flat - np.where(highest == -np.inf, 0.0, highest)[:, None])
        total = flat.sum(axis=1)
        return np.log(total) + highest, (flat / total[:, None]).reshape(count, *shape)
