"""What the distinct values of a column say: each is looked up in the network once, never each cell.

A text is read as on the command line (`inference.written_finding`); any other value as in a DataFrame. A
text that stands for "not asked" (`MISSING`) is no finding, unless the variable has a state of that name.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from massage_pain.batches.vocabulary import Ids
from massage_pain.errors import EvidenceError, MassagePainError, shown
from massage_pain.inference.case import Case, is_missing
from massage_pain.inference.evidence import NOT_ASKED, SOFT, Codes, Evidence, finding_code
from massage_pain.inference.written_finding import written_finding
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable

MISSING: tuple[str, ...] = ("", "NA", "NaN", "nan", "<NA>", "NULL", "null")
"""What an unanswered question is written as: an empty cell, or as R, pandas and databases write it."""

_REFUSED = -4
_KEPT = 10_000


class Reading(NamedTuple):
    """What one value says: a code; for an answered number the number; for soft evidence its row."""

    code: int
    number: float = np.nan
    likelihood: FloatArray | None = None
    error: MassagePainError | None = None


_NOT_ASKED = Reading(NOT_ASKED)


class Encoded(NamedTuple):
    """A column as codes (n,), with numbers (n,), likelihoods (n, states) and errors where there are any."""

    variable: Variable
    codes: Codes
    numbers: FloatArray | None
    likelihood: FloatArray | None
    errors: Mapping[int, MassagePainError]


class Codebook:
    """The values of one column. What it has looked up it keeps: that changes how fast, never what."""

    def __init__(self, variable: Variable, missing: Sequence[str] = MISSING) -> None:
        self.variable = variable
        self._missing = frozenset(missing).difference(variable.states)
        self._known: dict[Hashable, Reading] = {}

    def texts(self) -> list[str]:
        """What its cells are likely to hold."""
        return [*self.variable.states, *sorted(self._missing), "unsure"]

    def reading(self, value: Any) -> Reading:
        """What one value says."""
        key: Hashable = value if isinstance(value, str) else (type(value), repr(value))
        found = self._known.get(key)
        if found is None:
            found = self._read(value)
            if len(self._known) < _KEPT:
                self._known[key] = found
        return found

    def encode(self, which: Ids, values: Sequence[Any]) -> Encoded:
        """The column whose cell i holds `values[which[i]]`; an index past the last is a missing value."""
        n_values = len(values)
        is_met = np.zeros(n_values + 1, dtype=bool)
        is_met[which] = True
        met = np.flatnonzero(is_met[:n_values])
        codes = np.full(n_values + 1, NOT_ASKED, dtype=np.int16)
        numbers = np.full(n_values + 1, np.nan)
        soft: dict[int, FloatArray] = {}
        wrong: dict[int, MassagePainError] = {}
        for at in met.tolist():
            reading = self.reading(values[at])
            codes[at], numbers[at] = reading.code, reading.number
            if reading.likelihood is not None:
                soft[at] = reading.likelihood
            if reading.error is not None:
                wrong[at] = reading.error
        encoded = codes.take(which)
        errors: dict[int, MassagePainError] = {}
        if wrong:
            rows = np.flatnonzero(encoded == _REFUSED)
            errors = {row: wrong[at] for row, at in zip(rows.tolist(), which[rows].tolist(), strict=True)}
        likelihood = None
        if soft:
            rows_of = np.ones((n_values + 1, len(self.variable.states)))
            for at, row in soft.items():
                rows_of[at] = row
            likelihood = rows_of[which]
        number = numbers.take(which) if self.variable.numeric is not None else None
        return Encoded(self.variable, encoded, number, likelihood, errors)

    def _read(self, value: Any) -> Reading:
        if is_missing(value) or (isinstance(value, str) and value in self._missing):
            return _NOT_ASKED
        variable = self.variable
        try:
            if isinstance(value, str) and not value.isascii():
                _check_letters(value)
            finding = written_finding(value, variable) if isinstance(value, str) else value
            found = finding_code(variable, Case({variable.id: finding})[variable.id])
        except MassagePainError as error:
            text = str(error)
            where = "" if variable.id in text else f"column {shown(variable.id)}: "
            return Reading(_REFUSED, error=type(error)(f"{where}{text}") if where else error)
        if isinstance(found, float):
            return Reading(0, number=found)
        if isinstance(found, int):
            return Reading(found)
        return Reading(SOFT, likelihood=found)


def evidence_of_columns(
    network: Network, columns: Sequence[Encoded], n_cases: int, wrong: Mapping[int, MassagePainError]
) -> Evidence:
    """The evidence of encoded columns; `wrong` rows have no findings, a row with a wrong cell its others.

    A row's error is that of its first wrong column.
    """
    refused = dict(wrong)
    for column in columns:
        for row, error in column.errors.items():
            refused.setdefault(row, error)
    codes: dict[str, Codes] = {}
    likelihoods: dict[str, FloatArray] = {}
    numbers: dict[str, FloatArray] = {}
    malformed = list(wrong)
    place = {each.id: at for at, each in enumerate(network.variables)}
    for column in sorted(columns, key=lambda each: place[each.variable.id]):
        column.codes[[*malformed, *column.errors]] = NOT_ASKED
        if not (column.codes != NOT_ASKED).any():
            continue
        name = column.variable.id
        codes[name] = column.codes
        if column.likelihood is not None:
            likelihoods[name] = column.likelihood
        if column.numbers is not None:
            numbers[name] = column.numbers
    why = MappingProxyType(dict(sorted(refused.items())))
    return Evidence(n_cases, codes, likelihoods, numbers, why, of_table=True)


def _check_letters(text: str) -> None:
    """Refuse a text with a byte that is not UTF-8, which is read as a surrogate."""
    wrong = next((each for each in text if "\udc80" <= each <= "\udcff"), None)
    if wrong is not None:
        raise EvidenceError(f"byte 0x{ord(wrong) - 0xDC00:02x} is not UTF-8; save the file as UTF-8.")
