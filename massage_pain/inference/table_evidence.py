"""A DataFrame as evidence: each distinct value is looked up once, never each cell.

pandas is not imported here; the table brings its own methods. A column is factorised (categoricals
already are), its distinct values are looked up in the network, and a table of codes answers for all rows.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Hashable
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massage_pain.errors import (
    ConflictingEvidenceError,
    MassagePainError,
    UnknownVariableError,
    shown,
    unknown_name,
)
from massage_pain.inference.case import Case, is_missing
from massage_pain.inference.evidence import (
    NOT_ASKED,
    SOFT,
    Codes,
    Evidence,
    finding_code,
    in_row,
)
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable

_REFUSED = -4

_OFTEN = 4
"""Cells a distinct object, from which on it pays to look at objects before values."""


def from_table(network: Network, frame: Any) -> Evidence:
    """The evidence of a DataFrame: one row a case, one column a variable, missing = not asked.

    Raises `UnknownVariableError` for an unknown column, `ConflictingEvidenceError` for a repeated one.
    """
    variables = _columns(network, frame)
    count = len(frame)
    codes: dict[str, Codes] = {}
    likelihoods: dict[str, FloatArray] = {}
    numbers: dict[str, FloatArray] = {}
    wrong: dict[int, MassagePainError] = {}
    labels = frame.index
    for position, variable in enumerate(variables):
        column = _Column(variable, frame.iloc[:, position])
        for row, error in column.errors(wrong):
            wrong[row] = in_row(_at(error, variable), labels[row])
        if column.has_findings:
            codes[variable.id] = column.codes
            if column.likelihood is not None:
                likelihoods[variable.id] = column.likelihood
            if variable.numeric is not None:
                numbers[variable.id] = column.numbers
    refused = MappingProxyType(dict(sorted(wrong.items())))
    return Evidence(count, codes, likelihoods, numbers, refused, labels, of_table=True)


def _columns(network: Network, frame: Any) -> list[Variable]:
    seen: set[str] = set()
    found: list[Variable] = []
    known = [each.id for each in network.variables]
    for label in frame.columns:
        name = unicodedata.normalize("NFC", label) if isinstance(label, str) else label
        if not isinstance(name, str) or name not in network:
            raise UnknownVariableError(
                unknown_name("variable", label, known, where=" as a column of the table")
            )
        if name in seen:
            raise ConflictingEvidenceError(f"The column {shown(name)} occurs twice in the table; keep one.")
        seen.add(name)
        found.append(network.variable(name))
    return found


def _at(error: MassagePainError, variable: Variable) -> MassagePainError:
    text = str(error)
    return error if variable.id in text else type(error)(f"column {shown(variable.id)}: {text}")


class _Column:
    """One column, encoded."""

    def __init__(self, variable: Variable, series: Any) -> None:
        self.variable = variable
        self.likelihood: FloatArray | None = None
        self.numbers: FloatArray = np.empty(0)
        self._values: list[Any] = []
        self._wrong: dict[int, MassagePainError] = {}
        kind = getattr(series.dtype, "kind", "O")
        if variable.numeric is not None and kind in "iuf":
            self._take_numbers(series.to_numpy(dtype=np.float64, na_value=np.nan))
            return
        self._which, self._values = _distinct(series)
        self._take_distinct()

    @property
    def has_findings(self) -> bool:
        return bool((self.codes != NOT_ASKED).any())

    def errors(self, wrong: Container[int]) -> list[tuple[int, MassagePainError]]:
        """(row, why) for every refused cell, but in `wrong` rows; `codes` then says not asked there."""
        rows = np.flatnonzero(self.codes == _REFUSED)
        self.codes[rows] = NOT_ASKED
        found = zip(rows.tolist(), self._which[rows].tolist(), strict=True)
        return [(row, self._wrong[which]) for row, which in found if row not in wrong]

    def _take_distinct(self) -> None:
        lookup = np.full(len(self._values) + 1, NOT_ASKED, dtype=np.int16)  # the last: missing
        number_of = np.full(len(self._values) + 1, np.nan)
        soft: dict[int, FloatArray] = {}
        for position, value in enumerate(self._values):
            try:
                found = _finding(self.variable, value)
            except MassagePainError as error:
                self._wrong[position] = error
                lookup[position] = _REFUSED
                continue
            if found is None:
                continue
            if isinstance(found, float):
                lookup[position], number_of[position] = 0, found
            elif isinstance(found, int):
                lookup[position] = found
            else:
                lookup[position], soft[position] = SOFT, found
        if np.array_equal(lookup, [*range(len(lookup) - 1), NOT_ASKED]):  # categories are the states
            self.codes = self._which.astype(np.int16)
        else:
            self.codes = lookup[self._which]
        if self.variable.numeric is not None:
            self.numbers = number_of[self._which]
        if soft:
            rows = np.ones((len(lookup), len(self.variable.states)))
            for position, row in soft.items():
                rows[position] = row
            self.likelihood = rows[self._which]

    def _take_numbers(self, numbers: FloatArray) -> None:
        assert self.variable.numeric is not None
        low, high = self.variable.numeric
        missing = np.isnan(numbers)
        outside = ~missing & ~((numbers >= low) & (numbers <= high))
        self.codes = np.where(missing, NOT_ASKED, np.where(outside, _REFUSED, 0)).astype(np.int16)
        self.numbers = np.where(outside, np.nan, numbers)
        rows = np.flatnonzero(outside)
        self._which = np.zeros(0, dtype=np.intp)
        if len(rows):
            self._which = np.full(len(numbers), -1, dtype=np.intp)
            distinct, inverse = np.unique(numbers[rows], return_inverse=True)
            self._which[rows] = inverse
            for position, value in enumerate(distinct.tolist()):
                try:
                    finding_code(self.variable, value)
                except MassagePainError as error:
                    self._wrong[position] = error


def _finding(variable: Variable, value: object) -> Any:
    """A cell's code, likelihood row or number; None for a missing value."""
    if is_missing(value):
        return None
    return finding_code(variable, Case({variable.id: value})[variable.id])


