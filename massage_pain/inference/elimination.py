"""In which order to sum variables out, and what that will cost.

Summing a variable out joins all its neighbours; the sets joined on the way are the cliques of a
triangulated graph (Lauritzen and Spiegelhalter 1988). The best order is NP-hard to find (Arnborg, Corneil and
Proskurowski 1987), so several greedy rules are tried and the cheapest result is taken: fewest fill-in edges
with ties broken by table size, smallest table, and least weight of the fill-in edges (Kjaerulff 1990). Where
even that is large, the rule of least weight is tried again with its weights disturbed at random, the same
way each time: that often halves the tables, and costs little beside them. Costs are exact integers, known
before any table is allocated.

A clique is the bits of one integer.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from massage_pain.knowledge.distributions import cell_count

Scope: TypeAlias = tuple[int, ...]

MANY_VARIABLES = 500
"""With more variables than this only the first rule is tried."""

LARGE_CELLS = 2**14
"""Cells from which disturbed rules are tried as well."""

LEAST_TRIES, MOST_TRIES, CELLS_A_TRY = 4, 256, 2**18
"""How many are tried: so many at least and at most, and one for so many cells between."""

WORTH_DISTURBING = 0.9
"""An order found that way must be so much cheaper: close ones differ more in which cells are possible."""


HOPELESS = 16
"""How many times over the limit an order by the greedy rules is for no more to be tried. The most that trying
was seen to gain is a factor of four and a half (possible cells of munin1)."""


def cheapest_cliques(
    scopes: Sequence[Scope], sizes: Sequence[int], *, thorough: bool = True, limit: float = math.inf
) -> tuple[int, list[int]]:
    """The cells of all tables, and the cliques, of the cheapest order found; every scope lies in a clique.

    `sizes` are the numbers of states. Not `thorough`: by the greedy rules alone. So it is, too, where these
    lead far over the `limit`.
    """
    neighbours = _neighbours(scopes, len(sizes))
    cells, cliques = _eliminate(neighbours, sizes, RULES[0], None)
    for rule in RULES[1:] if len(sizes) <= MANY_VARIABLES else ():
        fewer, other = _eliminate(neighbours, sizes, rule, cells)
        if other and fewer < cells:
            cells, cliques = fewer, other
    if not thorough or cells < LARGE_CELLS or cells > HOPELESS * limit:
        return cells, cliques
    least = WORTH_DISTURBING * cells
    for rule in _disturbed(len(sizes), tries=min(MOST_TRIES, LEAST_TRIES + cells // CELLS_A_TRY)):
        fewer, other = _eliminate(neighbours, sizes, rule, least)
        if other and fewer < least:
            least = cells = fewer
            cliques = other
    return cells, cliques


def members(bits: int) -> list[int]:
    """The vertices of a set, lowest first."""
    found = []
    while bits:
        low = bits & -bits
        found.append(low.bit_length() - 1)
        bits ^= low
    return found


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


_Rule: TypeAlias = "Callable[[_Graph, int], tuple[float, int]]"


def _fill_then_size(graph: _Graph, vertex: int) -> tuple[int, int]:
    return graph.fill[vertex], graph.size[vertex]


def _size_then_fill(graph: _Graph, vertex: int) -> tuple[int, int]:
    return graph.size[vertex], graph.fill[vertex]


def _weight_then_size(graph: _Graph, vertex: int) -> tuple[int, int]:
    return graph.weight[vertex], graph.size[vertex]


RULES: tuple[_Rule, ...] = (_weight_then_size, _fill_then_size, _size_then_fill)


def _disturbed(variables: int, *, tries: int) -> Iterator[_Rule]:
    """The rule of least weight, with the weight of each vertex counted up to twice."""
    import random  # here, because most networks need none of these

    generator = random.Random(0)
    for _ in range(tries):
        factors = [1.0 + generator.random() for _ in range(variables)]

        def rule(graph: _Graph, vertex: int, factors: Sequence[float] = factors) -> tuple[float, int]:
            return graph.weight[vertex] * factors[vertex], graph.size[vertex]

        yield rule


def _eliminate(
    neighbours: Sequence[set[int]], sizes: Sequence[int], rule: _Rule, limit: float | None
) -> tuple[int, list[int]]:
    """The total cells and the maximal cliques of a greedy order; no cliques once it cannot beat `limit`."""
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
            return graph.size[vertex], []
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
