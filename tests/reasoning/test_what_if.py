"""Interventions against the mutilated joint distribution, and what is carried over."""

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
    EvidenceError,
    ImpossibleEvidenceError,
    QueryError,
    UnknownStateError,
    UnknownVariableError,
)
from massage_pain.inference.case import UNSURE, Likelihood
from massage_pain.inference.parameter_draws import draw
from massage_pain.knowledge.distributions import Table
from massage_pain.knowledge.network import Network
from massage_pain.reasoning.surgery import below
from massage_pain.reasoning.what_if import what_if
from tests.inference.test_parameter_draws import read_again
from tests.reasoning.worlds import assessor_of, chance, layered, small_assessor, tangled
from tests.strategies import Enumeration, random_findings

SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture
def assessor(tmp_path: Path) -> Assessor:
    return small_assessor(tmp_path)


def cut(network: Network, do: dict[str, str]) -> Network:
    """The truncated factorisation (Pearl 2009, equation 3.10), written down by hand."""
    distributions = tuple(
        Table(
            each.variable,
            (),
            np.array([float(s == do[each.variable]) for s in network.variable(each.variable).states]),
        )
        if each.variable in do
        else each
        for each in network.distributions
    )
    return replace(network, distributions=distributions)


@settings(max_examples=40)
@given(SEEDS)
def test_do_is_the_truncated_factorisation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = (tangled if seed % 2 else layered)(seed)
    findings = random_findings(rng, network, soft=0.2)
    names = [each.id for each in network.nodes]
    do = {
        name: network.variable(name).states[rng.integers(len(network.variable(name).states))]
        for name in rng.permutation(names)[: int(rng.integers(1, 3))].tolist()
    }
    found = what_if(assessor_of(network), findings, do=do, draws=0)

    lost = below(network, do)
    kept = {name: said for name, said in findings.items() if name not in lost}
    assert {each.variable for each in found.dropped} == set(findings) & lost
    before, after = Enumeration(network), Enumeration(cut(network, do))
    others = {name: said for name, said in kept.items() if name not in do}
    for cause, shift in found.causes.items():
        assert shift.before == pytest.approx(chance(before, kept, cause), abs=1e-10)
        assert shift.after == pytest.approx(chance(after, others, cause), abs=1e-10)


@settings(max_examples=30)
@given(SEEDS)
def test_doing_a_root_is_observing_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = layered(seed)
    assessor = assessor_of(network)
    root = network.factors[0]
    state = root.states[int(rng.integers(len(root.states)))]
    case = {each.id: each.states[0] for each in network.factors[1:2]}
    done = what_if(assessor, case, do={root.id: state}, draws=0)
    seen = what_if(assessor, case, assume={root.id: state}, draws=0)
    for cause in done.causes:
        assert done.causes[cause].after == pytest.approx(seen.causes[cause].after, abs=1e-12)
        assert done.causes[cause].after == pytest.approx(
            assessor.assess({**case, root.id: state}).posterior.probabilities[cause], abs=1e-12
        )


def test_doing_is_not_observing_below(assessor: Assessor) -> None:
    """Curing the stiffness cures no strain; finding no stiffness speaks against one."""
    done = what_if(assessor, {}, do={"stiff": "absent"}, draws=0)
    seen = what_if(assessor, {}, assume={"stiff": "absent"}, draws=0)
    assert done.causes["strain"].after == done.causes["strain"].before
    assert seen.causes["strain"].after < seen.causes["strain"].before


def test_what_is_carried_and_what_is_dropped_is_named(assessor: Assessor) -> None:
    case = {
        "press": "hard",
        "before": True,
        "stiff": "present",
        "radiates": UNSURE,
        "age": 40,
        "fever": False,
    }
    found = what_if(assessor, case, do={"press": "light"}, draws=0)
    assert [(each.label, each.answer) for each in found.dropped] == [
        ("Stiff muscles", "yes"),
        ("Back pain", "yes"),
    ]
    assert {(each.label, each.answer) for each in found.carried} == {
        ("Had it before", "yes"),
        ("Age", "40 years"),
        ("Fever", "no"),
    }
    assert [(each.variable, each.answer) for each in found.set_to] == [("press", "light")]
    assert found.outcome is not None
    assert found.outcome.after < found.outcome.before < 1.0


