"""Everything a caller can get wrong, as errors of our own.

Each error is a `MassagePainError` and also the builtin that fits, so both `except MassagePainError`
and `except ValueError` work. A message names what is wrong, where, the offending value and what is
allowed; where a name is unknown it offers the nearest known ones. A refused call changes nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

__all__ = [
    "CaseFileError",
    "ComplexityError",
    "ConflictingEvidenceError",
    "EvidenceError",
    "ImpossibleEvidenceError",
    "InvalidNetworkError",
    "MassagePainError",
    "MissingExtraError",
    "NetworkFileError",
    "NetworkWarning",
    "QueryError",
    "RefusedRowsWarning",
    "UnknownStateError",
    "UnknownVariableError",
    "UnsupportedModelError",
]


class MassagePainError(Exception):
    """The base of every error this library raises on purpose."""


class NetworkFileError(MassagePainError, ValueError):
    """A file that cannot be read or written as what it should be.

    `file`, `line` (1-based, None where no line is to blame) and `key` say where.
    """

    def __init__(
        self, message: str, *, file: str = "", line: int | None = None, key: str | None = None
    ) -> None:
        self.file, self.line, self.key = file, line, key
        place = file if line is None else f"{file}:{line}"
        where = ", ".join(part for part in (place, key and f"at {key}") if part)
        super().__init__(f"{where}: {message}" if where else message)


class CaseFileError(MassagePainError, ValueError):
    """A file of cases, or of answers, that cannot be read or written as what it should be.

    `file` and `line` (1-based, None where no line is to blame) say where.
    """

    def __init__(self, message: str, *, file: str = "", line: int | None = None) -> None:
        self.file, self.line = file, line
        place = file if line is None else f"{file}:{line}"
        super().__init__(f"{place}: {message}" if place else message)


class InvalidNetworkError(MassagePainError, ValueError):
    """A network whose structure or numbers do not make a probability distribution."""


class UnknownVariableError(MassagePainError, LookupError):
    """A name that is no variable of the network."""


class UnknownStateError(MassagePainError, ValueError):
    """A value that is no state of its variable."""


class EvidenceError(MassagePainError, ValueError):
    """A finding that cannot be used as evidence."""


class QueryError(MassagePainError, ValueError):
    """A question that cannot be asked: no target, or one target twice."""


class ImpossibleEvidenceError(EvidenceError):
    """Findings that cannot occur together: their joint probability is zero.

    `findings` is a smallest conflicting subset (variable -> what was said): leaving out any one of
    them makes the rest possible.
    """

    def __init__(self, message: str, *, findings: Mapping[str, object] | None = None) -> None:
        self.findings: dict[str, object] = dict(findings or {})
        super().__init__(message)


class ConflictingEvidenceError(EvidenceError):
    """One variable was given two findings that disagree."""


class ComplexityError(MassagePainError, ValueError):
    """Work refused before memory is taken: `estimate` is over `limit` (both in table cells)."""

    def __init__(self, message: str, *, estimate: float, limit: float) -> None:
        self.estimate, self.limit = estimate, limit
        super().__init__(message)

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), estimate=self.estimate, limit=self.limit), self.args


class UnsupportedModelError(MassagePainError, TypeError):
    """An object or a format that is not a model this library can take in."""


class MissingExtraError(MassagePainError, ImportError):
    """An optional dependency is needed; the message says what to install."""


class NetworkWarning(UserWarning):
    """Something in a network that is allowed, but probably not meant."""


class RefusedRowsWarning(UserWarning):
    """Some rows of a table were refused; the others were answered."""


def near_misses(name: str, known: Iterable[str], *, most: int = 3) -> list[str]:
    """The known names that `name` was probably meant to be, nearest first."""
    import difflib  # only an error pays for it

    known = list(known)
    folded: dict[str, str] = {}
    for candidate in known:
        folded.setdefault(_folded(candidate), candidate)
    found = [folded[_folded(name)]] if _folded(name) in folded else []
    for close in difflib.get_close_matches(_folded(name), folded, n=most, cutoff=0.6):
        if folded[close] not in found:
            found.append(folded[close])
    return found[:most]


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold().replace(" ", "_").replace("-", "_")


def unknown_name(what: str, name: object, known: Iterable[str], *, where: str = "") -> str:
    """The sentence for an unknown name: what, the value, a near miss, what is allowed."""
    known = list(known)
    sentence = f"Unknown {what} {shown(name)}{where}."
    if isinstance(name, str):
        close = near_misses(name, known)
        if close:
            sentence += f" Did you mean {' or '.join(shown(each) for each in close)}?"
            if any(_looks_like(name, each) for each in close):
                sentence += " (The two look alike but differ in characters one cannot see.)"
    if len(known) <= 12:
        sentence += f" Available: {', '.join(printable(each) for each in known) or 'none'}."
    else:
        sentence += f" {len(known)} names are available."
    return sentence


def _looks_like(name: str, known: str) -> bool:
    if name == known:
        return False
    skeleton = "".join(_LOOKALIKES.get(letter, letter) for letter in unicodedata.normalize("NFKC", name))
    skeleton = "".join(letter for letter in skeleton if unicodedata.category(letter) != "Cf")
    return skeleton.strip() == known


# Cyrillic and Greek letters that most fonts draw like Latin ones.
_LOOKALIKES = dict(zip("асеорхуіјѕοαν", "aceopxyijsoav", strict=True))


def printable(text: str) -> str:
    """`text` with every control, bidirectional and invisible character written as an escape."""
    if text.isprintable():  # nearly always
        return text
    return "".join(
        letter
        if letter == " " or (letter.isprintable() and unicodedata.category(letter) != "Cf")
        else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


def shown(value: object, *, most: int = 80) -> str:
    """`value` as it can stand in a message: quoted, escaped, never longer than `most`."""
    text = printable(value) if isinstance(value, str) else printable(repr(value))
    text = text if len(text) <= most else text[: most - 3] + "..."
    return f"'{text}'" if isinstance(value, str) else text
