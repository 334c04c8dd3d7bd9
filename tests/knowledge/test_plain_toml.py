"""The quick reader says what `tomllib` says, or nothing."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massage_pain.knowledge.catalogue import networks_folder
from massage_pain.knowledge.plain_toml import plain_toml

SHIPPED = sorted(networks_folder().rglob("*.toml"))
READ_WITH_EVERY_CASE = [each for each in SHIPPED if each.name != "cases.toml"]

PLAIN = '''
# a comment = "not a key"
format = 1            # after a value
text = "with # no comment, 'quotes' and [brackets]"
empty = ""
long = """
first \\
    and the same line "in quotes"
second"""
number = -0.5
small = 1.5e-300
big = 12345678901234567890
truth = true
lie = false
list = [1, 2.5, "three", [true, []],
    # a comment inside
    { a = 1, b.c = "x", b.d = [2] },
]
dotted.key.a = 1
dotted.key.b = { x = 1 }
[table]
a.b.c = 1
a.b.d = 2
[table.below]
x = 1
[above.below]
y = 2
[[array]]
[array.below]
z = 1
[[array]]
z = [
  1
]
[[array.inner]]
[[array.inner]]
'''

NOT_PLAIN_BUT_TOML = [
    "a = 'literal'",
    'a = "escape \\t"',
    "a = '''\nlong literal'''",
    'a = """with escape \\t"""',
    'a = """two quotes at the end"""""',
    "a = 1_000",
    "a = +1",
    "a = 0xff",
    "a = 1e5_0",
    "a = inf",
    "a = nan",
    "a = 1979-05-27",
    "a = 1979-05-27 07:32:00",
    "a = 07:32:00",
    '"quoted key" = 1',
    "[ spaced . header ]\na = 1",
    "[a.b]\n[a]\nc = 1",
    "[a]\nb.c = 1\n[a.b.d]\ne = 1",
    "a . b = 1",
    "a = {}",
    "a = 1E5",
]

WRONG = [
    "a",
    "a = ",
    "= 1",
    "a = 1 b = 2",
    "a = 1\na = 2",
    "a.b = 1\na = 2",
    "a = 1\na.b = 2",
    "a = {}\na.b = 1",
    "a = [1]\n[[a]]",
    "a = {b = 1}\n[a]",
    "a = {b = 1}\n[a.c]",
    "[a]\n[a]",
    "[a]\nb = 1\n[a.b]",
    "[a]\nb.c = 1\n[a.b]",
    "[[a]]\n[a]",
    "[a]\n[[a]]",
    "[a",
    "[]",
    "[[a]",
    "[a]]",
    "[a] b = 1",
    "a = [1 2]",
    "a = [1,, 2]",
    "a = [,]",
    "a = [1",
    "a = {b = 1,}",
    "a = {b = 1 c = 2}",
    "a = {b = 1, b = 2}",
    "a = {b = 1, b.c = 2}",
    "a = {b = 1\n}",
    "a = {,}",
    "a = {b}",
    'a = {"b": 1}',
    'a = "open',
    'a = "two\nlines"',
    'a = """open',
    "a = 01",
    "a = 1.",
    "a = .5",
    "a = 1e",
    "a = -",
    "a = tru",
    "a = trueish",
    "a = True",
    "a = null",
    "a = 1.2.3",
    "a = 1\x00",
    'a = "\x1b"',
    "a = 1\r",
    "# \x7f",
    "a = " + "[" * 5000,
    "a = " + "9" * 5000,
]


def loaded(text: str) -> dict[str, object] | None:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_the_shipped_files_mean_the_same(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert plain_toml(text) in (tomllib.loads(text), None)


@pytest.mark.parametrize("path", READ_WITH_EVERY_CASE, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_the_files_that_every_case_needs_are_plain(path: Path) -> None:
    """Not a matter of meaning but of time: they are read in every fresh process."""
    assert plain_toml(path.read_text(encoding="utf-8")) is not None


def test_every_plain_form() -> None:
    assert plain_toml(PLAIN) == tomllib.loads(PLAIN)
    windows = PLAIN.replace("\n", "\r\n")
    assert plain_toml(windows) == tomllib.loads(windows)
    for empty in ("", "\n", "# nothing\n", "  \n\t"):
        assert plain_toml(empty) == {}


@pytest.mark.parametrize("text", NOT_PLAIN_BUT_TOML)
def test_other_forms_are_left_to_tomllib(text: str) -> None:
    assert tomllib.loads(text)
    assert plain_toml(text) is None


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_left_to_tomllib(text: str) -> None:
    assert loaded(text) is None
    assert plain_toml(text) is None


@pytest.mark.parametrize("text", ["a = 1\nb = 2", "a = [1, 2]", "a.b = 1", "[a]\n[b]", "[a]\nb = { c = 1 }"])
def test_it_stops_when_time_is_up(text: str) -> None:
    assert plain_toml(text, deadline=time.monotonic() - 1) is None
    assert plain_toml(text, deadline=time.monotonic() + 60) is not None


PIECES = [*PLAIN.splitlines(), *NOT_PLAIN_BUT_TOML, *(each for each in WRONG if len(each) < 100)]


@given(st.lists(st.sampled_from(PIECES), max_size=8))
def test_any_lines_together_mean_the_same(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert plain_toml(text) in (loaded(text), None)


MARKS = st.sampled_from([*"[]{}=\"'.,#\\\n \tae10-_+", '"""', "[[", "]]", "\r\n"])


@given(st.data())
def test_a_spoilt_text_means_the_same_or_nothing(data: st.DataObject) -> None:
    """Text dropped, doubled or put in anywhere: never another meaning, never an error."""
    text = PLAIN
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        end = at + data.draw(st.integers(0, 12))
        put = data.draw(st.one_of(MARKS, st.just(text[at:end] * 2), st.just("")))
        text = text[:at] + put + text[end:]
    assert plain_toml(text) in (loaded(text), None)
