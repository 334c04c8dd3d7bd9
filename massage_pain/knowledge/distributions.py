"""Conditional distributions: a plain table, or a leaky noisy-MAX (noisy-OR for two states).

**Noisy-OR** (Good 1961; Pearl 1988, section 4.3; Henrion 1989 for the leak). Each parent that is
present triggers the child on its own with the probability of its link; the leak stands for everything
the network does not name. The child is absent only if none of them triggers it::

    P(child absent | parents) = (1 - leak) * product over parents (1 - link[parent, its state])

**Noisy-MAX** (Henrion 1989; Diez 1993) is the same for ordered states, lowest first. Each parent, in
the state it has, brings the child to some state; the child ends in the highest of them, so the
*cumulative* distributions multiply::

    P(child <= s | parents) = leak(<= s) * product over parents link[parent, its state](<= s)

A noisy-OR is the noisy-MAX of a child with two states, so one class serves both. A parent's lowest
state brings the child nowhere (its cumulative distribution is one everywhere); a graded parent has a
strength for each of its higher states.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from massage_pain.errors import ComplexityError, InvalidNetworkError, printable, shown
from massage_pain.knowledge import limits
from massage_pain.knowledge.parameter import Parameter
from massage_pain.knowledge.rebuilding import rebuilt

if TYPE_CHECKING:
    from massage_pain.knowledge.variable import Variable

FloatArray: TypeAlias = NDArray[np.float64]
ParameterKey: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Table:
    """P(variable | parents), one row for every combination of the parents' states.

    `values` has shape (states of the first parent, ..., states of the variable); the last axis sums
    to one. `parameters` maps (parent states..., state) to the stated numbers behind the cells; where
    it is None every cell stands for itself, with `origin` as its source and grade U.
    """

    variable: str
    parents: tuple[str, ...]
    values: FloatArray
    parameters: Mapping[ParameterKey, Parameter] | None = None
    origin: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.parents, str):
            raise InvalidNetworkError(
                f"{shown(self.variable)}: parents must be a list of names, got {shown(self.parents)}."
            )
        try:
            given = np.asarray(self.values)
        except (TypeError, ValueError):
            given = np.empty(0, dtype=object)
        if given.dtype.kind not in "fiu":  # numpy would take "0.3" and True for numbers, None for NaN
            raise InvalidNetworkError(
                f"The table of {shown(self.variable)} must hold numbers and be rectangular."
            )
        values = np.array(given, dtype=np.float64)
        values.setflags(write=False)
        object.__setattr__(self, "parents", tuple(self.parents))
        object.__setattr__(self, "values", values)
        if self.parameters is not None:
            object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def cpd(self, variables: Mapping[str, Variable]) -> FloatArray:
        """P(variable | parents): shape (parent states..., states), read-only."""
        return self.values

    def check(self, variables: Mapping[str, Variable], *, table_cells: int) -> None:
        """Raise `InvalidNetworkError` unless every row is a distribution of the right shape."""
        shape = tuple(len(variables[each].states) for each in (*self.parents, self.variable))
        cells = cell_count(shape)
        if cells > table_cells:
            raise too_many_cells(self.variable, len(self.parents), cells, table_cells)
        if self.values.shape != shape:
            raise InvalidNetworkError(
                f"The table of {shown(self.variable)} has shape {self.values.shape}; its parents "
                f"({', '.join(map(printable, self.parents)) or 'none'}) and states need {shape}."
            )
        self._check_cells(variables)

    def _check_cells(self, variables: Mapping[str, Variable]) -> None:
        wrong = ~((self.values >= 0.0) & (self.values <= 1.0))  # also true for NaN
        if wrong.any():
            at = tuple(int(i) for i in np.argwhere(wrong)[0])
            value = float(self.values[at])
            state = variables[self.variable].states[at[-1]]
            percent = " Is it a percentage?" if 1.0 < value <= 100.0 else ""
            raise InvalidNetworkError(
                f"P({printable(self.variable)} = {printable(state)}"
                f"{self._given(at[:-1], variables)}) must be a probability from 0 to 1, "
                f"got {value!r}.{percent}"
            )
        sums = self.values.sum(axis=-1)
        off = np.abs(sums - 1.0) > limits.ROW_SUM_TOLERANCE
        if off.any():
            at = tuple(int(i) for i in np.argwhere(off)[0])
            total = float(sums[at])
            raise InvalidNetworkError(
                f"The probabilities of {shown(self.variable)}{self._given(at, variables)} sum to "
                f"{total:.9g}, off by {total - 1.0:+.2g}; they must sum to 1 within "
                f"{limits.ROW_SUM_TOLERANCE:g} (read_network(..., normalize=True) divides each row "
                "by its sum)."
            )

    def _given(self, at: tuple[int, ...], variables: Mapping[str, Variable]) -> str:
        pairs = (
            f"{printable(parent)}={printable(variables[parent].states[index])}"
            for parent, index in zip(self.parents, at, strict=True)
        )
        return f" | {', '.join(pairs)}" if self.parents else ""

    def stated(self, variables: Mapping[str, Variable]) -> dict[ParameterKey, Parameter]:
        """The numbers behind the table by (variable, part, ...)."""
        part = "table" if self.parents else "prior"
        if self.parameters is not None:
            return {(self.variable, part, *key): each for key, each in self.parameters.items()}
        states = [variables[each].states for each in (*self.parents, self.variable)]
        found: dict[ParameterKey, Parameter] = {}
        for at, value in np.ndenumerate(self.values):
            names = tuple(states[axis][index] for axis, index in enumerate(at))
            number = float(value)
            found[self.variable, part, *names] = Parameter(
                number, number, number, (self.origin or "unstated",), "U"
            )
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return rebuilt(self)


@dataclass(frozen=True, eq=False)
class NoisyMax:
    """A leaky noisy-MAX; for a child with two states, a leaky noisy-OR.

    `leak` maps each child state above the lowest to P(that state | no parent active). `links` maps a
    parent to its states, and each of those to the same kind of mapping: P(child state | only this
    parent active, in that state, and no leak). A parent state without a link brings the child nowhere.
    """

    variable: str
    leak: Mapping[str, Parameter]
    links: Mapping[str, Mapping[str, Mapping[str, Parameter]]]
    parents: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        frozen = {}
        for parent, by_state in self._mapping(self.links, "links", "parents to their states").items():
            by_state = self._mapping(by_state, "links", "parents to their states")
            frozen[parent] = MappingProxyType(
                {state: self._strengths(each, "links") for state, each in by_state.items()}
            )
        object.__setattr__(self, "leak", self._strengths(self.leak, "leak"))
        object.__setattr__(self, "links", MappingProxyType(frozen))
        object.__setattr__(self, "parents", tuple(frozen))

    def _mapping(self, given: object, what: str, needed: str) -> Mapping[str, Any]:
        if not isinstance(given, Mapping):
            raise self._wrong(given, what, needed)
        return given

    def _wrong(self, given: object, what: str, needed: str) -> InvalidNetworkError:
        return InvalidNetworkError(
            f"The {what} of {shown(self.variable)} must map {needed}, got {shown(given)}."
        )

    def _strengths(self, given: object, what: str) -> Mapping[str, Parameter]:
        needed = "states to Parameters" if what == "leak" else "parents to their states to Parameters"
        found = dict(self._mapping(given, what, needed))
        for each in found.values():
            if not isinstance(each, Parameter):
                raise self._wrong(each, what, needed)
        return MappingProxyType(found)

    def __reduce__(self) -> tuple[Any, ...]:
        return rebuilt(self)

    def leak_distribution(self, variables: Mapping[str, Variable]) -> FloatArray:
        """P(child state | no parent active), shape (states,)."""
        return _distribution(self.leak, variables[self.variable].states)

    def link_distribution(self, parent: str, variables: Mapping[str, Variable]) -> FloatArray:
        """P(child state | only this parent, no leak), shape (parent states, states)."""
        states = variables[self.variable].states
        by_state = self.links[parent]
        return np.array([_distribution(by_state.get(each, {}), states) for each in variables[parent].states])

    def cpd(self, variables: Mapping[str, Variable]) -> FloatArray:
        """P(variable | parents) written out: shape (parent states..., states), rows sum to one.

        The highest of two is a state where one is there and the other not above, or the other is there and
        the first below. Sums of products only: differences of cumulative distributions would lose the digits
        of small numbers.
        """
        here = self.leak_distribution(variables)
        up_to = np.cumsum(here)
        axes = len(self.parents)
        for axis, parent in enumerate(self.parents):
            link = self.link_distribution(parent, variables)
            shape = [1] * axes + [link.shape[-1]]
            shape[axis] = link.shape[0]
            link_up_to = np.cumsum(link, axis=-1).reshape(shape)
            higher = here * link_up_to
            higher[..., 1:] += up_to[..., :-1] * link.reshape(shape)[..., 1:]
            here, up_to = higher, up_to * link_up_to
        here.setflags(write=False)
        return here

    def check(self, variables: Mapping[str, Variable], *, table_cells: int) -> None:
        """Raise `InvalidNetworkError` unless leak and links fit the variables' states."""
        states = variables[self.variable].states
        if len(states) < 2:
            raise InvalidNetworkError(
                f"{shown(self.variable)} needs at least two ordered states for a noisy-MAX."
            )
        self._check_strengths(self.leak, states, "the leak")
        for parent, by_state in self.links.items():
            known = variables[parent].states
            if not by_state:
                raise InvalidNetworkError(
                    f"{shown(self.variable)}: the link from {shown(parent)} has no strength; give "
                    f"one for at least one of {', '.join(map(printable, known[1:]))}."
                )
            for state, strengths in by_state.items():
                if state not in known[1:]:
                    raise InvalidNetworkError(
                        f"{shown(self.variable)}: the link from {shown(parent)} names state "
                        f"{shown(state)}; allowed are the states above its lowest: "
                        f"{', '.join(map(printable, known[1:]))}."
                    )
                self._check_strengths(strengths, states, f"the link {parent}={state}")

    def _check_strengths(self, strengths: Mapping[str, Parameter], states: Sequence[str], where: str) -> None:
        for state in strengths:
            if state not in states[1:]:
                raise InvalidNetworkError(
                    f"{shown(self.variable)}: {printable(where)} names state {shown(state)}; allowed "
                    f"are the states above the lowest: {', '.join(map(printable, states[1:]))}."
                )
        if set(strengths) != set(states[1:]):
            missing = [each for each in states[1:] if each not in strengths]
            raise InvalidNetworkError(
                f"{shown(self.variable)}: {printable(where)} lacks a number for "
                f"{', '.join(map(printable, missing))}."
            )
        total = sum(each.value for each in strengths.values())
        if total > 1.0 + limits.ROW_SUM_TOLERANCE:
            raise InvalidNetworkError(
                f"{shown(self.variable)}: {printable(where)} sums to {total:.9g}; its numbers "
                "together must not exceed 1."
            )

    def stated(self, variables: Mapping[str, Variable]) -> dict[ParameterKey, Parameter]:
        """The leak and every link strength by (variable, part, ...)."""
        found: dict[ParameterKey, Parameter] = {
            (self.variable, "leak", state): each for state, each in self.leak.items()
        }
        for parent, by_state in self.links.items():
            for parent_state, strengths in by_state.items():
                for state, each in strengths.items():
                    found[self.variable, "link", parent, parent_state, state] = each
        return found


Distribution: TypeAlias = Table | NoisyMax


def _distribution(strengths: Mapping[str, Parameter], states: Sequence[str]) -> FloatArray:
    found = np.array([0.0] + [strengths[s].value if s in strengths else 0.0 for s in states[1:]])
    found[0] = max(0.0, 1.0 - found.sum())
    return found


def cell_count(shape: Sequence[int]) -> int:
    """The cells of a table of this shape, exact however large."""
    cells = 1
    for size in shape:
        cells *= size
    return cells


def too_many_cells(variable: str, parents: int, cells: int, limit: int) -> ComplexityError:
    """The error for a table that is refused before it is allocated."""
    return ComplexityError(
        f"The table of {shown(variable)} with {parents} parents would have {cells:,} cells; "
        f"the limit is {limit:,} (raise it with table_cells=...).",
        estimate=cells,
        limit=limit,
    )
