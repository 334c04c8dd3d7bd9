"""What does not fit, and whether a rare cause explains it."""

from __future__ import annotations

import json
from math import log2
from pathlib import Path

import numpy as np
import pytest

import massage_pain as mp
from massage_pain.knowledge.distributions import Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.conflict import conflict
from tests.reasoning.worlds import assessor_of, chance, layered, some_findings, tangled
from tests.strategies import Enumeration


def bits(oracle: Enumeration, findings: dict[str, str]) -> float:
    apart = np.prod([oracle.with_findings({name: value}).sum() for name, value in findings.items()])
    return log2(apart / oracle.with_findings(findings).sum())


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("world", [layered, tangled])
def test_the_parts_are_those_of_enumeration(world: object, seed: int) -> None:
    network = world(seed)  # type: ignore[operator]
    findings = some_findings(network, seed)
    oracle = Enumeration(network)
    found = conflict(assessor_of(network), findings, draws=50)
    assert found.bits == pytest.approx(bits(oracle, findings), abs=1e-9)
    whole = oracle.with_findings(findings).sum()
    for each in found.findings:
        name = each.said.variable
        rest = {k: v for k, v in findings.items() if k != name}
        without = bits(oracle, rest) if rest else 0.0
        assert each.adds == pytest.approx(found.bits - without, abs=1e-9)
        assert each.with_others == pytest.approx(whole / oracle.with_findings(rest).sum())
        assert each.alone == pytest.approx(oracle.with_findings({name: findings[name]}).sum())
        others = oracle.posterior(oracle.with_findings(rest), (name,))
        assert each.usual_probability == pytest.approx(others.max())
    for pair in found.pairs:
        assert pair.conflict == pytest.approx(bits(oracle, {n: findings[n] for n in pair.variables}))
        assert pair.conflict > 0


@pytest.mark.parametrize("seed", range(10))
def test_a_cause_explains_it_if_the_case_raises_it_by_as_much(seed: int) -> None:
    network = layered(seed)
    findings = some_findings(network, seed)
    oracle = Enumeration(network)
    found = conflict(assessor_of(network), findings, draws=20)
    expected = set()
    for cause in network.causes:
        raised = log2(chance(oracle, findings, cause.id) / chance(oracle, {}, cause.id))
        if found.bits > 0 and raised >= found.bits:
            expected.add(cause.id)
    assert {each.cause for each in found.explained_by} == expected


def rare() -> Network:
    """Two findings that a common cause each brings alone, and a rare one both."""
    common, rare, one, two = (Variable(id=name) for name in ("common", "rare", "one", "two"))
    given = [[0.01, 0.9], [0.5, 0.95]]  # by common, then rare
    return Network(
        "rare",
        (common, rare, one, two),
        (
            Table("common", (), np.array([0.5, 0.5])),
            Table("rare", (), np.array([0.999, 0.001])),
            Table("one", ("common", "rare"), np.array([[[1 - p, p] for p in row] for row in given])),
            Table("two", ("common", "rare"), np.array([[[1 - p, p] for p in row] for row in given[::-1]])),
        ),
    ).with_causes(["common", "rare"])


def test_a_rare_cause_explains_a_conflict_away() -> None:
    found = conflict(assessor_of(rare()), {"one": "present", "two": "present"}, draws=200)
    assert found.bits > 0
    assert [each.cause for each in found.explained_by] == ["rare"]
    assert "would explain it" in str(found)


@pytest.mark.parametrize("seed", range(6))
def test_the_share_of_simulated_cases_is_that_of_enumeration(seed: int) -> None:
    network = layered(seed)
    findings = some_findings(network, seed)
    oracle = Enumeration(network)
    table = oracle.posterior(oracle.joint, tuple(findings))
    mine = oracle.with_findings(findings).sum()
    expected = float(table[table <= mine * (1 + 1e-9)].sum())
    found = conflict(assessor_of(network), findings, draws=4000, seed=seed)
    assert found.as_surprising == pytest.approx(expected, abs=4 * np.sqrt(0.25 / 4000))
    assert found.percentile == pytest.approx(100 * (1 - found.as_surprising))


@pytest.mark.parametrize(
    "complaint", [{}, {"back_pain": "absent"}, {"back_pain": mp.Likelihood(present=0.9, absent=0.4)}]
)
def test_simulated_cases_have_the_same_complaint(back: mp.Reasoner, complaint: dict[str, object]) -> None:
    found = back.conflict({**complaint, "aching": "present", "muscle_stiffness": "present"}, draws=100)
    assert 0.0 < found.as_surprising <= 1.0


