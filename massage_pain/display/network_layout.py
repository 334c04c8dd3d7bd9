"""Where the nodes of a layered drawing go: sizes and links in, positions and routes out.

The method of Sugiyama, Tagawa and Toda (1981): nodes in layers, long links broken into short ones by bends,
the order within each layer improved by barycentre sweeps and then by swapping neighbours. Crossings count by
the weight of the links that cross, so strong links stay clear of each other. Along its layer a node goes as
near as its order allows to the middle of its neighbours (least squares under order, by pooling adjacent
violators). Everything is deterministic: equal input gives equal positions, whatever the process.

`layered` knows no network and no colours. "Depth" runs from layer to layer, "across" within a layer; the
painter decides which of them is horizontal.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import TypeAlias

Link: TypeAlias = tuple[str, str]
Point: TypeAlias = tuple[float, float]
_Node: TypeAlias = Hashable
_Order: TypeAlias = list[list[_Node]]
_Sides: TypeAlias = dict[_Node, dict[_Node, float]]

SWEEPS = 8
BEND = 12.0
"""The room a link takes where it passes a layer."""


@dataclass(frozen=True)
class Layout:
    """Positions as (depth, across) of each node's near corner, and for each link the bends between.

    A link that passes a layer has two bends there, where it enters and where it leaves: between them it runs
    straight and touches no node.

    `depth` and `across` are the sizes of the whole drawing; `layers` the nodes of each layer in order;
    `crossings` how often links cross from one layer to the next.
    """

    positions: Mapping[str, Point]
    bends: Mapping[Link, tuple[Point, ...]]
    layers: tuple[tuple[str, ...], ...]
    depth: float
    across: float
    crossings: int


def longest_path_ranks(names: Sequence[str], links: Mapping[Link, float]) -> dict[str, int]:
    """The layer of every node, every link pointing to a later one, and links kept short.

    Layers are counted once from the roots and once from the leaves; either way every node then goes to where
    most of its links are shorter, and the way with the shorter links in all is taken: counted from the roots
    alone, every root of a deep network would stand in the first layer. Raises `ValueError` where the links
    have a cycle.
    """
    parents: dict[str, list[str]] = {name: [] for name in names}
    children: dict[str, list[str]] = {name: [] for name in names}
    for parent, child in links:
        parents[child].append(parent)
        children[parent].append(child)
    try:
        order = list(TopologicalSorter(parents).static_order())
    except CycleError:
        raise ValueError("The links have a cycle.") from None
    from_roots: dict[str, int] = {}
    for name in order:
        from_roots[name] = max((from_roots[each] + 1 for each in parents[name]), default=0)
    last = max(from_roots.values(), default=0)
    from_leaves: dict[str, int] = {}
    for name in reversed(order):
        from_leaves[name] = min((from_leaves[each] - 1 for each in children[name]), default=last)
    found = [_settled(ranks, order, parents, children) for ranks in (from_roots, from_leaves)]
    return min(found, key=lambda ranks: sum(ranks[child] - ranks[parent] for parent, child in links))


def _settled(
    ranks: dict[str, int],
    order: Sequence[str],
    parents: Mapping[str, list[str]],
    children: Mapping[str, list[str]],
) -> dict[str, int]:
    """The layers with every node moved up to its parents or down to its children, to more of the two."""
    found = dict(ranks)
    for _ in range(SWEEPS):
        before = dict(found)
        for name in (*order, *reversed(order)):
            more = len(children[name]) - len(parents[name])
            if more > 0:
                found[name] = min(found[each] for each in children[name]) - 1
            elif more < 0:
                found[name] = max(found[each] for each in parents[name]) + 1
        if found == before:
            break
    first = min(found.values(), default=0)
    return {name: rank - first for name, rank in found.items()}


def layered(
    sizes: Mapping[str, Point],
    links: Mapping[Link, float],
    ranks: Mapping[str, int] | None = None,
    *,
    between: float = 120.0,
    beside: float = 8.0,
    even: bool = False,
    first: Collection[str] = (),
) -> Layout:
    """Lay the nodes out in layers.

    `sizes` gives each node's (depth, across); `links` the weight of each (parent, child), at least 0. `ranks`
    fixes the layers (by default the longest path decides). `between` is the room from layer to layer,
    `beside` the least room within one. `even` spreads every layer over the whole drawing; what is in
    `first` stays at the beginning of its layer.
    """
    ranks = longest_path_ranks(tuple(sizes), links) if ranks is None else ranks
    used = sorted({ranks[name] for name in sizes})
    index = {rank: position for position, rank in enumerate(used)}
    order: _Order = [[] for _ in used]
    for name in sorted(sizes, key=lambda each: each not in first):
        order[index[ranks[name]]].append(name)
    chains = _broken(order, {name: index[ranks[name]] for name in sizes}, links)
    above, below = _neighbours(chains, links)
    _sweep(order, above, below, first)
    _swap(order, above, below, first)
    widths = {node: sizes[node][1] if isinstance(node, str) else BEND for layer in order for node in layer}
    middles, across = _spread(order, widths, beside) if even else _placed(order, widths, beside, above, below)
    depths, depth = _depths(order, sizes, between)
    positions = {
        node: (depths[at], middles[node] - sizes[node][1] / 2)
        for at, layer in enumerate(order)
        for node in layer
        if isinstance(node, str)
    }
    thick = [max((sizes[n][0] for n in layer if isinstance(n, str)), default=0.0) for layer in order]
    bends = {
        link: tuple((x, middles[node]) for node, at in chain for x in (depths[at], depths[at] + thick[at]))
        for link, chain in chains.items()
    }
    layers = tuple(tuple(node for node in layer if isinstance(node, str)) for layer in order)
    alike = {node: dict.fromkeys(ends, 1.0) for node, ends in below.items()}
    return Layout(positions, bends, layers, depth, across, round(crossings(order, alike)))


def _broken(
    order: _Order, layer_of: Mapping[str, int], links: Mapping[Link, float]
) -> dict[Link, list[tuple[_Node, int]]]:
    """Put a bend into every layer that a long link passes; the bends of each link, from its parent on."""
    chains: dict[Link, list[tuple[_Node, int]]] = {}
    for parent, child in links:
        first, last = layer_of[parent], layer_of[child]
        chain: list[tuple[_Node, int]] = [((parent, child, at), at) for at in range(first + 1, last)]
        for node, at in chain:
            order[at].append(node)
        chains[parent, child] = chain
    return chains


def _neighbours(
    chains: Mapping[Link, list[tuple[_Node, int]]], links: Mapping[Link, float]
) -> tuple[_Sides, _Sides]:
    above: _Sides = {}
    below: _Sides = {}
    for link, chain in chains.items():
        path = [link[0], *(node for node, _ in chain), link[1]]
        weight = links[link] + 0.01  # a link without weight still wants to be short
        for upper, lower in pairwise(path):
            below.setdefault(upper, {})[lower] = weight
            above.setdefault(lower, {})[upper] = weight
    return above, below


# -- the order within the layers -------------------------------------------------------------------------


def crossings(order: Sequence[Sequence[_Node]], below: _Sides) -> float:
    """The weight of all crossings: each counts the product of its two links' weights."""
    total = 0.0
    for upper, lower in pairwise(order):
        at = {node: position for position, node in enumerate(lower)}
        passed = [0.0] * (len(lower) + 1)  # a Fenwick tree over the lower layer
        everything = 0.0
        for node in upper:
            ends = sorted((at[end], weight) for end, weight in below.get(node, {}).items() if end in at)
            for position, weight in ends:
                total += weight * (everything - _passed(passed, position))
            for position, weight in ends:
                everything += weight
                step = position + 1
                while step < len(passed):
                    passed[step] += weight
                    step += step & -step
    return total


