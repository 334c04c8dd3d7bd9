"""One block of cases on the fast route: what was said, P(core, findings), and any posterior from it.

Arrays are (cells, n): joint states of the core down, cases along, so that every step is one long row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.arithmetic import Index
from massage_pain.inference.evidence import SOFT, Codes
from massage_pain.inference.finding_rows import weighted_rows
from massage_pain.inference.folding import folded, folded_inner, multiplied
from massage_pain.inference.layered_network import LayeredNetwork
from massage_pain.knowledge.distributions import FloatArray


class LayeredBlock:
    """Cases `codes` (n,) by variable, with the likelihood rows (n, states) of those that are soft."""

    def __init__(
        self,
        layered: LayeredNetwork,
        codes: Mapping[str, Codes],
        likelihoods: Mapping[str, FloatArray],
        count: int,
    ) -> None:
        self._layered = layered
        self._codes = codes
        self._likelihoods = likelihoods
        self._count = count
        groups: dict[int, Index] = {}
        known: dict[int, Index] = {}
        self._soft_roots: list[str] = []
        soft_findings: list[str] = []
        for name in sorted(codes):
            if name in layered.roots and layered.layer is not None:
                layered.layer.groups.add(known, layered.roots[name], codes[name])
                if name in likelihoods:
                    self._soft_roots.append(name)
            else:
                layered.rows.groups.add(groups, name, codes[name])
                if name in likelihoods:
                    soft_findings.append(name)
        self._seen = layered.rows.product(groups, count)
        for name in soft_findings:
            where, weights = self._soft(name)
            self._seen[where] *= layered.rows.weighted(name, weights)
        if layered.layer is not None:
            unknown = np.zeros(count, dtype=np.intp)
            rows = [known.get(group, unknown) for group in range(len(layered.layer.groups.members))]
            self._hidden = layered.layer.hidden_roots(rows)
            for name in self._soft_roots:
                self._hidden[self._soft(name)[0]] &= ~np.int64(1 << layered.roots[name])
            self._weight, self._absent, self._present = layered.layer.known(rows)

    def _soft(self, name: str) -> tuple[Index, FloatArray]:
        where = np.flatnonzero(self._codes[name] == SOFT)
        return where, self._likelihoods[name][where]

    @property
    def with_soft_roots(self) -> NDArray[np.bool_]:
        """The cases in which some root has soft evidence."""
        found = np.zeros(self._count, dtype=bool)
        for name in self._soft_roots:
            found[self._soft(name)[0]] = True
        return found

    def joint(self) -> FloatArray:
        """P(core, findings), (cells, n)."""
        layered, layer = self._layered, self._layered.layer
        if layer is None:
            table = np.ascontiguousarray(self._seen.T)
        else:
            message = np.ascontiguousarray(layer.hidden(self._hidden).T)
            for name in self._soft_roots:
                root = layered.roots[name]
                where, weights = self._soft(name)
                if not len(where):
                    continue
                weights = np.ascontiguousarray(weights.T) * layer.priors[root][:, None]
                part = np.ascontiguousarray(message[:, where])
                message[:, where] = layer.mixed(part, root, weights)
            message *= self._weight
            layer.trigger(message, self._absent, self._present, range(layer.children))
            table = layered.over_core(message)
            table = np.multiply(table, self._seen.T, out=table if table is message else None)
        if layered.own is not None:
            table *= layered.own[:, None]
        return table

    def core_sums(self, table: FloatArray) -> tuple[list[FloatArray], FloatArray]:
        """P(core variable, findings), (states, n) for each of the core, and P(findings), (n,)."""
        sums = []
        for size in self._layered.shape:
            view = table.reshape(size, len(table) // size, self._count)
            sums.append(folded_inner(view))
            table = folded(view)
        return sums, table[0]

    def findings(self, table: FloatArray, names: Sequence[str]) -> dict[str, FloatArray]:
        """P(finding | all findings) up to a factor, (states, n), from P(core | findings)."""
        tables = self._layered.rows.tables
        rows = np.concatenate([tables[name] for name in names])
        every = multiplied(rows, table)
        found, begin = {}, 0
        for name in names:
            end = begin + len(tables[name])
            found[name] = every[begin:end]
            begin = end
            if name in self._likelihoods:
                where, weights = self._soft(name)
                own = weighted_rows(tables[name], weights).T
                without = np.divide(table[:, where], own, out=np.zeros_like(own), where=own > 0.0)
                found[name][:, where] = weights.T * multiplied(tables[name], without)
        return found

    def roots(self, names: Sequence[str]) -> dict[str, FloatArray]:
        """P(root | findings) up to a factor, (states, n), for roots without soft evidence."""
        layered, layer = self._layered, self._layered.layer
        assert layer is not None
        seen = np.ascontiguousarray(self._seen.T)
        if layered.own is not None:
            seen *= layered.own[:, None]
        likelihood = layered.over_layer(seen).copy()
        layer.untrigger(likelihood, self._absent, self._present, range(layer.children))
        found = {}
        for name in names:
            root = layered.roots[name]
            bit = np.int64(1 << root)
            where = np.flatnonzero(self._hidden & bit)
            posterior = np.ones((layered.sizes[name], self._count))
            if len(where):
                message = np.ascontiguousarray(layer.hidden(self._hidden[where] ^ bit).T)
                some = likelihood if len(where) == self._count else likelihood.take(where, axis=1)
                chance = layer.likelihood_of(root, message, some) * layer.priors[root][:, None]
                posterior[:, where] = chance
            found[name] = posterior
        return found
