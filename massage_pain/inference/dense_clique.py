"""One large clique with few zeros, as an array with an axis for each variable and one for the cases.

Messages are multiplied in by broadcasting and made by summing axes, with no index as long as the table.
For a single case the axes of observed variables are cut down to the observed state first: that is the same
as multiplying the evidence in here as well, and the table shrinks by every observation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from massage_pain.inference.arithmetic import Arithmetic, Index, Shape
from massage_pain.inference.clique_tables import CliqueTable
from massage_pain.inference.elimination import Scope
from massage_pain.inference.message_places import Places
from massage_pain.knowledge.distributions import FloatArray, cell_count


@dataclass(frozen=True, eq=False)
class _Cut:
    """The clique with some variables fixed: its base (cells,), shape, and tables in its own axis order.

    A table has its slots, the shape it broadcasts from, and the axes that are summed for it.
    """

    base: FloatArray
    shape: Shape
    own: tuple[Index, Shape, Shape]
    tables: tuple[tuple[Index, Shape, Shape], ...]


class DenseClique:
    """A clique kept as an array."""

    def __init__(self, clique: CliqueTable, places: Places, zero: int) -> None:
        self._clique = clique
        self._base = clique.as_array()
        slots = np.full(cell_count([clique.sizes[each] for each in clique.separator]), zero, dtype=np.intp)
        slots[clique.support] = np.arange(places.message.start, places.message.stop)
        self._own = self._spread(clique.separator, slots)
        self._tables = tuple(self._spread(scope, slots) for scope, slots in places.tables)
        self._whole = self._cut({})

    def _spread(self, scope: Scope, slots: Index) -> Index:
        """Slots of a table as it broadcasts against the clique."""
        narrow = self._clique.narrow(scope)
        return self._clique.spread(narrow, slots.reshape([self._clique.sizes[each] for each in narrow]))

    def _cut(self, observed: Mapping[int, int]) -> _Cut:
        order = self._clique.order
        fixed = {axis: observed[each] for axis, each in enumerate(order) if each in observed}
        base = self._base[tuple(fixed.get(axis, slice(None)) for axis in range(len(order)))]

        def cut(slots: Index) -> tuple[Index, Shape, Shape]:
            which = tuple(
                (fixed[axis] if slots.shape[axis] > 1 else 0) if axis in fixed else slice(None)
                for axis in range(len(order))
            )
            some = slots[which]
            summed = tuple(axis for axis, size in enumerate(some.shape) if size == 1 and base.shape[axis] > 1)
            return some.ravel(), some.shape, summed

        return _Cut(base.ravel(), base.shape, cut(self._own), tuple(map(cut, self._tables)))

    def collect(self, arithmetic: Arithmetic[Any], box: Any, observed: Mapping[int, int]) -> Any:
        """Multiply all that came in and put the message to the clique above into the box."""
        cut = self._cut(observed) if not observed.keys().isdisjoint(self._clique.order) else self._whole
        values = arithmetic.products(box, (), cut.base)
        for slots, spread, _ in cut.tables:
            arithmetic.multiply_spread(values, cut.shape, arithmetic.take(box, slots), spread)
        slots, _, summed = cut.own
        arithmetic.put(box, slots, arithmetic.axis_sums(values, cut.shape, summed))
        return cut, values

    def distribute(self, arithmetic: Arithmetic[Any], box: Any, out: Any, collected: Any) -> None:
        """Take the message from above in, and put those to the cliques below and the marginals out."""
        cut, values = collected
        slots, spread, _ = cut.own
        factor = arithmetic.ratio(arithmetic.take(out, slots), arithmetic.take(box, slots))
        arithmetic.multiply_spread(values, cut.shape, factor, spread)
        for slots, _, summed in cut.tables:
            arithmetic.put(out, slots, arithmetic.axis_sums(values, cut.shape, summed))

    def table(self, arithmetic: Arithmetic[Any], collected: Any, clique: CliqueTable, scope: Scope) -> Any:
        """Cells of a table over `scope`, and their sums over the values; nothing must be observed."""
        cut, values = collected
        narrow = clique.narrow(scope)
        cells = self._spread(narrow, np.arange(cell_count([clique.sizes[each] for each in narrow])))
        return cells.ravel(), arithmetic.axis_sums(values, cut.shape, clique.others(narrow))
