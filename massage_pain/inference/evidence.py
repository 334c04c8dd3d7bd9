"""Findings of many cases as arrays: where names and states meet a network.

A batch of cases becomes one column of codes for each variable that has a finding somewhere: the index
of the observed state, or one of three marks (not asked, asked but unsure, soft). Soft evidence (virtual
evidence, Pearl 1988) keeps one likelihood row a case. Everything behind this room sees arrays only.

One case that is wrong raises. In a batch a wrong row is refused alone, with an error that names the row
and the variable; the other rows are answered. A wrong *column* says something about every row, so it
raises for the whole table.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from massage_pain.errors import (
    ConflictingEvidenceError,
    EvidenceError,
    MassagePainError,
    UnknownStateError,
    UnknownVariableError,
    printable,
    shown,
    unknown_name,
)
from massage_pain.inference.case import UNSURE, Case, Likelihood
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable

NOT_ASKED, ASKED_UNSURE, SOFT = -1, -2, -3
"""The codes that are no state: nothing known, asked but cannot tell, soft evidence."""

Codes: TypeAlias = NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Evidence:
    """The findings of `n_cases` cases; a variable is a key only if some case has a finding for it.

    `codes` (n_cases,): the observed state, or NOT_ASKED, ASKED_UNSURE, SOFT; for a numeric variable 0
    means answered. `likelihoods` (n_cases, n_states): rows of ones where the evidence is not soft.
    `numbers` (n_cases,): numeric screening answers, NaN for none. `refused`: row position -> why; of a
    refused row what is right in it is kept, because it may raise a red flag, and nothing else is to be made
    of it. `labels`: what the caller calls the rows, None for 0, 1, 2, ... `of_table`: what a row says
    must not depend, not even in its last bit, on how many others come with it, so that a file may
    be cut anywhere; one case alone has a quicker way that adds in another order.
    """

    n_cases: int
    codes: Mapping[str, Codes]
    likelihoods: Mapping[str, FloatArray]
    numbers: Mapping[str, FloatArray]
    refused: Mapping[int, MassagePainError]
    labels: Sequence[Any] | None = None
    of_table: bool = False

    @property
    def is_alone(self) -> bool:
        """Whether this is one case, to be answered as such."""
        return self.n_cases == 1 and not self.of_table

    def take(self, rows: slice | NDArray[Any]) -> Evidence:
        """The evidence of some rows, in that order."""
        count = len(range(self.n_cases)[rows]) if isinstance(rows, slice) else len(rows)
        refused: dict[int, MassagePainError] = {}
        if self.refused:
            found = enumerate(np.arange(self.n_cases)[rows].tolist())
            refused = {new: self.refused[old] for new, old in found if old in self.refused}
        labels = self.labels
        if labels is not None:
            labels = labels[rows] if isinstance(rows, slice) else [labels[row] for row in rows.tolist()]
        return Evidence(
            count,
            {name: each[rows] for name, each in self.codes.items()},
            {name: each[rows] for name, each in self.likelihoods.items()},
            {name: each[rows] for name, each in self.numbers.items()},
            refused,
            labels,
            self.of_table,
        )

    def with_codes(self, codes: Mapping[str, Codes]) -> Evidence:
        """The same with these codes instead."""
        return Evidence(
            self.n_cases, codes, self.likelihoods, self.numbers, self.refused, self.labels, self.of_table
        )

    @cached_property
    def code_of(self) -> Mapping[str, int]:
        """The codes of the first case, as plain integers."""
        return {name: each.item(0) for name, each in self.codes.items()}

    def label(self, row: int) -> Any:
        """What the caller calls this row."""
        return row if self.labels is None else self.labels[row]


def evidence_of(network: Network, cases: Any = None) -> Evidence:
    """The findings of a case, of several, or of a table, checked against a network.

    `cases`: a `Case` or mapping (one case), a sequence of those, a pandas DataFrame (one row a case, one
    column a variable, missing = not asked), or None (one case with no findings).

    Raises the error of the finding for one case, `EvidenceError` for anything that is no case,
    `UnknownVariableError` for an unknown column and `ConflictingEvidenceError` for a repeated one.
    """
    if isinstance(cases, Evidence):
        return cases
    if cases is None:
        return Evidence(1, {}, {}, {}, {})
    if isinstance(cases, Mapping):
        return _from_one(_findings(network, cases))
    if hasattr(cases, "columns") and hasattr(cases, "iloc"):
        from massage_pain.inference.table_evidence import from_table

        return from_table(network, cases)
    if isinstance(cases, Sequence) and not isinstance(cases, (str, bytes)):
        return _from_sequence(network, cases)
    raise EvidenceError(
        "Cases must be a Case, a mapping of variable to finding, a list of those or a DataFrame, "
        f"got {type(cases).__name__} {shown(cases)}."
    )


def finding_code(variable: Variable, value: object) -> int | FloatArray | float:
    """What one finding says of `variable`: a code, a likelihood row, or (numeric) a number.

    Raises `UnknownStateError` or `EvidenceError`.
    """
    if isinstance(value, str):
        try:
            return variable.states.index(value)
        except ValueError:
            pass
        if variable.numeric is None:
            normal = unicodedata.normalize("NFC", value)
            if normal in variable.states:
                return variable.states.index(normal)
        if value == UNSURE.value:
            return ASKED_UNSURE
    elif value is UNSURE:
        # A variable with a state of that name records exactly this answer in that state.
        return variable.states.index("unsure") if "unsure" in variable.states else ASKED_UNSURE
    elif isinstance(value, Likelihood):
        return _likelihood_row(variable, value)
    if variable.numeric is not None:
        return _number(variable, value)
    if isinstance(value, bool) and variable.is_binary:
        return int(value)
    raise _unknown_state(variable, value)


def _number(variable: Variable, value: object) -> float:
    assert variable.numeric is not None
    low, high = variable.numeric
    unit = f" {printable(variable.unit)}" if variable.unit else ""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise EvidenceError(
            f"{printable(variable.id)} must be a number from {low:g} to {high:g}{unit}, got {shown(value)}."
        )
    return float(value)


def _unknown_state(variable: Variable, value: object) -> UnknownStateError:
    where = f" for {printable(variable.id)}"
    sentence = unknown_name("state", value, variable.states, where=where)
    if isinstance(value, bool):
        sentence += " True and False are taken only where the states are absent and present."
    elif not isinstance(value, str) and str(value) in variable.states:
        sentence += f" Its states are text: write {shown(str(value))}."
    elif isinstance(value, (int, float)):
        sentence += " A state is given by its name, not by a number."
    return UnknownStateError(sentence)


def _likelihood_row(variable: Variable, value: Likelihood) -> FloatArray:
    name = printable(variable.id)
    if variable.numeric is not None:
        raise EvidenceError(f"{name} takes a number or UNSURE, not a Likelihood, got {shown(value)}.")
    extra = [each for each in value if each not in variable.states]
    if extra:
        where = f" in the Likelihood for {name}"
        raise EvidenceError(unknown_name("state", extra[0], variable.states, where=where))
    missing = [each for each in variable.states if each not in value]
    if missing:
        raise EvidenceError(
            f"The Likelihood for {name} needs a weight for every state; missing: "
            f"{', '.join(map(printable, missing))}. Got {shown(value)}."
        )
    return np.array([value[each] for each in variable.states])


def variable_named(network: Network, name: object) -> Variable:
    """The variable a finding is for. Raises `UnknownVariableError` with near misses."""
    if isinstance(name, str) and name not in network:
        name = unicodedata.normalize("NFC", name)
    return network.variable(name)  # type: ignore[arg-type]


def _findings(network: Network, case: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] | None = plain_findings(network, case)
    if plain is not None:
        return plain
    known = case if isinstance(case, Case) else Case(case)
    return {
        (variable := variable_named(network, name)).id: finding_code(variable, value)
        for name, value in known.items()
    }


def plain_findings(network: Network, case: Mapping[str, Any]) -> dict[str, int | float] | None:
    """The findings of a case that names only known states and numbers, quickly; None for any other.

    A state is its position, a numeric answer a float.
    """
    found: dict[str, int | float] = {}
    known = network.state_codes
    for name, value in case.items():
        states = known.get(name)
        code = states.get(value) if states is not None and type(value) is str else None
        if code is not None:
            found[name] = code
        elif value is None:
            continue
        elif states is None:
            if name not in network or not isinstance(value, (int, float)) or value != value:
                return None
            found[name] = _number(network.variable(name), value)
        elif isinstance(value, bool) and network.variable(name).is_binary:
            found[name] = int(value)
        else:
            return None
    return found


def _from_one(found: Mapping[str, Any]) -> Evidence:
    states: list[int] = []
    likelihoods: dict[str, FloatArray] = {}
    numbers: dict[str, FloatArray] = {}
    for name, value in found.items():
        if isinstance(value, int):
            states.append(value)
        elif isinstance(value, float):
            states.append(0)
            numbers[name] = np.array((value,))
        else:
            states.append(SOFT)
            likelihoods[name] = value[None, :]
    codes = dict(zip(found, np.array(states, dtype=np.int16)[:, None], strict=True))
    return Evidence(1, codes, likelihoods, numbers, {})


def _from_sequence(network: Network, cases: Sequence[Any]) -> Evidence:
    rows: list[dict[str, Any]] = []
    refused: dict[int, MassagePainError] = {}
    for position, case in enumerate(cases):
        if case is not None and not isinstance(case, Mapping):
            raise EvidenceError(
                "Cases must be a Case, a mapping of variable to finding, a list of those or a "
                f"DataFrame; item {position} of the list is {type(case).__name__} {shown(case)}."
            )
        try:
            rows.append(_findings(network, case or {}))
        except MassagePainError as error:
            rows.append({})
            refused[position] = in_row(error, position)
    return _from_rows(rows, refused)


def in_row(error: MassagePainError, label: object) -> MassagePainError:
    """The same error, saying which row it is about."""
    if isinstance(label, tuple):  # of an index of several levels
        label = tuple(_plain_label(each) for each in label)
    kind = type(error)
    kind = (
        kind
        if kind in (UnknownVariableError, UnknownStateError, ConflictingEvidenceError)
        else (EvidenceError if not isinstance(error, EvidenceError) else kind)
    )
    return kind(f"Row {shown(_plain_label(label))}: {error}")


def _plain_label(label: object) -> object:
    """A number of numpy as Python writes it."""
    return label.item() if isinstance(label, np.generic) else label


def _from_rows(rows: Sequence[Mapping[str, Any]], refused: Mapping[int, MassagePainError]) -> Evidence:
    codes: dict[str, Codes] = {}
    likelihoods: dict[str, FloatArray] = {}
    numbers: dict[str, FloatArray] = {}
    count = len(rows)
    for position, row in enumerate(rows):
        for name, value in row.items():
            column = codes.get(name)
            if column is None:
                column = codes[name] = np.full(count, NOT_ASKED, dtype=np.int16)
            if isinstance(value, int):
                column[position] = value
            elif isinstance(value, float):
                column[position] = 0
                numbers.setdefault(name, np.full(count, np.nan))[position] = value
            else:
                column[position] = SOFT
                soft = likelihoods.get(name)
                if soft is None:
                    soft = likelihoods[name] = np.ones((count, len(value)))
                soft[position] = value
    return Evidence(count, codes, likelihoods, numbers, MappingProxyType(dict(refused)))
