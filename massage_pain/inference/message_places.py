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
from massage_pain.inference.elimination import CliqueTree, Scope


@dataclass(frozen=True, eq=False)
class Places:
    """Slots of one clique. A table over a scope has one slot a cell (impossible cells: the zero slot).

    `incoming`: tables that are multiplied in (evidence, messages from below); `message`: the slots
    of its own message; `outgoing`: tables it is summed to on the way down (messages, marginals).
    """

    incoming: tuple[tuple[Scope, Index], ...]
    message: Index
    outgoing: tuple[tuple[Scope, Index], ...]


def message_places(
    tree: CliqueTree, cliques: Sequence[CliqueTable], offset: Sequence[int]
) -> tuple[list[Places], int]:
    """The places of every clique, and the zero slot, which is the last.

    A variable's evidence enters, and its marginal is read, at the smallest clique it is in.
    """
    slot = offset[-1]
    first = []
    for clique in cliques:
        first.append(slot)
        slot += len(clique.support)
    incoming: list[list[tuple[Scope, Index]]] = [[] for _ in cliques]
    for variable, holding in sorted(cliques_holding(tree).items()):
        home = min(holding, key=lambda i: cliques[i].base.size)
        rows = np.arange(offset[variable], offset[variable + 1])
        incoming[home].append(((variable,), rows))
    for i, above in enumerate(tree.parent):
        if above >= 0:
            slots = np.full(separator_cells(cliques[i]), slot, dtype=np.intp)
            slots[cliques[i].support] = first[i] + np.arange(len(cliques[i].support))
            incoming[above].append((cliques[i].separator, slots))
    places = [
        Places(
            tuple(incoming[i]),
            np.arange(first[i], first[i] + len(clique.support)),
            tuple(incoming[i]),  # what comes in by a table goes out by the same
        )
        for i, clique in enumerate(cliques)
    ]
    return places, slot
