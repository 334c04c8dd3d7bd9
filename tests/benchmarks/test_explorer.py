"""The explorer: how long until it is there, and from a click to the new card."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

import massage_pain as mp
from massage_pain.display.explorer import views
from tests.benchmarks.report import SHOWN
from tests.benchmarks.timing import Times, timed

if TYPE_CHECKING:
    from massage_pain import Reasoner
    from tests.benchmarks.report import Report

CASE = {"focal_pressure": "present", "local_numbness": "present", "limb_numbness": "absent"}


def test_explorer(back: Reasoner, report: Report) -> None:
    pytest.importorskip("ipywidgets")
    start = time.perf_counter()
    explorer = mp.explore(back, CASE)
    first = Times((time.perf_counter() - start,))
    report.add(SHOWN, "explorer: first display (all widgets, card, next question)", "massage_pain", first)
    answers = iter(["present", "absent"] * 50)

    def answer() -> None:
        explorer.answer({"muscle_stiffness": next(answers)})

    one = timed(7, answer)
    work = "explorer: one answer: card with intervals, chips, next question"
    report.add(SHOWN, work, "massage_pain", one, goals=[("100 ms", one.median < 0.1)])
    for group in explorer._board.groups:
        group.toggle()
    report.add(SHOWN, "explorer: one answer, all groups open", "massage_pain", timed(7, answer))
    for at, name in enumerate(views.TABS[1:], 1):
        explorer._tabs.widget.index = at
        report.add(SHOWN, f"explorer: one answer, tab {name} open", "massage_pain", timed(5, answer))
    explorer._tabs.widget.index = 0
    explorer.compare()
    report.add(SHOWN, "explorer: one answer, two scenarios", "massage_pain", timed(5, answer))
