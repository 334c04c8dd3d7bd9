"""CSV in, CSV out: every line says what `assess` says, in order, and a wrong row or column is told."""

from __future__ import annotations

import csv
import json
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import massage_pain as mp
from massage_pain.batches import csv_cells
from massage_pain.batches.places import source_kind, tables_in, target_kind
from tests.batches.tables import NAMES, case, expected, read, rows, write

HEADER = ["id", *NAMES]


@pytest.fixture
def lines(back: mp.Reasoner) -> list[list[str]]:
    return [[f"p{at}", *each] for at, each in enumerate(rows(back.network, 60))]


@pytest.fixture
def cases(tmp_path: Path, lines: list[list[str]]) -> Path:
    return write(tmp_path / "cases.csv", HEADER, lines)


def run(source: Path, target: str = "answers.csv", **options: Any) -> mp.batches.summary.BatchSummary:
    return mp.batch(source, source.parent / target, **{"index": "id", "progress": False, **options})


def cells(path: Path, column: str) -> list[str]:
    return [each[column] for each in read(path)]


# -- every row, in order -----------------------------------------------------------------------------------


def test_every_line_says_what_assess_says(back: mp.Reasoner, cases: Path, lines: list[list[str]]) -> None:
    summary = run(cases, reasoner=back)
    found = read(cases.parent / "answers.csv")
    assert [each["id"] for each in found] == [each[0] for each in lines]
    assert list(found[0]) == [
        "id",
        *(each.id for each in back.network.causes),
        *("top_cause", "urgency", "red_flags", "provisional", "none_of_these", "error"),
    ]
    for line, row in zip(found, lines, strict=True):
        right = expected(back, case(back.network, NAMES, row[1:]))
        for name, value in right.items():
            if isinstance(value, float):
                assert float(line[name]) == pytest.approx(value, abs=1e-12)
            else:
                assert line[name] == value
    assert summary.rows == summary.answered == 60
    assert sum(summary.urgency.values()) == 60
    assert not summary.errors


def test_numbers_are_written_so_that_they_read_back_the_same(back: mp.Reasoner, cases: Path) -> None:
    import pandas as pd

    run(cases, reasoner=back)
    source = pd.read_csv(cases, dtype=str, keep_default_na=False)[list(NAMES)]
    known = [case(back.network, NAMES, row) for row in source.to_numpy().tolist()]
    frame = pd.DataFrame([{name: each.get(name) for name in NAMES} for each in known], dtype=object)
    table = back.assess_many(frame)
    for cause in back.network.causes:
        assert [float(each) for each in cells(cases.parent / "answers.csv", cause.id)] == table[
            cause.id
        ].tolist()


