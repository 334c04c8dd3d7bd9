"""`massage-pain batch IN OUT`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import massage_pain as mp
from massage_pain.cli import main
from tests.batches.tables import NAMES, read, rows, write


@pytest.fixture
def cases(tmp_path: Path, back: mp.Reasoner) -> Path:
    return write(
        tmp_path / "cases.csv",
        ["id", *NAMES],
        [[str(at), *each] for at, each in enumerate(rows(back.network, 30))],
    )


def run(capsys: Any, *typed: object) -> tuple[int, str, str]:
    try:
        code = main([str(each) for each in typed])
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 0
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_a_summary_is_printed(cases: Path, capsys: Any) -> None:
    code, out, err = run(capsys, "batch", cases, cases.parent / "answers.csv", "--index", "id")
    assert code == 0
    assert err == ""
    assert out.startswith("30 rows answered in ")
    assert [each["id"] for each in read(cases.parent / "answers.csv")] == [str(each) for each in range(30)]


def test_the_summary_as_json_and_chosen_columns(cases: Path, capsys: Any) -> None:
    target = cases.parent / "answers.csv"
    code, out, _ = run(
        capsys,
        "batch",
        cases,
        target,
        "--json",
        "--ignore",
        "id",
        "--ignore",
        "age",
        "--columns",
        "urgency,red_flags",
    )
    assert code == 0
    assert json.loads(out)["rows"] == 30
    assert list(read(target)[0]) == ["id", "age", "urgency", "red_flags"]
    code, out, _ = run(capsys, "batch", cases, target, "--index", "id", "--overwrite", "--missing", "present")
    assert code == 0


def test_what_cannot_be_done_is_one_sentence(cases: Path, capsys: Any) -> None:
    target = cases.parent / "answers.csv"
    for typed, piece in (
        ([cases, target], "Unknown variable 'id' as a column of"),
        ([cases.parent / "case.csv", target], "there is no such file. Did you mean 'cases.csv'?"),
        ([cases, target, "--index", "id", "--threads", "0"], "threads must be a whole number from 1, got 0."),
        ([cases, target, "--index", "id", "--rows-per-block", "0"], "rows_per_block must be a whole number"),
        ([cases, target, "--index", "id", "--network", "no_such"], "no_such"),
        ([cases], "the following arguments are required: OUT"),
        ([cases, target, "more"], "unknown argument 'more'"),
    ):
        code, out, err = run(capsys, "batch", *typed)
        assert code == 2
        assert out == ""
        assert err.startswith("massage-pain")
        assert err.count("\n") == 1
        assert piece in err
    assert [each.name for each in cases.parent.iterdir()] == ["cases.csv"]


def test_another_network_with_its_causes(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "tub.bif").write_text(
        """network tub { }
variable tub { type discrete [ 2 ] { yes, no }; }
variable xray { type discrete [ 2 ] { yes, no }; }
probability ( tub ) { table 0.1, 0.9; }
probability ( xray | tub ) { (yes) 0.9, 0.1; (no) 0.2, 0.8; }
""",
        encoding="utf-8",
    )
    source = write(tmp_path / "cases.csv", ["xray"], [["yes"], ["no"], ["maybe"]])
    code, out, _ = run(
        capsys, "batch", source, tmp_path / "a.csv", "--network", tmp_path / "tub.bif", "--cause", "tub=yes"
    )
    assert code == 0
    assert "UnknownStateError" in out
    found = read(tmp_path / "a.csv")
    assert float(found[0]["tub"]) == pytest.approx(0.09 / 0.27)
    assert [each["urgency"] for each in found] == ["", "", ""]
