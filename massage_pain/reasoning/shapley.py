"""Shapley values: what each of several parts contributes to a whole.

The value of a finding is its marginal contribution v(S with it) - v(S), averaged over all orders in which
the findings could have come in (Shapley 1953). It is the only way of sharing that adds up to
v(all) - v(none) (efficiency), treats equal findings equally (symmetry), gives nothing to one that never
changes v (dummy) and is additive.

Exact for up to `EXACT` parts: v of all subsets, one weighted sum. Beyond, orders are drawn in antithetic
pairs (an order and its reverse; Mitchell et al. 2022); every order adds up, so the average does as well, and
the spread between pairs gives the standard error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

from massage_pain.knowledge.distributions import FloatArray

EXACT = 14
"""The most parts whose every subset is asked for (16,384)."""

Kept = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Shares:
    """Shapley values (n_parts,) with their standard errors (zeros where exact)."""

    values: FloatArray
    errors: FloatArray
    exact: bool
    orders: int


def subsets(parts: int) -> Kept:
    """Every subset of the parts, (2**parts, parts); row r holds part i if bit i of r is set."""
    numbers = np.arange(2**parts)
    found: Kept = (numbers[:, None] >> np.arange(parts)) & 1 == 1
    return found


def exact_shares(values: FloatArray, parts: int) -> Shares:
    """Shapley values from v of every subset, in the order of `subsets`."""
    sizes = subsets(parts).sum(axis=1)
    # |S|! (n - |S| - 1)! / n! for a subset S of the others
    weight = np.array([factorial(s) * factorial(parts - s - 1) / factorial(parts) for s in range(parts)])
    found = np.empty(parts)
    for part in range(parts):
        table = values.reshape(-1, 2, 2**part)
        size = sizes.reshape(-1, 2, 2**part)[:, 0]
        found[part] = (weight[size] * (table[:, 1] - table[:, 0])).sum()
    return Shares(found, np.zeros(parts), True, 0)


def sampled_shares(
    value: Callable[[Kept], FloatArray], parts: int, pairs: int, rng: np.random.Generator
) -> Shares:
    """Shapley values from `pairs` random orders and their reverses.

    `value` is v for every row of subsets (n, parts); each distinct subset is asked for once.
    """
    orders = rng.permuted(np.tile(np.arange(parts), (pairs, 1)), axis=1)
    orders = np.stack([orders, orders[:, ::-1]], axis=1).reshape(-1, parts)
    ranks = np.argsort(orders, axis=1)
    kept = ranks[:, None, :] < np.arange(parts + 1)[None, :, None]  # (orders, steps, parts)
    packed = np.packbits(kept.reshape(-1, parts), axis=1)
    distinct, first, which = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    known = value(kept.reshape(-1, parts)[first])
    assert len(known) == len(distinct)
    along = known[which.ravel()].reshape(len(orders), parts + 1)
    gains = np.take_along_axis(np.diff(along, axis=1), ranks, axis=1)
    by_pair = gains.reshape(pairs, 2, parts).mean(axis=1)
    errors = by_pair.std(axis=0, ddof=1) / np.sqrt(pairs) if pairs > 1 else np.full(parts, np.inf)
    return Shares(by_pair.mean(axis=0), errors, False, 2 * pairs)
