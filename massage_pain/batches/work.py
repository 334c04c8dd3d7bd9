"""What a worker does: a block of rows in, the bytes of its part out. The same on a thread and on a cluster.

`Work` is all a worker needs, and small when sent: the reasoner travels as its network and rules and is
compiled where it arrives, once a process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from massage_pain.advice.assessor import Assessor
from massage_pain.batches.answering import AnswerBlock, answered
from massage_pain.batches.case_block import CaseBlock
from massage_pain.batches.parts import Part
from massage_pain.batches.places import Kind
from massage_pain.batches.plan import Plan
from massage_pain.reasoner import Reasoner

if TYPE_CHECKING:
    from massage_pain.batches.csv_block import CsvReader, CsvText
    from massage_pain.batches.csv_source import CsvPiece
    from massage_pain.batches.parquet_source import ArrowReader, ArrowRows, ParquetPiece

Piece: TypeAlias = "CsvPiece | ParquetPiece"
Opened: TypeAlias = "CsvText | ArrowRows"


class Block(Protocol):
    """Some rows that are answered together, not necessarily read yet."""

    @property
    def name(self) -> str:
        """Where it stands: names sort in the order of the source."""

    @property
    def amount(self) -> int:
        """How much of the whole it is (see `Source.total`)."""

    def opened(self) -> Opened:
        """The same, read."""


class Source(Protocol):
    """Cases to be answered."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""

    def check(self, plan: Plan) -> None:
        """Raise `CaseFileError` where the plan cannot be carried out."""

    @property
    def total(self) -> int:
        """How much there is to do, in bytes or rows."""

    def pieces(self, rows_per_block: int) -> Iterator[Piece]:
        """What one worker reads by itself, in order."""


@dataclass(frozen=True)
class Work:
    """How rows are answered and what kind of part they become."""

    reasoner: Reasoner
    plan: Plan
    kind: Kind

    def part(self, block: Block, known: Mapping[str, str]) -> Part:
        """The part for a block; without its data where `known` has it with the same key."""
        opened = block.opened()
        if known.get(block.name) == opened.key:
            return Part(block.name, opened.key, block.amount, None, None)
        found = answered(self._assessor, self.plan, self._read(opened))
        return Part(block.name, opened.key, block.amount, self._data(found), found.tally)

    def _read(self, opened: Opened) -> CaseBlock:
        from massage_pain.batches.csv_block import CsvText

        return self._csv.read(opened) if isinstance(opened, CsvText) else self._arrow.read(opened)

    def _data(self, found: AnswerBlock) -> Any:
        if self.kind == "csv":
            from massage_pain.batches.csv_target import csv_rows

            return csv_rows(found, self.plan)
        from massage_pain.batches.parquet_target import arrow_bytes, arrow_table, parquet_bytes

        table = arrow_table(found, self.plan)
        return arrow_bytes(table) if self.kind == "parquet" else parquet_bytes(table)

    @cached_property
    def _assessor(self) -> Assessor:
        return Assessor(self.reasoner.engine, self.reasoner.rules)

    @cached_property
    def _csv(self) -> CsvReader:
        from massage_pain.batches.csv_block import CsvReader

        return CsvReader(self.reasoner.network, self.plan)

    @cached_property
    def _arrow(self) -> ArrowReader:
        from massage_pain.batches.parquet_source import ArrowReader

        return ArrowReader(self.reasoner.network, self.plan)

    def __reduce__(self) -> tuple[Any, ...]:
        return Work, (self.reasoner, self.plan, self.kind)


def piece_done(work: Work, piece: Piece, known: Mapping[str, str]) -> list[Part]:
    """All parts of one piece: what a worker of a cluster is asked for."""
    return [work.part(block, known) for block in piece.blocks(known)]
