"""Two worlds with the same mechanisms: what happened, and what would have happened.

A counterfactual keeps the circumstances of the actual world and changes one thing (Pearl 2009, section 7.1).
In a
*twin network* (Balke and Pearl 1994) every variable that the change can affect stands twice, and both copies
share what is not known of the mechanisms.

The noisy-MAX says what the mechanisms are: each link has one independent *threshold*, uniform from 0 to 1. It
brings the child to the highest state whose chance to be reached or passed, given the parent's state, exceeds
the threshold. In the other world the parent may be in another state, but the threshold is the same: pressure
that did not trigger pain when it was excessive would not have done so when it was light. The leak has a
threshold of its own. So two copies of a child are, given their parents, the pairwise highest of pairs, one
pair a link. A plain table has no such mechanisms, unless each of its rows is certain.

A variable in two worlds is one variable here, with the states (actual, other). The batch axis holds rows with
different changes and different findings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from massage_pain.errors import QueryError, shown
from massage_pain.inference.elimination import Scope
from massage_pain.inference.family_pieces import Highest
from massage_pain.inference.family_tables import (
    MOST_KEPT,
    WRITTEN_OUT_CELLS,
    FamilyTables,
    ancestors,
    stated_table,
)
from massage_pain.inference.number_blocks import blocks_of, first_rows
from massage_pain.inference.pair_tables import highest, together, twice, written_out
from massage_pain.inference.table_product import LOGS, REALS, planned
from massage_pain.knowledge.distributions import FloatArray, NoisyMax, cell_count
from massage_pain.knowledge.network import Network

PLAIN_LIMIT = 1e-250
"""P(findings) from which plain floats are enough; below, logarithms are used."""

MOST_PAIRS = 2**17
"""The most cells of a table that is kept for a network."""

Index = NDArray[np.intp]
Change = Mapping[str, int]
"""variable -> the state it has in the other world."""


@dataclass(frozen=True, eq=False)
class TwinAnswer:
    """For every row: `log_evidence` (n,), log P(findings of the row), and `pairs` of each variable asked for.

    `pairs`: variable -> (states, states, n), P(actual state, state in the other world | findings); NaN where
    the findings of the row are impossible.
    """

    log_evidence: FloatArray
    pairs: Mapping[str, FloatArray]


def twin_answer(
    network: Network,
    fixed: Mapping[str, int],
    soft: Mapping[str, FloatArray],
    changes: Sequence[Change],
    asked: Sequence[str],
) -> TwinAnswer:
    """What each change would have made of the asked variables, given findings in the actual world.

    `fixed`: variable -> observed state, the same in every row. `soft`: variable -> likelihood (states, n or
    1). Raises `QueryError` for a plain table that the change would have to reach through, and
    `ComplexityError`.
    """
    return _Twin(network, fixed, soft, changes, asked).answer()


def pairs_given_parents(network: Network, name: str, changes: Sequence[Change]) -> FloatArray | None:
    """P(actual state, state in the other world | actual parents), row i with the change `changes[i]`.

    (parent states..., states, states, n). None unless it is a noisy-MAX that no change reaches but through
    its own parents, and the table is small.
    """
    reached = {each for change in changes for each in _reached_by(network, change)}
    noisy = isinstance(network.distribution(name), NoisyMax)
    if not noisy or reached & ancestors(network, [name]) != {name}:
        return None
    parents = network.parents(name)
    sizes = [len(network.variable(each).states) for each in (*parents, name, name)]
    if cell_count(sizes) * len(changes) > MOST_PAIRS:
        return None
    block, first = blocks_of(network)[name][..., 0], first_rows(network, name)
    links = []
    for parent, states in zip(parents, sizes, strict=False):
        actual = first[parent] + np.arange(states)
        other = [change.get(parent, -1) for change in changes]
        rows = np.where(np.array(other) < 0, actual[:, None], first[parent] + np.array(other))
        links.append((False, together(block[actual][:, None], block[rows])))
    return written_out(twice(block[0][:, None]), 0, links)


@dataclass(frozen=True)
class _Axis:
    """A parent along one axis of a pair's table: its actual state and, row by row, its other."""

    variable: int | None
    actual: Index  # (cells,)
    other: Index  # (cells, n or 1)

    @property
    def key(self) -> tuple[object, ...]:
        """All that a pair's table depends on."""
        return self.variable is None, self.other.shape, self.actual.tobytes(), self.other.tobytes()


