"""Ten times the rows need hardly more memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import massage_pain as mp
from tests.batches.tables import NAMES, rows, write
from tests.conftest import CHECKOUT

ALONE = f"""
import re, sys
sys.path.insert(0, {str(CHECKOUT)!r})
import massage_pain as mp
source, target = sys.argv[1:]
mp.batch(source, target, rows_per_block=2000, threads=2)
# Not getrusage: its figure begins at what the parent process held.
print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""


def peak(source: Path, target: Path) -> int:
    """The most memory a run of its own holds, in bytes."""
    command = [sys.executable, "-c", ALONE, str(source), str(target)]
    return 1024 * int(subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="the peak memory of a process is read from /proc")
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_memory_is_bounded_by_the_blocks(back: mp.Reasoner, tmp_path: Path, ending: str) -> None:
    if ending == "parquet":
        pytest.importorskip("pyarrow.parquet")
    some = rows(back.network, 4000)
    few = write(tmp_path / "few.csv", list(NAMES), some)
    many = write(tmp_path / "many.csv", list(NAMES), some * 10)
    used = [peak(each, tmp_path / f"{each.stem}_answers.{ending}") for each in (few, many)]
    # A Parquet file is put together some row groups at a time.
    assert used[1] - used[0] < 25e6
    assert (tmp_path / f"many_answers.{ending}").stat().st_size > 1e5
