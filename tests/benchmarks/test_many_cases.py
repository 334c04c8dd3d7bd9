"""A table of a million cases, 30% missing: time, and the most memory a process holds while it works.

`BENCHMARK_CASES=100000` makes it shorter. The peers answer a sample in a loop, case by case.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.clients import drawn, findings
from tests.benchmarks.peers import equal, faster_pyagrum, with_massage_pain, with_pgmpy
from tests.benchmarks.report import MANY
from tests.benchmarks.timing import Times, alone, alternating

if TYPE_CHECKING:
    from pathlib import Path

    from massage_pain import Reasoner
    from tests.benchmarks.report import Report

CASES = int(os.environ.get("BENCHMARK_CASES", "1000000"))
EVERY_BLOCK = 100_000
"""Cases answered at once for every variable: the answers to all would be 700 MB."""

ALONE = """
import json, sys, time
import pandas as pd
import massage_pain as mp
from tests.benchmarks.timing import peak_memory
verb, kind, file, rounds, block = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
frame = pd.read_pickle(file)
if kind == "text":
    frame = frame.astype(object)
back = mp.load()
if verb == "every":  # an assessment takes the complaint for granted, the engine does not
    frame[back.network.complaint.id] = pd.Categorical([back.network.complaint.present] * len(frame))
def every(frame):
    for at in range(0, len(frame), block):
        part = frame.iloc[at:at + block]
        found = back.engine.marginals(part)
        columns = {}
        for name, values in found.items():
            for i, state in enumerate(back.network.variable(name).states):
                columns[name, state] = values[:, i]
        answer = pd.DataFrame(columns, index=part.index)
    return len(answer) + at
work = every if verb == "every" else lambda frame: len(getattr(back, verb)(frame))
work(frame.head(1000))
before = peak_memory()
times = []
for _ in range(rounds):
    start = time.perf_counter()
    assert work(frame) == len(frame)
    times.append(time.perf_counter() - start)
print(json.dumps({"times": times, "before": before, "peak": peak_memory()}))
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")


