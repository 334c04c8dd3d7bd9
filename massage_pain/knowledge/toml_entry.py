"""Strict reading of TOML: every value is asked for by its kind, and nothing is left over unread.

An `Entry` is one table of a file together with where it stands. Its methods answer with a value of the
right kind or raise a `NetworkFileError` that names file, line, key, the value and what is allowed::

    root = read_toml(text, file="red_flags.toml")
    root.no_other_keys({"format", "red_flag", "contraindication"})
    for flag in root.tables("red_flag"):
        flag.no_other_keys(RED_FLAG_KEYS)
        label = flag.text("label")
        urgency = flag.choice("urgency", Urgency.__members__)
        source = flag.texts("source")
        if not source:
            raise flag.refuse("source is empty; name at least one.", "source")

Whatever else is wrong is raised as `entry.refuse("what is wrong.", "when", "any", 0)`; the names and
positions after the sentence lead from the entry to the culprit and give its line.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import islice
from time import monotonic
from typing import Any, Final, TypeVar

from massage_pain.errors import InvalidNetworkError, NetworkFileError, printable, shown, unknown_name
from massage_pain.knowledge import limits
from massage_pain.knowledge.plain_toml import plain_toml
from massage_pain.knowledge.time_limit import TimeIsUpError, within
from massage_pain.knowledge.toml_lines import TomlPath, line_of

T = TypeVar("T")


class _Required:
    """The type of `REQUIRED`."""


REQUIRED: Final = _Required()
"""The default of a key that has to be there."""

FORMAT = 1
"""The version of the file formats that this library reads and writes."""


class Document:
    """A file's name and text, for saying where something stands, and when reading must be done."""

    __slots__ = ("deadline", "file", "text")

    def __init__(self, file: str, text: str, deadline: float = math.inf) -> None:
        self.file, self.text, self.deadline = file, text, deadline

    def check_time(self) -> None:
        """Raise `NetworkFileError` when the deadline (of `time.monotonic`) has passed."""
        if monotonic() > self.deadline:
            raise NetworkFileError(
                f"reading takes longer than {limits.READ_SECONDS:g} seconds, so it is refused.",
                file=self.file,
            )


