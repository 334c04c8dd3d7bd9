"""What was timed, as a page: a section for each question, on which machine, with which versions, and when."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.timing import CHECKOUT, Times

PAGE = CHECKOUT / "docs" / "benchmarks.md"

FRESH = "How long until a fresh process has answered?"
ONE = "How long does one case take?"
MANY = "How many cases a second?"
FILE = "And from file to file?"
OUTSIDE = "Other people's networks"
GROWTH = "How does it grow?"
SERVICES = "Questions, explanations and the other services"
SHOWN = "What is shown"
QUESTIONS = (FRESH, ONE, MANY, FILE, OUTSIDE, GROWTH, SERVICES, SHOWN)

HEAD = """\
# Benchmarks

Written by `python -m pytest tests/benchmarks --write-benchmarks`, which needs the extra `benchmark`; a run
of some of its files renews their questions and leaves the others. All contenders answer the same cases and
take turns (A B C A B C ...), but on the networks of others who needs more than 5 s for the first answer is
asked the first case alone; a time is the median of the rounds with its quartiles. No time is given for
answers that were not equal. "30 times pyAgrum" is thirty times as fast as pyAgrum. pyAgrum is the faster of
its `LazyPropagation` and `ShaferShenoyInference`, kept from case to case, the network built from doubles;
pgmpy is its `VariableElimination`, asked variable by variable, which is its quickest way. A target that is
not met says so here.
"""


@dataclass(frozen=True)
class Row:
    """One thing that was timed. `goals`: what was aimed at, and whether it was met."""

    question: str
    work: str
    by: str
    times: Times | None
    against: Mapping[str, Times] = field(default_factory=dict)
    goals: Sequence[tuple[str, bool]] = ()
    note: str = ""

    def cells(self) -> list[str]:
        """The row of the table."""
        times, spread = "", ""
        if self.times is not None:
            times = shown(self.times.median)
            spread = " to ".join(shown(each) for each in self.times.quartiles)
        ratios = "" if self.times is None else ", ".join(self._ratio(each) for each in self.against)
        goals = "; ".join(f"{text}: {'met' if met else '**not met**'}" for text, met in self.goals)
        return [self.work, self.by, times, spread, ratios, goals, self.note]

    def _ratio(self, peer: str) -> str:
        assert self.times is not None
        return f"{figure(self.against[peer].median / self.times.median)} times {peer}"


@dataclass
class Report:
    """One row for each thing that was timed, in the order it was timed."""

    rows: list[Row] = field(default_factory=list)

    def add(
        self,
        question: str,
        work: str,
        by: str,
        times: Times | None,
        *,
        against: Mapping[str, Times] | None = None,
        least: Mapping[str, float] | None = None,
        goals: Sequence[tuple[str, bool]] = (),
        note: str = "",
    ) -> None:
        """A row. `against`: the peers' times; `least`: how many times as fast as a peer is aimed at."""
        against = against or {}
        aimed = [
            (f"{factor:g} times {peer}", against[peer].median / times.median >= factor)
            for peer, factor in (least or {}).items()
            if times is not None and peer in against
        ]
        self.rows.append(Row(question, work, by, times, against, (*aimed, *goals), note))


def figure(value: float) -> str:
    """Two or three figures, never as a power of ten."""
    return f"{value:,.0f}" if value >= 20 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def shown(seconds: float) -> str:
    """Three figures with the unit that suits."""
    if seconds >= 1000.0:
        return f"{seconds:,.0f} s"
    for factor, unit in ((1.0, "s"), (1e3, "ms")):
        if seconds * factor >= 1.0:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} us"


def section(question: str, rows: Sequence[Row]) -> str:
    """One question's part of the page: when and on what it was measured, what was missed, and the table."""
    goals = [(row, text, met) for row in rows for text, met in row.goals]
    missed = [f"  * {row.work}: {text}" for row, text, met in goals if not met]
    lines = [
        f"## {question}",
        "",
        f"* {datetime.date.today().isoformat()}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores{processor()}; Python {platform.python_version()}, {', '.join(versions())}",
    ]
    if goals:
        lines += [f"* Targets met: {len(goals) - len(missed)} of {len(goals)}{'; missed:' if missed else ''}"]
    lines += [*missed, "", "| work | by | median | quartiles | speed | target | |"]
    lines += ["|---|---|---|---|---|---|---|"]
    lines += ["| " + " | ".join(row.cells()) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def page(rows: Sequence[Row], before: str = "") -> str:
    """The page after a run: its questions anew, those it did not ask as they stood in the page `before`."""
    found = {part.partition("\n")[0]: f"## {part.strip()}\n" for part in before.split("\n## ")[1:]}
    for question in QUESTIONS:
        these = [row for row in rows if row.question == question]
        if these:
            found[question] = section(question, these)
    return "\n".join([HEAD, *(found[question] for question in QUESTIONS if question in found)])


def processor() -> str:
    """The processor's name where the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return f", {line.partition(':')[2].strip()}"
    except OSError:
        pass
    return ""


def versions() -> list[str]:
    """What was compared."""
    from importlib.metadata import PackageNotFoundError, version

    import massage_pain

    found = [f"massage_pain {massage_pain.__version__}"]
    for name in ("numpy", "pandas", "pgmpy", "pyagrum"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} absent")
    return found
