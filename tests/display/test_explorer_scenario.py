"""What an explorer holds, without widgets: answers, the way back, groups, search, chips, questions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import massage_pain as mp
from massage_pain.display.explorer import asking, golden
from massage_pain.display.explorer.as_python import as_python, case_in_python
from massage_pain.display.explorer.asking import NOT_ASKED, choices, number_said
from massage_pain.display.explorer.prompt import next_prompt
from massage_pain.display.explorer.scenario import STEPS, Desk, History, Scenario
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.wording import denial

NASTY = "<img src=x onerror=alert(1)>"


# -- scenario, desk, history -----------------------------------------------------------------------------


def test_an_answer_takes_the_place_of_the_one_before_and_none_takes_it_back() -> None:
    begun = Scenario()
    said = begun.answered({"fever": "present", "aching": "absent"})
    assert said.case == {"fever": "present", "aching": "absent"}
    assert said.answered({"fever": "absent"}).case == {"fever": "absent", "aching": "absent"}
    assert said.answered({"fever": None}).case == {"aching": "absent"}
    assert begun.case == {}


def test_a_skipped_question_is_asked_again_when_answered_or_when_wanted() -> None:
    skipped = Scenario().skip(("fever", "aching"))
    assert skipped.skipped == {"fever", "aching"}
    assert skipped.case == {}
    assert skipped.answered({"fever": "absent"}).skipped == {"aching"}
    assert skipped.ask_again() == Scenario()


STEP = st.sampled_from(["answer", "skip", "double", "single", "turn"])


def stepped(desk: Desk, step: str, at: int) -> Desk:
    if step == "answer":
        return desk.with_scenario(desk.scenario.answered({f"v{at % 3}": ("absent", "present")[at % 2]}))
    if step == "skip":
        return desk.with_scenario(desk.scenario.skip([f"v{at % 3}"]))
    return {"double": desk.doubled(), "single": desk.single(), "turn": desk.turned(at % 2)}[step]


@given(st.lists(STEP, max_size=30))
def test_undo_undoes_and_redo_redoes(steps: list[str]) -> None:
    history = History()
    seen = [history.present]
    for at, step in enumerate(steps):
        history = history.then(stepped(history.present, step, at))
        if history.present != seen[-1]:
            seen.append(history.present)
    for before in reversed(seen[:-1]):
        history = history.undo()
        assert history.present == before
    assert history.undo() is history
    for after in seen[1:]:
        history = history.redo()
        assert history.present == after
    assert history.redo() is history


def test_a_new_step_after_an_undo_forgets_what_was_taken_back() -> None:
    one = Desk((Scenario(mp.Case(a="x")),))
    two = Desk((Scenario(mp.Case(a="y")),))
    history = History().then(one).undo().then(two)
    assert history.redo() is history
    assert history.undo().present == Desk()
    assert history.then(two) is history


def test_the_way_back_is_long_but_not_endless() -> None:
    history = History()
    for at in range(STEPS + 20):
        history = history.then(Desk((Scenario(mp.Case(a=float(at))),)))
    assert len(history.past) == STEPS


def test_two_scenarios_change_apart() -> None:
    desk = Desk((Scenario(mp.Case(fever="absent")),)).doubled()
    assert desk.compares
    assert desk.at == 1
    changed = desk.with_scenario(desk.scenario.answered({"fever": "present"}))
    assert [each.case["fever"] for each in changed.scenarios] == ["absent", "present"]
    assert changed.turned(0).scenario.case == {"fever": "absent"}
    assert changed.single() == Desk((Scenario(mp.Case(fever="present")),))
    assert changed.turned(7).at == 1


# -- groups, choices, search -------------------------------------------------------------------------------


def test_every_factor_symptom_and_safety_question_stands_in_one_group(back: mp.Reasoner) -> None:
    network = back.network
    shown = [each.id for group in asking.groups(network) for each in group.variables]
    wanted = {each.id for each in network.variables if each.role in ("factor", "symptom", "screening")}
    assert len(shown) == len(set(shown))
    assert set(shown) == wanted
    blocks = [each.block for each in asking.groups(network)]
    assert list(dict.fromkeys(blocks)) == ["Safety", "The massage and before", "What you notice"]
    assert blocks == sorted(blocks, key=list(asking.BLOCKS.values()).index)
    assert {each.label for each in asking.groups(network)} <= set(network.groups.values())


def test_a_network_without_groups_is_grouped_by_role(shared: Any) -> None:
    asia = mp.read_network(next(shared.rglob("asia*.bif")))
    reasoner = mp.Reasoner(asia, causes=["lung"])
    groups = asking.groups(reasoner.network)
    assert {each.label for each in groups} == {"All questions"}
    assert "lung" not in {each.id for group in groups for each in group.variables}
    prompt = next_prompt(reasoner, Scenario())
    assert prompt.answers


def test_choices_are_the_states_then_unsure_then_not_asked(back: mp.Reasoner) -> None:
    labels = [each.label for each in choices(back.network.variable("fever"))]
    assert labels == ["No", "Yes", "Unsure", NOT_ASKED]
    graded = choices(back.network.variable("massage_pressure"))
    assert [each.finding for each in graded] == ["light", "firm", "excessive", mp.UNSURE, None]


def test_two_states_with_the_same_words_stay_apart() -> None:
    twins = Variable(id="x", states=("a", "b", "unsure"), state_labels=("same", "same", "not asked"))
    found = choices(twins)
    assert len({each.label for each in found}) == len(found)
    assert [each.finding for each in found] == ["a", "b", mp.UNSURE, None]


@pytest.mark.parametrize("words", ["numb", "NUMB", "blood thinner", "anticoagulant", "limb_numbness"])
def test_search_looks_into_labels_questions_and_ids(back: mp.Reasoner, words: str) -> None:
    found = [each.id for each in asking.found(back.network, words)]
    assert found
    assert len(found) == len(set(found))


def test_search_wants_every_word_and_puts_labels_first(back: mp.Reasoner) -> None:
    assert asking.found(back.network, "   ") == ()
    assert asking.found(back.network, "zebra") == ()
    first = asking.found(back.network, "between legs numb")[0]
    assert first.id == "saddle_numbness"


def test_none_of_these_denies_what_is_open_and_nothing_else(back: mp.Reasoner) -> None:
    bones = next(each for each in asking.groups(back.network) if "age" in {v.id for v in each.variables})
    case = mp.Case(recent_fall="present", night_pain=mp.UNSURE)
    denied = asking.denials(bones, case)
    assert "age" not in denied
    assert "recent_fall" not in denied
    assert "night_pain" not in denied
    assert set(denied.values()) == {"absent"}
    assert asking.count_answered(bones, case) == 2
    assert asking.count_answered(bones, case.observe(denied)) == len(bones.variables) - 1


def test_chips_say_everything_once_and_can_all_be_taken_back(back: mp.Reasoner) -> None:
    legs = asking.groups(back.network)[0]
    case = mp.Case(
        {
            **asking.denials(legs, {}),
            "age": 70,
            "massage_pressure": "light",
            "fever": mp.UNSURE,
            "aching": mp.Likelihood(present=0.8, absent=0.2),
            "muscle_strain": "present",
            "bruising": "absent",
        }
    )
    chips = asking.chips(back.network, case)
    named = [name for each in chips for name in each.variables]
    assert sorted(named) == sorted(case)
    words = {each.text: each.denies for each in chips}
    assert words["Legs, arms, bladder and bowel: none of these"] is True
    assert words["Age: 70 years"] is False
    assert any("80%" in each for each in words)
    assert sum("cannot tell" in each for each in words) == 1


@pytest.mark.parametrize(
    ("words", "number"), [("", None), ("  ", None), ("70", 70), ("70,5", 70.5), (" 0 ", 0), ("120", 120)]
)
def test_a_number_is_read_as_a_person_writes_it(back: mp.Reasoner, words: str, number: float | None) -> None:
    assert number_said(back.network.variable("age"), words) == number


@pytest.mark.parametrize("words", ["abc", "-1", "121", "nan", "inf", "1e9", NASTY])
def test_a_wrong_number_gets_a_sentence(back: mp.Reasoner, words: str) -> None:
    with pytest.raises(ValueError, match=r"^Please give a number from 0 to 120 years\.$"):
        number_said(back.network.variable("age"), words)


# -- the next question --------------------------------------------------------------------------------------


def test_safety_comes_first_and_ends_in_none_of_these(back: mp.Reasoner) -> None:
    prompt = next_prompt(back, Scenario(mp.Case(local_numbness="present")))
    assert prompt.kicker.startswith("Safety")
    assert prompt.several
    assert prompt.answers[-1].label == "None of these"
    assert set(prompt.answers[-1].finding) == set(prompt.skippable)
    assert "emergency" in prompt.why


def test_answering_the_prompt_leads_to_the_end(back: mp.Reasoner) -> None:
    """Always the last answer of a safety group, or the first of any other question."""
    scenario, asked = Scenario(), []
    for _ in range(120):
        prompt = next_prompt(back, scenario)
        if not prompt.skippable:
            break
        assert not set(prompt.skippable) <= set(scenario.case)
        asked.append(prompt.text)
        if prompt.number:
            finding = {prompt.number: 40}
        else:
            finding = prompt.answers[-1 if prompt.several else 0].finding
        scenario = scenario.answered(finding)
    assert prompt.text == "Enough is known"
    assert back.ask(scenario.case).done
    assert len(asked) < 60


def test_a_skip_leads_to_another_question_and_never_ends_the_asking_silently(back: mp.Reasoner) -> None:
    scenario = Scenario()
    texts = []
    for _ in range(200):
        prompt = next_prompt(back, scenario)
        if not prompt.skippable:
            break
        texts.append(prompt.skippable)
        scenario = scenario.skip(prompt.skippable)
    assert len(set(texts)) == len(texts)
    assert prompt.text == "The questions left were skipped"
    assert prompt.skipped == len(scenario.skipped)
    assert next_prompt(back, scenario.ask_again()).skippable == texts[0]


def test_in_an_emergency_nothing_more_is_asked(back: mp.Reasoner) -> None:
    prompt = next_prompt(back, Scenario(mp.Case(saddle_numbness="present")))
    assert prompt.answers == ()
    assert prompt.text == "Call for help first"


def test_every_answer_of_every_prompt_is_a_finding_the_reasoner_takes(back: mp.Reasoner) -> None:
    scenario = Scenario(mp.Case({each.id: denial(each) for each in back.network.screening if denial(each)}))
    for _ in range(8):
        prompt = next_prompt(back, scenario)
        for each in prompt.answers:
            back.assess(scenario.answered(each.finding).case)
        scenario = scenario.skip(prompt.skippable)


# -- as Python -----------------------------------------------------------------------------------------------

VALUES = st.one_of(
    st.sampled_from(["absent", "present", 'it\'s "so"', "\\n"]),
    st.integers(0, 120),
    st.floats(0, 120),
    st.just(mp.UNSURE),
    st.floats(0.1, 1).map(lambda p: mp.Likelihood(present=p, absent=0.5)),
)
NAMES = st.one_of(
    st.sampled_from(["fever", "class", "größe", NASTY, "two words", "mp"]), st.text(min_size=1, max_size=8)
)


@given(st.dictionaries(NAMES, VALUES, max_size=8))
def test_the_python_of_a_case_makes_the_case_again(findings: dict[str, Any]) -> None:
    case = mp.Case(findings)
    written = case_in_python(case)
    assert written.isascii()
    assert eval(written, {"mp": mp}) == case


def test_the_whole_program_runs(back: mp.Reasoner) -> None:
    case = mp.Case(focal_pressure="present", age=70, fever=mp.UNSURE)
    space: dict[str, Any] = {"display": lambda _: None}
    exec(as_python(back.network, case, case.without("age")), space)
    assert space["case_a"] == case
    assert space["case_b"] == case.without("age")
    other = mp.Reasoner(back.network).network
    assert "mp.load('back_pain')" in as_python(other, case)


# -- golden cases -----------------------------------------------------------------------------------------


def test_golden_cases_load_with_their_safety_questions_answered(back: mp.Reasoner) -> None:
    cases = golden.golden_cases(back.network)
    assert len(cases) > 50
    safe = next(each for each in cases if each.otherwise_absent)
    loaded = golden.findings_of(back, safe)
    assert not [each for each in back.assess(loaded).unscreened if not each.unsure]
    assert set(safe.findings) <= set(loaded)
    bare = next(each for each in cases if not each.otherwise_absent)
    assert set(golden.findings_of(back, bare)) == set(bare.findings)


def test_golden_cases_are_found_by_their_words(back: mp.Reasoner) -> None:
    cases = golden.golden_cases(back.network)
    assert golden.matching(cases, "") == cases
    few = golden.matching(cases, "article strain")
    assert 0 < len(few) < len(cases)


def test_a_network_of_ones_own_has_none(shared: Any) -> None:
    asia = mp.read_network(next(shared.rglob("asia*.bif")))
    assert golden.golden_cases(asia) == ()
