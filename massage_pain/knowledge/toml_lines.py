"""The line of a key in a TOML text.

`tomllib` says what a file holds, not where. Only once something has to be refused is the text walked
again, by a small scanner that knows just enough TOML to tell where each key stands: tables, arrays of
tables, dotted keys, inline tables and arrays. It is meant for text that `tomllib` has accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

TomlPath: TypeAlias = tuple[str | int, ...]
"""Keys and array positions (from 0) from the root to a value."""

_LONGEST = 2_000_000
"""Longer texts are not walked: the error must not take longer than the reading."""

_DEEPEST = 20
"""Parts of one dotted key that get a line of their own."""

_TOKEN = re.compile(
    r"""
    (?P<skip>[ \t]+|\#[^\n]*)
    | (?P<newline>\r?\n)
    | (?P<text>\"{3}(?:[^\\]|\\.)*?\"{3,5}|'{3}.*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')
    | (?P<mark>[\[\]{},=.])
    | (?P<plain>[^\s\[\]{},=."'\#]+)
    """,
    re.VERBOSE | re.DOTALL,
)


def line_of(text: str, path: TomlPath) -> int | None:
    """The line (from 1) of `path`, or of the nearest table above it that has one."""
    best, depth = None, 0
    if len(text) > _LONGEST:
        return None
    for found, line in _positions(text):
        common = len(found)
        if common > depth and path[:common] == found:
            best, depth = line, common
            if depth == len(path):
                break
    return best


class _Scanner:
    """The tokens of the text, one at a time, and the line of the present one."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.finditer(text)
        self.line = self._next_line = 1
        self.kind, self.value = "", ""
        self.advance()

    def advance(self) -> None:
        for match in self._tokens:
            self.line = self._next_line
            self.kind, self.value = match.lastgroup or "", match.group()
            self._next_line += self.value.count("\n")
            if self.kind != "skip":
                return
        self.kind, self.value = "end", ""

    def advance_over_newlines(self) -> None:
        while self.kind == "newline":
            self.advance()

    def take(self, mark: str) -> bool:
        if self.kind == "mark" and self.value == mark:
            self.advance()
            return True
        return False


def _positions(text: str) -> Iterator[tuple[TomlPath, int]]:
    scan = _Scanner(text)
    here: TomlPath = ()
    counts: dict[TomlPath, int] = {}
    while scan.kind != "end":
        line = scan.line
        if scan.kind == "newline":
            scan.advance()
        elif scan.take("["):
            array = scan.take("[")
            keys = _dotted(scan)
            here = ()
            for key in keys[:-1]:
                here = (*here, key)
                if here in counts:
                    here = (*here, counts[here])
            here = (*here, *keys[-1:])
            if array:
                counts[here] = counts.get(here, -1) + 1
                yield here, line
                here = (*here, counts[here])
            yield here, line
            while scan.take("]"):
                pass
        else:
            yield from _pair(scan, here)


def _pair(scan: _Scanner, here: TomlPath) -> Iterator[tuple[TomlPath, int]]:
    line = scan.line
    keys = _dotted(scan)
    for depth in range(1, min(len(keys), _DEEPEST) + 1):
        yield (*here, *keys[:depth]), line
    if not scan.take("="):  # not TOML after all: step over it rather than stand still
        scan.advance()
        return
    yield from _value(scan, (*here, *keys))


def _value(scan: _Scanner, here: TomlPath) -> Iterator[tuple[TomlPath, int]]:
    if scan.take("["):
        position = 0
        scan.advance_over_newlines()
        while scan.kind != "end" and not scan.take("]"):
            yield (*here, position), scan.line
            yield from _value(scan, (*here, position))
            scan.advance_over_newlines()
            scan.take(",")
            scan.advance_over_newlines()
            position += 1
    elif scan.take("{"):
        scan.advance_over_newlines()
        while scan.kind != "end" and not scan.take("}"):
            yield from _pair(scan, here)
            scan.advance_over_newlines()
            scan.take(",")
            scan.advance_over_newlines()
    else:
        scan.advance()
        while scan.kind == "plain" or (scan.kind == "mark" and scan.value == "."):
            scan.advance()  # 0.5 is three tokens, a date with a time two


def _dotted(scan: _Scanner) -> tuple[str, ...]:
    keys = []
    while scan.kind in ("plain", "text"):
        keys.append(_key(scan.value) if scan.kind == "text" else scan.value)
        scan.advance()
        if not scan.take("."):
            break
    return tuple(keys)


def _key(quoted: str) -> str:
    if quoted.startswith("'"):
        return quoted[1:-1]
    import tomllib  # a quoted key may hold escapes; an error is already on its way, so time is no matter

    return str(tomllib.loads(f"key = {quoted}")["key"])