def _passed(tree: Sequence[float], position: int) -> float:
    found, step = 0.0, position + 1
    while step > 0:
        found += tree[step]
        step -= step & -step
    return found


def _sweep(order: _Order, above: _Sides, below: _Sides, first: Collection[_Node]) -> None:
    best, least = [list(layer) for layer in order], crossings(order, below)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        layers = range(1, len(order)) if down else range(len(order) - 2, -1, -1)
        for at in layers:
            fixed = order[at - 1 if down else at + 1]
            _sort_by_barycentre(order[at], fixed, above if down else below, first)
        now = crossings(order, below)
        if now < least - 1e-12:
            best, least = [list(layer) for layer in order], now
    order[:] = best


def _sort_by_barycentre(
    layer: list[_Node], fixed: Sequence[_Node], sides: _Sides, first: Collection[_Node]
) -> None:
    # positions as shares of the layer, so that layers of different sizes compare
    place = {node: (at + 0.5) / len(fixed) for at, node in enumerate(fixed)}
    keys = {}
    for at, node in enumerate(layer):
        ends = {end: weight for end, weight in sides.get(node, {}).items() if end in place}
        total = sum(ends.values())
        here = (at + 0.5) / len(layer)
        keys[node] = sum(place[end] * weight for end, weight in ends.items()) / total if total else here
    layer.sort(key=lambda node: -1.0 if node in first else keys[node])


