"""Exact posteriors by message passing on a clique tree, compiled to flat arrays.

Each clique's table is the product of the distributions assigned to it and of the evidence about its
variables. Messages run from the leaves to the roots and back; then every clique holds P(its variables |
findings) (Shafer and Shenoy 1990; the division by the old separator on the way back is that of Jensen,
Lauritzen and Olesen 1990). The totals of the roots multiply to P(findings).

The tree is run level by level (distance from the root): the small and the sparse cliques of a level as one
list of cells (`flat_cliques`), large dense ones as arrays (`dense_clique`), for a block of cases at a time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.arithmetic import PLAIN, PLAIN_LIMIT, SMALLEST, WIDE, Arithmetic
from massage_pain.inference.clique_tables import CliqueTable, clique_tables
from massage_pain.inference.clique_tree import CliqueTree
from massage_pain.inference.dense_clique import DenseClique
from massage_pain.inference.elimination import Scope
from massage_pain.inference.flat_cliques import FlatCliques
from massage_pain.inference.message_places import Box, message_box
from massage_pain.knowledge.distributions import FloatArray, cell_count

_PLAIN_LOG = float(np.log(PLAIN_LIMIT))


class JunctionTree:
    """A clique tree with its tables, ready for any evidence; immutable and safe to share.

    `joint` are variables that share the first clique: their joint posterior can be asked for.
    `offset` are the first rows of the variables in the likelihood and the marginal arrays, and the end.
    """

    def __init__(
        self,
        tree: CliqueTree,
        sizes: Sequence[int],
        scopes: Sequence[Scope],
        tables: Sequence[FloatArray],
        joint: Scope = (),
    ) -> None:
        self.offset: list[int] = [0, *np.cumsum(sizes).tolist()]
        cliques = clique_tables(tree, sizes, scopes, tables)
        box = message_box(tree, cliques, self.offset)
        self._zero = box.zero
        self._levels = [[_group(cliques, box, group) for group in level] for level in box.levels]
        roots = [box.places[i].message for i, above in enumerate(tree.parent) if above < 0]
        self._roots = slice(min(each.start for each in roots), max(each.stop for each in roots))
        self._top, self._top_slot = cliques[0], box.places[0].message
        self._top_group = next(number for number, group in enumerate(box.levels[0]) if 0 in group)
        self._joint = joint
        self._joint_cells = cell_count([sizes[each] for each in joint])
        self.numbers = box.zero + sum(each.count for each in cliques)
        self._blank = np.zeros(box.zero + 2)  # one slot more than for a block: it holds one
        self._blank[: self.evidence_rows] = self._blank[-1] = 1.0

    @property
    def evidence_rows(self) -> int:
        """The rows of a likelihood array: the states of all variables, one after the other."""
        return self.offset[-1]

    def propagate(
        self,
        likelihood: FloatArray,
        *,
        marginals: bool = False,
        joint: bool = False,
    ) -> tuple[FloatArray, FloatArray | None, FloatArray | None]:
        """Posteriors for a block of cases, from their likelihood rows (evidence_rows, n_cases).

        Returns log P(findings) (n_cases,), the marginals of all variables (evidence_rows, n_cases) and
        the joint (cells, n_cases); both up to a factor for each case and variable, and zero where the
        findings are impossible.
        """
        with np.errstate(over="ignore", invalid="ignore"):  # only in cases that are then done again
            logs, found, low = self._run(PLAIN, likelihood, marginals, joint)
        if low.any():
            cases = np.flatnonzero(low)
            if likelihood.shape[1] > len(cases) == 1:
                cases = cases.repeat(2)  # numpy sums a single column in another order
            some = np.ascontiguousarray(likelihood[:, cases])
            logs[cases], again, _ = self._run(WIDE, some, marginals, joint)
            for part, new in zip(found, again, strict=True):
                if part is not None:
                    part[:, cases] = new
        return logs, *found

    def propagate_one(
        self, observed: Mapping[int, int], soft: Mapping[int, FloatArray], *, marginals: bool = False
    ) -> tuple[float, FloatArray | None]:
        """The same for a single case, in as few numpy calls as can be.

        `observed`: variable -> state, `soft`: variable -> likelihood (states,).
        """
        box = self._blank.copy()
        for variable, state in observed.items():
            begin = self.offset[variable]
            box[begin : self.offset[variable + 1]] = 0.0
            box[begin + state] = 1.0
        for variable, row in soft.items():
            box[self.offset[variable] : self.offset[variable + 1]] = row
        values: list[list[Any]] = [
            [group.collect_one(box, observed) for group in level] for level in reversed(self._levels)
        ]
        totals = box[self._roots].tolist()
        if not min(totals) >= PLAIN_LIMIT:
            likelihood = box[: self.evidence_rows, None]
            logs, (beliefs, _), _ = self._run(WIDE, likelihood, marginals, False)
            return float(logs[0]), None if beliefs is None else beliefs[:, 0]
        log = sum(map(math.log, totals))
        if not marginals:
            return log, None
        out = np.zeros(len(box))
        sent: FloatArray | None = None  # nothing comes to the roots from above
        for level, here in zip(self._levels, reversed(values), strict=True):
            for group, part in zip(level, here, strict=True):
                group.distribute_one(sent, out, part)
            if sent is None:
                sent = np.maximum(box, SMALLEST)  # to divide by; what is multiplied keeps its zeros
        return log, out[: self.evidence_rows]

    def _run(
        self,
        arithmetic: Arithmetic[Any],
        likelihood: FloatArray,
        marginals: bool,
        joint: bool,
    ) -> tuple[FloatArray, tuple[FloatArray | None, FloatArray | None], NDArray[np.bool_]]:
        box = arithmetic.zeros(self._zero + 1, likelihood)
        arithmetic.put(box, slice(0, self.evidence_rows), arithmetic.of(likelihood))
        values = [[group.collect(arithmetic, box) for group in level] for level in reversed(self._levels)]
        values.reverse()
        totals = arithmetic.take(box, self._roots)
        logs = arithmetic.logarithm(totals)
        low = np.asarray((logs < _PLAIN_LOG).any(axis=0))
        table = self._joint_table(arithmetic, box, values[0], likelihood) if joint else None
        beliefs = self._distribute(arithmetic, box, values, likelihood) if marginals else None
        return logs.sum(axis=0), (beliefs, table), low

    def _distribute(
        self, arithmetic: Arithmetic[Any], box: Any, values: list[list[Any]], likelihood: FloatArray
    ) -> FloatArray:
        out = arithmetic.zeros(self._zero + 1, likelihood)
        totals = arithmetic.take(box, self._roots)
        arithmetic.put(out, self._roots, arithmetic.ratio(totals, totals))
        for level, here in zip(self._levels, values, strict=True):
            for group, part in zip(level, here, strict=True):
                group.distribute(arithmetic, box, out, part)
        return arithmetic.floats(arithmetic.take(out, slice(0, self.evidence_rows)))

    def _joint_table(
        self, arithmetic: Arithmetic[Any], box: Any, values: list[Any], likelihood: FloatArray
    ) -> FloatArray:
        group = self._levels[0][self._top_group]
        cells, sums = group.table(arithmetic, values[self._top_group], self._top, self._joint)
        total = arithmetic.take(box, np.full(len(cells), self._top_slot.start, dtype=np.intp))
        found = np.zeros((self._joint_cells, likelihood.shape[1]))
        found[cells] = arithmetic.floats(arithmetic.ratio(sums, total))
        return found


def _group(cliques: Sequence[CliqueTable], box: Box, members: Sequence[int]) -> FlatCliques | DenseClique:
    if cliques[members[0]].is_dense:
        return DenseClique(cliques[members[0]], box.places[members[0]], box.zero)
    one = box.zero + 1
    return FlatCliques([cliques[i] for i in members], [box.places[i] for i in members], one)
