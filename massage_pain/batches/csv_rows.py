r"""Where the rows of a CSV text end, and what their cells are.

The grammar is RFC 4180's, read as Python's `csv` reads it when it is strict: a quote opens a quoted cell only
at the start of a cell, within it two quotes stand for one, and behind the quote that closes it the cell
ends. A quote anywhere else in a plain cell is a letter. Lines end with `\n`, `\r\n` or `\r`; an empty line is
no row.

From the start of a row on there are two cases. Where the text goes on as a row of the right number of cells,
that is the row; it may have several lines if it has no more than `LONGEST_ROW` bytes. Where it does not, the
row is malformed, and it is *its first line alone*: the next line begins the next row. So a quote that strays,
or is never closed, costs the line it stands in and no other.

Nothing else decides where a row ends, so it depends on the text alone. Whether a row of several lines is one
can be told from its own text; that it is none, from at most `LONGEST_ROW` bytes. A text may therefore be
cut behind any row, found from the start of the text or of any other row, and its pieces say what the whole
says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massage_pain.errors import CaseFileError

LONGEST_ROW = 2**20
"""Bytes a row of several lines may have; a row of one line may be as long as a line."""

LONGEST_CELL = 2**17
"""Bytes a cell may have, quotes included: as many as `csv` allows characters."""

CHUNK = 2**16
"""Bytes whose quotes are looked at together: enough that array operations pay, few for one odd quote."""

COMMA, LINE, RETURN, QUOTE = 44, 10, 13, 34

_CELL = rb'(?:"[^"]*+(?:""[^"]*+)*+"|(?!")[^,\r\n]*+)'
_END = rb"(?:\r\n|\n|\r)"
_LINE = re.compile(rb"[^\r\n]*+" + _END)
_CELLS = re.compile(rb"(" + _CELL + rb")(,|" + _END + rb")")
_ANY_ROW = re.compile(rb"(?:" + _CELL + rb",)*" + _CELL + _END)
_GOES_ON = re.compile(rb"(?:" + _CELL + rb',)*(?:"[^"]*+(?:""[^"]*+)*+"?|(?!")[^,\r\n]*+)\Z')

_Text = NDArray[np.uint8]


class Row(NamedTuple):
    """One row; `error` says why it is malformed, and then `cells` are what could be read of it."""

    cells: list[bytes]
    error: CaseFileError | None = None


class RowGrammar:
    """What a row of so many cells is."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._row = re.compile(rb"%s(?:,%s){%d}%s" % (_CELL, _CELL, columns - 1, _END))

    def rows(self, text: bytes | bytearray) -> Iterator[Row]:
        """The rows of a text that begins with a row and ends with a line end."""
        at = 0
        while at < len(text):
            line = _line_end(text, at, len(text))
            end = self._end_of_row(text, at, line, len(text))
            if end is not None:
                yield _whole(text, at, end)
            elif text[at] not in (LINE, RETURN):
                yield _malformed(text, at, line, self.columns)
            at = line if end is None else end

    def last_end(self, buffer: bytearray, start: int, stop: int) -> int:
        """Behind the last row that is sure to end before `stop`; `start` where none is.

        A row begins at `start`. What stands from `stop` on makes no difference.
        """
        at = start
        while at < stop:
            first = buffer.find(b'"', at, stop)
            if first < 0:  # where there is no quote every line end is the end of a row
                return max(at, buffer.rfind(b"\n", at, stop) + 1)
            at = max(at, buffer.rfind(b"\n", at, first) + 1)
            chunk = min(at + CHUNK, stop)
            behind = self._regular_end(buffer, at, chunk)
            if behind - at <= CHUNK // 2:  # an odd quote, or a row that goes on behind the chunk
                while behind < chunk:
                    end = self._sure_end(buffer, behind, stop)
                    if end is None:
                        return behind
                    behind = end
            at = behind
        return at

    def _end_of_row(self, text: bytes | bytearray, at: int, line: int, stop: int) -> int | None:
        """Where a row of the right number of cells ends; None: there is none. `line`: where its line ends."""
        if text[at] in (LINE, RETURN):
            return None
        found = self._row.match(text, at, min(stop, max(line, at + LONGEST_ROW)))
        if found is None:
            return None
        end = found.end()
        too_long = end < stop and text[end - 1] == RETURN and text[end] == LINE  # by the \n cut off
        return None if too_long else end

    def _sure_end(self, buffer: bytearray, at: int, stop: int) -> int | None:
        """Where a row ends, None where that cannot be told from the text up to `stop`."""
        line = _line_end(buffer, at, stop)
        if line < 0:
            return None
        end = self._end_of_row(buffer, at, line, stop)
        if end is None:
            if stop - at < LONGEST_ROW and _GOES_ON.match(buffer, at, stop):
                return None
            end = line
        return None if end == stop and buffer[end - 1] == RETURN else end  # perhaps a \n follows

    def _regular_end(self, buffer: bytearray, start: int, stop: int) -> int:
        """The same as `last_end` as far as every quote clearly opens or closes a cell."""
        if buffer.count(b"\r", start, stop) != buffer.count(b"\r\n", start, stop):
            return start
        text: _Text = np.frombuffer(buffer, np.uint8, stop - start, start)
        quotes = np.flatnonzero(text == QUOTE)
        sure = _first_odd_quote(text, quotes)
        lines = np.flatnonzero(text[:sure] == LINE)
        inside = np.searchsorted(quotes, lines) % 2 == 1
        ends = lines[~inside]
        if not len(ends):
            return start
        if inside.any():
            commas = np.flatnonzero(text[:sure] == COMMA)
            commas = commas[np.searchsorted(quotes, commas) % 2 == 0]
            cells = np.diff(np.searchsorted(commas, ends), prepend=0) + 1
            several = np.diff(np.searchsorted(lines, ends), prepend=-1) > 1
            long = np.diff(ends, prepend=-1) > LONGEST_ROW
            malformed = np.flatnonzero(several & (long | (cells != self.columns)))
            if len(malformed):
                ends = ends[: malformed[0]]
        return start + int(ends[-1]) + 1 if len(ends) else start