def test_blocks_and_threads_change_nothing(
    back: mp.Reasoner, cases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(cases, "whole.csv", reasoner=back)
    whole = (cases.parent / "whole.csv").read_bytes()
    monkeypatch.setattr(csv_cells, "SLICE", 300)
    for rows_per_block in (1, 2, 7, 59, 1000):
        for threads in (1, 3):
            run(
                cases,
                "parts.csv",
                reasoner=back,
                rows_per_block=rows_per_block,
                threads=threads,
                overwrite=True,
            )
            assert (cases.parent / "parts.csv").read_bytes() == whole


def test_the_engine_of_pgmpy_and_a_network_without_rules(tmp_path: Path, lines: list[list[str]]) -> None:
    source = write(tmp_path / "cases.csv", HEADER, lines[:3])
    plain = mp.Reasoner(mp.load().network)
    run(source, reasoner=plain)
    assert cells(tmp_path / "answers.csv", "urgency") == ["", "", ""]
    assert cells(tmp_path / "answers.csv", "provisional") == ["False"] * 3


# -- wrong rows --------------------------------------------------------------------------------------------


def test_a_wrong_row_gets_its_error_and_costs_no_other(
    back: mp.Reasoner, cases: Path, lines: list[list[str]]
) -> None:
    run(cases, "good.csv", reasoner=back)
    wrong = [list(each) for each in lines]
    wrong[3][1] = "presnt"
    wrong[5][HEADER.index("fever")] = "yes"
    wrong[7][HEADER.index("age")] = "250"
    wrong[9] = wrong[9][:-1]
    wrong[11][1] = "present:0,absent:0"
    source = write(cases.parent / "wrong.csv", HEADER, wrong)
    with open(source, "a", encoding="utf-8") as opened:
        opened.write('stray,"present\n')
    summary = run(source, "wrong_answers.csv", reasoner=back, rows_per_block=4)
    good, found = read(cases.parent / "good.csv"), read(cases.parent / "wrong_answers.csv")
    assert [each["id"] for each in found] == [*(each["id"] for each in good), "stray"]
    errors = {at: each["error"] for at, each in enumerate(found) if each["error"]}
    assert errors == {
        3: "Unknown state 'presnt' for focal_pressure. Did you mean 'present'? Available: absent, present.",
        5: "Unknown state 'yes' for fever. Did you mean 'present'? Available: absent, present.",
        7: "age must be a number from 0 to 120 years, got 250.",
        9: "The row has 9 cells, the header 10.",
        11: "column 'focal_pressure': Likelihood(present, absent) is zero for every state: nothing could "
        "have produced it.",
        60: "The quotes of the row are not closed, or text follows a closing quote.",
    }
    for at, line in enumerate(found):
        if at in errors:
            assert line["top_cause"] == line["none_of_these"] == line["fasciitis"] == ""
            assert (line["urgency"] == "") == (line["red_flags"] == "")
            assert line["provisional"] == "True"
        else:
            assert line == good[at]
    assert summary.errors == {
        "UnknownStateError": 2,
        "CaseFileError": 2,
        "EvidenceError": 1,
        "ImpossibleEvidenceError": 1,
    }
    assert summary.answered == 55
    assert [row for row, _ in summary.examples] == [4, 6, 8]


def test_a_wrong_row_keeps_the_red_flags_of_its_other_cells(tmp_path: Path, back: mp.Reasoner) -> None:
    header = ["id", "course", "chest_pain", "fever", "age"]
    lines = [
        ["1", "better", "present", "", ""],
        ["2", "better", "", "absent", ""],
        ["3", "better", "present:0.5,absent:0.5", "", ""],
        ["4", "better", "absent", "present", "50"],
        ["5", "improving", "yes", "present", "500"],
        ["6", "present", "present", "present"],  # cells that may stand in wrong columns
        ["7", "improving", "present:0.7,absent:0.3", "", ""],
    ]
    source = write(tmp_path / "cases.csv", header, lines)
    summary = run(source, reasoner=back, rows_per_block=3)
    found = read(tmp_path / "answers.csv")
    assert [each["urgency"] for each in found] == [
        *("EMERGENCY", "", "EMERGENCY", "SAME_DAY", "SAME_DAY", "", "EMERGENCY")
    ]
    flags = ["heart_or_aorta", "", "heart_or_aorta", "fever", "fever", "", "heart_or_aorta"]
    assert [each["red_flags"] for each in found] == flags
    assert [each["error"] != "" for each in found] == [True] * 6 + [False]
    assert all(each["top_cause"] == each["fasciitis"] == "" for each in found[:6])
    assert [each["provisional"] for each in found[:6]] == ["True"] * 6
    assert summary.urgency == {"EMERGENCY": 3, "SAME_DAY": 2, "none": 2}
    assert summary.answered == 1


def test_impossible_rows_name_what_contradicts_itself(tmp_path: Path) -> None:
    from tests.test_reasoner import with_a_contradiction

    reasoner, frame = with_a_contradiction()
    source = tmp_path / "cases.csv"
    frame.to_csv(source, index=False)
    run(source, index=None, reasoner=reasoner)
    assert cells(tmp_path / "answers.csv", "error") == [
        "These findings cannot occur together (probability 0): a = present, b = present.",
        "",
        "These findings cannot occur together (probability 0): a = present, b = present.",
    ]


def test_a_text_in_another_encoding_is_an_error_of_its_row(
    back: mp.Reasoner, cases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("massage_pain.batches.csv_source.SAMPLE", 200)  # the first rows are all right
    with open(cases, "ab") as opened:
        opened.write("café,".encode("latin-1") + b"present" + b"," * 8 + b"\n")
        opened.write(b"last,caf\xe9" + b"," * 8 + b"\n")
    run(cases, reasoner=back)
    found = read(cases.parent / "answers.csv")
    assert found[-2]["id"] == "caf\ufffd"
    assert found[-2]["error"] == ""  # what is carried along is not read
    assert found[-1]["error"] == "column 'focal_pressure': byte 0xe9 is not UTF-8; save the file as UTF-8."


# -- columns -----------------------------------------------------------------------------------------------


def refused(
    source: Path, kind: type[Exception], *pieces: str, target: str = "answers.csv", **options: Any
) -> None:
    with pytest.raises(kind) as error:
        run(source, target, **options)
    for each in pieces:
        assert each in str(error.value)
    assert not (source.parent / target).exists()
    assert not list(source.parent.glob("*.parts"))


def test_a_wrong_column_refuses_the_file_before_anything_is_written(tmp_path: Path) -> None:
    source = write(tmp_path / "cases.csv", ["id", "fevr", "limb_numb"], [["1", "present", ""]])
    refused(
        source,
        mp.UnknownVariableError,
        "Unknown variable 'fevr' as a column of",
        "cases.csv. Did you mean 'fever'?",
        "Unknown too: 'limb_numb'.",
        "Nothing was read. A column to carry along unread is named with ignore (--ignore 'fevr')",
    )
    refused(source, mp.EvidenceError, "Unknown column 'idd' to carry", "Did you mean 'id'?", index="idd")
    source = write(tmp_path / "cases.csv", ["id", "fever", "fever"], [["1", "present", ""]])
    refused(source, mp.ConflictingEvidenceError, "The column 'fever' occurs twice of", "keep one")
    source = write(tmp_path / "cases.csv", ["", "fever"], [["1", "present"]])
    refused(source, mp.UnknownVariableError, "A column without a name is mostly an index.", index=None)
    assert run(source, index="").rows == 1


def test_columns_are_carried_along_as_they_are(tmp_path: Path, back: mp.Reasoner) -> None:
    header = ["note", "fever", "id", "age"]
    source = write(
        tmp_path / "cases.csv",
        header,
        [
            ['says "it, hurts"\nat night', "present", "7", "60"],
            ["", "absent", "8", "abc"],
            ["naïve é", "", "", ""],
        ],
    )
    run(source, ignore=["note", "age"], reasoner=back, columns=["urgency", "red_flags"])
    assert read(tmp_path / "answers.csv") == [
        {
            "id": "7",
            "note": 'says "it, hurts"\nat night',
            "age": "60",
            "urgency": "SAME_DAY",
            "red_flags": "fever",
        },
        {"id": "8", "note": "", "age": "abc", "urgency": "SELF_CARE", "red_flags": ""},
        {"id": "", "note": "naïve é", "age": "", "urgency": "SELF_CARE", "red_flags": ""},
    ]


def test_only_answers_that_are_asked_for(cases: Path, back: mp.Reasoner) -> None:
    run(cases, columns=["urgency", "fasciitis"], reasoner=back)
    assert list(read(cases.parent / "answers.csv")[0]) == ["id", "urgency", "fasciitis"]
    for wrong, piece in (
        (["urgncy"], "Unknown column 'urgncy' of answers. Did you mean 'urgency'?"),
        ([], "No column of answers is asked for"),
        (["urgency", "urgency"], "'urgency' would be two columns of the target"),
        (3, "columns must be a name or a list of names, got 3"),
    ):
        refused(cases, mp.QueryError, piece, columns=wrong, target="other.csv")
    source = write(cases.parent / "clash.csv", ["urgency", "fever"], [["1", "present"]])
    refused(
        source, mp.QueryError, "'urgency' would be two columns of the target", index="urgency", target="c.csv"
    )


def test_what_means_not_asked(tmp_path: Path, back: mp.Reasoner) -> None:
    values = ["", "NA", "NaN", "nan", "<NA>", "NULL", "null", "?", "-"]
    source = write(tmp_path / "cases.csv", ["id", "fever"], [["1", each] for each in values])
    run(source, reasoner=back)
    assert [each != "" for each in cells(tmp_path / "answers.csv", "error")] == [False] * 7 + [True] * 2
    run(source, reasoner=back, missing=["", "?", "-"], overwrite=True)
    assert [each != "" for each in cells(tmp_path / "answers.csv", "error")] == [False] + [True] * 6 + [
        False
    ] * 2


# -- how a file is written ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.removesuffix(b"\n"),
        lambda text: text + b"\n\n",
        lambda text: text.replace(b"id,", b'"id",', 1),
    ],
    ids=["byte order mark", "\\r\\n", "no last line end", "empty lines at the end", "quoted header"],
)
def test_the_same_table_written_otherwise(cases: Path, back: mp.Reasoner, change: Any) -> None:
    run(cases, "plain.csv", reasoner=back)
    other = cases.parent / "other.csv"
    other.write_bytes(change(cases.read_bytes()))
    run(other, "other_answers.csv", reasoner=back)
    assert (cases.parent / "other_answers.csv").read_bytes() == (cases.parent / "plain.csv").read_bytes()


