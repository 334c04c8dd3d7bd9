"""A piece of a CSV file as findings: the cells are found, recognised, and looked up column by column."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from massage_pain.batches.case_block import CaseBlock, Texts
from massage_pain.batches.codebook import Codebook, evidence_of_columns
from massage_pain.batches.csv_cells import PADDING, Cells, slices
from massage_pain.batches.csv_rows import Row, RowGrammar
from massage_pain.batches.csv_source import CsvPiece, fill
from massage_pain.batches.places import cannot_read, changed
from massage_pain.batches.vocabulary import Ids, Lookup, Vocabulary, words_in
from massage_pain.errors import MassagePainError

if TYPE_CHECKING:
    from massage_pain.batches.plan import Plan
    from massage_pain.knowledge.network import Network

_buffers = threading.local()


class CsvText:
    """The bytes of a piece, read once. `key` says which bytes they are."""

    def __init__(self, piece: CsvPiece) -> None:
        self.buffer = _buffer(piece.length + 1 + PADDING)
        path = Path(piece.path)
        try:
            with open(path, "rb", buffering=0) as opened, memoryview(self.buffer) as view:
                count = fill(opened, view[: piece.length], piece.start)
        except OSError as error:
            raise cannot_read(path, error) from None
        if count < piece.length:
            raise changed(path)
        self.key = hashlib.sha256(memoryview(self.buffer)[: piece.length]).hexdigest()
        self.stop = piece.length
        if self.stop and self.buffer[self.stop - 1] != ord("\n"):  # the last line of the file
            self.buffer[self.stop] = ord("\n")
            self.stop += 1


class CsvReader:
    """Turns CSV text into findings; keeps what it has learnt of the texts in it."""

    def __init__(self, network: Network, plan: Plan) -> None:
        self._network, self._plan = network, plan
        self._grammar = RowGrammar(len(plan.columns))
        self._books = [Codebook(network.variable(name), plan.missing) for _, name in plan.used]
        texts = chain.from_iterable(each.texts() for each in self._books)
        self._vocabulary = Vocabulary(each.encode() for each in texts)

    def read(self, text: CsvText) -> CaseBlock:
        """The cases of a piece."""
        block = _Growing(self._vocabulary.lookup, self._plan, self._grammar)
        for start, stop, cells in slices(text.buffer, text.stop, self._grammar):
            block.take(text.buffer, start, stop, cells)
        self._vocabulary.learn(block.new_texts())
        ids, values = block.ids(), block.values()
        columns = [book.encode(ids[at], values) for at, book in enumerate(self._books)]
        evidence = evidence_of_columns(self._network, columns, ids.shape[1], block.wrong)
        return CaseBlock(evidence, tuple(block.carried))


class _Growing:
    """The rows of a block, slice after slice."""

    def __init__(self, lookup: Lookup, plan: Plan, grammar: RowGrammar) -> None:
        self._lookup, self._grammar = lookup, grammar
        self._columns = len(plan.columns)
        self._used = [position for position, _ in plan.used]
        self._carried = [position for position, _ in plan.carried]
        self._texts: dict[bytes, int] = {}
        self._ids: list[Ids] = []
        self._rows = 0
        self.carried = [Texts() for _ in plan.carried]
        self.wrong: dict[int, MassagePainError] = {}

    def take(self, buffer: bytearray, start: int, stop: int, cells: Cells | None) -> None:
        """Add the rows of a slice, whose cells may have been found."""
        text = buffer[start:stop]
        if cells is None or not (text.isascii() or _is_utf8(text)):
            self._take_rows(list(self._grammar.rows(text)))
        else:
            self._take_cells(buffer, text, start, cells)

    def ids(self) -> Ids:
        """Which text each cell holds, (n used columns, n_rows)."""
        if not self._ids:
            return np.empty((len(self._used), 0), dtype=np.int32)
        return np.concatenate(self._ids, axis=1)

    def values(self) -> Sequence[str]:
        """The texts those are."""
        return [*map(_text, self._lookup.texts), *map(_text, self._texts)]

    def new_texts(self) -> list[bytes]:
        """Texts that were not known before."""
        return list(self._texts)

    def _id(self, text: bytes) -> int:
        known = self._lookup.id_of.get(text)
        if known is None:
            known = self._texts.setdefault(text, len(self._lookup.texts) + len(self._texts))
        return known

    def _take_cells(self, buffer: bytearray, text: bytearray, start: int, cells: Cells) -> None:
        rows = len(cells.starts)
        starts, lengths = cells.starts, cells.lengths
        few = 2 * len(self._used) < self._columns
        if few:  # otherwise looking up a cell too many costs less than copying the others
            starts, lengths = starts[:, self._used], lengths[:, self._used]
        words = words_in(buffer, start, len(text))
        found = self._lookup.find(words, starts.ravel(), lengths.ravel()).reshape(starts.shape)
        ids = np.ascontiguousarray(found.T) if few else found.T[self._used]
        unknown = np.nonzero(ids < 0)
        if len(unknown[0]):
            columns = unknown[0] if few else np.array(self._used)[unknown[0]]
            begin, size = starts[unknown[1], columns].tolist(), lengths[unknown[1], columns].tolist()
            ids[unknown] = [self._id(bytes(text[at : at + n])) for at, n in zip(begin, size, strict=True)]
        self._ids.append(ids)
        self._rows += rows
        letters = np.frombuffer(text, np.uint8)
        for position, column in zip(self._carried, self.carried, strict=True):
            column.take(letters, cells.starts[:, position], cells.lengths[:, position])

    def _take_rows(self, rows: Sequence[Row]) -> None:
        ids: Ids = np.empty((len(self._used), len(rows)), dtype=np.int32)
        for at, row in enumerate(rows):
            if row.error is not None:
                self.wrong[self._rows + at] = row.error
                ids[:, at] = self._id(b"")
            else:
                ids[:, at] = [self._id(row.cells[position]) for position in self._used]
        self._ids.append(ids)
        self._rows += len(rows)
        for position, column in zip(self._carried, self.carried, strict=True):
            cells = (row.cells[position] if position < len(row.cells) else b"" for row in rows)
            column.extend(each.decode("utf-8", "replace") for each in cells)


def _buffer(size: int) -> bytearray:
    """A buffer of this thread, at least so long: fresh memory costs more than reading into old."""
    known: bytearray | None = getattr(_buffers, "buffer", None)
    if known is None or len(known) < size:
        known = _buffers.buffer = bytearray(size)
    return known


def _is_utf8(text: bytearray) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _text(found: bytes) -> str:
    """A byte that is not UTF-8 stands in it as a surrogate."""
    return found.decode("utf-8", "surrogateescape")
