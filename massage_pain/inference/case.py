"""A case: what has been found out about one person, and how sure one is of it.

A finding is a state's name; True or False for present or absent; a number where the question asks for
one (age); `Likelihood` for soft evidence; `UNSURE` for "asked, cannot tell". `None`, NaN and `pandas.NA`
mean "not asked" and are left out. A case is a frozen value: `observe` and `without` return new ones. It
knows no network; names and states are checked where it meets one.
"""

from __future__ import annotations

import enum
import math
import unicodedata
from collections.abc import ItemsView, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from massage_pain.errors import (
    ConflictingEvidenceError,
    EvidenceError,
    ImpossibleEvidenceError,
    printable,
    shown,
)


class Unsure(enum.Enum):
    """The type of `UNSURE`."""

    UNSURE = "unsure"

    def __repr__(self) -> str:
        return "UNSURE"


UNSURE: Final = Unsure.UNSURE
"""Asked, but the person cannot tell: no evidence, and the question is not asked again.

In a record, a file or on the command line it is written "unsure"."""


class Likelihood(Mapping[str, float]):
    """Soft evidence (virtual evidence, Pearl 1988): P(what was noticed | state), for every state.

    Only the ratios matter. Weights are from 0 to 1 and not all zero.

    >>> Likelihood(present=0.8, absent=0.2)
    Likelihood(present=0.8, absent=0.2)
    """

    __slots__ = ("_weights",)

    def __init__(self, weights: Mapping[str, float] | None = None, /, **by_state: float) -> None:
        given: dict[str, object] = {**dict(weights or {}), **by_state}
        if not given:
            raise EvidenceError("A Likelihood needs a weight for every state, got none.")
        checked: dict[str, float] = {}
        for state, weight in given.items():
            if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0.0 <= weight <= 1.0:
                raise EvidenceError(
                    f"Likelihood of {shown(state)} must be a number from 0 to 1, got {shown(weight)}."
                )
            checked[unicodedata.normalize("NFC", state)] = float(weight)
        if not any(checked.values()):
            raise ImpossibleEvidenceError(
                f"Likelihood({', '.join(checked)}) is zero for every state: nothing could have produced it."
            )
        self._weights = checked

    def __getitem__(self, state: str) -> float:
        return self._weights[state]

    def __iter__(self) -> Iterator[str]:
        return iter(self._weights)

    def __len__(self) -> int:
        return len(self._weights)

    def __eq__(self, other: object) -> bool:
        return self._weights == (other._weights if isinstance(other, Likelihood) else other)

    def __hash__(self) -> int:
        return hash(frozenset(self._weights.items()))

    def __repr__(self) -> str:
        if all(state.isidentifier() for state in self._weights):
            return f"Likelihood({', '.join(f'{s}={w!r}' for s, w in self._weights.items())})"
        return f"Likelihood({self._weights!r})"


Finding: TypeAlias = str | bool | int | float | Likelihood | Unsure