@pytest.fixture(scope="module")
def file(back: Reasoner, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cases, as columns of categories."""
    path = tmp_path_factory.mktemp("cases") / "cases.pickle"
    drawn(back.network, CASES, missing=0.3).to_pickle(path)
    return path


@pytest.mark.parametrize(
    ("words", "verb", "rate", "rounds"),
    [("the six causes", "posteriors", 700_000, 7), ("every variable", "every", 60_000, 3)],
)
def test_posteriors_of_many(
    back: Reasoner, report: Report, file: Path, words: str, verb: str, rate: int, rounds: int
) -> None:
    pytest.importorskip("pgmpy")
    pytest.importorskip("pyagrum")
    network = back.network
    frame = drawn(network, 200, missing=0.3)
    cases = [findings(frame, row, network) for row in range(len(frame))]
    targets = [each.id for each in (network.causes if verb == "posteriors" else network.nodes)]
    name, pyagrum = faster_pyagrum(network, targets, cases[:20])
    ours, pgmpy = with_massage_pain(network, targets), with_pgmpy(network, targets)
    few = 20 if verb == "posteriors" else 4
    table = back.posteriors(frame)
    for row, case in enumerate(cases):
        found = ours(case)
        equal(found, pyagrum(case))
        if row < few:
            equal(found, pgmpy(case))
        for cause in network.causes if verb == "posteriors" else ():
            at = table[cause.id].iloc[row]
            assert found[cause.id][cause.present_index] == pytest.approx(at, abs=1e-9)

    peers = alternating(
        3,
        {
            "pgmpy": lambda: [pgmpy(case) for case in cases[:few]],
            "pyAgrum": lambda: [pyagrum(case) for case in cases],
        },
    )
    against = {"pgmpy": peers["pgmpy"] * (CASES / few), "pyAgrum": peers["pyAgrum"] * (CASES / len(cases))}
    work = f"{CASES:,} cases, 30% missing: {words}"
    report.add(MANY, work, "pgmpy, a loop", against["pgmpy"], note=f"from {few} cases")
    note = f"{CASES / against['pyAgrum'].median:,.0f} cases a second, from {len(cases)} cases"
    report.add(MANY, work, f"pyAgrum {name}, a loop", against["pyAgrum"], note=note)
    kinds = ("categories", "text") if verb == "posteriors" else ("categories",)
    for kind in kinds:
        found_alone = alone("-c", ALONE, verb, kind, str(file), str(rounds), str(EVERY_BLOCK))
        times = Times(tuple(found_alone["times"]))
        second = CASES / times.median
        goals = [(f"{rate:,} cases a second", second >= rate)] if kind == "categories" else []
        if verb == "posteriors" and kind == "categories":
            goals.append(("peak below 1 GB", found_alone["peak"] < 1e9))
        note = f"{second:,.0f} cases a second, peak {found_alone['peak'] / 1e6:.0f} MB"
        if verb == "every":
            note += f", {EVERY_BLOCK:,} cases at once"
        by = f"massage_pain, columns of {kind}"
        report.add(MANY, work, by, times, against=against, goals=goals, note=note)


def test_assessments_of_many(back: Reasoner, report: Report, file: Path) -> None:
    frame = drawn(back.network, 30, missing=0.3)
    many = back.assess_many(frame)
    for row in range(len(frame)):
        seen = back.assess(findings(frame, row, back.network))
        assert many["urgency"].iloc[row] in (seen.urgency, seen.urgency.name)
    for kind in ("categories", "text"):
        found = alone("-c", ALONE, "assess_many", kind, str(file), "3", "0")
        times = Times(tuple(found["times"]))
        second = CASES / times.median
        goals = [("150,000 cases a second", second >= 150_000)] if kind == "categories" else []
        note = f"{second:,.0f} cases a second, peak {found['peak'] / 1e6:.0f} MB"
        work = f"{CASES:,} cases, 30% missing: urgency, red flags, top cause"
        report.add(MANY, work, f"massage_pain assess_many, columns of {kind}", times, goals=goals, note=note)


def test_growth_in_cases(back: Reasoner, report: Report, tmp_path: Path) -> None:
    """10^3 to 10^7 cases, from tables of at most 100,000: seconds grow as the cases do, memory does not."""
    from tests.benchmarks.report import GROWTH

    folder = tmp_path / "blocks"
    folder.mkdir()
    frame = drawn(back.network, min(CASES, 1_000_000), missing=0.3)
    for at in range(0, len(frame), 100_000):
        frame.iloc[at : at + 100_000].to_pickle(folder / f"{at:08}.pickle")
    found = {}
    for cases in (10**each for each in range(3, 8)):
        if cases <= 10 * CASES:
            found[cases] = alone("-c", IN_BLOCKS, str(folder), str(cases))
    largest = max(found)
    for cases, each in found.items():
        times = Times(tuple(each["times"]))
        goals = []
        if cases == largest:
            a_case = times.median / largest / (Times(tuple(found[10**4]["times"])).median / 10**4)
            goals.append((f"linear: a case takes {a_case:.2f} of its time at 10,000", a_case <= 1.2))
            more = (each["peak"] - found[10**5]["peak"]) / 1e6
            goals.append((f"memory flat: {more:+.0f} MB since 100,000", more < 50))
        note = f"{cases / times.median:,.0f} cases a second, peak {each['peak'] / 1e6:.0f} MB"
        report.add(GROWTH, f"{cases:,} cases, six causes", "massage_pain", times, goals=goals, note=note)


IN_BLOCKS = """
import json, sys, time
from itertools import cycle
from pathlib import Path
import pandas as pd
import massage_pain as mp
from tests.benchmarks.timing import peak_memory
folder, cases = Path(sys.argv[1]), int(sys.argv[2])
back = mp.load()
files = sorted(folder.iterdir())
back.posteriors(pd.read_pickle(files[0]).head(1000))
times = []
for _ in range(max(1, min(5, 10**6 // cases))):
    left, spent = cases, 0.0
    for file in cycle(files):
        frame = pd.read_pickle(file).head(left)
        start = time.perf_counter()
        left -= len(back.posteriors(frame))
        spent += time.perf_counter() - start
        if not left:
            break
    times.append(spent)
print(json.dumps({"times": times, "peak": peak_memory()}))
"""
