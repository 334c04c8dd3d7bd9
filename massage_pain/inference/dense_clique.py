"""One large clique with few zeros, as an array with an axis for each variable and one for the cases.

Messages are multiplied in by broadcasting and made by summing axes, with no index as long as the table.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from massage_pain.inference.arithmetic import Arithmetic, Index
from massage_pain.inference.clique_tables import CliqueTable, separator_cells
from massage_pain.inference.elimination import Scope
from massage_pain.inference.message_places import Places


class DenseClique:
    """A clique kept as an array."""

    def __init__(self, clique: CliqueTable, places: Places) -> None:
        self._clique = clique
        self._base = np.where(clique.possible, clique.base, 0.0).reshape(-1, 1)
        self._states = separator_cells(clique)
        self._slots = places.message
        self._support = clique.support
        self._incoming = [self._table(scope, slots) for scope, slots in places.incoming]
        zero = 0
        own = np.full(self._states, zero, dtype=np.intp)
        own[clique.support] = np.arange(len(clique.support))
        self._own = own

    def _table(self, scope: Scope, slots: Index) -> tuple[Index, tuple[int, ...], tuple[int, ...]]:
        """Slots in the order of the clique's own axes, their broadcast shape, the axes summed out."""
        clique = self._clique
        narrow = clique.narrow(scope)
        table = clique.spread(narrow, slots.reshape([clique.sizes[each] for each in narrow]))
        return table.reshape(-1).astype(np.intp), table.shape, clique.others(narrow)

    def collect(self, arithmetic: Arithmetic[Any], box: Any, cases: int) -> Any:
        """Multiply all that came in and put the message to the clique above into the box."""
        shape = self._clique.shape
        values = arithmetic.of(np.repeat(self._base, cases, axis=1))
        for slots, spread, _ in self._incoming:
            arithmetic.multiply_spread(values, shape, arithmetic.take(box, slots), spread)
        sums = arithmetic.axis_sums(values, (self._states, -1), (1,))
        arithmetic.put(box, self._slots, arithmetic.take(sums, self._support))
        return values

    def distribute(self, arithmetic: Arithmetic[Any], box: Any, out: Any, values: Any) -> None:
        """Take the message from above in, and put those to the cliques below and the marginals out."""
        factor = arithmetic.ratio(
            arithmetic.take(out, self._slots), arithmetic.take(box, self._slots)
        )
        # A state of the separator that is no support has only zero cells: any factor will do.
        spread = arithmetic.take(factor, self._own)
        arithmetic.multiply_spread(values, (self._states, -1), spread, (self._states, 1))
        for slots, _, others in self._incoming:
            sums = arithmetic.axis_sums(values, self._clique.shape, others)
            arithmetic.put(out, slots, sums)

    def table(self, arithmetic: Arithmetic[Any], values: Any, clique: CliqueTable, scope: Scope) -> Any:
        """Cells of a table over `scope` that are possible, and their sums over the values."""
        narrow = clique.narrow(scope)
        sizes = [clique.sizes[each] for each in narrow]
        cells, _, others = self._table(narrow, np.arange(int(np.prod(sizes))))
        return cells, arithmetic.axis_sums(values, clique.shape, others)
