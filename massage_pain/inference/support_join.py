"""The possible cells of a large clique without ever writing the clique out.

A table's non-zero cells are a relation over its variables, and the possible cells of a clique are the
natural join of the relations assigned to it (and of what the cliques below it allow). Joining them pair by
pair keeps to the cells that are possible so far; a clique of 10^7 cells of which 1% are possible costs 10^5.
The size of each join is counted before it is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.arithmetic import Index
from massage_pain.inference.elimination import Scope
from massage_pain.knowledge.distributions import cell_count

States = NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Relation:
    """Rows of states: `columns[i]` (rows,) are the states of variable `scope[i]`."""

    scope: Scope
    columns: tuple[States, ...]
    rows: int

    def index(self, scope: Scope, sizes: Sequence[int]) -> Index:
        """For each row the cell of a table over `scope` (part of this scope, last variable fastest)."""
        found = np.zeros(self.rows, dtype=np.intp)
        for each in scope:
            found *= sizes[each]
            found += self.columns[self.scope.index(each)]
        return found


def relation_of(scope: Scope, possible: NDArray[np.bool_]) -> Relation:
    """The cells that are true of an array with one axis a variable."""
    if not scope:
        return Relation((), (), int(possible))
    columns = tuple(each.astype(np.int16) for each in np.nonzero(possible))
    return Relation(scope, columns, int(np.count_nonzero(possible)))


def join(relations: Sequence[Relation], scope: Scope, sizes: Sequence[int], limit: float) -> Relation | None:
    """The natural join of all relations over `scope`, or None where it would have more rows than `limit`.

    Variables that no relation speaks of have all their states.
    """
    spoken = {each for relation in relations for each in relation.scope}
    free = [relation_of((each,), np.ones(sizes[each], dtype=bool)) for each in scope if each not in spoken]
    waiting = [*relations, *free]
    if not waiting:
        return Relation((), (), 1)
    found = min(waiting, key=lambda each: each.rows)
    waiting.remove(found)
    while waiting:
        known = set(found.scope)
        following = min(waiting, key=lambda each: _growth(each, known, sizes))
        waiting.remove(following)
        joined = _join(found, following, sizes, limit)
        if joined is None:
            return None
        found = joined
    order = tuple(found.scope.index(each) for each in scope)
    return Relation(scope, tuple(found.columns[i] for i in order), found.rows)


def _growth(relation: Relation, known: set[int], sizes: Sequence[int]) -> float:
    """About how many rows joining this relation makes of one row."""
    shared = cell_count([sizes[each] for each in relation.scope if each in known])
    return relation.rows / shared


def _join(one: Relation, other: Relation, sizes: Sequence[int], limit: float) -> Relation | None:
    shared = tuple(each for each in other.scope if each in one.scope)
    keys, theirs = one.index(shared, sizes), other.index(shared, sizes)
    order = np.argsort(theirs, kind="stable")
    counts = np.bincount(theirs, minlength=cell_count([sizes[each] for each in shared]))
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    repeats = counts[keys]
    rows = int(repeats.sum())
    if rows > limit:
        return None
    mine = np.repeat(np.arange(one.rows), repeats)
    within = np.arange(rows) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    yours = order[first[keys][mine] + within]
    new = [i for i, each in enumerate(other.scope) if each not in shared]
    return Relation(
        (*one.scope, *(other.scope[i] for i in new)),
        (*(column[mine] for column in one.columns), *(other.columns[i][yours] for i in new)),
        rows,
    )
