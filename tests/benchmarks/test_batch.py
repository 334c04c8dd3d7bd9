"""A file of a million cases from end to end: texts in a CSV file, answers to Parquet and to CSV.

`BATCH_ROWS=100000` makes it shorter. The reading and the writing are part of what is timed, the drawing
of the cases is not. Alone on two processors it is a matter of ten seconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from tests.benchmarks.clients import drawn
from tests.benchmarks.report import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

    from massage_pain import Reasoner
    from tests.benchmarks.report import Report

ROWS = int(os.environ.get("BATCH_ROWS", "1000000"))
DRAWN = 100_000

# In a process of its own, so that the memory is that of the work and nothing else.
ALONE = f"""
import json, os, re, sys, time
from pathlib import Path
sys.path.insert(0, {str(CHECKOUT)!r})
import massage_pain as mp
source, target = sys.argv[1:]
back = mp.load()
begun, spent = time.perf_counter(), time.process_time()
summary = mp.batch(source, target, reasoner=back, index="id", overwrite=True, progress=False)
seconds, spent = time.perf_counter() - begun, time.process_time() - spent
peak = 1024 * int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
print(json.dumps({{"rows": summary.rows, "seconds": seconds, "spent": spent, "peak": peak}}))
"""


def alone(source: Path, target: Path) -> dict[str, float]:
    """One run in a process of its own."""
    command = [sys.executable, "-c", ALONE, str(source), str(target)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="the peak memory of a process is read from /proc")
def test_a_file_from_end_to_end(back: Reasoner, report: Report, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow.parquet")
    frame = drawn(back.network, min(ROWS, DRAWN), missing=0.3)
    source = tmp_path / "cases.csv"
    for at in range(max(1, ROWS // DRAWN)):  # the same cases in another order, with numbers of their own
        part = frame.sample(frac=1, random_state=at)
        part.insert(0, "id", range(at * len(frame), (at + 1) * len(frame)))
        part.to_csv(source, mode="a", header=at == 0, index=False)
        if at == 0:
            part.to_csv(tmp_path / "few.csv", index=False)
            first = part.drop(columns="id")

    few = alone(tmp_path / "few.csv", tmp_path / "few.parquet")
    answers = pd.read_parquet(tmp_path / "few.parquet").drop(columns="id")
    pd.testing.assert_frame_equal(answers, back.assess_many(first.reset_index(drop=True)))

    size = source.stat().st_size / 1e6
    for ending, words in (("parquet", "Parquet"), ("csv", "CSV")):
        found = [alone(source, tmp_path / f"answers.{ending}") for _ in range(2)]
        best = min(found, key=lambda each: each["seconds"])
        assert best["rows"] == max(1, ROWS // DRAWN) * len(frame)
        note = (
            f"{best['rows'] / best['seconds']:,.0f} rows a second, "
            f"{best['rows'] / best['spent']:,.0f} a second of processor; "
            f"peak {best['peak'] / 1e6:.0f} MB (for a tenth of the rows {few['peak'] / 1e6:.0f} MB)"
        )
        work = f"{best['rows']:,} cases from CSV ({size:.0f} MB, {frame.shape[1]} columns of text) to {words}"
        report.add(work, "massage_pain, batch", best["seconds"], note=note)
