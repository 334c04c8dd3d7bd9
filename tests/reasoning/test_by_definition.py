"""Every service against its definition, on networks of every kind, with findings of every kind.

The networks are noisy-OR layers with and without a complaint, plain graphs with tables and noisy-MAXes of
several states, the same written to BIF and read again, and taken through pgmpy. Findings are states, soft,
"cannot tell", about causes too, none at all, or impossible together.
"""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, product
from math import log2
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import massage_pain as mp
from massage_pain.advice.assessor import Assessor
from massage_pain.errors import ImpossibleEvidenceError, NetworkWarning, QueryError
from massage_pain.inference.case import UNSURE, Likelihood
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.knowledge.distributions import Distribution, NoisyMax, Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import Parameter
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.blame import _by_twin, blame_of_causes
from massage_pain.reasoning.conflict import conflict
from massage_pain.reasoning.explanation import Explanation, explain
from massage_pain.reasoning.hypotheses import accepted_case
from massage_pain.reasoning.most_probable import most_probable
from massage_pain.reasoning.sensitivity import sensitivity
from massage_pain.reasoning.surgery import with_states
from massage_pain.reasoning.what_if import what_if
from tests.reasoning.changed import with_number
from tests.reasoning.definitions import Worlds, conflict_bits, shapley, smallest_flips
from tests.reasoning.worlds import assessor_of
from tests.strategies import layered_network, random_findings, random_network

KINDS = ("layered", "with a complaint", "tangled", "through BIF", "through pgmpy")
SEEDS = range(6)


def network_of(kind: str, seed: int, folder: Path) -> Network:
    rng = np.random.default_rng(seed)
    if kind == "layered":
        return layered_network(rng, 2, 2, 3, zeros=0.15)
    if kind == "with a complaint":
        network = layered_network(rng, 2, 3, 3, zeros=0.1)
        named = (replace(v, role="complaint") if v.id == "finding0" else v for v in network.variables)
        return replace(network, variables=tuple(named))
    while True:
        network = random_network(rng, int(rng.integers(3, 7)), most_states=3, zeros=0.2)
        able = [each.id for each in network.nodes if len(each.states) > 1]
        if kind == "through pgmpy":
            able = [each.id for each in network.nodes] if len(able) == len(network.nodes) else []
        if len(able) >= 2:
            break
    causes = [str(each) for each in rng.permutation(able)[: int(rng.integers(1, 3))]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NetworkWarning)  # variables of one state are meant here
        if kind == "through BIF":
            network.write(folder / "network.bif")
            network = mp.read_network(folder / "network.bif", normalize=True)
        if kind == "through pgmpy":
            pytest.importorskip("pgmpy")
            network = Network.from_pgmpy(network.to_pgmpy())
    return network.with_causes(causes)


def case_of(network: Network, seed: int) -> dict[str, object]:
    rng = np.random.default_rng([seed, 1])
    found: dict[str, object] = dict(
        random_findings(rng, network, share=float(rng.choice([0.0, 0.3, 0.6])), soft=0.25)
    )
    for name in found:
        if rng.random() < 0.1:
            found[name] = UNSURE
    return found


@pytest.fixture(params=[(kind, seed) for kind in KINDS for seed in SEEDS], ids=lambda p: f"{p[0]}-{p[1]}")
def asked(
    request: pytest.FixtureRequest, tmp_path: Path
) -> tuple[Assessor, dict[str, object], dict[str, object], dict[str, object], Worlds]:
    """An assessor, a case, what one begins with, the findings beside that, and all worlds."""
    kind, seed = request.param
    network = network_of(kind, seed, tmp_path)
    case = case_of(network, seed)
    begin: dict[str, object] = {}
    complaint = network.complaint
    if complaint is not None:
        begin = {complaint.id: case.get(complaint.id, complaint.present)}
    findings = {name: said for name, said in case.items() if name not in begin and said is not UNSURE}
    return assessor_of(network), case, begin, findings, Worlds(network)


