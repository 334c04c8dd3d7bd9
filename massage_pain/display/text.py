"""The same summaries as plain text: readable without colour, at 80 columns, on any terminal.

The order is that of the card. Bars and other ornaments are drawn with whatever the terminal can show and fall
back to ASCII; colour comes only when asked for. Words are never broken, so a very long name is the one
thing that may pass the margin.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from massage_pain.display import safety, sentences, wording
from massage_pain.display.escape import plain
from massage_pain.display.sentences import Chance, Piece, Summary

SHOWN_QUESTIONS = 5
_LEAST_WIDTH = 40
_ORNAMENTS = {
    "█": "#",
    "░": ".",
    "·": "-",
    "→": "->",
    "“": '"',
    "”": '"',
    "×": "x",
    "÷": "/",
    wording.MINUS: "-",
}


def assessment_text(
    summary: Summary,
    width: int = 80,
    color: bool = False,
    *,
    encoding: str | None = None,
    numbers: Sequence[str] = wording.EMERGENCY_NUMBERS,
) -> str:
    """An assessment as text, from its `to_dict()`.

    `encoding` is what the reader's terminal can show (by default that of standard output); what it lacks is
    written in ASCII. `numbers` are the emergency numbers to name.
    """
    page = _Page(max(width, _LEAST_WIDTH), color)
    page.header(summary)
    if sentences.level(summary) >= sentences.EMERGENCY:
        _emergency(page, summary, numbers)
    elif sentences.level(summary):
        _urgent_first(page, summary)
    else:
        page.prose(sentences.likeliest(summary))
        _chances(page, summary, "The chances", sentences.OVERLAP)
        _grounds(page, summary)
    return page.finished(summary, encoding)


def screening_text(
    summary: Summary,
    width: int = 80,
    color: bool = False,
    *,
    encoding: str | None = None,
    numbers: Sequence[str] = wording.EMERGENCY_NUMBERS,
) -> str:
    """A screening before a massage as text, from its `to_dict()`."""
    page = _Page(max(width, _LEAST_WIDTH), color)
    page.header(summary)
    if sentences.level(summary) >= sentences.EMERGENCY:
        _emergency(page, summary, numbers)
    else:
        _before_a_massage(page, summary)
    return page.finished(summary, encoding)


# -- parts -----------------------------------------------------------------------------------------------


def _urgent_first(page: _Page, summary: Summary) -> None:
    asked = safety.open_questions(summary)
    flagged, likeliest = safety.flag_lead(summary), sentences.likeliest(summary)
    if asked and sentences.level(summary) == 1:
        page.prose(safety.open_lead(summary))
        _questions(page, "Answer these first", asked)
        _actions(page, safety.if_all_no(asked), summary)
        below = likeliest
    else:
        page.prose(flagged or likeliest)
        _actions(page, "What to do", summary)
        below = likeliest if flagged else []
        if asked:
            _questions(page, "Still to answer", asked, safety.open_lead(summary))
    unsure = sentences.none_first(summary)
    heading = "The causes, for what they are worth" if unsure else "What could be causing it"
    _chances(page, summary, heading, sentences.OVERLAP, below)
    _grounds(page, summary)


def _emergency(page: _Page, summary: Summary, numbers: Sequence[str]) -> None:
    page.prose([(safety.emergency_call(summary, numbers), True)])
    for order in safety.emergency_orders(summary):
        page.wrapped(order)
    reasons = safety.emergency_reasons(summary)
    if reasons:
        page.heading("Why")
    for what, why in reasons:
        page.item("!", what, [why])
    page.heading("To read out or show")
    for words in filter(None, safety.read_out(summary)):
        page.wrapped(words)


def _before_a_massage(page: _Page, summary: Summary) -> None:
    asked = safety.open_questions(summary)
    if asked:
        page.prose(safety.open_lead(summary))
    if asked and sentences.header(summary).level == 1 and not safety.raised(summary):
        _questions(page, "Answer these first", asked)
        _actions(page, safety.if_all_no(asked), summary)
    else:
        _actions(page, "What to do", summary)
        _questions(page, "Still to answer", asked)
    if sentences.forbids(summary):
        page.heading("The chances, if there were a massage")
    elif summary["complaint_probability"]:
        page.heading("How likely pain is")
    page.prose(sentences.complaint_chance(summary), gap=False)
    changes = [] if sentences.forbids(summary) else sentences.changes(summary)
    if changes:
        page.heading("What you could change")
        for label, move, effect, figures in changes:
            page.item("-", f"{label} ({move}): {effect}", [f"{figures}."])
    heading = sentences.rare_heading(summary)
    _chances(page, summary, heading, sentences.rare(summary), in_hundreds=True)
    _grounds(page, summary)


def _actions(page: _Page, heading: str, summary: Summary) -> None:
    found = safety.actions(summary)
    if found:
        page.heading(heading)
    for each in found:
        page.item("*", each.text, each.reasons)


def _questions(
    page: _Page, heading: str, asked: Sequence[Mapping[str, Any]], opening: Iterable[Piece] = ()
) -> None:
    if not asked:
        return
    page.heading(heading)
    page.prose(opening, gap=False)
    for position, each in enumerate(asked[:SHOWN_QUESTIONS], 1):
        words = each["question"] or each["label"]
        page.item(f"{position}.", f"{words} {safety.what_it_could_mean(each)}", strong=False)
    rest = len(asked) - SHOWN_QUESTIONS
    if rest > 0:
        page.wrapped(f"and {wording.number_word(rest)} more.", indent=3)


def _grounds(page: _Page, summary: Summary) -> None:
    network = summary["network"]
    words = f"Network {network['name']} {network.get('version', '')}".strip()
    if network.get("content_hash"):
        words += f" (fingerprint {network['content_hash'][:12]})"
    page.heading("What this rests on")
    grades: dict[str, int] = {}
    for each in summary.get("rests_on") or ():
        name = f"{wording.GRADE_WORDS.get(each['grade'], '')} (grade {each['grade']})"
        grades[name] = grades.get(name, 0) + 1
    if grades:
        count = wording.counted(sum(grades.values()), "number")
        kinds = ", ".join(f"{number} {name}" for name, number in grades.items())
        words += f". {count} behind the first cause: {kinds}"
    if summary["sources"]:
        words += f". Sources: {', '.join(summary['sources'])}"
    page.wrapped(f"{words}.")


# -- chances ---------------------------------------------------------------------------------------------


def _chances(
    page: _Page,
    summary: Summary,
    heading: str,
    caption: str,
    pieces: Iterable[Piece] = (),
    *,
    in_hundreds: bool = False,
) -> None:
    rows = sentences.chances(summary)
    if not rows:
        return
    page.heading(heading)
    if page.prose(pieces, gap=False):
        page.lines.append("")
    page.wrapped(caption)
    figures = [_figures(row, in_hundreds=in_hundreds) for row in rows]
    titles = ["now", "likely range" if any(row.low is not None for row in rows) else "", "before"]
    titles = [title if any(each[at] for each in figures) else "" for at, title in enumerate(titles)]
    spans = [max(len(each[at]) for each in [*figures, titles]) for at in range(3)]
    room = page.width - sum(span + 2 for span in spans if span)
    bar = 0 if in_hundreds else min(20, max(8, room // 3))  # a bar of a few in 100 would show nothing
    name = min(max(_columns(plain(row.label)) for row in rows), room - bar - 2)
    page.table_row(name, bar, "", None, titles, spans)
    for row, texts in zip(rows, figures, strict=True):
        page.table_row(name, bar, row.label, row.probability, texts, spans, strong=row.first)


def _figures(row: Chance, *, in_hundreds: bool) -> list[str]:
    figure = wording.hundreds if in_hundreds else wording.chance
    ranged = row.low is not None and row.high is not None
    return [
        figure(row.probability),
        wording.interval(row.low or 0.0, row.high or 0.0) if ranged else "",
        "" if row.before is None else figure(row.before),
    ]


# -- the page --------------------------------------------------------------------------------------------


class _Page:
    """Lines of at most `width` columns; all that is not our own text is made plain here."""

    def __init__(self, width: int, color: bool) -> None:
        self.width, self.color = width, color
        self.lines: list[str] = []

    def header(self, summary: Summary) -> None:
        top = sentences.header(summary)
        steps = f"[{'█' * top.level}{'░' * (top.of - top.level)}] " if top.of else ""
        self.wrapped(f"{steps}{top.kicker}", indent=0, hanging=len(steps))
        self.wrapped(top.title, style=f"1;{top.ansi}" if top.ansi else "1")

    def heading(self, words: str) -> None:
        self.lines.append("")
        self.wrapped(words, style="1")
        self.lines.append("-" * min(_columns(plain(words)), self.width))

    def prose(self, pieces: Iterable[Piece], *, gap: bool = True) -> bool:
        words = "".join(text for text, _ in pieces)
        if words:
            if gap:
                self.lines.append("")
            self.wrapped(words)
        return bool(words)

    def item(self, mark: str, words: str, reasons: Iterable[str] = (), *, strong: bool = True) -> None:
        indent = len(mark) + 1
        at = len(self.lines)
        self.wrapped(words, indent=indent, style="1" if strong else "")
        self.lines[at] = mark + " " + self.lines[at][indent:]
        for reason in reasons:
            self.wrapped(reason, indent=indent)

    def wrapped(self, words: str, *, indent: int = 0, hanging: int | None = None, style: str = "") -> None:
        first = indent
        rest = first if hanging is None else hanging
        lines = _wrapped(plain(words), self.width - rest)
        for position, line in enumerate(lines):
            blanks = " " * (rest if position else first)
            self.lines.append(blanks + self._styled(line, style))

    def table_row(
        self,
        name: int,
        bar: int,
        label: str,
        probability: float | None,
        texts: Sequence[str],
        spans: Sequence[int],
        *,
        strong: bool = False,
    ) -> None:
        labels = _wrapped(plain(label), name) or [""]
        drawn = " " * bar if probability is None else _bar(probability, bar)
        cells = [f"{text:>{span}}" for text, span in zip(texts, spans, strict=True) if span]
        padded = self._styled(labels[0], "1" if strong else "") + " " * max(0, name - _columns(labels[0]))
        if _columns(labels[0]) > name:  # a word longer than its column keeps a line of its own
            self.lines.append(padded)
            padded = " " * name
        self.lines.append("  ".join([padded, *([drawn] if bar else []), *cells]).rstrip())
        self.lines.extend(self._styled(each, "1" if strong else "") for each in labels[1:])

    def finished(self, summary: Summary, encoding: str | None) -> str:
        self.lines.append("")
        self.wrapped(summary["disclaimer"], style="2")
        return _in(encoding, "\n".join(self.lines))

    def _styled(self, words: str, style: str) -> str:
        return f"\x1b[{style}m{words}\x1b[0m" if self.color and style and words else words


def _bar(probability: float, cells: int) -> str:
    full = int(probability * cells + 0.5)
    return "█" * full + "░" * (cells - full)


def _wrapped(words: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in words.replace(" in 10", "\u00a0in\u00a010").split(" "):  # a figure stays on one line
        word = word.replace("\u00a0", " ")
        if not word:
            continue
        if lines and _columns(lines[-1]) + 1 + _columns(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def _columns(words: str) -> int:
    if words.isascii():
        return len(words)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in words)
    return len(words) + wide - sum(map(bool, map(unicodedata.combining, words)))


def _in(encoding: str | None, words: str) -> str:
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        words.encode(encoding)
    except UnicodeEncodeError:
        for ornament, plainer in _ORNAMENTS.items():
            words = words.replace(ornament, plainer)
        words = words.encode(encoding, "backslashreplace").decode(encoding)
    except LookupError:
        return _in("ascii", words)
    return words
