"""What is shown in a notebook: how long it takes once the answer is there, and how large it is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tests.benchmarks.report import SHOWN
from tests.benchmarks.timing import timed

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
    times = timed(20, seen._repr_html_)
    goals = [("5 ms", times.median < 0.005)]
    note = f"{size / 1000:.0f} KB of 60"
    report.add(SHOWN, "an assessment as HTML", "massage_pain", times, goals=goals, note=note)


def test_the_network_drawn(back: Reasoner, report: Report) -> None:
    drawing = back.draw(CASE)
    times = timed(20, drawing.to_svg)
    goals = [("30 ms", times.median < 0.03)]
    note = f"layout kept; {len(drawing.to_svg()) / 1000:.0f} KB"
    report.add(SHOWN, "the network as SVG, warm", "massage_pain", times, goals=goals, note=note)
    size = len(drawing._repr_html_())
    note = f"with lists and every link as a table; {size / 1000:.0f} KB"
    report.add(
        SHOWN, "the network as a card, warm", "massage_pain", timed(20, drawing._repr_html_), note=note
    )
    report.add(SHOWN, "the numbers of a drawing", "massage_pain", timed(20, partial(back.draw, CASE)))


def test_the_other_results_as_cards(back: Reasoner, report: Report) -> None:
    found: dict[str, Any] = {
        "an explanation": back.explain(CASE),
        "questions": back.ask(CASE),
        "a sensitivity analysis": back.sensitivity(CASE),
        "intervals": back.intervals(CASE, draws=100),
        "a what-if": back.what_if(CASE, do={"massage_pressure": "light"}, draws=0),
    }
    for name, result in found.items():
        size = len(result._repr_html_().encode())
        assert size < 60_000
        best = timed(20, result._repr_html_)
        report.add(SHOWN, f"{name} as HTML", "massage_pain", best, note=f"{size / 1000:.0f} KB")
