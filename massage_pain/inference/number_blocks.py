"""The numbers of a network as arrays, a *block* for each distribution.

A block holds rows of probabilities over the states of its variable. A table or prior has one row for every
combination of the parents' states: shape (parent states..., states, n). A noisy-MAX has the row of its leak
and then a row for every state of every parent: shape (rows, states, n). So every number of a network has a
place: its variable's block, and an index into it. The last axis is a batch (length n, or 1 where the numbers
are the same in every row of the batch), because some questions let the numbers themselves vary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from massage_pain.errors import UnknownVariableError, printable, shown
from massage_pain.knowledge.distributions import FloatArray, NoisyMax, ParameterKey
from massage_pain.knowledge.network import Network

Blocks: TypeAlias = Mapping[str, FloatArray]
"""variable -> (..., states, n or 1); the axis of states sums to one."""

Place: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Layout:
    """All blocks of a network one after the other, cell by cell, (cells,).

    `start`: variable -> its first cell. `lowest`: for each cell that of the lowest state of its row.
    `weight`: the stated numbers. `is_shared`: whether the others of the row share a change in proportion
    (see `in_proportion`); `shared` are the cells where they do, `shared_rows` where each of their rows
    begins among them, `shared_row` the number of the row of each.
    """

    start: Mapping[str, int]
    lowest: NDArray[np.intp]
    weight: FloatArray
    is_shared: NDArray[np.bool_]
    shared: NDArray[np.intp]
    shared_rows: NDArray[np.intp]
    shared_row: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Numbers:
    """Every number of a network: `keys`, and for each where it stands.

    `value`, `low`, `high` (n,) as stated (the value with its row divided by its sum), `highest` (n,) what it
    may reach at most before its row leaves one. `variable` and `cell` say where: the flat index in the
    block; `place` is that in the `Layout`.
    """

    keys: tuple[ParameterKey, ...]
    variable: tuple[str, ...]
    cell: NDArray[np.intp]
    value: FloatArray
    low: FloatArray
    high: FloatArray
    highest: FloatArray
    place: NDArray[np.intp]


# A network never changes, so what is looked up in it is looked up once.
_blocks: WeakKeyDictionary[Network, Blocks] = WeakKeyDictionary()
_numbers: WeakKeyDictionary[Network, Numbers] = WeakKeyDictionary()
_layouts: WeakKeyDictionary[Network, Layout] = WeakKeyDictionary()


def blocks_of(network: Network) -> Blocks:
    """The numbers as the network states them, read-only; every row is divided by its sum.

    (A row may miss one by rounding in a file; rounding is no mass.)
    """
    found = _blocks.get(network)
    if found is None:
        found = _blocks[network] = MappingProxyType(_made(network))
    return found


def numbers_of(network: Network) -> Numbers:
    """Every number of the network, and where it stands."""
    found = _numbers.get(network)
    if found is None:
        found = _numbers[network] = _looked_up(network)
    return found


def layout_of(network: Network) -> Layout:
    """Where every cell of every block stands."""
    found = _layouts.get(network)
    if found is None:
        found = _layouts[network] = _laid_out(network)
    return found


def _laid_out(network: Network) -> Layout:
    start: dict[str, int] = {}
    lengths: list[int] = []
    weights: list[FloatArray] = []
    shared: list[NDArray[np.bool_]] = []
    cells = 0
    for name, block in blocks_of(network).items():
        start[name] = cells
        cells += block.size
        lengths += [block.shape[-2]] * (block.size // block.shape[-2])
        weights.append(block.ravel())
        shared.append(np.full(block.size, not isinstance(network.distribution(name), NoisyMax)))
    rows = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.intp)
    row = np.repeat(np.arange(len(lengths)), lengths)
    is_shared = np.concatenate(shared)
    among = np.flatnonzero(is_shared)
    _, first, number = np.unique(row[among], return_index=True, return_inverse=True)
    return Layout(start, rows[row], np.concatenate(weights), is_shared, among, first, number.ravel())


def _made(network: Network) -> dict[str, FloatArray]:
    variables = {each.id: each for each in network.variables}
    found: dict[str, FloatArray] = {}
    for each in network.distributions:
        if isinstance(each, NoisyMax):
            links = [each.link_distribution(parent, variables) for parent in each.parents]
            rows = np.concatenate([each.leak_distribution(variables)[None, :], *links])
        else:
            rows = each.values
        found[each.variable] = block = (rows / rows.sum(axis=-1, keepdims=True))[..., None]
        block.setflags(write=False)
    return found


def _looked_up(network: Network) -> Numbers:
    blocks = {name: each[..., 0] for name, each in blocks_of(network).items()}
    keys = tuple(network.parameters)
    places = [place_of(network, key) for key in keys]
    names = tuple(key[0] for key in keys)
    cells = [
        int(np.ravel_multi_index(place, blocks[name].shape))
        for name, place in zip(names, places, strict=True)
    ]
    value = np.array([float(blocks[name][place]) for name, place in zip(names, places, strict=True)])
    rest = [
        1.0 if in_proportion(key) else float(blocks[name][place] + blocks[name][*place[:-1], 0])
        for key, name, place in zip(keys, names, places, strict=True)
    ]
    stated = [network.parameters[key] for key in keys]
    low, high = np.array([each.low for each in stated]), np.array([each.high for each in stated])
    certain = low == high
    highest = np.array(rest)
    return Numbers(
        keys,
        names,
        np.array(cells, dtype=np.intp),
        value,
        np.where(certain, value, np.minimum(low, value)),
        np.where(certain, value, np.clip(high, value, highest)),
        highest,
        np.array(cells, dtype=np.intp) + np.array([layout_of(network).start[name] for name in names]),
    )


def first_rows(network: Network, variable: str) -> dict[str, int]:
    """For a noisy-MAX the first row of every parent in its block; the leak's row is 0."""
    found = {}
    row = 1
    for parent in network.parents(variable):
        found[parent] = row
        row += len(network.variable(parent).states)
    return found


def place_of(network: Network, key: ParameterKey) -> Place:
    """Where a parameter stands in the block of its variable.

    Raises `UnknownVariableError` for what is no number of the network.
    """
    if not all(isinstance(each, str) for each in key) or key not in network.parameters:
        raise UnknownVariableError(_unknown(network, key))
    variable, part, *rest = key
    state = network.variable(variable).states.index(rest[-1])
    if part == "leak":
        return 0, state
    if part == "link":
        row = network.variable(rest[0]).states.index(rest[1])
        return first_rows(network, variable)[rest[0]] + row, state
    parents = (network.variable(each) for each in network.parents(variable))
    return *(each.states.index(name) for each, name in zip(parents, rest, strict=False)), state


def in_proportion(key: ParameterKey) -> bool:
    """Whether the other states of its row share a change in proportion (a table or prior).

    In a leak or a link the lowest state takes it up: the chances to trigger the other states are separate
    numbers, and the lowest says only that none of them is triggered.
    """
    return key[1] in ("prior", "table")


def _unknown(network: Network, key: object) -> str:
    sentence = f"The network {printable(network.name)} has no number {shown(key)}."
    if isinstance(key, tuple) and key and key[0] in network:
        near = [each for each in network.parameters if each[0] == key[0]]
        sentence += f" Those of {printable(str(key[0]))}: {', '.join(shown(each) for each in near[:4])}"
        return sentence + (f" and {len(near) - 4} more." if len(near) > 4 else ".")
    return sentence + " network.parameters lists them, as (variable, part, ...)."
