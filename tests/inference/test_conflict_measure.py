"""How findings fit together: the measure against enumeration, and how often drawn cases are flagged."""

from __future__ import annotations

from math import log, log2

import numpy as np
import pytest

import massage_pain as mp
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.conflict_measure import LEAST_NOTICED, ConflictMeasure, Fit
from massage_pain.inference.evidence import Evidence, evidence_of
from massage_pain.reasoning.simulation import draw
from tests.reasoning.worlds import layered, some_findings, tangled
from tests.strategies import Enumeration, layered_network


def fit(network: mp.Network, case: dict[str, object]) -> Fit:
    engine = CompiledNetwork(network)
    evidence = evidence_of(network, case)
    return ConflictMeasure(engine).fit(evidence, engine.propagate(evidence, ()).log_evidence)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("world", [layered, tangled])
def test_conflict_and_surprise_are_what_they_are_defined_as(world: object, seed: int) -> None:
    network = world(seed, zeros=0.2)  # type: ignore[operator]
    findings: dict[str, object] = dict(some_findings(network, seed))
    if seed % 3 == 0:  # soft evidence too
        name = next(iter(findings))
        states = network.variable(name).states
        findings[name] = mp.Likelihood(
            dict(zip(states, np.linspace(0.2, 0.9, len(states)).tolist(), strict=True))
        )
    oracle = Enumeration(network)
    together = float(oracle.with_findings(findings).sum())
    apart = np.prod([oracle.with_findings({name: value}).sum() for name, value in findings.items()])
    found = fit(network, findings)
    assert found.findings[0] == len(findings)
    assert found.conflict[0] == pytest.approx(log2(apart / together), abs=1e-9)
    assert found.surprise[0] == pytest.approx(-log2(together), abs=1e-9)


def deviations(network: mp.Network, findings: dict[str, str]) -> float:
    """What is noticed beside its most unusual part, in standard deviations, by enumeration."""
    oracle = Enumeration(network)
    factors = {each.id for each in network.factors}
    parts = []
    for name, state in findings.items():
        p = oracle.posterior(oracle.joint, (name,))
        own = float(p[network.variable(name).states.index(state)])
        bits = np.where(p > 0, -np.log2(np.where(p > 0, p, 1.0)), 0.0)
        mean = float(p @ bits)
        parts.append((name, own, mean, float(p @ bits**2) - mean**2))
    done = np.prod([own for name, own, *_ in parts if name in factors])
    given = -log2(float(oracle.with_findings(findings).sum()) / done)  # factors taken as unrelated
    noticed = [each for each in parts if each[0] not in factors]
    most = max(noticed, key=lambda each: -log2(each[1]))
    excess = given + log2(most[1]) - sum(each[2] for each in noticed) + most[2]
    return excess / float(np.sqrt(sum(each[3] for each in noticed) - most[3]))


@pytest.mark.parametrize("seed", range(8))
def test_surprise_is_judged_beside_the_most_unusual_finding(seed: int) -> None:
    network = layered_network(np.random.default_rng(seed), 2, 2, 6, zeros=0.0)
    noticed = {each.id: each.states[int(seed % len(each.states))] for each in network.symptoms}
    findings = {network.factors[0].id: network.factors[0].states[-1], **noticed}
    assert fit(network, findings).deviations[0] == pytest.approx(deviations(network, findings))
    few = dict(list(findings.items())[:LEAST_NOTICED])
    assert fit(network, few).deviations[0] == 0.0


def test_what_was_done_does_not_surprise_and_neither_does_one_rare_finding(back: mp.Reasoner) -> None:
    usual = {
        "muscle_stiffness": "present",
        "local_tenderness": "present",
        "aching": "present",
        "bruising": "absent",
    }
    usual |= {"local_swelling": "absent", "limb_numbness": "absent", "course": "improving"}
    rare = {"spinal_manipulation": "present", "osteoporosis": "present", "disc_disease": "present"}
    plain = fit(back.network, {"back_pain": "present", **usual})
    done = fit(back.network, {"back_pain": "present", **usual, **rare})
    assert done.surprise[0] > plain.surprise[0] + 8  # bits
    assert done.deviations[0] < 1.0
    one = fit(back.network, {"back_pain": "present", **usual, "limb_weakness": "present"})
    assert one.misfit[0] < 1.0


