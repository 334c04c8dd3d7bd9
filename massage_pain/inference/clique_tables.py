"""The cliques of a tree with their tables, and which of their cells can ever be possible.

A table that is a product of distributions is often mostly zeros (78 to 99% in networks with deterministic
nodes). A cell is kept only if it is possible in its own clique and agrees with a possible cell of every
other clique; one pass up the tree and one pass down find that (arc consistency on a tree; zero
compression of Jensen and Andersen 1990). Whatever the evidence, the other cells stay zero.

A clique is first an array with an axis for each variable; where that array would be large, its possible
cells are listed by joining the non-zero cells of its tables instead (`support_join`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.arithmetic import Base, Index, base_of
from massage_pain.inference.clique_tree import CliqueTree
from massage_pain.inference.elimination import Scope
from massage_pain.inference.support_join import Relation, join, relation_of
from massage_pain.knowledge.distributions import FloatArray, cell_count

DENSE_CELLS = 2**12
"""From this size a clique with few zeros is kept as an array with an axis for each variable."""

DENSE_SHARE = 0.3
"""The share of possible cells from which that is cheaper than a list of cells."""

WRITTEN_CELLS = 2**20
"""The largest clique that is written out as an array to find its possible cells."""

Cell = TypeVar("Cell", np.float64, np.bool_, np.intp)


class CliqueTable:
    """One clique: its variables (separator first, those with a single state left out) and its cells.

    `size` counts all cells, `count` those that are kept. `support` are the possible states of the
    separator. Made from the tables assigned to it and what the cliques below allow (separator and
    possible states).
    """

    def __init__(
        self,
        scope: Scope,
        separator: Scope,
        sizes: Sequence[int],
        tables: Sequence[tuple[Scope, FloatArray]],
        below: Sequence[tuple[Scope, NDArray[np.bool_]]],
    ) -> None:
        self.sizes = sizes
        self.separator = self.narrow(separator)
        self.order = (*self.separator, *(v for v in self.narrow(scope) if v not in self.separator))
        self.shape = tuple(sizes[each] for each in self.order)
        self.size = cell_count(self.shape)
        self.support: Index = np.zeros(1, dtype=np.intp)
        self._tables = [(self.narrow(names), self._squeezed(names, table)) for names, table in tables]
        self._listed: Relation | None = None
        self._possible: NDArray[np.bool_] = np.empty(0, dtype=bool)  # unless the cells are listed
        if self.size > WRITTEN_CELLS:
            relations = [relation_of(names, table > 0.0) for names, table in self._tables]
            relations += [relation_of(names, states) for names, states in below]
            self._listed = join(relations, self.order, sizes, DENSE_SHARE * self.size)
        if self._listed is None:
            self._possible = np.ones(self.shape, dtype=bool)
            for names, table in self._tables:
                self._possible &= self.spread(names, table > 0.0)
            for names, states in below:
                self._possible &= self.spread(names, states)

    def narrow(self, scope: Scope) -> Scope:
        """The variables of `scope` that have more than one state."""
        return tuple(each for each in scope if self.sizes[each] > 1)

    def _squeezed(self, scope: Scope, table: FloatArray) -> FloatArray:
        return table.reshape([self.sizes[each] for each in self.narrow(scope)])

    def spread(self, scope: Scope, table: NDArray[Cell]) -> NDArray[Cell]:
        """A table over `scope` (one axis a variable) as it multiplies the whole clique."""
        place = {each: axis for axis, each in enumerate(self.order)}
        axes = sorted(range(len(scope)), key=lambda axis: place[scope[axis]])
        shape = [1] * len(self.order)
        for each, size in zip(scope, table.shape, strict=True):
            shape[place[each]] = size
        return table.transpose(axes).reshape(shape)

    def others(self, scope: Scope) -> tuple[int, ...]:
        """The axes of the variables that are not in `scope`."""
        return tuple(axis for axis, each in enumerate(self.order) if each not in scope)

    # -- which cells are possible --------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many cells are kept."""
        if self._listed is not None:
            return self._listed.rows
        return int(np.count_nonzero(self._possible))

    @property
    def is_dense(self) -> bool:
        """Whether the clique is better kept as an array than as a list of cells."""
        large = self._listed is None and self.size > DENSE_CELLS
        return large and self.count > DENSE_SHARE * self.size

    def possible_states(self, scope: Scope) -> NDArray[np.bool_]:
        """Which joint states of `scope` are possible here, one axis a variable."""
        shape = [self.sizes[each] for each in scope]
        if self._listed is not None:
            found = np.zeros(cell_count(shape), dtype=bool)
            found[self._listed.index(scope, self.sizes)] = True
            return found.reshape(shape)
        states = np.asarray(np.logical_or.reduce(self._possible, axis=self.others(scope)))
        kept = [each for each in self.order if each in scope]
        return states.transpose([kept.index(each) for each in scope])

    def allow(self, scope: Scope, states: NDArray[np.bool_]) -> None:
        """Drop the cells whose states of `scope` are not possible elsewhere."""
        if states.all():
            return
        if self._listed is None:
            self._possible &= self.spread(scope, states)
        else:
            kept = np.flatnonzero(states.ravel()[self._listed.index(scope, self.sizes)])
            columns = tuple(each[kept] for each in self._listed.columns)
            self._listed = Relation(self._listed.scope, columns, len(kept))

    # -- what is compiled from it --------------------------------------------------------------

    def as_array(self) -> Base:
        """The product of the tables, one axis a variable, zero where a cell is not kept."""
        return base_of(
            self._possible.astype(np.float64),
            lambda: (self.spread(names, table) for names, table in self._tables),
        )

    def as_list(self) -> Base:
        """The product of the tables for each kept cell; the cells are sorted by separator."""
        if self._listed is None:
            self._listed = relation_of(self.order, self._possible)
            self._possible = np.empty(0, dtype=bool)
        else:
            order = np.argsort(self.index(self.separator), kind="stable")
            columns = tuple(each[order] for each in self._listed.columns)
            self._listed = Relation(self.order, columns, self._listed.rows)
        return base_of(
            np.ones(self._listed.rows),
            lambda: (table.ravel()[self.index(names)] for names, table in self._tables),
        )

    def index(self, scope: Scope) -> Index:
        """For each cell of the list, the cell of a table over `scope` it belongs to."""
        assert self._listed is not None
        return self._listed.index(self.narrow(scope), self.sizes)


