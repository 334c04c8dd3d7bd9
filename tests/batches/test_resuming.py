"""A run that is cut short leaves no half answer, and goes on where it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import massage_pain as mp
from massage_pain.batches.lock import Lock
from tests.batches.tables import NAMES, rows, write
from tests.conftest import CHECKOUT

HEADER = ["id", *NAMES]
ALONE = f"""
import sys
sys.path.insert(0, {str(CHECKOUT)!r})
import massage_pain as mp
source, target, rows_per_block = sys.argv[1:]
mp.batch(source, target, index="id", rows_per_block=int(rows_per_block), threads=1)
"""


@pytest.fixture
def cases(tmp_path: Path, back: mp.Reasoner) -> Path:
    lines = [[f"p{at}", *each] for at, each in enumerate(rows(back.network, 2000))]
    return write(tmp_path / "cases.csv", HEADER, lines)


def killed(source: Path, target: Path, *, after: int, rows_per_block: int = 50) -> int:
    """Kill a run once so many parts are ready; how many were."""
    records = target.with_name(f"{target.name}.parts")
    command = [sys.executable, "-c", ALONE, str(source), str(target), str(rows_per_block)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 120
        while (
            len(list(records.glob("0*.json"))) < after and process.poll() is None and time.monotonic() < until
        ):
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        process.wait()
    ready = len(list(records.glob("0*.json")))
    assert ready >= after
    return ready


@pytest.mark.parametrize("ending", ["answers.csv", "answers.parquet", "answers"])
def test_a_run_killed_in_the_middle_goes_on(cases: Path, back: mp.Reasoner, ending: str) -> None:
    if ending != "answers.csv":
        pytest.importorskip("pyarrow.parquet")
    options: dict[str, Any] = {"reasoner": back, "index": "id", "rows_per_block": 50, "progress": False}
    folder = cases.parent
    mp.batch(cases, folder / f"whole_{ending}", **options)
    ready = killed(cases, folder / ending, after=5)
    assert not (folder / ending).exists()
    assert (folder / f"{ending}.parts").is_dir()
    # The last part was perhaps being written: half a part does not count.
    last = sorted((folder / f"{ending}.parts" / "answers").iterdir())[-1]
    last.write_bytes(last.read_bytes()[:-3])
    summary = mp.batch(cases, folder / ending, resume=True, **options)
    assert summary.rows == 2000
    assert 40 * (ready - 2) <= summary.resumed <= 60 * ready
    assert not (folder / f"{ending}.parts").exists()
    if ending == "answers.csv":
        assert (folder / ending).read_bytes() == (folder / f"whole_{ending}").read_bytes()
    else:
        import pandas as pd

        pd.testing.assert_frame_equal(
            pd.read_parquet(folder / ending), pd.read_parquet(folder / f"whole_{ending}")
        )


@pytest.fixture
def cut_short(cases: Path, back: mp.Reasoner) -> Path:
    """A target of which some parts are ready."""
    target = cases.parent / "answers.csv"

    def stop(progress: Any) -> None:
        if progress.rows > 1000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mp.batch(cases, target, reasoner=back, index="id", rows_per_block=200, progress=stop)
    assert not target.exists()
    return target


def go_on(target: Path, reasoner: mp.Reasoner, **options: Any) -> Any:
    known = {"reasoner": reasoner, "index": "id", "rows_per_block": 200, "progress": False, "resume": True}
    return mp.batch(target.parent / "cases.csv", target, **{**known, **options})


def test_without_a_word_nothing_is_touched(cut_short: Path, back: mp.Reasoner) -> None:
    parts = sorted(each.name for each in (cut_short.parent / "answers.csv.parts").rglob("*"))
    with pytest.raises(mp.CaseFileError, match="say resume to go on with it, or overwrite to begin again"):
        go_on(cut_short, back, resume=False)
    assert sorted(each.name for each in (cut_short.parent / "answers.csv.parts").rglob("*")) == parts
    assert go_on(cut_short, back, resume=False, overwrite=True).resumed == 0


def test_rows_that_changed_are_answered_again(cut_short: Path, back: mp.Reasoner) -> None:
    source = cut_short.parent / "cases.csv"
    text = source.read_text(encoding="utf-8")
    first = text.splitlines()[1]
    source.write_text(
        text.replace(first, first.replace("p0,", "q0,"), 1) + "new" + "," * 9 + "\n", encoding="utf-8"
    )
    summary = go_on(cut_short, back)
    assert summary.rows == 2001
    assert 0 < summary.resumed <= 1500
    lines = cut_short.read_text(encoding="utf-8").splitlines()
    assert lines[1].startswith("q0,")
    assert lines[-1].startswith("new,")
    mp.batch(source, source.parent / "whole.csv", reasoner=back, index="id", progress=False)
    assert (source.parent / "whole.csv").read_bytes() == cut_short.read_bytes()


def test_fewer_rows_than_before(cut_short: Path, back: mp.Reasoner) -> None:
    source = cut_short.parent / "cases.csv"
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    source.write_text("".join(lines[:300]), encoding="utf-8")
    assert go_on(cut_short, back).rows == 299
    assert cut_short.read_text(encoding="utf-8").count("\n") == 300


@pytest.mark.parametrize(
    ("options", "piece"),
    [
        ({"index": None, "ignore": ["id"], "columns": ["urgency"]}, "another columns of answers"),
        ({"missing": ["", "?"]}, "another missing"),
        ({"guard": False}, "another guard (True, now False)"),
        ({"rows_per_block": 100}, "another rows per block (200, now 100)"),
    ],
)
def test_another_run_does_not_go_on(cut_short: Path, back: mp.Reasoner, options: Any, piece: str) -> None:
    with pytest.raises(
        mp.CaseFileError, match="so its answers do not fit; say overwrite to begin again"
    ) as error:
        go_on(cut_short, back, **options)
    assert piece in str(error.value)
    assert go_on(cut_short, back).resumed > 0


def test_another_network_does_not_go_on(cut_short: Path, back: mp.Reasoner) -> None:
    with pytest.raises(mp.CaseFileError, match="another rules"):
        go_on(cut_short, mp.Reasoner(back.network))
    run = cut_short.parent / "answers.csv.parts" / "run.json"
    run.write_text(json.dumps({**json.loads(run.read_text()), "network": "0" * 64}))
    with pytest.raises(mp.CaseFileError, match=r"had another network \('0000"):
        go_on(cut_short, back)
    run.write_text("no json")
    with pytest.raises(mp.CaseFileError, match=r"had another .*'nothing'"):
        go_on(cut_short, back)


def test_damaged_parts_are_made_again(cut_short: Path, back: mp.Reasoner) -> None:
    folder = cut_short.parent / "answers.csv.parts"
    records = sorted(folder.glob("0*.json"))
    records[0].write_text("{}")
    records[1].write_text("no json")
    (folder / "answers" / f"{records[2].stem}.csv").unlink()
    record = json.loads(records[3].read_text())
    records[3].write_text(json.dumps({**record, "key": "of other rows"}))
    summary = go_on(cut_short, back)
    assert summary.rows == 2000
    assert summary.resumed <= 200 * (len(records) - 4) + 200


def test_a_folder_in_the_way_is_not_touched(cases: Path, back: mp.Reasoner) -> None:
    folder = cases.parent / "answers.csv.parts"
    folder.mkdir()
    (folder / "mine.txt").touch()
    for options in ({}, {"overwrite": True}, {"resume": True}):
        with pytest.raises(
            mp.CaseFileError, match="this is in the way: parts of answers are to be kept there"
        ):
            mp.batch(cases, cases.parent / "answers.csv", reasoner=back, index="id", **options)
    assert [each.name for each in folder.iterdir()] == ["mine.txt"]


def test_only_one_run_writes_the_parts(cut_short: Path, back: mp.Reasoner) -> None:
    other = Lock(cut_short.parent / "answers.csv.parts" / "lock")
    other.take()
    for options in ({"resume": True}, {"resume": False, "overwrite": True}):
        with pytest.raises(mp.CaseFileError, match="another run is writing these answers now"):
            go_on(cut_short, back, **options)
    other.free()
    other.free()
    assert go_on(cut_short, back).resumed > 0


def test_no_run_sees_half_a_target(cases: Path, back: mp.Reasoner) -> None:
    """While a run goes on, the target is what it was."""
    target = cases.parent / "answers.csv"
    target.write_text("before", encoding="utf-8")
    seen = set()
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            seen.add(target.read_bytes()[:9])

    watcher = threading.Thread(target=watch)
    watcher.start()
    mp.batch(cases, target, reasoner=back, index="id", rows_per_block=100, overwrite=True, progress=False)
    stop.set()
    watcher.join()
    assert seen <= {b"before", b"id,muscle"}


def test_ctrl_c_says_how_to_go_on(cases: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from massage_pain.batches import work
    from massage_pain.batches.answering import answered as honest
    from massage_pain.cli import main

    calls = []

    def interrupted(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) > 3:
            raise KeyboardInterrupt
        return honest(*arguments)

    target = cases.parent / "answers.csv"
    typed = ["batch", str(cases), str(target), "--index", "id", "--rows-per-block", "300", "--threads", "1"]
    monkeypatch.setattr(work, "answered", interrupted)
    assert main(typed) == 130
    assert (
        capsys.readouterr().err
        == "massage-pain: stopped; the same command with --resume goes on from here.\n"
    )
    monkeypatch.undo()
    assert main(typed) == 2
    assert "say resume to go on with it" in capsys.readouterr().err
    assert main([*typed, "--resume"]) == 0
    assert os.path.getsize(target) > 50_000


def test_a_run_that_made_nothing_leaves_nothing(
    cases: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    from massage_pain.batches import work
    from massage_pain.cli import main

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(work, "answered", interrupted)
    assert main(["batch", str(cases), str(cases.parent / "answers.csv"), "--index", "id"]) == 130
    assert capsys.readouterr().err == ""
    assert [each.name for each in cases.parent.iterdir()] == ["cases.csv"]


@pytest.mark.parametrize("swapped", [True, False])
def test_a_folder_swapped_but_not_cleaned_up_can_be_written_again(
    tmp_path: Path, back: mp.Reasoner, monkeypatch: pytest.MonkeyPatch, swapped: bool
) -> None:
    """The process ends right after the new answers took the place of the old ones, or right before."""
    pytest.importorskip("pyarrow.parquet")
    source = write(tmp_path / "cases.csv", NAMES, rows(back.network, 60))
    pd = pytest.importorskip("pandas")
    target = tmp_path / "answers"
    mp.batch(source, target, reasoner=back)
    real = os.replace

    def last(here: Any, there: Any) -> None:
        if swapped or Path(there) != target:
            real(here, there)
        if Path(there) == target:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", last)
        with pytest.raises(KeyboardInterrupt):
            mp.batch(source, target, reasoner=back, overwrite=True)
    mp.batch(source, target, reasoner=back, overwrite=True)
    assert len(pd.read_parquet(target)) == 60
    assert not target.with_name("answers.parts").exists()
