"""The words of a BIF file, one at a time, each with its place.

The Interchange Format for Bayesian Networks (Cozman 1998, version 0.15) leaves much to the writer:
commas are optional, comments are those of C, names may be quoted. bnlearn and pgmpy write names without
quotes that hold spaces, parentheses or whole intervals ("very high", "t(1)", "(0,1.5]"); they are read
where the place leaves no doubt.

Everything is one pass: a pattern is only ever matched where the scanner stands, and no pattern can match
one text in two ways, so that the time is linear in the length of the file whatever it holds.
"""

from __future__ import annotations

import re
import time
import unicodedata
from typing import NamedTuple

from massage_pain.errors import ComplexityError, NetworkFileError, printable, shown

# A run of letters of a name without quotes: no space, bracket, separator or quote, and no beginning of a
# comment. Possessive (++): what is taken is never given back, so a long run costs neither time nor memory.
_LETTERS = r'(?:[^\s{}()\[\],;|"/]++|/(?![/*]))++'
_NUMBER = r"[-+]?+(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][-+]?+[0-9]++)?+"
_BOUND = rf"\s*+(?:{_NUMBER}|[-+]?+Inf)\s*+"
_TOKEN = re.compile(
    rf"""\s*+(?: (?P<word>{_LETTERS})
             | (?P<mark>[{{}}()\[\],;|])
             | (?P<quoted>"[^"\r\n]*+")
             | (?P<comment>//[^\r\n]*+ | /\*.*?\*/)
             | (?P<end>\Z)
             | (?P<open>["/]))""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_NAME = re.compile(rf"{_LETTERS}(?:{_LETTERS}|\((?:{_LETTERS})?\)|\[(?:{_LETTERS})?\])*+", re.ASCII)
_INTERVAL = re.compile(rf"[(\[]{_BOUND},{_BOUND}[)\]]", re.ASCII)
_PROPERTY = re.compile(r'(?:[^;"]++|"[^"\r\n]*+"|")*+;')
_PLAIN_NAMES = re.compile(r"\(([^()\[\]{}/;|]*+)\)")
_PLAIN_NUMBERS = re.compile(r"[0-9eE+.,\s-]*+;", re.ASCII)
_SPACE = " \t\n\r\f\v"
_QUOTED = re.compile(r'"[^"\r\n]*+"')
_ONE_NUMBER = re.compile(_NUMBER, re.ASCII)


class Place(NamedTuple):
    """Where something stands, for saying so: an offset in the text and the variable it belongs to."""

    offset: int
    key: str | None = None


class Scanner:
    """A BIF text and the word that stands at the reading position.

    `kind` is "word", "quoted", "mark" or "end"; `value` its text, `start` its offset.
    """

    def __init__(self, text: str, file: str, *, seconds: float) -> None:
        self.text, self.file = text, file
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self.start = self._end = 0
        self.kind = self.value = ""
        self.advance()

    # -- moving on -----------------------------------------------------------------------------

    def advance(self) -> None:
        """Go on to the next word."""
        self._go_to(self._end)

    def _go_to(self, offset: int) -> None:
        if time.monotonic() > self._deadline:
            raise self.refuse(
                f"reading has taken more than {self._seconds:.3g} seconds; the file is too large."
            )
        while match := _TOKEN.match(self.text, offset):
            kind = match.lastgroup or ""
            if kind != "comment":
                break
            offset = match.end()
        assert match is not None  # every letter begins one of the alternatives
        self.kind, self.value = kind, match[kind]
        self.start, self._end = match.span(kind)
        if kind == "open":
            what = "comment" if self.value == "/" else "quotation mark"
            raise self.refuse(f"the {what} that opens here is not closed.")

    # -- saying what is wrong ------------------------------------------------------------------

    def refuse(self, message: str, place: Place | None = None) -> NetworkFileError:
        """The error (to be raised) for what stands at `place`, or at the reading position."""
        offset, key = place or Place(self.start)
        return NetworkFileError(
            message, file=self.file, line=self.line_of(offset), key=printable(key) if key else None
        )

    def too_complex(self, error: ComplexityError, offset: int) -> ComplexityError:
        """The same error with the place in front, to be raised."""
        return ComplexityError(
            f"{self.file}:{self.line_of(offset)}: {error}", estimate=error.estimate, limit=error.limit
        )

    def line_of(self, offset: int) -> int:
        """The line (from 1) on which the text at `offset` stands."""
        returns = self.text.count("\r", 0, offset) - self.text.count("\r\n", 0, offset)
        return self.text.count("\n", 0, offset) + returns + 1

    def here(self) -> str:
        """What stands at the reading position, in words."""
        return "the file ends (is it cut off?)" if self.kind == "end" else f"there is {shown(self.value)}"

    # -- taking what is expected ---------------------------------------------------------------

    def at(self, *texts: str) -> bool:
        """Whether one of these marks or keywords stands here, not quoted."""
        return self.kind in ("mark", "word") and self.value in texts

    def take(self, text: str, key: str | None = None) -> None:
        """Go past a mark or keyword. Raises `NetworkFileError` when something else stands here."""
        if not self.at(text):
            raise self.refuse(f"'{text}' is expected here; {self.here()}.", Place(self.start, key))
        self.advance()

    def skip_property(self) -> None:
        """Go past a property: whatever stands before the next semicolon."""
        match = _PROPERTY.match(self.text, self.start)
        if match is None:
            raise self.refuse("this property is not ended by a semicolon.")
        self._go_to(match.end())

    # -- names ---------------------------------------------------------------------------------

    def name_part(self) -> str | None:
        """A quoted name, or one word of a name without quotes; None when neither stands here."""
        if self.kind == "quoted":
            part = self.value[1:-1]
            self.advance()
            return unicodedata.normalize("NFC", part)
        pattern = _NAME if self.kind == "word" else _INTERVAL
        match = pattern.match(self.text, self.start)
        if match is None:
            return None
        self._go_to(match.end())
        return unicodedata.normalize("NFC", match[0])

    def plain_names(self, count: int) -> tuple[str, ...] | None:
        """The names in the parentheses that open here, and past them, if they are without frills.

        None, and nothing is read, where they must be taken word by word: comments, brackets in names,
        and whatever is wrong. Nearly every row goes this way, several times as fast.
        """
        match = _PLAIN_NAMES.match(self.text, self.start)
        if match is None:
            return None
        written = match[1] if match[1].isascii() else unicodedata.normalize("NFC", match[1])
        names = tuple([name.strip(_SPACE) for name in written.split(",")])
        if '"' in written:
            if any('"' in name and not _QUOTED.fullmatch(name) for name in names):
                return None
            names = tuple(name.strip('"') for name in names)
        elif len(names) == 1 != count and written.isascii():
            names = tuple(written.split())
        if len(names) != count:
            return None
        self._go_to(match.end())
        return names

    def names(self, *, until: tuple[str, ...], expected: int | None, key: str | None) -> tuple[str, ...]:
        """The names up to (not past) one of the marks `until`.

        Commas separate names, and then a name may be several words; without any comma, white space
        separates them, unless one name is `expected`.
        """
        groups: list[list[str]] = [[]]
        while self.kind != "mark" or self.value not in until:
            if self.kind == "mark" and self.value == ",":
                if not groups[-1]:
                    raise self.refuse("a name is missing before this comma.", Place(self.start, key))
                self.advance()
                groups.append([])
                continue
            part = self.name_part()
            if part is None:
                hint = " Quote a name that holds brackets or separators." if self.kind == "mark" else ""
                raise self.refuse(
                    f"a name or '{until[0]}' is expected here; {self.here()}.{hint}", Place(self.start, key)
                )
            groups[-1].append(part)
        if len(groups) == 1:
            words = groups[0]
            return tuple(words) if expected != 1 or not words else (" ".join(words),)
        if not groups[-1]:
            raise self.refuse("a name is missing after the last comma.", Place(self.start, key))
        return tuple(" ".join(group) for group in groups)

    # -- numbers -------------------------------------------------------------------------------

    def numbers(self, key: str, *, most: int) -> list[float]:
        """The numbers up to and past a semicolon. Raises for more than `most` of them."""
        match = _PLAIN_NUMBERS.match(self.text, self.start)
        plain = None if match is None else _plain_numbers(match[0][:-1], most)
        if match is not None and plain is not None:
            self._go_to(match.end())
            return plain
        found: list[float] = []
        start = self.start
        separated = True
        while not self.at(";"):
            if self.at(",") and not separated:
                separated = True
                self.advance()
                continue
            if self.kind not in ("word", "quoted"):
                raise self.refuse(f"a number or ';' is expected here; {self.here()}.", Place(self.start, key))
            if len(found) > most:
                raise self.refuse(f"there are more than {most:,} numbers.", Place(start, key))
            if not _ONE_NUMBER.fullmatch(self.value):
                raise self.refuse(
                    f"{shown(self.value)} is not a probability; it must be a number from 0 to 1 "
                    "with a decimal point.",
                    Place(self.start, key),
                )
            found.append(float(self.value))
            separated = False
            self.advance()
        if found and separated:
            raise self.refuse("a number is missing after the last comma.", Place(self.start, key))
        self.advance()
        return found


def _plain_numbers(text: str, most: int) -> list[float] | None:
    """The numbers of a text of digits, signs, commas and spaces; None where something is wrong."""
    parts = text.split(",", most) if "," in text else text.split(None, most)
    try:
        return list(map(float, parts)) if len(parts) <= most else None
    except ValueError:
        return None
