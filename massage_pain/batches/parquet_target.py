"""Answers as Parquet, with pyarrow.

`top_cause` and `urgency` are dictionary columns (categories in pandas), `urgency` an ordered one; nothing
is null. Columns carried along keep their type.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from massage_pain.batches.answering import AnswerBlock, Coded, Column
from massage_pain.batches.case_block import Texts
from massage_pain.batches.plan import Plan

if TYPE_CHECKING:
    import pyarrow

ROW_GROUP = 2**18
"""Rows written together: enough for a reader to skip by, few enough to hold in memory."""


def arrow_table(block: AnswerBlock, plan: Plan) -> pyarrow.Table:
    """A block of answers as a table."""
    import pyarrow as pa

    arrays = [texts_as_array(each) if isinstance(each, Texts) else each for each in block.carried]
    arrays += [_array(each) for each in block.columns.values()]
    return pa.Table.from_arrays(arrays, names=list(plan.header))


def texts_as_array(column: Texts) -> Any:
    """Texts as an array; an empty one is null."""
    import pyarrow as pa

    data, ends = column.data()
    some = np.packbits(ends[1:] > ends[:-1], bitorder="little")
    buffers = [pa.py_buffer(some), pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(data)]
    if ends[-1] > np.iinfo(np.int32).max:
        return pa.array([each or None for each in column.to_list()], pa.string())
    return pa.StringArray.from_buffers(len(ends) - 1, buffers[1], buffers[2], buffers[0])


def _array(column: Column) -> Any:
    import pyarrow as pa

    if not isinstance(column, Coded):
        return pa.array(column, from_pandas=True)  # NaN is null
    codes = pa.array(column.codes.astype(np.int32), mask=column.codes < 0)
    found = pa.DictionaryArray.from_arrays(codes, pa.array(column.texts, pa.string()), ordered=column.ordered)
    return found if column.fixed else found.dictionary_decode()


def as_texts(column: Any) -> tuple[list[str | None], bool]:
    """A column of a Parquet file as texts for a CSV file, and whether texts is what it holds."""
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    texts = [None if each is None else str(each) for each in column.to_pylist()]
    return texts, is_text or not numeric


def write_tables(sink: Path | Any, schema: pyarrow.Schema, tables: Iterable[pyarrow.Table]) -> None:
    """Tables one after the other as one Parquet file, at a path or into a stream."""
    import pyarrow as pa
    from pyarrow import parquet

    texts = [each.name for each in schema if not pa.types.is_floating(each.type)]
    waiting: list[pyarrow.Table] = []
    with parquet.ParquetWriter(sink, schema, compression="zstd", use_dictionary=texts) as writer:
        for table in tables:
            waiting.append(table)
            if sum(map(len, waiting)) >= ROW_GROUP:
                writer.write_table(pa.concat_tables(waiting), row_group_size=ROW_GROUP)
                waiting.clear()
        if waiting:
            writer.write_table(pa.concat_tables(waiting), row_group_size=ROW_GROUP)


def parquet_bytes(table: pyarrow.Table) -> pyarrow.Buffer:
    """One table as a whole Parquet file."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    write_tables(sink, table.schema, [table])
    return sink.getvalue()


def arrow_bytes(table: pyarrow.Table) -> pyarrow.Buffer:
    """One table as an Arrow file: what a part waits in, quick to write and to read."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def read_arrow(path: Path) -> pyarrow.Table:
    """The table of an Arrow file, mapped into memory."""
    import pyarrow as pa

    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()