def test_a_complaint_too_rare_to_wait_for_is_conditioned_on(
    back: mp.Reasoner, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = {"aching": "present", "muscle_stiffness": "present", "onset": "later"}
    usual = back.conflict(case, draws=2000)
    monkeypatch.setattr("massage_pain.reasoning.completion.MOST_DRAWN", 0)
    assert back.conflict(case, draws=2000).as_surprising == pytest.approx(usual.as_surprising, abs=0.07)


def test_what_fits_and_what_does_not(back: mp.Reasoner) -> None:
    fits = back.conflict({"focal_pressure": "present", "local_numbness": "present"})
    assert not fits.poor
    assert fits.bits < 0
    worst = back.conflict({each.id: each.states[-1] for each in back.network.symptoms})
    assert worst.poor
    assert worst.as_surprising < 0.02
    assert "These findings fit poorly together" in str(worst).splitlines()


def test_too_little_to_compare(back: mp.Reasoner) -> None:
    for case in ({}, {"aching": "present"}, {"aching": "unsure", "fever": "absent", "bruising": "present"}):
        found = back.conflict(case, draws=10)
        assert found.bits == pytest.approx(0.0, abs=1e-9)
        assert not found.poor
        assert "nothing to fit together yet" in str(found)


def test_soft_findings_are_left_out_of_the_comparison(back: mp.Reasoner) -> None:
    soft = {"aching": mp.Likelihood(present=0.9, absent=0.1), "onset": "later", "bruising": "present"}
    hard = {"onset": "later", "bruising": "present"}
    assert back.conflict(soft, draws=300).as_surprising == back.conflict(hard, draws=300).as_surprising


def test_the_record_is_plain_json(back: mp.Reasoner) -> None:
    found = back.conflict({"aching": "present", "onset": "later", "bruising": "present"}, draws=50)
    record = found.to_dict()
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert sorted(found.to_frame().index) == ["aching", "bruising", "onset"]
    assert max(map(len, str(found).splitlines())) <= 80
    assert "<script" not in found._repr_html_()
    assert found.to_dict() == back.conflict(found.case, draws=50).to_dict()


def test_foreign_networks_are_measured_too(shared: Path) -> None:
    network = mp.read_network(shared / "corpus" / "asia.bif", normalize=True)
    reasoner = mp.Reasoner(network, causes={"lung": "yes", "bronc": "yes"})
    found = reasoner.conflict({"smoke": "no", "xray": "yes", "dysp": "no"}, draws=100)
    assert found.bits == pytest.approx(
        bits(Enumeration(network), {"smoke": "no", "xray": "yes", "dysp": "no"})
    )


def test_impossible_findings_and_wrong_numbers_are_errors(back: mp.Reasoner) -> None:
    with pytest.raises(mp.MassagePainError, match="draws must be a whole number, 1 or more, got 0"):
        back.conflict({}, draws=0)
    network = rare()
    table = Table("one", ("common", "rare"), np.array([[[1.0, 0.0]] * 2, [[1.0, 0.0]] * 2]))
    impossible = Network(
        "no", network.variables, (*network.distributions[:2], table, network.distributions[3])
    )
    with pytest.raises(mp.ImpossibleEvidenceError):
        conflict(assessor_of(impossible), {"one": "present"})


@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_a_soft_complaint_is_where_one_begins_too(back: mp.Reasoner, scale: float) -> None:
    """Only the ratio of its weights counts, and a single finding beside it has nothing to conflict with."""
    complaint = mp.Likelihood(present=0.9 * scale, absent=0.3 * scale)
    found = back.conflict({"back_pain": complaint, "local_numbness": "present"}, draws=20)
    chance = mp.CompiledNetwork(back.network).marginals({"back_pain": complaint}, "local_numbness")
    assert found.findings[0].alone == pytest.approx(chance["local_numbness"][0, 1], abs=1e-12)
    assert found.findings[0].with_others == pytest.approx(found.findings[0].alone, abs=1e-12)
    assert found.bits == pytest.approx(0.0, abs=1e-12)
    assert found.surprise == pytest.approx(-np.log2(chance["local_numbness"][0, 1]), abs=1e-9)


def test_a_complaint_that_is_soft_and_sure_is_as_a_hard_one(back: mp.Reasoner) -> None:
    rest = {"local_numbness": "present", "aching": "present", "onset": "later"}
    soft = back.conflict({"back_pain": mp.Likelihood(present=1.0, absent=0.0), **rest}, draws=50)
    hard = back.conflict({"back_pain": "present", **rest}, draws=50)
    assert soft.bits == pytest.approx(hard.bits, abs=1e-12)
    assert soft.misfit == pytest.approx(hard.misfit, abs=1e-12)
