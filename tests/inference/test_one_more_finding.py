"""One case and each state of some more variables: from one propagation the same as a case for each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import massage_pain as mp
from massage_pain.inference import cause_beliefs as cause_beliefs_room
from massage_pain.inference import one_more_finding
from massage_pain.inference.cause_beliefs import cause_beliefs
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.conflict_measure import ConflictMeasure
from massage_pain.inference.evidence import evidence_of
from massage_pain.inference.one_more_finding import beliefs_with_one_more, cases_with_one_more
from massage_pain.inference.pgmpy_engine import PgmpyEngine
from massage_pain.knowledge.distributions import Table
from tests.strategies import Enumeration, layered_network, random_findings, random_network


def world(seed: int) -> mp.Network:
    """A layered network (zeros in it, now and then), or any graph with two nodes taken as causes."""
    rng = np.random.default_rng(seed)
    zeros = 0.3 * (seed % 2)
    if seed % 3:
        return layered_network(rng, 3, 1 + seed % 3, 3, zeros=zeros)
    network = random_network(rng, 6, most_states=3, zeros=zeros)
    able = [each.id for each in network.nodes if len(each.states) > 1]
    return network.with_causes(able[:2]) if len(able) > 1 else world(seed + 3)


def case_and_questions(network: mp.Network, seed: int) -> tuple[dict[str, Any], list[str]]:
    """Findings, often unsure or soft, and the variables nothing is known of (never a cause)."""
    rng = np.random.default_rng(seed)
    causes = {each.id for each in network.causes}
    said: dict[str, Any] = dict(random_findings(rng, network, share=0.4, soft=0.3 * (seed % 4 == 0)))
    said = {name: each for name, each in said.items() if name not in causes or seed % 5 == 0}
    names = [each.id for each in network.nodes if each.id not in said and each.id not in causes]
    return said, rng.permutation(names).tolist()


@pytest.mark.parametrize("seed", range(60))
def test_equals_a_case_for_each(seed: int) -> None:
    network = world(seed)
    said, names = case_and_questions(network, seed)
    engine = CompiledNetwork(network)
    one = evidence_of(network, said)
    many = cases_with_one_more(network, one, names)
    assert many.n_cases == 1 + sum(len(network.variable(each).states) for each in names)
    found, expected = beliefs_with_one_more(engine, one, names), cause_beliefs(engine, many)
    assert found.causes == expected.causes
    np.testing.assert_allclose(found.log_evidence, expected.log_evidence, atol=1e-12)
    np.testing.assert_allclose(found.probabilities, expected.probabilities, atol=1e-12)
    np.testing.assert_allclose(found.none_of_these, expected.none_of_these, atol=1e-12)
    assert found.joint is not None
    assert expected.joint is not None
    np.testing.assert_allclose(found.joint, expected.joint, atol=1e-12)


@pytest.mark.parametrize("joint", [True, False])
@pytest.mark.parametrize("seed", range(40))
def test_the_question_turned_round(monkeypatch: pytest.MonkeyPatch, seed: int, joint: bool) -> None:
    """From a case for each state of the causes (or for each cause) the same as from one for each answer."""
    network = world(3 * seed) if seed % 2 else random_network(np.random.default_rng(seed), 8, zeros=0.2)
    if not network.causes:
        able = [each.id for each in network.nodes if len(each.states) > 1]
        network = network.with_causes(able[:3])
    said, names = case_and_questions(network, seed)
    engine = CompiledNetwork(network)
    one = evidence_of(network, said)
    monkeypatch.setattr(one_more_finding, "WORTH_TURNING", 0)
    if not joint:
        monkeypatch.setattr(one_more_finding, "JOINT_CELLS", 0)
        monkeypatch.setattr(cause_beliefs_room, "JOINT_CELLS", 0)
    found = one_more_finding._turned(engine, one, names)
    expected = cause_beliefs(engine, cases_with_one_more(network, one, names))
    assert found is not None
    np.testing.assert_allclose(found.log_evidence, expected.log_evidence, atol=1e-12)
    np.testing.assert_allclose(found.chances, expected.chances, atol=1e-12)
    assert (found.joint is None) == (not joint)
    if found.joint is not None and expected.joint is not None:
        np.testing.assert_allclose(found.joint, expected.joint, atol=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 4, 5, 7, 8])
def test_equals_enumeration(seed: int) -> None:
    network = world(seed)
    said, names = case_and_questions(network, seed)
    oracle = Enumeration(network)
    causes = tuple(each.id for each in network.causes)
    found = beliefs_with_one_more(CompiledNetwork(network), evidence_of(network, said), names)
    assert found.joint is not None
    answers = [{}, *({name: state} for name in names for state in network.variable(name).states)]
    for row, answer in enumerate(answers):
        table = oracle.with_findings({**said, **answer})
        if table.sum() == 0.0:
            assert np.isneginf(found.log_evidence[row])
            assert np.isnan(found.joint[row]).all()
        else:
            assert found.log_evidence[row] == pytest.approx(np.log(table.sum()), abs=1e-9)
            np.testing.assert_allclose(found.joint[row], oracle.posterior(table, causes), atol=1e-9)


def test_the_shipped_network_takes_one_propagation(back: mp.Reasoner) -> None:
    network = back.network
    rng = np.random.default_rng(0)
    engine = CompiledNetwork(network)
    causes = tuple(each.id for each in network.causes)
    for _ in range(30):
        said = random_findings(rng, network, share=rng.random() * 0.7)
        said = {name: each for name, each in said.items() if name not in causes}
        names = [each.id for each in network.nodes if each.id not in said and each.id not in causes]
        one = evidence_of(network, said)
        assert engine.with_one_more(one, names, causes) is not None
        found = beliefs_with_one_more(engine, one, names)
        expected = cause_beliefs(engine, cases_with_one_more(network, one, names))
        np.testing.assert_allclose(found.probabilities, expected.probabilities, atol=1e-12)
        np.testing.assert_allclose(found.log_evidence, expected.log_evidence, atol=1e-11)


def test_findings_too_unlikely_for_plain_numbers_go_the_general_way() -> None:
    rng = np.random.default_rng(3)
    network = layered_network(rng, 2, 2, 4, zeros=0.0)
    rare = [f"finding{at}" for at in range(4)]
    distributions = []
    for each in network.distributions:
        if each.variable in rare:
            size = len(network.variable(each.variable).states)
            each = Table(each.variable, (), np.array([1.0, *[1e-160] * (size - 1)]))
        distributions.append(each)
    network = mp.Network("rare", network.variables, tuple(distributions))
    said = {name: network.variable(name).states[1] for name in rare[:2]}
    engine = CompiledNetwork(network)
    one = evidence_of(network, said)
    found = beliefs_with_one_more(engine, one, rare[2:])
    expected = cause_beliefs(engine, cases_with_one_more(network, one, rare[2:]))
    assert np.isfinite(found.log_evidence).all()
    np.testing.assert_allclose(found.log_evidence, expected.log_evidence, rtol=1e-12)
    np.testing.assert_allclose(found.probabilities, expected.probabilities, atol=1e-12)


def test_any_engine_is_asked() -> None:
    network = world(1)
    one = evidence_of(network, {})
    names = [each.id for each in network.nodes if each.role == "symptom"]
    found = beliefs_with_one_more(PgmpyEngine(network), one, names)
    expected = beliefs_with_one_more(CompiledNetwork(network), one, names)
    np.testing.assert_allclose(found.probabilities, expected.probabilities, atol=1e-9)


@pytest.mark.parametrize("seed", range(40))
def test_how_well_findings_fit_with_one_more(seed: int) -> None:
    network = world(seed)
    said, names = case_and_questions(network, seed)
    measure = ConflictMeasure(CompiledNetwork(network))
    one = evidence_of(network, said)
    many = cases_with_one_more(network, one, names)
    logs = cause_beliefs(CompiledNetwork(network), many).log_evidence
    with np.errstate(invalid="ignore"):
        found, expected = measure.fit_with_one_more(one, names, logs), measure.fit(many, logs)
    np.testing.assert_array_equal(found.findings, expected.findings)
    for name in ("conflict", "surprise", "deviations", "misfit"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=1e-9, err_msg=name)
