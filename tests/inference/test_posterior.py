"""What one case says about the causes, and the same for a batch."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from massage_pain.errors import (
    ComplexityError,
    ImpossibleEvidenceError,
    InvalidNetworkError,
    UnknownVariableError,
)
from massage_pain.inference import cause_beliefs as room
from massage_pain.inference.cause_beliefs import cause_beliefs, posterior_in, posterior_of
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import evidence_of
from massage_pain.inference.posterior import Posterior
from massage_pain.knowledge.distributions import Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from tests.strategies import Enumeration, layered_network, random_findings


def two_causes() -> Network:
    """Two causes as likely as each other, and a rarer third."""
    names = ("b", "a", "c")
    chances = (0.25, 0.25, 0.125)
    return Network(
        "three",
        tuple(Variable(id=name, role="cause") for name in names),
        tuple(Table(n, (), np.array([1 - p, p])) for n, p in zip(names, chances, strict=True)),
    )


def test_the_posterior_of_one_case(rng: np.random.Generator) -> None:
    network = layered_network(rng, 3, 3, 3, zeros=0.0)
    findings = random_findings(rng, network)
    posterior = posterior_of(CompiledNetwork(network), findings)
    oracle = Enumeration(network)
    table = oracle.with_findings(findings)
    causes = tuple(each.id for each in network.causes)
    joint = oracle.posterior(table, causes)
    assert posterior.causes == causes
    assert posterior.log_evidence == pytest.approx(np.log(table.sum()), abs=1e-12)
    assert posterior.evidence_probability == pytest.approx(table.sum(), rel=1e-12)
    assert posterior.none_of_these == pytest.approx(joint[0, 0, 0], abs=1e-12)
    for axis, cause in enumerate(causes):
        expected = joint.sum(axis=tuple(a for a in range(3) if a != axis))[1]
        assert posterior.probabilities[cause] == pytest.approx(expected, abs=1e-12)
    values = list(posterior.probabilities.values())
    assert values == sorted(values, reverse=True)


def test_series_of_a_posterior() -> None:
    pandas = pytest.importorskip("pandas")
    posterior = posterior_of(CompiledNetwork(two_causes()), {})
    expected = pandas.Series(
        [0.25, 0.25, 0.125], index=pandas.Index(["b", "a", "c"], name="cause"), name="probability"
    )
    pandas.testing.assert_series_equal(posterior.marginals, expected)
    assert posterior.joint.index.names == ["b", "a", "c"]
    assert posterior.joint.sum() == pytest.approx(1.0)
    assert posterior.joint["present", "absent", "absent"] == pytest.approx(0.25 * 0.75 * 0.875)
    assert posterior.none_of_these == pytest.approx(0.75 * 0.75 * 0.875)
    one = posterior_of(CompiledNetwork(two_causes().with_causes("c")), {})
    assert posterior.joint.name == one.joint.name == "probability"


def test_one_cause_has_a_plain_index() -> None:
    pytest.importorskip("pandas")
    network = Network("one", (Variable(id="x", role="cause"),), (Table("x", (), np.array([0.75, 0.25])),))
    joint = posterior_of(CompiledNetwork(network), {}).joint
    assert joint.index.name == "x"
    assert joint["present"] == pytest.approx(0.25)


def test_a_posterior_is_frozen() -> None:
    posterior = posterior_of(CompiledNetwork(two_causes()), {})
    with pytest.raises(FrozenInstanceError):
        posterior.none_of_these = 0.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        posterior.probabilities["a"] = 1.0  # type: ignore[index]
    assert isinstance(posterior, Posterior)
    assert posterior.joint_values is not None
    with pytest.raises(ValueError, match="read-only"):
        posterior.joint_values[0, 0, 0] = 1.0


def many_causes(count: int) -> Network:
    variables = [Variable(id=f"c{i}", role="cause") for i in range(count)]
    either = Variable(id="either", role="symptom")
    tables = [Table(each.id, (), np.array([0.9, 0.1])) for each in variables]
    rows = np.array([[0.9, 0.1], [0.2, 0.8]])
    return Network("many", (*variables, either), (*tables, Table("either", ("c0",), rows)))


def test_no_joint_past_4096_states() -> None:
    pytest.importorskip("pandas")
    posterior = posterior_of(CompiledNetwork(many_causes(13)), {"either": True})
    assert posterior.joint_values is None
    with pytest.raises(ComplexityError, match="13 causes would have 8,192 cells; the limit is 4,096"):
        posterior.joint  # noqa: B018  (asked for its error)
    present = 0.1 * 0.8 / (0.1 * 0.8 + 0.9 * 0.1)
    assert posterior.probabilities["c0"] == pytest.approx(present)
    assert posterior.none_of_these == pytest.approx((1 - present) * 0.9**12)


def test_none_of_these_with_and_without_a_joint(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = layered_network(rng, 3, 3, 3)
    engine = CompiledNetwork(network)
    evidence = evidence_of(network, [random_findings(rng, network, soft=0.3) for _ in range(50)])
    whole = cause_beliefs(engine, evidence)
    monkeypatch.setattr(room, "KEPT_CELLS", 100)
    pieces = cause_beliefs(engine, evidence)
    assert pieces.joint is None
    monkeypatch.setattr(room, "JOINT_CELLS", 4)
    without = cause_beliefs(engine, evidence)
    for other in (pieces, without):
        np.testing.assert_allclose(whole.none_of_these, other.none_of_these, rtol=0, atol=1e-12)
        np.testing.assert_allclose(whole.probabilities, other.probabilities, rtol=0, atol=1e-12)
        np.testing.assert_allclose(whole.log_evidence, other.log_evidence, rtol=0, atol=1e-12)


def test_an_impossible_row_of_a_batch() -> None:
    network = two_causes()
    impossible = Table("b", (), np.array([1.0, 0.0]))
    network = Network("n", network.variables, (impossible, *network.distributions[1:]))
    engine = CompiledNetwork(network)
    evidence = evidence_of(network, [{"b": True}, {"a": True}])
    beliefs = cause_beliefs(engine, evidence)
    assert np.isnan(beliefs.none_of_these).tolist() == [True, False]
    with pytest.raises(ImpossibleEvidenceError, match="Row 0: These findings"):
        posterior_in(engine, evidence, beliefs, 0)
    assert posterior_in(engine, evidence, beliefs, 1).probabilities["a"] == 1.0


def test_a_network_without_causes() -> None:
    network = Network("n", (Variable(id="x"),), (Table("x", (), np.array([0.5, 0.5])),))
    with pytest.raises(InvalidNetworkError, match="names no causes"):
        posterior_of(CompiledNetwork(network), {})


def test_an_array_as_a_target_is_refused_whatever_was_asked_before() -> None:
    engine = CompiledNetwork(Network("one", (Variable(id="v"),), (Table("v", (), np.array([0.5, 0.5])),)))
    engine.marginals({}, ["v"])
    with pytest.raises(UnknownVariableError):
        engine.marginals({}, [np.array(["v", "w"])])  # type: ignore[list-item]