def test_assume_keeps_all_other_findings(assessor: Assessor) -> None:
    case = {"press": "hard", "stiff": "present"}
    found = what_if(assessor, case, assume={"press": "light"}, draws=0)
    assert found.dropped == ()
    expected = assessor.assess({"press": "light", "stiff": "present"}).posterior.probabilities
    for cause, shift in found.causes.items():
        assert shift.after == pytest.approx(expected[cause], abs=1e-12)
        assert shift.before == pytest.approx(assessor.assess(case).posterior.probabilities[cause], abs=1e-12)
    soft = what_if(assessor, case, assume={"stiff": Likelihood(present=0.5, absent=0.5)}, draws=0)
    assert soft.assumed[0].answer == "no or yes, undecided"


def test_do_and_assume_go_together(assessor: Assessor) -> None:
    found = what_if(
        assessor, {"stiff": "present"}, do={"strain": "absent"}, assume={"pain": "present"}, draws=0
    )
    world = Enumeration(cut(assessor.network, {"strain": "absent"}))
    assert found.causes["nerve"].after == pytest.approx(
        chance(world, {"pain": "present"}, "nerve"), abs=1e-12
    )


def test_the_ranking_takes_each_modifiable_factor_to_its_lowest_state(assessor: Assessor) -> None:
    case = {"press": "hard", "before": "present", "stiff": "present"}
    found = what_if(assessor, case, draws=0)
    assert {each.variable for each in found.ranking} == {"press", "cold"}
    kept = {"press": "hard", "before": "present"}
    world = Enumeration(assessor.network)
    assert found.baseline == pytest.approx(chance(world, kept, "pain"), abs=1e-12)
    afters = [each.outcome.after for each in found.ranking]
    assert afters == sorted(afters)
    for each in found.ranking:
        lowest = assessor.network.variable(each.variable).states[0]
        expected = chance(world, {**kept, each.variable: lowest}, "pain")
        assert each.outcome.after == pytest.approx(expected, abs=1e-12)
        assert each.outcome.before == pytest.approx(found.baseline)
    assert [each.said for each in found.ranking if each.variable == "press"] == ["hard"]


def test_a_factor_that_is_as_low_as_can_be_is_not_ranked(assessor: Assessor) -> None:
    found = what_if(assessor, {"cold": "absent"}, draws=0)
    assert [each.variable for each in found.ranking] == ["press"]


def test_intervals_hold_the_difference(assessor: Assessor) -> None:
    case = {"press": "hard"}
    found = what_if(assessor, case, do={"press": "light"}, draws=300, seed=1)
    assert found.outcome is not None
    assert found.outcome.low is not None
    assert found.outcome.high is not None
    assert found.outcome.low < found.outcome.after - found.outcome.before < found.outcome.high < 0.0
    again = what_if(assessor, case, do={"press": "light"}, draws=300, seed=1)
    assert found.to_dict() == again.to_dict()
    without = what_if(assessor, case, do={"press": "light"}, draws=0)
    assert without.outcome is not None
    assert without.outcome.low is None
    assert without.outcome.after == found.outcome.after


def test_a_change_in_the_middle_is_drawn_right(assessor: Assessor) -> None:
    """A cause that is set stays set in every draw, whatever its own numbers are."""
    found = what_if(assessor, {}, do={"strain": "absent"}, draws=50)
    strain = found.causes["strain"]
    assert strain.after == 0.0
    assert strain.low is not None
    assert strain.low < -strain.before / 3


def test_a_network_without_ranges_or_complaint_is_answered() -> None:
    network = layered(2)
    changed = tuple(replace(each, modifiable=each.role == "factor") for each in network.variables)
    lowest = {"factor0": network.variable("factor0").states[0]}
    found = what_if(assessor_of(replace(network, variables=changed)), {}, do=lowest)
    assert found.outcome is None
    assert found.draws == 0
    assert found.ranking
    assert found.baseline == pytest.approx(1.0 - found.none_of_these.before)
    assert "None of these causes" in str(found)


