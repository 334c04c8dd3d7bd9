"""The tables that a network's distributions are made into, and how each depends on the numbers.

A *piece* makes one table from the numbers of a network, and carries derivatives by the table's cells back to
derivatives by those numbers, each taken as free of the others in its row. In a noisy-MAX P(at most s) is the
product of the cumulative distributions of the leak and the links. So the derivative by one link's
cumulative is the product of all the others, and the derivative by its P(state t) sums those by P(at most s)
for every s from t on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Protocol

import numpy as np

from massage_pain.inference.number_blocks import Blocks
from massage_pain.inference.table_product import REALS, all_but_one
from massage_pain.knowledge.distributions import FloatArray


class Piece(Protocol):
    """One table of the product, made from the block of `variable`."""

    @property
    def variable(self) -> str: ...  # noqa: D102

    def table(self, blocks: Blocks) -> FloatArray:
        """The table's cells, then the batch axis (n or 1)."""

    def gradient(self, blocks: Blocks, by_cell: FloatArray) -> FloatArray:
        """From derivatives by the table's cells to derivatives by the numbers, in the block's shape."""


@dataclass(frozen=True)
class Rows:
    """A table or prior at some states of its family: `states`, None where a variable is free."""

    variable: str
    states: tuple[int | None, ...]

    def table(self, blocks: Blocks) -> FloatArray:
        """See `Piece`."""
        return blocks[self.variable][self._index]

    def gradient(self, blocks: Blocks, by_cell: FloatArray) -> FloatArray:
        """See `Piece`."""
        found = np.zeros((*blocks[self.variable].shape[:-1], by_cell.shape[-1]))
        found[self._index] = by_cell
        return found

    @property
    def _index(self) -> tuple[int | slice, ...]:
        return tuple(slice(None) if state is None else state for state in self.states)


@dataclass(frozen=True)
class Highest:
    """A noisy-MAX written out over its free parents.

    `known`: the rows that always contribute (the leak, parents whose state is fixed). `free`: first row and
    number of states of each free parent. `child`: its state where it is fixed; the table has that state only.
    """

    variable: str
    known: tuple[int, ...]
    free: tuple[tuple[int, int], ...]
    child: int | None

    def table(self, blocks: Blocks) -> FloatArray:
        """See `Piece`. Adds and multiplies only, so small numbers keep their digits."""
        block = blocks[self.variable]
        if block.shape[-2] == 2:
            return self._of_two(self._members(block[:, 0]), self._members(block[:, 1]))
        whole = reduce(higher, self._members(block))
        return whole if self.child is None else whole[..., self.child, :]

    def _of_two(self, absent: list[FloatArray], present: list[FloatArray]) -> FloatArray:
        none, some = absent[0], present[0]
        for without, triggered in zip(absent[1:], present[1:], strict=True):
            some = some + none * triggered
            none = none * without
        if self.child is not None:
            return some if self.child else none
        return np.stack(np.broadcast_arrays(none, some), axis=-2)

    def gradient(self, blocks: Blocks, by_cell: FloatArray) -> FloatArray:
        """See `Piece`."""
        block = blocks[self.variable]
        whole = _every_state(by_cell, self.child, block.shape[-2])
        # where P(at most s) rises, the cell s rises and the cell s + 1 falls
        by_at_most = whole[..., :-1, :] - whole[..., 1:, :]
        at_most = np.cumsum(block[..., :-1, :], axis=-2)
        members = self._members(at_most)
        if at_most.all():
            product = by_at_most * reduce(np.multiply, members)
            matrix = _sums_matrix(len(block), self.known, self.free)
            sums = matrix @ product.reshape(matrix.shape[1], -1)
            mine = sums.reshape(len(block), *product.shape[-2:]) / at_most
        else:
            mine = self._undivided(by_at_most, members, len(block))
        found = np.zeros((*block.shape[:-1], mine.shape[-1]))
        found[:, :-1] = mine[:, ::-1].cumsum(axis=1)[:, ::-1]
        return found

    def _members(self, block: FloatArray) -> list[FloatArray]:
        """What contributes, each row by row and shaped to multiply: (free parents..., rest of a row)."""
        ones = (1,) * len(self.free)
        found = [block[row].reshape(*ones, *block.shape[1:]) for row in self.known]
        for axis, (first, states) in enumerate(self.free):
            shape = (*ones[:axis], states, *ones[axis + 1 :])
            found.append(block[first : first + states].reshape(*shape, *block.shape[1:]))
        return found

    def _undivided(self, by_at_most: FloatArray, members: list[FloatArray], rows: int) -> FloatArray:
        """The sums where a factor is zero (a trigger that is certain), so that nothing can be divided."""
        rests = all_but_one([by_at_most, *members], REALS)[1:]
        found = np.zeros((rows, *rests[0].shape[-2:]))
        every = tuple(range(len(self.free)))
        for row, rest in zip(self.known, rests, strict=False):
            found[row] = rest.sum(axis=every)
        for axis, ((first, states), rest) in enumerate(zip(self.free, rests[len(self.known) :], strict=True)):
            found[first : first + states] = rest.sum(axis=every[:axis] + every[axis + 1 :])
        return found


@dataclass(frozen=True)
class Step:
    """One step of a noisy-MAX as a chain: the higher of what came before and what one parent triggers.

    The table is (before, parent states, child), without the last axis where the child is fixed.
    """

    variable: str
    first: int
    states: int
    child: int | None

    def table(self, blocks: Blocks) -> FloatArray:
        """See `Piece`."""
        rows = blocks[self.variable][self.first : self.first + self.states]
        found = np.zeros((rows.shape[1], *rows.shape))
        for before in range(len(found)):
            for triggered in range(len(found)):
                found[before, :, max(before, triggered)] += rows[:, triggered]
        return found if self.child is None else found[:, :, self.child]

    def gradient(self, blocks: Blocks, by_cell: FloatArray) -> FloatArray:
        """See `Piece`."""
        block = blocks[self.variable]
        whole = _every_state(by_cell, self.child, block.shape[-2])
        found = np.zeros((*block.shape[:-1], whole.shape[-1]))
        rows = found[self.first : self.first + self.states]
        for before in range(len(whole)):
            for triggered in range(len(whole)):
                rows[:, triggered] += whole[before, :, max(before, triggered)]
        return found


def higher(one: FloatArray, other: FloatArray) -> FloatArray:
    """The distribution of the higher of two independent states: (..., states, n)."""
    below = np.zeros(one.shape)
    np.cumsum(one[..., :-1, :], axis=-2, out=below[..., 1:, :])
    found: FloatArray = one * np.cumsum(other, axis=-2) + below * other
    return found


def _every_state(by_cell: FloatArray, child: int | None, states: int) -> FloatArray:
    """Derivatives by every state of the child; where it is fixed, those of the other states are zero."""
    if child is None:
        return by_cell
    whole = np.zeros((*by_cell.shape[:-1], states, by_cell.shape[-1]))
    whole[..., child, :] = by_cell
    return whole


@lru_cache(maxsize=1024)
def _sums_matrix(rows: int, known: tuple[int, ...], free: tuple[tuple[int, int], ...]) -> FloatArray:
    """For each row of a noisy-MAX which cells of the written-out table it takes part in, (rows, cells)."""
    shape = tuple(states for _, states in free)
    places = np.indices(shape).reshape(len(shape), -1) if shape else np.zeros((0, 1), dtype=np.intp)
    found = np.zeros((rows, places.shape[1]))
    found[list(known)] = 1.0
    for axis, (first, states) in enumerate(free):
        found[first : first + states] = places[axis] == np.arange(states)[:, None]
    return found
