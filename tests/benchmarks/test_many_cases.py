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
    from massage_pain import Reasoner
    from tests.benchmarks.report import Report

CASES = 100_000
PEER_CASES = 50

# In a process of its own, so that the memory is that of the work and nothing else.
ALONE = f"""
import json, resource, sys, time
sys.path.insert(0, {str(CHECKOUT)!r})
import massage_pain as mp
from tests.benchmarks.clients import drawn
back = mp.load()
frame = drawn(back.network, {CASES}, missing=0.3)
if sys.argv[2] == "categories":
    frame = frame.astype("category")
back.posteriors(frame.head(10)); back.assess_many(frame.head(10))
unit = 1 if sys.platform == "darwin" else 1024
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
times = []
for _ in range(2):
    start = time.perf_counter()
    answer = getattr(back, sys.argv[1])(frame)
    times.append(time.perf_counter() - start)
assert len(answer) == len(frame)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
print(json.dumps({{"seconds": min(times), "before": before, "peak": peak}}))
"""


def alone(verb: str, kind: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", ALONE, verb, kind],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is read with the resource module")
def test_many_cases(back: Reasoner, report: Report) -> None:
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
    for verb in ("posteriors", "assess_many"):
        for kind, words in (("text", "columns of text"), ("categories", "columns of categories")):
            found = alone(verb, kind)
            memory = (
                f"peak {found['peak'] / 1e6:.0f} MB, of which {found['before'] / 1e6:.0f} MB before it began"
            )
            note = f"{CASES / found['seconds']:,.0f} cases a second, {memory}"
            report.add(f"{work}: {verb}", f"massage_pain, {words}", found["seconds"], against=peer, note=note)
