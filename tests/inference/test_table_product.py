"""Products of tables against enumeration: sums, derivatives, the largest term, in both arithmetics."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massage_pain.errors import ComplexityError
from massage_pain.inference import family_tables
from massage_pain.inference.family_tables import FamilyTables, Form
from massage_pain.inference.number_blocks import blocks_of
from massage_pain.inference.table_product import LOGS, REALS, planned
from massage_pain.knowledge.network import Network
from tests.strategies import Enumeration, random_network

SEEDS = st.integers(0, 2**32 - 1)


def logs_of(tables: list[np.ndarray]) -> list[np.ndarray]:
    with np.errstate(divide="ignore"):
        return [np.log(each) for each in tables]


def a_question(seed: int) -> tuple[Network, dict[str, int], dict[str, np.ndarray]]:
    """A network, hard findings that are possible, and three rows of likelihoods."""
    rng = np.random.default_rng(seed)
    network = random_network(rng, 6, most_states=3)
    world = Enumeration(network)
    fixed: dict[str, int] = {}
    soft: dict[str, np.ndarray] = {}
    for each in network.nodes:
        draw = rng.random()
        if draw < 0.3:
            said = {name: network.variable(name).states[state] for name, state in fixed.items()}
            for state in rng.permutation(len(each.states)).tolist():
                if world.with_findings({**said, each.id: each.states[state]}).sum() > 1e-9:
                    fixed[each.id] = state
                    break
        elif draw < 0.6:
            soft[each.id] = rng.random((len(each.states), 3))
    return network, fixed, soft


def expected(network: Network, fixed: dict[str, int], soft: dict[str, np.ndarray], row: int) -> np.ndarray:
    """P(everything, findings) times the likelihoods of one row."""
    world = Enumeration(network)
    table = world.joint
    for axis, name in enumerate(world.names):
        shape = [-1 if a == axis else 1 for a in range(table.ndim)]
        if name in fixed:
            table = table * np.eye(len(network.variable(name).states))[fixed[name]].reshape(shape)
        elif name in soft:
            table = table * soft[name][:, row].reshape(shape)
    return table


@settings(max_examples=60)
@given(SEEDS)
def test_the_sum_is_the_probability_of_the_findings(seed: int) -> None:
    network, fixed, soft = a_question(seed)
    tables = FamilyTables(network, fixed, soft)
    product = planned(tables.scopes, tables.sizes)
    made = tables.tables(blocks_of(network), soft)
    total = np.broadcast_to(product.total(made, REALS), (3,))
    in_logs = np.broadcast_to(product.total(logs_of(made), LOGS), (3,))
    for row in range(3):
        assert total[row] == pytest.approx(expected(network, fixed, soft, row).sum(), rel=1e-12)
    np.testing.assert_allclose(np.exp(in_logs), total, rtol=1e-12)


@settings(max_examples=40)
@given(SEEDS)
def test_a_derivative_is_what_one_cell_more_would_bring(seed: int) -> None:
    network, fixed, soft = a_question(seed)
    tables = FamilyTables(network, fixed, soft)
    product = planned(tables.scopes, tables.sizes)
    made = tables.tables(blocks_of(network), soft)
    total, by_table = product.derivatives(made, REALS)
    in_logs = product.derivatives(logs_of(made), LOGS)[1]
    for place, table in enumerate(made):
        np.testing.assert_allclose(np.exp(in_logs[place]), by_table[place], rtol=1e-11, atol=1e-300)
        for cell in np.ndindex(*table.shape[:-1]):  # the sum is linear in every cell, so any step will do
            more = np.array(np.broadcast_to(table, (*table.shape[:-1], 3)))
            more[cell] += 1.0
            again = product.total([more if at == place else each for at, each in enumerate(made)], REALS)
            found = np.broadcast_to(by_table[place], (*table.shape[:-1], 3))[cell]
            np.testing.assert_allclose(found, again - total, rtol=1e-9, atol=1e-12)


@settings(max_examples=40)
@given(SEEDS)
def test_derivatives_by_numbers_are_the_same_in_either_form(seed: int) -> None:
    network, fixed, soft = a_question(seed)
    found = []
    with pytest.MonkeyPatch.context() as patch:
        for cells in (4096, 0):  # written out, and as chains
            patch.setattr(family_tables, "WRITTEN_OUT_CELLS", cells)
            tables = FamilyTables(network, fixed, soft)
            product = planned(tables.scopes, tables.sizes)
            made = tables.tables(blocks_of(network), soft)
            total, by_table = product.derivatives(made, REALS, range(tables.families))
            found.append((total, tables.gradients(blocks_of(network), by_table)))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-12)
    assert found[0][1].keys() == found[1][1].keys()
    for name, by_number in found[0][1].items():
        # only differences within a row have a meaning: the row always sums to one
        one, other = (each - each[..., :1, :] for each in (by_number, found[1][1][name]))
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)


@settings(max_examples=60)
@given(SEEDS)
def test_the_largest_term_is_the_largest_cell(seed: int) -> None:
    network, fixed, _ = a_question(seed)
    every = [each.id for each in network.nodes]
    tables = FamilyTables(network, fixed, (), every, Form.WRITTEN_OUT)
    product = planned(tables.scopes, tables.sizes)
    best, states = product.largest(logs_of(tables.tables(blocks_of(network))))
    world = expected(network, fixed, {}, 0)
    assert np.exp(best) == pytest.approx(world.max(), rel=1e-12)
    at = tuple(
        fixed.get(name, states.get(tables.number.get(name, -1), 0)) for name in Enumeration(network).names
    )
    assert world[at] == pytest.approx(world.max(), rel=1e-12)


def test_certain_triggers_have_derivatives_too() -> None:
    """A link of one makes a factor zero, so nothing may be divided by it."""
    rng = np.random.default_rng(5)
    for seed in range(40):
        network = random_network(np.random.default_rng(seed), 6, zeros=0.6, noisy=1.0)
        tables = FamilyTables(network, {}, (), [each.id for each in network.nodes])
        made = tables.tables(blocks_of(network))
        weights = [rng.random(each.shape) for each in made]
        found = tables.gradients(blocks_of(network), dict(enumerate(weights)))
        step = 1e-6
        for name, by_number in found.items():
            block = blocks_of(network)[name]
            at = tuple(int(rng.integers(size)) for size in by_number.shape[:-2])
            state = int(rng.integers(by_number.shape[-2]))
            moved = np.array(block)
            moved[(*at, state)] += step
            moved[(*at, 0)] -= step
            again = tables.tables({**blocks_of(network), name: moved})
            change = sum(float((w * (b - a)).sum()) for w, a, b in zip(weights, made, again, strict=True))
            mine = float((by_number[(*at, state)] - by_number[(*at, 0)])[0])
            assert mine == pytest.approx(change / step, rel=1e-4, abs=1e-4)


def test_too_large_a_product_is_refused_before_it_is_allocated() -> None:
    with pytest.raises(ComplexityError, match=r"tables of 4,096 cells \(12 variables\); the limit is 1,000"):
        planned([tuple(range(12))], [2] * 12, limit=1000)
    with pytest.raises(ComplexityError, match=r"12 variables, 5 rows at once"):
        planned([tuple(range(12))], [2] * 12, rows=5, limit=5000)
