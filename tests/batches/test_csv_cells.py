"""Where rows end and where cells are: as Python's `csv` says of a sound text; a stray quote costs a line.

Three ways must say the same: a reading of the whole text with `csv`, row after row; the rooms' own reading of
the whole; and what they make of it cut into pieces and slices of any size.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massage_pain.batches import csv_cells, csv_rows
from massage_pain.batches.csv_block import CsvText
from massage_pain.batches.csv_cells import PADDING, find_cells, slices
from massage_pain.batches.csv_rows import RowGrammar
from massage_pain.batches.csv_source import CsvSource, look_at_csv
from massage_pain.errors import CaseFileError

CELL = st.text(st.sampled_from('ab,"\n\r é'), max_size=6)
PLAIN = st.text(st.sampled_from("abé "), max_size=6)
ENDS = st.sampled_from(["\n", "\r\n"])


def read_rows(text: str, columns: int) -> list[tuple[list[str], str]]:
    """Cells and error of every row, row by row."""
    return [
        ([cell.decode() for cell in row.cells], str(row.error) if row.error else "")
        for row in RowGrammar(columns).rows(text.encode())
    ]


def with_csv(text: str, columns: int) -> Iterator[list[str] | None]:
    """The same with Python's `csv`, started anew behind every malformed row; None for such a row."""
    lines = list(io.StringIO(text, newline=""))
    at = 0
    while at < len(lines):
        reader = csv.reader(lines[at:], strict=True)
        try:
            cells = next(reader)
            size = len("".join(lines[at : at + reader.line_num]).encode())
            whole = len(cells) == columns and (reader.line_num == 1 or size <= csv_rows.LONGEST_ROW)
        except csv.Error:
            cells, whole = [""], False
        if cells:
            yield cells if whole else None
        at += reader.line_num if whole else 1


def fast(text: str, columns: int) -> list[list[str]] | None:
    data = text.encode()
    buffer = bytearray(data) + bytearray(PADDING)
    cells = find_cells(buffer, 0, len(data), columns)
    if cells is None:
        return None
    return [
        [data[start : start + length].decode() for start, length in zip(starts, lengths, strict=True)]
        for starts, lengths in zip(cells.starts.tolist(), cells.lengths.tolist(), strict=True)
    ]


def written(rows: list[list[str]], end: str, quoting: int) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()