Asked = tuple[Assessor, dict[str, object], dict[str, object], dict[str, object], Worlds]


def refused_if_impossible(asked: Asked, ask: Callable[[], object]) -> bool:
    _, _, begin, findings, worlds = asked
    if worlds.evidence({**begin, **findings}) > 1e-12:
        return False
    with pytest.raises(ImpossibleEvidenceError):
        ask()
    return True


def test_explanations(asked: Asked) -> None:
    assessor, case, begin, findings, worlds = asked
    cause = assessor.network.causes[-1]
    if refused_if_impossible(asked, lambda: explain(assessor, case, cause.id)):
        return
    found = explain(assessor, case, cause.id)
    known: dict[frozenset[str], float] = {}

    def worth(kept: frozenset[str]) -> float:
        if kept not in known:
            said = {**begin, **{name: findings[name] for name in kept}}
            chance = worlds.present(said, cause.id)
            other = worlds.share(said, lambda world: world[cause.id] != cause.present_index)
            known[kept] = chance if found.scale == "chance" else log2(chance) - log2(other)
        return known[kept]

    expected = shapley(list(findings), worth)
    assert {each.variable: each.weight for each in found.contributions} == pytest.approx(expected, abs=1e-8)
    assert found.after == pytest.approx(worlds.present({**begin, **findings}, cause.id), abs=1e-10)
    for each in found.contributions:  # dummy: what never changes anything weighs nothing
        if all(worth(kept | {each.variable}) == pytest.approx(worth(kept), abs=1e-12) for kept in [*known]):
            assert each.weight == pytest.approx(0.0, abs=1e-9)
    check_flips(found, {**begin, **findings}, findings, worlds)


def check_flips(
    found: Explanation, whole: dict[str, object], findings: dict[str, object], worlds: Worlds
) -> None:
    for each in found.flips:
        if each.what != "leading cause":
            continue
        options: dict[str, list[str | None]] = {}
        for name, said in findings.items():
            states = found.network.variable(name).states
            if each.how == "removal":
                options[name] = [None]
            else:
                now = max(states, key=said.__getitem__) if isinstance(said, Likelihood) else said
                options[name] = [state for state in states if state != now]
        expected = smallest_flips(worlds, whole, options, each.searched)
        if expected is not None:
            assert {(frozenset(one.findings.items()), one.becomes) for one in each.sets} == expected


def test_most_probable_and_conflict(asked: Asked) -> None:
    assessor, case, begin, findings, worlds = asked
    if refused_if_impossible(asked, lambda: most_probable(assessor, case)):
        return
    whole = {**begin, **findings}
    found = most_probable(assessor, case, top=1000)
    assert found.probability == pytest.approx(worlds.best_story(whole), rel=1e-9)
    for each in found.joint_states[:4]:
        at = {name: found.network.variable(name).states.index(s) for name, s in each.states.items()}
        expected = worlds.share(whole, lambda world, at=at: all(world[n] == s for n, s in at.items()))  # type: ignore[misc]
        assert each.probability == pytest.approx(expected, abs=1e-10)
    if not any(isinstance(said, Likelihood) or said is UNSURE for said in begin.values()):
        fit = conflict(assessor, case, draws=5)
        assert fit.bits == pytest.approx(conflict_bits(worlds, findings, begin), abs=1e-8)


def test_sensitivity(asked: Asked) -> None:
    assessor, case, begin, findings, _ = asked
    cause = assessor.network.causes[0].id
    if refused_if_impossible(asked, lambda: sensitivity(assessor, case, cause)):
        return
    whole = {**begin, **findings}
    found = sensitivity(assessor, case, cause)
    rng = np.random.default_rng(0)
    for at in rng.permutation(len(found.keys))[:4].tolist():
        curve = found.curve(found.keys[at])
        for x in (found.value[at], found.highest[at] * rng.random()):
            again = Worlds(with_number(assessor.network, found.keys[at], float(x)))
            if again.evidence(whole) > 1e-10:
                assert curve.at(float(x)) == pytest.approx(again.present(whole, cause), abs=1e-8)
        wished = float(np.clip(0.9 * found.probability + 0.01, 0.0, 1.0))
        reached = curve.reaches(wished)
        if reached is not None:
            assert curve.at(reached) == pytest.approx(wished, abs=1e-7)


