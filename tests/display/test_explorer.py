"""The explorer's widgets, driven as the browser drives them: by their traits and clicks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import massage_pain as mp
from massage_pain.display.explorer import views
from massage_pain.display.explorer.sheet import SHEET
from massage_pain.knowledge.catalogue import folder_of
from tests.advice.small import small_folder, small_network

ipywidgets = pytest.importorskip("ipywidgets", reason="ipywidgets is not installed (extra notebook)")

NASTY = '<img src=x onerror="alert(1)">'
BEGUN = {"focal_pressure": "present", "local_numbness": "present", "limb_numbness": "absent"}


@pytest.fixture
def explorer(back: mp.Reasoner) -> Any:
    return mp.explore(back, BEGUN)


def everything(widget: Any) -> Iterator[Any]:
    """A widget and all that is in it."""
    yield widget
    for each in getattr(widget, "children", ()):
        yield from everything(each)


def buttons(explorer: Any) -> dict[str, Any]:
    return {
        each.description: each for each in everything(explorer.widget) if isinstance(each, ipywidgets.Button)
    }


def press(explorer: Any, words: str) -> None:
    found = buttons(explorer)
    name = next(each for each in found if each.startswith(words))
    assert not found[name].disabled
    found[name].click()


def radio(explorer: Any, label: str) -> Any:
    return next(
        each
        for each in everything(explorer.widget)
        if isinstance(each, ipywidgets.RadioButtons) and each.description == label
    )


def opened(explorer: Any, label: str) -> None:
    press(explorer, f"▸ {label}")


def card(explorer: Any) -> str:
    return str(explorer._card.value)


# -- a click and what follows ------------------------------------------------------------------------------


def test_it_begins_with_the_case_and_its_card(explorer: Any, back: mp.Reasoner) -> None:
    assert explorer.case == BEGUN
    assert "Stop the massage and rest, for now" in card(explorer)
    assert "<style" not in card(explorer)
    styles = [
        each
        for each in everything(explorer.widget)
        if isinstance(each, ipywidgets.HTML) and "<style" in each.value
    ]
    assert len(styles) == 1
    assert "likely range" in card(explorer)


def test_the_shipped_reasoner_is_the_one_where_none_is_given() -> None:
    assert mp.explore().reasoner.network.name == "back_pain"
    assert mp.explore().case == {}


def test_a_row_answers_and_takes_back(explorer: Any) -> None:
    opened(explorer, "The massage itself")
    row = radio(explorer, "Pressure of the massage")
    assert row.options[row.index] == "Not asked"
    before = card(explorer)
    row.index = 2
    assert explorer.case["massage_pressure"] == "excessive"
    assert card(explorer) != before
    row.index = 3
    assert explorer.case["massage_pressure"] is mp.UNSURE
    row.index = 4
    assert explorer.case == BEGUN
    assert card(explorer) == before


def test_rows_are_built_when_their_group_opens(explorer: Any) -> None:
    def count() -> int:
        return sum(isinstance(each, ipywidgets.RadioButtons) for each in everything(explorer.widget))

    closed = count()
    opened(explorer, "The pain")
    assert count() == closed + 6
    press(explorer, "▾ The pain")
    assert count() == closed


def test_a_row_shows_what_was_said_elsewhere(explorer: Any) -> None:
    opened(explorer, "Numbness and weakness")
    row = radio(explorer, "Weak arm or leg")
    explorer.answer({"limb_weakness": "absent"})
    assert row.options[row.index] == "No"
    explorer.undo()
    assert row.options[row.index] == "Not asked"
    explorer.answer({"limb_weakness": mp.Likelihood(present=0.8, absent=0.2)})
    assert row.index is None


def test_none_of_these_is_a_deliberate_click(explorer: Any) -> None:
    opened(explorer, "Chest, breath, collapse")
    radio(explorer, "Chest pain").index = 0
    press(explorer, "None of the others")
    answered = {name for name, value in explorer.case.items() if value == "absent"}
    assert {"chest_pain", "tearing_pain", "breathless_or_collapse", "coughing_blood"} <= answered
    assert "fever" not in explorer.case
    assert any("Chest, breath, collapse: none of these" in words for words in buttons(explorer))
    assert buttons(explorer)["None of the others"].disabled


def test_age_is_a_number(explorer: Any) -> None:
    opened(explorer, "Bones, falls, cancer")
    age = next(
        each for each in everything(explorer.widget) if getattr(each, "description", "") == "Age (years)"
    )
    age.value = "70"
    assert explorer.case["age"] == 70
    age.value = "abc"
    assert explorer.case["age"] == 70
    problems = [each.value for each in everything(explorer.widget) if isinstance(each, ipywidgets.HTML)]
    assert any("Please give a number from 0 to 120 years." in each for each in problems)
    age.value = "unsure"
    assert explorer.case["age"] is mp.UNSURE
    age.value = ""
    assert "age" not in explorer.case


def test_a_red_flag_turns_the_card_and_is_said_at_once_and_undo_restores(explorer: Any) -> None:
    before = card(explorer)
    press(explorer, "Numb between the legs")
    assert 'class="mp u5"' in card(explorer)
    assert "Call emergency services now" in card(explorer)
    assert 'aria-live="assertive"' in explorer._spoken_html.value
    explorer.answer({"aching": "present"})
    assert "assertive" not in explorer._spoken_html.value  # said once
    press(explorer, "Undo")
    press(explorer, "Undo")
    assert card(explorer) == before
    press(explorer, "Redo")
    assert 'class="mp u5"' in card(explorer)


def test_chips_take_back(explorer: Any) -> None:
    press(explorer, "Pressure held on one spot")
    assert "focal_pressure" not in explorer.case
    press(explorer, "Undo")
    assert explorer.case == BEGUN


def test_reset_forgets_everything_and_can_be_undone(explorer: Any) -> None:
    press(explorer, "Reset")
    assert explorer.case == {}
    press(explorer, "Undo")
    assert explorer.case == BEGUN


def test_the_rows_of_the_card_stay_where_they_are(explorer: Any, back: mp.Reasoner) -> None:
    def rows() -> list[str]:
        labels = {each.label for each in back.network.causes}
        parts = card(explorer).split('scope="row">')[1:]
        return [label for part in parts for label in labels if part.startswith(label)]

    first = rows()
    assert len(first) == 6
    explorer.answer(
        {
            "muscle_stiffness": "present",
            "local_tenderness": "present",
            "static_posture": "present",
            "local_numbness": "absent",
        }
    )
    assert rows() == first
    assert "Most likely: <b>Muscle strain" in card(explorer)
    explorer.reset()
    assert rows() != first


def test_the_focus_follows_none_of_these(explorer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pressed again where it stood, it could be a yes to a warning sign of the next group."""
    focused: list[str] = []
    monkeypatch.setattr(ipywidgets.Button, "focus", lambda each: focused.append(each.description))
    places = []
    while "None of these" in (
        words := [each.description for each in explorer._panel._answers.widget.children]
    ):
        places.append(len(words) - 1)
        focused.clear()
        explorer._panel._answers.widget.children[-1].click()
        now = [each.description for each in explorer._panel._answers.widget.children]
        if now[-1] == "None of these":
            assert focused == (["None of these"] if len(now) - 1 != places[-1] else [])
    assert len(set(places)) > 1, "every group is as long as every other: this shows nothing"
    assert explorer.desk.scenario.case["saddle_numbness"] == "absent"