def test_it_is_said_in_words(assessor: Assessor) -> None:
    found = what_if(assessor, {"press": "hard", "stiff": "present"}, do={"press": "light"}, draws=50)
    text = str(found)
    assert text.splitlines()[0] == "Next time"
    assert "With “Pressure of the massage: light”: Back pain from" in " ".join(text.split())
    assert "Left open, because the change may affect it: Stiff muscles: yes" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 80
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert record["do"] == [{"variable": "press", "label": "Pressure of the massage", "answer": "light"}]
    frame = found.to_frame()
    assert frame.index.tolist() == ["pain", *found.causes, "none_of_these"]
    np.testing.assert_allclose(frame["after"] - frame["before"], frame["difference"])
    assert found.ranking_frame()["variable"].tolist() == [each.variable for each in found.ranking]
    assert "<table" in found._repr_html_()
    assert "The change that helps most" in str(what_if(assessor, {}, draws=0))
    assert str(what_if(assessor, {}, assume={"stiff": "present"}, draws=0)).startswith("With other answers")


def test_errors_name_what_is_wrong(assessor: Assessor) -> None:
    with pytest.raises(UnknownVariableError, match=r"Unknown variable 'presss'\. Did you mean 'press'"):
        what_if(assessor, {}, do={"presss": "light"})
    with pytest.raises(UnknownStateError, match="Unknown state 'soft' for press"):
        what_if(assessor, {}, do={"press": "soft"})
    with pytest.raises(QueryError, match="'fever' is a screening answer"):
        what_if(assessor, {}, do={"fever": "absent"})
    with pytest.raises(QueryError, match=r"do= sets 'press' to one state \(light, firm, hard\), got UNSURE"):
        what_if(assessor, {}, do={"press": UNSURE})
    with pytest.raises(QueryError, match=r"do= sets 'press' to one state .*Likelihood"):
        what_if(assessor, {}, do={"press": Likelihood(light=1.0, firm=0.5, hard=0.1)})
    with pytest.raises(QueryError, match="do= is a mapping of variable to state, got str 'press'"):
        what_if(assessor, {}, do="press")  # type: ignore[arg-type]
    with pytest.raises(QueryError, match="press is both set"):
        what_if(assessor, {}, do={"press": "light"}, assume={"press": "hard"})
    with pytest.raises(UnknownStateError, match="Unknown state 'soft'"):
        what_if(assessor, {}, assume={"press": "soft"})
    with pytest.raises(EvidenceError, match="mapping"):
        what_if(assessor, {}, assume=["press"])  # type: ignore[arg-type]
    with pytest.raises(QueryError, match="draws must be a whole number"):
        what_if(assessor, {}, draws=3)


def test_findings_that_cannot_be_are_refused(assessor: Assessor) -> None:
    never = Table("cold", (), np.array([1.0, 0.0]))
    network = assessor.network
    changed = tuple(never if each.variable == "cold" else each for each in network.distributions)
    certain = assessor_of(replace(network, distributions=changed))
    with pytest.raises(ImpossibleEvidenceError, match="cold = present"):
        what_if(certain, {}, assume={"cold": "present"}, draws=0)
    assert what_if(certain, {}, do={"cold": "absent"}, draws=0).causes["strain"].after > 0


def test_intervals_are_those_of_the_networks_read_again(assessor: Assessor) -> None:
    """Every drawn network answered by itself, before and after; the change is cut out by hand."""
    draws, seed = 25, 3
    case, do = {"press": "hard", "before": "present"}, {"strain": "absent", "cold": "absent"}
    found = what_if(assessor, case, do=do, draws=draws, seed=seed, level=0.8)
    blocks = dict(draw(assessor.network, draws, seed).blocks)
    # strain and cold are set: the pain, which lies below them, is not carried over
    assert {each.variable for each in found.dropped} == {"pain"}
    differences: dict[str, list[float]] = {name: [] for name in (*found.causes, "pain")}
    for row in range(draws):
        network = read_again(assessor.network, blocks, row)
        before, after = Enumeration(network), Enumeration(cut(network, do))
        for name, each in differences.items():
            each.append(chance(after, case, name) - chance(before, case, name))
    assert found.outcome is not None
    for name, shift in {**found.causes, "pain": found.outcome}.items():
        low, high = np.quantile(differences[name], [0.1, 0.9])
        assert shift.low == pytest.approx(low, abs=1e-12)
        assert shift.high == pytest.approx(high, abs=1e-12)
