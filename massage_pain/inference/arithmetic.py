"""Two ways to hold probabilities: plain floats, and floats whose exponent cannot run out.

All numbers of a propagation are products of numbers up to one, so while P(findings) itself is far from
the smallest float, every partial product that matters is as well, and plain floats are exact to
rounding. Below `PLAIN_LIMIT` a case is done again in *wide* numbers: a mantissa (float64) and an exponent
of its own (int64). They lose no digits and never underflow, so zero means impossible and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from massage_pain.knowledge.distributions import FloatArray

PLAIN_LIMIT = 1e-250
"""P(findings) from which plain floats are enough: far above 1e-308, with room for rare states."""

SMALLEST = 5e-324
"""The smallest float above zero: dividing nothing by it gives nothing."""

_NOTHING = -(2**40)  # the exponent of zero: below every other
_SHORT = 16
Index: TypeAlias = NDArray[np.intp]
Shape: TypeAlias = tuple[int, ...]
Numbers = TypeVar("Numbers")


class Arithmetic(Protocol[Numbers]):
    """What a propagation does with numbers of shape (cells, n_cases)."""

    def of(self, values: FloatArray) -> Numbers:
        """These floats; never the same memory."""

    def zeros(self, cells: int, like: FloatArray) -> Numbers:
        """So many cells of zero, for the cases of `like`."""

    def take(self, values: Numbers, index: Index | slice) -> Numbers:
        """Some cells."""

    def put(self, values: Numbers, where: Index | slice, new: Numbers) -> None:
        """Set some cells."""

    def products(self, box: Numbers, rounds: Sequence[Index], base: Base) -> Numbers:
        """Each cell of `base` (cells,) times its slots of the box; a round names those of a prefix."""

    def multiply(self, values: Numbers, stop: int, factor: Numbers) -> None:
        """In place, the first `stop` cells."""

    def multiply_spread(self, values: Numbers, shape: Shape, factor: Numbers, spread: Shape) -> None:
        """In place by broadcasting: the cells as an array of `shape`, the factor's of shape `spread`."""

    def segment_sums(self, values: Numbers, starts: Index) -> Numbers:
        """The sums of the cells from each start to the next."""

    def axis_sums(self, values: Numbers, shape: Shape, axes: Shape) -> Numbers:
        """The cells as an array of `shape`, some axes summed."""

    def ratio(self, values: Numbers, by: Numbers) -> Numbers:
        """Cell by cell, where nothing divided by nothing is nothing."""

    def logarithm(self, values: Numbers) -> FloatArray:
        """Natural logarithms as floats."""

    def floats(self, values: Numbers) -> FloatArray:
        """As floats."""


class PlainArithmetic:
    """float64 arrays."""

    def of(self, values: FloatArray) -> FloatArray:  # noqa: D102
        return values.copy()

    def zeros(self, cells: int, like: FloatArray) -> FloatArray:  # noqa: D102
        return np.zeros((cells, like.shape[1]))

    def take(self, values: FloatArray, index: Index | slice) -> FloatArray:  # noqa: D102
        return values[index] if isinstance(index, slice) else values.take(index, axis=0)

    def put(self, values: FloatArray, where: Index | slice, new: FloatArray) -> None:  # noqa: D102
        values[where] = new

    def products(  # noqa: D102
        self, box: FloatArray, rounds: Sequence[Index], base: Base
    ) -> FloatArray:
        found = np.repeat(base.plain.reshape(-1, 1), box.shape[1], axis=1)
        for each in rounds:
            found[: len(each)] *= box.take(each, axis=0)
        return found

    def multiply(self, values: FloatArray, stop: int, factor: FloatArray) -> None:  # noqa: D102
        values[:stop] *= factor

    def multiply_spread(  # noqa: D102
        self, values: FloatArray, shape: Shape, factor: FloatArray, spread: Shape
    ) -> None:
        cases = values.shape[1:]
        view = values.reshape((*shape, *cases))
        view *= factor.reshape((*spread, *cases))

    def segment_sums(self, values: FloatArray, starts: Index) -> FloatArray:  # noqa: D102
        return np.add.reduceat(values, starts, axis=0)

    def axis_sums(self, values: FloatArray, shape: Shape, axes: Shape) -> FloatArray:  # noqa: D102
        return axis_sums(values, shape, axes, values.shape[1:])

    def ratio(self, values: FloatArray, by: FloatArray) -> FloatArray:  # noqa: D102
        return values / np.maximum(by, SMALLEST)

    def logarithm(self, values: FloatArray) -> FloatArray:  # noqa: D102
        with np.errstate(divide="ignore"):
            return np.log(values)

    def floats(self, values: FloatArray) -> FloatArray:  # noqa: D102
        return values


@dataclass
class Wide:
    """`mantissa * 2**exponent`, cell by cell; zero has the exponent `_NOTHING`."""

    mantissa: FloatArray
    exponent: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Base:
    """What evidence does not change: products of tables, as floats and, where those lose digits, wide."""

    plain: FloatArray
    wide: Wide | None = None


