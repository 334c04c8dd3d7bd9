"""Where a key stands in a text."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from massage_pain.knowledge.catalogue import networks_folder
from massage_pain.knowledge.toml_lines import TomlPath, line_of

TEXT = '''\
# a = 1
a = 1  # b = 2
b.c = 2
b."d.e" = 3
'f g' = 4
"caf\\u00e9" = 5
long = """
text = "not a key"
[not.a.header]
"""
raw = \'\'\'
x = 1\'\'\'
list = [ 1, 2.5, [3,
  4], "five, [six]", # seven = 7
  { x = 1, y.z = [8,
    9] },
]
when = 1979-05-27 07:32:00
float = -1.5e-3
[table]
a = 10
[table.inner."quoted key"]
b = 11
[[array]]
a = 12
[[array]]
a = 13
[array.sub]
b = 14
[[array.items]]
c = 15
[[array.items]]
c = 16
[[array]]
[[array.items]]
c = 17
'''

LINES: dict[TomlPath, int | None] = {
    ("a",): 2,
    ("b",): 3,
    ("b", "c"): 3,
    ("b", "d.e"): 4,
    ("f g",): 5,
    ("café",): 6,
    ("long",): 7,
    ("text",): None,
    ("raw",): 11,
    ("x",): None,
    ("list",): 13,
    ("list", 1): 13,
    ("list", 2, 0): 13,
    ("list", 2, 1): 14,
    ("list", 3): 14,
    ("list", 4): 15,
    ("list", 4, "x"): 15,
    ("list", 4, "y", "z", 1): 16,
    ("seven",): None,
    ("when",): 18,
    ("float",): 19,
    ("table",): 20,
    ("table", "a"): 21,
    ("table", "missing"): 20,
    ("table", "inner"): 20,
    ("table", "inner", "quoted key", "b"): 23,
    ("table", "inner", "quoted key", "missing"): 22,
    ("array",): 24,
    ("array", 0, "a"): 25,
    ("array", 1): 26,
    ("array", 1, "a"): 27,
    ("array", 1, "sub", "b"): 29,
    ("array", 1, "items", 0, "c"): 31,
    ("array", 1, "items", 1, "c"): 33,
    ("array", 2): 34,
    ("array", 2, "items", 0, "c"): 36,
    ("nothing", "at", "all"): None,
    (): None,
}


@pytest.mark.parametrize("path", LINES, ids=str)
def test_lines(path: TomlPath) -> None:
    assert tomllib.loads(TEXT)
    assert line_of(TEXT, path) == LINES[path]
    assert line_of(TEXT.replace("\n", "\r\n"), path) == LINES[path]


def leaves(value: Any, path: TomlPath = ()) -> Iterator[tuple[TomlPath, Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, (*path, key))
    elif isinstance(value, list):
        for position, each in enumerate(value):
            yield from leaves(each, (*path, position))
    else:
        yield path, value


def test_every_value_of_a_shipped_file_is_found_where_it_stands() -> None:
    text = Path(networks_folder() / "back_pain" / "red_flags.toml").read_text(encoding="utf-8")
    lines = text.splitlines()
    found = list(leaves(tomllib.loads(text)))
    assert len(found) > 100
    for path, value in found[::7]:
        line = line_of(text, path)
        assert line is not None
        assert str(value) in lines[line - 1]


@pytest.mark.parametrize("text", ["a b = [", "[", "= = =", '"', "[[a", "a = {b", "\x00", '"""'])
def test_what_is_no_toml_does_no_harm(text: str) -> None:
    assert line_of(text, ("nothing",)) is None


def test_a_very_long_text_is_not_walked() -> None:
    assert line_of("a = 1\n" * 500_000, ("a",)) is None
