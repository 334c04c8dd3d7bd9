"""Betas for stated numbers, draws from them, and answers under drawn numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massage_pain.inference import drawn_beliefs as room
from massage_pain.inference.cause_beliefs import cause_beliefs
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.drawn_beliefs import drawn_beliefs
from massage_pain.inference.evidence import evidence_of
from massage_pain.inference.number_blocks import blocks_of, first_rows
from massage_pain.inference.parameter_draws import LEAST, beta_parameters, draw, has_ranges
from massage_pain.knowledge.distributions import NoisyMax, Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import Parameter
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.derivatives import findings_of
from tests.advice.small import small_network
from tests.reasoning.worlds import layered, tangled
from tests.strategies import random_findings

SEEDS = st.integers(0, 2**32 - 1)


@st.composite
def ranges(draw: st.DrawFn) -> tuple[float, float, float]:
    value = draw(st.floats(0.005, 0.995))
    low = value * draw(st.floats(0.2, 0.95))
    high = value + (1 - value) * draw(st.floats(0.05, 0.8))
    return value, low, high


@given(ranges())
def test_a_beta_has_the_value_as_mean_and_the_range_as_width(numbers: tuple[float, float, float]) -> None:
    beta = pytest.importorskip("scipy.stats", reason="scipy is the oracle for the quantiles").beta
    value, low, high = numbers
    a, b = (float(each[0]) for each in beta_parameters(*(np.array([each]) for each in (value, low, high))))
    assert a / (a + b) == pytest.approx(value)
    width = beta.ppf(0.95, a, b) - beta.ppf(0.05, a, b)
    if min(a, b) > LEAST * 1.001:
        assert width == pytest.approx(high - low, rel=1e-2)  # 0.34% off was seen for an extreme shape
    else:
        assert width <= (high - low) * 1.002  # as wide as is taken


def test_the_shipped_ranges_are_met_closely() -> None:
    beta = pytest.importorskip("scipy.stats", reason="scipy is the oracle for the quantiles").beta
    value, low, high = np.array([[0.65, 0.03, 0.15], [0.36, 0.015, 0.075], [0.9, 0.045, 0.22]])
    a, b = beta_parameters(value, low, high)
    np.testing.assert_allclose(beta.ppf(0.05, a, b), low, atol=0.01)
    np.testing.assert_allclose(beta.ppf(0.95, a, b), high, atol=0.01)


def test_draws_have_the_stated_means_and_their_rows_add_up() -> None:
    network = small_network()
    drawn = draw(network, 4000, 1)
    values = np.array([network.parameters[key].value for key in drawn.keys])
    np.testing.assert_allclose(drawn.drawn.mean(axis=1), values, atol=0.01)
    for name, block in drawn.blocks.items():
        np.testing.assert_allclose(block.sum(axis=-2), 1.0, atol=1e-12)
        assert block.min() >= 0.0, name


def test_the_same_seed_draws_the_same_whatever_else_is_drawn() -> None:
    network = small_network()
    every, some = draw(network, 50, 7), draw(network, 50, 7, {"nerve"})
    np.testing.assert_array_equal(every.blocks["nerve"], some.blocks["nerve"])
    assert some.blocks["strain"].shape[-1] == 1
    assert {key[0] for key in some.keys} == {"nerve"}
    assert not np.array_equal(every.blocks["nerve"], draw(network, 50, 8).blocks["nerve"])


def test_numbers_without_a_range_stay() -> None:
    network = small_network()
    fixed = replace(
        network, distributions=tuple(_certain(network, each.variable) for each in network.distributions)
    )
    assert has_ranges(network)
    assert not has_ranges(fixed)
    assert draw(fixed, 10, 0).keys == ()


def _certain(network: Network, name: str) -> Table:
    return Table(name, network.parents(name), network.cpd(name))


def test_strengths_that_together_exceed_one_are_divided_by_their_sum() -> None:
    network = small_network()
    wide = {state: Parameter(0.48, 0.05, 0.9, ("test",), "C") for state in ("thigh", "foot")}
    links = {"nerve": {"present": wide}}
    leak = {state: Parameter(0.0, 0.0, 0.0, ("test",), "C") for state in ("thigh", "foot")}
    network = replace(
        network,
        distributions=tuple(
            NoisyMax("radiates", leak, links) if each.variable == "radiates" else each
            for each in network.distributions
        ),
    )
    block = draw(network, 500, 0).blocks["radiates"]
    rows = block[first_rows(network, "radiates")["nerve"] + 1]
    assert (rows[0] == 0.0).any()  # some draws left nothing for the lowest
    np.testing.assert_allclose(rows.sum(axis=0), 1.0)
    assert rows.max() <= 1.0


# -- answers under drawn numbers --------------------------------------------------------------------


def read_again(network: Network, blocks: dict[str, np.ndarray], row: int) -> Network:
    """The network written down with the numbers of one draw."""
    distributions = []
    for each in network.distributions:
        block = np.broadcast_to(
            blocks[each.variable],
            (*blocks[each.variable].shape[:-1], max(row + 1, blocks[each.variable].shape[-1])),
        )[..., row]
        states = network.variable(each.variable).states
        if not isinstance(each, NoisyMax):
            distributions.append(Table(each.variable, each.parents, block))
            continue

        def strengths(values: np.ndarray, states: tuple[str, ...] = states) -> dict[str, Parameter]:
            return {
                state: Parameter(float(value), float(value), float(value), ("test",), "U")
                for state, value in zip(states[1:], values[1:], strict=True)
            }

        links = {
            parent: {
                state: strengths(block[first + at])
                for at, state in enumerate(network.variable(parent).states)
                if at
            }
            for parent, first in first_rows(network, each.variable).items()
        }
        distributions.append(NoisyMax(each.variable, strengths(block[0]), links))
    return replace(network, distributions=tuple(distributions))


def randomly(network: Network, rng: np.random.Generator, draws: int) -> dict[str, np.ndarray]:
    """Blocks of the network's shape with random rows."""
    found = {}
    for name, block in blocks_of(network).items():
        rows = rng.random((*block.shape[:-1], draws)) ** 2 + 1e-3
        rows /= rows.sum(axis=-2, keepdims=True)
        if isinstance(network.distribution(name), NoisyMax):
            for first in first_rows(network, name).values():  # a lowest parent state triggers nothing
                rows[first] = np.eye(rows.shape[1])[0][:, None]
        found[name] = rows
    return found


