"""Priors and plain tables from a TOML file.

A row is a distribution over the states of one variable. It is given by a number for every state above
the lowest (which takes the rest) or by a number for every state. A *compact* table gives all rows as
lists of numbers with one provenance for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import chain, product
from unicodedata import normalize as unicode_normalize

import numpy as np

from massage_pain.errors import printable, shown, unknown_name
from massage_pain.knowledge import limits
from massage_pain.knowledge.distributions import (
    FloatArray,
    ParameterKey,
    Table,
    cell_count,
    too_many_cells,
)
from massage_pain.knowledge.parameter import GRADES, Parameter
from massage_pain.knowledge.toml_entry import Entry
from massage_pain.knowledge.variable import Variable

UNSTATED = "unstated"
"""The source of a grade U number that came without any; it needs no entry among the sources."""

GIVEN = "given"
"""The key of a row that says which states of the parents it is for."""

ReadParameter = Callable[[Entry, str], Parameter]

_COMPACT_KEYS = ("source", "grade", "rows", "low", "high", "note")


def is_unstated(source: str, grade: str) -> bool:
    """Whether a number may name this source although it is not among the sources."""
    return source == UNSTATED and grade == "U"


def read_prior(variable: Variable, entry: Entry, parameter: ReadParameter, *, normalize: bool) -> Table:
    """P(variable) for a variable without parents, from its `prior` table."""
    row = entry.table("prior")
    values, stated = _row(variable, row, tuple(row), parameter, normalize)
    return Table(variable.id, (), np.array(values), {(state,): each for state, each in stated.items()})


def read_table(
    variable: Variable,
    parents: tuple[Variable, ...],
    entry: Entry,
    parameter: ReadParameter,
    *,
    sources: Collection[str],
    normalize: bool,
    table_cells: int,
) -> Table:
    """P(variable | parents) from `rows` (a number at a time) or `table` (compact)."""
    shape = tuple(len(each.states) for each in (*parents, variable))
    cells = cell_count(shape)
    if cells > table_cells:
        raise too_many_cells(variable.id, len(parents), cells, table_cells)
    if ("rows" in entry) == ("table" in entry):
        raise entry.refuse("a table is given by rows or by table: one of the two.")
    if "rows" in entry:
        return _stated_rows(variable, parents, entry, parameter, normalize)
    return _compact(variable, parents, shape, entry.table("table"), sources, normalize)


# -- a number at a time ------------------------------------------------------------------------


def _row(
    variable: Variable,
    entry: Entry,
    keys: Collection[str],
    parameter: ReadParameter,
    normalize: bool,
) -> tuple[list[float], dict[str, Parameter]]:
    """One distribution: its values for every state, and the stated numbers."""
    states = variable.states
    found: dict[str, Parameter] = {}
    for key in keys:
        state = unicode_normalize("NFC", key)
        if state not in states:
            where = f" for {printable(variable.id)}"
            raise entry.refuse(unknown_name("state", key, states, where=where), key)
        if state in found:
            raise entry.refuse(f"the state {shown(state)} is given twice.", key)
        found[state] = parameter(entry, key)
    missing = [each for each in states[1:] if each not in found]
    if missing or not found:
        missing = missing or list(states)
        raise entry.refuse(
            f"a number is missing for {', '.join(map(printable, missing))}; every state of "
            f"{shown(variable.id)} above its lowest needs one."
        )
    total = sum(each.value for each in found.values())
    if states[0] not in found:
        if total > 1.0 + limits.ROW_SUM_TOLERANCE:
            raise entry.refuse(
                f"the numbers sum to {total:.9g}; together they must not exceed 1 "
                f"({printable(states[0])} takes the rest)."
            )
        rest = max(0.0, 1.0 - total)
        return [rest, *(found[each].value for each in states[1:])], found
    if normalize and total > 0.0:
        found = {state: _scaled(each, total) for state, each in found.items()}
    elif abs(total - 1.0) > limits.ROW_SUM_TOLERANCE:
        raise entry.refuse(
            f"the probabilities of {shown(variable.id)} sum to {total:.9g}, off by "
            f"{total - 1.0:+.2g}; they must sum to 1 within {limits.ROW_SUM_TOLERANCE:g} "
            "(read_network(..., normalize=True) divides each row by its sum)."
        )
    return [found[each].value for each in states], found


def _scaled(given: Parameter, total: float) -> Parameter:
    low, value, high = (min(1.0, each / total) for each in (given.low, given.value, given.high))
    return Parameter(value, low, high, given.source, given.grade, given.note)


def _stated_rows(
    variable: Variable,
    parents: tuple[Variable, ...],
    entry: Entry,
    parameter: ReadParameter,
    normalize: bool,
) -> Table:
    stated: dict[ParameterKey, Parameter] = {}
    values: dict[ParameterKey, list[float]] = {}
    for row in entry.tables("rows"):
        given = _given(row, parents)
        if given in values:
            raise row.refuse(f"the row for {_combination(given, parents)} is given twice.")
        keys = [key for key in row if key != GIVEN]
        values[given], numbers = _row(variable, row, keys, parameter, normalize)
        stated.update({(*given, state): each for state, each in numbers.items()})
    wanted = list(product(*(each.states for each in parents)))
    missing = [each for each in wanted if each not in values]
    if missing:
        more = f" and {len(missing) - 1:,} more" if len(missing) > 1 else ""
        raise entry.refuse(f"no row is given for {_combination(missing[0], parents)}{more}.", "rows")
    table = np.array([values[each] for each in wanted], dtype=np.float64)
    shape = tuple(len(each.states) for each in (*parents, variable))
    return Table(variable.id, tuple(each.id for each in parents), table.reshape(shape), stated)


def _given(row: Entry, parents: tuple[Variable, ...]) -> ParameterKey:
    if not parents and GIVEN not in row:
        return ()
    given = row.table(GIVEN)
    names = {unicode_normalize("NFC", key): key for key in given}
    for name, key in names.items():
        if name not in {each.id for each in parents}:
            raise given.refuse(unknown_name("parent", key, [each.id for each in parents]), key)
    found = []
    for parent in parents:
        if parent.id not in names:
            raise given.refuse(f"the state of {shown(parent.id)} is missing.")
        key = names[parent.id]
        state = unicode_normalize("NFC", given.text(key))
        if state not in parent.states:
            where = f" for {printable(parent.id)}"
            raise given.refuse(unknown_name("state", state, parent.states, where=where), key)
        found.append(state)
    return tuple(found)


def _combination(states: ParameterKey, parents: tuple[Variable, ...]) -> str:
    pairs = zip(parents, states, strict=True)
    return ", ".join(f"{printable(p.id)}={printable(s)}" for p, s in pairs) or "no parents"


# -- compact -----------------------------------------------------------------------------------


def _compact(
    variable: Variable,
    parents: tuple[Variable, ...],
    shape: tuple[int, ...],
    entry: Entry,
    sources: Collection[str],
    normalize: bool,
) -> Table:
    entry.no_other_keys(_COMPACT_KEYS)
    grade = entry.choice("grade", GRADES)
    source = entry.texts("source")
    for name in source:
        if name not in sources and not is_unstated(name, grade):
            raise entry.refuse(unknown_name("source", name, sources), "source")
    values = _numbers(entry, "rows", shape, parents)
    sums = values.sum(axis=-1)
    ids = tuple(each.id for each in parents)
    ranged = "low" in entry or "high" in entry or grade != "U"
    limits_given = [_numbers(entry, key, shape, parents) for key in ("low", "high")] if ranged else []
    if normalize:
        values, *limits_given = (
            np.divide(each, sums[..., None], out=each.copy(), where=sums[..., None] > 0.0)
            for each in (values, *limits_given)
        )
        limits_given = [np.minimum(each, 1.0) for each in limits_given]
    table = Table(variable.id, ids, values, origin=source[0] if source else "")
    with entry.checking("rows", *_wrong_row(values)):
        known = {each.id: each for each in (*parents, variable)}
        table.check(known, table_cells=cell_count(shape))
    if not ranged:
        if len(source) != 1 or "note" in entry:
            raise entry.refuse("a table of grade U without low and high has one source and no note.")
        return table
    with entry.checking():
        low, high = limits_given
        note = entry.text("note", "")
        stated = {
            names: Parameter(value, low_value, high_value, source, grade, note)
            for names, value, low_value, high_value in zip(
                product(*(each.states for each in (*parents, variable))),
                values.ravel().tolist(),
                low.ravel().tolist(),
                high.ravel().tolist(),
                strict=True,
            )
        }
    return Table(variable.id, ids, values, stated)


def _wrong_row(values: FloatArray) -> tuple[int, ...]:
    """The position of the first row that is no distribution."""
    rows = values.reshape(-1, values.shape[-1])
    for wrong in (
        (~((rows >= 0.0) & (rows <= 1.0))).any(axis=-1),  # also true for NaN
        np.abs(rows.sum(axis=-1) - 1.0) > limits.ROW_SUM_TOLERANCE,
    ):
        if wrong.any():
            return (int(wrong.argmax()),)
    return ()


def _numbers(entry: Entry, key: str, shape: tuple[int, ...], parents: tuple[Variable, ...]) -> FloatArray:
    rows = entry.value(key)
    wanted = cell_count(shape[:-1])
    if not isinstance(rows, list) or not all(isinstance(each, list) for each in rows):
        raise entry.refuse(f"{key} must be a list of rows, each a list of numbers.", key)
    if len(rows) != wanted:
        names = ", ".join(printable(each.id) for each in parents) or "none"
        raise entry.refuse(f"{key} has {len(rows):,} rows; the parents ({names}) need {wanted:,}.", key)
    for position, row in enumerate(rows):
        if len(row) != shape[-1]:
            raise entry.refuse(
                f"the row has {len(row)} numbers; there are {shape[-1]} states.", key, position
            )
        if not {float, int}.issuperset(map(type, row)):
            for column, cell in enumerate(row):
                entry.as_number(cell, key, position, column)
    try:
        return np.array(list(chain.from_iterable(rows)), dtype=np.float64).reshape(shape)
    except OverflowError:
        raise entry.refuse(f"{key} holds a number too large for a probability.", key) from None
