"""Exact posteriors by message passing on a clique tree, compiled to flat arrays.

Each clique's table is the product of the distributions assigned to it and of the evidence about its
variables. Messages run from the leaves to the roots and back; then every clique holds P(its variables |
findings) (Shafer and Shenoy 1990; the division by the old separator on the way back is that of Jensen,
Lauritzen and Olesen 1990). The totals of the roots multiply to P(findings).

The tree is run level by level (distance from the root): the small and the sparse cliques of a level as one
list of cells (`flat_cliques`), large dense ones as arrays (`dense_clique`), for a block of cases at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.arithmetic import PLAIN, PLAIN_LIMIT, WIDE, Arithmetic
from massage_pain.inference.clique_tables import CliqueTable, clique_tables
from massage_pain.inference.dense_clique import DenseClique
from massage_pain.inference.elimination import CliqueTree, Scope
from massage_pain.inference.flat_cliques import FlatCliques
from massage_pain.inference.message_places import Places, message_places
from massage_pain.knowledge.distributions import FloatArray, cell_count


class JunctionTree:
    """A clique tree with its tables, ready for any evidence; immutable and safe to share.

    `joint` are variables that share the first clique: their joint posterior can be asked for.
    """

    def __init__(
        self,
        tree: CliqueTree,
        sizes: Sequence[int],
        scopes: Sequence[Scope],
        tables: Sequence[FloatArray],
        joint: Scope = (),
    ) -> None:
        self._offset = [0, *np.cumsum(sizes).tolist()]
        cliques = clique_tables(tree, sizes, scopes, tables)
        places, self._zero = message_places(tree, cliques, self._offset)
        self._roots = np.concatenate(
            [place.message for place, above in zip(places, tree.parent, strict=True) if above < 0]
        )
        self._levels = _levels(tree, cliques, places)
        self._joint = joint
        self._joint_cells = cell_count([sizes[each] for each in joint])
        self._top = cliques[0]
        self._top_group = next(
            number for number, (_, members) in enumerate(self._levels[0]) if self._top in members
        )
        self.numbers = self._zero + sum(each.count for each in cliques)

    @property
    def evidence_rows(self) -> int:
        """The rows of a likelihood array: the states of all variables, one after the other."""
        return int(self._offset[-1])

    def offset(self, variable: int) -> int:
        """The first row of a variable in the likelihood and the marginal arrays."""
        return int(self._offset[variable])

    def propagate(
        self, likelihood: FloatArray, *, marginals: bool = False, joint: bool = False
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
            some = np.ascontiguousarray(likelihood[:, cases])
            logs[cases], again, _ = self._run(WIDE, some, marginals, joint)
            for part, new in zip(found, again, strict=True):
                if part is not None:
                    part[:, cases] = new
        return logs, *found

    def _run(
        self, arithmetic: Arithmetic[Any], likelihood: FloatArray, marginals: bool, joint: bool
    ) -> tuple[FloatArray, tuple[FloatArray | None, FloatArray | None], NDArray[np.bool_]]:
        cases = likelihood.shape[1]
        box = arithmetic.empty(self._zero + 1, cases)
        arithmetic.put(box, slice(0, self.evidence_rows), arithmetic.of(likelihood))
        arithmetic.put(box, slice(self._zero, None), arithmetic.of(np.zeros((1, cases))))
        values = [
            [group.collect(arithmetic, box, cases) for group, _ in level]
            for level in reversed(self._levels)
        ][::-1]
        totals = arithmetic.take(box, self._roots)
        logs = arithmetic.logarithm(totals)
        low = (logs < np.log(PLAIN_LIMIT)).any(axis=0)
        table = self._joint_table(arithmetic, box, values[0]) if joint else None
        beliefs = self._distribute(arithmetic, box, values, totals) if marginals else None
        return logs.sum(axis=0), (beliefs, table), low

    def _distribute(
        self, arithmetic: Arithmetic[Any], box: Any, values: list[list[Any]], totals: Any
    ) -> FloatArray:
        cases = arithmetic.floats(totals).shape[1]
        out = arithmetic.of(np.zeros((self._zero + 1, cases)))
        arithmetic.put(out, self._roots, arithmetic.ratio(totals, totals))
        for level, here in zip(self._levels, values, strict=True):
            for (group, _), part in zip(level, here, strict=True):
                group.distribute(arithmetic, box, out, part)
        return arithmetic.floats(arithmetic.take(out, np.arange(self.evidence_rows)))

    def _joint_table(self, arithmetic: Arithmetic[Any], box: Any, values: list[Any]) -> FloatArray:
        group, _ = self._levels[0][self._top_group]
        cells, sums = group.table(arithmetic, values[self._top_group], self._top, self._joint)
        total = arithmetic.take(box, np.full(len(cells), self._roots[0], dtype=np.intp))
        found = np.zeros((self._joint_cells, arithmetic.floats(total).shape[1]))
        found[cells] = arithmetic.floats(arithmetic.ratio(sums, total))
        return found


def _levels(
    tree: CliqueTree, cliques: list[CliqueTable], places: list[Places]
) -> list[list[tuple[FlatCliques | DenseClique, list[CliqueTable]]]]:
    """For each distance from the root its groups of cliques; in one level they may run in any order."""
    depth: list[int] = []
    for above in tree.parent:
        depth.append(depth[above] + 1 if above >= 0 else 0)
    levels: list[list[tuple[FlatCliques | DenseClique, list[CliqueTable]]]] = []
    for level in range(max(depth) + 1):
        members = [i for i, each in enumerate(depth) if each == level]
        flat = [i for i in members if not cliques[i].is_dense]
        groups: list[tuple[FlatCliques | DenseClique, list[CliqueTable]]] = [
            (DenseClique(cliques[i], places[i]), [cliques[i]]) for i in members if i not in flat
        ]
        if flat:
            some = [cliques[i] for i in flat]
            groups.append((FlatCliques(some, [places[i] for i in flat]), some))
        levels.append(groups)
    return levels
