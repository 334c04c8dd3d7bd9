"""Counterfactuals against every mechanism enumerated, and the identities of necessity and sufficiency."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import massage_pain as mp
from massage_pain.advice.assessor import Assessor
from massage_pain.errors import (
    ImpossibleEvidenceError,
    QueryError,
    UnknownStateError,
    UnknownVariableError,
)
from massage_pain.inference import twin_network
from massage_pain.inference.case import Likelihood
from massage_pain.knowledge.distributions import Distribution, NoisyMax, Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.counterfactual import would_have
from massage_pain.reasoning.surgery import below
from tests.reasoning.mechanisms import share
from tests.reasoning.worlds import assessor_of, small_assessor
from tests.strategies import Enumeration, parameter, random_noisy_max, random_table

SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture
def assessor(tmp_path: Path) -> Assessor:
    return small_assessor(tmp_path)


def mechanical(seed: int) -> Network:
    """Two factors, two causes (one may bring about the other), a complaint, a symptom; some graded."""
    rng = np.random.default_rng(seed)
    variables: list[Variable] = []
    distributions: list[Distribution] = []

    def add(id: str, role: str, states: int, parents: list[Variable], noisy: bool = True) -> Variable:
        names = ("absent", "present") if states == 2 else tuple(f"s{i}" for i in range(states))
        variable = Variable(id=id, states=names, role=role)
        make = random_noisy_max if noisy and parents else random_table
        variables.append(variable)
        distributions.append(make(rng, variable, parents, zeros=0.1))
        return variable

    first = add("first", "factor", int(rng.integers(2, 4)), [])
    second = add("second", "factor", 2, [first] if rng.random() < 0.3 else [], bool(rng.random() < 0.5))
    a = add("a", "cause", 2, [first, second])
    b = add("b", "cause", 2, [a, second] if rng.random() < 0.4 else [second])
    add("pain", "complaint", 2 if rng.random() < 0.7 else 3, [a, b, first] if rng.random() < 0.3 else [a, b])
    add("shows", "symptom", 2, [a, b], bool(rng.random() < 0.5))
    return Network("mechanical", tuple(variables), tuple(distributions))


def a_case(network: Network, seed: int) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    found: dict[str, object] = {}
    for name in ("first", "second", "a", "shows"):
        states = network.variable(name).states
        if rng.random() < (0.2 if name == "a" else 0.5):
            found[name] = states[int(rng.integers(len(states)))]
    if rng.random() < 0.3:
        states = network.variable("shows").states
        found["shows"] = Likelihood(dict(zip(states, rng.random(len(states)).tolist(), strict=True)))
    return found


def possible(network: Network, findings: dict[str, object]) -> bool:
    return bool(Enumeration(network).with_findings(findings).sum() > 1e-6)


@settings(max_examples=8)
@given(SEEDS)
def test_against_every_mechanism(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = mechanical(seed)
    case = a_case(network, seed)
    pain = network.variable("pain")
    happened = {**case, "pain": pain.present}
    if not possible(network, happened):
        return
    names = ["first", "second"][: int(rng.integers(1, 3))]
    do = {n: int(rng.integers(len(network.variable(n).states))) for n in names}
    if "second" in below(network, ["first"]) and not _reachable(network, do):
        return
    found = would_have(
        assessor_of(network), case, do={n: network.variable(n).states[s] for n, s in do.items()}
    )
    top = pain.present_index
    avoided = share(network, do, happened, lambda actual, other: other["pain"] != top)
    assert found.avoided == pytest.approx(avoided, abs=1e-9)
    for cause in ("a", "b"):
        each = found.causes[cause]
        assert each.actual == pytest.approx(
            share(network, do, happened, lambda w, o, c=cause: w[c] == 1), abs=1e-9
        )
        assert each.otherwise == pytest.approx(
            share(network, do, happened, lambda w, o, c=cause: o[c] == 1), abs=1e-9
        )
        _same(
            each.avoided,
            share(network, do, happened, lambda w, o, c=cause: o[c] == 0, lambda w, o, c=cause: w[c] == 1),
        )
    changed = share(
        network,
        do,
        happened,
        lambda w, o: o["pain"] != top,
        lambda w, o: any(w[n] != s for n, s in do.items()),
    )
    _same(found.necessity, changed)


def _reachable(network: Network, do: dict[str, int]) -> bool:
    """Whether no plain table stands in the way of the change."""
    return not any(
        isinstance(network.distribution(name), Table) and network.parents(name)
        for name in below(network, list(do))
        if name != "shows"
    )


def _same(found: float | None, expected: float) -> None:
    if math.isnan(expected):
        assert found is None
    else:
        assert found == pytest.approx(expected, abs=1e-7)


@settings(max_examples=12)
@given(SEEDS)
def test_the_blame_of_each_cause_against_every_mechanism(seed: int) -> None:
    network = mechanical(seed)
    case = a_case(network, seed)
    pain = network.variable("pain")
    happened = {**case, "pain": pain.present}
    if not possible(network, happened) or not _reachable(network, {"first": 0}):
        return
    found = would_have(assessor_of(network), case, do={"first": network.variable("first").states[0]})
    top = pain.present_index
    circumstances = {name: said for name, said in case.items() if name in ("first", "second")}
    for cause in ("a", "b"):
        necessity = share(
            network,
            {cause: 0},
            happened,
            lambda w, o: o["pain"] != top,
            lambda w, o, c=cause: w[c] == 1,
        )
        sufficiency = share(
            network,
            {cause: 1},
            circumstances,
            lambda w, o: o["pain"] == top,
            lambda w, o, c=cause: w[c] == 0 and w["pain"] != top,
        )
        _same(found.causes[cause].necessity, necessity)
        _same(found.causes[cause].sufficiency, sufficiency)


@settings(max_examples=12)
@given(SEEDS)
def test_the_sufficiency_of_what_was_done_against_every_mechanism(seed: int) -> None:
    network = mechanical(seed)
    rng = np.random.default_rng(seed)
    states = network.variable("first").states
    was, other = (int(each) for each in rng.permutation(len(states))[:2])
    case = {**a_case(network, seed), "first": states[was]}
    pain = network.variable("pain")
    if not possible(network, {**case, "pain": pain.present}) or not _reachable(network, {"first": 0}):
        return
    found = would_have(assessor_of(network), case, do={"first": states[other]})
    top = pain.present_index
    kept = {n: s for n, s in case.items() if n == "second" and "second" not in below(network, ["first"])}
    expected = share(
        network,
        {"first": was},
        {**kept, "first": states[other]},
        lambda w, o: o["pain"] == top,
        lambda w, o: w["pain"] != top,
    )
    _same(found.sufficiency, expected)
    _same(found.necessity, found.avoided)


def test_chains_and_written_out_pairs_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(12):
        network = mechanical(seed)
        if not _reachable(network, {"first": 0}) or not possible(
            network, {"pain": network.variable("pain").present}
        ):
            continue
        do = {"first": network.variable("first").states[0]}
        monkeypatch.setattr(twin_network, "WRITTEN_OUT_CELLS", 4096)
        one = would_have(assessor_of(network), {}, do=do).to_dict()
        monkeypatch.setattr(twin_network, "WRITTEN_OUT_CELLS", 0)
        other = would_have(assessor_of(network), {}, do=do).to_dict()
        assert one["avoided"] == pytest.approx(other["avoided"], abs=1e-12)
        for mine, theirs in zip(one["causes"], other["causes"], strict=True):
            assert mine["otherwise"] == pytest.approx(theirs["otherwise"], abs=1e-12)


def two_parts(seed: int) -> tuple[Network, float, float]:
    """A factor without confounding over a noisy-OR: P(pain | it was there), P(pain | it was not)."""
    rng = np.random.default_rng(seed)
    factor, cause, pain = (
        Variable(id="x", role="factor"),
        Variable(id="c", role="cause"),
        Variable(id="y", role="complaint"),
    )
    network = Network(
        "plain",
        (factor, cause, pain),
        (
            Table("x", (), np.array([0.6, 0.4])),
            random_noisy_max(rng, cause, [factor], zeros=0.0),
            random_noisy_max(rng, pain, [cause], zeros=0.0),
        ),
    )
    world = Enumeration(network)
    with_it, without = (
        float(world.posterior(world.with_findings({"x": state}), ("y",))[1])
        for state in ("present", "absent")
    )
    return network, with_it, without


@given(SEEDS)
def test_without_confounding_necessity_is_the_excess_risk_ratio(seed: int) -> None:
    """Pearl 2009, theorem 9.2.14: a monotone effect without confounding."""
    network, with_it, without = two_parts(seed)
    found = would_have(assessor_of(network), {"x": "present"}, do={"x": "absent"})
    assert found.necessity == pytest.approx((with_it - without) / with_it, abs=1e-9)
    assert found.sufficiency == pytest.approx((with_it - without) / (1.0 - without), abs=1e-9)


@settings(max_examples=30)
@given(SEEDS)
def test_necessity_and_sufficiency_stay_within_their_bounds(seed: int) -> None:
    """Tian and Pearl 2000 (Pearl 2009, theorem 9.2.12), from experiments and observation alone."""
    network = mechanical(seed)
    world = Enumeration(network)
    states = network.variable("first").states
    pain = network.variable("pain")
    x, y = {"first": states[-1]}, {"pain": pain.present}
    both = world.with_findings({**x, **y}).sum()
    if both < 1e-6 or not _reachable(network, {"first": 0}):
        return
    found = would_have(assessor_of(network), x, do={"first": states[0]})
    # first is a root: doing is observing
    prior = world.with_findings({"first": states[0]}).sum()
    y_without = world.with_findings({"first": states[0], **y}).sum() / prior if prior > 0 else 0.0
    if prior < 1e-6:
        return
    # among those in either of the two states
    total = prior + world.with_findings(x).sum()
    unharmed = (prior - world.with_findings({"first": states[0], **y}).sum()) / total
    p_y = (both + world.with_findings({"first": states[0], **y}).sum()) / total
    lower = max(0.0, (p_y - y_without) / (both / total))
    upper = min(1.0, (1.0 - y_without - unharmed) / (both / total))
    assert found.necessity is not None
    assert lower - 1e-9 <= found.necessity <= upper + 1e-9


def test_nothing_is_avoided_by_what_was_so_anyway(assessor: Assessor) -> None:
    found = would_have(assessor, {"press": "light"}, do={"press": "light"})
    assert found.avoided == pytest.approx(0.0, abs=1e-12)
    assert found.necessity is None
    assert found.sufficiency is None
    for each in found.causes.values():
        assert each.otherwise == pytest.approx(each.actual, abs=1e-12)


def test_a_change_below_the_outcome_changes_nothing(assessor: Assessor) -> None:
    found = would_have(assessor, {"stiff": "present"}, do={"stiff": "absent"})
    assert found.avoided == 0.0


def test_a_gentler_state_never_does_more_harm(assessor: Assessor) -> None:
    """One threshold for all states of a link: what hard pressure did not do, firm would not have done."""
    harder = would_have(assessor, {"press": "firm"}, do={"press": "hard"})
    assert harder.avoided == pytest.approx(0.0, abs=1e-12)
    firm = would_have(assessor, {"press": "hard"}, do={"press": "firm"}).avoided
    light = would_have(assessor, {"press": "hard"}, do={"press": "light"}).avoided
    assert 0.0 < firm < light < 1.0


@given(SEEDS)
def test_between_graded_states_it_is_the_least_that_the_numbers_allow(seed: int) -> None:
    """Tian and Pearl 2000: with monotonicity, necessity is the lower one of its bounds."""
    rng = np.random.default_rng(seed)
    press = Variable(id="x", role="factor", states=("light", "firm", "hard"))
    cause, pain = Variable(id="c", role="cause"), Variable(id="y", role="complaint")
    low, high = sorted(rng.uniform(0.01, 0.99, size=2).tolist())
    links = {"x": {"firm": {"present": parameter(low)}, "hard": {"present": parameter(high)}}}
    network = Network(
        "graded",
        (press, cause, pain),
        (
            Table("x", (), np.array([0.5, 0.3, 0.2])),
            NoisyMax("c", {"present": parameter(0.02)}, links),
            random_noisy_max(rng, pain, [cause], zeros=0.0),
        ),
    )
    world = Enumeration(network)
    hard, firm = (
        float(world.posterior(world.with_findings({"x": state}), ("y",))[1]) for state in ("hard", "firm")
    )
    found = would_have(assessor_of(network), {"x": "hard"}, do={"x": "firm"})
    assert found.avoided == pytest.approx((hard - firm) / hard, abs=1e-9)
    triggered = would_have(assessor_of(network), {"x": "hard"}, do={"x": "firm"}, outcome={"c": "present"})
    spared = 1.0 - (low + 0.02 - low * 0.02) / (high + 0.02 - high * 0.02)
    assert triggered.avoided == pytest.approx(spared, abs=1e-9)


def test_a_cause_that_is_set_is_set(assessor: Assessor) -> None:
    found = would_have(assessor, {"press": "hard"}, do={"strain": "absent"})
    assert found.causes["strain"].otherwise == 0.0
    assert found.causes["nerve"].otherwise == pytest.approx(found.causes["nerve"].actual)
    necessity = found.causes["strain"].necessity
    assert necessity is not None
    assert found.avoided == pytest.approx(necessity * found.causes["strain"].actual, abs=1e-12)


def certain_table() -> Network:
    """An either-or of two causes: a table, but one whose rows are certain."""
    a, b, either = (
        Variable(id=name, role=role) for name, role in (("a", "cause"), ("b", "cause"), ("e", "complaint"))
    )
    values = np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]])
    return Network(
        "either",
        (a, b, either),
        (
            Table("a", (), np.array([0.8, 0.2])),
            Table("b", (), np.array([0.7, 0.3])),
            Table("e", ("a", "b"), values),
        ),
    )


def test_a_certain_table_is_a_mechanism() -> None:
    found = would_have(assessor_of(certain_table()), {"a": "present"}, do={"a": "absent"})
    assert found.avoided == pytest.approx(0.7)
    assert found.sufficiency == pytest.approx(1.0)
    assert found.causes["b"].necessity == pytest.approx(0.0)
    assert would_have(assessor_of(certain_table()), {}, do={"a": "absent"}).avoided == pytest.approx(
        0.2 * 0.7 / (1 - 0.8 * 0.7)
    )


def test_a_plain_table_in_the_way_is_named() -> None:
    a, y = Variable(id="a", role="cause"), Variable(id="y", role="complaint")
    network = Network(
        "plain",
        (a, y),
        (Table("a", (), np.array([0.8, 0.2])), Table("y", ("a",), np.array([[0.9, 0.1], [0.3, 0.7]]))),
    )
    with pytest.raises(
        QueryError, match="What would have become of 'y' cannot be said: its distribution is a plain"
    ):
        would_have(assessor_of(network), {}, do={"a": "absent"})


def test_the_outcome_can_be_named() -> None:
    network = next(each for each in map(mechanical, range(50)) if _reachable(each, {"first": 0}))
    assessor = assessor_of(network)
    do = {"first": network.variable("first").states[0]}
    found = would_have(assessor, {}, do=do, outcome="a")
    assert found.outcome == "a"
    assert found.causes["a"].actual == pytest.approx(1.0)
    assert found.causes["a"].necessity is None
    assert found.avoided == pytest.approx(found.causes["a"].avoided)


def test_a_cause_not_coming_about_can_be_the_outcome() -> None:
    variables = (Variable(id="a", role="cause"), Variable(id="b", role="cause"))
    distributions = (
        Table("a", (), np.array([0.7, 0.3])),
        NoisyMax("b", {"present": parameter(0.1)}, {"a": {"present": {"present": parameter(0.6)}}}),
    )
    network = Network("two", variables, distributions)
    for outcomes in ("b", {"b": "absent"}), ({"b": "absent"}, "b"):  # one does not stand in for the other
        asked = assessor_of(replace(network))
        for outcome in outcomes:
            found = would_have(asked, {"a": "present"}, do={"a": "absent"}, outcome=outcome).causes
            assert (found["b"].necessity, found["b"].sufficiency) == (None, None)
            if outcome == "b":  # with a it is 0.64, without a the leak alone
                _same(found["a"].necessity, 1.0 - 0.1 / 0.64)
                _same(found["a"].sufficiency, 0.6)
            else:  # a only ever brings b about: without a it cannot be there instead
                _same(found["a"].necessity, 0.0)


def test_a_hundred_rare_findings_do_not_underflow() -> None:
    cause, pain = Variable(id="c", role="cause"), Variable(id="y", role="complaint")
    rng = np.random.default_rng(0)
    shows = [Variable(id=f"s{i}", role="symptom") for i in range(120)]
    network = Network(
        "many",
        (cause, pain, *shows),
        (
            Table("c", (), np.array([0.5, 0.5])),
            random_noisy_max(rng, pain, [cause], zeros=0.0),
            *(Table(each.id, ("c",), np.array([[0.999, 0.001]] * 2)) for each in shows),
        ),
    )
    with_all = would_have(assessor_of(network), {each.id: "present" for each in shows}, do={"c": "absent"})
    assert with_all.avoided == pytest.approx(would_have(assessor_of(network), {}, do={"c": "absent"}).avoided)


def test_it_is_said_in_words(assessor: Assessor) -> None:
    found = would_have(assessor, {"press": "hard", "stiff": "present"}, do={"press": "light"})
    text = str(found)
    assert text.splitlines()[0] == "Would it have happened anyway?"
    assert "With “Pressure of the massage: light”: avoided in" in text.splitlines()[1]
    assert max(map(len, text.splitlines())) <= 80
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert record["instead_of"] == [
        {"variable": "press", "label": "Pressure of the massage", "answer": "hard"}
    ]
    assert list(found.to_frame().columns) == ["actual", "otherwise", "avoided", "necessity", "sufficiency"]
    assert "<table" in found._repr_html_()


def test_errors_name_what_is_wrong(assessor: Assessor) -> None:
    with pytest.raises(QueryError, match=r"would_have needs a change: do=\{variable: state\}"):
        would_have(assessor, {}, do={})
    with pytest.raises(QueryError, match="do= sets 'pain' itself"):
        would_have(assessor, {}, do={"pain": "absent"})
    with pytest.raises(QueryError, match=r"The case says Back pain: no\. Nothing happened"):
        would_have(assessor, {"pain": "absent"}, do={"press": "light"})
    with pytest.raises(UnknownVariableError, match="Did you mean 'press'"):
        would_have(assessor, {}, do={"pres": "light"})
    with pytest.raises(UnknownStateError, match="Unknown state 'soft'"):
        would_have(assessor, {}, do={"press": "soft"})
    with pytest.raises(UnknownVariableError, match="'fever' is a screening answer"):
        would_have(assessor, {}, do={"press": "light"}, outcome="fever")
    named = tuple(replace(each, role="cause") for each in certain_table().variables)
    without_complaint = assessor_of(replace(certain_table(), variables=named))
    with pytest.raises(
        QueryError, match="The network either names no complaint; say whose happening is judged"
    ):
        would_have(without_complaint, {}, do={"a": "absent"})
    with pytest.raises(ImpossibleEvidenceError, match="cannot occur together"):
        would_have(assessor_of(certain_table()), {"a": "absent", "b": "absent"}, do={"a": "present"})


def test_what_certainly_did_not_happen_could_not_have_been_avoided(back: mp.Reasoner) -> None:
    """Told for sure or as a likelihood of zero: the same refusal."""
    case = {"massage_pressure": "excessive"}
    for said in ("absent", Likelihood(present=0.0, absent=1.0)):
        with pytest.raises(QueryError, match="Nothing happened that could have been avoided"):
            back.would_have({**case, "back_pain": said}, do={"massage_pressure": "light"})
    likely = Likelihood(present=0.1, absent=0.9)
    assert back.would_have({**case, "back_pain": likely}, do={"massage_pressure": "light"}).avoided > 0.0