def test_all_texts_quoted(cases: Path, back: mp.Reasoner, lines: list[list[str]]) -> None:
    run(cases, "plain.csv", reasoner=back)
    quoted = write(cases.parent / "quoted.csv", HEADER, lines, quoting=csv.QUOTE_ALL)
    run(quoted, "quoted_answers.csv", reasoner=back)
    assert (cases.parent / "quoted_answers.csv").read_bytes() == (cases.parent / "plain.csv").read_bytes()


def test_no_rows(tmp_path: Path, back: mp.Reasoner) -> None:
    source = tmp_path / "cases.csv"
    for text in ("id,fever\n", "id,fever", "id,fever\n\n"):
        source.write_text(text, encoding="utf-8")
        summary = run(source, reasoner=back, overwrite=True)
        assert summary.rows == 0
        assert (tmp_path / "answers.csv").read_text(encoding="utf-8").startswith("id,muscle_strain,")
        assert (tmp_path / "answers.csv").read_text(encoding="utf-8").count("\n") == 1


@pytest.mark.parametrize(
    ("data", "piece"),
    [
        (b"", "the file is empty; its first line must name the columns."),
        (b"\n \n", "the file is empty"),
        (b"\nid,fever\n", "cases.csv:1: the first line is empty"),
        (
            b"id;fever\n1;present\n",
            "the columns are separated by semicolons ('id;fever'); save the file with commas.",
        ),
        (b"id\tfever\n1\tpresent\n", "separated by tabs"),
        ("id,fever\nhé,present\n".encode("latin-1"), "cases.csv:2: byte 0xe9 at offset 10 is not UTF-8"),
        ("id,fever\n1,present\n".encode("utf-16"), "begins like UTF-16; save it as UTF-8"),
        (b"id,fever\n1,\0\n", "cases.csv:2: there is a NUL byte at offset 11"),
        (b"id,fever\r1,present\r", "lines end with '\\r' alone"),
        (b'id,"fever\n1,present\n', "the quotes of the header are not closed"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, data: bytes, piece: str) -> None:
    source = tmp_path / "cases.csv"
    source.write_bytes(data)
    refused(source, mp.CaseFileError, piece)


# -- where files may be ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "piece"),
    [
        ("cases.csv.gz", "a .gz file is not read: nothing is unpacked; unpack it first."),
        ("cases.xlsx", "a .xlsx file is not read: save the sheet as CSV"),
        ("cases.pkl", "a .pkl file is not read: pickle is never loaded."),
        ("cases.tsv", "a .tsv file is not read: tables are separated by commas."),
        ("cases.txt", "a .txt file is not read. Tables of cases are .csv and .parquet files"),
        ("cases", "a file without an ending is not read."),
    ],
)
def test_other_formats_are_refused_by_name(tmp_path: Path, name: str, piece: str) -> None:
    source = tmp_path / name
    source.write_text("id,fever\n1,present\n", encoding="utf-8")
    refused(source, mp.CaseFileError, piece)


def test_a_source_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text("fever\n", encoding="utf-8")
    refused(tmp_path / "case.csv", mp.CaseFileError, "there is no such file. Did you mean 'cases.csv'?")
    refused(tmp_path / "no" / "case.csv", mp.CaseFileError, "there is no such file, nor its folder.")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.csv")
        refused(tmp_path / "pipe.csv", mp.CaseFileError, "this is a pipe; only regular files are read.")
        with pytest.raises(mp.CaseFileError, match="this is a device"):
            source_kind(Path("/dev/zero"))
    with pytest.raises(
        mp.CaseFileError, match=r"The source must be a path \(text or pathlib.Path\), got int 3"
    ):
        mp.batch(3, "x.csv")  # type: ignore[arg-type]
    with pytest.raises(mp.CaseFileError, match="The target must be a path"):
        mp.batch(tmp_path / "cases.csv", "a\0.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(mp.CaseFileError, match=r"holds no \.parquet file"):
        tables_in(tmp_path / "empty")
    with pytest.raises(mp.CaseFileError, match=r"the folder holds the folder 'empty'"):
        tables_in(tmp_path)


def test_a_target_that_may_not_be_written(cases: Path, back: mp.Reasoner) -> None:
    folder = cases.parent
    (folder / "answers.csv").write_text("mine", encoding="utf-8")
    for target, piece in (
        ("answers.csv", "the file exists already; say overwrite to replace it."),
        ("no/answers.csv", "its folder does not exist; make it first."),
        ("cases.csv", "the answers would be written over the cases"),
        ("x/../other.csv", "the path leads upwards"),
        ("answers.xlsx", "a .xlsx file is not written"),
    ):
        with pytest.raises(mp.CaseFileError, match=piece.replace(".", "[.]")):
            run(cases, target, reasoner=back)
    assert (folder / "answers.csv").read_text(encoding="utf-8") == "mine"
    (folder / "folder.csv").mkdir()
    with pytest.raises(mp.CaseFileError, match="no regular file, so it is not replaced"):
        run(cases, "folder.csv", reasoner=back, overwrite=True)
    run(cases, reasoner=back, overwrite=True)
    assert len(read(folder / "answers.csv")) == 60
    assert sorted(each.name for each in folder.iterdir()) == ["answers.csv", "cases.csv", "folder.csv"]
    assert target_kind(Path("answers")) == "folder"


def test_arguments_that_make_no_sense(cases: Path) -> None:
    for wrong in (0, -1, 1.5, True, "8"):
        refused(cases, mp.QueryError, "rows_per_block must be a whole number from 1", rows_per_block=wrong)
        refused(cases, mp.QueryError, "threads must be a whole number from 1", threads=wrong)
    refused(cases, mp.UnsupportedModelError, "reasoner must be a Reasoner", reasoner="back_pain")


def test_a_network_without_causes_is_refused(cases: Path) -> None:
    network = mp.load().network
    bare = replace(
        network,
        variables=tuple(
            replace(each, role="other") if each.role == "cause" else each for each in network.variables
        ),
    )
    refused(
        cases, mp.InvalidNetworkError, "does not say which variables are causes", reasoner=mp.Reasoner(bare)
    )


# -- spreadsheets ------------------------------------------------------------------------------------------


def test_texts_are_not_taken_for_formulas(tmp_path: Path, back: mp.Reasoner) -> None:
    ids = ['=HYPERLINK("http://x")', "+1", "-1", "@x", "\tx", "\rx", "=1+1", "plain", "a=b", "7"]
    source = write(
        tmp_path / "cases.csv",
        ["id", "=note", "fever"],
        [[each, each, ""] for each in ids],
        quoting=csv.QUOTE_ALL,
    )
    run(source, ignore="=note", reasoner=back, columns=["urgency"])
    found = read(tmp_path / "answers.csv")
    assert list(found[0]) == ["id", "'=note", "urgency"]
    assert [each["id"] for each in found] == [*(f"'{each}" for each in ids[:7]), *ids[7:]]
    run(source, ignore="=note", reasoner=back, columns=["urgency"], guard=False, overwrite=True)
    assert cells(tmp_path / "answers.csv", "id") == ids


def test_numbers_are_no_texts(cases: Path, back: mp.Reasoner) -> None:
    run(cases, reasoner=back)
    for line in read(cases.parent / "answers.csv"):
        assert 0.0 <= float(line["none_of_these"]) <= 1.0


# -- the summary, and failing in the middle ----------------------------------------------------------------


def test_the_summary_is_plain_json_and_reads_well(cases: Path, back: mp.Reasoner) -> None:
    with open(cases, "a", encoding="utf-8") as opened:
        opened.write("x,maybe" + "," * 8 + "\n")
    summary = run(cases, reasoner=back)
    plain = json.loads(json.dumps(summary.to_dict()))
    assert plain["rows"] == 61
    assert plain["answered"] == 60
    assert plain["errors"] == {"UnknownStateError": 1}
    assert plain["examples"][0]["row"] == 61
    assert list(plain["urgency"]) == [
        each
        for each in ("EMERGENCY", "SAME_DAY", "SEE_DOCTOR", "STOP_AND_REST", "SELF_CARE", "none")
        if each in plain["urgency"]
    ]
    assert math.isfinite(plain["rows_per_second"])
    text = " ".join(str(summary).split())  # where a line breaks depends on how long the path is
    assert text.startswith("61 rows answered in ")
    assert ", 1 of them with an error instead; " in text
    assert "row 61: Unknown state 'maybe' for focal_pressure." in text
    with pytest.raises(AttributeError):
        summary.rows = 3  # type: ignore[misc]


def test_a_fault_in_the_middle_leaves_the_parts_and_no_target(
    cases: Path, back: mp.Reasoner, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(cases, "whole.csv", reasoner=back)
    from massage_pain.batches import work
    from massage_pain.batches.answering import answered as honest

    calls = []

    def faulty(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == 4:
            raise OSError(28, "No space left on device")
        return honest(*arguments)

    monkeypatch.setattr(work, "answered", faulty)
    with pytest.raises(OSError, match="No space left"):
        run(cases, reasoner=back, rows_per_block=10, threads=1)
    assert not (cases.parent / "answers.csv").exists()
    with pytest.raises(
        mp.CaseFileError, match="a run that was cut short has left its parts here: say resume"
    ):
        run(cases, reasoner=back, rows_per_block=10)
    calls.clear()
    calls += [1] * 9
    summary = run(cases, reasoner=back, rows_per_block=10, threads=1, resume=True)
    assert summary.resumed >= 20
    assert len(calls) - 9 <= 4  # seven blocks at most, three were ready
    assert (cases.parent / "answers.csv").read_bytes() == (cases.parent / "whole.csv").read_bytes()


def test_a_header_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("massage_pain.batches.csv_source.SAMPLE", 20)
    source = tmp_path / "cases.csv"
    source.write_text("fever," * 10 + "\n", encoding="utf-8")
    refused(
        source,
        mp.CaseFileError,
        "the first line has more than 20 bytes; it must name the columns.",
        index=None,
    )


def test_blocks_as_large_as_anyone_may_ask_for(cases: Path, back: mp.Reasoner) -> None:
    assert run(cases, reasoner=back, rows_per_block=10**15).rows == 60


@pytest.mark.parametrize("written", ["1_0", "４５", "0x10", "1e400"])
def test_an_age_is_written_in_plain_digits(tmp_path: Path, back: mp.Reasoner, written: str) -> None:
    """Python's reader takes more for a number than a person means by one."""
    source = write(tmp_path / "cases.csv", ["age", "aching"], [[written, "present"], ["+4.5e1", "present"]])
    summary = mp.batch(source, tmp_path / "answers.csv", reasoner=back)
    assert sum(summary.errors.values()) == 1
    assert "age" in summary.examples[0][1]