def tables(cell: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    return st.integers(1, 4).flatmap(
        lambda columns: st.lists(st.lists(cell, min_size=columns, max_size=columns), min_size=1, max_size=8)
    )


@given(tables(PLAIN), ENDS, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_a_plain_table_is_read_the_fast_way(rows: list[list[str]], end: str, quoting: int) -> None:
    text = written(rows, end, quoting)
    assert fast(text, len(rows[0])) == rows
    assert [cells for cells, _ in read_rows(text, len(rows[0]))] == rows


@given(tables(CELL), ENDS)
def test_any_table_is_read_back(rows: list[list[str]], end: str) -> None:
    text = written(rows, end, csv.QUOTE_ALL)  # a line end alone is not always quoted otherwise
    assert read_rows(text, len(rows[0])) == [(each, "") for each in rows]
    quick = fast(text, len(rows[0]))
    assert quick is None or quick == rows


@given(st.text(st.sampled_from('ab,"\n\r'), max_size=40), st.integers(1, 3))
def test_whatever_the_text_the_fast_way_says_the_same_or_nothing(text: str, columns: int) -> None:
    text += "\n"
    quick = fast(text, columns)
    if quick is not None:
        assert read_rows(text, columns) == [(each, "") for each in quick]


def test_commas_and_line_ends_in_quotes_are_read_the_fast_way() -> None:
    assert fast('1,"a,b\nc"\n2,"d"\n', 2) == [["1", "a,b\nc"], ["2", "d"]]
    assert fast('1,"a ""b"" c"\n', 2) is None  # a quote within a cell is for the other way


@pytest.mark.parametrize(
    ("line", "why", "cells"),
    [
        ("1,a,b", "The row has 3 cells, the header 2.", ["1", "a", "b"]),
        ("1", "The row has 1 cells, the header 2.", ["1"]),
        ('1,"a', "The quotes of the row are not closed, or text follows a closing quote.", ["1"]),
        ('1,"a"b', "The quotes of the row are not closed, or text follows a closing quote.", ["1"]),
        ('"1,a', "The quotes of the row are not closed, or text follows a closing quote.", []),
    ],
)
def test_a_wrong_row_costs_only_itself(line: str, why: str, cells: list[str]) -> None:
    text = f'x,y\n{line}\n\n3,"z"\n4,w\n'
    assert fast(text, 2) is None
    assert read_rows(text, 2) == [(["x", "y"], ""), (cells, why), (["3", "z"], ""), (["4", "w"], "")]


def test_a_stray_quote_cannot_swallow_the_rows_behind_it() -> None:
    text = '1,"a\n2,b\n3,c\n4,"d"\n5,e\n'
    found = read_rows(text, 2)
    assert [why != "" for _, why in found] == [True, False, False, False, False]
    assert [cells[0] for cells, _ in found] == list("12345")
    text = '1,"a\n2,b\n3,c",x\n4,d\n'  # closed in a later line, but then the row has three cells
    assert [why != "" for _, why in read_rows(text, 2)] == [True, False, True, False]


def test_a_quote_within_a_plain_cell_is_a_letter() -> None:
    assert read_rows('1,5" long\n', 2) == [(["1", '5" long'], "")]


def test_empty_lines_are_no_rows() -> None:
    for text in ("a\n\nb\n", "a\r\n\r\nb\r\n"):
        assert fast(text, 1) == [["a"], ["b"]] == [cells for cells, _ in read_rows(text, 1)]
    assert fast('""\n', 1) == [[""]] == [cells for cells, _ in read_rows('""\n', 1)]
    assert fast("1,2\n\n3,4\n", 2) is None
    assert [cells for cells, _ in read_rows("1,2\n\n3,4\n", 2)] == [["1", "2"], ["3", "4"]]


def test_a_cell_that_is_too_long_is_a_wrong_row() -> None:
    text = f"1,{'a' * 200_000}\n2,b\n"
    assert fast(text, 2) is None
    why = "The row has a cell of more than 131,072 bytes."
    assert read_rows(text, 2) == [(["1", ""], why), (["2", "b"], "")]


# -- whatever the text, and wherever it is cut -------------------------------------------------------------

ODD = st.text(st.sampled_from('ab,,""\n\n\ré'), max_size=80)
SOUND = st.lists(
    st.sampled_from(["a", '"a"', '"a\nb"', '"a,""b"', "", '""', '5"', "é"]), max_size=40
).flatmap(
    lambda cells: st.lists(
        st.sampled_from([",", ",", "\n", "\r\n"]), min_size=len(cells), max_size=len(cells)
    ).map(lambda ends: "".join(cell + end for cell, end in zip(cells, ends, strict=True)))
)


@given(st.one_of(ODD, SOUND), st.integers(1, 3), st.sampled_from([1, 9, 10**6]))
def test_rows_end_where_csv_ends_them(text: str, columns: int, longest: int) -> None:
    text += "\n"
    with pytest.MonkeyPatch.context() as patch:
        for room in (csv_cells, csv_rows):
            patch.setattr(room, "LONGEST_ROW", longest)
        found = [None if why else cells for cells, why in read_rows(text, columns)]
        assert found == list(with_csv(text, columns))
    try:
        plain = [each for each in csv.reader(io.StringIO(text, newline=""), strict=True) if each]
    except csv.Error:
        return
    if longest > len(text) and all(len(each) == columns for each in plain):  # nothing is malformed
        assert found == plain


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cut") / "cases.csv"


@given(
    st.one_of(ODD, SOUND),
    st.integers(1, 3),
    st.sampled_from([1, 9, 40, 10**6]),
    st.tuples(st.integers(1, 60), st.integers(1, 60), st.integers(1, 60)),
)
def test_where_a_text_is_cut_makes_no_difference(
    source: Path, text: str, columns: int, longest: int, sizes: tuple[int, int, int]
) -> None:
    header, data = ",".join("xyz"[:columns]) + "\n", text.encode()
    source.write_bytes(header.encode() + data)
    window, size, chunk = sizes
    grammar, found = RowGrammar(columns), []
    with pytest.MonkeyPatch.context() as patch:
        for room in (csv_cells, csv_rows):
            patch.setattr(room, "LONGEST_ROW", longest)
        patch.setattr(csv_rows, "CHUNK", chunk)
        patch.setattr(csv_cells, "SLICE", size)
        whole = read_rows(text if text.endswith("\n") else f"{text}\n", columns)
        table = CsvSource(source, tuple("xyz"[:columns]), len(header), len(header) + len(data), 1.0)
        for piece in table.pieces(window):
            read = CsvText(piece)
            for start, stop, cells in slices(read.buffer, read.stop, grammar):
                part = read.buffer[start:stop].decode()
                quick = fast(part, columns)
                assert cells is None or quick is not None
                rows = read_rows(part, columns)
                assert quick is None or [(each, "") for each in quick] == rows
                found += rows
    assert found == whole


def test_a_quote_that_is_never_closed_costs_its_line() -> None:
    text = '1,"a\n' + "2,b\n" * 400_000  # more than a row of several lines may have
    found = read_rows(text, 2)
    assert len(found) == 400_001
    assert [at for at, (_, why) in enumerate(found) if why] == [0]
    buffer, line = bytearray(text.encode()), len('1,"a\n')
    assert RowGrammar(2).last_end(buffer, 0, 2**19) == 0  # it may yet be closed
    behind = RowGrammar(2).last_end(buffer, 0, 2**20)
    assert 2**20 - len("2,b\n") < behind <= 2**20
    assert (behind - line) % len("2,b\n") == 0


def test_a_row_of_several_lines_may_be_so_long_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    text = '1,"a\nb"\n2,c\n'
    assert read_rows(text, 2) == [(["1", "a\nb"], ""), (["2", "c"], "")]
    assert fast(text, 2) == [["1", "a\nb"], ["2", "c"]]
    for room in (csv_cells, csv_rows):
        monkeypatch.setattr(room, "LONGEST_ROW", 7)
    assert [why != "" for _, why in read_rows(text, 2)] == [True, True, False]
    assert fast(text, 2) is None


@pytest.mark.parametrize("after", ["", "a,b\n1,2\n", "a,b\n" + "1,2\n" * 5000])
def test_a_file_that_changes_while_it_is_read_is_said_to(tmp_path: Path, after: str) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("a,b\n" + "1,2\n" * 1000)
    pieces = look_at_csv(path).pieces(100)
    next(pieces)
    path.write_text(after)
    with pytest.raises(CaseFileError, match="the file changed while it was read; run again"):
        list(pieces)