def test_interventions(asked: Asked) -> None:
    assessor, case, begin, findings, _ = asked
    network = assessor.network
    rng = np.random.default_rng(3)
    names = [each.id for each in network.nodes]
    do = {
        name: network.variable(name).states[int(rng.integers(len(network.variable(name).states)))]
        for name in rng.permutation(names)[: int(rng.integers(1, 3))].tolist()
    }
    lost, waiting = set(), list(do)
    while waiting:
        for child in network.children[waiting.pop()]:
            if child not in lost:
                lost.add(child)
                waiting.append(child)
    kept = {name: said for name, said in {**begin, **findings}.items() if name not in lost - set(do)}
    others = {name: said for name, said in kept.items() if name not in do}
    before, after = Worlds(network), Worlds(network, do)
    if min(before.evidence(kept), after.evidence(others)) < 1e-12:
        return
    found = what_if(assessor, case, do=do, draws=0)
    for cause, shift in found.causes.items():
        assert shift.before == pytest.approx(before.present(kept, cause), abs=1e-10)
        assert shift.after == pytest.approx(after.present(others, cause), abs=1e-10)


@pytest.mark.parametrize("seed", range(10))
def test_what_flips_the_urgency(back: mp.Reasoner, seed: int) -> None:
    """All smallest sets of answers, safety answers among them, each assessed by itself."""
    network = back.network
    rng = np.random.default_rng(seed)
    drawn = back.simulate(1, seed=seed).iloc[0]
    names = rng.permutation([each.id for each in (*network.factors, *network.symptoms)])[:3].tolist()
    case: dict[str, object] = {name: str(drawn[name]) for name in names}
    for at in rng.permutation(len(network.screening))[: int(rng.integers(0, 4))].tolist():
        asked = network.screening[at]
        case[asked.id] = 30 if asked.numeric else asked.states[int(rng.random() < 0.4)]
    now = back.assess(case).urgency
    for each in back.explain(case).flips:
        if each.what != "urgency":
            continue
        options: dict[str, list[str | None]] = {}
        for name, said in case.items():
            variable = network.variable(name)
            if each.how == "removal":
                options[name] = [None]
            elif not variable.numeric:
                options[name] = [state for state in variable.states if state != said]
        largest = len(each.sets[0].findings) if each.sets else min(each.searched, len(options))
        expected = set()
        for size in range(1, largest + 1):
            for some in combinations(options, size):
                for states in product(*(options[name] for name in some)):
                    changed = {**case, **dict(zip(some, states, strict=True))}
                    then = back.assess({n: s for n, s in changed.items() if s is not None}).urgency
                    if then != now:
                        expected.add((frozenset(zip(some, states, strict=True)), then.name))
            if expected:
                break
        assert {(frozenset(one.findings.items()), one.becomes) for one in each.sets} == expected


@pytest.mark.parametrize("name", ["asia", "cancer", "earthquake", "survey"])
def test_small_corpus_networks(shared: Path, name: str) -> None:
    plain = mp.read_network(shared / "corpus" / f"{name}.bif", normalize=True)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        names = rng.permutation([each.id for each in plain.nodes]).tolist()
        network = plain.with_causes(names[:2])
        case: dict[str, object] = {each: plain.variable(each).states[0] for each in names[2:5]}
        asked = assessor_of(network), case, {}, case, Worlds(network)
        test_explanations(asked)
        test_most_probable_and_conflict(asked)
        test_sensitivity(asked)
        test_interventions(asked)


