"""Cases drawn from a network, complete and given findings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import massage_pain as mp
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import evidence_of
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.completion import completed
from massage_pain.reasoning.simulation import draw, pick, simulate
from tests.reasoning.worlds import layered, some_findings, tangled
from tests.strategies import Enumeration

MANY, SOME = 20_000, 5_000


def far(share: np.ndarray, expected: np.ndarray, draws: int) -> float:
    """How many standard errors the worst of many shares is off (about 4 for a thousand of them)."""
    error = np.sqrt(np.maximum(expected * (1 - expected), 1e-9) / draws)
    return float(np.max(np.abs(share - expected) / (error + 1e-4)))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("world", [layered, tangled])
def test_the_joint_is_that_of_the_network(world: object, seed: int) -> None:
    network = world(seed, zeros=0.2)  # type: ignore[operator]
    joint = Enumeration(network)
    drawn = draw(network, MANY, np.random.default_rng(seed))
    found = np.zeros_like(joint.joint)
    np.add.at(found, tuple(drawn[name] for name in joint.names), 1 / MANY)
    assert found[joint.joint == 0.0].sum() == 0.0  # nothing impossible is ever drawn
    assert far(found, joint.joint, MANY) < 6


@pytest.fixture(params=["kept of whole cases", "down a clique tree", "in logarithms"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the ways in which completions are drawn."""
    if not request.param.startswith("kept"):
        monkeypatch.setattr("massage_pain.reasoning.completion.MOST_DRAWN", 0)
    else:
        monkeypatch.setattr("massage_pain.reasoning.completion.MOST_DRAWN", 10**9)
    if request.param == "in logarithms":
        monkeypatch.setattr("massage_pain.reasoning.completion.PLAIN_LIMIT", 1.0)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("world", [layered, tangled])
def test_completions_have_the_posterior_joint(world: object, seed: int) -> None:
    network = world(seed, zeros=0.2)  # type: ignore[operator]
    findings = some_findings(network, seed, most=2)
    wanted = [each.id for each in network.nodes if each.role != "cause" and each.id not in findings]
    one = evidence_of(network, findings)
    drawn = completed(CompiledNetwork(network), one, wanted, SOME, np.random.default_rng(seed))
    joint = Enumeration(network)
    expected = joint.posterior(joint.with_findings(findings), tuple(wanted))
    found = np.zeros_like(expected)
    np.add.at(found, tuple(drawn[name] for name in wanted), 1 / SOME)
    assert found[expected == 0.0].sum() == 0.0
    assert far(found, expected, SOME) < 6


@pytest.mark.usefixtures("way")
def test_completions_take_soft_findings_into_account() -> None:
    network = layered(3)
    name = network.symptoms[0].id
    states = network.variable(name).states
    soft = mp.Likelihood({state: 0.9 if state == states[-1] else 0.2 for state in states})
    red = Variable(id="fever", role="screening")  # no node: it has no probability
    network = replace(network, variables=(red, *network.variables))
    one = evidence_of(network, {name: soft, "fever": mp.Likelihood(absent=0.9, present=0.1)})
    wanted = [each.id for each in network.nodes if each.role != "cause"]
    drawn = completed(CompiledNetwork(network), one, wanted, SOME, np.random.default_rng(0))
    joint = Enumeration(network)
    for each in wanted:
        expected = joint.posterior(joint.with_findings({name: soft}), (each,))
        assert far(np.bincount(drawn[each], minlength=len(expected)) / SOME, expected, SOME) < 6


def test_a_state_of_weight_zero_is_never_picked() -> None:
    cumulative = np.tile(np.array([0.0, 0.5, 0.5, 1.0, 1.0]), (MANY, 1))
    assert set(np.unique(pick(cumulative, np.random.default_rng(0))).tolist()) == {1, 3}


def test_the_frame_is_complete_typed_and_replayable(back: mp.Reasoner) -> None:
    frame = back.simulate(50, seed=4)
    assert list(frame.columns) == [each.id for each in back.network.nodes]
    assert frame.shape == (50, len(back.network.nodes))
    assert not frame.isna().any().any()
    for name in frame.columns:
        assert list(frame[name].cat.categories) == list(back.network.variable(name).states)
    pd.testing.assert_frame_equal(frame, back.simulate(50, seed=4))
    assert not frame.equals(back.simulate(50, seed=5))
    assert len(back.simulate(0)) == 0


def test_a_simulated_frame_is_taken_back(back: mp.Reasoner) -> None:
    frame = back.simulate(20).drop(columns=[each.id for each in back.network.causes])
    found = back.assess_many(frame)
    assert (found["error"] == "").all()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"n": -1}, "The number of cases must be a whole number, 0 or more, got -1."),
        ({"n": 2.5}, "The number of cases must be a whole number, 0 or more, got 2.5."),
        ({"n": True}, "The number of cases must be a whole number, 0 or more, got True."),
        ({"n": 1, "seed": "x"}, "The seed must be a whole number, 0 or more, got 'x'."),
        ({"n": 1, "seed": None}, "The seed must be a whole number, 0 or more, got None."),
    ],
)
def test_wrong_numbers_are_refused(back: mp.Reasoner, wrong: dict[str, object], sentence: str) -> None:
    with pytest.raises(mp.MassagePainError) as refused:
        simulate(back.network, **wrong)  # type: ignore[arg-type]
    assert str(refused.value) == sentence


def test_too_many_cases_are_refused_before_any_is_drawn(back: mp.Reasoner) -> None:
    with pytest.raises(mp.ComplexityError, match=r"the limit is 100,000,000\. Simulate in parts"):
        back.simulate(10**9)
