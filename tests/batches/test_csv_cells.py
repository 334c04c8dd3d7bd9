"""Where the cells of a CSV text are: the fast way, and reading row by row, say the same."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massage_pain.batches import csv_cells
from massage_pain.batches.csv_cells import PADDING, find_cells, read_rows, slices

CELL = st.text(st.sampled_from('ab,"\n\r é'), max_size=6)
PLAIN = st.text(st.sampled_from("abé "), max_size=6)
ENDS = st.sampled_from(["\n", "\r\n"])


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
    assert [each.cells for each in read_rows(text, len(rows[0]))] == rows


@given(tables(CELL), ENDS)
def test_any_table_is_read_back(rows: list[list[str]], end: str) -> None:
    text = written(rows, end, csv.QUOTE_ALL)  # a line end alone is not always quoted otherwise
    found = list(read_rows(text, len(rows[0])))
    assert [each.cells for each in found] == rows
    assert all(each.error is None for each in found)
    quick = fast(text, len(rows[0]))
    assert quick is None or quick == rows


@given(st.text(st.sampled_from('ab,"\n\r'), max_size=40), st.integers(1, 3))
def test_whatever_the_text_the_fast_way_says_the_same_or_nothing(text: str, columns: int) -> None:
    text += "\n"
    quick = fast(text, columns)
    found = list(read_rows(text, columns))
    if quick is not None:
        assert [each.cells for each in found] == quick
        assert all(each.error is None for each in found)


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
    found = list(read_rows(text, 2))
    assert [each.cells for each in found] == [["x", "y"], cells, ["3", "z"], ["4", "w"]]
    assert [str(each.error) if each.error else "" for each in found] == ["", why, "", ""]


def test_a_stray_quote_cannot_swallow_the_rows_behind_it() -> None:
    text = '1,"a\n2,b\n3,c\n4,"d"\n5,e\n'
    found = list(read_rows(text, 2))
    assert [each.error is not None for each in found] == [True, False, False, False, False]
    assert [each.cells[0] for each in found] == list("12345")
    text = '1,"a\n2,b\n3,c",x\n4,d\n'  # closed in a later line, but then the row has three cells
    assert [each.error is not None for each in read_rows(text, 2)] == [True, False, True, False]


def test_a_quote_within_a_plain_cell_is_a_letter() -> None:
    assert [each.cells for each in read_rows('1,5" long\n', 2)] == [["1", '5" long']]


def test_empty_lines_are_no_rows() -> None:
    for text in ("a\n\nb\n", "a\r\n\r\nb\r\n"):
        assert fast(text, 1) == [["a"], ["b"]] == [each.cells for each in read_rows(text, 1)]
    assert fast('""\n', 1) == [[""]] == [each.cells for each in read_rows('""\n', 1)]
    assert fast("1,2\n\n3,4\n", 2) is None
    assert [each.cells for each in read_rows("1,2\n\n3,4\n", 2)] == [["1", "2"], ["3", "4"]]


def test_a_cell_that_is_too_long_is_a_wrong_row() -> None:
    text = f"1,{'a' * 200_000}\n2,b\n"
    assert fast(text, 2) is None
    found = list(read_rows(text, 2))
    assert str(found[0].error) == "The row has a cell of more than 131,072 characters."
    assert found[1].cells == ["2", "b"]


@given(tables(CELL), st.integers(1, 30))
def test_slices_cut_between_rows(rows: list[list[str]], size: int) -> None:
    text = written(rows, "\n", csv.QUOTE_ALL)
    data = text.encode()
    buffer = bytearray(data) + bytearray(PADDING)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_cells, "SLICE", size)
        cuts = list(slices(buffer, len(data)))
    assert [start for start, _ in cuts] == [0, *(stop for _, stop in cuts[:-1])]
    found = [row for start, stop in cuts for row in read_rows(data[start:stop].decode(), len(rows[0]))]
    assert [each.cells for each in found] == rows
