"""Explanations: Shapley values of log-odds, what flips the answer, what weighs nothing."""

from __future__ import annotations

import itertools
import json
from math import factorial, log2
from pathlib import Path

import numpy as np
import pytest

import massage_pain as mp
from massage_pain.knowledge.distributions import Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.explanation import Explanation, explain
from tests.reasoning.worlds import (
    assessor_of,
    chance,
    every_answer,
    layered,
    small_assessor,
    some_findings,
    tangled,
)
from tests.strategies import Enumeration

CASE = mp.Case(focal_pressure="present", local_numbness="present", limb_numbness="absent")


def log_odds(p: float) -> float:
    return log2(p) - log2(1 - p)


@pytest.mark.parametrize("seed", range(15))
@pytest.mark.parametrize("world", [layered, tangled])
def test_contributions_are_shapley_values_of_the_log_odds(world: object, seed: int) -> None:
    network = world(seed)  # type: ignore[operator]
    findings = some_findings(network, seed)
    cause = network.causes[0].id
    found = explain(assessor_of(network), findings, cause)
    oracle = Enumeration(network)
    names = list(findings)

    def worth(kept: frozenset[str]) -> float:
        return log_odds(chance(oracle, {name: findings[name] for name in kept}, cause))

    expected = dict.fromkeys(names, 0.0)
    for order in itertools.permutations(names):
        for at, name in enumerate(order):
            before, after = frozenset(order[:at]), frozenset(order[: at + 1])
            expected[name] += (worth(after) - worth(before)) / factorial(len(names))
    assert found.scale == "bits"
    assert {each.variable: each.weight for each in found.contributions} == pytest.approx(expected, abs=1e-9)
    total = sum(each.weight for each in found.contributions)
    assert total == pytest.approx(found.posterior - found.prior, abs=1e-9)
    assert found.after == pytest.approx(chance(oracle, findings, cause))


def test_the_prior_is_with_the_complaint_and_nothing_else(back: mp.Reasoner) -> None:
    found = back.explain(CASE, "impaired_circulation")
    assert found.before == pytest.approx(back.assess().posterior.probabilities["impaired_circulation"])
    assert found.after == pytest.approx(back.assess(CASE).posterior.probabilities["impaired_circulation"])
    assert found.complaint_assumed
    told = back.explain(CASE.observe(back_pain="present"), "impaired_circulation")
    assert [e.weight for e in told.contributions] == pytest.approx([e.weight for e in found.contributions])
    assert "the complaint" in told.weightless[0].why


def test_for_comes_before_against_the_heaviest_first(back: mp.Reasoner) -> None:
    case = mp.Case(
        muscle_stiffness=True, local_numbness=False, aching=True, limb_numbness=True, bruising=False
    )
    found = back.explain(case, "nerve_compression")
    weights = [each.weight for each in found.contributions]
    assert weights == [
        *sorted((w for w in weights if w >= 0), reverse=True),
        *sorted(w for w in weights if w < 0),
    ]
    assert (*found.speaks_for, *found.speaks_against) == found.contributions


def test_without_a_cause_the_leading_one_is_explained(back: mp.Reasoner) -> None:
    assert back.explain(CASE).cause == back.assess(CASE).top_cause


def test_unsure_and_safety_answers_are_listed_without_a_weight(back: mp.Reasoner) -> None:
    case = CASE.observe(aching=mp.UNSURE, fever="absent", age=30)
    found = back.explain(case, "fasciitis")
    assert {each.said.variable for each in found.weightless} == {"aching", "fever", "age"}
    plain = back.explain(CASE, "fasciitis")
    assert [e.weight for e in found.contributions] == pytest.approx([e.weight for e in plain.contributions])