@pytest.mark.parametrize("name", ["sachs", "child", "alarm", "insurance"])
def test_large_corpus_networks(shared: Path, name: str) -> None:
    """Too large for all their worlds: Shapley values by coalitions, and every number read again."""
    network = mp.read_network(shared / "corpus" / f"{name}.bif", normalize=True)
    rng = np.random.default_rng(0)
    names = rng.permutation([each.id for each in network.nodes]).tolist()
    network = network.with_causes({each: network.variable(each).states[0] for each in names[:3]})
    reasoner, engine = mp.Reasoner(network), CompiledNetwork(network)
    drawn = reasoner.simulate(1, seed=0).iloc[0]
    case = {each: str(drawn[each]) for each in names[3:8]}
    cause = names[0]

    def odds(kept: frozenset[str], engine: CompiledNetwork = engine) -> float:
        chances = engine.marginals({each: case[each] for each in kept}, [cause])[cause][0]
        return log2(chances[0]) - log2(chances[1:].sum())

    found = reasoner.explain(case, cause)
    if found.scale == "bits":
        weights = {each.variable: each.weight for each in found.contributions}
        assert weights == pytest.approx(shapley(list(case), odds), abs=1e-8)
    curves = reasoner.sensitivity(case, cause)
    for at in rng.permutation(len(curves.keys))[:5].tolist():
        x = float(curves.highest[at] * rng.random())
        again = CompiledNetwork(with_number(network, curves.keys[at], x))
        expected = float(again.marginals(case, [cause])[cause][0, 0])
        assert curves.curve(curves.keys[at]).at(x) == pytest.approx(expected, abs=1e-8)
    story = {**case, **reasoner.most_probable(case).explanation}
    logs = []
    for each in network.nodes:
        at = tuple(network.variable(p).states.index(story[p]) for p in network.parents(each.id))
        logs.append(np.log(network.cpd(each.id)[at][each.states.index(story[each.id])]))
    evidence = accepted_case(Assessor(engine, None), case)[1]
    expected = float(np.sum(logs)) - float(engine.propagate(evidence, ()).log_evidence[0])
    assert reasoner.most_probable(case).log_probability == pytest.approx(expected, abs=1e-9)


def test_both_ways_to_blame_causes_agree(back: mp.Reasoner) -> None:
    """The posterior of the causes together, and a twin network with a row a cause."""
    network = back.network
    complaint = network.complaint
    assert complaint is not None
    assessor = Assessor(CompiledNetwork(network), None)
    names = [each.id for each in network.nodes if each.role in ("factor", "symptom", "cause")]
    frame = back.simulate(12, seed=4)
    for seed in range(12):
        rng = np.random.default_rng(seed)
        some = rng.permutation(names)[: int(rng.integers(0, 16))].tolist()
        case: dict[str, object] = {each: str(frame.iloc[seed][each]) for each in some}
        if seed % 3 == 0:
            case["aching"] = Likelihood(present=0.7, absent=0.2)
        happened = with_states(accepted_case(assessor, case)[1], {complaint.id: complaint.present_index})
        one = blame_of_causes(assessor.engine, happened, complaint)
        other = _by_twin(network, happened, complaint)
        for mine, theirs in zip(one, other, strict=True):
            assert mine == pytest.approx(theirs, abs=1e-10)


def test_a_state_that_never_occurs_can_be_set_but_not_observed() -> None:
    network = layered_network(np.random.default_rng(0), 1, 2, 2, zeros=0.0)
    factor = network.factors[0]
    never = np.zeros(len(factor.states))
    never[-1] = 1.0
    tables = tuple(
        replace(each, values=never) if each.variable == factor.id else each for each in network.distributions
    )
    network = replace(network, distributions=tables)
    assessor = assessor_of(network)
    found = what_if(assessor, {}, do={factor.id: factor.states[0]}, draws=0)
    worlds = Worlds(network, {factor.id: factor.states[0]})
    for cause, shift in found.causes.items():
        assert shift.after == pytest.approx(worlds.present({}, cause))
    with pytest.raises(ImpossibleEvidenceError):
        what_if(assessor, {}, assume={factor.id: factor.states[0]}, draws=0)