class WideArithmetic:
    """`Wide` arrays."""

    def of(self, values: FloatArray) -> Wide:  # noqa: D102
        return _normal(values, np.zeros(values.shape, dtype=np.int64))

    def zeros(self, cells: int, like: FloatArray) -> Wide:  # noqa: D102
        shape = (cells, *like.shape[1:])
        return Wide(np.zeros(shape), np.full(shape, _NOTHING, dtype=np.int64))

    def take(self, values: Wide, index: Index | slice) -> Wide:  # noqa: D102
        return Wide(values.mantissa[index], values.exponent[index])

    def put(self, values: Wide, where: Index | slice, new: Wide) -> None:  # noqa: D102
        values.mantissa[where], values.exponent[where] = new.mantissa, new.exponent

    def products(self, box: Wide, rounds: Sequence[Index], base: Base) -> Wide:  # noqa: D102
        wide = self.of(base.plain) if base.wide is None else base.wide
        cases = box.mantissa.shape[1]
        found = Wide(
            np.repeat(wide.mantissa.reshape(-1, 1), cases, axis=1),
            np.repeat(wide.exponent.reshape(-1, 1), cases, axis=1),
        )
        for each in rounds:
            self.multiply(found, len(each), self.take(box, each))
        return found

    def multiply(self, values: Wide, stop: int, factor: Wide) -> None:  # noqa: D102
        product = _normal(values.mantissa[:stop] * factor.mantissa, values.exponent[:stop] + factor.exponent)
        self.put(values, slice(0, stop), product)

    def multiply_spread(self, values: Wide, shape: Shape, factor: Wide, spread: Shape) -> None:  # noqa: D102
        cases = values.mantissa.shape[1]
        full, thin = (*shape, cases), (*spread, cases)
        product = _normal(
            values.mantissa.reshape(full) * factor.mantissa.reshape(thin),
            values.exponent.reshape(full) + factor.exponent.reshape(thin),
        )
        values.mantissa[:] = product.mantissa.reshape(values.mantissa.shape)
        values.exponent[:] = product.exponent.reshape(values.exponent.shape)

    def segment_sums(self, values: Wide, starts: Index) -> Wide:  # noqa: D102
        largest = np.maximum.reduceat(values.exponent, starts, axis=0)
        lengths = np.diff(np.append(starts, len(values.exponent)))
        shift = values.exponent - np.repeat(largest, lengths, axis=0)
        return _normal(np.add.reduceat(_shifted(values.mantissa, shift), starts, axis=0), largest)

    def axis_sums(self, values: Wide, shape: Shape, axes: Shape) -> Wide:  # noqa: D102
        cases = values.mantissa.shape[1]
        exponent = values.exponent.reshape(*shape, cases)
        largest = np.maximum.reduce(exponent, axis=axes, keepdims=True)
        aligned = _shifted(values.mantissa.reshape(*shape, cases), exponent - largest)
        sums = np.add.reduce(aligned, axis=axes)
        return _normal(sums.reshape(-1, cases), largest.reshape(-1, cases))

    def ratio(self, values: Wide, by: Wide) -> Wide:  # noqa: D102
        some = by.mantissa > 0.0
        quotient = np.divide(values.mantissa, by.mantissa, out=np.zeros_like(values.mantissa), where=some)
        return _normal(quotient, values.exponent - np.where(some, by.exponent, 0))

    def logarithm(self, values: Wide) -> FloatArray:  # noqa: D102
        with np.errstate(divide="ignore"):
            exponent = np.where(values.mantissa > 0.0, values.exponent, 0)
            found: FloatArray = np.log(values.mantissa) + exponent * np.log(2.0)
        return found

    def floats(self, values: Wide) -> FloatArray:  # noqa: D102
        return _shifted(values.mantissa, values.exponent)


def base_of(start: FloatArray, factors: Callable[[], Iterable[FloatArray]]) -> Base:
    """`start`, ones and zeros, times all factors, which are not zero where it is one."""
    plain = start.copy()
    for each in factors():
        plain *= each
    if not ((plain < PLAIN_LIMIT) & (start > 0.0)).any():
        return Base(plain)
    wide = WIDE.of(start)
    for each in factors():
        wide = _normal(wide.mantissa * each, wide.exponent)
    return Base(plain, wide)


def bases_together(parts: Sequence[Base]) -> Base:
    """Several lists of cells as one."""
    plain = np.concatenate([each.plain for each in parts])
    if all(each.wide is None for each in parts):
        return Base(plain)
    wide = [WIDE.of(each.plain) if each.wide is None else each.wide for each in parts]
    mantissa = np.concatenate([each.mantissa for each in wide])
    return Base(plain, Wide(mantissa, np.concatenate([each.exponent for each in wide])))


def axis_sums(values: FloatArray, shape: Shape, axes: Shape, cases: Shape = ()) -> FloatArray:
    """Cells as an array of `shape`, some axes summed: (cells left, *cases)."""
    before = 1
    for summed, size in _runs(shape, axes):  # one run of axes at a time: numpy is slow at several
        if size == 1:
            continue
        if not summed:
            before *= size
        elif values.size == before * size and size <= _SHORT:  # and it is slow at short ones
            columns = values.reshape(before, size)
            values = columns[:, 0] + columns[:, 1]
            for column in range(2, size):
                values += columns[:, column]
        else:
            values = np.add.reduce(values.reshape(before, size, -1, *cases), axis=1)
    return values.reshape(-1, *cases)


def _runs(shape: Shape, axes: Shape) -> list[tuple[bool, int]]:
    """Neighbouring axes that are all summed or all kept: which, and their cells."""
    runs: list[tuple[bool, int]] = []
    for axis, size in enumerate(shape):
        summed = axis in axes
        if runs and runs[-1][0] == summed:
            runs[-1] = summed, runs[-1][1] * size
        else:
            runs.append((summed, size))
    return runs


def _shifted(mantissa: FloatArray, exponent: NDArray[np.int64]) -> FloatArray:
    found: FloatArray = np.ldexp(mantissa, np.clip(exponent, -2000, 2000).astype(np.int32))
    return found


def _normal(mantissa: FloatArray, exponent: NDArray[np.int64]) -> Wide:
    fraction, shift = np.frexp(mantissa)
    return Wide(fraction, np.where(fraction > 0.0, exponent + shift, _NOTHING))


PLAIN, WIDE = PlainArithmetic(), WideArithmetic()
