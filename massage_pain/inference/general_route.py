"""The general route: a junction tree over the nodes a question needs, for blocks of cases."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from massage_pain.inference.arithmetic import Index
from massage_pain.inference.blocks import in_blocks
from massage_pain.inference.clique_tree import CliqueTree, clique_tree
from massage_pain.inference.elimination import Scope, cheapest_cliques
from massage_pain.inference.evidence import SOFT, Evidence
from massage_pain.inference.factors import FactorScopes, divorceable, factor_scopes, make_factors
from massage_pain.inference.junction_tree import JunctionTree
from massage_pain.inference.propagation import Propagation
from massage_pain.knowledge.distributions import FloatArray, cell_count
from massage_pain.knowledge.network import Network

BLOCK_NUMBERS = 2**19
"""Table cells times cases of one block: a few arrays of 4 MB at a time."""

WORTH_DIVORCING = 2**15
"""Table cells up to which noisy-MAX nodes are simply written out."""


@dataclass(frozen=True)
class TreeShape:
    """A clique tree before any table is made; `root` are the variables that share its first clique."""

    factors: FactorScopes
    tree: CliqueTree
    root: Scope

    @property
    def cells(self) -> int:
        """The cells of all its tables."""
        return self.tree.cells


@dataclass(frozen=True, eq=False)
class _TargetPlaces:
    """The targets' states among all marginals, one target after the other.

    Of each state its row there (`rows`) and whose it is (`owner`); where each target begins (`starts`), and
    which are its own (`cuts`).
    """

    rows: Index
    starts: Index
    owner: Index
    cuts: dict[str, slice]


class GeneralRoute:
    """A junction tree for some nodes of a network, with the places of its variables."""

    def __init__(self, network: Network, shape: TreeShape) -> None:
        factors = make_factors(network, shape.factors)
        self._tree = JunctionTree(shape.tree, factors.sizes, factors.scopes, factors.tables, shape.root)
        self._number = {name: index for index, name in enumerate(factors.names)}
        self._sizes = dict(zip(factors.names, factors.sizes, strict=False))  # auxiliary ones stand last
        self._block = max(1, BLOCK_NUMBERS // self._tree.numbers)
        self._last: tuple[tuple[str, ...], _TargetPlaces] | None = None

    @property
    def numbers(self) -> int:
        """How many numbers a propagation of one case holds."""
        return self._tree.numbers

    def propagate(self, evidence: Evidence, targets: tuple[str, ...], joint: bool) -> Propagation:
        """Posteriors of the targets, block by block; `joint` for exactly the targets planned for."""
        count = evidence.n_cases
        sizes = [self._sizes[name] for name in targets]
        log_evidence = np.empty(count)
        joint = joint and bool(targets)
        found = np.empty((cell_count(sizes) if joint else sum(sizes), count))
        places = self._places_of(targets)

        def work(rows: slice) -> None:
            likelihood = self._likelihood(evidence, rows)
            if evidence.of_table and self._block > likelihood.shape[1] == 1:
                likelihood = likelihood.repeat(2, axis=1)  # numpy sums a single column in another order
            logs, beliefs, table = self._tree.propagate(
                likelihood, marginals=bool(targets) and not joint, joint=joint
            )
            width = rows.stop - rows.start
            log_evidence[rows] = logs[:width]
            with np.errstate(invalid="ignore"):  # a case that is impossible has zeros: they become NaN
                if table is not None:
                    found[:, rows] = (table / table.sum(axis=0))[:, :width]
                elif beliefs is not None:
                    some = beliefs.take(places.rows, axis=0)
                    some /= np.add.reduceat(some, places.starts, axis=0).repeat(sizes, axis=0)
                    found[:, rows] = some[:, :width]

        in_blocks(count, self._block, work)
        found[:, np.isneginf(log_evidence)] = np.nan  # a part that knows nothing of it would still answer
        if not targets:
            certain = np.where(np.isneginf(log_evidence), np.nan, 1.0)
            return Propagation(log_evidence, {}, certain)
        if not joint:
            return Propagation(log_evidence, {name: found[cut].T for name, cut in places.cuts.items()}, None)
        whole = np.moveaxis(found.reshape(*sizes, count), -1, 0)
        marginals = {}
        for axis, name in enumerate(targets):
            others = tuple(other + 1 for other in range(len(targets)) if other != axis)
            marginals[name] = whole.sum(axis=others)
        return Propagation(log_evidence, marginals, whole)

    def one(
        self, codes: Mapping[str, int], soft: Mapping[str, FloatArray], targets: tuple[str, ...]
    ) -> tuple[float, dict[str, FloatArray]]:
        """For a single case, its states and the likelihoods (states,) of what is soft.

        The logarithm of P(findings), and the posteriors (1, states); NaN where that is -inf.
        """
        number = self._number
        observed = {number[name]: code for name, code in codes.items() if name in number}
        weights = {number[name]: row for name, row in soft.items() if name in number}
        log, beliefs = self._tree.propagate_one(observed, weights, marginals=bool(targets))
        if math.isinf(log):
            return log, {name: np.full((1, self._sizes[name]), np.nan) for name in targets}
        if beliefs is None:
            return log, {}
        places = self._places_of(targets)
        some = beliefs.take(places.rows)
        some /= np.add.reduceat(some, places.starts).take(places.owner)
        table = some[None]
        return log, {name: table[:, cut] for name, cut in places.cuts.items()}

    def _places_of(self, targets: tuple[str, ...]) -> _TargetPlaces:
        last = self._last  # read once: another thread may put its own question there
        if last is not None and last[0] == targets:  # the same question, case after case
            return last[1]
        rows = [np.arange(self._sizes[name]) + self._tree.offset[self._number[name]] for name in targets]
        ends = np.cumsum([0, *map(len, rows)], dtype=np.intp)
        found = _TargetPlaces(
            np.concatenate(rows) if rows else np.empty(0, dtype=np.intp),
            ends[:-1],
            np.repeat(np.arange(len(rows)), np.diff(ends)),
            dict(zip(targets, map(slice, ends[:-1].tolist(), ends[1:].tolist()), strict=True)),
        )
        self._last = targets, found
        return found

    def _likelihood(self, evidence: Evidence, rows: slice) -> FloatArray:
        found = np.ones((self._tree.evidence_rows, rows.stop - rows.start))
        for name, codes in evidence.codes.items():
            if name not in self._number:
                continue  # a screening answer, or a node this question does not need
            size = self._sizes[name]
            offset = self._tree.offset[self._number[name]]
            here = codes[rows]
            lookup = np.concatenate([np.eye(size), np.ones((size, 3))], axis=1)
            found[offset : offset + size] = lookup[:, here]  # the three marks count from the end
            if name in evidence.likelihoods:
                soft = np.flatnonzero(here == SOFT)
                found[offset : offset + size, soft] = evidence.likelihoods[name][rows][soft].T
        return found


def tree_cells(network: Network, kept: Collection[str], together: Sequence[str]) -> int:
    """About the cells of `tree_shape`, at a quick look: to compare before one is chosen."""

    def cells(chains: frozenset[str]) -> int:
        factors = factor_scopes(network, names, chains)
        return cheapest_cliques([*factors.scopes, root], factors.sizes, thorough=False)[0]

    names, root = _numbered(network, kept, together)
    plain = cells(frozenset())
    chains = frozenset(each for each in names if divorceable(network, each))
    return min(plain, cells(chains)) if chains and plain > WORTH_DIVORCING else plain


def tree_shape(
    network: Network, kept: Collection[str], together: Sequence[str], limit: float = math.inf
) -> TreeShape:
    """The cheapest tree found for the nodes `kept`; the variables `together` share a clique.

    Nothing is allocated: `cells` says what compiling it would take. Over the limit it cannot be compiled.
    """
    names, root = _numbered(network, kept, together)
    factors = factor_scopes(network, names, frozenset())
    tree = clique_tree(factors.scopes, factors.sizes, root, limit)
    chains = frozenset(each for each in names if divorceable(network, each))
    if chains and tree.cells > WORTH_DIVORCING:
        divorced = factor_scopes(network, names, chains)
        other = clique_tree(divorced.scopes, divorced.sizes, root, limit)
        if other.cells < tree.cells:
            return TreeShape(divorced, other, root)
    return TreeShape(factors, tree, root)


def _numbered(network: Network, kept: Collection[str], together: Sequence[str]) -> tuple[list[str], Scope]:
    """The nodes in the order of their numbers, and the numbers of those that share a clique."""
    names = [each for each in network.topological_order if each in kept]
    number = {name: index for index, name in enumerate(names)}
    return names, tuple(number[each] for each in together)