def test_beyond_fourteen_findings_orders_are_drawn_and_add_up(back: mp.Reasoner) -> None:
    names = [each.id for each in back.network.nodes if each.role in ("factor", "symptom")][:18]
    case = mp.Case({name: back.network.variable(name).states[0] for name in names})
    found = back.explain(case, "muscle_strain", pairs=20)
    assert not found.exact
    assert found.orders == 40
    assert sum(e.weight for e in found.contributions) == pytest.approx(
        found.posterior - found.prior, abs=1e-8
    )
    assert all(each.error >= 0 for each in found.contributions)
    again = back.explain(case, "muscle_strain", pairs=20)
    assert [e.weight for e in again.contributions] == [e.weight for e in found.contributions]
    assert "drawn" in str(found)


def certain() -> Network:
    """A finding that only the cause can bring, and one that it never leaves out."""
    cause, proof, other = (Variable(id=name) for name in ("cause", "proof", "other"))
    return Network(
        "certain",
        (cause, proof, other),
        (
            Table("cause", (), np.array([0.9, 0.1])),
            Table("proof", ("cause",), np.array([[1.0, 0.0], [0.5, 0.5]])),
            Table("other", ("cause",), np.array([[0.8, 0.2], [0.3, 0.7]])),
        ),
    ).with_causes(["cause"])


def test_a_certain_cause_is_explained_in_chances() -> None:
    found = explain(assessor_of(certain()), {"proof": "present", "other": "present"}, "cause")
    assert found.certain
    assert found.scale == "chance"
    assert found.posterior == np.inf
    assert found.to_dict()["posterior"] is None
    assert sum(each.weight for each in found.contributions) == pytest.approx(found.after - found.before)
    assert found.after == 1.0
    assert "certain" in str(found)


def test_an_impossible_cause_is_explained_in_chances() -> None:
    network = certain()
    table = Table("proof", ("cause",), np.array([[0.5, 0.5], [0.0, 1.0]]))
    network = Network(
        "ruled out", network.variables, (network.distributions[0], table, network.distributions[2])
    )
    found = explain(assessor_of(network), {"proof": "absent"}, "cause")
    assert found.after == 0.0
    assert found.contributions[0].weight == pytest.approx(-0.1)
    assert "impossible" in str(found)


def test_an_observed_cause_is_certain(back: mp.Reasoner) -> None:
    found = back.explain({"fasciitis": "present", "aching": "present"}, "fasciitis")
    assert found.certain
    assert {each.variable: each.weight for each in found.contributions}["fasciitis"] > 0.5


def test_nothing_said_is_nothing_to_explain(back: mp.Reasoner) -> None:
    found = back.explain({}, "fasciitis")
    assert found.contributions == ()
    assert found.prior == found.posterior
    assert "Nothing that was said bears on" in str(found)


# -- flips ------------------------------------------------------------------------------------------------


def flips_by_trying(found: Explanation, network: Network, findings: dict[str, str], how: str) -> int:
    """The size of the smallest set that changes the leading cause, by trying everything; 0 for none."""
    oracle = Enumeration(network)

    def leading(case: dict[str, str]) -> str | None:
        if oracle.with_findings(case).sum() <= 0:
            return None
        chances = {each.id: chance(oracle, case, each.id) for each in network.causes}
        highest = max(chances.values())
        return next(name for name, p in chances.items() if p >= highest - 1e-9)

    now = leading(findings)
    sizes = []
    for count in range(1, len(findings) + 1):
        for names in itertools.combinations(findings, count):
            rest = {name: state for name, state in findings.items() if name not in names}
            cases = (
                [rest]
                if how == "removal"
                else [{**rest, **each} for each in every_answer(network, list(names))]
            )
            for case in cases:
                if how == "reversal" and any(case[name] == findings[name] for name in names):
                    continue
                if leading(case) not in (now, None):
                    sizes.append(count)
    return min(sizes, default=0)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("how", ["removal", "reversal"])
def test_flips_are_the_smallest(seed: int, how: str) -> None:
    network = layered(seed)
    findings = some_findings(network, seed)
    found = explain(assessor_of(network), findings)
    flips = next(each for each in found.flips if each.how == how and each.what == "leading cause")
    smallest = flips_by_trying(found, network, findings, how)
    assert {len(each.findings) for each in flips.sets} == ({smallest} if smallest else set())
    assert flips.complete or flips.sets
    urgency = next(each for each in found.flips if each.how == how and each.what == "urgency")
    assert urgency.sets == ()  # there are no rules


