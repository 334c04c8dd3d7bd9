"""How far a run is: told to a function, drawn on a terminal and nowhere else."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import pytest

import massage_pain as mp
from massage_pain.batches.progress import Bar, Clock, Progress, as_time, bar_line
from tests.batches.tables import NAMES, rows, write


def test_a_function_is_told(back: mp.Reasoner, tmp_path: Path) -> None:
    source = write(tmp_path / "cases.csv", list(NAMES), rows(back.network, 300))
    seen: list[Progress] = []
    mp.batch(source, tmp_path / "answers.csv", reasoner=back, rows_per_block=50, progress=seen.append)
    assert len(seen) >= 6
    assert [each.rows for each in seen] == sorted(each.rows for each in seen)
    assert seen[-1].rows == 300
    assert seen[-1].share == 1.0
    assert seen[-1].seconds_left == 0.0
    assert all(0.0 < each.share <= 1.0 for each in seen)


def test_the_bar_is_plain_letters() -> None:
    assert (
        bar_line(Progress(1_234_567, 0.5, 10.0, 123_456.7, 10.4))
        == "[############............]  50% 1,234,567 rows, 123,457 a second, 0:10 left"
    )
    assert bar_line(Progress(0, 0.0, 0.0, 0.0, None), 4) == "[....]   0% 0 rows, 0 a second"
    assert [as_time(each) for each in (0, 59.6, 60, 3600, 36_061)] == [
        "0:00",
        "1:00",
        "1:00",
        "1:00:00",
        "10:01:01",
    ]


def test_the_bar_draws_over_itself_and_goes_away() -> None:
    stream = io.StringIO()
    bar = Bar(stream)
    bar(Progress(10, 0.1, 1.0, 10.0, 9.0))
    bar(Progress(11, 0.11, 1.0, 10.0, 9.0))  # too soon to be seen
    bar(Progress(100, 1.0, 1.0, 9.0, 0.0))
    bar.close()
    bar.close()
    text = stream.getvalue()
    assert text.count("\r") == 4
    assert "11 rows" not in text
    assert text.endswith(" \r")
    assert "\n" not in text


def test_no_terminal_no_bar(back: mp.Reasoner, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "cases.csv", list(NAMES), rows(back.network, 20))
    mp.batch(source, tmp_path / "a.csv", reasoner=back)
    assert capsys.readouterr() == ("", "")
    mp.batch(source, tmp_path / "b.csv", reasoner=back, progress=True)
    assert "20 rows" in capsys.readouterr().err


def test_the_rate_leaves_out_what_an_earlier_run_had_done(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    clock = Clock(1000, None)
    assert clock.now() == Progress(0, 0.0, 0.0, 0.0, None)
    clock.add(500, 50, kept=True)
    assert clock.now().seconds_left is None
    now[0] += 10.0
    clock.add(250, 25, kept=False)
    assert clock.now() == Progress(75, 0.75, 10.0, 2.5, 10.0)
    assert clock.kept_rows == 50
    assert Clock(0, None).now().share == 1.0


def test_what_the_function_raises_stops_the_run(back: mp.Reasoner, tmp_path: Path) -> None:
    source = write(tmp_path / "cases.csv", list(NAMES), rows(back.network, 300))

    def stop(_: Any) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        mp.batch(source, tmp_path / "answers.csv", reasoner=back, rows_per_block=50, progress=stop)
    assert not (tmp_path / "answers.csv").exists()
