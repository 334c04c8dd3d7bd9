"""Sensitivity curves against the network read again with the number changed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massage_pain.advice.assessor import Assessor
from massage_pain.errors import (
    ImpossibleEvidenceError,
    InvalidNetworkError,
    QueryError,
    UnknownVariableError,
)
from massage_pain.inference.case import Likelihood
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.knowledge.distributions import NoisyMax, Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import Parameter
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.sensitivity import Sensitivity, sensitivity
from tests.reasoning.changed import with_number
from tests.reasoning.worlds import assessor_of, chance, layered, small_assessor, tangled
from tests.strategies import Enumeration, parameter, random_findings

SEEDS = st.integers(0, 2**32 - 1)


def a_case(seed: int) -> tuple[Network, dict[str, object]]:
    """A network of any shape with zeros, and findings that can occur together."""
    network = (tangled if seed % 2 else layered)(seed, zeros=0.2)
    rng = np.random.default_rng(seed)
    world = Enumeration(network)
    while True:
        findings = random_findings(rng, network, soft=0.2)
        if world.with_findings(findings).sum() > 1e-9:
            return network, findings


def some_keys(found: Sensitivity, rng: np.random.Generator) -> list[tuple[int, tuple[str, ...]]]:
    """A dozen of the numbers, and where they stand."""
    chosen = rng.permutation(len(found.keys))[:12]
    return [(at, found.keys[at]) for at in sorted(chosen.tolist())]


def values_to_try(found: Sensitivity, at: int, rng: np.random.Generator) -> list[float]:
    return [0.0, found.highest[at], found.value[at], float(rng.uniform(0, found.highest[at]))]


@settings(max_examples=12)
@given(SEEDS)
def test_every_curve_is_the_network_read_again(seed: int) -> None:
    network, findings = a_case(seed)
    cause = network.causes[0]
    found = sensitivity(assessor_of(network), findings, cause.id)
    rng = np.random.default_rng(seed)
    for at, key in some_keys(found, rng):
        for x in values_to_try(found, at, rng):
            world = Enumeration(with_number(network, key, x))
            table = world.with_findings(findings)
            if table.sum() < 1e-9:
                continue
            expected = chance(world, findings, cause.id)
            assert found.curve(key).at(x) == pytest.approx(expected, abs=1e-9), key


@settings(max_examples=12)
@given(SEEDS)
def test_slopes_are_those_of_finite_differences(seed: int) -> None:
    network, findings = a_case(seed)
    cause = network.causes[0].id
    found = sensitivity(assessor_of(network), findings, cause)
    step = 1e-6
    for at, key in some_keys(found, np.random.default_rng(seed)):
        x = found.value[at]
        if not step < x < found.highest[at] - step:
            continue
        up, down = (Enumeration(with_number(network, key, x + d)) for d in (step, -step))
        difference = (chance(up, findings, cause) - chance(down, findings, cause)) / (2 * step)
        assert found.slope[at] == pytest.approx(difference, rel=1e-4, abs=1e-6), key
        assert found.curve(key).slope == pytest.approx(found.slope[at], abs=1e-9)


@settings(max_examples=12)
@given(SEEDS)
def test_curves_pass_through_the_present_point(seed: int) -> None:
    network, findings = a_case(seed)
    found = sensitivity(assessor_of(network), findings, network.causes[0].id)
    assert found.probability == pytest.approx(chance(Enumeration(network), findings, found.cause), abs=1e-12)
    for at, key in enumerate(found.keys):
        assert found.curve(key).at(found.value[at]) == pytest.approx(found.probability, abs=1e-12)


def with_ranges(network: Network, rng: np.random.Generator) -> Network:
    """The same numbers, each with some range around it."""

    def ranged(p: Parameter) -> Parameter:
        low, high = p.value * rng.uniform(0, 1), p.value + (1 - p.value) * rng.uniform(0, 1)
        return Parameter(p.value, low, high, ("test",), "C")

    changed = []
    for each in network.distributions:
        if isinstance(each, NoisyMax):
            leak = {s: ranged(p) for s, p in each.leak.items()}
            links = {
                a: {u: {s: ranged(p) for s, p in by.items()} for u, by in b.items()}
                for a, b in each.links.items()
            }
            changed.append(NoisyMax(each.variable, leak, links))
        else:
            stated = each.stated({v.id: v for v in network.variables})
            numbers = {key[2:]: ranged(p) for key, p in stated.items()}
            changed.append(Table(each.variable, each.parents, each.values, numbers))
    return replace(network, distributions=tuple(changed))


@settings(max_examples=15)
@given(SEEDS)
def test_another_cause_leads_beyond_where_the_leader_flips(seed: int) -> None:
    network = with_ranges(layered(seed), np.random.default_rng(seed))
    findings = {each.id: each.states[-1] for each in network.symptoms[:2]}
    found = sensitivity(assessor_of(network), findings, network.causes[0].id)
    causes = [each.id for each in network.causes]
    for at, key in some_keys(found, np.random.default_rng(seed)):
        flip, becomes = found.leader_flips_at[at], found.leader_becomes[at]
        ends = (found.low[at], found.high[at]) if np.isnan(flip) else (flip, flip)
        for x in ends:
            world = Enumeration(with_number(network, key, float(x)))
            chances = {each: chance(world, findings, each) for each in causes}
            if becomes:
                assert found.low[at] <= x <= found.high[at]
                assert chances[becomes] == pytest.approx(chances[found.leading], abs=1e-9)
                assert max(chances.values()) == pytest.approx(chances[becomes], abs=1e-9)
            else:
                assert chances[found.leading] >= max(chances.values()) - 1e-9


def test_the_urgency_flips_where_it_is_said_to(tmp_path: Path) -> None:
    assessor = small_assessor(tmp_path)
    flips = 0
    cases = [{}, {"press": "hard"}, {"radiates": "thigh"}, {"radiates": "thigh", "stiff": "present"}]
    for case in cases:
        found = sensitivity(assessor, case, "nerve")
        assert found.urgency == assessor.assess(case).urgency
        for at, key in enumerate(found.keys):
            x = found.urgency_flips_at[at]
            if np.isnan(x):
                assert found.urgency_becomes[at] == 0
                continue
            flips += 1
            away = np.sign(x - found.value[at]) * 1e-6
            for moved, expected in ((away, found.urgency_becomes[at]), (-away, found.urgency)):
                network = with_number(assessor.network, key, x + moved)
                again = Assessor(CompiledNetwork(network), assessor.rules).assess(case)
                assert again.urgency == expected, (case, key)
    assert flips > 3


def test_without_rules_no_urgency_is_spoken_of() -> None:
    network, findings = a_case(3)
    found = sensitivity(assessor_of(network), findings)
    assert found.urgency is None
    assert found.cause == found.leading
    assert not found.urgency_becomes.any()


@settings(max_examples=12)
@given(SEEDS, st.floats(0.02, 0.98))
def test_what_it_takes_to_reach_a_chance(seed: int, wished: float) -> None:
    network, findings = a_case(seed)
    cause = network.causes[0].id
    found = sensitivity(assessor_of(network), findings, cause)
    needed = {key: x for key, x, _ in found.to_reach(wished).needed}
    for at, key in some_keys(found, np.random.default_rng(seed)):
        if key in needed:
            world = Enumeration(with_number(network, key, needed[key]))
            assert chance(world, findings, cause) == pytest.approx(wished, abs=1e-7), key
        else:
            values = found.curve(key).at(np.linspace(0.0, found.highest[at], 51))
            values = values[~np.isnan(values)]
            assert values.max() < wished + 1e-9 or values.min() > wished - 1e-9, key


def test_reach_names_the_stated_range_first(tmp_path: Path) -> None:
    found = sensitivity(small_assessor(tmp_path), {"radiates": "thigh"}, "nerve")
    reach = found.to_reach(found.probability * 1.1)
    within = [each[2] for each in reach.needed]
    assert within == sorted(within, reverse=True)
    assert any(within)
    frame = reach.to_frame()
    assert frame["within_range"].tolist() == within
    assert "could bring Nerve trouble to" in str(reach)
    assert json.loads(json.dumps(reach.to_dict()))["kind"] == "reach"
    assert "<table" in reach._repr_html_()


def test_no_number_can_reach_certainty_of_an_observed_absence(tmp_path: Path) -> None:
    found = sensitivity(small_assessor(tmp_path), {"nerve": "absent"}, "nerve")
    assert found.to_reach(0.5).needed == ()
    assert "No single number can bring Nerve trouble to 50%" in str(found.to_reach(0.5))


def many_findings(count: int, present: float, absent: float, prior: float) -> Network:
    """One cause and many findings that hardly ever occur."""
    cause = Variable(id="cause", role="cause")
    findings = [Variable(id=f"f{i}", role="symptom") for i in range(count)]
    tables = [
        Table("cause", (), np.array([1 - prior, prior])),
        *(
            Table(each.id, ("cause",), np.array([[1 - absent, absent], [1 - present, present]]))
            for each in findings
        ),
    ]
    return Network("many", (cause, *findings), tuple(tables))


def test_four_hundred_unlikely_findings_keep_their_digits() -> None:
    present, absent, prior = 0.0101, 0.01, 0.02
    network = many_findings(400, present, absent, prior)
    case = {each.id: "present" for each in network.symptoms}
    found = sensitivity(assessor_of(network), case, "cause")
    odds = prior / (1 - prior) * (present / absent) ** 400
    assert found.probability == pytest.approx(odds / (1 + odds), rel=1e-10)
    p = found.probability
    at = found.keys.index(("f7", "table", "present", "present"))
    assert found.slope[at] == pytest.approx(p * (1 - p) / present, rel=1e-9)
    assert found.curve(found.keys[at]).at(0.5) == pytest.approx(
        odds * 0.5 / present / (1 + odds * 0.5 / present), rel=1e-9
    )


def test_a_number_that_is_zero_or_one_has_a_curve_too() -> None:
    a, b = Variable(id="a"), Variable(id="b")
    certain = Table("b", ("a",), np.array([[1.0, 0.0], [0.0, 1.0]]))
    network = Network("certain", (a, b), (Table("a", (), np.array([0.7, 0.3])), certain)).with_causes("a")
    found = sensitivity(assessor_of(network), {"b": "present"}, "a")
    assert found.probability == 1.0
    false_alarm = found.curve(("b", "table", "absent", "present"))
    assert false_alarm.at(0.0) == 1.0
    assert false_alarm.at(0.5) == pytest.approx(0.3 / (0.3 + 0.5 * 0.7))
    miss = found.curve(("b", "table", "present", "present"))
    assert np.isnan(miss.at(0.0))  # then the finding could not occur


def test_a_row_of_three_keeps_its_proportions() -> None:
    graded = Variable(id="graded", states=("low", "mid", "high"), present="high")
    network = Network("three", (graded,), (Table("graded", (), np.array([0.5, 0.3, 0.2])),))
    network = network.with_causes({"graded": "high"})
    curve = sensitivity(assessor_of(network), {}, "graded").curve(("graded", "prior", "mid"))
    assert curve.at(0.3) == pytest.approx(0.2)
    assert curve.at(0.65) == pytest.approx(0.1)
    assert curve.at(0.0) == pytest.approx(0.2 / 0.7)


def test_in_a_noisy_max_the_lowest_state_makes_room() -> None:
    parent = Variable(id="parent")
    child = Variable(id="child", states=("none", "some", "much"))
    links = {"parent": {"present": {"some": parameter(0.3), "much": parameter(0.2)}}}
    leak = {"some": parameter(0.0), "much": parameter(0.0)}
    prior = Table("parent", (), np.array([0.0, 1.0]))
    network = Network("graded", (parent, child), (prior, NoisyMax("child", leak, links)))
    found = sensitivity(assessor_of(network.with_causes({"child": "much"})), {}, "child")
    key = ("child", "link", "parent", "present", "some")
    assert found.highest[found.keys.index(key)] == pytest.approx(0.8)
    assert found.curve(key).at(0.8) == pytest.approx(0.2)  # "much" keeps its own chance


def test_the_tornado_is_sorted_and_complete(tmp_path: Path) -> None:
    assessor = small_assessor(tmp_path)
    found = sensitivity(assessor, {"stiff": "present"}, "strain")
    tornado = found.tornado
    assert len(tornado) == len(assessor.network.parameters)
    assert tornado["change"].is_monotonic_decreasing
    top = tornado.iloc[0]
    assert top["change"] == pytest.approx(abs(top["at_high"] - top["at_low"]))
    assert {"parameter", "key", "grade", "sources", "leader_flips_at", "urgency_becomes"} <= set(
        tornado.columns
    )
    assert found.to_frame() is tornado


def test_soft_findings_and_observed_causes(tmp_path: Path) -> None:
    assessor = small_assessor(tmp_path)
    case = {"strain": "absent", "stiff": Likelihood(present=0.8, absent=0.3)}
    found = sensitivity(assessor, case, "nerve")
    assert found.probability == pytest.approx(
        assessor.assess(case).posterior.probabilities["nerve"], abs=1e-12
    )
    assert sensitivity(assessor, case, "strain").probability == 0.0


def test_it_is_said_in_words(tmp_path: Path) -> None:
    found = sensitivity(small_assessor(tmp_path), {"radiates": "thigh"}, "nerve")
    text = str(found)
    assert "How much single numbers matter" in text.splitlines()
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "The numbers that matter most" in text
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert record["kind"] == "sensitivity"
    assert record["cause"] == {"id": "nerve", "label": "Nerve trouble"}
    assert all(each["slope"] for each in record["parameters"] if not each["leader_becomes"])
    html = found._repr_html_()
    assert "<script" not in html
    assert "Nerve trouble" in html


def test_names_from_a_file_are_escaped() -> None:
    evil = Variable(id="evil", label='<img src=x onerror="alert(1)">', role="cause")
    other = Variable(id="other", label="\u202eback", role="cause")
    tables = tuple(Table(each, (), np.array([0.6, 0.4])) for each in ("evil", "other"))
    found = sensitivity(assessor_of(Network("bad", (evil, other), tables)), {})
    assert "<img" not in found._repr_html_()
    assert "\u202e" not in found._repr_html_() + str(found)


def test_errors_name_what_is_wrong(tmp_path: Path) -> None:
    assessor = small_assessor(tmp_path)
    with pytest.raises(UnknownVariableError, match=r"Unknown cause 'nerv'\. Did you mean 'nerve'\?"):
        sensitivity(assessor, {}, "nerv")
    found = sensitivity(assessor, {}, "nerve")
    with pytest.raises(UnknownVariableError, match=r"has no number .*'leek'"):
        found.curve(("nerve", "leek", "present"))
    with pytest.raises(QueryError, match=r"must be a number from 0 to 1, got 50\. Is it a percentage\?"):
        found.to_reach(50)
    with pytest.raises(QueryError, match="must be a number from 0 to 1, got 'half'"):
        found.to_reach("half")  # type: ignore[arg-type]
    none = Network("none", (Variable(id="a"),), (Table("a", (), np.array([0.5, 0.5])),))
    with pytest.raises(InvalidNetworkError, match="names no causes"):
        sensitivity(assessor_of(none), {})


def test_impossible_findings_are_refused() -> None:
    a, b = Variable(id="a", role="cause"), Variable(id="b", role="symptom")
    network = Network(
        "never",
        (a, b),
        (Table("a", (), np.array([0.5, 0.5])), Table("b", ("a",), np.array([[1.0, 0.0]] * 2))),
    )
    with pytest.raises(ImpossibleEvidenceError, match="b = present"):
        sensitivity(assessor_of(network), {"b": "present"})
