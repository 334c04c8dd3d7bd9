"""Every answer against the whole joint distribution written out, on thousands of random networks."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massage_pain.errors import ImpossibleEvidenceError
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import evidence_of
from massage_pain.knowledge.distributions import FloatArray, NoisyMax, Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import Parameter
from massage_pain.knowledge.variable import Variable
from tests.strategies import (
    Enumeration,
    findings_for,
    layered_network,
    networks,
    random_findings,
    random_network,
)

TOLERANCE = 1e-12


REPEATED = 18
"""Rows in the largest batch: more than are answered from the joint distribution of a small network."""


def check(network: Network, generator: np.random.Generator, cases: int = 3) -> int:
    """Compare all answers on random cases, alone and in batches small and large; how many are impossible.

    Raises AssertionError where one differs from the sum over the whole joint distribution.
    """
    oracle = Enumeration(network)
    engine = CompiledNetwork(network)
    names = tuple(oracle.names)
    targets = tuple(generator.permutation(names)[: generator.integers(1, 4)].tolist())
    findings = [random_findings(generator, network, soft=0.3) for _ in range(cases)]
    evidence = evidence_of(network, findings)
    tables = oracle.with_cases(findings)
    axes = range(1, tables.ndim)
    probability = tables.sum(axis=tuple(axes))
    with np.errstate(divide="ignore", invalid="ignore"):  # impossible: -inf, and NaN everywhere
        expected = {
            name: tables.sum(axis=tuple(axis for axis in axes if axis != place)) / probability[:, None]
            for place, name in enumerate(names, 1)
        }
        logs = np.log(probability)
        kept = tuple(axis for axis in axes if names[axis - 1] not in targets)
        whole = tables.sum(axis=kept) / probability.reshape(-1, *[1] * len(targets))
    order = sorted(targets, key=names.index)
    whole = whole.transpose(0, *(order.index(name) + 1 for name in targets))

    joint = engine.propagate(evidence, targets, joint=True)
    assert joint.joint is not None
    _same("joint", joint.joint, whole)
    all_rows, repeated = np.arange(cases), np.arange(REPEATED) % cases
    for rows, asked, found in (
        (repeated, names, engine.propagate(evidence.take(repeated), names)),
        (all_rows[:1], names, engine.propagate(evidence.take(all_rows[:1]), names)),
        (all_rows, targets, engine.propagate(evidence, targets)),
        (all_rows, targets, joint),
        (all_rows, (), engine.propagate(evidence, ())),
    ):
        _same("log P(findings)", found.log_evidence, logs[rows])
        if asked:
            got = np.concatenate([found.marginals[name] for name in asked], axis=1)
            _same(", ".join(asked), got, np.concatenate([expected[name] for name in asked], axis=1)[rows])
    return int((probability == 0.0).sum())


def _same(what: str, found: FloatArray, expected: FloatArray) -> None:
    """Equal within the tolerance; -inf and NaN exactly where expected. One look at all: it is asked often."""
    with np.errstate(invalid="ignore"):
        near = (np.abs(found - expected) <= TOLERANCE) | (found == expected)
    if found.shape == expected.shape and (near | (np.isnan(found) & np.isnan(expected))).all():
        return
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE, err_msg=what)


def test_random_networks(rng: np.random.Generator) -> None:
    impossible = sum(check(random_network(rng, int(rng.integers(1, 8))), rng) for _ in range(1000))
    assert impossible > 100  # the strategy does make contradictions


def test_random_networks_of_noisy_nodes(rng: np.random.Generator) -> None:
    for _ in range(200):
        network = random_network(rng, int(rng.integers(4, 9)), most_parents=5, most_states=3, noisy=0.9)
        check(network, rng)


def test_random_layered_networks(rng: np.random.Generator) -> None:
    for _ in range(200):
        network = layered_network(rng, int(rng.integers(1, 5)), int(rng.integers(1, 4)), 3)
        check(network, rng)


@given(st.data())
@settings(max_examples=100)
def test_any_network_and_findings(data: st.DataObject) -> None:
    network = data.draw(networks())
    findings = data.draw(findings_for(network))
    oracle = Enumeration(network)
    engine = CompiledNetwork(network)
    table = oracle.with_findings(findings)
    if table.sum() == 0.0:
        with pytest.raises(ImpossibleEvidenceError):
            engine.marginals(findings)
        return
    for name, values in engine.marginals(findings).items():
        expected = oracle.posterior(table, (name,))
        np.testing.assert_allclose(values[0], expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize(
    ("prior", "leak", "link"),
    [(1e-6, 1e-9, 1e-3), (1e-11, 1e-12, 0.1), (1e-16, 1e-17, 0.1), (0.5, 0.0, 1e-17), (0.3, 1e-300, 1e-290)],
)
def test_small_strengths_keep_their_digits(prior: float, leak: float, link: float, few: bool) -> None:
    """A noisy-OR of numbers far below one, against exact fractions; a table of it has all digits too."""
    one = {"present": Parameter(leak, leak, leak, ("test",), "U")}
    other = {"cause": {"present": {"present": Parameter(link, link, link, ("test",), "U")}}}
    network = Network(
        "small",
        (Variable(id="cause"), Variable(id="sign")),
        (Table("cause", (), np.array([1.0 - prior, prior])), NoisyMax("sign", one, other)),
    )
    p, q, r = Fraction(prior), Fraction(leak), Fraction(link)
    with_cause, without = p * (1 - (1 - q) * (1 - r)), (1 - p) * q
    expected = float(with_cause / (with_cause + without))
    engine = CompiledNetwork(network)
    cases: Any = {"sign": "present"} if few else [{"sign": "present"}] * 40
    found = engine.marginals(cases, "cause")["cause"][:, 1]
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    np.testing.assert_allclose(engine.joint(cases, ["cause"])[:, 1], expected, rtol=1e-14)
    np.testing.assert_allclose(network.cpd("sign").sum(axis=-1), 1.0, rtol=1e-15)
