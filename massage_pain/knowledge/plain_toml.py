"""A quick reader for the plain part of TOML.

`tomllib` takes about half a second for a megabyte; reading the knowledge files should not be felt. Files
written by hand use few of TOML's many forms, and those are read here with one regular expression a
value. Wherever a text leaves them (another kind of string or number, a table opened again, anything
wrong), the answer is None and `tomllib` has to read it. So an answer given here is always `tomllib`'s.

Plain: bare keys, dotted or not; `[table]` and `[[array]]` headers, each table opened once; texts in
double quotes without escapes, also in three quotes with a backslash at line ends; decimal numbers;
true and false; lists, over several lines if need be; inline tables; comments.
"""

from __future__ import annotations

import re
from time import monotonic
from typing import Any

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
# Repetitions are bounded: one match cannot be stopped when time is up.
_BETWEEN = re.compile(r"[ \t\n]*(?:#[^\n]*\n[ \t\n]*){0,1000}")
_LINE_END = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_HEADER = re.compile(r"\[([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\]")
_ARRAY_HEADER = re.compile(r"\[\[([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\]\]")
_KEY = re.compile(r"[ \t]*([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)[ \t]*=[ \t]*")
_SCALAR_FORMS = (
    r'"([^"\\\n]*)"(?!")'
    r"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e-?[0-9]+)?)(?![\w.:+-])"
    r"|(true|false)(?![\w-])"
)
_SCALAR = re.compile(_SCALAR_FORMS)
_SIMPLE = rf"[ \t]*([A-Za-z0-9_-]+)[ \t]*=[ \t]*(?:{_SCALAR_FORMS})[ \t]*"
_SIMPLE_LINE = re.compile(_SIMPLE + r"(?:#[^\n]*)?(?:\n|\Z)")
_SIMPLE_PAIR = re.compile(_SIMPLE + r"([,}])")
_MARK = re.compile(r"[ \t]*([,}])")
_LONG_TEXT = re.compile(r'"""\n?([^"\\]*(?:(?:\\\n|"(?!""))[^"\\]*){0,1000})"""(?!")')
_CONTINUED = re.compile(r"\\\n[ \t\n]*")


class _NotPlainError(Exception):
    """The text leaves the plain part of TOML."""


def plain_toml(text: str, *, deadline: float = float("inf")) -> dict[str, Any] | None:
    """What `tomllib.loads(text)` answers, or None where the text is not plain or time is up.

    `deadline` is a moment of `time.monotonic`.
    """
    text = text.replace("\r\n", "\n")
    if _CONTROL.search(text):
        return None
    try:
        return _Reader(text, deadline).root
    except (_NotPlainError, RecursionError, ValueError):  # ValueError: an integer of too many digits
        return None


class _Reader:
    """Reads `text` into `root`; `_at` is how far it has come."""

    def __init__(self, text: str, deadline: float) -> None:
        self._text, self._deadline = text, deadline
        self._at = 0
        self.root: dict[str, Any] = {}
        # Which tables and lists were made by headers, which by dotted keys: only those may grow.
        self._opened = {id(self.root)}
        self._dotted: set[int] = set()
        here = self.root
        end = len(text)
        while True:
            match = _SIMPLE_LINE.match(text, self._at)
            if match is not None:
                self._put(here, match[1], _scalar(match[2], match[3], match[4]))
                self._at = match.end()
                continue
            self._skip()
            if self._at >= end:
                return
            if text.startswith("[", self._at):
                self._check_time()
                here = self._header()
            else:
                self._pair(here, self._dotted)
            line_end = _LINE_END.match(text, self._at)
            if line_end is None:
                raise _NotPlainError
            self._at = line_end.end()

    def _header(self) -> dict[str, Any]:
        array = _ARRAY_HEADER.match(self._text, self._at)
        match = array or _HEADER.match(self._text, self._at)
        if match is None:
            raise _NotPlainError
        self._at = match.end()
        *above, last = match[1].split(".")
        table = self.root
        for key in above:
            found = table.get(key)
            if found is None:
                found = table[key] = {}
                self._opened.add(id(found))
            elif id(found) not in self._opened:
                raise _NotPlainError
            table = found[-1] if isinstance(found, list) else found
        new: dict[str, Any] = {}
        self._opened.add(id(new))
        if array is None:
            if last in table:
                raise _NotPlainError
            table[last] = new
        else:
            if last not in table:
                table[last] = []
                self._opened.add(id(table[last]))
            elif not isinstance(table[last], list) or id(table[last]) not in self._opened:
                raise _NotPlainError
            table[last].append(new)
        return new

    def _pair(self, table: dict[str, Any], growing: set[int]) -> None:
        match = _KEY.match(self._text, self._at)
        if match is None:
            raise _NotPlainError
        self._at = match.end()
        key = match[1]
        if "." in key:
            *above, key = key.split(".")
            for each in above:
                found = table.get(each)
                if found is None:
                    found = table[each] = {}
                    growing.add(id(found))
                elif id(found) not in growing:
                    raise _NotPlainError
                table = found
        self._put(table, key, self._value())

    def _put(self, table: dict[str, Any], key: str, value: Any) -> None:
        if key in table or monotonic() > self._deadline:
            raise _NotPlainError
        table[key] = value

    def _value(self) -> Any:
        text = self._text
        match = _SCALAR.match(text, self._at)
        if match is not None:
            self._at = match.end()
            return _scalar(match[1], match[2], match[3])
        mark = text[self._at : self._at + 1]
        if mark == "{":
            return self._inline_table()
        if mark == "[":
            return self._list()
        match = _LONG_TEXT.match(text, self._at)
        if match is None:
            raise _NotPlainError
        self._at = match.end()
        return _CONTINUED.sub("", match[1])

    def _inline_table(self) -> dict[str, Any]:
        table: dict[str, Any] = {}
        growing: set[int] = set()
        mark = "{"
        self._at += 1
        while mark != "}":
            match = _SIMPLE_PAIR.match(self._text, self._at)
            if match is not None:
                self._put(table, match[1], _scalar(match[2], match[3], match[4]))
                self._at, mark = match.end(), match[5]
            else:
                self._pair(table, growing)
                mark = self._mark()
        return table

    def _list(self) -> list[Any]:
        found = []
        text = self._text
        self._at += 1
        while True:
            self._skip()
            if text.startswith("]", self._at):
                break
            self._check_time()
            found.append(self._value())
            self._skip()
            if text.startswith(",", self._at):
                self._at += 1
            elif not text.startswith("]", self._at):
                raise _NotPlainError
        self._at += 1
        return found

    def _skip(self) -> None:
        """Step over spaces, line ends and comments."""
        at = -1
        while at != self._at:
            at = self._at
            self._at = _BETWEEN.match(self._text, at).end()  # type: ignore[union-attr]  # may be empty
            if not self._text.startswith("#", self._at):
                return
            self._check_time()

    def _check_time(self) -> None:
        if monotonic() > self._deadline:
            raise _NotPlainError

    def _mark(self) -> str:
        """The comma or brace after a pair."""
        match = _MARK.match(self._text, self._at)
        if match is None:
            raise _NotPlainError
        self._at = match.end()
        return match[1]


def _scalar(text: str | None, number: str | None, truth: str | None) -> str | float | bool:
    if text is not None:
        return text
    if number is not None:
        return float(number) if "." in number or "e" in number else int(number)
    return truth == "true"
