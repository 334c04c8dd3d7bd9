"""A table of 100,000 cases with 30% missing: time, and the most memory a process holds while it works."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.benchmarks.clients import drawn, findings
from tests.benchmarks.report import CHECKOUT, best_of
from tests.benchmarks.test_one_case import with_pgmpy

if TYPE_CHECKING:
    from pathlib import Path

    from massage_pain import Reasoner
    from tests.benchmarks.report import Report

CASES = 100_000
PEER_CASES = 50

# In a process of its own, so that the memory is that of the work and nothing else.
ALONE = f"""
import json, re, sys, time
from pathlib import Path
sys.path.insert(0, {str(CHECKOUT)!r})
import pandas as pd
import massage_pain as mp
verb, kind, file = sys.argv[1:]
frame = pd.read_pickle(file)
if kind == "categories":
    frame = frame.astype("category")
back = mp.load()
getattr(back, verb)(frame.head(10))
def peak():
    # Not getrusage: its figure begins at what the parent process held.
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
before = peak()
times = []
for _ in range(3):
    start = time.perf_counter()
    answer = getattr(back, verb)(frame)
    times.append(time.perf_counter() - start)
assert len(answer) == len(frame)
print(json.dumps({{"seconds": min(times), "before": before, "peak": peak()}}))
"""


def alone(verb: str, kind: str, file: Path) -> dict[str, float]:
    command = [sys.executable, "-c", ALONE, verb, kind, str(file)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="the peak memory of a process is read from /proc")
def test_many_cases(back: Reasoner, report: Report, tmp_path: Path) -> None:
    frame = drawn(back.network, 2_000, missing=0.3)
    pgmpy: Any = with_pgmpy(back)
    cases = [findings(frame, row, back.network) for row in range(PEER_CASES)]
    ours = back.posteriors(frame)
    many = back.assess_many(frame)
    for row, case in enumerate(cases):
        expected = pgmpy(case)
        for cause, probability in expected.items():
            assert ours[cause].iloc[row] == pytest.approx(probability, abs=1e-9)
        assert many["urgency"].iloc[row] in (back.assess(case).urgency, back.assess(case).urgency.name)

    work = f"{CASES:,} cases, 30% missing"
    peer = best_of(2, lambda: [pgmpy(case) for case in cases]) / PEER_CASES * CASES
    report.add(f"{work}: the posteriors of all causes", f"pgmpy, from {PEER_CASES} cases (peer)", peer)
    file = tmp_path / "cases.pickle"
    drawn(back.network, CASES, missing=0.3).to_pickle(file)
    for verb in ("posteriors", "assess_many"):
        for kind, words in (("text", "columns of text"), ("categories", "columns of categories")):
            found = alone(verb, kind, file)
            memory = (
                f"peak {found['peak'] / 1e6:.0f} MB, of which {found['before'] / 1e6:.0f} MB before it began"
            )
            note = f"{CASES / found['seconds']:,.0f} cases a second, {memory}"
            report.add(f"{work}: {verb}", f"massage_pain, {words}", found["seconds"], against=peer, note=note)