# The pairs' tables of a network as its numbers are stated: one change is asked of many cases.
_pairs: WeakKeyDictionary[Network, dict[tuple[object, ...], tuple[Index, FloatArray]]] = WeakKeyDictionary()


class _Twin:
    def __init__(
        self,
        network: Network,
        fixed: Mapping[str, int],
        soft: Mapping[str, FloatArray],
        changes: Sequence[Change],
        asked: Sequence[str],
    ) -> None:
        self._network, self._fixed, self._changes = network, fixed, changes
        self._asked = asked
        self._changed = {name for change in changes for name in change}
        reached = {name for change in changes for name in _reached_by(network, change)}
        self._paired = reached & ancestors(network, asked)
        self._refuse_plain_tables()
        probed = [name for name in asked if name not in fixed]
        self._soft = {**soft}
        for name in probed:
            self._soft.setdefault(name, np.ones((self._states(name), 1)))
        self._single = FamilyTables(network, fixed, self._soft, asked, left_out=self._paired)
        self._sizes = list(self._single.sizes)
        self._number = dict(self._single.number)
        for name in sorted(self._paired & set(fixed)):  # only the other world is open
            self._number[name] = len(self._sizes)
            self._sizes.append(0)
        self._scopes: list[Scope] = list(self._single.scopes)
        self._tables = self._single.tables(blocks_of(network), self._soft)
        # which pairs of states can occur at all, as (actual, other): filled from the top down
        self._possible: dict[str, tuple[Index, Index]] = {}
        for name in self._single.names:
            if name in self._paired:
                self._add_pair(name)
        wide = {self._number[name]: self._possible[name][0] for name in self._paired if name not in fixed}
        for at, scope in enumerate(self._single.scopes):
            for axis, variable in enumerate(scope):
                if variable in wide:  # the same, whatever the variable is in the other world
                    self._tables[at] = self._tables[at].take(wide[variable], axis=axis)
        self._places = dict(self._single.place_of_soft)
        for name in asked:
            if name in self._paired and name in fixed:
                self._places[name] = len(self._tables)
                self._scopes.append((self._number[name],))
                self._tables.append(np.ones((len(self._possible[name][1]), 1)))

    def answer(self) -> TwinAnswer:
        """Run it."""
        count = len(self._changes)
        product = planned(self._scopes, self._sizes, rows=count)
        wanted = [self._places[name] for name in self._asked if name in self._places]
        total, by_table = product.derivatives(self._tables, REALS, wanted)
        total = np.broadcast_to(total, (count,))
        if total.min() > PLAIN_LIMIT:
            log_evidence = np.log(total)
            shares = {place: by_table[place] * self._tables[place] / total for place in wanted}
        else:
            with np.errstate(divide="ignore", invalid="ignore"):
                logs = [np.log(each) for each in self._tables]
                log_evidence, by_table = product.derivatives(logs, LOGS, wanted)
                log_evidence = np.broadcast_to(log_evidence, (count,))
                known = np.where(np.isneginf(log_evidence), np.nan, log_evidence)
                shares = {place: np.exp(by_table[place] + logs[place] - known) for place in wanted}
        return TwinAnswer(log_evidence, {name: self._pair_of(name, shares, count) for name in self._asked})

    def _pair_of(self, name: str, shares: Mapping[int, FloatArray], count: int) -> FloatArray:
        states = self._states(name)
        found = np.zeros((states, states, count))
        known = self._fixed.get(name)
        if name in self._paired:
            actual, other = self._possible[name]
            found[actual, other] = np.broadcast_to(shares[self._places[name]], (len(actual), count))
        elif known is not None:
            found[known, known] = 1.0
        else:
            share = np.broadcast_to(shares[self._places[name]], (states, count))
            found[np.arange(states), np.arange(states)] = share
        for row, change in enumerate(self._changes):
            if name in change:  # set, whatever it was
                actual = found[:, :, row].sum(axis=1)
                found[:, :, row] = 0.0
                found[:, change[name], row] = actual
        return found

    # -- tables --------------------------------------------------------------------------------

    def _states(self, name: str) -> int:
        return len(self._network.variable(name).states)

    def _refuse_plain_tables(self) -> None:
        for name in self._network.topological_order:
            distribution = self._network.distribution(name)
            if name not in self._paired or isinstance(distribution, NoisyMax):
                continue
            if ((distribution.values > 0.0) & (distribution.values < 1.0)).any():
                raise QueryError(
                    f"What would have become of {shown(name)} cannot be said: its distribution is a plain "
                    "table, which says how often but not by which mechanism. A noisy-OR or noisy-MAX has "
                    "mechanisms; what_if(do=...) needs none."
                )

    def _axis(self, parent: str) -> _Axis:
        states = self._states(parent)
        known = self._fixed.get(parent)
        every = np.arange(states)
        if parent not in self._paired:
            actual = every if known is None else np.array([known])
            other = actual
        else:
            actual, other = self._possible[parent]
        set_to = [change.get(parent, -1) for change in self._changes]
        rows = other[:, None]
        if max(set_to) >= 0:
            rows = np.where(np.array(set_to) >= 0, set_to, rows)
        variable = None if known is not None and parent not in self._paired else self._number[parent]
        return _Axis(variable, actual, rows)

    def _add_pair(self, name: str) -> None:
        parents = self._network.parents(name)
        if not isinstance(self._network.distribution(name), NoisyMax):
            axes = [self._axis(parent) for parent in parents]
            self._add(name, axes, *self._possible_of(name, self._function(name, axes)))
            return
        block = blocks_of(self._network)[name]
        first = first_rows(self._network, name)
        differing = [parent for parent in parents if parent in self._paired or parent in self._changed]
        axes = [self._axis(parent) for parent in differing]
        # what is the same in both worlds brings both copies to the same state
        same = [parent for parent in parents if parent not in differing]
        known = (0, *(first[parent] + self._fixed[parent] for parent in same if parent in self._fixed))
        free = [parent for parent in same if parent not in self._fixed]
        cells = cell_count([self._states(parent) for parent in free])
        cells *= cell_count([len(axis.actual) for axis in axes]) * block.shape[-2] ** 2
        if cells > 4 * WRITTEN_OUT_CELLS:
            every = [*(self._axis(parent) for parent in free), *axes]
            links = self._links(block[..., 0], [first[each] for each in (*free, *differing)], every)
            leak = twice(stated_table(self._network, Highest(name, known, (), None)))
            self._add_chain(name, leak, list(zip(every, links, strict=True)))
            return
        rows = tuple((first[parent], self._states(parent)) for parent in free)
        kept = [self._axis(parent) for parent in free]
        kept += [axis for axis in axes if axis.variable is not None]
        store = _pairs.setdefault(self._network, {})
        key = (name, self._fixed.get(name), known, rows, *(axis.key for axis in axes))
        pairs = store.get(key)
        if pairs is None:
            links = self._links(block[..., 0], [first[parent] for parent in differing], axes)
            table = written_out(
                twice(stated_table(self._network, Highest(name, known, rows, None))),
                len(free),
                [(axis.variable is None, link) for axis, link in zip(axes, links, strict=True)],
            )
            pairs = self._possible_of(name, table)
            if pairs[1].size <= 8 * WRITTEN_OUT_CELLS:
                if len(store) >= MOST_KEPT:
                    store.clear()
                store[key] = pairs
        self._add(name, kept, *pairs)

    def _links(self, block: FloatArray, first: Sequence[int], axes: Sequence[_Axis]) -> list[FloatArray]:
        """The pairs each parent's link brings the child to, (cells, states, states, n or 1)."""
        if not axes:
            return []
        count = max(axis.other.shape[1] for axis in axes)
        actual = [row + axis.actual for row, axis in zip(first, axes, strict=True)]
        other = [
            np.broadcast_to(row + axis.other, (len(axis.actual), count))
            for row, axis in zip(first, axes, strict=True)
        ]
        pairs = together(block[np.concatenate(actual)][:, None], block[np.concatenate(other)])
        ends = np.cumsum([len(axis.actual) for axis in axes]).tolist()
        return [pairs[end - len(axis.actual) : end] for end, axis in zip(ends, axes, strict=True)]

    def _add_chain(self, name: str, leak: FloatArray, links: Sequence[tuple[_Axis, FloatArray]]) -> None:
        """The same as a chain of pairs, where it would be large written out."""
        states = leak.shape[-2]
        before = self._auxiliary(states**2)
        for axis, link in links:
            if axis.variable is None:
                leak = highest(leak, link[0])
        self._scopes.append((before,))
        self._tables.append(leak.reshape(states**2, -1))
        certain = np.eye(states**2).reshape(states**2, 1, states, states, 1)
        steps = [(axis, highest(certain, link[None])) for axis, link in links if axis.variable is not None]
        for axis, step in steps[:-1]:
            here = self._auxiliary(states**2)
            assert axis.variable is not None
            self._scopes.append((before, axis.variable, here))
            self._tables.append(step.reshape(*step.shape[:2], states**2, -1))
            before = here
        every = np.arange(states**2)
        last = [_Axis(before, every, every[:, None]), steps[-1][0]]
        self._add(name, last, *self._possible_of(name, steps[-1][1]))

    def _auxiliary(self, states: int) -> int:
        self._sizes.append(states)
        return len(self._sizes) - 1

    def _possible_of(self, name: str, table: FloatArray) -> tuple[Index, FloatArray]:
        """The pairs that can occur at all, and P(pair | parents) for them, (axes..., pairs, n)."""
        known = self._fixed.get(name)
        states = table.shape[-2]
        flat = table.reshape(*table.shape[:-3], -1, table.shape[-1])
        possible: NDArray[np.bool_] = (flat > 0.0).sum(axis=(*range(flat.ndim - 2), -1)) > 0
        if known is not None:
            possible &= np.arange(states**2) // states == known
        if not possible.any():
            possible[0 if known is None else known * states] = True
        pairs = np.flatnonzero(possible)
        found = flat.take(pairs, axis=-2)
        found.setflags(write=False)
        return pairs, found

    def _add(self, name: str, axes: Sequence[_Axis], pairs: Index, table: FloatArray) -> None:
        """Add P(pair | parents), (axes..., pairs, n)."""
        states = self._states(name)
        self._possible[name] = pairs // states, pairs % states
        self._sizes[self._number[name]] = len(pairs)
        self._scopes.append(
            (*(axis.variable for axis in axes if axis.variable is not None), self._number[name])
        )
        self._tables.append(table)

    def _function(self, name: str, axes: Sequence[_Axis]) -> FloatArray:
        """The pair's table where every row of the plain table is certain: a function of the parents."""
        values = blocks_of(self._network)[name][..., 0]
        function = values.argmax(axis=-1)
        states = values.shape[-1]
        count = max((axis.other.shape[1] for axis in axes), default=1)
        actual = np.eye(states)[function[np.ix_(*(axis.actual for axis in axes))]]
        rows = []
        for row in range(count):
            at = (axis.other[:, min(row, axis.other.shape[1] - 1)] for axis in axes)
            other = np.eye(states)[function[np.ix_(*at)]]
            rows.append(actual[..., :, None] * other[..., None, :])
        found = np.stack(rows, axis=-1)
        kept = tuple(slice(None) if axis.variable is not None else 0 for axis in axes)
        return found[kept]


def _reached_by(network: Network, change: Change) -> set[str]:
    """What a change can affect: everything below what is set, but not through what is set as well."""
    seen: set[str] = set()
    waiting = [child for name in change for child in network.children[name]]
    while waiting:
        name = waiting.pop()
        if name not in seen and name not in change:
            seen.add(name)
            waiting.extend(network.children[name])
    return seen
