"""Shapley values against their definition, and their axioms."""

from __future__ import annotations

import itertools
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massage_pain.reasoning.shapley import exact_shares, sampled_shares, subsets


def by_orders(values: np.ndarray, parts: int) -> np.ndarray:
    """The definition: marginal contributions averaged over every order."""
    found = np.zeros(parts)
    for order in itertools.permutations(range(parts)):
        held = 0
        for part in order:
            found[part] += values[held | 1 << part] - values[held]
            held |= 1 << part
    return found / factorial(parts)


games = st.integers(0, 6).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.floats(-50, 50), min_size=2**n, max_size=2**n).map(np.array))
)


@given(games)
def test_exact_shares_are_the_average_over_all_orders(game: tuple[int, np.ndarray]) -> None:
    parts, values = game
    np.testing.assert_allclose(exact_shares(values, parts).values, by_orders(values, parts), atol=1e-9)


@given(games)
def test_shares_add_up(game: tuple[int, np.ndarray]) -> None:
    parts, values = game
    assert exact_shares(values, parts).values.sum() == pytest.approx(values[-1] - values[0], abs=1e-9)


def test_a_dummy_gets_nothing_and_equals_get_the_same() -> None:
    kept = subsets(4)
    values = (kept[:, 0] & kept[:, 1]) * 3.0 + kept[:, 3] * 1.0  # 0 and 1 alike, 2 a dummy, 3 on its own
    np.testing.assert_allclose(exact_shares(values, 4).values, [1.5, 1.5, 0.0, 1.0])


def test_drawn_orders_add_up_and_come_close() -> None:
    rng = np.random.default_rng(1)
    parts = 9
    weights = rng.normal(size=(parts, parts))

    def value(kept: np.ndarray) -> np.ndarray:
        held = kept.astype(float)
        return np.tanh(np.einsum("ni,ij,nj->n", held, weights, held))

    exact = exact_shares(value(subsets(parts)), parts)
    drawn = sampled_shares(value, parts, 400, np.random.default_rng(0))
    assert not drawn.exact
    assert drawn.orders == 800
    assert drawn.values.sum() == pytest.approx(exact.values.sum(), abs=1e-9)
    assert (np.abs(drawn.values - exact.values) < 5 * drawn.errors).all()
    again = sampled_shares(value, parts, 400, np.random.default_rng(0))
    np.testing.assert_array_equal(drawn.values, again.values)


def test_each_distinct_subset_is_asked_for_once() -> None:
    asked = []

    def value(kept: np.ndarray) -> np.ndarray:
        asked.append(kept)
        return kept.sum(axis=1).astype(float)

    found = sampled_shares(value, 3, 50, np.random.default_rng(0))
    assert len(asked) == 1
    assert len(np.unique(asked[0], axis=0)) == len(asked[0]) == 8
    np.testing.assert_allclose(found.values, 1.0)
    np.testing.assert_allclose(found.errors, 0.0)
