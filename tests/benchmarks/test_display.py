"""What is shown in a notebook: how long it takes once the answer is there, and how large it is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.benchmarks.report import best_of

if TYPE_CHECKING:
    from massage_pain import Reasoner
    from tests.benchmarks.report import Report

CASE = {
    "limb_numbness": "present",
    "restricted_movement": "present",
    "muscle_stiffness": "present",
    "local_swelling": "absent",
    "spinal_manipulation": "present",
    "massage_pressure": "firm",
}


def test_an_assessment_as_a_card(back: Reasoner, report: Report) -> None:
    seen = back.assess(CASE)
    size = len(seen._repr_html_().encode())
    assert size < 60_000
    note = f"budget 5 ms; {size / 1000:.0f} KB of 60"
    report.add("an assessment as HTML", "massage_pain", best_of(20, seen._repr_html_), note=note)


def test_the_network_drawn(back: Reasoner, report: Report) -> None:
    drawing = back.draw(CASE)
    note = f"budget 30 ms, layout kept; {len(drawing.to_svg()) / 1000:.0f} KB"
    report.add("the network as SVG, warm", "massage_pain", best_of(20, drawing.to_svg), note=note)
    size = len(drawing._repr_html_())
    note = f"with lists and every link as a table; {size / 1000:.0f} KB"
    report.add("the network as a card, warm", "massage_pain", best_of(20, drawing._repr_html_), note=note)
    report.add("the numbers of a drawing", "massage_pain", best_of(20, partial(back.draw, CASE)))


def test_the_other_results_as_cards(back: Reasoner, report: Report) -> None:
    found = {
        "an explanation": back.explain(CASE),
        "questions": back.ask(CASE),
        "a sensitivity analysis": back.sensitivity(CASE),
        "intervals": back.intervals(CASE, draws=100),
        "a what-if": back.what_if(CASE, do={"massage_pressure": "light"}, draws=0),
    }
    for name, result in found.items():
        size = len(result._repr_html_().encode())
        assert size < 60_000
        best = best_of(20, result._repr_html_)
        report.add(f"{name} as HTML", "massage_pain", best, note=f"{size / 1000:.0f} KB")
