"""How time grows with variables at fixed width, with width at fixed size, and with two layers of noisy-OR."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.benchmarks.cells import contest
from tests.benchmarks.report import GROWTH

if TYPE_CHECKING:
    from tests.benchmarks.report import Report

LIMIT = 30.0
"""Seconds a process may take, loading included."""

FAMILIES: dict[str, tuple[list[Any], str]] = {
    "variables": ([20, 50, 100, 200, 500, 1000], "{} binary variables of width 4"),
    "width": ([4, 8, 12, 16, 20], "60 binary variables of width {}"),
    "layers": (["12x60", "16x100", "20x200"], "two layers of noisy-OR, {}"),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_growth(report: Report, family: str) -> None:
    pytest.importorskip("pgmpy")
    pytest.importorskip("pyagrum")
    sizes, words = FAMILIES[family]
    lost: set[str] = set()  # who failed at a size is not asked for a larger one
    for size in sizes:
        asked = tuple(each for each in ("pgmpy", "LazyPropagation", "massage_pain") if each not in lost)
        found = contest(f"{family}/{size}", contenders=asked, passes=1, limit=LIMIT)
        lost |= {name for name, cell in found.items() if cell.failed and name != "massage_pain"}
        work = f"{words.format(size)}: all marginals, five findings"
        against = {}
        for name, by, peer in (
            ("pgmpy", "pgmpy VariableElimination", "pgmpy"),
            ("LazyPropagation", "pyAgrum LazyPropagation", "pyAgrum"),
        ):
            if name in found:
                report.add(GROWTH, work, by, found[name].rounds, note=found[name].failed)
                if (rounds := found[name].rounds) is not None:
                    against[peer] = rounds
        ours = found["massage_pain"]
        note = ours.failed
        if ours.first is not None:
            note = f"first answer after {1000 * ours.first.median:,.0f} ms, peak {ours.peak / 1e6:.0f} MB"
        report.add(GROWTH, work, "massage_pain", ours.rounds, against=against, note=note)
