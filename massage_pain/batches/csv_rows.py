"""Where the rows of a CSV text end.

A row is a line. A line with an odd number of quotes has opened a cell that goes on: it and the lines up to
the next such line are one row, if together they read as one row of the right length (RFC 4180). If they do
not, a quote has strayed, and the line stands alone: a stray quote cannot swallow the rows behind it. A row
is at most `LONGEST_ROW` bytes long. So where rows end depends on the text alone, never on where it is cut.

Quotes are counted for all lines at once. Where each of them opens or closes a whole cell, no line has to be
read to know the rows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massage_pain.errors import CaseFileError

LONGEST_ROW = 2**22
"""A row of more bytes is cut into its lines."""

COMMA, LINE, RETURN, QUOTE = 44, 10, 13, 34

_Text = NDArray[np.uint8]


class Row(NamedTuple):
    """One row as texts; `error` says why it is wrong, and then `cells` are what could be read of it."""

    cells: list[str]
    error: CaseFileError | None = None


def last_row_end(buffer: bytearray, start: int, stop: int, columns: int) -> int:
    """Behind the last row that ends before `stop`; `start` where none does. A row begins at `start`."""
    end = buffer.rfind(b"\n", start, stop) + 1
    if end <= start:
        return start
    if buffer.find(b'"', start, end) < 0:
        return end
    text: _Text = np.frombuffer(buffer, np.uint8, end - start, start)
    ends = np.flatnonzero(text == LINE) + 1
    starts = np.concatenate([np.zeros(1, dtype=np.intp), ends[:-1]])
    quotes = np.add.reduceat((text == QUOTE).view(np.uint8), starts, dtype=np.uint8)
    odd = np.flatnonzero(quotes % 2)
    if not len(odd):
        return end
    if _is_regular(text):
        return end if len(odd) % 2 == 0 else start + int(starts[odd[-1]])
    begins, behind = (start + starts[odd]).tolist(), (start + ends[odd]).tolist()
    at = 0
    while at < len(odd):
        if at + 1 < len(odd):
            together = buffer[begins[at] : behind[at + 1]].decode("utf-8", "surrogateescape")
            at += 1 if _joined(together, columns) is None else 2
        elif stop - begins[at] > LONGEST_ROW:
            at += 1
        else:
            return int(begins[at])  # it may go on behind the text
    return end


def read_rows(text: str, columns: int) -> Iterator[Row]:
    """The rows of a text one after the other. An empty line is no row."""
    lines = [f"{each}\n" for each in text.split("\n")]
    if lines[-1] == "\n":
        lines.pop()
    odd = [at for at, line in enumerate(lines) if line.count('"') % 2]
    nexts = dict(pairwise(odd))
    at = 0
    while at < len(lines):
        partner = nexts.get(at)
        cells = None if partner is None else _joined("".join(lines[at : partner + 1]), columns)
        if cells is not None and partner is not None:
            yield Row(cells)
            at = partner + 1
            continue
        yield from _line(lines[at], columns)
        at += 1


def _joined(text: str, columns: int) -> list[str] | None:
    """The cells of lines that are one row of the right length; None: they are not."""
    if len(text) > LONGEST_ROW or len(text.encode("utf-8", "surrogateescape")) > LONGEST_ROW:
        return None
    try:
        rows = list(csv.reader(_with_ends(text), strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 and len(rows[0]) == columns else None


def _line(line: str, columns: int) -> Iterator[Row]:
    """The row of a line that stands alone."""
    try:
        rows = list(csv.reader([line], strict=True))
    except csv.Error as error:
        yield Row(_readable(line), CaseFileError(_malformed(str(error))))
        return
    for cells in rows:
        if len(cells) == columns:
            yield Row(cells)
        elif cells:
            yield Row(cells, CaseFileError(f"The row has {len(cells)} cells, the header {columns}."))


def _with_ends(text: str) -> Sequence[str]:
    return [f"{each}\n" for each in text.removesuffix("\n").split("\n")]


def _readable(line: str) -> list[str]:
    """The cells before the first quote of a line that is malformed."""
    return line.partition('"')[0].split(",")[:-1]


def _malformed(why: str) -> str:
    if "field larger" in why:
        return f"The row has a cell of more than {csv.field_size_limit():,} characters."
    if "new-line character" in why:
        return r"The row has a line end ('\r') within a cell that is not quoted."
    return "The quotes of the row are not closed, or text follows a closing quote."


def _is_regular(text: _Text) -> bool:
    """Whether every quote opens or closes a whole cell, or is one of two that stand for one within."""
    quotes = np.flatnonzero(text == QUOTE)
    opens, closes = quotes[0::2], quotes[1::2]
    doubled = opens[1:] == closes[: len(opens) - 1] + 1
    before = text[opens - 1]
    begins = (before == COMMA) | (before == LINE) | (opens == 0)
    begins[1:] |= doubled
    after = text[np.minimum(closes + 1, len(text) - 1)]
    finishes = (after == COMMA) | (after == LINE) | (after == RETURN) | (closes + 1 == len(text))
    finishes[: len(doubled)] |= doubled
    return bool(begins.all() and finishes.all())
