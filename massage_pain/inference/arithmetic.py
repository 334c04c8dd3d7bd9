"""Two ways to hold probabilities: plain floats, and floats whose exponent cannot run out.

All numbers of a propagation are products of numbers up to one, so while P(findings) itself is far from
the smallest float, every partial product that matters is as well, and plain floats are exact to
rounding. Below `PLAIN_LIMIT` a case is done again in *wide* numbers: a mantissa (float64) and an exponent
of its own (int64). They lose no digits and never underflow, so zero means impossible and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from massage_pain.knowledge.distributions import FloatArray

PLAIN_LIMIT = 1e-250
"""P(findings) from which plain floats are enough: far above 1e-308, with room for rare states."""

_NOTHING = -(2**40)  # the exponent of zero: below every other
Index: TypeAlias = NDArray[np.intp]
Shape: TypeAlias = tuple[int, ...]
Numbers = TypeVar("Numbers")


class Arithmetic(Protocol[Numbers]):
    """What a propagation does with numbers of shape (cells, n_cases)."""

    def of(self, values: FloatArray) -> Numbers: ...  # noqa: D102
    def empty(self, cells: int, cases: int) -> Numbers: ...  # noqa: D102
    def take(self, values: Numbers, index: Index) -> Numbers: ...  # noqa: D102
    def multiply(self, values: Numbers, stop: int, factor: Numbers) -> None: ...  # noqa: D102
    def segment_sums(self, values: Numbers, starts: Index) -> Numbers: ...  # noqa: D102
    def multiply_spread(  # noqa: D102
        self, values: Numbers, shape: Shape, factor: Numbers, spread: Shape
    ) -> None: ...
    def axis_sums(self, values: Numbers, shape: Shape, axes: Shape) -> Numbers: ...  # noqa: D102
    def put(self, values: Numbers, where: Index | slice, new: Numbers) -> None: ...  # noqa: D102
    def ratio(self, values: Numbers, by: Numbers) -> Numbers: ...  # noqa: D102
    def logarithm(self, values: Numbers) -> FloatArray: ...  # noqa: D102
    def floats(self, values: Numbers) -> FloatArray: ...  # noqa: D102


class PlainArithmetic:
    """float64 arrays."""

    def of(self, values: FloatArray) -> FloatArray:
        return values

    def empty(self, cells: int, cases: int) -> FloatArray:
        return np.empty((cells, cases))

    def take(self, values: FloatArray, index: Index) -> FloatArray:
        return values.take(index, axis=0)

    def multiply(self, values: FloatArray, stop: int, factor: FloatArray) -> None:
        values[:stop] *= factor

    def segment_sums(self, values: FloatArray, starts: Index) -> FloatArray:
        return np.add.reduceat(values, starts, axis=0)

    def multiply_spread(
        self, values: FloatArray, shape: Shape, factor: FloatArray, spread: Shape
    ) -> None:
        cases = values.shape[1]
        view = values.reshape(*shape, cases)
        view *= factor.reshape(*spread, cases)

    def axis_sums(self, values: FloatArray, shape: Shape, axes: Shape) -> FloatArray:
        cases = values.shape[1]
        sums: FloatArray = np.add.reduce(values.reshape(*shape, cases), axis=axes)
        return sums.reshape(-1, cases)

    def put(self, values: FloatArray, where: Index | slice, new: FloatArray) -> None:
        values[where] = new

    def ratio(self, values: FloatArray, by: FloatArray) -> FloatArray:
        return np.divide(values, by, out=np.zeros_like(values), where=by > 0.0)

    def logarithm(self, values: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            return np.log(values)

    def floats(self, values: FloatArray) -> FloatArray:
        return values


@dataclass
class Wide:
    """`mantissa * 2**exponent`, cell by cell; zero has the exponent `_NOTHING`."""

    mantissa: FloatArray
    exponent: NDArray[np.int64]


class WideArithmetic:
    """`Wide` arrays."""

    def of(self, values: FloatArray) -> Wide:
        return _normal(values, np.zeros(values.shape, dtype=np.int64))

    def empty(self, cells: int, cases: int) -> Wide:
        return Wide(np.zeros((cells, cases)), np.full((cells, cases), _NOTHING, dtype=np.int64))

    def take(self, values: Wide, index: Index) -> Wide:
        return Wide(values.mantissa.take(index, axis=0), values.exponent.take(index, axis=0))

    def multiply(self, values: Wide, stop: int, factor: Wide) -> None:
        product = _normal(
            values.mantissa[:stop] * factor.mantissa, values.exponent[:stop] + factor.exponent
        )
        values.mantissa[:stop], values.exponent[:stop] = product.mantissa, product.exponent

    def segment_sums(self, values: Wide, starts: Index) -> Wide:
        largest = np.maximum.reduceat(values.exponent, starts, axis=0)
        lengths = np.diff(np.append(starts, len(values.exponent)))
        shift = values.exponent - np.repeat(largest, lengths, axis=0)
        aligned = np.ldexp(values.mantissa, np.maximum(shift, -2000).astype(np.int32))
        return _normal(np.add.reduceat(aligned, starts, axis=0), largest)

    def multiply_spread(self, values: Wide, shape: Shape, factor: Wide, spread: Shape) -> None:
        cases = values.mantissa.shape[1]
        full, thin = (*shape, cases), (*spread, cases)
        product = _normal(
            values.mantissa.reshape(full) * factor.mantissa.reshape(thin),
            values.exponent.reshape(full) + factor.exponent.reshape(thin),
        )
        values.mantissa[:] = product.mantissa.reshape(values.mantissa.shape)
        values.exponent[:] = product.exponent.reshape(values.exponent.shape)

    def axis_sums(self, values: Wide, shape: Shape, axes: Shape) -> Wide:
        cases = values.mantissa.shape[1]
        exponent = values.exponent.reshape(*shape, cases)
        largest = np.maximum.reduce(exponent, axis=axes, keepdims=True)
        shift = np.maximum(exponent - largest, -2000).astype(np.int32)
        aligned = np.ldexp(values.mantissa.reshape(*shape, cases), shift)
        sums = np.add.reduce(aligned, axis=axes)
        return _normal(sums.reshape(-1, cases), largest.reshape(-1, cases))

    def put(self, values: Wide, where: Index | slice, new: Wide) -> None:
        values.mantissa[where], values.exponent[where] = new.mantissa, new.exponent

    def ratio(self, values: Wide, by: Wide) -> Wide:
        some = by.mantissa > 0.0
        quotient = np.divide(
            values.mantissa, by.mantissa, out=np.zeros_like(values.mantissa), where=some
        )
        return _normal(quotient, values.exponent - np.where(some, by.exponent, 0))

    def logarithm(self, values: Wide) -> FloatArray:
        with np.errstate(divide="ignore"):
            exponent = np.where(values.mantissa > 0.0, values.exponent, 0)
            return np.log(values.mantissa) + exponent * np.log(2.0)

    def floats(self, values: Wide) -> FloatArray:
        return np.ldexp(values.mantissa, np.clip(values.exponent, -2000, 2000).astype(np.int32))


def _normal(mantissa: FloatArray, exponent: NDArray[np.int64]) -> Wide:
    fraction, shift = np.frexp(mantissa)
    return Wide(fraction, np.where(fraction > 0.0, exponent + shift, _NOTHING))


PLAIN, WIDE = PlainArithmetic(), WideArithmetic()
