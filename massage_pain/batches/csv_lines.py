"""The lines of a CSV file by pyarrow's kernels: the same bytes as `csv_target.plain_rows`, faster.

Importing this room raises ImportError where pyarrow is missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute

from massage_pain.batches.answering import AnswerBlock, Coded, Column
from massage_pain.batches.case_block import Texts
from massage_pain.batches.csv_target import carried_cells, csv_cell
from massage_pain.batches.parquet_target import texts_as_array
from massage_pain.knowledge.distributions import FloatArray

_SMALLEST = 1e-4
"""Python writes smaller numbers with an exponent, pyarrow only much smaller ones."""

_SPECIAL = np.frombuffer(b"=+-@\t\r\n", np.uint8)


def csv_lines(block: AnswerBlock, guard: bool) -> Any:
    """The lines of a block, as a buffer of bytes."""
    if not block.rows:
        return b""
    columns = [_carried(each, guard) for each in block.carried]
    columns += [_texts(each, guard) for each in block.columns.values()]
    if len(columns) == 1:  # an empty line would be no row
        columns = [compute.if_else(compute.equal(columns[0], _text("")), _text('""'), columns[0])]
    lines = compute.binary_join_element_wise(*columns, _text(",")) if len(columns) > 1 else columns[0]
    lines = compute.binary_join_element_wise(lines, _text(""), _text("\n"))
    _, _, data = lines.buffers()
    return data.slice(0, data.size)


def _texts(column: Column, guard: bool) -> Any:
    if isinstance(column, Coded):
        cells = [*(csv_cell(each, guard) for each in column.texts), ""]  # the code -1 is the last
        codes = np.where(column.codes < 0, len(cells) - 1, column.codes).astype(np.int32)
        return pa.DictionaryArray.from_arrays(codes, pa.array(cells, pa.large_string())).dictionary_decode()
    if column.dtype == np.bool_:
        words = pa.array(["False", "True"], pa.large_string())
        return pa.DictionaryArray.from_arrays(column.astype(np.int8), words).dictionary_decode()
    return _numbers(np.ascontiguousarray(column, dtype=np.float64))


def _numbers(column: FloatArray) -> Any:
    texts = pa.array(column).cast(pa.large_string())
    plain = (column >= _SMALLEST) & (column < 1.0)
    if plain.all():
        return texts
    others = ["" if each != each else repr(each) for each in column[~plain].tolist()]
    return compute.replace_with_mask(texts, pa.array(~plain), pa.array(others, pa.large_string()))


def _carried(column: Texts | Any, guard: bool) -> Any:
    if isinstance(column, Texts):
        data, ends = column.data()
        letters = np.frombuffer(data, np.uint8)
        firsts = letters[ends[:-1][ends[1:] > ends[:-1]]]
        is_plain = data.isascii() and not any(each in data for each in b'",\r\n')
        if is_plain and not (guard and np.isin(firsts, _SPECIAL).any()):
            return compute.fill_null(texts_as_array(column).cast(pa.large_string()), _text(""))
    return pa.array(carried_cells(column, guard), pa.large_string())


def _text(text: str) -> Any:
    return pa.scalar(text, pa.large_string())
