"""The strict layer: each kind of value, each refusal with file, line, key and the value."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from massage_pain.errors import InvalidNetworkError, NetworkFileError
from massage_pain.knowledge import limits
from massage_pain.knowledge.toml_entry import Entry, key_text, read_toml

TEXT = """\
format = 1
word = "a word"
blank = " "
words = ["one", "two"]
mixed = ["one", 2]
whole = 3
half = 0.5
endless = inf
not_a_number = nan
truth = true
day = 2026-11-22
bent = "abc\\u202Edef"
escape = "\\u001b[31m"
lines = "first\\n\\tsecond"

[table]
x = 1
[[rule]]
id = "first"
[[rule]]
id = "second"
when = { any = [
    "a",
    { b = 1 },
] }
"""


@pytest.fixture
def root() -> Entry:
    return read_toml(TEXT, file="rules.toml")


def test_values_of_every_kind(root: Entry) -> None:
    assert root.text("word") == "a word"
    assert root.text("lines") == "first\n\tsecond"
    assert root.text("nothing", "default") == "default"
    assert root.texts("words") == ("one", "two")
    assert root.texts("word") == ("a word",)
    assert root.texts("nothing", ()) == ()
    assert (root.number("whole"), root.number("half"), root.number("nothing", 7.0)) == (3.0, 0.5, 7.0)
    assert isinstance(root.number("whole"), float)
    assert root.flag("truth")
    assert root.flag("nothing", False) is False
    assert root.choice("word", ["a word", "another"]) == "a word"
    assert root.value("day").year == 2026
    assert root.table("table").values == {"x": 1}
    assert [each.text("id") for each in root.tables("rule")] == ["first", "second"]
    assert (root.tables("nothing"), root.entries("nothing")) == ((), {})
    assert "word" in root
    assert list(root)[:2] == ["format", "word"]


REFUSED: dict[str, tuple[Callable[[Entry], Any], int | None, str, str]] = {
    "a missing text": (
        lambda r: r.table("table").text("y"),
        16,
        "table",
        "y is missing; keys given here: x.",
    ),
    "a missing list": (
        lambda r: r.texts("y"),
        None,
        "",
        "y is missing; keys given here: format, word, blank,",
    ),
    "a number for a text": (lambda r: r.text("whole"), 6, "whole", "whole must be text, got number 3."),
    "a blank text": (lambda r: r.text("blank"), 3, "blank", "blank must not be blank."),
    "text running backwards": (lambda r: r.text("bent"), 12, "bent", "(U+202E): 'abc\\u202edef'."),
    "an escape": (
        lambda r: r.text("escape"),
        13,
        "escape",
        "holds a control character (U+001B): '\\x1b[31m'.",
    ),
    "a number among texts": (
        lambda r: r.texts("mixed"),
        5,
        "mixed[1]",
        "mixed must hold texts only, got number 2.",
    ),
    "a truth value for texts": (
        lambda r: r.texts("truth"),
        10,
        "truth",
        "must be a text or a list of texts, got true or false True.",
    ),
    "a text for a list": (
        lambda r: r.texts("word", alone=False),
        2,
        "word",
        "must be a list of texts, got text 'a word'.",
    ),
    "a text for a number": (
        lambda r: r.number("word"),
        2,
        "word",
        "must be a finite number, got text 'a word'. Write it without quotes.",
    ),
    "a truth value for a number": (
        lambda r: r.number("truth"),
        10,
        "truth",
        "must be a finite number, got true or false True.",
    ),
    "infinity": (lambda r: r.number("endless"), 8, "endless", "must be a finite number, got number inf."),
    "NaN": (
        lambda r: r.number("not_a_number"),
        9,
        "not_a_number",
        "must be a finite number, got number nan.",
    ),
    "a date for a number": (
        lambda r: r.number("day"),
        11,
        "day",
        "got date or time datetime.date(2026, 11, 22).",
    ),
    "a number for a truth value": (
        lambda r: r.flag("whole"),
        6,
        "whole",
        "must be true or false (without quotes), got number 3.",
    ),
    "an unknown choice": (
        lambda r: r.choice("word", ["a ward"]),
        2,
        "word",
        "Unknown word 'a word'. Did you mean 'a ward'? Available: a ward.",
    ),
    "a list for a table": (lambda r: r.table("words"), 4, "words", "words must be a table, got a list of 2."),
    "a table for tables": (
        lambda r: r.tables("table"),
        16,
        "table",
        "must be a list of tables ([[table]]), got a table.",
    ),
    "a missing table": (lambda r: r.table("tabel"), None, "", "tabel is missing"),
    "an unknown key": (
        lambda r: r.tables("rule")[1].no_other_keys(("id", "then")),
        22,
        "rule[1].when",
        "Unknown key 'when'. Did you mean 'then'? Available: id, then.",
    ),
    "something deep inside": (
        lambda r: (_ for _ in ()).throw(r.tables("rule")[1].refuse("wrong.", "when", "any", 1, "b")),
        24,
        "rule[1].when.any[1].b",
        "wrong.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(root: Entry, case: str) -> None:
    ask, line, key, sentence = REFUSED[case]
    with pytest.raises(NetworkFileError, match=re.escape(sentence)) as caught:
        ask(root)
    error = caught.value
    assert (error.file, error.line, error.key or "") == ("rules.toml", line, key)
    place = "rules.toml" if line is None else f"rules.toml:{line}"
    assert str(error).startswith(f"{place}, at {key}: " if key else f"{place}: ")


def test_a_refused_question_changes_nothing(root: Entry) -> None:
    before = repr(root.values)
    for ask, *_ in REFUSED.values():
        with pytest.raises(NetworkFileError):
            ask(root)
    assert repr(root.values) == before


def test_an_error_from_a_constructor_gets_its_place(root: Entry) -> None:
    with (
        pytest.raises(NetworkFileError, match=r"rules\.toml:19, at rule\[0\]\.id: no good") as caught,
        root.tables("rule")[0].checking("id"),
    ):
        raise InvalidNetworkError("no good")
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("", None, "format is missing; keys given here: none."),
        ("format = 2", 1, "format must be 1, got number 2."),
        ("format = true", 1, "format must be 1, got true or false True."),
        ('format = "1"', 1, "format must be 1, got text '1'."),
        ("format = 1.0", 1, "format must be 1, got number 1.0."),
        ("format = 1\nx = 0,3", 2, "not readable as TOML: Expected newline"),
        ("format = 1\nx = ", 2, "not readable as TOML: Invalid value (at the end of the file)."),
        ("format = 1\n\n\nx = 1\nx = 2\n", 5, "not readable as TOML: "),
        ("format = 1\na = " + "[" * 5000, None, "nested too deeply"),
        ("format = 1\na = " + "9" * 5000, None, "not readable as TOML: Exceeds the limit"),
        ("<html><body>", 1, "not readable as TOML: "),
    ],
)
def test_what_is_no_toml_of_this_format(text: str, line: int | None, sentence: str) -> None:
    with pytest.raises(NetworkFileError, match=re.escape(sentence)) as caught:
        read_toml(text, file="f.toml")
    assert (caught.value.file, caught.value.line) == ("f.toml", line)
    assert caught.value.__cause__ is None
    assert len(str(caught.value)) < 300


def test_reading_is_given_up_when_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 92. A key of a hundred thousand parts takes tomllib minutes."""
    monkeypatch.setattr(limits, "READ_SECONDS", 0.1)
    bomb = 'format = 1\nx = "\\t"\n' + "a." * 100_000 + "a = 1"
    with pytest.raises(NetworkFileError, match=re.escape("f.toml: reading takes longer than 0.1 seconds")):
        read_toml(bomb, file="f.toml")


def test_the_line_of_an_error_in_a_bomb_is_found_quickly() -> None:
    text = "format = 1\n" + "a." * 50_000 + "a = 1"
    with pytest.raises(NetworkFileError, match=re.escape("f.toml:2, at a: Unknown key 'a'")):
        read_toml(text, file="f.toml").no_other_keys(("format",))


def test_keys_are_shown_as_one_writes_them() -> None:
    assert key_text(("a", "b-c", "d e", 'q"', "", 3, "é", "\x1b")) == (r'a.b-c."d e"."q\"".""[3]."é"."\x1b"')