def test_the_keyboard_keeps_its_buttons_from_question_to_question(explorer: Any) -> None:
    kept = explorer._panel._answers.widget.children[0]
    press(explorer, "None of these")
    assert explorer._panel._answers.widget.children[0] is kept


def test_search_shows_rows_that_answer(explorer: Any) -> None:
    search = next(
        each for each in everything(explorer.widget) if getattr(each, "description", "") == "Find a question"
    )
    search.value = "blood thinner"
    radio(explorer, "Takes a blood thinner").index = 1
    assert explorer.case["anticoagulant"] == "present"
    search.value = "zebra"
    assert any("0 found" in str(getattr(each, "value", "")) for each in everything(explorer.widget))


def test_two_scenarios_side_by_side(explorer: Any) -> None:
    press(explorer, "Compare two")
    assert "No difference yet" in card(explorer)
    explorer.answer({"saddle_numbness": "present"})
    assert card(explorer).count("<article") == 3
    assert "B: Call emergency services now" in card(explorer)
    radio(explorer, "You are answering").index = 0
    assert "saddle_numbness" not in explorer.case
    assert "case_b" in explorer.python
    press(explorer, "Keep only A")
    assert card(explorer).count("<article") == 1
    assert explorer.case == BEGUN


def test_the_case_can_be_copied(explorer: Any) -> None:
    press(explorer, "Copy as Python")
    text = next(each for each in everything(explorer.widget) if isinstance(each, ipywidgets.Textarea))
    assert "focal_pressure='present'" in text.value
    explorer.answer({"aching": "present"})
    assert "aching='present'" in text.value
    space: dict[str, Any] = {}
    exec(text.value, space)
    assert space["case"] == explorer.case


