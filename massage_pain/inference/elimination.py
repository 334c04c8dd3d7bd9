"""In which order to sum variables out, and what that will cost.

Summing a variable out joins all its neighbours; the sets joined on the way are the cliques of a
triangulated graph, and they form a tree (Lauritzen and Spiegelhalter 1988). The best order is NP-hard to
find (Arnborg, Corneil and Proskurowski 1987), so several greedy rules are tried and the cheapest result is
taken: fewest fill-in edges with ties broken by table size, smallest table, and least weight of the
fill-in edges (Kjaerulff 1990). Costs are exact integers, known before any table is allocated.

A set of vertices is the bits of one integer.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from massage_pain.knowledge.distributions import cell_count

Scope: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class CliqueTree:
    """Cliques of a triangulated graph as a forest.

    `parent[i]` is the clique that clique i hangs on, -1 for a root; parents stand before children.
    `separators[i]` are the variables it shares with its parent. `cells` is the size of all tables.
    """

    cliques: tuple[Scope, ...]
    parent: tuple[int, ...]
    separators: tuple[Scope, ...]
    cells: int


def clique_tree(scopes: Sequence[Scope], sizes: Sequence[int], root: Scope = ()) -> CliqueTree:
    """The cheapest clique tree found in which every scope lies within a clique.

    `sizes` are the numbers of states. The variables of `root` share one clique, which is made a root.
    """
    neighbours = _neighbours([*scopes, root], len(sizes))
    best: tuple[int, list[int]] | None = None
    for rule in RULES:
        cells, cliques = _eliminate(neighbours, sizes, rule, None if best is None else best[0])
        if cliques is not None and (best is None or cells < best[0]):
            best = cells, cliques
    assert best is not None
    return _tree(best[1], sizes, _bits(root))


def members(bits: int) -> list[int]:
    """The vertices of a set, lowest first."""
    found = []
    while bits:
        low = bits & -bits
        found.append(low.bit_length() - 1)
        bits ^= low
    return found


def _bits(scope: Scope) -> int:
    bits = 0
    for each in scope:
        bits |= 1 << each
    return bits


def _neighbours(scopes: Sequence[Scope], count: int) -> list[int]:
    found = [0] * count
    for scope in scopes:
        bits = _bits(scope)
        for each in scope:
            found[each] |= bits
    return [bits & ~(1 << vertex) for vertex, bits in enumerate(found)]


class _Graph:
    """A graph on its way to being triangulated: neighbours, table sizes and fill-in of every vertex.

    `fill[v]` counts the pairs of neighbours of v that are not linked, `weight[v]` sums the products of
    their numbers of states, `size[v]` is the table over v and its neighbours. All are kept up to date edge
    by edge, which costs far less than counting again.
    """

    def __init__(self, neighbours: Sequence[int], sizes: Sequence[int]) -> None:
        self.around = list(neighbours)
        self.sizes = sizes
        self.left = (1 << len(sizes)) - 1
        self.fill = [0] * len(sizes)
        self.weight = [0] * len(sizes)
        self.size = [0] * len(sizes)
        for vertex, bits in enumerate(neighbours):
            near = members(bits)
            self.size[vertex] = cell_count([sizes[each] for each in near]) * sizes[vertex]
            for each in near:
                absent = bits & ~neighbours[each] & ~(1 << each)
                self.fill[vertex] += absent.bit_count()
                self.weight[vertex] += sizes[each] * sum(sizes[other] for other in members(absent))
            self.fill[vertex] //= 2
            self.weight[vertex] //= 2

    def remove(self, vertex: int) -> int:
        """Link the neighbours of a vertex and take it out; returns the vertices whose scores changed."""
        around, sizes = self.around, self.sizes
        nearby = around[vertex]
        near = members(nearby)
        changed = nearby
        if self.fill[vertex]:
            for each in near:
                absent = nearby & ~around[each] & ~((2 << each) - 1)
                for other in members(absent):
                    changed |= self._link(each, other)
        gone = 1 << vertex
        for each in near:
            unlinked = around[each] & ~nearby & ~gone
            if unlinked:
                self.fill[each] -= unlinked.bit_count()
                self.weight[each] -= sizes[vertex] * sum(sizes[other] for other in members(unlinked))
            self.size[each] //= sizes[vertex]
            around[each] &= ~gone
        self.left &= ~gone
        return changed & self.left

    def _link(self, one: int, other: int) -> int:
        around, sizes = self.around, self.sizes
        both = around[one] & around[other]
        product = sizes[one] * sizes[other]
        for each in members(both):
            self.fill[each] -= 1
            self.weight[each] -= product
        for here, there in ((one, other), (other, one)):
            unlinked = around[here] & ~around[there]
            self.fill[here] += unlinked.bit_count()
            self.weight[here] += sizes[there] * sum(sizes[each] for each in members(unlinked))
            self.size[here] *= sizes[there]
        around[one] |= 1 << other
        around[other] |= 1 << one
        return both


_Rule: TypeAlias = "Callable[[_Graph, int], tuple[int, int]]"


def _fill_then_size(graph: _Graph, vertex: int) -> tuple[int, int]:
    return graph.fill[vertex], graph.size[vertex]


def _size_then_fill(graph: _Graph, vertex: int) -> tuple[int, int]:
    return graph.size[vertex], graph.fill[vertex]


def _weight_then_size(graph: _Graph, vertex: int) -> tuple[int, int]:
    return graph.weight[vertex], graph.size[vertex]


RULES: tuple[_Rule, ...] = (_fill_then_size, _size_then_fill, _weight_then_size)


def _eliminate(
    neighbours: Sequence[int], sizes: Sequence[int], rule: _Rule, limit: int | None
) -> tuple[int, list[int] | None]:
    """The total cells and the maximal cliques of a greedy order; None once it cannot beat `limit`."""
    graph = _Graph(neighbours, sizes)
    waiting = [(rule(graph, vertex), vertex) for vertex in range(len(sizes))]
    heapq.heapify(waiting)
    cliques: list[int] = []
    largest = 0
    while graph.left:
        score, vertex = heapq.heappop(waiting)
        if not graph.left >> vertex & 1 or score != rule(graph, vertex):
            continue  # taken already, or an old score: the new one waits as well
        clique = graph.around[vertex] | 1 << vertex
        cliques.append(clique)
        largest = max(largest, graph.size[vertex])
        if limit is not None and largest >= limit:
            return largest, None
        if clique == graph.left:
            break  # the rest is this one clique
        for each in members(graph.remove(vertex)):
            heapq.heappush(waiting, (rule(graph, each), each))
    cliques = _maximal(cliques)
    return sum(cell_count([sizes[v] for v in members(each)]) for each in cliques), cliques


def _maximal(cliques: list[int]) -> list[int]:
    """Without the cliques that lie within an earlier one."""
    kept: list[int] = []
    holding: dict[int, list[int]] = {}
    for each in cliques:
        some = members(each)
        if any(each & ~other == 0 for other in holding.get(some[0], ())):
            continue
        kept.append(each)
        for vertex in some:
            holding.setdefault(vertex, []).append(each)
    return kept


def _tree(cliques: list[int], sizes: Sequence[int], root: int) -> CliqueTree:
    """A maximum spanning forest of the cliques by shared variables is a clique tree (Jensen 1988)."""
    holding: dict[int, list[int]] = {}
    for index, each in enumerate(cliques):
        for vertex in members(each):
            holding.setdefault(vertex, []).append(index)
    cells = [cell_count([sizes[v] for v in members(each)]) for each in cliques]
    start = [i for i, each in enumerate(cliques) if root and root & ~each == 0][:1]
    parent = _spanning_forest(cliques, holding, cells, start)
    order = _parents_first(parent, start)
    place = {old: new for new, old in enumerate(order)}
    return CliqueTree(
        tuple(tuple(members(cliques[i])) for i in order),
        tuple(place[parent[i]] if parent[i] >= 0 else -1 for i in order),
        tuple(
            tuple(members(cliques[i] & cliques[parent[i]])) if parent[i] >= 0 else () for i in order
        ),
        sum(cells),
    )


def _spanning_forest(
    cliques: list[int], holding: dict[int, list[int]], cells: list[int], start: list[int]
) -> list[int]:
    """For each clique the one it hangs on, as near to the root as its separator allows."""
    parent = [-1] * len(cliques)
    depth = [0] * len(cliques)
    joined = [False] * len(cliques)
    roots = [*start, *sorted(range(len(cliques)), key=lambda i: -cells[i])]
    for root in roots:
        if joined[root]:
            continue
        waiting: list[tuple[int, int, int, int]] = [(0, 0, root, -1)]
        while waiting:
            _, _, here, above = heapq.heappop(waiting)
            if joined[here]:
                continue
            joined[here] = True
            while above >= 0 and parent[above] >= 0:
                if cliques[here] & cliques[above] & ~cliques[parent[above]]:
                    break
                above = parent[above]  # flat: the separator is within the clique above as well
            parent[here] = above
            depth[here] = depth[above] + 1 if above >= 0 else 0
            for vertex in members(cliques[here]):
                for other in holding[vertex]:
                    if not joined[other]:
                        shared = (cliques[here] & cliques[other]).bit_count()
                        heapq.heappush(waiting, (-shared, depth[here], other, here))
    return parent


def _parents_first(parent: list[int], start: list[int]) -> list[int]:
    children: dict[int, list[int]] = {}
    for index, above in enumerate(parent):
        children.setdefault(above, []).append(index)
    order: list[int] = []
    level = [*start, *(each for each in children.get(-1, []) if each not in start)]
    while level:
        order.extend(level)
        level = [each for index in level for each in children.get(index, ())]
    return order