def clique_tables(
    tree: CliqueTree, sizes: Sequence[int], scopes: Sequence[Scope], tables: Sequence[FloatArray]
) -> list[CliqueTable]:
    """Every clique with its possible cells. A table goes to the smallest clique that holds it."""
    members = [set(each) for each in tree.cliques]
    cells = [cell_count([sizes[each] for each in scope]) for scope in tree.cliques]
    holding = cliques_holding(tree)
    assigned: list[list[tuple[Scope, FloatArray]]] = [[] for _ in members]
    for scope, table in zip(scopes, tables, strict=True):
        rarest = min(scope, key=lambda each: len(holding[each]))
        fitting = [i for i in holding[rarest] if members[i].issuperset(scope)]
        assigned[min(fitting, key=cells.__getitem__)].append((scope, table))
    found: list[CliqueTable] = []
    below: list[list[tuple[Scope, NDArray[np.bool_]]]] = [[] for _ in members]
    for i in range(len(members) - 1, -1, -1):  # children stand after parents
        clique = CliqueTable(tree.cliques[i], tree.separators[i], sizes, assigned[i], below[i])
        if tree.parent[i] >= 0:
            below[tree.parent[i]].append((clique.separator, clique.possible_states(clique.separator)))
        found.append(clique)
    found.reverse()
    for clique, above in zip(found, tree.parent, strict=True):
        if above >= 0:
            states = found[above].possible_states(clique.separator)
            clique.allow(clique.separator, states)
            clique.support = np.flatnonzero(states)
    return found


def cliques_holding(tree: CliqueTree) -> dict[int, list[int]]:
    """For each variable the cliques it is in."""
    found: dict[int, list[int]] = {}
    for index, scope in enumerate(tree.cliques):
        for each in scope:
            found.setdefault(each, []).append(index)
    return found


def separator_cells(clique: CliqueTable) -> int:
    """The states of a clique's separator, possible or not."""
    return cell_count([clique.sizes[each] for each in clique.separator])
