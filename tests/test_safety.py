"""What must never happen, tried on the shipped network: a reassuring answer where a doctor was needed.

hypothesis looks for a case that breaks a promise; where a promise can be checked for thousands of cases at
once, a seeded table does that as well.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import massage_pain as mp
from massage_pain.advice.conditions import FindingIs, NumberIs
from massage_pain.advice.rules import WITHHELD
from massage_pain.inference.case import Finding
from massage_pain.knowledge.variable import Variable

pd = pytest.importorskip("pandas")

COMFORTING = {"warmth", "cold", "exercise", "massage", "medicine_note", "prevention", "reassurance"}
COMFORTING_WORDS = re.compile(
    r"\b(warm\w*|heat\w*|hot|cold|ice|exercis\w*|stretch\w*|walk\w*|medicine\w*|tablet\w*|ibuprofen|"
    r"celecoxib|loxoprofen|mecobalamin|vitamin|trazodone|pain ?killer\w*|massag\w*|rub\w*|usual\w*|"
    r"harmless)\b",
    re.IGNORECASE,
)


@cache
def back() -> mp.Reasoner:
    return mp.load()


@cache
def askable() -> tuple[Variable, ...]:
    return tuple(each for each in back().network.variables if each.role != "cause")


def answers(variable: Variable) -> st.SearchStrategy[Finding]:
    if variable.numeric is not None:
        return st.one_of(st.integers(0, 120), st.just(mp.UNSURE))
    kinds: list[st.SearchStrategy[Finding]] = [st.sampled_from(variable.states), st.just(mp.UNSURE)]
    if variable.role != "screening":
        weights = st.lists(st.sampled_from([0.05, 0.2, 0.5, 0.9]), min_size=9, max_size=9)
        kinds.append(
            weights.map(lambda found: mp.Likelihood(dict(zip(variable.states, found, strict=False))))
        )
    return st.one_of(kinds)


@st.composite
def cases(draw: st.DrawFn, most: int = 12) -> mp.Case:
    chosen = draw(st.lists(st.sampled_from(askable()), max_size=most, unique_by=lambda each: each.id))
    return mp.Case({each.id: draw(answers(each)) for each in chosen})


@st.composite
def cases_and_one_more(draw: st.DrawFn) -> tuple[mp.Case, mp.Case]:
    """A case, and the same with one more finding; UNSURE may become an answer."""
    case = draw(cases())
    fresh = [each for each in askable() if each.id not in case or case[each.id] is mp.UNSURE]
    more = draw(st.sampled_from(fresh))
    return case, case.observe({more.id: draw(answers(more))})


def flag_urgency(seen: Any) -> int:
    return max((int(each.urgency) for each in seen.red_flags), default=0)


# -- red flags only rise -----------------------------------------------------------------------------------


@given(cases_and_one_more())
def test_no_further_finding_lowers_an_urgency_raised_by_a_red_flag(pair: tuple[mp.Case, mp.Case]) -> None:
    case, more = pair
    for ask in (back().assess, back().screen):
        before, after = ask(case), ask(more)
        assert {each.id for each in before.red_flags} <= {each.id for each in after.red_flags}
        assert after.urgency >= flag_urgency(before)  # type: ignore[operator]
    contraindicated = back().screen(case).reasons
    assert {each.id for each in contraindicated} <= {each.id for each in back().screen(more).reasons}


@given(cases(), st.data())
def test_no_denial_lowers_it(case: mp.Case, data: st.DataObject) -> None:
    fresh = [each for each in askable() if each.id not in case and each.numeric is None]
    denied = data.draw(st.lists(st.sampled_from(fresh), max_size=20, unique_by=lambda each: each.id))
    all_denied = case.observe({each.id: each.states[0] for each in denied})
    assert back().assess(all_denied).urgency >= flag_urgency(back().assess(case))  # type: ignore[operator]


@given(cases())
def test_the_urgency_is_at_least_that_of_every_flag(case: mp.Case) -> None:
    seen = back().assess(case)
    assert seen.urgency is not None
    assert seen.urgency >= flag_urgency(seen)
    assert seen.urgency >= mp.Urgency.SELF_CARE


def test_thousands_of_cases_keep_their_flags_when_one_more_thing_is_said(rng: np.random.Generator) -> None:
    frame = random_table(rng, 4000)
    more = frame.copy()
    names = rng.choice([each.id for each in askable()], len(frame))
    full = random_table(rng, 4000, asked=1.0)
    for name in np.unique(names):
        rows = (names == name) & frame[name].isna().to_numpy()
        more[name] = more[name].where(~rows, full[name])
    before, after = back().assess_many(frame), back().assess_many(more)
    assert (before.error == "").all()
    kept = [
        set(one.split(";")) <= {*two.split(";"), ""}
        for one, two in zip(before.red_flags, after.red_flags, strict=True)
    ]
    assert all(kept)
    raised = (before.red_flags != "").to_numpy()
    assert raised.any()
    highest = highest_flag(before.red_flags)
    assert (after.urgency.cat.codes.to_numpy() + 1 >= highest).all()


def highest_flag(red_flags: Any) -> Any:
    rules = back().rules
    assert rules is not None
    level = {each.id: int(each.urgency) for each in rules.red_flags}
    return np.array(
        [max((level[each] for each in found.split(";") if each), default=0) for found in red_flags]
    )


def random_table(rng: np.random.Generator, rows: int, asked: float = 0.15) -> Any:
    columns: dict[str, Any] = {}
    for variable in askable():
        if variable.numeric is not None:
            column = rng.integers(0, 120, rows).astype(object)
        else:
            column = rng.choice(np.array(variable.states, dtype=object), rows)
        column[rng.random(rows) > asked] = None
        columns[variable.id] = pd.Series(column, dtype=object)
    return pd.DataFrame(columns)


# -- what stands beside something urgent ---------------------------------------------------------------------


@st.composite
def urgent_cases(draw: st.DrawFn) -> mp.Case:
    """A case that raises one red flag at least: the answers of one of its clauses, and others."""
    rules = back().rules
    assert rules is not None
    flag = draw(st.sampled_from(rules.red_flags))
    clause = draw(st.sampled_from(flag.when.conjunctions))
    needed: dict[str, Any] = {}
    for atom in clause:
        if isinstance(atom, FindingIs):
            needed[atom.variable] = draw(st.sampled_from(sorted(atom.states)))
        elif isinstance(atom, NumberIs):
            needed[atom.variable] = atom.at_least if atom.at_least > 0 else max(atom.below - 1, 0)
    others = draw(cases())
    return mp.Case({**others, **needed})


@settings(max_examples=150)
@given(urgent_cases())
def test_an_emergency_stands_alone_and_the_same_day_comforts_nobody(case: mp.Case) -> None:
    seen = back().assess(case)
    assert seen.red_flags
    assert seen.urgency is not None
    assert seen.urgency > mp.Urgency.SELF_CARE
    kinds = {each.kind for each in seen.advice}
    assert not kinds & WITHHELD[seen.urgency]
    if seen.urgency is mp.Urgency.EMERGENCY:
        assert kinds == {"seek_care"}
        assert all(each.urgency is mp.Urgency.EMERGENCY for each in seen.advice)
        for each in seen.advice:
            assert not COMFORTING_WORDS.search(each.action), each.action
            assert not each.cautions
    elif seen.urgency is mp.Urgency.SAME_DAY:
        assert not kinds & (COMFORTING - {"cold", "prevention"})
    if seen.urgency >= mp.Urgency.SEE_DOCTOR:
        assert kinds >= {"seek_care"}
        assert "reassurance" not in kinds
    for each in seen.advice:
        assert "trazodone" not in f"{each.action} {each.because} {each.cautions} {each.article}".lower()


def test_every_red_flag_can_be_raised_by_each_of_its_clauses() -> None:
    rules = back().rules
    assert rules is not None
    complaint = back().network.complaint
    assert complaint is not None
    for flag in rules.red_flags:
        for clause in flag.when.conjunctions:
            case = {}
            for atom in clause:
                if isinstance(atom, FindingIs):
                    case[atom.variable] = sorted(atom.states)[0]
                elif isinstance(atom, NumberIs):
                    case[atom.variable] = atom.at_least if atom.at_least > 0 else max(atom.below - 1, 0)
            seen = back().assess(case)
            assert flag.id in {each.id for each in seen.red_flags}, (flag.id, case)
            assert all(each.because for each in seen.red_flags)
            assert back().screen(case).contraindication >= mp.Contraindication.implied_by(flag.urgency)  # type: ignore[operator]


def test_no_red_flag_comforts_in_what_it_asks_for() -> None:
    rules = back().rules
    assert rules is not None
    for flag in rules.red_flags:
        if flag.urgency is mp.Urgency.EMERGENCY:
            assert not COMFORTING_WORDS.search(flag.action), flag.id
        assert flag.action.endswith(".")
        assert "!" not in flag.action + flag.why


def test_no_medicine_is_recommended_or_dosed() -> None:
    rules = back().rules
    assert rules is not None
    for rule in rules.advice:
        words = f"{rule.action} {rule.cautions} {rule.article}".lower()
        assert "trazodone" not in words, rule.id
        named = re.search(r"ibuprofen|celecoxib|loxoprofen|mecobalamin|vitamin b12|anti-inflammator", words)
        if named:
            assert rule.kind == "medicine_note", rule.id
            assert rule.withheld_when is not None, rule.id
    for rule in rules.advice:
        if rule.kind == "medicine_note":
            assert rule.urgency is mp.Urgency.SELF_CARE


# -- what was not asked is not a no --------------------------------------------------------------------------


def test_self_care_with_an_open_safety_question_is_provisional(rng: np.random.Generator) -> None:
    """However the open questions might be answered: if answers could raise a flag, it is said now."""
    rows, ways = 300, 25
    some = random_table(rng, rows, asked=0.6)
    for each in back().network.screening:  # mostly denied, so that few questions stay open
        if each.numeric is None:
            some[each.id] = some[each.id].where(rng.random(rows) < 0.03, each.states[0])
            some[each.id] = some[each.id].where(rng.random(rows) < 0.97, None)
    some.loc[: rows // 10, "fever"] = "unsure"
    seen = back().assess_many(some)
    answered = some.replace("unsure", None)
    completed = pd.concat([answered] * ways, ignore_index=True)
    for each in askable():
        states = np.arange(0, 121, 5) if each.numeric is not None else np.array(each.states, dtype=object)
        weights = np.full(len(states), 0.3)
        weights[-1] = 0.7 * len(states)  # the highest state is the one that raises most
        filled = pd.Series(rng.choice(states, rows * ways, p=weights / weights.sum()), dtype=object)
        completed[each.id] = completed[each.id].where(completed[each.id].notna(), filled)
    reached = highest_flag(back().assess_many(completed).red_flags).reshape(ways, rows).max(axis=0)
    could_rise = reached > seen.urgency.cat.codes.to_numpy() + 1
    assert seen.provisional[could_rise].all()
    assert could_rise.sum() > rows / 10  # the table does try it
    assert (~seen.provisional).sum() > rows / 50


@settings(max_examples=40)
@given(cases())
def test_every_open_question_could_indeed_raise_it(case: mp.Case) -> None:
    """What is named as open matters: some answer to all that is open reaches the level that is named."""
    seen = back().assess(case)
    if not seen.unscreened:
        return
    alone = [each for each in seen.unscreened if each.alone is not None][:8]
    for question in alone:
        variable = back().network.variable(question.variable)
        if variable.numeric is not None:
            options: list[Any] = list(range(0, 121, 5))
        else:
            options = list(variable.states)
        said = case.without(variable.id) if variable.id in case else case
        reached = [flag_urgency(back().assess(said.observe({variable.id: each}))) for each in options]
        assert max(reached) >= question.alone


def test_with_nothing_said_every_emergency_is_still_open() -> None:
    seen = back().assess({})
    rules = back().rules
    assert rules is not None
    assert seen.provisional
    open_now = {each.variable for each in seen.unscreened}
    complaint = back().network.complaint
    for flag in rules.red_flags:
        for name in flag.when.variables:
            assert name in open_now or (complaint is not None and name == complaint.id), (flag.id, name)
    assert [each.urgency for each in seen.unscreened] == sorted(
        (each.urgency for each in seen.unscreened), reverse=True
    )


def test_denying_every_safety_question_settles_them() -> None:
    denied: dict[str, Any] = {}
    for each in askable():
        if each.role == "screening" or each.id in {q.variable for q in back().assess({}).unscreened}:
            denied[each.id] = 35 if each.numeric is not None else each.states[0]
    denied["previous_back_pain"] = "present"
    seen = back().assess(denied)
    assert seen.urgency is not None
    assert not seen.red_flags
    assert not seen.provisional
    assert back().assess({**denied, "saddle_numbness": mp.UNSURE}).provisional


# -- one answer for one case, however it is asked ----------------------------------------------------------


@settings(max_examples=60)
@given(st.lists(cases(), min_size=1, max_size=6))
def test_a_row_of_a_table_gets_what_the_case_gets(found: list[mp.Case]) -> None:
    frame = pd.DataFrame([dict(each) for each in found], index=range(len(found)), dtype=object)
    table = back().assess_many(frame)
    for row, case in enumerate(found):
        seen = back().assess(case)
        line = table.iloc[row]
        assert line.error == ""
        assert line.urgency == seen.urgency.name  # type: ignore[union-attr]
        assert line.red_flags == ";".join(each.id for each in seen.red_flags)
        assert bool(line.provisional) is seen.provisional
        assert line.top_cause == seen.top_cause
        assert line.none_of_these == pytest.approx(seen.none_of_these, abs=1e-12)
        for cause, chance in seen.posterior.probabilities.items():
            assert line[cause] == pytest.approx(chance, abs=1e-12)


@settings(max_examples=60)
@given(cases(), st.randoms(use_true_random=False))
def test_a_record_gives_itself_again(case: mp.Case, shuffle: Any) -> None:
    for ask in (back().assess, back().screen):
        record = ask(case).to_dict()
        findings = json.loads(json.dumps(record, allow_nan=False))["findings"]
        assert ask(findings).to_dict() == record
        items = list(case.items())
        shuffle.shuffle(items)
        assert ask(dict(items)).to_dict() == record


@given(cases(), st.sampled_from(["maybe", True, 3, -1, {"present": 2}, ["present"]]))
def test_a_refused_call_changes_nothing(case: mp.Case, wrong: Any) -> None:
    before = back().assess(case).to_dict()
    kept = case.to_dict()
    with pytest.raises(mp.MassagePainError):
        back().assess({**case, "course": wrong})
    with pytest.raises(mp.MassagePainError):
        back().assess({**case, "no_such_thing": "present"})
    assert case.to_dict() == kept
    assert back().assess(case).to_dict() == before


def test_what_is_set_is_warned_of_together_with_the_case(back: mp.Reasoner) -> None:
    """Whatever red flag an answer and a state that is set would raise together, what-if warns of it."""
    compared = 0
    for sign in back.network.screening:
        if sign.numeric is not None or "present" not in sign.states:
            continue
        for factor in back.network.factors:
            state = factor.states[-1]
            together = back.assess({sign.id: "present", factor.id: state})
            gravest = max((each.urgency for each in together.red_flags), default=mp.Urgency.SELF_CARE)
            if gravest < mp.Urgency.SEE_DOCTOR:
                continue
            found = back.what_if({sign.id: "present"}, do={factor.id: state}, draws=0).to_dict()["warning"]
            assert found is not None
            assert found["urgency"]["level"] >= gravest
            compared += 1
    assert compared > 100