def test_a_golden_case_can_be_loaded(explorer: Any) -> None:
    press(explorer, "Load a case")
    listed = next(each for each in everything(explorer.widget) if isinstance(each, ipywidgets.Select))
    listed.value = "article_strain"
    press(explorer, "Load this case")
    assert dict(explorer.case) == {
        "static_posture": "present",
        "muscle_stiffness": "present",
        "local_tenderness": "present",
    }
    with pytest.raises(mp.UnknownVariableError, match="Unknown case 'article_strian'"):
        explorer.load("article_strian")


# -- tabs --------------------------------------------------------------------------------------------------


def test_only_the_open_tab_is_worked_out(explorer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = views.tab
    monkeypatch.setattr(views, "tab", lambda name, *a, **k: asked.append(name) or real(name, *a, **k))
    explorer.answer({"aching": "present"})
    assert asked == []
    for at, name in enumerate(views.TABS):
        explorer._tabs.widget.index = at
        assert "something went wrong" not in card(explorer)
        assert "not available" not in card(explorer)
        if at:
            assert asked[-1] == name
    assert len(asked) == len(views.TABS) - 1
    assert "<svg" in card(explorer)


def test_a_choice_never_stands_empty(explorer: Any) -> None:
    for tab in ("Why", "What if", "Sensitivity", "Network"):
        radio(explorer, "").index = views.TABS.index(tab)
        (choice,) = explorer._controls.children
        assert choice.label, tab


def test_why_and_network_are_about_the_cause_one_chooses(explorer: Any) -> None:
    explorer._tabs.widget.index = views.TABS.index("Why")
    assert "Impaired circulation" in card(explorer)
    explorer._cause.value = "nerve_compression"
    assert "Nerve compression: from" in card(explorer)


def test_what_if_sets_what_can_be_changed(explorer: Any) -> None:
    explorer._tabs.widget.index = views.TABS.index("What if")
    labels = list(explorer._change_list.options)
    at = next(n for n, each in enumerate(labels) if each.startswith("Pressure held on one spot: no"))
    assert labels[at].endswith("(now: yes)")
    before = card(explorer)
    explorer._change_list.index = at
    assert card(explorer) != before
    explorer.answer({"focal_pressure": "absent"})  # there is nothing to set any more
    assert explorer._change_list.index == 0


def test_a_tab_that_fails_says_so_and_costs_nothing_else(
    explorer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError(NASTY)

    monkeypatch.setattr(mp.Reasoner, "explain", broken)
    explorer._tabs.widget.index = 1
    assert "something went wrong here" in card(explorer)
    assert "<img" not in card(explorer)
    monkeypatch.delattr(mp.Reasoner, "sensitivity")
    explorer._tabs.widget.index = views.TABS.index("Sensitivity")
    assert "This reasoner has no sensitivity." in card(explorer)
    monkeypatch.setattr(mp.Reasoner, "intervals", broken)
    explorer.answer({"saddle_numbness": "present"})
    explorer._tabs.widget.index = 0
    assert "Call emergency services now" in card(explorer)


# -- what is refused ----------------------------------------------------------------------------------------


def test_findings_that_cannot_be_are_said_in_the_card_and_undone(shared: Any) -> None:
    asia = mp.read_network(next(shared.rglob("asia*.bif")))
    reasoner = mp.Reasoner(asia, causes=["lung", "bronc"])
    explorer = mp.explore(reasoner, {"tub": "yes"})
    explorer.answer({"either": "no"})
    assert "These answers cannot be assessed" in card(explorer)
    assert 'role="alert"' in explorer._spoken_html.value
    explorer._tabs.widget.index = 1
    assert "no answer for this case" in card(explorer)
    explorer._tabs.widget.index = 0
    explorer.undo()
    assert "cannot be assessed" not in card(explorer)


def test_a_refused_answer_changes_nothing(explorer: Any) -> None:
    before = card(explorer)
    for wrong, error in (
        ({"fevr": "present"}, mp.UnknownVariableError),
        ({"fever": "perhaps"}, mp.UnknownStateError),
        ({"age": 500}, mp.EvidenceError),
    ):
        with pytest.raises(error):
            explorer.answer(wrong)
        assert explorer.case == BEGUN
        assert card(explorer) == before


def test_what_is_no_reasoner_is_refused() -> None:
    with pytest.raises(mp.UnsupportedModelError, match=r"explore takes a Reasoner \(load"):
        mp.explore("back_pain")  # type: ignore[arg-type]


def test_without_ipywidgets_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(mp.MissingExtraError, match=r'pip install "massage-pain\[notebook\]"'):
        mp.explore()


def test_the_library_imports_neither_ipywidgets_nor_the_explorer() -> None:
    code = (
        "import massage_pain, sys;"
        "names = ['ipywidgets', 'IPython', 'massage_pain.display.explorer.explorer'];"
        "print([each for each in names if each in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder_of("back_pain").parents[1],
    )
    assert done.stdout.strip() == "[]"


# -- names from elsewhere ------------------------------------------------------------------------------------


def test_nasty_names_stay_words() -> None:
    from dataclasses import replace

    network = small_network()
    variables = tuple(
        replace(
            each,
            label=NASTY,
            question=f"{NASTY}?",
            group=NASTY,
            state_labels=tuple(f"{NASTY} {state}" for state in each.states),
        )
        for each in network.variables
    )
    nasty = replace(network, variables=variables, title=NASTY, groups={NASTY: NASTY})
    explorer = mp.explore(mp.Reasoner(nasty))
    for each in list(explorer._board.groups):
        each.toggle()
    for at in range(len(views.TABS)):
        explorer._tabs.widget.index = at
        for each in everything(explorer.widget):
            if isinstance(each, ipywidgets.HTML):
                assert "<img" not in each.value
            assert not getattr(each, "description_allow_html", False)
    explorer.compare()
    explorer._tabs.widget.index = 0
    first = nasty.nodes[0]
    explorer.answer({first.id: first.states[-1]})
    assert "<img" not in card(explorer)
    assert "&lt;img" in explorer._repr_mimebundle_()["text/html"]
    assert "<img" not in explorer._repr_mimebundle_()["text/html"]


def test_a_network_with_rules_of_its_own_can_be_explored(tmp_path: Path) -> None:
    explorer = mp.explore(mp.load(small_folder(tmp_path)))
    assert "Load a case" not in buttons(explorer)
    assert "<article" in card(explorer)


# -- in a page ---------------------------------------------------------------------------------------------


def test_a_page_without_a_kernel_gets_the_card(explorer: Any) -> None:
    bundle = explorer._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert "needs a running kernel" in bundle["text/html"]
    assert "Stop the massage and rest" in bundle["text/html"]
    assert bundle["text/plain"] == "<Explorer: back_pain; 3 answered>"


def test_the_sheet_asks_for_nothing_outside() -> None:
    assert "url(" not in SHEET
    assert "@import" not in SHEET
    assert "prefers-color-scheme" not in SHEET
    assert "</" not in SHEET
    assert SHEET.count("{") == SHEET.count("}")
