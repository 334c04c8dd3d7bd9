"""Answers as CSV (UTF-8, commas, a line end of one byte).

A number is written as Python writes it, so it reads back the same. Nothing is an empty cell, truths are True
and False. Where pyarrow is installed `csv_lines` writes the same bytes several times faster.

**Spreadsheets.** A text that begins with = + - @, a tab or a line end may be taken for a formula when the
file is opened in one (CSV injection). Such a text gets an apostrophe in front, which spreadsheets take as
"this is text", unless `guard` is off. Numbers are not texts and stay as they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from massage_pain.batches.answering import AnswerBlock, Coded, Column
from massage_pain.batches.case_block import Texts
from massage_pain.batches.plan import Plan

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_QUOTED = ('"', ",", "\n", "\r")


def csv_header(plan: Plan) -> bytes:
    """The first line."""
    return (",".join(csv_cell(each, plan.guard) for each in plan.header) + "\n").encode()


def csv_rows(block: AnswerBlock, plan: Plan) -> Any:
    """The lines of a block, as bytes."""
    try:
        from massage_pain.batches.csv_lines import csv_lines

        return csv_lines(block, plan.guard)
    except ImportError:
        return plain_rows(block, plan.guard)


def plain_rows(block: AnswerBlock, guard: bool) -> bytes:
    """The lines of a block, made with Python alone."""
    columns = [carried_cells(each, guard) for each in block.carried]
    columns += [_cells(each, guard) for each in block.columns.values()]
    if len(columns) == 1:  # an empty line would be no row
        columns = [[each or '""' for each in columns[0]]]
    text = "\n".join(map(",".join, zip(*columns, strict=True)))
    return f"{text}\n".encode() if block.rows else b""


def csv_cell(text: str, guard: bool) -> str:
    """A text as a cell: guarded, and quoted where it must be."""
    if text.isalnum():
        return text
    if guard and text.startswith(_FORMULA):
        text = f"'{text}"
    if any(each in text for each in _QUOTED):
        quoted = text.replace('"', '""')
        return f'"{quoted}"'
    return text


def carried_cells(column: Texts | Any, guard: bool) -> list[str]:
    """The cells of a column that is carried along."""
    if isinstance(column, Texts):
        return [csv_cell(each, guard) for each in column.to_list()]
    from massage_pain.batches.parquet_target import as_texts

    texts, is_text = as_texts(column)
    return [csv_cell(each, guard and is_text) if each else "" for each in texts]


def _cells(column: Column, guard: bool) -> list[str]:
    if isinstance(column, Coded):
        cells = [*(csv_cell(each, guard) for each in column.texts), ""]  # the code -1 is the last
        return list(map(cells.__getitem__, column.codes.tolist()))
    if column.dtype == np.bool_:
        return ["True" if each else "False" for each in column.tolist()]
    return ["" if each != each else repr(each) for each in column.tolist()]  # NaN is not itself