def test_thirty_findings_are_sampled_and_add_up(back: mp.Reasoner) -> None:
    frame = back.simulate(1, seed=2)
    names = [each.id for each in (*back.network.factors, *back.network.symptoms)][:30]
    case = {each: str(frame.iloc[0][each]) for each in names}
    found = back.explain(case, "muscle_strain", pairs=30)
    assert not found.exact
    assert sum(each.weight for each in found.contributions) == pytest.approx(
        found.posterior - found.prior, abs=1e-8
    )
    more = back.explain(case, "muscle_strain", pairs=300, seed=9)
    other = {each.variable: each for each in more.contributions}
    for each in found.contributions:  # the stated error is that of the samples
        error = np.hypot(each.error, other[each.variable].error)
        assert abs(each.weight - other[each.variable].weight) <= 6.0 * error + 1e-9


def test_what_is_wrong_is_said_and_nothing_is_changed(back: mp.Reasoner) -> None:
    case = mp.Case(massage_pressure="excessive", aching="present")
    record = back.monitor(case).observe(1, aching=True).to_dict()
    before = case.to_dict()
    wrong: list[Callable[[], object]] = [
        *(lambda x=x: back.explain(case, x) for x in (5, ["fasciitis"], "Fasciitis", "aching", "", b"x")),
        *(lambda x=x: back.sensitivity(case, x) for x in (5, ["fasciitis"], "aching", float("nan"))),
        *(lambda x=x: back.sensitivity(case).curve(x) for x in ("aching", {"a": 1}, ["a"], (["a"],), ())),
        *(lambda x=x: back.sensitivity(case).to_reach(x) for x in (-0.1, 1.5, "half", None, float("nan"))),
        *(lambda x=x: back.intervals(case, draws=x) for x in (0, 2.5, "20", True, None, 10**9)),
        *(lambda x=x: back.intervals(case, draws=20, level=x) for x in (0, 1, 90, "0.9", None)),
        *(lambda x=x: back.what_if(case, draws=x) for x in (True, 1, "20", None)),
        *(lambda x=x: back.most_probable(case, top=x) for x in (0, 2.5, None)),
        *(lambda x=x: back.conflict(case, draws=x) for x in (0, 2.5, None)),
        *(lambda x=x: back.explain(case, pairs=x) for x in (0, 1, 2.5, None)),
        *(lambda x=x: back.explain(case, seed=x) for x in (-1, "a", 1.5, None)),
        *(
            lambda x=x, ask=ask: ask(case, do=x)
            for ask in (back.what_if, back.would_have)
            for x in (
                "massage_pressure",
                [("massage_pressure", "light")],
                {"massage_pressure": None},
                {"massage_pressure": pd.NA},
                {"massage_pressure": 1},
                {"massage_pressure": ["light"]},
                {"massage_pressure": "Light"},
                {"massage_pressure": UNSURE},
                {"fever": "absent"},
                {5: "light"},
            )
        ),
        *(
            lambda x=x: back.would_have(case, do={"massage_pressure": "light"}, outcome=x)
            for x in (5, "zzz", "fever", ["back_pain"], {}, {"back_pain": None}, {"aching": 1})
        ),
        *(
            lambda x=x: back.monitor(case).observe(x, aching=True)
            for x in (None, "now", float("nan"), True, float("inf"), pd.NaT)
        ),
        *(
            lambda x=x: back.monitor(record=x)
            for x in (
                {},
                {"kind": "monitor"},
                {**record, "log": [1]},
                {**record, "start": 5},
                {**record, "log": [{**record["log"][0], "kind": "zap"}]},
                {**record, "log": [{**record["log"][0], "action": "CONTINUE"}]},
            )
        ),
    ]
    for each in wrong:
        with pytest.raises(mp.MassagePainError) as raised:
            each()
        assert len(str(raised.value)) > 20
    assert case.to_dict() == before
    assert back.monitor(record=record).to_dict() == record


