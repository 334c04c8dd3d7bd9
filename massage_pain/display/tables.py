"""Answers that are a sentence and some tables: as text, and as HTML.

A service's result gives a plain summary (`to_dict()`). A room of `display.reports`, called by the summary's
kind, puts it into words as a `Report`; here it is set as text of 80 columns or as a card in the colours of
all the others. The title of a report is its answer. Nothing in a report is escaped yet; that is done here.
"""

from __future__ import annotations

import importlib
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol, cast

from massage_pain.display.escape import plain
from massage_pain.display.urgent import Warned, warned

_GAP = 2
_LEAST_COLUMN = 10


class Drawn(NamedTuple):
    """A column of drawings: one mark for each row, on one `axis`, with a `key` of (mark, words).

    Marks are SVG of our own (`row_marks`, `marks`), made of numbers; they say nothing that the row's words
    do not say. `heading` is read out for the column. Text leaves the column out.
    """

    marks: tuple[str, ...]
    axis: str = ""
    key: tuple[tuple[str, str], ...] = ()
    heading: str = "Drawing"


class Table(NamedTuple):
    """One table. `numbers` are the columns set to the right, `strong` the rows that stand out.

    Cells are words. Only the first `shown` rows are printed as text; HTML folds the others. In HTML a column
    of `under` (column, the one it belongs to) is small print in another, `tags` are set in a frame, `drawn`
    stands before the last column that is left, and a `folded` table opens on demand. `look` "time" sets the
    rows on a line of time.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    numbers: tuple[int, ...] = ()
    strong: tuple[int, ...] = ()
    shown: int = 10
    heading: str = ""
    drawn: Drawn | None = None
    under: tuple[tuple[int, int], ...] = ()
    tags: tuple[int, ...] = ()
    folded: bool = False
    look: str = ""


class Report(NamedTuple):
    """What is said: `kicker` (what was asked), `title` (the answer), then sentences, tables and notes.

    `remarks` are (a few strong words, sentences) that stand out after the tables. `look` is that of an
    urgency (u0 to u5), `icon` a name of `icons`, `steps` how far up a ladder: (level, of). `warned` stands
    before everything else.
    """

    kicker: str
    title: str
    lead: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()
    look: str = "u0"
    icon: str = ""
    steps: tuple[int, int] | None = None
    warned: Warned | None = None


class _Room(Protocol):
    def report(self, summary: Mapping[str, Any]) -> Report:
        """The summary in words."""


def report_of(summary: Mapping[str, Any]) -> Report:
    """A result's summary in words, by the room of `display.reports` that is called by its kind.

    Where the case needs a doctor, that stands first, unless the report itself says it.
    """
    room = importlib.import_module(f"massage_pain.display.reports.{summary['kind']}")
    report = cast(_Room, room).report(summary)
    return report if report.look != "u0" else report._replace(warned=warned(summary))


def text_of(summary: Mapping[str, Any], width: int = 80) -> str:
    """A result's summary as text of at most `width` columns."""
    return as_text(report_of(summary), width)


def html_of(summary: Mapping[str, Any]) -> str:
    """A result's summary as a card, with its style sheet."""
    return as_html(report_of(summary))


# -- text ------------------------------------------------------------------------------------------------


def as_text(report: Report, width: int = 80, *, encoding: str | None = None) -> str:
    """The report as text; words are never broken, so a very long name may pass the margin.

    `encoding` is what the reader's terminal can show, by default that of standard output.
    """
    lines = [] if report.warned is None else _warning(report.warned, width)
    heading = [*wrapped(report.kicker, width), *wrapped(report.title, width)]
    lines += [*heading, "=" * min(width, max(map(columns, heading)))]
    for sentence in report.lead:
        lines += ["", *wrapped(sentence, width)]
    for table in report.tables:
        lines += ["", *_text_table(table, width)]
    for strong, words in report.remarks:
        lines += ["", *wrapped(f"{strong} {words}", width)]
    for note in report.notes:
        lines += ["", *wrapped(note, width)]
    return _showable("\n".join(lines), encoding)