def _first_odd_quote(text: _Text, quotes: NDArray[np.intp]) -> int:
    """Where the first quote stands that does not clearly open or close a cell; the length where none does.

    Every second quote opens: at the start of a cell, or right behind one that closes (the two stand for one).
    """
    if not len(quotes):
        return len(text)
    opens, closes = quotes[0::2], quotes[1::2]
    doubled = opens[1:] == closes[: len(opens) - 1] + 1
    before = text[opens - 1]
    begins = (before == COMMA) | (before == LINE) | (before == RETURN) | (opens == 0)
    begins[1:] |= doubled
    after = text[np.minimum(closes + 1, len(text) - 1)]
    finishes = (after == COMMA) | (after == LINE) | (after == RETURN)
    finishes &= closes + 1 < len(text)
    finishes[: len(doubled)] |= doubled
    odd = [*opens[~begins][:1].tolist(), *closes[~finishes][:1].tolist()]
    if len(opens) > len(closes):  # closed further on, or never
        odd.append(int(opens[-1]))
    return min(odd, default=len(text))


def _line_end(text: bytes | bytearray, at: int, stop: int) -> int:
    """Behind the end of the line, -1 where it has none."""
    found = _LINE.match(text, at, stop)
    return found.end() if found else -1


def _whole(text: bytes | bytearray, at: int, end: int) -> Row:
    cells = [each for each, _ in _CELLS.findall(text, at, end)]
    longest = max(map(len, cells))
    if longest > LONGEST_CELL:
        return Row([each if len(each) <= LONGEST_CELL else b"" for each in cells], _too_long())
    return Row([_plain(each) for each in cells])


def _malformed(text: bytes | bytearray, at: int, line: int, columns: int) -> Row:
    if _ANY_ROW.fullmatch(text, at, line):
        row = _whole(text, at, line)
        found = f"The row has {len(row.cells)} cells, the header {columns}."
        return row if row.error else Row(row.cells, CaseFileError(found))
    before = bytes(text[at:line]).partition(b'"')[0].split(b",")[:-1]
    return Row(
        before, CaseFileError("The quotes of the row are not closed, or text follows a closing quote.")
    )


def _too_long() -> CaseFileError:
    return CaseFileError(f"The row has a cell of more than {LONGEST_CELL:,} bytes.")


def _plain(cell: bytes) -> bytes:
    """What a cell says: without its quotes."""
    return cell[1:-1].replace(b'""', b'"') if cell.startswith(b'"') else bytes(cell)
