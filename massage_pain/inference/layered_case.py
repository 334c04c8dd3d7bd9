"""One case on the fast route: the same as a block of one, in as few numpy calls as can be.

For a single case the calls cost more than the arithmetic. So row numbers are counted with plain integers,
what known roots trigger is two small matrices (half of the children each), and all posteriors of one kind are
one matrix times P(core | findings).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from massage_pain.inference.layered_network import LayeredNetwork
from massage_pain.knowledge.distributions import FloatArray


class LayeredCase:
    """P(core, findings) in `table` (cells,) and P(findings) in `total`; `codes` are states, by variable."""

    def __init__(self, layered: LayeredNetwork, codes: Mapping[str, int]) -> None:
        self._layered = layered
        self._codes = codes
        layer = layered.layer
        rows = [0] * layered.lookups
        for name, code in codes.items():
            at = layered.lookup_of.get(name)
            if at is not None:  # a screening answer says nothing, and may be a number
                rows[at[0]] += at[1] * (code + 1)
        known, seen = rows[: layered.root_lookups], rows[layered.root_lookups :]
        self._seen: FloatArray | None = None
        for table, row in zip(layered.rows.joined, seen, strict=True):
            if row:
                self._seen = table[row] if self._seen is None else self._seen * table[row]
        self.table = np.ones(layered.cells) if self._seen is None else self._seen
        if layer is not None:
            self._hidden, weight, absent, present = layer.known_one(known)
            self._upper, self._lower = layer.triggers_one(absent, present)
            square = layer.hidden_one(self._hidden).reshape(len(self._upper), -1)
            message = self._upper.dot(square).dot(self._lower.T).ravel()
            message *= weight
            if len(message) < layered.cells:
                message = layered.over_core(message[:, None])[:, 0]
            self.table = message if self._seen is None else message * self._seen
        if layered.own is not None:
            self.table = self.table * layered.own
        self.total = float(np.add.reduce(self.table))

    def joint(self) -> FloatArray:
        """P(core | findings), (states of the first core variable, ...)."""
        return (self.table / self.total).reshape(self._layered.shape)

    def posteriors(self, names: Sequence[str]) -> dict[str, FloatArray]:
        """P(name | findings), (1, states), for any variables."""
        layered, codes, place = self._layered, self._codes, self._layered.place
        every = layered.sums.dot(self.table)
        every /= self.total
        rows = every[None, :]
        roots: dict[str, FloatArray] = {}
        found = {}
        for name in names:
            code = codes.get(name)
            if code is None:
                if name in place:
                    found[name] = rows[:, place[name]]
                else:
                    roots = roots or self._root_chances()
                    found[name] = roots[name]
            elif name in layered.core_begin:  # the other states are nothing, this one all but for rounding
                every[layered.core_begin[name] + code] = 1.0
                found[name] = rows[:, place[name]]
            else:
                found[name] = layered.points[name][code].copy()
        return found

    def _root_chances(self) -> dict[str, FloatArray]:
        """P(root | findings), (1, states); of use for the roots that are hidden."""
        layered, layer = self._layered, self._layered.layer
        assert layer is not None
        seen = np.ones(layered.cells) if self._seen is None else self._seen
        if layered.own is not None:
            seen = seen * layered.own
        square = layered.over_layer(seen[:, None]).reshape(len(self._upper), -1)
        likelihood = self._upper.T.dot(square).dot(self._lower)
        chances = layer.root_chances(self._hidden, likelihood)[None, :]
        cuts = layer.states.cuts
        return {name: chances[:, cuts[root]] for name, root in layered.roots.items()}