def _distinct(series: Any) -> tuple[NDArray[np.intp], list[Any]]:
    """For each row which distinct value it has (-1: missing), and the distinct values."""
    if hasattr(series, "cat"):
        return series.cat.codes.to_numpy(), list(series.cat.categories)
    if getattr(series.dtype, "kind", "O") == "O" or not isinstance(series.dtype, np.dtype):
        return _distinct_objects(series)
    which, values = series.factorize()
    return which, [each.item() if hasattr(each, "item") else each for each in values]


def _distinct_objects(series: Any) -> tuple[NDArray[np.intp], list[Any]]:
    if series.dtype.kind == "O" and isinstance(series.dtype, np.dtype):
        cells = series.to_numpy()
        which, first = _same_objects(series, cells)
        if _OFTEN * len(first) <= len(cells):
            place, values = _distinct_by_kind(cells[first])
            return place[which], values
    try:
        which, values = series.factorize()
        values = list(values)
    except (TypeError, NotImplementedError):  # a cell that cannot be hashed, an Arrow struct
        return _distinct_by_kind(series)
    if any(not isinstance(each, str) for each in values) and series.dtype.kind == "O":
        # True, 1 and 1.0 are one key to pandas, but not one finding.
        return _distinct_by_kind(series)
    return which, [each.item() if hasattr(each, "item") else each for each in values]


def _same_objects(series: Any, cells: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For each cell which object it is, and where each object stands first.

    A column mostly holds a few objects a million times, and which they are is told faster than what.
    """
    identities = np.fromiter(map(id, cells), dtype=np.intp, count=len(cells))
    which, objects = type(series)(identities).factorize()
    first = np.empty(len(objects), dtype=np.intp)
    first[which[::-1]] = np.arange(len(cells) - 1, -1, -1)
    return which, first


def _distinct_by_kind(series: Any) -> tuple[NDArray[np.intp], list[Any]]:
    position: dict[Hashable, int] = {}
    values: list[Any] = []
    which = np.empty(len(series), dtype=np.intp)
    for row, value in enumerate(series):
        if is_missing(value):
            which[row] = -1
            continue
        key: Hashable = (type(value), value)
        try:
            found = position.get(key)
        except TypeError:
            key = (type(value), id(value))
            found = position.get(key)
        if found is None:
            found = position[key] = len(values)
            values.append(value)
        which[row] = found
    return which, values
