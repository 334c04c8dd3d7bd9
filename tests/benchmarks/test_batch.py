"""A file of a million cases from end to end: texts in a CSV file, answers to Parquet and to CSV; and of ten.

`BENCHMARK_CASES=100000` makes it shorter. The reading and the writing are part of what is timed, the drawing
of the cases is not.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from tests.benchmarks.clients import drawn
from tests.benchmarks.report import FILE
from tests.benchmarks.timing import Times, alone

if TYPE_CHECKING:
    from pathlib import Path

    from massage_pain import Reasoner
    from tests.benchmarks.report import Report

TIMES = 10
"""How many times as long the longer files are."""

ROWS = int(os.environ.get("BENCHMARK_CASES", "1000000"))
PART = 100_000

# In a process of its own, so that the memory is that of the work and nothing else.
ALONE = """
import json, sys, time
import massage_pain as mp
from tests.benchmarks.timing import peak_memory
source, target = sys.argv[1:]
back = mp.load()
begun, spent = time.perf_counter(), time.process_time()
summary = mp.batch(source, target, reasoner=back, index="id", overwrite=True, progress=False)
seconds, spent = time.perf_counter() - begun, time.process_time() - spent
print(json.dumps({"rows": summary.rows, "seconds": seconds, "spent": spent, "peak": peak_memory()}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak memory of a process is read from /proc")
def test_a_file_from_end_to_end(back: Reasoner, report: Report, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow.parquet")
    frame = drawn(back.network, ROWS, missing=0.3)
    source, few = tmp_path / "cases.csv", tmp_path / "few.csv"
    frame.insert(0, "id", range(len(frame)))
    for at in range(0, len(frame), PART):
        part = frame.iloc[at : at + PART].astype(object)
        part.to_csv(source, mode="a", header=at == 0, index=False)
    first = frame.head(PART).drop(columns="id").astype(object)
    frame.head(PART).to_csv(few, index=False)

    small = alone("-c", ALONE, str(few), str(tmp_path / "few.parquet"))
    answers = pd.read_parquet(tmp_path / "few.parquet").drop(columns="id")
    pd.testing.assert_frame_equal(answers, back.assess_many(first.reset_index(drop=True)))

    size = source.stat().st_size / 1e6
    runs: dict[str, list[dict[str, float]]] = {"parquet": [], "csv": []}
    for _ in range(3):
        for ending, found in runs.items():
            found.append(alone("-c", ALONE, str(source), str(tmp_path / f"answers.{ending}")))
    for ending, found in runs.items():
        assert all(each["rows"] == ROWS for each in found)
        times = Times(tuple(each["seconds"] for each in found))
        second = ROWS / times.median
        spent = Times(tuple(each["spent"] for each in found)).median
        peak = max(each["peak"] for each in found) / 1e6
        note = (
            f"{second:,.0f} rows a second, {ROWS / spent:,.0f} a "
            f"second of processor; peak {peak:.0f} MB (for {len(first):,} rows {small['peak'] / 1e6:.0f} MB)"
        )
        words = {"parquet": "Parquet", "csv": "CSV"}[ending]
        work = f"{ROWS:,} rows of text from CSV ({size:.0f} MB, {frame.shape[1]} columns), answers to {words}"
        goals = [("150,000 rows a second", second >= 150_000)] if ending == "parquet" else []
        report.add(FILE, work, "massage_pain batch", times, goals=goals, note=note)


@pytest.mark.skipif(sys.platform != "linux", reason="the peak memory of a process is read from /proc")
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_longer_file_takes_no_more_memory(
    back: Reasoner, report: Report, tmp_path: Path, ending: str
) -> None:
    """The same cases ten times over, once with a tenth of the file for comparison."""
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    frame = drawn(back.network, ROWS, missing=0.3)
    frame.insert(0, "id", range(len(frame)))
    frame = frame.astype(dict.fromkeys(frame.columns[1:], object))
    peaks = {}
    for times in (1, TIMES):
        source, target = tmp_path / f"cases.{ending}", tmp_path / "answers.parquet"
        source.unlink(missing_ok=True)
        parts = [frame.iloc[at : at + PART] for at in range(0, ROWS, PART)]
        if ending == "csv":
            for number, part in enumerate(parts * times):
                part.to_csv(source, mode="a", header=number == 0, index=False)
        else:
            schema = arrow.Table.from_pandas(frame, preserve_index=False).schema
            with parquet.ParquetWriter(source, schema) as writer:
                for part in parts * times:
                    writer.write_table(arrow.Table.from_pandas(part, schema, preserve_index=False))
        made = alone("-c", ALONE, str(source), str(target))
        assert made["rows"] == times * ROWS == parquet.read_metadata(target).num_rows
        peaks[times] = made["peak"] / 1e6
    more = peaks[TIMES] - peaks[1]
    words = {"csv": "CSV", "parquet": "Parquet"}[ending]
    report.add(
        FILE,
        f"{TIMES * ROWS:,} rows of text from {words}, answers to Parquet",
        "massage_pain batch",
        Times((made["seconds"],)),
        goals=[(f"memory flat: {more:+.0f} MB since {ROWS:,} rows", more < 100.0)],
        note=f"{made['rows'] / made['seconds']:,.0f} rows a second, peak {peaks[TIMES]:.0f} MB",
    )
