"""Where the cells of a CSV text are: all of half a megabyte at once.

This needs every row to have the right number of cells and every quote to enclose a whole cell. What it cannot
be sure of it leaves to `csv_rows`, which means the same and reads row by row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massage_pain.batches.csv_rows import (
    COMMA,
    LINE,
    LONGEST_CELL,
    LONGEST_ROW,
    QUOTE,
    RETURN,
    RowGrammar,
)
from massage_pain.batches.vocabulary import Places

PADDING = 8
"""How many bytes a buffer goes on for after its text, so that eight may be read at any place."""

SLICE = 2**19
"""Bytes whose cells are found together: enough that array operations pay, few enough to stay in the cache."""


class Cells(NamedTuple):
    """Where cells lie in the text: both (n_rows, n_columns), in bytes."""

    starts: Places
    lengths: Places


def slices(buffer: bytearray, stop: int, grammar: RowGrammar) -> Iterator[tuple[int, int, Cells | None]]:
    """The text up to `stop` in slices of whole rows, with their cells; None: read them row by row.

    A cut where quotes are balanced is right if all cells are found up to there. Otherwise the grammar says
    where rows end.
    """
    start = 0
    while start < stop:
        size = SLICE
        end = stop if stop - start <= size else _balanced_end(buffer, start, start + size)
        cells = find_cells(buffer, start, end, grammar.columns) if end > start else None
        if cells is None and end < stop:
            end = start
        while end == start:
            end = stop if stop - start <= size else grammar.last_end(buffer, start, start + size)
            size *= 2
        yield start, end, cells
        start = end


def _balanced_end(buffer: bytearray, start: int, stop: int) -> int:
    """Behind the last line end up to which quotes are balanced, or nearly the last; `start` for none."""
    end = buffer.rfind(b"\n", start, stop) + 1
    odd = buffer.count(b'"', start, end) % 2
    while odd and end > start:
        before = buffer.rfind(b"\n", start, end - 1) + 1
        odd ^= buffer.count(b'"', max(before, start), end) % 2
        end = before
    return max(end, start)


def find_cells(buffer: bytearray, start: int, stop: int, columns: int) -> Cells | None:
    """The cells of the text from `start` to `stop` (places from `start`); None: read it row by row.

    The text must end with a line end.
    """
    returns = buffer.count(b"\r", start, stop)
    if returns and returns != buffer.count(b"\r\n", start, stop):
        return None
    text: NDArray[np.uint8] = np.frombuffer(buffer, np.uint8, stop - start, start)
    quotes = buffer.count(b'"', start, stop)
    ends_row = text == LINE
    ends_cell = text == COMMA
    ends_cell |= ends_row
    found = _cells(text, ends_cell, buffer.count(b"\n", start, stop), columns, quotes, returns > 0)
    if found is None and quotes:
        outside = np.cumsum(text == QUOTE, dtype=np.uint8) % 2 == 0
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
    if not (text[last] == LINE).all():
        return None
    starts = np.empty_like(ends)
    starts[0] = 0
    np.add(ends[:-1], 1, out=starts[1:])
    lengths = ends - starts
    if int(lengths.max()) > LONGEST_CELL:
        return None
    if quotes and int(np.diff(last, prepend=-1).max()) > LONGEST_ROW:
        return None
    if returns:
        lengths.reshape(rows, columns)[:, -1] -= text[last - 1] == RETURN
    found = Cells(starts.reshape(rows, columns), lengths.reshape(rows, columns))
    if columns == 1:  # with one column an empty line looks like an empty cell
        kept = np.flatnonzero(lengths)
        found = Cells(found.starts[kept], found.lengths[kept])
    if quotes:
        quoted = text[found.starts] == QUOTE
        closes = text[found.starts + found.lengths - 1] == QUOTE
        if (quoted & ~(closes & (found.lengths > 1))).any() or 2 * np.count_nonzero(quoted) != quotes:
            return None
        found = Cells(found.starts + quoted, found.lengths - 2 * quoted)
    return found