def test_urgency_flips_name_the_safety_answer(tmp_path: Path) -> None:
    assessor = small_assessor(tmp_path)
    found = explain(assessor, {"fever": "present", "stiff": "present", "numb": "absent"}, "strain")
    removal, reversal = (
        next(f for f in found.flips if f.how == how and f.what == "urgency")
        for how in ("removal", "reversal")
    )
    assert [dict(each.findings) for each in removal.sets] == [{"fever": None}]
    assert {"numb": "present"} in [dict(each.findings) for each in reversal.sets]
    assert {each.becomes for each in reversal.sets if "numb" in each.findings} == {"EMERGENCY"}


def test_a_search_that_is_cut_short_says_so(back: mp.Reasoner, monkeypatch: pytest.MonkeyPatch) -> None:
    case = mp.Case({each.id: each.states[0] for each in back.network.symptoms[:8]})
    whole = back.explain(case, "ordinary_soreness").flips
    monkeypatch.setattr("massage_pain.reasoning.flips.MOST", 8)  # sets of one finding, not of two
    for now, before in zip(back.explain(case, "ordinary_soreness").flips, whole, strict=True):
        assert now.searched <= 1
        assert now.sets or not now.complete
        assert not now.sets or now.sets == before.sets
    assert any(each.searched > 1 for each in whole)


# -- what it rests on, and records ---------------------------------------------------------------------


def test_grounds_are_the_links_and_the_finding_itself(back: mp.Reasoner) -> None:
    found = back.explain(CASE, "impaired_circulation")
    keys = [each.parameter for each in found.grounds["local_numbness"]]
    assert keys[0] == ("local_numbness", "link", "impaired_circulation", "present", "present")
    assert ("local_numbness", "leak", "present") in keys
    factor = [each.parameter for each in found.grounds["focal_pressure"]]
    assert ("impaired_circulation", "link", "focal_pressure", "present", "present") in factor
    assert ("focal_pressure", "prior", "present") in factor
    assert all(key in back.network.parameters for key in (*keys, *factor))


def test_the_sentence_counts_what_it_rests_on(back: mp.Reasoner) -> None:
    first = back.explain(CASE, "impaired_circulation").sentences[0]
    assert first.startswith("Numb patch on the back speaks for impaired circulation (+")
    assert "bits; rests on" in first
    assert first.endswith(").")


def test_the_record_is_plain_json_and_the_frame_has_a_row_a_finding(back: mp.Reasoner) -> None:
    found = back.explain(CASE, "fasciitis")
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()
    frame = found.to_frame()
    assert sorted(frame.index) == sorted(CASE)
    assert frame["bits"].sum() == pytest.approx(found.posterior - found.prior)
    assert "<script" not in found._repr_html_()
    assert max(map(len, str(found).splitlines())) <= 80


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        ("fascitis", "Unknown cause 'fascitis'. Did you mean 'fasciitis'?"),
        ("aching", "'aching' is a symptom, not a cause. Causes: muscle_strain"),
        (3, "Unknown cause 3."),
    ],
)
def test_what_is_no_cause_is_refused(back: mp.Reasoner, cause: str, sentence: str) -> None:
    with pytest.raises(mp.MassagePainError) as refused:
        back.explain(CASE, cause)
    assert str(refused.value).startswith(sentence)


def test_wrong_numbers_are_refused(back: mp.Reasoner) -> None:
    with pytest.raises(mp.MassagePainError, match="pairs must be a whole number, 2 or more, got 1"):
        back.explain(CASE, pairs=1)
    with pytest.raises(mp.MassagePainError, match="The seed must be a whole number"):
        back.explain(CASE, seed=-1)


def test_impossible_findings_are_an_error_of_ours() -> None:
    with pytest.raises(mp.ImpossibleEvidenceError):
        explain(assessor_of(certain()), {"cause": "absent", "proof": "present"}, "cause")