def test_the_complaint_is_where_one_begins_not_a_finding(back: mp.Reasoner) -> None:
    case = {"back_pain": "present", "aching": "present"}
    found = fit(back.network, case)
    assert found.findings[0] == 1
    assert found.conflict[0] == pytest.approx(0.0, abs=1e-12)
    p = back.engine.marginals({"back_pain": "present"}, "aching")["aching"][0, 1]  # type: ignore[attr-defined]
    assert found.surprise[0] == pytest.approx(-log2(p))


def test_no_finding_one_finding_and_impossible_findings() -> None:
    network = layered(1)
    assert fit(network, {}).misfit[0] == 0.0
    name = network.symptoms[0].id
    assert fit(network, {name: network.variable(name).states[0]}).misfit[0] == 0.0
    engine = CompiledNetwork(network)
    measured = ConflictMeasure(engine).fit(
        evidence_of(network, {name: network.variable(name).states[0]}), np.array([-np.inf])
    )
    assert np.isnan(measured.conflict[0])


def test_a_batch_is_its_cases_one_by_one(back: mp.Reasoner) -> None:
    cases = [
        {"back_pain": "present", "aching": "present", "onset": "later"},
        {"back_pain": "absent", "aching": "present"},
        {"muscle_spasm": mp.Likelihood(present=0.3, absent=0.6), "bruising": "unsure"},
        {},
        {"back_pain": "present"},
    ]
    evidence = evidence_of(back.network, cases)
    measure = ConflictMeasure(back.engine)
    whole = measure.fit(evidence, back.engine.propagate(evidence, ()).log_evidence)
    for row, case in enumerate(cases):
        alone = fit(back.network, case)
        for name in ("findings", "conflict", "surprise", "deviations", "misfit"):
            assert getattr(whole, name)[row] == pytest.approx(getattr(alone, name)[0], abs=1e-9), name


def test_one_to_two_in_a_hundred_drawn_cases_are_flagged(back: mp.Reasoner) -> None:
    """What docs/conflict.md says of the two thresholds, with any number of questions answered."""
    network = back.network
    rng = np.random.default_rng(11)
    drawn = draw(network, 60_000, rng)
    rows = np.flatnonzero(drawn["back_pain"] == 1)
    names = [each.id for each in network.nodes if each.role in ("factor", "symptom")]
    wanted = rng.integers(1, len(names) + 1, len(rows))
    order = rng.permuted(np.tile(np.arange(len(names)), (len(rows), 1)), axis=1)
    codes = {
        name: np.where(order[:, at] < wanted, drawn[name][rows], -1).astype(np.int16)
        for at, name in enumerate(names)
    }
    codes["back_pain"] = np.ones(len(rows), dtype=np.int16)
    evidence = Evidence(len(rows), codes, {}, {}, {})
    found = ConflictMeasure(back.engine).fit(evidence, back.engine.propagate(evidence, ()).log_evidence)
    assert 0.005 < float((found.misfit >= 1).mean()) < 0.02
    for low, high in ((5, 9), (10, 19), (20, 35)):
        some = (wanted >= low) & (wanted <= high)
        assert float((found.misfit[some] >= 1).mean()) < 0.025


def test_contradictory_answers_are_flagged(back: mp.Reasoner) -> None:
    """Every symptom at once, each at its worst: no cause brings them all."""
    case: dict[str, object] = {each.id: each.states[-1] for each in back.network.symptoms}
    found = fit(back.network, {"back_pain": "present", **case})
    assert found.misfit[0] > 1.0


def test_conflict_in_natural_logarithms_agrees(back: mp.Reasoner) -> None:
    case = {
        "back_pain": "present",
        "local_numbness": "present",
        "muscle_stiffness": "present",
        "onset": "later",
    }
    found, engine = fit(back.network, case), mp.CompiledNetwork(back.network)
    own = sum(
        log(
            engine.marginals({"back_pain": "present"}, name)[name][
                0, back.network.variable(name).states.index(s)
            ]
        )  # type: ignore[attr-defined]
        for name, s in case.items()
        if name != "back_pain"
    )
    both = back.engine.log_evidence(case)[0] - back.engine.log_evidence({"back_pain": "present"})[0]  # type: ignore[attr-defined]
    assert found.conflict[0] == pytest.approx((own - both) / log(2.0))