def is_missing(value: object) -> bool:
    """Whether `value` means "not asked": None, NaN, or pandas' NA or NaT."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and math.isnan(value)


class Case(Mapping[str, Finding]):
    """Findings by variable: a frozen mapping, made from keywords or one mapping.

    >>> case = Case(focal_pressure=True, local_numbness="present", fever=None)
    >>> case.observe(limb_numbness="absent")
    Case(focal_pressure=True, local_numbness='present', limb_numbness='absent')
    >>> case.without("focal_pressure")
    Case(local_numbness='present')

    Raises `EvidenceError` for anything that is no mapping or no finding, and
    `ConflictingEvidenceError` when two findings for one variable disagree.
    """

    __slots__ = ("_findings",)

    def __init__(self, findings: Mapping[str, Any] | None = None, /, **by_name: Any) -> None:
        if findings is not None and not isinstance(findings, Mapping):
            raise EvidenceError(
                f"A case is made from keywords or one mapping of variable to finding, "
                f"got {type(findings).__name__} {shown(findings)}."
            )
        found: dict[str, Finding] = {}
        for given in (findings or {}, by_name):
            for name, value in given.items():
                _add(found, name, value)
        self._findings: Mapping[str, Finding] = MappingProxyType(found)

    def observe(self, findings: Mapping[str, Any] | None = None, /, **by_name: Any) -> Case:
        """A new case with these findings as well.

        A question answered UNSURE may be answered now. Raises `ConflictingEvidenceError` when a
        finding disagrees with what is known; take that back with `without` first.
        """
        new = Case(findings, **by_name)
        found = {
            name: value for name, value in self._findings.items() if not (value is UNSURE and name in new)
        }
        for name, value in new.items():
            _add(found, name, value)
        return Case(found)

    def without(self, *names: str) -> Case:
        """A new case without these findings. Raises `EvidenceError` for one it does not have."""
        drop = {unicodedata.normalize("NFC", name) for name in names}
        for name in drop:
            if name not in self._findings:
                raise EvidenceError(
                    f"The case has no finding for {shown(name)}. "
                    f"It has: {', '.join(map(printable, self._findings)) or 'none'}."
                )
        return Case({name: value for name, value in self._findings.items() if name not in drop})

    def to_dict(self) -> dict[str, Any]:
        """The findings as plain JSON values; `Case(case.to_dict()) == case`."""
        return {name: _plain(value) for name, value in self._findings.items()}

    def __getitem__(self, name: str) -> Finding:
        return self._findings[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._findings)

    def __len__(self) -> int:
        return len(self._findings)

    def items(self) -> ItemsView[str, Finding]:
        """Variables with their findings."""
        return self._findings.items()

    def __eq__(self, other: object) -> bool:
        return dict(self) == dict(other) if isinstance(other, Mapping) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self._findings.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return Case, (dict(self._findings),)

    def __repr__(self) -> str:
        if all(name.isidentifier() for name in self._findings):
            return f"Case({', '.join(f'{n}={v!r}' for n, v in self._findings.items())})"
        return f"Case({dict(self._findings)!r})"


def case_of_checked(findings: dict[str, Finding]) -> Case:
    """A case of findings that have been taken from one: nothing is checked again."""
    found = object.__new__(Case)
    found._findings = MappingProxyType(findings)
    return found


def _add(found: dict[str, Finding], name: object, value: object) -> None:
    if not isinstance(name, str):
        raise EvidenceError(f"A finding's variable must be its name, got {shown(name)}.")
    name = unicodedata.normalize("NFC", name)
    if is_missing(value):
        return
    finding = _finding(name, value)
    if name in found and not _same(found[name], finding):
        raise ConflictingEvidenceError(
            f"Two findings for {shown(name)} disagree: {shown(found[name])} and {shown(finding)}. "
            "Keep one; Case.without(...) takes a finding back."
        )
    found[name] = finding


def _same(one: Finding, other: Finding) -> bool:
    """Equal in kind and value; True also agrees with "present" and False with "absent"."""
    names = {True: "present", False: "absent"}
    one = names[one] if isinstance(one, bool) else one
    other = names[other] if isinstance(other, bool) else other
    return type(one) is type(other) and one == other


def _finding(name: str, value: object) -> Finding:
    if isinstance(value, (Unsure, Likelihood, bool, int, float)):
        return value
    if isinstance(value, str):
        return UNSURE if value == "unsure" else unicodedata.normalize("NFC", value)
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        return _finding(name, value.item()) if getattr(value, "ndim", 0) == 0 else _refuse(name, value)
    if isinstance(value, Mapping):
        return Likelihood(value)
    return _refuse(name, value)


def _refuse(name: str, value: object) -> Finding:
    raise EvidenceError(
        f"The finding for {shown(name)} must be one state's name, True, False, a number, UNSURE or a "
        f"Likelihood, got {type(value).__name__} {shown(value)}. "
        "For several possible states use Likelihood(state=weight, ...)."
    )


def _plain(value: Finding) -> Any:
    if isinstance(value, Unsure):
        return "unsure"
    if isinstance(value, Likelihood):
        return dict(value)
    return value