def _swap(order: _Order, above: _Sides, below: _Sides, first: Collection[_Node]) -> None:
    """Swap neighbours in a layer while that lessens the crossings."""
    place = {node: at for layer in order for at, node in enumerate(layer)}
    for _ in range(SWEEPS):
        swapped = False
        for at, layer in enumerate(order):
            around = [
                (sides, set(order[other]))
                for sides, other in ((above, at - 1), (below, at + 1))
                if 0 <= other < len(order)
            ]
            for i in range(len(layer) - 1):
                here, next_one = layer[i], layer[i + 1]
                if here in first:
                    continue
                gain = 0.0
                for sides, beside in around:
                    one = [(place[n], w) for n, w in sides.get(here, {}).items() if n in beside]
                    two = [(place[n], w) for n, w in sides.get(next_one, {}).items() if n in beside]
                    for a, w in one:
                        for b, v in two:
                            gain += w * v * ((a > b) - (a < b))
                if gain > 1e-12:
                    layer[i], layer[i + 1] = next_one, here
                    place[here], place[next_one] = i + 1, i
                    swapped = True
        if not swapped:
            return


# -- places ----------------------------------------------------------------------------------------------


def _depths(order: _Order, sizes: Mapping[str, Point], between: float) -> tuple[list[float], float]:
    depths, depth = [], 0.0
    for layer in order:
        depths.append(depth)
        depth += max((sizes[node][0] for node in layer if isinstance(node, str)), default=0.0) + between
    return depths, max(depth - between, 0.0)


def _spread(order: _Order, widths: Mapping[_Node, float], beside: float) -> tuple[dict[_Node, float], float]:
    across = max((sum(widths[node] + beside for node in layer) for layer in order), default=0.0)
    middles: dict[_Node, float] = {}
    for layer in order:
        room = (across - sum(widths[node] for node in layer)) / len(layer)
        at = room / 2
        for node in layer:
            middles[node] = at + widths[node] / 2
            at += widths[node] + room
    return middles, across


def _placed(
    order: _Order, widths: Mapping[_Node, float], beside: float, above: _Sides, below: _Sides
) -> tuple[dict[_Node, float], float]:
    middles, _ = _spread(order, widths, beside)
    for sweep in range(SWEEPS):
        sides = (above, below) if sweep % 2 == 0 else (below, above)
        for layer in order if sweep % 2 == 0 else reversed(order):
            wanted = []
            for node in layer:
                ends = sides[0].get(node) or sides[1].get(node) or {}
                total = sum(ends.values())
                mean = sum(middles[end] * weight for end, weight in ends.items()) / total if total else 0.0
                wanted.append(mean if total else middles[node])
            gaps = [(widths[one] + widths[two]) / 2 + beside for one, two in pairwise(layer)]
            for node, place in zip(layer, _in_order(wanted, gaps), strict=True):
                middles[node] = place
    near = min((middles[node] - widths[node] / 2 for node in middles), default=0.0)
    far = max((middles[node] + widths[node] / 2 for node in middles), default=0.0)
    return {node: place - near for node, place in middles.items()}, far - near


def _in_order(wanted: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """The places nearest to `wanted` (least squares) that keep at least `gaps` between them."""
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        pool = (want - offset, 1)
        while pools and pools[-1][0] >= pool[0]:
            mean, count = pools.pop()
            pool = ((mean * count + pool[0] * pool[1]) / (count + pool[1]), count + pool[1])
        pools.append(pool)
    levels = [mean for mean, count in pools for _ in range(count)]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]
