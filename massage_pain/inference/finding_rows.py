"""Findings that depend on the core only, as rows over its joint states.

Given the joint state of the core, findings whose parents all lie in it are independent, so a finding is
a row of likelihoods and several findings are the product of their rows. A few findings share one lookup
table with a row for every combination of their codes (nothing known: ones), so that a case is a handful
of rows multiplied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from massage_pain.inference.arithmetic import Index
from massage_pain.inference.code_groups import CodeGroups
from massage_pain.knowledge.distributions import FloatArray

_TABLE_CELLS = 2**15


class FindingRows:
    """Lookup tables for findings; `tables[name]` is (states, cells): P(state | joint core state)."""

    def __init__(self, tables: Mapping[str, FloatArray], cells: int) -> None:
        self.tables = dict(tables)
        self.cells = cells
        sizes = {name: len(table) for name, table in tables.items()}
        self.groups = CodeGroups(sizes, max(1, _TABLE_CELLS // cells))
        self.joined: list[FloatArray] = []
        for group in self.groups.members:
            joined = np.ones((1, cells))
            for name in group:  # the first finding's digit runs fastest
                joined = np.concatenate([joined, *(joined * row for row in self.tables[name])])
            self.joined.append(joined)

    def product(self, rows: Mapping[int, Index], count: int) -> FloatArray:
        """The product of the groups' rows, (n, cells); groups not named say nothing."""
        found: FloatArray | None = None
        for group, row in sorted(rows.items()):  # in one order, so that a case alone gets the same bits
            part = self.joined[group].take(row, axis=0)
            if found is None:
                found = part
            else:
                found *= part
        return np.ones((count, self.cells)) if found is None else found

    def weighted(self, name: str, weights: FloatArray) -> FloatArray:
        """What soft evidence (n, states) says of the core, (n, cells)."""
        return weighted_rows(self.tables[name], weights)


def weighted_rows(table: Sequence[FloatArray] | FloatArray, weights: FloatArray) -> FloatArray:
    """The sum over states of weight (n,) times row (cells,); the same for any number of cases."""
    total = weights[:, :1] * table[0]
    for state in range(1, len(table)):
        total += weights[:, state : state + 1] * table[state]
    return total
