"""In which order to sum variables out, and what that will cost.

Summing a variable out joins all its neighbours; the sets joined on the way are the cliques of a
triangulated graph, and they form a tree (Lauritzen and Spiegelhalter 1988). The best order is NP-hard to
find (Arnborg, Corneil and Proskurowski 1987), so several greedy rules are tried and the cheapest result is
taken: fewest fill-in edges with ties broken by table size, smallest table, and least weight of the
fill-in edges (Kjaerulff 1990). Costs are exact integers, known before any table is allocated.

A clique is the bits of one integer.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from massage_pain.knowledge.distributions import cell_count

Scope: TypeAlias = tuple[int, ...]

WORTH_A_HUB = 2000
"""Cells that a hub between cliques must save, since it costs a level."""


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


def clique_tree(
    scopes: Sequence[Scope], sizes: Sequence[int], root: Scope = (), limit: float = math.inf
) -> CliqueTree:
    """The cheapest clique tree found in which every scope lies within a clique.

    `sizes` are the numbers of states. The variables of `root` share one clique, which is made a root. With
    more than `limit` cells the cliques are returned without a tree: it is only to be refused.
    """
    neighbours = _neighbours([*scopes, root], len(sizes))
    best: tuple[int, list[int]] | None = None
    for rule in RULES if len(sizes) <= MANY_VARIABLES else RULES[:1]:
        cells, cliques = _eliminate(neighbours, sizes, rule, None if best is None else best[0])
        if cliques is not None and (best is None or cells < best[0]):
            best = cells, cliques
    assert best is not None
    if best[0] > limit:
        return CliqueTree(tuple(tuple(members(each)) for each in best[1]), (), (), best[0])
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


def _neighbours(scopes: Sequence[Scope], count: int) -> list[set[int]]:
    found: list[set[int]] = [set() for _ in range(count)]
    for scope in scopes:
        for each in scope:
            found[each].update(scope)
    for vertex, near in enumerate(found):
        near.discard(vertex)
    return found


class _Graph:
    """A graph on its way to being triangulated: neighbours, table sizes and fill-in of every vertex.

    `fill[v]` counts the pairs of neighbours of v that are not linked, `weight[v]` sums the products of
    their numbers of states, `size[v]` is the table over v and its neighbours. All are kept up to date edge
    by edge, which costs far less than counting again.
    """

    def __init__(self, neighbours: Sequence[set[int]], sizes: Sequence[int]) -> None:
        self.around = [set(each) for each in neighbours]
        self.sizes = sizes
        self.fill = [0] * len(sizes)
        self.weight = [0] * len(sizes)
        self.size = [0] * len(sizes)
        for vertex, near in enumerate(self.around):
            self.size[vertex] = cell_count([sizes[each] for each in near]) * sizes[vertex]
            for each in near:
                absent = near - self.around[each]
                self.fill[vertex] += len(absent) - 1  # itself
                self.weight[vertex] += sizes[each] * (sum(map(sizes.__getitem__, absent)) - sizes[each])
            self.fill[vertex] //= 2
            self.weight[vertex] //= 2

    def remove(self, vertex: int) -> set[int]:
        """Link the neighbours of a vertex and take it out; returns the vertices whose scores changed."""
        around, sizes = self.around, self.sizes
        near = around[vertex]
        changed = set(near)
        if self.fill[vertex]:
            for each in near:
                for other in near - around[each]:
                    if other != each:
                        changed |= self._link(each, other)
        for each in near:
            unlinked = around[each] - near
            unlinked.discard(vertex)
            if unlinked:
                self.fill[each] -= len(unlinked)
                self.weight[each] -= sizes[vertex] * sum(map(sizes.__getitem__, unlinked))
            self.size[each] //= sizes[vertex]
            around[each].discard(vertex)
        changed.discard(vertex)
        return changed

    def _link(self, one: int, other: int) -> set[int]:
        around, sizes = self.around, self.sizes
        both = around[one] & around[other]
        product = sizes[one] * sizes[other]
        for each in both:
            self.fill[each] -= 1
            self.weight[each] -= product
        for here, there in ((one, other), (other, one)):
            unlinked = around[here] - around[there]
            self.fill[here] += len(unlinked)
            self.weight[here] += sizes[there] * sum(map(sizes.__getitem__, unlinked))
            self.size[here] *= sizes[there]
        around[one].add(other)
        around[other].add(one)
        return both


_Rule: TypeAlias = "Callable[[_Graph, int], tuple[int, int]]"


def _fill_then_size(graph: _Graph, vertex: int) -> tuple[int, int]:
    return graph.fill[vertex], graph.size[vertex]


def _size_then_fill(graph: _Graph, vertex: int) -> tuple[int, int]:
    return graph.size[vertex], graph.fill[vertex]


def _weight_then_size(graph: _Graph, vertex: int) -> tuple[int, int]:
    return graph.weight[vertex], graph.size[vertex]


RULES: tuple[_Rule, ...] = (_weight_then_size, _fill_then_size, _size_then_fill)

MANY_VARIABLES = 500
"""With more variables than this only the first rule is tried."""


def _eliminate(
    neighbours: Sequence[set[int]], sizes: Sequence[int], rule: _Rule, limit: int | None
) -> tuple[int, list[int] | None]:
    """The total cells and the maximal cliques of a greedy order; None once it cannot beat `limit`."""
    graph = _Graph(neighbours, sizes)
    waiting = [(rule(graph, vertex), vertex) for vertex in range(len(sizes))]
    heapq.heapify(waiting)
    taken = [False] * len(sizes)
    left = len(sizes)
    cliques: list[int] = []
    while left:
        score, vertex = heapq.heappop(waiting)
        if taken[vertex] or score != rule(graph, vertex):
            continue  # an old score: the new one waits as well
        near = graph.around[vertex]
        cliques.append(sum(1 << each for each in near) + (1 << vertex))
        if limit is not None and graph.size[vertex] >= limit:
            return graph.size[vertex], None
        if len(near) == left - 1:
            break  # the rest is this one clique
        taken[vertex] = True
        left -= 1
        for each in graph.remove(vertex):
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
    for _ in range(2):
        if not start:  # fewer levels from the middle
            other = _spanning_forest(cliques, holding, cells, [_middle(parent)])
            if max(_depths(other)) < max(_depths(parent)):
                parent = other
    _add_hubs(cliques, parent, sizes)
    order = _parents_first(parent, start)
    place = {old: new for new, old in enumerate(order)}
    return CliqueTree(
        tuple(tuple(members(cliques[i])) for i in order),
        tuple(place[parent[i]] if parent[i] >= 0 else -1 for i in order),
        tuple(tuple(members(cliques[i] & cliques[parent[i]])) if parent[i] >= 0 else () for i in order),
        sum(cell_count([sizes[v] for v in members(each)]) for each in cliques),
    )


def _add_hubs(cliques: list[int], parent: list[int], sizes: Sequence[int]) -> None:
    """Where several cliques hang on a large one by a small separator, put that separator between.

    Their messages are then multiplied with each other before they meet the large table.
    """
    hanging: dict[int, list[int]] = {}
    for index, above in enumerate(parent):
        hanging.setdefault(above, []).append(index)
    hanging.pop(-1, None)
    for above, children in hanging.items():
        large = cell_count([sizes[v] for v in members(cliques[above])])
        by_separator: dict[int, int] = {}
        for each in children:
            separator = cliques[each] & cliques[above]
            by_separator[separator] = cell_count([sizes[v] for v in members(separator)])
        waiting = set(children)
        for separator, small in sorted(by_separator.items(), key=lambda pair: -pair[1]):
            group = [each for each in waiting if cliques[each] & cliques[above] & ~separator == 0]
            if (len(group) - 1) * large - (len(group) + 1) * small > WORTH_A_HUB:
                parent.append(above)
                cliques.append(separator)
                for each in group:
                    parent[each] = len(cliques) - 1
                waiting.difference_update(group)


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


def _depths(parent: Sequence[int]) -> list[int]:
    depth = [-1] * len(parent)
    for index in range(len(parent)):
        path = []
        while index >= 0 and depth[index] < 0:
            path.append(index)
            index = parent[index]
        below = depth[index] if index >= 0 else -1
        for steps, each in enumerate(reversed(path), start=1):
            depth[each] = below + steps
    return depth


def _middle(parent: Sequence[int]) -> int:
    """The clique half way along the longest path of the deepest tree."""
    around: list[list[int]] = [[] for _ in parent]
    for index, above in enumerate(parent):
        if above >= 0:
            around[index].append(above)
            around[above].append(index)
    depth = _depths(parent)
    end = _farthest(around, depth.index(max(depth)))[-1]
    path = _farthest(around, end)
    return path[len(path) // 2]


def _farthest(around: Sequence[Sequence[int]], start: int) -> list[int]:
    """A longest path from `start` in a tree."""
    before = {start: -1}
    level = [start]
    last = start
    while level:
        last = level[0]
        following = []
        for here in level:
            for other in around[here]:
                if other not in before:
                    before[other] = here
                    following.append(other)
        level = following
    path = [last]
    while before[path[-1]] >= 0:
        path.append(before[path[-1]])
    return path[::-1]


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
