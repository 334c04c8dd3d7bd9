"""What must hold on any network, whatever its numbers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from massage_pain.inference.case import Likelihood
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.knowledge.distributions import NoisyMax, Table
from massage_pain.knowledge.network import Network
from tests.strategies import Enumeration, layered_network, random_findings, random_network

TOLERANCE = 1e-12


@pytest.fixture(params=["tables", "layered"])
def network(request: pytest.FixtureRequest, rng: np.random.Generator) -> Network:
    """A network of either kind, with no zeros so that every case is possible."""
    if request.param == "tables":
        return random_network(rng, 12, zeros=0.0)
    return layered_network(rng, 6, 4, 8, zeros=0.0)


def test_the_order_of_findings_does_not_matter(network: Network, rng: np.random.Generator) -> None:
    engine = CompiledNetwork(network)
    findings = random_findings(rng, network, soft=0.3)
    backwards = dict(reversed(list(findings.items())))
    one, other = engine.marginals(findings), engine.marginals(backwards)
    for name in one:
        np.testing.assert_allclose(one[name], other[name], rtol=0, atol=1e-15)


def test_a_batch_answers_as_its_cases_do_alone(network: Network, rng: np.random.Generator) -> None:
    engine = CompiledNetwork(network)
    cases = [random_findings(rng, network, soft=0.2) for _ in range(200)]
    together = engine.marginals(cases)
    logs = engine.log_evidence(cases)
    for row in range(0, 200, 17):
        alone = engine.marginals(cases[row])
        assert engine.log_evidence(cases[row])[0] == pytest.approx(logs[row], abs=1e-13)
        for name in alone:
            np.testing.assert_allclose(together[name][row], alone[name][0], rtol=0, atol=2e-15)


def test_renaming_and_reordering_variables_changes_nothing(rng: np.random.Generator) -> None:
    for _ in range(20):
        network = random_network(rng, 7, zeros=0.0)
        findings = random_findings(rng, network)
        name = {each.id: f"x {9 - i} é" for i, each in enumerate(network.variables)}
        variables = [replace(each, id=name[each.id]) for each in reversed(network.variables)]
        distributions = []
        for each in network.distributions:
            if isinstance(each, Table):
                parents = tuple(name[p] for p in each.parents)
                distributions.append(Table(name[each.variable], parents, each.values))
            else:
                links = {name[parent]: link for parent, link in each.links.items()}
                distributions.append(NoisyMax(name[each.variable], each.leak, links))
        renamed = Network("renamed", tuple(variables), tuple(distributions))
        one = CompiledNetwork(network).marginals(findings)
        other = CompiledNetwork(renamed).marginals({name[k]: v for k, v in findings.items()})
        for old, new in name.items():
            np.testing.assert_allclose(one[old], other[new], rtol=0, atol=TOLERANCE)


def test_chain_rule_of_log_evidence(network: Network, rng: np.random.Generator) -> None:
    engine = CompiledNetwork(network)
    findings = random_findings(rng, network, share=0.6)
    before: dict[str, object] = {}
    total = 0.0
    for name, state in findings.items():
        at = network.variable(name).states.index(str(state))
        total += np.log(engine.marginals(before, name)[name][0, at])
        before[name] = state
        assert engine.log_evidence(before)[0] == pytest.approx(total, abs=1e-11)


def test_certain_soft_evidence_is_hard_evidence(network: Network, rng: np.random.Generator) -> None:
    engine = CompiledNetwork(network)
    hard = random_findings(rng, network, share=0.5)
    soft = {
        name: Likelihood({s: float(s == state) for s in network.variable(name).states})
        for name, state in hard.items()
    }
    assert engine.log_evidence(soft)[0] == pytest.approx(engine.log_evidence(hard)[0], abs=TOLERANCE)
    one, other = engine.marginals(hard), engine.marginals(soft)
    for name in one:
        np.testing.assert_allclose(one[name], other[name], rtol=0, atol=TOLERANCE)


def test_scaling_soft_evidence_changes_no_posterior(network: Network, rng: np.random.Generator) -> None:
    engine = CompiledNetwork(network)
    findings = random_findings(rng, network, soft=1.0)
    scaled = {n: Likelihood({s: w / 4 for s, w in said.items()}) for n, said in findings.items()}  # type: ignore[union-attr]
    one, other = engine.marginals(findings), engine.marginals(scaled)
    for name in one:
        np.testing.assert_allclose(one[name], other[name], rtol=0, atol=TOLERANCE)
    expected = engine.log_evidence(findings)[0] - len(findings) * np.log(4)
    assert engine.log_evidence(scaled)[0] == pytest.approx(expected, abs=TOLERANCE)


def test_an_observed_target_is_a_point_mass(network: Network, rng: np.random.Generator) -> None:
    engine = CompiledNetwork(network)
    findings = random_findings(rng, network, share=0.5)
    found = engine.marginals(findings)
    for name, state in findings.items():
        states = network.variable(name).states
        expected = [float(each == state) for each in states]
        assert found[name][0].tolist() == expected
        assert engine.marginals(findings, name)[name][0].tolist() == expected


def test_a_joint_sums_to_its_marginals_in_any_order(network: Network, rng: np.random.Generator) -> None:
    engine = CompiledNetwork(network)
    findings = random_findings(rng, network)
    targets = rng.permutation([each.id for each in network.nodes])[:3].tolist()
    joint = engine.joint(findings, targets)
    marginals = engine.marginals(findings, targets)
    for axis, name in enumerate(targets):
        others = tuple(a + 1 for a in range(3) if a != axis)
        np.testing.assert_allclose(joint.sum(axis=others), marginals[name], rtol=0, atol=TOLERANCE)
    turned = engine.joint(findings, targets[::-1])
    np.testing.assert_allclose(turned, joint.transpose(0, 3, 2, 1), rtol=0, atol=1e-15)


def test_the_average_of_posteriors_over_an_answer_is_the_posterior(
    network: Network, rng: np.random.Generator
) -> None:
    engine = CompiledNetwork(network)
    findings = random_findings(rng, network, share=0.3)
    asked = next(each for each in network.nodes if each.id not in findings and len(each.states) > 1)
    weights = engine.marginals(findings, asked.id)[asked.id][0]
    answered = engine.marginals([{**findings, asked.id: state} for state in asked.states])
    for name, values in engine.marginals(findings).items():
        np.testing.assert_allclose(weights @ answered[name], values[0], rtol=0, atol=TOLERANCE)


def test_unconnected_parts_do_not_hear_of_each_other(rng: np.random.Generator) -> None:
    one = random_network(rng, 5, zeros=0.0)
    other = layered_network(rng, 3, 2, 3, zeros=0.0)
    both = Network("both", (*one.variables, *other.variables), (*one.distributions, *other.distributions))
    here, there = random_findings(rng, one), random_findings(rng, other)
    found = CompiledNetwork(both).marginals({**here, **there})
    for part, findings in ((one, here), (other, there)):
        alone = CompiledNetwork(part).marginals(findings)
        for name, values in alone.items():
            np.testing.assert_allclose(found[name], values, rtol=0, atol=TOLERANCE)
    logs = [CompiledNetwork(p).log_evidence(f)[0] for p, f in ((one, here), (other, there))]
    together = CompiledNetwork(both).log_evidence({**here, **there})[0]
    assert together == pytest.approx(sum(logs), abs=TOLERANCE)


def test_threads_get_identical_answers(network: Network, rng: np.random.Generator) -> None:
    cases = [random_findings(rng, network, soft=0.2) for _ in range(40)]
    alone = CompiledNetwork(network)
    expected = [alone.marginals(each) for each in cases]
    shared = CompiledNetwork(network)
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(shared.marginals, cases * 4))
    for one, other in zip(expected * 4, found, strict=True):
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])


def test_a_network_of_one_variable() -> None:
    from massage_pain.knowledge.variable import Variable

    network = Network("one", (Variable(id="x"),), (Table("x", (), np.array([0.75, 0.25])),))
    engine = CompiledNetwork(network)
    np.testing.assert_allclose(engine.marginals()["x"], [[0.75, 0.25]])
    assert engine.log_evidence({"x": "present"})[0] == pytest.approx(np.log(0.25))
    assert Enumeration(network).joint.tolist() == [0.75, 0.25]
