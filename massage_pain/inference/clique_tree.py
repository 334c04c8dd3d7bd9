"""The cliques of an elimination order as a forest to send messages along.

A maximum spanning forest of the cliques by the variables they share is a clique tree (Jensen 1988). Of the
many there are, a low one is made: it is run level by level, and a level costs calls. So a clique hangs as
near to the root as its separator allows, the root is in the middle, and a level whose cliques can go into
those above without many more cells is left out. Where several cliques hang on a large one by a small
separator, that separator is put between.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

from massage_pain.inference.elimination import Scope, cheapest_cliques, members
from massage_pain.knowledge.distributions import cell_count

WORTH_A_HUB = 2000
"""Cells that a hub between cliques must save, since it costs a level."""

WORTH_A_LEVEL = 256
"""Cells, each counted once and once more for every message, that leaving out a level may cost."""


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
    cells, cliques = cheapest_cliques([*scopes, root], sizes, limit=limit)
    if cells > limit:
        return CliqueTree(tuple(tuple(members(each)) for each in cliques), (), (), cells)
    return _tree(cliques, sizes, _bits(root))


def _tree(cliques: list[int], sizes: Sequence[int], root: int) -> CliqueTree:
    holding: dict[int, list[int]] = {}
    for index, each in enumerate(cliques):
        for vertex in members(each):
            holding.setdefault(vertex, []).append(index)
    cells = [_cells(each, sizes) for each in cliques]
    start = [i for i, each in enumerate(cliques) if root and root & ~each == 0][:1]
    parent = _spanning_forest(cliques, holding, cells, start)
    for _ in range(2):
        if not start:  # fewer levels from the middle
            other = _spanning_forest(cliques, holding, cells, [_middle(parent)])
            if max(_depths(other)) < max(_depths(parent)):
                parent = other
    _leave_out_levels(cliques, parent, sizes)
    _add_hubs(cliques, parent, sizes)
    start = [i for i, each in enumerate(cliques) if root and root & ~each == 0 and parent[i] < 0][:1]
    order = _parents_first(parent, start)
    place = {old: new for new, old in enumerate(order)}
    return CliqueTree(
        tuple(tuple(members(cliques[i])) for i in order),
        tuple(place[parent[i]] if parent[i] >= 0 else -1 for i in order),
        tuple(tuple(members(cliques[i] & cliques[parent[i]])) if parent[i] >= 0 else () for i in order),
        sum(_cells(each, sizes) for each in cliques),
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
        large = _cells(cliques[above], sizes)
        by_separator: dict[int, int] = {}
        for each in children:
            separator = cliques[each] & cliques[above]
            by_separator[separator] = _cells(separator, sizes)
        waiting = set(children)
        for separator, small in sorted(by_separator.items(), key=lambda pair: -pair[1]):
            group = [each for each in waiting if cliques[each] & cliques[above] & ~separator == 0]
            if (len(group) - 1) * large - (len(group) + 1) * small > WORTH_A_HUB:
                parent.append(above)
                cliques.append(separator)
                for each in group:
                    parent[each] = len(cliques) - 1
                waiting.difference_update(group)


def _leave_out_levels(cliques: list[int], parent: list[int], sizes: Sequence[int]) -> None:
    """Join all cliques of a level with those they hang on, as long as that costs little.

    What a clique costs is its cells times the messages that are multiplied into it.
    """
    depth = _depths(parent)
    levels: list[list[int]] = [[] for _ in range(max(depth) + 1)]
    hanging = [0] * len(cliques)
    for index, each in enumerate(depth):
        levels[each].append(index)
        if parent[index] >= 0:
            hanging[parent[index]] += 1

    def cost(clique: int, messages: int) -> int:
        return _cells(clique, sizes) * (1 + messages)

    def added(level: int) -> int:
        joined: dict[int, int] = {}
        messages: dict[int, int] = {}
        for index in levels[level]:
            above = parent[index]
            joined[above] = joined.get(above, cliques[above]) | cliques[index]
            messages[above] = messages.get(above, 0) + hanging[index]
        more = sum(cost(each, messages[above]) for above, each in joined.items())
        return more - sum(cost(cliques[i], hanging[i]) for i in (*joined, *levels[level]))

    costs = [WORTH_A_LEVEL + 1, *map(added, range(1, len(levels)))]
    while min(costs) <= WORTH_A_LEVEL:
        level = costs.index(min(costs))
        for index in levels[level]:
            cliques[parent[index]] |= cliques[index]
            cliques[index] = 0
            hanging[parent[index]] += hanging[index] - 1
        for index in levels[level + 1] if level + 1 < len(levels) else ():
            parent[index] = parent[parent[index]]
        del levels[level], costs[level]
        for near in (level - 1, level):
            if 0 < near < len(levels):
                costs[near] = added(near)
    kept = [index for index, each in enumerate(cliques) if each]
    place = {old: new for new, old in enumerate(kept)} | {-1: -1}
    parent[:] = [place[parent[index]] for index in kept]
    cliques[:] = [cliques[index] for index in kept]


def _spanning_forest(
    cliques: list[int], holding: dict[int, list[int]], cells: list[int], start: list[int]
) -> list[int]:
    """For each clique the one it hangs on, as near to the root as its separator allows."""
    parent = [-1] * len(cliques)
    depth = [0] * len(cliques)
    joined = [False] * len(cliques)
    best = [(1, 0)] * len(cliques)  # what was offered: variables shared, counted down, and depth
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
                        offer = -(cliques[here] & cliques[other]).bit_count(), depth[here]
                        if offer < best[other]:
                            best[other] = offer
                            heapq.heappush(waiting, (*offer, other, here))
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


def _cells(clique: int, sizes: Sequence[int]) -> int:
    return cell_count([sizes[each] for each in members(clique)])


def _bits(scope: Scope) -> int:
    bits = 0
    for each in scope:
        bits |= 1 << each
    return bits
