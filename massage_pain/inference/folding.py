"""Sums that have the same bits however many cases stand beside one another.

numpy orders the additions of a reduction by the shape of the whole array. Halving an axis again and again
fixes the order, so a row gets the same answer by itself, in any table and in any block; the error
grows with the logarithm of the length only (pairwise summation, Higham 1993). A matrix product is left to
BLAS, which orders by the shape as well: it is given panels of one shape, the last filled up with zeros.
"""

from __future__ import annotations

import numpy as np

from massage_pain.knowledge.distributions import FloatArray

PANEL = 64
"""Cases that are multiplied at a time."""


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


def multiplied(rows: FloatArray, table: FloatArray) -> FloatArray:
    """The matrix product of (m, cells) and (cells, n)."""
    count = table.shape[1]
    found = np.empty((len(rows), count))
    for start in range(0, count, PANEL):
        part = table[:, start : start + PANEL]
        width = part.shape[1]
        if width < PANEL:
            part = np.concatenate([part, np.zeros((len(part), PANEL - width))], axis=1)
        found[:, start : start + width] = (rows @ part)[:, :width]
    return found
