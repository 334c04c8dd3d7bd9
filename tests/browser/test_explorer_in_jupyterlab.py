"""The explorer in JupyterLab, in Chromium: clicks, red flags, the way back, names that stay words."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.browser.accessibility import grave_violations
from tests.browser.conftest import Watched, new_page
from tests.browser.laboratory import PATIENCE, Laboratory, errors_on, explorer_on, laboratory

BEGIN = """import massage_pain as mp
case = mp.Case(focal_pressure="present", local_numbness="present", limb_numbness="absent")
explorer = mp.explore(case=case)
explorer"""

NASTY = """import massage_pain as mp
from dataclasses import replace
bad = '<img src=x onerror=alert(1)>'
network = mp.load().network
variables = [
    replace(
        each,
        label=f"{bad} {each.label}",
        question=f"{bad}?",
        state_labels=[f"{bad} {state}" for state in each.states],
    )
    for each in network.variables
]
groups = {key: f"{bad} {label}" for key, label in network.groups.items()}
explorer = mp.explore(mp.Reasoner(replace(network, title=bad, variables=tuple(variables), groups=groups)))
explorer"""


class Opened:
    """An explorer on a page, and what happened behind the scenes."""

    def __init__(self, page: Any, watched: Watched) -> None:
        self.page, self.watched = page, watched
        self.explorer = page.locator(".mpx")

    def press(self, words: str) -> None:
        self.explorer.get_by_role("button", name=re.compile(f"^{re.escape(words)}")).first.click()

    def answer(self, label: str, choice: str) -> None:
        row = self.explorer.locator(".mpx-row").filter(has_text=label).first
        row.get_by_label(choice, exact=True).click()

    def wait_for(self, words: str) -> None:
        self.explorer.locator(".mpx-show").get_by_text(words).first.wait_for(timeout=PATIENCE)

    def bars(self) -> list[str]:
        found: list[str] = self.explorer.locator(".mpx-show td.bar rect.so").evaluate_all(
            "found => found.map(each => each.getAttribute('width'))"
        )
        return found


@pytest.fixture(scope="module")
def shared_page(browser: Any, lab: Laboratory) -> Iterator[Opened]:
    watched = Watched()
    page = new_page(browser, watched)
    page.goto(lab.page_of(lab.write("explorer", BEGIN)))
    explorer_on(page)
    yield Opened(page, watched)
    page.context.close()


@pytest.fixture
def opened(shared_page: Opened) -> Opened:
    """The explorer, brought back to where it began."""
    undo = shared_page.explorer.get_by_role("button", name="Undo", exact=True)
    disabled = 0
    for _ in range(60):
        # the answer to the click before may still be on its way from the kernel
        disabled = disabled + 1 if undo.is_disabled() else 0
        if disabled == 3:
            break
        if not disabled:
            with suppress(Exception):
                undo.click(timeout=1000)
        shared_page.page.wait_for_timeout(200)
    return shared_page


def test_a_click_on_a_finding_moves_the_bars(opened: Opened) -> None:
    before = opened.bars()
    assert len(before) >= 6
    opened.press("▸ Muscles and movement")
    opened.answer("Stiff", "Yes")
    opened.page.wait_for_function(
        "before => JSON.stringify([...document.querySelectorAll('.mpx-show td.bar rect.so')]"
        ".map(each => each.getAttribute('width'))) !== before && "
        "document.querySelectorAll('.mpx-show td.bar rect.so').length",
        arg=str(before).replace("'", '"').replace(", ", ","),
        timeout=PATIENCE,
    )
    assert opened.bars() != before
    opened.press("▾ Muscles and movement")


def test_a_red_flag_is_an_emergency_and_undo_takes_it_back(opened: Opened) -> None:
    before = opened.bars()
    opened.press("Numb between the legs")
    opened.wait_for("Call emergency services now")
    assert opened.explorer.locator(".mpx-show article.u5").count() == 1
    alert = opened.explorer.locator("[role=alert][aria-live=assertive]")
    alert = alert.filter(has_text=re.compile(r"^\s*Emergency\."))
    alert.wait_for(state="attached", timeout=PATIENCE)
    opened.press("Undo")
    opened.wait_for("Stop the massage and rest")
    assert opened.bars() == before


def test_none_of_these_answers_a_whole_group(opened: Opened) -> None:
    opened.press("None of these")
    opened.explorer.get_by_role(
        "button", name=re.compile("Legs, arms, bladder and bowel: none of these")
    ).wait_for(timeout=PATIENCE)
    opened.explorer.get_by_text("Chest, breath, collapse ·").first.wait_for(timeout=PATIENCE)


def test_the_keyboard_alone_is_enough(opened: Opened) -> None:
    none = opened.explorer.get_by_role("button", name="None of these", exact=True).first
    none.focus()
    for group in ("Chest, breath, collapse", "Head, sight, balance, neck"):
        opened.page.keyboard.press("Enter")
        opened.explorer.locator(".mpx-ask").get_by_text(group).wait_for(timeout=PATIENCE)
        # groups differ in length: the focus must neither be lost nor come to stand on a warning sign
        opened.page.wait_for_function(
            "document.activeElement.textContent === 'None of these'", timeout=PATIENCE
        )
        assert opened.page.evaluate("document.activeElement.closest('.mpx-ask') !== null")


def test_search_finds_and_answers(opened: Opened) -> None:
    field = opened.explorer.get_by_placeholder("numb, cold, blood thinner ...")
    field.fill("blood thinner")
    opened.explorer.locator(".mpx-row").filter(has_text="blood thinner").first.wait_for(timeout=PATIENCE)
    opened.answer("blood thinner", "Yes")
    opened.explorer.locator(".mpx-chips").get_by_text("blood thinner").wait_for(timeout=PATIENCE)
    field.fill("")


def test_every_tab_shows_something(opened: Opened) -> None:
    tabs = opened.explorer.locator(".mpx-tabs")
    for name, sign in (
        ("Why", "Why this answer"),
        ("Questions", "What to ask next"),
        ("What if", "Next time"),
        ("Sensitivity", "How much single numbers matter"),
        ("Network", "Causes"),
    ):
        tabs.get_by_label(name, exact=True).click()
        opened.wait_for(sign)
    tabs.get_by_label("Assessment", exact=True).click()
    opened.wait_for("Stop the massage and rest")


def test_two_scenarios_stand_side_by_side(opened: Opened) -> None:
    opened.press("Compare two")
    opened.wait_for("No difference yet")
    assert opened.explorer.locator(".mpx-two > div").count() == 2
    opened.press("Keep only B")
    opened.wait_for("Stop the massage and rest")


def test_axe_finds_nothing_grave(opened: Opened, axe_source: str) -> None:
    opened.press("▸ Bones, falls, cancer")
    opened.press("▸ The massage itself")
    opened.explorer.locator(".mpx-row").filter(has_text="Weight loss").wait_for(timeout=PATIENCE)
    assert grave_violations(opened.page, axe_source, ".mpx") == []
    opened.press("Compare two")
    opened.wait_for("No difference yet")
    opened.press("Copy as Python")
    opened.press("Load a case")
    opened.press("Numb between the legs")
    opened.wait_for("B: Call emergency services now")
    assert grave_violations(opened.page, axe_source, ".mpx") == []
    for each in ("Copy as Python", "Load a case", "▾ Bones, falls, cancer", "▾ The massage itself"):
        opened.press(each)


def test_in_the_dark_and_on_a_narrow_page(
    browser: Any, watched: Watched, axe_source: str, tmp_path: Path
) -> None:
    with laboratory(tmp_path, theme="JupyterLab Dark") as lab:
        page = new_page(browser, watched)
        page.goto(lab.page_of(lab.write("dark", BEGIN)))
        dark = Opened(page, watched)
        explorer_on(page)
        for width in (1280, 480):  # JupyterLab itself takes some 80 px
            page.set_viewport_size({"width": width, "height": 1000})
            for name in ("Network", "Why", "Questions", "What if", "Sensitivity", "Assessment"):
                dark.explorer.locator(".mpx-tabs").get_by_label(name, exact=True).click()
                dark.explorer.locator(".mpx-show article, .mpx-show svg").first.wait_for(timeout=PATIENCE)
                assert grave_violations(page, axe_source, ".mpx") == [], (name, width)
            size = page.eval_on_selector(".mpx", "each => [each.scrollWidth, each.clientWidth]")
            assert size[0] <= size[1], f"{size[0]} px of content in {size[1]} px"
        assert size[1] < 420
        painted = page.eval_on_selector(".mpx .mp", "each => getComputedStyle(each).backgroundColor")
        assert painted == "rgb(23, 27, 33)"
        page.context.close()
    assert watched.outside == []


def test_nothing_went_wrong_behind_the_scenes(opened: Opened) -> None:
    """Last in the file: what all the clicks above have left."""
    assert opened.watched.outside == []
    assert opened.watched.dialogs == []
    assert opened.watched.errors == []
    assert errors_on(opened.page) == []


def test_a_name_that_is_markup_stays_words(page: Any, watched: Watched, lab: Laboratory) -> None:
    page.goto(lab.page_of(lab.write("nasty", NASTY)))
    explorer_on(page)
    opened = Opened(page, watched)
    for head in ("Legs", "The massage itself"):
        opened.explorer.get_by_role("button", name=re.compile(f"▸ .*{head}")).first.click()
    opened.explorer.locator(".mpx-row").nth(8).wait_for(timeout=PATIENCE)
    opened.explorer.locator(".mpx-row").nth(1).locator("input").nth(1).click()
    for name in ("Why", "What if", "Network", "Assessment"):
        opened.explorer.locator(".mpx-tabs").get_by_label(name, exact=True).click()
        page.wait_for_timeout(700)
        assert opened.explorer.locator("img").count() == 0
    assert opened.explorer.get_by_text("<img src=x onerror=alert(1)>").count() > 10
    assert watched.dialogs == []
    assert watched.outside == []


def test_it_works_in_notebook_7(page: Any, watched: Watched, lab: Laboratory) -> None:
    if importlib.util.find_spec("notebook") is None:
        pytest.skip("notebook is not installed (extra browser)")
    page.goto(lab.page_of(lab.write("classic", BEGIN), classic=True))
    explorer_on(page)
    opened = Opened(page, watched)
    opened.press("Numb between the legs")
    opened.wait_for("Call emergency services now")
    assert watched.outside == []
