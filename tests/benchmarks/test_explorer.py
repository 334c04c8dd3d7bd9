"""The explorer: how long until it is there, and from a click to the new card."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

import massage_pain as mp
from massage_pain.display.explorer import views
from tests.benchmarks.report import best_of

if TYPE_CHECKING:
    from massage_pain import Reasoner
    from tests.benchmarks.report import Report

CASE = {"focal_pressure": "present", "local_numbness": "present", "limb_numbness": "absent"}


def test_explorer(back: Reasoner, report: Report) -> None:
    pytest.importorskip("ipywidgets")
    work = "explorer, in the kernel"
    start = time.perf_counter()
    explorer = mp.explore(back, CASE)
    report.add(work, "first display (all widgets, card, next question)", time.perf_counter() - start)
    answers = iter(["present", "absent"] * 50)

    def answer() -> None:
        explorer.answer({"muscle_stiffness": next(answers)})

    report.add(work, "one answer: card with intervals, chips, next question", best_of(7, answer))
    for group in explorer._board.groups:
        group.toggle()
    report.add(work, "one answer, all groups open", best_of(7, answer))
    for at, name in enumerate(views.TABS[1:], 1):
        explorer._tabs.widget.index = at
        report.add(work, f"one answer, tab {name} open", best_of(5, answer))
    explorer._tabs.widget.index = 0
    explorer.compare()
    report.add(work, "one answer, two scenarios", best_of(5, answer))
