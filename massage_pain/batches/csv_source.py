"""A CSV file as a source of cases: its header, and the pieces it is read in.

A piece is a run of whole rows (`csv_rows`), about as many bytes as `rows_per_block` rows have; where it is
cut depends on the file and that number only, and what its rows are on the file alone.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from massage_pain.batches.csv_rows import RowGrammar
from massage_pain.batches.places import cannot_read, changed
from massage_pain.errors import CaseFileError, printable, shown

if TYPE_CHECKING:
    from massage_pain.batches.csv_block import CsvText
    from massage_pain.batches.plan import Plan

SAMPLE = 2**20
"""Bytes looked at before anything is written: the header, the encoding, how long a row is."""

LONGEST = 2**25
"""A line may have so many bytes (as many as a network file), and so may a piece."""

_MARK = b"\xef\xbb\xbf"
_OTHER_ENCODINGS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class CsvPiece:
    """`length` bytes of a file from `start`: whole rows, answered as one block."""

    path: str
    number: int
    start: int
    length: int

    @property
    def name(self) -> str:
        """Where it stands: names sort in the order of the file."""
        return f"{self.number:08d}"

    @property
    def amount(self) -> int:
        """Bytes."""
        return self.length

    def blocks(self, known: Mapping[str, str]) -> Iterator[CsvPiece]:
        """Itself: a piece is one block, read by whoever answers it."""
        yield self

    def opened(self) -> CsvText:
        """Its bytes."""
        from massage_pain.batches.csv_block import CsvText

        return CsvText(self)


@dataclass(frozen=True)
class CsvSource:
    """A CSV file looked at: its columns and where its rows begin."""

    path: Path
    columns: tuple[str, ...]
    start: int
    size: int
    row_bytes: float

    def check(self, plan: Plan) -> None:
        """All its columns are texts: any may be carried along."""

    @property
    def total(self) -> int:
        """How much there is to do, in bytes."""
        return self.size - self.start

    def pieces(self, rows_per_block: int) -> Iterator[CsvPiece]:
        """The pieces, in the order of the file."""
        length = max(1, min(int(rows_per_block * self.row_bytes), self.size - self.start, LONGEST))
        grammar = RowGrammar(len(self.columns))
        window = bytearray(length)
        at, number = self.start, 0
        try:
            with open(self.path, "rb", buffering=0) as opened:
                if at >= self.size:  # no rows: one piece without any, so that there is a table of answers
                    yield CsvPiece(str(self.path), 0, at, 0)
                while at < self.size:
                    count = fill(opened, window, at)
                    if count < min(len(window), self.size - at):
                        raise changed(self.path)
                    cut = count if at + count >= self.size else grammar.last_end(window, 0, count)
                    if cut == 0:  # a row longer than the window, or a quote not closed so far
                        if len(window) >= LONGEST:
                            raise CaseFileError(
                                f"the line from byte {at:,} on has more than {LONGEST:,} bytes.",
                                file=printable(str(self.path)),
                            )
                        window = bytearray(min(2 * len(window), LONGEST))
                        continue
                    yield CsvPiece(str(self.path), number, at, cut)
                    at, number = at + cut, number + 1
                    if len(window) > length:
                        window = bytearray(length)
                if os.fstat(opened.fileno()).st_size != self.size:
                    raise changed(self.path)
        except OSError as error:
            raise cannot_read(self.path, error) from None


def look_at_csv(path: Path) -> CsvSource:
    """The header of a CSV file. Raises `CaseFileError` for what cannot be a table in UTF-8 with commas."""
    file = printable(str(path))
    try:
        with open(path, "rb") as opened:
            size = os.fstat(opened.fileno()).st_size
            sample = opened.read(SAMPLE)
    except OSError as error:
        raise cannot_read(path, error) from None
    text = _text(sample, size, file)
    line, end, rest = text.partition("\n")
    if not end and size > len(sample):
        raise CaseFileError(
            f"the first line has more than {len(sample):,} bytes; it must name the columns.",
            file=file,
            line=1,
        )
    if not line.strip():
        raise CaseFileError(
            "the file is empty; its first line must name the columns."
            if not text.strip()
            else "the first line is empty; it must name the columns.",
            file=file,
            line=1,
        )
    if "\r" in line[:-1]:
        raise CaseFileError(
            r"lines end with '\r' alone; save the file with '\n' or '\r\n'.", file=file, line=1
        )
    try:
        columns = next(csv.reader([line.removesuffix("\r")], strict=True))
    except csv.Error:
        raise CaseFileError(
            f"the quotes of the header are not closed: {shown(line)}.", file=file, line=1
        ) from None
    for mark, name in _SEPARATORS.items():
        if len(columns) == 1 and mark in line:
            raise CaseFileError(
                f"the columns are separated by {name} ({shown(line)}); save the file with commas.",
                file=file,
                line=1,
            )
    start = len(_MARK) * sample.startswith(_MARK) + len((line + end).encode())
    lines = rest.count("\n")
    row_bytes = len(rest.encode()) / lines if lines else max(len(rest.encode()), 1)
    return CsvSource(path.resolve(), tuple(columns), start, size, row_bytes)


def _text(sample: bytes, size: int, file: str) -> str:
    for mark, encoding in _OTHER_ENCODINGS.items():
        if sample.startswith(mark):
            raise CaseFileError(f"the file begins like {encoding}; save it as UTF-8.", file=file)
    nul = sample.find(b"\0")
    if nul >= 0:
        raise CaseFileError(
            f"there is a NUL byte at offset {nul}; this is no CSV file in UTF-8.",
            file=file,
            line=sample.count(b"\n", 0, nul) + 1,
        )
    try:
        return sample.removeprefix(_MARK).decode("utf-8")
    except UnicodeDecodeError as error:
        if (
            error.end == len(sample.removeprefix(_MARK))
            and size > len(sample)
            and "end of data" in error.reason
        ):
            return sample.removeprefix(_MARK)[: error.start].decode("utf-8")  # a letter cut in two
        offset = error.start + len(_MARK) * sample.startswith(_MARK)
        raise CaseFileError(
            f"byte 0x{sample[offset]:02x} at offset {offset} is not UTF-8; save the file as UTF-8.",
            file=file,
            line=sample.count(b"\n", 0, offset) + 1,
        ) from None


def fill(opened: FileIO, window: bytearray | memoryview, at: int) -> int:
    """Read into the window from a place of the file on; how many bytes there were."""
    opened.seek(at)
    count = 0
    with memoryview(window) as view:
        while count < len(window):
            more = opened.readinto(view[count:])
            if not more:
                break
            count += more
    return count
