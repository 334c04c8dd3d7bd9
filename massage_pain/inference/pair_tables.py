"""Pairs of states, one a world: the tables that a twin network is made of.

The last axes of a table are (actual state, state in the other world, batch). Two independent pairs make the
pairwise highest; a link at two of its rows makes a pair with one threshold for both (see `twin_network`).
Adds and multiplies only, so small chances keep their digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product as pairs_of

import numpy as np

from massage_pain.knowledge.distributions import FloatArray


def written_out(table: FloatArray, free: int, links: Sequence[tuple[bool, FloatArray]]) -> FloatArray:
    """The pairwise highest of `table` (with axes for `free` parents) and every link.

    `links`: whether the parent is the same in every cell, and its pairs; any other parent gets an axis.
    """
    axes = free
    for single, link in links:
        if single:
            table = highest(table, link[0])
            continue
        shape = (*(1,) * axes, *link.shape)
        table = highest(table.reshape(*table.shape[:-3], 1, *table.shape[-3:]), link.reshape(shape))
        axes += 1
    return table


def twice(table: FloatArray) -> FloatArray:
    """P(state) as P(state, the same state): (..., states, n) to (..., states, states, n)."""
    states = table.shape[-2]
    found = np.zeros((*table.shape[:-1], states, table.shape[-1]))
    every = np.arange(states)
    found[..., every, every, :] = table
    return found


def together(actual: FloatArray, other: FloatArray) -> FloatArray:
    """P(state, state) of one link at two of its rows, with one threshold for both.

    `actual`, `other` (..., states); the result (..., states, states) with what was the axis before the last
    made the last: (cells, n, states) becomes (cells, states, states, n).
    """
    reached_one, passed_one = _reached(actual)
    reached_other, passed_other = _reached(other)
    upper = np.minimum(reached_one[..., :, None], reached_other[..., None, :])
    lower = np.maximum(passed_one[..., :, None], passed_other[..., None, :])
    found = np.maximum(upper - lower, 0.0)
    return np.moveaxis(found, -3, -1) if found.ndim > 2 else found


def _reached(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """P(at least this state) and P(above it), summed from the top so that small chances keep their digits."""
    reached = np.cumsum(rows[..., ::-1], axis=-1)[..., ::-1]
    return reached, np.concatenate([reached[..., 1:], np.zeros_like(reached[..., :1])], axis=-1)


def highest(one: FloatArray, more: FloatArray) -> FloatArray:
    """The pairwise highest of two independent pairs: (..., states, states, n). Adds and multiplies only."""
    states = one.shape[-2]
    if states == 2:
        return _highest_of_two(one, more)
    found = np.zeros(np.broadcast_shapes(one.shape, more.shape))
    cells = list(pairs_of(range(states), repeat=2))
    for a, b in cells:
        for c, d in cells:
            found[..., max(a, c), max(b, d), :] += one[..., a, b, :] * more[..., c, d, :]
    return found


def _highest_of_two(one: FloatArray, more: FloatArray) -> FloatArray:
    """The same for two states; `more` sums to one."""
    found = np.empty(np.broadcast_shapes(one.shape, more.shape))
    none, right, left, both = (one[..., a, b, :] for a in (0, 1) for b in (0, 1))
    no, by_right, by_left, by_both = (more[..., a, b, :] for a in (0, 1) for b in (0, 1))
    np.multiply(none, no, out=found[..., 0, 0, :])
    np.add(none * by_right, right * (no + by_right), out=found[..., 0, 1, :])
    np.add(none * by_left, left * (no + by_left), out=found[..., 1, 0, :])
    met = right * (by_left + by_both) + left * (by_right + by_both)
    np.add(met + none * by_both, both, out=found[..., 1, 1, :])
    return found