class Entry:
    """One table of a TOML file: `values`, and its `path` from the root of the `document`."""

    __slots__ = ("document", "path", "values")

    def __init__(self, document: Document, path: TomlPath, values: dict[str, Any]) -> None:
        self.document, self.path, self.values = document, path, values

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    # -- saying what is wrong ------------------------------------------------------------------

    def refuse(self, message: str, *keys: str | int) -> NetworkFileError:
        """The error (to be raised) for what stands at `keys` under this entry."""
        path = (*self.path, *keys)
        return NetworkFileError(
            message,
            file=self.document.file,
            line=line_of(self.document.text, path),
            key=key_text(path) or None,
        )

    @contextmanager
    def checking(self, *keys: str | int) -> Iterator[None]:
        """Give an `InvalidNetworkError` raised inside the place of `keys` under this entry."""
        try:
            yield
        except InvalidNetworkError as error:
            raise self.refuse(str(error), *keys) from None

    def refuse_here(self, error: InvalidNetworkError, subject: str = "") -> NetworkFileError:
        """The error (to be raised) for one raised by a constructor given this entry's values.

        Its sentence begins with the value's name, after `subject: `; where that is a key, that is blamed.
        """
        message = str(error)
        key = message.removeprefix(f"{subject}: ").partition(" ")[0]
        return self.refuse(message, *([key] if key in self.values else []))

    def no_other_keys(self, allowed: Collection[str]) -> None:
        """Raise for a key that is not `allowed`, with near misses."""
        if len(self.values) > len(allowed) or not self.values.keys() <= set(allowed):
            for key in self.values:
                if key not in allowed:
                    raise self.refuse(unknown_name("key", key, allowed), key)

    def _wrong(self, key: str, needed: str, value: object) -> NetworkFileError:
        return self.refuse(f"{printable(key)} must be {needed}, got {_kind(value)}.", key)

    def _missing(self, key: str) -> NetworkFileError:
        known = ", ".join(map(printable, islice(self.values, 12))) or "none"
        more = ", ..." if len(self.values) > 12 else ""
        return self.refuse(f"{printable(key)} is missing; keys given here: {known}{more}.")

    # -- one value of each kind ----------------------------------------------------------------

    def value(self, key: str, default: Any = REQUIRED) -> Any:
        """Whatever stands at `key`."""
        found = self.values.get(key, default)
        if found is REQUIRED:
            raise self._missing(key)
        return found

    def text(self, key: str, default: str | _Required = REQUIRED) -> str:
        """A text; a required one must not be blank. Control characters are refused."""
        if key not in self.values:
            return self._or_missing(key, default)
        found = self.values[key]
        if not isinstance(found, str):
            raise self._wrong(key, "text", found)
        self._check_letters(found, key)
        if default is REQUIRED and not found.strip():
            raise self.refuse(f"{printable(key)} must not be blank.", key)
        return found

    def texts(
        self, key: str, default: tuple[str, ...] | _Required = REQUIRED, *, alone: bool = True
    ) -> tuple[str, ...]:
        """A list of texts; with `alone`, one text by itself is a list of one."""
        if key not in self.values:
            return self._or_missing(key, default)
        found = self.values[key]
        if alone and isinstance(found, str):
            self._check_letters(found, key)
            return (found,)
        if not isinstance(found, list):
            raise self._wrong(key, "a text or a list of texts" if alone else "a list of texts", found)
        for position, each in enumerate(found):
            if not isinstance(each, str):
                raise self.refuse(f"{printable(key)} must hold texts only, got {_kind(each)}.", key, position)
            self._check_letters(each, key, position)
        return tuple(found)

    def number(self, key: str, default: float | _Required = REQUIRED) -> float:
        """A finite number."""
        if key not in self.values:
            return self._or_missing(key, default)
        return self.as_number(self.values[key], key)

    def as_number(self, value: object, *keys: str | int) -> float:
        """`value`, which stands at `keys`, as a finite number."""
        if type(value) is float and math.isfinite(value):
            return value
        if type(value) is int:
            try:
                return float(value)
            except OverflowError:
                pass
        name = key_text(keys)
        percent = ""
        if isinstance(value, str):
            percent = " Write it without quotes."
        raise self.refuse(f"{name} must be a finite number, got {_kind(value)}.{percent}", *keys)

    def flag(self, key: str, default: bool | _Required = REQUIRED) -> bool:
        """True or false."""
        if key not in self.values:
            return self._or_missing(key, default)
        found = self.values[key]
        if not isinstance(found, bool):
            raise self._wrong(key, "true or false (without quotes)", found)
        return found

    def choice(self, key: str, allowed: Collection[str], default: str | _Required = REQUIRED) -> str:
        """One of the `allowed` texts."""
        found = self.text(key, default)
        if found not in allowed:
            raise self.refuse(unknown_name(key, found, allowed), key)
        return found

    # -- tables --------------------------------------------------------------------------------

    def table(self, key: str) -> Entry:
        """The table at `key`."""
        found = self.values.get(key)
        if isinstance(found, dict):
            return Entry(self.document, (*self.path, key), found)
        if key not in self.values:
            raise self._missing(key)
        raise self._wrong(key, "a table", found)

    def entries(self, key: str) -> dict[str, Entry]:
        """The tables inside the table at `key`, by name in the file's order; none if it is missing."""
        if key not in self.values:
            return {}
        table = self.table(key)
        return {name: table.table(name) for name in table.values}

    def texts_by_name(self, key: str) -> dict[str, str]:
        """The texts inside the table at `key`, by name in the file's order; none if it is missing."""
        if key not in self.values:
            return {}
        table = self.table(key)
        return {name: table.text(name) for name in table.values}

    def tables(self, key: str) -> tuple[Entry, ...]:
        """The tables of the array of tables at `key`; none if it is missing."""
        found = self.values.get(key, [])
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise self._wrong(key, f"a list of tables ([[{key_text((*self.path, key))}]])", found)
        return tuple(
            Entry(self.document, (*self.path, key, position), each) for position, each in enumerate(found)
        )

    # -- checks shared by the kinds ------------------------------------------------------------

    def _or_missing(self, key: str, default: T | _Required) -> T:
        if isinstance(default, _Required):
            raise self._missing(key)
        return default

    def _check_letters(self, text: str, *keys: str | int) -> None:
        if not text.isprintable():
            for letter in text:
                if _unfit(letter):
                    raise self.refuse(
                        f"{key_text(keys)} holds a control character (U+{ord(letter):04X}): {shown(text)}.",
                        *keys,
                    )


