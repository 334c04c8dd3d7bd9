"""The cards on a page of their own: nothing grave for axe, no sideways scroll, nothing asked from outside."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

import massage_pain as mp
from tests.browser.accessibility import grave_violations
from tests.browser.conftest import Watched

CASE = {"focal_pressure": "present", "local_numbness": "present", "limb_numbness": "absent"}
PAGE = (
    '<!doctype html><html lang="en" data-theme="{theme}" style="color-scheme:{theme}">'
    "<head><title>Card</title><style>body{{margin:8px;background:Canvas}}</style></head>"
    "<body><main><h1>Card</h1><h2>A result</h2>{card}</main></body></html>"
)


def results(back: mp.Reasoner) -> dict[str, str]:
    """The HTML of one result of each kind."""
    found: dict[str, Any] = {
        "assessment": back.assess(CASE),
        "see a doctor": back.assess({"limb_weakness": "present"}),
        "emergency": back.assess({**CASE, "saddle_numbness": "present"}),
        "screening": back.screen({"anticoagulant": "present"}),
        "why": back.explain(CASE),
        "questions": back.ask(CASE),
        "what if": back.what_if(CASE, do={"focal_pressure": "absent"}),
        "would have": back.would_have(CASE, do={"focal_pressure": "absent"}),
        "sensitivity": back.sensitivity(CASE),
        "intervals": back.intervals(CASE),
        "most probable": back.most_probable(CASE),
        "conflict": back.conflict(CASE),
        "interview": back.interview(CASE),
        "monitor": back.monitor(CASE),
        "drawing": back.draw(CASE),
    }
    cards = {name: each._repr_html_() for name, each in found.items()}
    if importlib.util.find_spec("ipywidgets") is not None:
        cards["explorer without a kernel"] = mp.explore(back, CASE)._repr_mimebundle_()["text/html"]
    return cards


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 400])
def test_cards(
    back: mp.Reasoner, page: Any, watched: Watched, axe_source: str, theme: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    found = {}
    for name, html in results(back).items():
        page.set_content(PAGE.format(theme=theme, card=html))
        page.eval_on_selector_all("details", "found => found.forEach(each => { each.open = true })")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        grave = grave_violations(page, axe_source, "main")
        if wide > 0 or grave:
            found[name] = (f"{wide} px too wide", grave)
    assert found == {}
    assert watched.outside == []
    assert watched.errors == []
