"""Parquet files as a source of cases: one file, or a folder of many with the same columns.

A piece is a row group: it is read in one go by one worker, and answered `rows_per_block` rows at a time.
Texts stay dictionaries on the way, so no text is made for a cell.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from massage_pain.batches.case_block import CaseBlock
from massage_pain.batches.codebook import Codebook, evidence_of_columns
from massage_pain.batches.places import cannot_read, changed, need_pyarrow
from massage_pain.batches.plan import Plan
from massage_pain.batches.vocabulary import Ids
from massage_pain.errors import CaseFileError, printable, shown
from massage_pain.knowledge.network import Network

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True, slots=True)
class ParquetPiece:
    """One row group of one file. `identity`: which file it is, as far as can be told without reading it."""

    path: str
    identity: str
    number: int
    row_group: int
    rows: int
    columns: tuple[str, ...]
    rows_per_block: int

    def blocks(self, known: Mapping[str, str]) -> Iterator[ArrowRows]:
        """Its rows in blocks. Those named in `known` with their key need no rows: they are answered."""
        starts = range(0, max(self.rows, 1), self.rows_per_block)
        empty = [self._block(start, None) for start in starts]
        if all(known.get(each.name) == each.key for each in empty):
            yield from empty
            return
        tables = _sliced(self._batches(), self.rows_per_block)
        for start in starts:
            yield self._block(start, next(tables))

    def _block(self, start: int, table: pyarrow.Table | None) -> ArrowRows:
        rows = min(self.rows_per_block, self.rows - start)
        name = f"{self.number:08d}-{start // self.rows_per_block:06d}"
        return ArrowRows(name, f"{self.identity}:{self.row_group}:{start}:{rows}", rows, table)

    def _batches(self) -> Iterator[pyarrow.Table]:
        import pyarrow as pa
        from pyarrow import parquet

        path = Path(self.path)
        try:
            if _identity(path) != self.identity:
                raise changed(path)
            with parquet.ParquetFile(path) as plain:
                schema = plain.schema_arrow
            texts = [
                each.name for each in schema if pa.types.is_string(each.type) and each.name in self.columns
            ]
            with parquet.ParquetFile(path, read_dictionary=texts, pre_buffer=False) as opened:
                if not self.rows:
                    yield opened.schema_arrow.empty_table().select(list(self.columns))
                    return
                for batch in opened.iter_batches(
                    self.rows_per_block,
                    row_groups=[self.row_group],
                    columns=list(self.columns),
                    use_threads=False,
                ):
                    yield pa.Table.from_batches([batch]).select(list(self.columns))
        except OSError as error:
            raise cannot_read(path, error) from None
        except pa.ArrowException as error:
            raise _damaged(path, error) from None


@dataclass(frozen=True, slots=True)
class ArrowRows:
    """Some rows of a Parquet file; `table` None where they are known to be answered."""

    name: str
    key: str
    amount: int
    table: pyarrow.Table | None

    def opened(self) -> ArrowRows:
        """Itself: it is read already."""
        return self


@dataclass(frozen=True)
class ParquetSource:
    """Files looked at: their columns, and the type of each in words."""

    files: tuple[tuple[str, str, tuple[int, ...]], ...]  # path, identity, rows of each row group
    columns: tuple[str, ...]
    index: tuple[str, ...]
    types: tuple[Mapping[str, str], ...]

    def check(self, plan: Plan) -> None:
        """Raise `CaseFileError` where a column to carry along is not of one type in all files."""
        for position, _ in plan.carried:
            name = self.columns[position]
            for (path, _, _), types in zip(self.files, self.types, strict=True):
                if types[name] != self.types[0][name]:
                    raise CaseFileError(
                        f"the column {shown(name)} is to be carried along, but is {types[name]} here and "
                        f"{self.types[0][name]} in {printable(Path(self.files[0][0]).name)}.",
                        file=printable(path),
                    )

    @property
    def total(self) -> int:
        """How much there is to do, in rows."""
        return sum(sum(rows) for _, _, rows in self.files)

    def pieces(self, rows_per_block: int) -> Iterator[ParquetPiece]:
        """The pieces, file after file."""
        number = 0
        for path, identity, groups in self.files:
            for group, rows in enumerate(groups):
                if rows:
                    yield ParquetPiece(path, identity, number, group, rows, self.columns, rows_per_block)
                    number += 1
        if not number:
            path, identity, _ = self.files[0]
            yield ParquetPiece(path, identity, 0, 0, 0, self.columns, rows_per_block)


def look_at_parquet(paths: Sequence[Path]) -> ParquetSource:
    """The columns of Parquet files. Raises `CaseFileError` unless all have the same, `MissingExtraError`."""
    need_pyarrow()
    import pyarrow as pa
    from pyarrow import parquet

    files, types = [], []
    first: pyarrow.Schema | None = None
    index: tuple[str, ...] = ()
    for path in paths:
        file = printable(str(path))
        try:
            identity = _identity(path)
            with parquet.ParquetFile(path) as opened:
                schema, about = opened.schema_arrow, opened.metadata
                rows = tuple(about.row_group(at).num_rows for at in range(about.num_row_groups))
        except OSError as error:
            raise cannot_read(path, error) from None
        except pa.ArrowException as error:
            raise _damaged(path, error) from None
        if first is None:
            first, index = schema, _index_of(schema)
        elif sorted(schema.names) != sorted(first.names):
            odd = sorted(set(schema.names) ^ set(first.names))
            raise CaseFileError(
                f"its columns differ from those of {printable(paths[0].name)}: "
                f"{', '.join(map(shown, odd[:5]))}.",
                file=file,
            )
        files.append((str(path.resolve()), identity, rows))
        types.append({each.name: str(_kept(each.type)) for each in schema})
    assert first is not None
    return ParquetSource(tuple(files), tuple(first.names), index, tuple(types))


class ArrowReader:
    """Turns rows of a Parquet file into findings."""

    def __init__(self, network: Network, plan: Plan) -> None:
        self._network, self._plan = network, plan
        self._books = [Codebook(network.variable(name), plan.missing) for _, name in plan.used]

    def read(self, rows: ArrowRows) -> CaseBlock:
        """The cases of a block."""
        table = rows.table
        assert table is not None
        columns = [
            book.encode(*_distinct(table.column(position)))
            for (position, _), book in zip(self._plan.used, self._books, strict=True)
        ]
        carried = (_one_array(table.column(position)) for position, _ in self._plan.carried)
        evidence = evidence_of_columns(self._network, columns, len(table), {})
        return CaseBlock(evidence, tuple(each.cast(_kept(each.type)) for each in carried))


def _distinct(column: pyarrow.ChunkedArray) -> tuple[Ids, list[Any]]:
    """For each row which value it has, an index past the last for none; and the values."""
    import pyarrow as pa
    from pyarrow import compute

    array = _one_array(column)
    if pa.types.is_null(array.type):
        return np.zeros(len(array), dtype=np.int32), []
    if not pa.types.is_dictionary(array.type):
        try:
            array = compute.dictionary_encode(array)
        except pa.ArrowNotImplementedError:  # a struct, a list: soft evidence, or an error row after row
            return np.arange(len(array), dtype=np.int32), array.to_pylist()
    values = array.dictionary.to_pylist()
    which = compute.fill_null(array.indices.cast(pa.int32()), len(values))
    return which.to_numpy(zero_copy_only=False), values


def _kept(kind: pyarrow.DataType) -> pyarrow.DataType:
    """The type a column is carried along in: its own; how a dictionary counts its values is no part of it."""
    import pyarrow as pa

    return pa.dictionary(pa.int32(), kind.value_type, kind.ordered) if pa.types.is_dictionary(kind) else kind


def _one_array(column: pyarrow.ChunkedArray) -> pyarrow.Array:
    import pyarrow as pa

    if column.num_chunks == 1:
        return column.chunk(0)
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return column.combine_chunks() if column.num_chunks else pa.array([], column.type)


def _sliced(tables: Iterator[pyarrow.Table], rows: int) -> Iterator[pyarrow.Table]:
    """The same rows, so many in each table but the last."""
    import pyarrow as pa

    waiting: pyarrow.Table | None = None
    for table in tables:
        waiting = table if waiting is None else pa.concat_tables([waiting, table])
        while len(waiting) >= rows:
            yield waiting.slice(0, rows)
            waiting = waiting.slice(rows)
    if waiting is not None and len(waiting):
        yield waiting
    elif waiting is not None:
        yield waiting  # for a file without rows


def _identity(path: Path) -> str:
    """Which file this is: its size, when it was written, and the footer that describes its contents."""
    with open(path, "rb") as opened:
        status = os.fstat(opened.fileno())
        opened.seek(max(0, status.st_size - 8))
        length = int.from_bytes(opened.read(4), "little")
        opened.seek(max(0, status.st_size - 8 - length))
        footer = hashlib.sha256(opened.read(length)).hexdigest()
    return f"{path.name}:{status.st_size}:{status.st_mtime_ns}:{footer}"


def _index_of(schema: pyarrow.Schema) -> tuple[str, ...]:
    """The columns that hold the index of a DataFrame."""
    try:
        about = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
        found = [each for each in about.get("index_columns", []) if isinstance(each, str)]
    except (ValueError, AttributeError):
        return ()
    return tuple(each for each in found if each in schema.names)


def _damaged(path: Path, error: Exception) -> CaseFileError:
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    return CaseFileError(f"this is no whole Parquet file ({printable(first)}).", file=printable(str(path)))