def _warning(found: Warned, width: int) -> list[str]:
    """The warning, with a frame that no colour is needed to see."""
    bar = "!" * width
    why = wrapped(found.why, width) if found.why else []
    return [bar, *wrapped(found.line, width), *why, bar, ""]


def _text_table(table: Table, width: int) -> list[str]:
    lines: list[str] = []
    if table.heading:
        lines += [*wrapped(table.heading, width), "-" * min(width, columns(table.heading))]
    if table.caption:
        lines += wrapped(table.caption, width)
    rows = [tuple(map(plain, row)) for row in table.rows[: table.shown]]
    headings = tuple(map(plain, table.headings))
    spans = _spans([headings, *rows], table.numbers, width)
    for row in [headings, *rows]:
        lines += _text_row(row, spans, table.numbers)
    rest = len(table.rows) - len(rows)
    if rest > 0:
        lines += wrapped(f"and {rest:,} more; to_frame() has them all.", width)
    return lines


def _spans(rows: Sequence[Sequence[str]], numbers: Sequence[int], width: int) -> list[int]:
    """The width of each column: as wide as its words, the widest of words made narrower until they fit."""
    spans = [max(map(columns, cells)) for cells in zip(*rows, strict=True)]
    least = [
        max(_LEAST_COLUMN, *(columns(word) for cell in cells for word in cell.split(" ")))
        for cells in zip(*rows, strict=True)
    ]
    while sum(spans) + _GAP * (len(spans) - 1) > width:
        free = [at for at in range(len(spans)) if spans[at] > least[at]]
        words = [at for at in free if at not in numbers] or free
        if not words:
            break
        spans[max(words, key=spans.__getitem__)] -= 1
    return spans


def _text_row(row: Sequence[str], spans: Sequence[int], numbers: Sequence[int]) -> list[str]:
    cells = [wrapped(cell, span) for cell, span in zip(row, spans, strict=True)]
    lines = []
    for line in range(max(map(len, cells))):
        parts = []
        for at, (cell, span) in enumerate(zip(cells, spans, strict=True)):
            words = cell[line] if line < len(cell) else ""
            blanks = " " * max(0, span - columns(words))
            parts.append(blanks + words if at in numbers else words + blanks)
        lines.append((" " * _GAP).join(parts).rstrip())
    return lines


def wrapped(words: str, width: int) -> list[str]:
    """The words on lines of at most `width` columns, made plain; a figure such as "6 in 10" stays whole.

    >>> wrapped("Of people with the same answers, about 6 in 10.", 30)
    ['Of people with the same', 'answers, about 6 in 10.']
    """
    lines: list[str] = []
    for word in plain(words).replace(" in 10", "\u00a0in\u00a010").split(" "):
        word = word.replace("\u00a0", " ")
        if lines and columns(lines[-1]) + 1 + columns(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def columns(words: str) -> int:
    """How many columns of a terminal the words take.

    >>> columns("numb"), columns("痛み")
    (4, 4)
    """
    if words.isascii():
        return len(words)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in words)
    return len(words) + wide - sum(map(bool, map(unicodedata.combining, words)))


_PLAINER = {"\N{MINUS SIGN}": "-", "×": "x", "÷": "/", "→": "->", "·": "-", "“": '"', "”": '"'}


def _showable(words: str, encoding: str | None) -> str:
    """The words as a terminal of this encoding can show them."""
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        words.encode(encoding)
    except UnicodeEncodeError:
        for letter, plainer in _PLAINER.items():
            words = words.replace(letter, plainer)
        return words.encode(encoding, "backslashreplace").decode(encoding)
    except LookupError:
        return _showable(words, "ascii")
    return words


# -- HTML ------------------------------------------------------------------------------------------------


def as_html(report: Report, *, style: bool = True) -> str:
    """The report as a card: HTML without scripts, addresses or ids; `style=False` leaves out the sheet."""
    from massage_pain.display.report_card import report_card

    return report_card(report, style=style)
