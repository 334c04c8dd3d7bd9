"""Where the messages of a clique tree lie: one box for what goes up, one for what goes down.

The box holds the likelihood rows of all variables, then one slot for each possible state of each
separator, and last one slot that is always zero. What goes down lies in the same slots of a second box,
whose first rows take the marginals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from massage_pain.inference.arithmetic import Index
from massage_pain.inference.clique_tables import CliqueTable, cliques_holding, separator_cells
from massage_pain.inference.clique_tree import CliqueTree
from massage_pain.inference.elimination import Scope


@dataclass(frozen=True, eq=False)
class Places:
    """Slots of one clique.

    `tables`: what is multiplied in on the way up (evidence, messages from below) and summed out to on the
    way down (marginals, messages), each with the slots of its cells, the zero slot where one is
    impossible. `message`: the slots of its own message.
    """

    tables: tuple[tuple[Scope, Index], ...]
    message: slice


@dataclass(frozen=True, eq=False)
class Box:
    """The places of every clique, its groups of cliques by level, and the zero slot, which is the last."""

    places: tuple[Places, ...]
    levels: tuple[tuple[tuple[int, ...], ...], ...]
    zero: int


def message_box(tree: CliqueTree, cliques: Sequence[CliqueTable], offset: Sequence[int]) -> Box:
    """The places of every clique; the messages of a group lie side by side.

    A variable's evidence enters, and its marginal is read, at the smallest clique it is in.
    """
    count = [0] * len(cliques)
    homes: dict[int, int] = {}
    for variable, holding in sorted(cliques_holding(tree).items()):
        homes[variable] = min(holding, key=lambda i: cliques[i].size)
        count[homes[variable]] += 1
    for above in tree.parent:
        if above >= 0:
            count[above] += 1
    levels = _levels(tree, cliques, count)
    slot = offset[-1]
    first = [0] * len(cliques)
    for i in (each for level in levels for group in level for each in group):
        first[i] = slot
        slot += len(cliques[i].support)
    tables: list[list[tuple[Scope, Index]]] = [[] for _ in cliques]
    for variable, home in homes.items():
        rows = np.arange(offset[variable], offset[variable + 1])
        tables[home].append(((variable,), rows))
    for i, above in enumerate(tree.parent):
        if above >= 0:
            slots = np.full(separator_cells(cliques[i]), slot, dtype=np.intp)
            slots[cliques[i].support] = first[i] + np.arange(len(cliques[i].support))
            tables[above].append((cliques[i].separator, slots))
    places = tuple(
        Places(tuple(tables[i]), slice(first[i], first[i] + len(clique.support)))
        for i, clique in enumerate(cliques)
    )
    return Box(places, levels, slot)


def _levels(
    tree: CliqueTree, cliques: Sequence[CliqueTable], tables: Sequence[int]
) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """For each distance from the root its cliques: dense ones alone, the others together by tables."""
    depth: list[int] = []
    for above in tree.parent:
        depth.append(depth[above] + 1 if above >= 0 else 0)
    levels = []
    for level in range(max(depth) + 1):
        members = [i for i, each in enumerate(depth) if each == level]
        dense = [i for i in members if cliques[i].is_dense]
        flat = sorted((i for i in members if i not in dense), key=lambda i: -tables[i])
        levels.append((*((i,) for i in dense), *((tuple(flat),) if flat else ())))
    return tuple(levels)
