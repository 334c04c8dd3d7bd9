"""Answers as CSV: what is written reads back the same, with pyarrow and without it."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massage_pain.batches.answering import AnswerBlock, Coded
from massage_pain.batches.case_block import Texts
from massage_pain.batches.csv_target import csv_cell, plain_rows
from massage_pain.batches.summary import Tally

NOTHING = Tally(0, {}, 0, {}, {}, {}, [])
TEXT = st.text(st.sampled_from('ab7=+-@\t\r\n," é＝'), max_size=5)


def block(numbers: list[float], texts: list[str], carried: list[str] | None = None) -> AnswerBlock:
    """Answers of every kind; `texts` by code, the last of them is nothing."""
    count = len(numbers)
    column = Texts()
    column.extend(carried or [""] * count)
    codes = np.arange(count) % (len(texts) + 1) - 1
    return AnswerBlock(
        count,
        (column,),
        {
            "number": np.array(numbers, dtype=np.float64),
            "text": Coded(codes, texts),
            "truth": np.arange(count) % 2 == 0,
        },
        NOTHING,
    )


@given(
    st.lists(st.floats(0.0, 1.0) | st.just(float("nan"))),
    st.lists(TEXT, min_size=1),
    st.data(),
    st.booleans(),
)
def test_with_pyarrow_and_without_it_the_bytes_are_the_same(
    numbers: list[float], texts: list[str], data: st.DataObject, guard: bool
) -> None:
    pytest.importorskip("pyarrow")
    from massage_pain.batches.csv_lines import csv_lines

    carried = data.draw(st.lists(TEXT, min_size=len(numbers), max_size=len(numbers)))
    answers = block(numbers, texts, carried)
    assert bytes(csv_lines(answers, guard)) == plain_rows(answers, guard)
    one = answers._replace(carried=(), columns={"text": answers.columns["text"]})
    assert bytes(csv_lines(one, guard)) == plain_rows(one, guard)


def test_numbers_of_every_size(rng: np.random.Generator) -> None:
    numbers = np.concatenate(
        [rng.random(20_000), 10.0 ** -rng.uniform(0, 320, 2_000), [0.0, 1.0, 1e-4, 0.5, 5e-324]]
    )
    answers = block(numbers.tolist(), ["a"])
    lines = plain_rows(answers, True).decode().splitlines()
    assert [float(each.split(",")[1]) for each in lines] == numbers.tolist()
    pytest.importorskip("pyarrow")
    from massage_pain.batches.csv_lines import csv_lines

    assert bytes(csv_lines(answers, True)).decode().splitlines() == lines


@given(st.lists(st.lists(TEXT, min_size=2, max_size=2), min_size=1))
def test_cells_read_back(rows: list[list[str]]) -> None:
    text = "".join(",".join(csv_cell(each, False) for each in row) + "\n" for row in rows)
    assert list(csv.reader(io.StringIO(text, newline=""))) == rows


@given(TEXT)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = csv_cell(text, True)
    (row,) = csv.reader(io.StringIO(f"x,{cell}\n", newline=""))
    assert row[1] == (f"'{text}" if text[:1] and text[0] in "=+-@\t\r\n＝" else text)