def test_numbers_of_numpy_are_numbers(back: mp.Reasoner) -> None:
    draws = np.int64(20)
    one = back.intervals({}, draws=draws, seed=np.int64(1))
    assert one.to_dict() == back.intervals({}, draws=20, seed=1).to_dict()
    assert type(one.to_dict()["draws"]) is int
    key = one.influences[0].key
    curves = back.sensitivity({})
    assert curves.curve(list(key)) == curves.curve(key)  # type: ignore[arg-type]


def test_any_state_can_be_the_outcome(shared: Path) -> None:
    """In this network the last state is "no": what happened has to be said."""
    network = mp.read_network(shared / "corpus" / "asia.bif", normalize=True)
    asia = mp.Reasoner(network, causes={"tub": "yes", "lung": "yes"})
    found = asia.would_have({"tub": "yes"}, do={"tub": "no"}, outcome={"either": "yes"})
    by_lung = asia.posteriors(pd.DataFrame([{"tub": "yes"}]))["lung"].iloc[0]
    assert found.avoided == pytest.approx(1.0 - by_lung)
    assert found.to_dict()["outcome"] == {"variable": "either", "state": "yes", "label": "either: yes"}
    with pytest.raises(QueryError, match="outcome= is one variable and its state"):
        asia.would_have({}, do={"tub": "no"}, outcome={"either": "yes", "lung": "yes"})


def test_a_warning_is_there_when_it_is_looked_for(back: mp.Reasoner) -> None:
    """It is worked out late, from the case as it was when the question was put."""
    case = {"limb_numbness": "present", "saddle_numbness": "present"}
    found = back.sensitivity(case), back.would_have(case, do={"massage_pressure": "light"})
    case.clear()
    for each in found:
        assert each.to_dict()["warning"]["urgency"]["name"] == "EMERGENCY"
    assert pickle.loads(pickle.dumps(found[0])).to_dict() == found[0].to_dict()
    assert back.sensitivity({}).to_dict()["warning"] is None


@pytest.mark.parametrize("seed", range(12))
def test_causes_that_tie_stay_in_the_order_of_the_network(seed: int) -> None:
    """Exactly equal causes, links written in any order: every service names the first of them."""
    rng = np.random.default_rng(seed)

    def number(value: float) -> Parameter:
        return Parameter(value, value, value, ("test",), "C")

    causes = [Variable(id=each, role="cause") for each in "abc"]
    signs = [Variable(id=f"sign{at}", role="symptom") for at in range(3)]
    prior = float(rng.uniform(0.1, 0.4))
    distributions: list[Distribution] = [
        Table(each.id, (), np.array([1.0 - prior, prior])) for each in causes
    ]
    for sign in signs:
        strength = {"present": {"present": number(float(rng.uniform(0.2, 0.7)))}}
        links = dict.fromkeys(rng.permutation(list("abc")).tolist(), strength)
        distributions.append(NoisyMax(sign.id, {"present": number(0.03)}, links))
    reasoner = mp.Reasoner(Network("equal", (*causes, *signs), tuple(distributions)))
    case = {each.id: each.states[int(rng.integers(2))] for each in signs}
    seen = reasoner.assess(case)
    assert list(seen.posterior.probabilities) == ["a", "b", "c"]
    assert seen.top_cause == "a"
    assert reasoner.explain(case).cause == "a"
    assert reasoner.sensitivity(case).cause == "a"
    shifts = reasoner.what_if(case, do={}, assume={"sign0": case["sign0"]}, draws=0).causes
    assert list(shifts) == ["a", "b", "c"]
    assert reasoner.assess_many(pd.DataFrame([case]))["top_cause"].iloc[0] == "a"
