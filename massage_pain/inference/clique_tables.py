"""The cliques of a tree with their tables, and which of their cells can ever be possible.

A table that is a product of distributions is often mostly zeros (78 to 99% in networks with deterministic
nodes). A cell is kept only if it is possible in its own clique and agrees with a possible cell of every
other clique; one pass up the tree and one pass down find that (arc consistency on a tree; zero
compression of Jensen and Andersen 1990). Whatever the evidence, the other cells stay zero.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.arithmetic import Index
from massage_pain.inference.elimination import CliqueTree, Scope
from massage_pain.knowledge.distributions import FloatArray, cell_count

DENSE_CELLS = 2**13
"""From this size a clique with few zeros is kept as an array with an axis for each variable."""

DENSE_SHARE = 0.3
"""The share of possible cells from which that is cheaper than a list of cells."""


class CliqueTable:
    """One clique: its variables (separator first, those with a single state left out) and its cells.

    `base` has one axis a variable, in the order of `order`; `possible` marks the cells that are kept.
    """

    def __init__(self, scope: Scope, separator: Scope, sizes: Sequence[int]) -> None:
        self.separator = tuple(each for each in separator if sizes[each] > 1)
        rest = tuple(each for each in scope if sizes[each] > 1 and each not in separator)
        self.order = (*self.separator, *rest)
        self.shape = tuple(sizes[each] for each in self.order)
        self.sizes = sizes
        self.base: FloatArray = np.ones(self.shape)
        self.possible: NDArray[np.bool_] = np.ones(self.shape, dtype=bool)
        self.support: Index = np.empty(0, dtype=np.intp)
        self._states: tuple[Index, ...] | None = None

    def multiply(self, scope: Scope, table: FloatArray) -> None:
        """Multiply a table over some of the variables in."""
        narrow = tuple(each for each in scope if self.sizes[each] > 1)
        self.base *= self.spread(narrow, table.reshape([self.sizes[each] for each in narrow]))

    def spread(self, scope: Scope, table: NDArray[np.generic]) -> NDArray[np.generic]:
        """A table over `scope` (one axis a variable) as it multiplies this clique."""
        place = {each: axis for axis, each in enumerate(self.order)}
        axes = sorted(range(len(scope)), key=lambda axis: place[scope[axis]])
        shape = [1] * len(self.order)
        for each, size in zip(scope, table.shape, strict=True):
            shape[place[each]] = size
        return table.transpose(axes).reshape(shape)

    def others(self, scope: Scope) -> tuple[int, ...]:
        """The axes of the variables that are not in `scope`."""
        inside = set(scope)
        return tuple(axis for axis, each in enumerate(self.order) if each not in inside)

    def narrow(self, scope: Scope) -> Scope:
        """The variables of `scope` that have more than one state."""
        return tuple(each for each in scope if self.sizes[each] > 1)

    @property
    def is_dense(self) -> bool:
        """Whether the clique is better kept as an array than as a list of cells."""
        cells = self.possible.size
        return cells > DENSE_CELLS and np.count_nonzero(self.possible) > DENSE_SHARE * cells

    def possible_states(self) -> NDArray[np.bool_]:
        """Which states of the separator are possible here, one axis a variable."""
        found: NDArray[np.bool_] = self.possible.any(axis=tuple(range(len(self.separator), len(self.order))))
        return found

    # -- as a list of cells --------------------------------------------------------------------

    @property
    def cells(self) -> tuple[Index, ...]:
        """For each kept cell the state of each variable of `order`."""
        if self._states is None:
            self._states = tuple(np.nonzero(self.possible)) if self.order else ()
        return self._states

    @property
    def count(self) -> int:
        """How many cells are kept."""
        return int(np.count_nonzero(self.possible))

    @property
    def values(self) -> FloatArray:
        """The kept cells of the base."""
        return self.base[self.possible] if self.order else self.base.reshape(1)

    def index(self, scope: Scope) -> Index:
        """For each kept cell, the cell of a table over `scope` it belongs to."""
        place = {each: axis for axis, each in enumerate(self.order)}
        found = np.zeros(self.count, dtype=np.intp)
        step = 1
        for each in reversed(scope):
            if self.sizes[each] > 1:
                found += self.cells[place[each]] * step
                step *= self.sizes[each]
        return found


def clique_tables(
    tree: CliqueTree, sizes: Sequence[int], scopes: Sequence[Scope], tables: Sequence[FloatArray]
) -> list[CliqueTable]:
    """Every clique with the product of the tables assigned to it and its possible cells.

    A table goes to the smallest clique that holds its variables.
    """
    cliques = [
        CliqueTable(scope, separator, sizes)
        for scope, separator in zip(tree.cliques, tree.separators, strict=True)
    ]
    members = [set(each) for each in tree.cliques]
    holding = cliques_holding(tree)
    for scope, table in zip(scopes, tables, strict=True):
        rarest = min(scope, key=lambda each: len(holding[each]))
        fitting = [i for i in holding[rarest] if members[i].issuperset(scope)]
        cliques[min(fitting, key=lambda i: cliques[i].base.size)].multiply(scope, table)
    for each in cliques:
        each.possible = each.base > 0.0
    _propagate_supports(tree, cliques)
    return cliques


def cliques_holding(tree: CliqueTree) -> dict[int, list[int]]:
    """For each variable the cliques it is in."""
    found: dict[int, list[int]] = {}
    for index, scope in enumerate(tree.cliques):
        for each in scope:
            found.setdefault(each, []).append(index)
    return found


def _propagate_supports(tree: CliqueTree, cliques: list[CliqueTable]) -> None:
    for i in range(len(cliques) - 1, -1, -1):
        if tree.parent[i] >= 0:
            above = cliques[tree.parent[i]]
            states = cliques[i].possible_states()
            if not states.all():
                above.possible &= above.spread(cliques[i].separator, states)
    for i, clique in enumerate(cliques):
        if tree.parent[i] < 0:
            clique.support = np.zeros(1, dtype=np.intp)
            continue
        above = cliques[tree.parent[i]]
        states = above.possible.any(axis=above.others(clique.separator))
        kept = [each for each in above.order if each in clique.separator]
        states = states.transpose([kept.index(each) for each in clique.separator])
        if not states.all():
            clique.possible &= clique.spread(clique.separator, states)
        clique.support = np.flatnonzero(states)


def separator_cells(clique: CliqueTable) -> int:
    """The states of a clique's separator, possible or not."""
    return cell_count([clique.sizes[each] for each in clique.separator])