# Those that turn the direction of the text around them: they make it read as what it is not.
_BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _unfit(letter: str) -> bool:
    return letter in _BIDIRECTIONAL or (
        letter not in "\n\r\t" and unicodedata.category(letter) in ("Cc", "Cs")
    )


def _kind(value: object) -> str:
    """What a value is, in TOML's words, and the value."""
    if isinstance(value, (list, dict)):  # not shown: it may be as large as the file
        return f"a list of {len(value):,}" if isinstance(value, list) else "a table"
    kinds = {bool: "true or false", str: "text", int: "number", float: "number"}
    return f"{kinds.get(type(value), 'date or time')} {shown(value)}"


def key_text(path: tuple[str | int, ...]) -> str:
    """A path as one writes it in TOML: `variables.strain.links."a b".present`, `red_flag[2].when`."""
    found = ""
    for each in path:
        if isinstance(each, int):
            found += f"[{each}]"
        else:
            bare = each.replace("_", "").replace("-", "").isalnum() and each.isascii()
            name = each if bare else '"' + printable(each).replace('"', '\\"') + '"'
            found += f".{name}" if found else name
    return found


def read_toml(text: str, *, file: str, format: int = FORMAT, deadline: float | None = None) -> Entry:
    """The root of a TOML text whose `format` key is the one this library reads.

    `deadline` is a moment of `time.monotonic`, by default `limits.READ_SECONDS` from now. Raises
    `NetworkFileError` for what is no TOML (with file and line) or takes too long.
    """
    if deadline is None:
        deadline = monotonic() + limits.READ_SECONDS
    document = Document(file, text, deadline)
    values = plain_toml(text, deadline=deadline)
    if values is None:
        values = _parse(document)
    root = Entry(document, (), values)
    found = root.value("format")
    if type(found) is not int or found != format:
        raise root.refuse(f"format must be {format}, got {_kind(found)}.", "format")
    return root


def _parse(document: Document) -> dict[str, Any]:
    import tomllib

    document.check_time()
    try:
        return within(document.deadline - monotonic(), lambda: tomllib.loads(document.text))
    except TimeIsUpError:
        document.deadline = -math.inf
        document.check_time()
        raise
    except RecursionError:
        raise NetworkFileError("it is nested too deeply to be read.", file=document.file) from None
    except ValueError as error:  # TOMLDecodeError, and Python's own limit on digits
        raise _syntax_error(str(error), document.text, document.file) from None


def _syntax_error(message: str, text: str, file: str) -> NetworkFileError:
    what, mark, place = message.rpartition(" (at ")
    line = None
    if not mark:
        what = message
    elif place.startswith("line "):
        words = place.rstrip(")").replace(",", "").split()  # line 3 column 5
        line, what = int(words[1]), f"{what} (column {words[3]})"
    else:
        line, what = text.count("\n") + 1, f"{what} (at the end of the file)"
    return NetworkFileError(f"not readable as TOML: {printable(what)}.", file=file, line=line)
