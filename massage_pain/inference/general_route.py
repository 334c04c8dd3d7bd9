"""The general route: a junction tree over the nodes a question needs, for blocks of cases."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from massage_pain.errors import ComplexityError
from massage_pain.inference.elimination import clique_tree
from massage_pain.inference.evidence import SOFT, Evidence
from massage_pain.inference.factors import divorceable, factor_scopes, make_factors
from massage_pain.inference.junction_tree import JunctionTree
from massage_pain.inference.propagation import Propagation
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network

BLOCK_NUMBERS = 2**20
"""Table cells times cases of one block: a few arrays of 8 MB at a time."""

WORTH_DIVORCING = 2**15
"""Table cells up to which noisy-MAX nodes are simply written out."""


class GeneralRoute:
    """A junction tree for some nodes of a network, with the places of its variables."""

    def __init__(
        self, network: Network, tree: JunctionTree, kept: Sequence[str], together: Sequence[str]
    ) -> None:
        self._tree = tree
        self._number = {name: index for index, name in enumerate(kept)}
        self._sizes = {name: len(network.variable(name).states) for name in kept}
        self._block = max(1, BLOCK_NUMBERS // tree.numbers)
        self._together = tuple(together)

    def propagate(self, evidence: Evidence, targets: tuple[str, ...], joint: bool) -> Propagation:
        """Posteriors of the targets, block by block."""
        count = evidence.n_cases
        joint = joint and bool(targets)
        log_evidence = np.empty(count)
        marginals = {name: np.empty((count, self._sizes[name])) for name in targets}
        shape = tuple(self._sizes[name] for name in targets)
        whole = np.ones((count, *shape)) if joint or not targets else None
        for start in range(0, count, self._block):
            rows = slice(start, min(count, start + self._block))
            logs, beliefs, table = self._tree.propagate(
                self._likelihood(evidence, rows), marginals=bool(targets) and not joint, joint=joint
            )
            log_evidence[rows] = logs
            impossible = np.isneginf(logs)
            if beliefs is not None:
                for name in targets:
                    offset = self._tree.offset(self._number[name])
                    found = beliefs[offset : offset + self._sizes[name]]
                    marginals[name][rows] = _normalised(found, impossible).T
            if whole is not None and table is not None:
                block = _normalised(table, impossible).T.reshape(len(logs), *shape)
                whole[rows] = block
                for axis, name in enumerate(targets):
                    others = tuple(a + 1 for a in range(len(targets)) if a != axis)
                    marginals[name][rows] = block.sum(axis=others)
        if whole is not None and not targets:
            whole[np.isneginf(log_evidence)] = np.nan
        return Propagation(log_evidence, marginals, whole)

    def _likelihood(self, evidence: Evidence, rows: slice) -> FloatArray:
        found = np.ones((self._tree.evidence_rows, rows.stop - rows.start))
        for name, codes in evidence.codes.items():
            if name not in self._number:
                continue  # a screening answer, or a node this question does not need
            size = self._sizes[name]
            offset = self._tree.offset(self._number[name])
            here = codes[rows]
            lookup = np.concatenate([np.eye(size), np.ones((size, 3))], axis=1)
            found[offset : offset + size] = lookup[:, here]  # the three marks count from the end
            if name in evidence.likelihoods:
                soft = np.flatnonzero(here == SOFT)
                found[offset : offset + size, soft] = evidence.likelihoods[name][rows][soft].T
        return found


def plan_general(
    network: Network, kept: Collection[str], together: Sequence[str], limit: float
) -> GeneralRoute:
    """The cheapest junction tree for the nodes `kept`; the targets `together` share a clique.

    Raises `ComplexityError` before anything is allocated when it would have more cells than `limit`.
    """
    names = [each for each in network.topological_order if each in set(kept)]
    number = {name: index for index, name in enumerate(names)}
    root = tuple(number[each] for each in together)
    shape = factor_scopes(network, names, frozenset())
    tree = clique_tree(shape.scopes, shape.sizes, root)
    chains = frozenset(each for each in names if divorceable(network, each))
    if chains and tree.cells > WORTH_DIVORCING:
        divorced = factor_scopes(network, names, chains)
        other = clique_tree(divorced.scopes, divorced.sizes, root)
        if other.cells < tree.cells:
            tree, shape = other, divorced
    if tree.cells > limit:
        raise ComplexityError(
            f"This question needs tables of {tree.cells:,} cells ({len(names)} variables, largest "
            f"clique {max(len(each) for each in tree.cliques)} variables); the limit is {limit:,.0f}. "
            "Ask for fewer targets, or raise the limit: CompiledNetwork(network, limit=...).",
            estimate=tree.cells,
            limit=limit,
        )
    factors = make_factors(network, shape)
    compiled = JunctionTree(tree, factors.sizes, factors.scopes, factors.tables, root)
    return GeneralRoute(network, compiled, names, together)


def _normalised(values: FloatArray, impossible: NDArray[np.bool_]) -> FloatArray:
    """Columns that sum to one; NaN where the case is impossible."""
    with np.errstate(invalid="ignore"):
        found = values / values.sum(axis=0)
    found[:, impossible] = np.nan
    return found
