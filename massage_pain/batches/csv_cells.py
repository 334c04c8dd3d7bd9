"""Where the cells of a CSV text are.

Two ways, one meaning (RFC 4180, and where that is silent what Python's `csv` does). The fast way finds all
separators of a megabyte at once and needs every row to have the right number of cells and every quote to
enclose a whole cell. What it cannot be sure of it leaves to the other way, which reads row by row
with `csv` and makes an error of a row that is malformed, never of its neighbours.

A line that is empty is no row. A quoted cell may hold commas and line ends. A row whose quotes are not
closed, or that has too many or too few cells, is one wrong row: its first line. The next line begins the next
row, so that one stray quote cannot swallow the rows behind it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massage_pain.batches.vocabulary import Places
from massage_pain.errors import CaseFileError

PADDING = 8
"""How many bytes a buffer goes on for after its text, so that eight may be read at any place."""

SLICE = 2**19
"""Bytes whose cells are found together: enough that array operations pay, few enough to stay in the cache."""

_COMMA, _LINE, _RETURN, _QUOTE = 44, 10, 13, 34


class Cells(NamedTuple):
    """Where cells lie in the text: both (n_rows, n_columns), in bytes."""

    starts: Places
    lengths: Places


def slices(buffer: bytearray, stop: int) -> Iterator[tuple[int, int]]:
    """The text up to `stop` cut behind line ends, not within quotes where they are balanced."""
    start = 0
    while start < stop:
        end = _line_end(buffer, start, min(start + SLICE, stop), stop)
        while end < stop and buffer.count(b'"', start, end) % 2:
            end = _line_end(buffer, end, end + 1, stop)
        yield start, end
        start = end


def _line_end(buffer: bytearray, start: int, wanted: int, stop: int) -> int:
    """Behind the last line end before `wanted`, or the first after it."""
    if wanted == stop:
        return stop
    found = buffer.rfind(b"\n", start, wanted)
    if found < 0:
        found = buffer.find(b"\n", wanted, stop)
    return found + 1 if found >= 0 else stop


def find_cells(buffer: bytearray, start: int, stop: int, columns: int) -> Cells | None:
    """The cells of the text from `start` to `stop` (places from `start`); None: read it row by row.

    The text must end with a line end.
    """
    returns = buffer.count(b"\r", start, stop)
    if returns and returns != buffer.count(b"\r\n", start, stop):
        return None
    text: NDArray[np.uint8] = np.frombuffer(buffer, np.uint8, stop - start, start)
    quotes = buffer.count(b'"', start, stop)
    ends_row = text == _LINE
    ends_cell = text == _COMMA
    ends_cell |= ends_row
    found = _cells(text, ends_cell, buffer.count(b"\n", start, stop), columns, quotes, returns > 0)
    if found is None and quotes:
        outside = np.cumsum(text == _QUOTE, dtype=np.uint8) % 2 == 0
        ends_row &= outside
        ends_cell &= outside
        found = _cells(text, ends_cell, int(np.count_nonzero(ends_row)), columns, quotes, returns > 0)
    return found


def _cells(
    text: NDArray[np.uint8],
    ends_cell: NDArray[np.bool_],
    rows: int,
    columns: int,
    quotes: int,
    returns: bool,
) -> Cells | None:
    """The cells between these ends, if they make `rows` rows and no quote stands within one."""
    ends = np.flatnonzero(ends_cell)
    if len(ends) != rows * columns or not rows:
        return None
    last = ends[columns - 1 :: columns]
    if not (text[last] == _LINE).all():
        return None
    starts = np.empty_like(ends)
    starts[0] = 0
    np.add(ends[:-1], 1, out=starts[1:])
    lengths = ends - starts
    if int(lengths.max()) > csv.field_size_limit():
        return None
    if returns:
        lengths.reshape(rows, columns)[:, -1] -= text[last - 1] == _RETURN
    found = Cells(starts.reshape(rows, columns), lengths.reshape(rows, columns))
    if columns == 1:  # with one column an empty line looks like an empty cell
        kept = np.flatnonzero(lengths)
        found = Cells(found.starts[kept], found.lengths[kept])
    if quotes:
        quoted = text[found.starts] == _QUOTE
        closes = text[found.starts + found.lengths - 1] == _QUOTE
        if (quoted & ~(closes & (found.lengths > 1))).any() or 2 * np.count_nonzero(quoted) != quotes:
            return None
        found = Cells(found.starts + quoted, found.lengths - 2 * quoted)
    return found


class Row(NamedTuple):
    """One row as texts; `error` says why it is wrong, and then `cells` are what could be read of it."""

    cells: list[str]
    error: CaseFileError | None = None


def read_rows(text: str, columns: int) -> Iterator[Row]:
    """The rows of a text one after the other."""
    lines = list(StringIO(text, newline=""))
    at = 0
    while at < len(lines):
        reader = csv.reader(map(lines.__getitem__, range(at, len(lines))), strict=True)
        begun = at
        try:
            for cells in reader:
                here = at + reader.line_num
                if cells and len(cells) != columns and here - begun > 1:
                    raise csv.Error  # perhaps a stray quote has joined lines
                begun = here
                if len(cells) == columns:
                    yield Row(cells)
                elif cells:
                    yield Row(cells, CaseFileError(f"The row has {len(cells)} cells, the header {columns}."))
            return
        except csv.Error as error:
            yield Row(_readable(lines[begun]), CaseFileError(_malformed(str(error))))
            at = begun + 1


def _readable(line: str) -> list[str]:
    """The cells before the first quote of a line that is malformed."""
    return line.partition('"')[0].split(",")[:-1]


def _malformed(why: str) -> str:
    if "field limit" in why or "field larger" in why:
        return f"The row has a cell of more than {csv.field_size_limit():,} characters."
    return "The quotes of the row are not closed, or text follows a closing quote."
