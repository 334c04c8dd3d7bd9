"""Sums that have the same bits however many cases stand beside one another.

numpy orders the additions of a reduction by the shape of the whole array. Halving an axis again and again
fixes the order, so a row gets the same answer by itself, in any table and in any block; the error
grows with the logarithm of the length only (pairwise summation, Higham 1993).
"""

from __future__ import annotations

from massage_pain.knowledge.distributions import FloatArray


def folded(values: FloatArray) -> FloatArray:
    """The sum over the first axis."""
    while len(values) > 1:
        half = len(values) // 2
        summed = values[:half] + values[half : 2 * half]
        if len(values) % 2:
            summed[0] += values[-1]
        values = summed
    total: FloatArray = values[0]
    return total


def folded_inner(values: FloatArray) -> FloatArray:
    """The sum over the second axis."""
    while values.shape[1] > 1:
        half = values.shape[1] // 2
        summed = values[:, :half] + values[:, half : 2 * half]
        if values.shape[1] % 2:
            summed[:, 0] += values[:, -1]
        values = summed
    return values[:, 0]
