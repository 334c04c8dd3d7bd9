"""One large clique with few zeros, as an array with an axis for each variable and one for the cases.

Messages are multiplied in by broadcasting and made by summing axes, with no index as long as the table.

For a single case passes over memory are what costs. So the axes of observed variables are cut down to the
observed state first, which is the same as multiplying the evidence in here as well; small tables are
multiplied with one another before they meet the large one; and the large one is gone through a piece at a
time that stays within a processor's cache, on the way up and again on the way down, and never written out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.arithmetic import Arithmetic, Base, Index, Shape, Wide, axis_sums
from massage_pain.inference.clique_tables import CliqueTable
from massage_pain.inference.elimination import Scope
from massage_pain.inference.message_places import Places
from massage_pain.knowledge.distributions import FloatArray, cell_count

WORTH_JOINING = 8
"""Tables are multiplied first where together they are so many times smaller than the clique."""

PIECE_CELLS = 2**15
"""Cells that are gone through at a time: a quarter of a megabyte."""

Cell = TypeVar("Cell", np.float64, np.intp, np.int64)
_Slices = tuple[slice, ...]
_ALL = slice(None)


@dataclass(frozen=True, eq=False)
class _Cut:
    """A clique for one case: the slices that its observations leave, and what was multiplied in.

    `joined` are the products of each group of tables, by the shape they broadcast from.
    """

    base: FloatArray
    slices: _Slices
    joined: tuple[FloatArray, ...]


class _BoxTable:
    """A table of a single case's box: where its slots lie evenly, a view of them instead of an index."""

    def __init__(self, slots: Index) -> None:
        self._slots = slots
        first = int(slots.flat[0])
        even = np.full(slots.shape, first)
        steps = []
        for axis, size in enumerate(slots.shape):
            along = np.moveaxis(slots, axis, 0).reshape(size, -1)[:, 0]
            steps.append(int(along[-1] - first) // max(1, size - 1))
            even += np.moveaxis((steps[-1] * np.arange(size)).reshape(-1, *[1] * (slots.ndim - 1)), 0, axis)
        self._even = bool((even == slots).all())
        self._first, self._steps = 8 * first, tuple(8 * each for each in steps)

    def read(self, box: FloatArray) -> FloatArray:
        """Its cells; not to be written to."""
        if not self._even:
            return box.take(self._slots)
        return np.ndarray(self._slots.shape, np.float64, box, self._first, self._steps)

    def write(self, box: FloatArray, slices: _Slices, cells: FloatArray) -> None:
        """Set the cells within these slices of the clique."""
        if self._even:
            _cut(self.read(box), slices)[...] = cells
        else:
            box[_cut(self._slots, slices)] = cells


class DenseClique:
    """A clique kept as an array."""

    def __init__(self, clique: CliqueTable, places: Places, zero: int) -> None:
        self._clique = clique
        spoken = [clique.separator, *(scope for scope, _ in places.tables)]
        self._order = _axis_order(clique.order, clique.shape, spoken)
        self._axis = {each: axis for axis, each in enumerate(self._order)}
        made = clique.as_array()
        self._base = np.ascontiguousarray(self._turned(made.plain))
        self._wide: Wide | None = None
        if made.wide is not None:
            self._wide = Wide(self._turned(made.wide.mantissa), self._turned(made.wide.exponent))
        slots = np.full(cell_count([clique.sizes[each] for each in clique.separator]), zero, dtype=np.intp)
        slots[clique.support] = np.arange(places.message.start, places.message.stop)
        self._own = self._spread(clique.separator, slots)
        self._tables = tuple(self._spread(scope, slots) for scope, slots in places.tables)
        self._sent = _BoxTable(self._own)
        self._read = [_BoxTable(each) for each in self._tables]
        self._groups = _joined([each.shape for each in self._tables], self._base.size)

    def _spread(self, scope: Scope, slots: Index) -> Index:
        """Slots of a table as it broadcasts against the clique."""
        narrow = self._clique.narrow(scope)
        shape = [self._clique.sizes[each] for each in narrow]
        return self._turned(self._clique.spread(narrow, slots.reshape(shape)))

    def _turned(self, table: NDArray[Cell]) -> NDArray[Cell]:
        """A table with the clique's axes in the order of this room, at least one."""
        return np.atleast_1d(table.transpose([self._clique.order.index(each) for each in self._order]))

    # -- one case ------------------------------------------------------------------------------

    def collect_one(self, box: FloatArray, observed: Mapping[int, int]) -> _Cut:
        """`collect` for a single case in plain floats; `observed` are states by variable."""
        kept = [_ALL] * self._base.ndim
        for each, state in observed.items():
            if each in self._axis:
                kept[self._axis[each]] = slice(state, state + 1)
        slices = tuple(kept)
        tables = [_cut(each.read(box), slices) for each in self._read]
        joined = tuple(reduce(np.multiply, [tables[i] for i in group]) for group in self._groups)
        cut = _Cut(self._base[slices], slices, joined)
        message = np.zeros(_cut(self._own, slices).shape)
        for piece, values in self._pieces(cut):
            message[_within(piece, message.shape)] += _summed(values, message.shape)
        self._sent.write(box, slices, message)
        return cut

    def distribute_one(self, sent: FloatArray | None, out: FloatArray, cut: _Cut) -> None:
        """`distribute` for a single case in plain floats; `sent` is its box without zeros, None for roots."""
        above = np.ones([1] * self._base.ndim)
        if sent is not None:
            above = _cut(self._sent.read(out), cut.slices) / _cut(self._sent.read(sent), cut.slices)
        wide = [tuple(map(max, each.shape, above.shape)) for each in cut.joined]
        late = all(cell_count(each) * WORTH_JOINING <= cut.base.size for each in wide)
        sums = [np.zeros(_cut(each, cut.slices).shape) for each in self._tables]
        for piece, values in self._pieces(cut):
            factor = above[_within(piece, above.shape)]
            if not late:
                values *= factor
            for group, joined, spread in zip(self._groups, cut.joined, wide, strict=True):
                # late: first summed to what the tables and the message speak of, then multiplied
                part = _summed(values, spread) * factor if late else _summed(values, joined.shape)
                for i in group:
                    sums[i][_within(piece, sums[i].shape)] += _summed(part, sums[i].shape)
        for table, total in zip(self._read, sums, strict=True):
            table.write(out, cut.slices, total)

    def _pieces(self, cut: _Cut) -> Iterator[tuple[_Slices, FloatArray]]:
        """The clique with all that came in multiplied, piece by piece: where, and its cells."""
        for piece in _pieces(cut.base.shape):
            values = cut.base[piece]
            for number, each in enumerate(cut.joined):
                factor = each[_within(piece, each.shape)]
                values = np.multiply(values, factor, out=values if number else None)
            yield piece, values if cut.joined else values.copy()

    # -- a block of cases ----------------------------------------------------------------------

    def collect(self, arithmetic: Arithmetic[Any], box: Any) -> Any:
        """Multiply all that came in and put the message to the clique above into the box."""
        shape = self._base.shape
        values = arithmetic.products(box, (), Base(self._base, self._wide))
        for slots in self._tables:
            arithmetic.multiply_spread(values, shape, arithmetic.take(box, slots.ravel()), slots.shape)
        sums = arithmetic.axis_sums(values, shape, _lacking(self._own.shape, shape))
        arithmetic.put(box, self._own.ravel(), sums)
        return values

    def distribute(self, arithmetic: Arithmetic[Any], box: Any, out: Any, values: Any) -> None:
        """Take the message from above in, and put those to the cliques below and the marginals out."""
        shape, own = self._base.shape, self._own.ravel()
        factor = arithmetic.ratio(arithmetic.take(out, own), arithmetic.take(box, own))
        arithmetic.multiply_spread(values, shape, factor, self._own.shape)
        for slots in self._tables:
            sums = arithmetic.axis_sums(values, shape, _lacking(slots.shape, shape))
            arithmetic.put(out, slots.ravel(), sums)

    def table(self, arithmetic: Arithmetic[Any], values: Any, clique: CliqueTable, scope: Scope) -> Any:
        """Cells of a table over `scope`, and their sums over the values."""
        narrow = clique.narrow(scope)
        cells = self._spread(narrow, np.arange(cell_count([clique.sizes[each] for each in narrow])))
        sums = arithmetic.axis_sums(values, self._base.shape, _lacking(cells.shape, self._base.shape))
        return cells.ravel(), sums


def _axis_order(order: Scope, shape: Shape, spoken: Sequence[Scope]) -> Scope:
    """The clique's variables in the order in which tables over `spoken` are quickest multiplied in.

    Axes that the same tables have, or lack, can be gone through as one long one. So they stand together;
    last stand those two groups that leave the fewest inner loops, over all tables.
    """
    sizes = dict(zip(order, shape, strict=True))
    groups: dict[tuple[bool, ...], list[int]] = {}
    for each in order:
        groups.setdefault(tuple(each in scope for scope in spoken), []).append(each)
    cells = {sign: cell_count([sizes[each] for each in axes]) for sign, axes in groups.items()}

    def loops(last: tuple[bool, ...], before: tuple[bool, ...] | None) -> float:
        return sum(
            1.0 / cells[last] / (cells[before] if before and before[table] == last[table] else 1)
            for table in range(len(spoken))
        )

    pairs = [(last, before) for last in groups for before in groups if before != last]
    ending = min(pairs, key=lambda pair: loops(*pair), default=(next(iter(groups), ()), None))
    rest = [sign for sign in groups if sign not in ending]  # the separator first, where pieces are cut
    return tuple(each for sign in (*rest, *reversed(ending)) if sign in groups for each in groups[sign])


def _joined(shapes: Sequence[Shape], cells: int) -> tuple[tuple[int, ...], ...]:
    """Which tables (by the shapes they broadcast from) are multiplied with one another first."""
    groups: list[tuple[list[int], Shape]] = []
    for table in sorted(range(len(shapes)), key=lambda i: -cell_count(shapes[i])):
        for place, (members, shape) in enumerate(groups):
            together = tuple(map(max, shape, shapes[table]))
            if cell_count(together) * WORTH_JOINING <= cells or together == shape:
                groups[place] = [*members, table], together
                break
        else:
            groups.append(([table], shapes[table]))
    return tuple(tuple(members) for members, _ in groups)


def _pieces(shape: Shape) -> list[_Slices]:
    """Slices of the first axes that cut an array of this shape into pieces of at most PIECE_CELLS."""
    steps: list[list[slice]] = []
    cells = cell_count(shape)
    for size in shape:
        if cells <= PIECE_CELLS:
            break
        cells //= size
        step = max(1, PIECE_CELLS // max(1, cells))
        steps.append([slice(begin, min(size, begin + step)) for begin in range(0, size, step)])
        cells *= step
    return list(product(*steps))


def _cut(slots: NDArray[Cell], slices: _Slices) -> NDArray[Cell]:
    """A table's part within these slices of the clique."""
    return slots[tuple(each if size > 1 else _ALL for each, size in zip(slices, slots.shape, strict=True))]


def _within(piece: _Slices, shape: Shape) -> _Slices:
    """Where a piece of the clique lies in a table of this shape."""
    return tuple(each if size > 1 else _ALL for each, size in zip(piece, shape, strict=False))


def _lacking(spread: Shape, shape: Shape) -> Shape:
    """The axes that a table of shape `spread` lacks."""
    return tuple(axis for axis, size in enumerate(spread) if size == 1 and shape[axis] > 1)


def _summed(values: FloatArray, spread: Shape) -> FloatArray:
    """An array summed to a table's shape, which may be larger where the array is a piece."""
    axes = _lacking(spread, values.shape)
    if not axes:
        return values
    kept = [1 if axis in axes else size for axis, size in enumerate(values.shape)]
    return axis_sums(values, values.shape, axes).reshape(kept)