@settings(max_examples=30)
@given(SEEDS)
def test_each_draw_is_the_network_read_again(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = (layered if seed % 2 else tangled)(seed)
    blocks = randomly(network, rng, 4)
    findings = random_findings(rng, network, soft=0.3)
    evidence = evidence_of(network, findings)
    found = drawn_beliefs(network, *findings_of(network, evidence), blocks, 4)
    for row in range(4):
        beliefs = cause_beliefs(CompiledNetwork(read_again(network, blocks, row)), evidence)
        np.testing.assert_allclose(found.probabilities[row], beliefs.probabilities[0], atol=1e-11)
        assert found.none_of_these[row] == pytest.approx(beliefs.none_of_these[0], abs=1e-11)


@settings(max_examples=20)
@given(SEEDS)
def test_both_routes_agree(seed: int) -> None:
    network = layered(seed)
    rng = np.random.default_rng(seed)
    evidence = evidence_of(network, random_findings(rng, network, soft=0.3))
    fixed, soft = findings_of(network, evidence)
    blocks = randomly(network, rng, 300)
    assert room._layers(network, fixed, soft) is not None
    one = drawn_beliefs(network, fixed, soft, blocks, 300)
    other = room._general(network, fixed, soft, blocks, 300)
    np.testing.assert_allclose(one.chances, other.chances, atol=1e-12)


def test_the_complaint_is_answered_by_both_routes() -> None:
    network = small_network()
    for case in ({}, {"press": "hard", "stiff": "present"}, {"pain": {"absent": 0.2, "present": 0.6}}):
        evidence = evidence_of(network, case)
        fixed, soft = findings_of(network, evidence)
        blocks = draw(network, 20, 3).blocks
        one = drawn_beliefs(network, fixed, soft, blocks, 20)
        other = room._general(network, fixed, soft, blocks, 20)
        assert one.complaint is not None
        assert other.complaint is not None
        np.testing.assert_allclose(one.complaint, other.complaint, atol=1e-12)
        exact = CompiledNetwork(read_again(network, dict(blocks), 5)).marginals(case, "pain")["pain"][0, 1]
        assert one.complaint[5] == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("states", [("yes", "no"), ("no", "yes")])
def test_of_two_states_either_may_carry_the_range(states: tuple[str, str]) -> None:
    """Files written the other way round (the BIF order, yes before no) mean the same."""
    numbers = {
        "yes": Parameter(0.2, 0.1, 0.35, ("test",), "C"),
        "no": Parameter(0.8, 0.8, 0.8, ("test",), "C"),
    }
    cause = Variable(id="c", role="cause", states=states, present="yes")
    stated = {(state,): numbers[state] for state in states}
    table = Table("c", (), np.array([numbers[state].value for state in states]), stated)
    found = draw(Network("one", (cause,), (table,)), 40_000, 0)
    chance = found.blocks["c"][states.index("yes")]
    low, high = np.quantile(chance, [0.05, 0.95])
    assert high - low == pytest.approx(0.25, abs=0.01)
    assert chance.mean() == pytest.approx(0.2, abs=0.01)
    np.testing.assert_allclose(found.blocks["c"].sum(axis=0), 1.0)
