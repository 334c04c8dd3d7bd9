"""One number of a network varied at a time: how its row follows.

A row of probabilities sums to one, so the others have to follow. In a table or prior they keep their
proportions (proportional covariation: of all ways to follow, the one that changes the distribution least,
Chan and Darwiche 2002); where the number was one, they share equally. In a leak or a link the lowest state
takes up the change, because the chances to trigger the others are separate numbers.
"""

from __future__ import annotations

import numpy as np

from massage_pain.inference.number_blocks import Layout, layout_of, numbers_of
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network


def along(network: Network, by_cell: FloatArray) -> FloatArray:
    """Derivatives by each number with its row following, (n, events), from those by free cells.

    `by_cell` (cells, events), in the order of `number_blocks.Layout`.
    """
    layout, numbers = layout_of(network), numbers_of(network)
    found = by_cell[numbers.place] - by_cell[layout.lowest[numbers.place]]
    if len(layout.shared):
        whole = np.zeros_like(by_cell)
        whole[layout.shared] = _in_proportion(layout, by_cell[layout.shared])
        mine = np.flatnonzero(layout.is_shared[numbers.place])
        found[mine] = whole[numbers.place[mine]]
    return found


def _in_proportion(layout: Layout, by_cell: FloatArray) -> FloatArray:
    """The same for the cells of priors and tables: the others of the row keep their proportions."""
    weight = layout.weight[layout.shared, None]
    row = layout.shared_row
    rest = 1.0 - weight
    sums = np.add.reduceat(by_cell * weight, layout.shared_rows, axis=0)[row]
    others = sums - by_cell * weight  # what the others bring when they rise together, in proportion
    alone = rest[:, 0] <= 0.0
    if alone.any():  # nothing to be in proportion to: they share equally
        plain = np.add.reduceat(by_cell, layout.shared_rows, axis=0)[row]
        count = np.bincount(row)[row, None] - 1
        equal = (plain - by_cell) / np.maximum(count, 1)
        single = count[:, 0] == 0
        equal[single] = by_cell[single]  # a row of one state cannot change
        others = np.where(alone[:, None], equal, others)
        rest = np.where(rest <= 0.0, 1.0, rest)
    found: FloatArray = by_cell - others / rest
    return found
