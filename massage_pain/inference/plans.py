"""Which junction trees answer a question: all of the network, what the question needs, or a few pieces.

A node that is neither asked for, nor observed, nor an ancestor of such a node sums to one and can be left
out ("barren", Shachter 1986); P(findings) stays that of the whole network. A small network is compiled
whole, once. A large one is cut down to what the question needs, and where even that is wide, the targets are
answered from several pieces: the ancestors of one target and of the findings are a piece, which answers for
all the targets among them. Costs are known, and refused, before anything is allocated; what is refused whole
may be taken in pieces.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from massage_pain.errors import ComplexityError
from massage_pain.inference.general_route import GeneralRoute, TreeShape, tree_cells, tree_shape
from massage_pain.knowledge.network import Network

WHOLE_CELLS = 2**20
"""Table cells up to which a network is always compiled whole."""

MANY_CELLS = 2**13
"""The same where one question is asked of many cases: each of them pays for what is not needed."""

WORTH_CUTTING, WORTH_CUTTING_FOR_MANY = 16, 2
"""How many times smaller a piece must be to be compiled for one question; from WORTH_PIECES on, at all."""

WORTH_PIECES = 2**24
"""Table cells from which it is tried to answer in several pieces."""

KEPT_CHOICES = 64
"""Questions of which it is remembered how they were cut; the oldest go first."""

KEPT_NUMBERS = 4 * 10**7
"""Numbers of all compiled trees that are kept for the next question; the oldest go first.

Eight bytes each in tables kept as arrays, up to a hundred in lists of possible cells with their indices.
"""


@dataclass(frozen=True)
class _Piece:
    """The nodes of one tree, its targets that share a clique, the targets it answers for."""

    needed: frozenset[str]
    together: tuple[str, ...]
    targets: tuple[str, ...]


class _Question(NamedTuple):
    """What is told by some case, what is asked, whether together, and whether of many cases."""

    told: frozenset[str]
    targets: tuple[str, ...]
    joint: bool
    many: bool


class Plans:
    """The compiled junction trees of one network; safe to share between threads.

    `only` is the tree of a small network, which answers every question but that for a joint; None before the
    first.
    """

    def __init__(self, network: Network, limit: float) -> None:
        self._network = network
        self._limit = limit
        self._every = frozenset(each.id for each in network.nodes)
        self._whole_cells = -1
        self.only: GeneralRoute | None = None
        self._chosen: dict[_Question | None, list[tuple[_Piece, TreeShape]]] = {}
        self._kept: dict[tuple[frozenset[str], tuple[str, ...]], GeneralRoute] = {}
        self._lock = threading.Lock()

    @property
    def is_large_for_many(self) -> bool:
        """Whether one tree for all of the network is more than many cases of one question should pay for."""
        with self._lock:
            return self._looked_at() > MANY_CELLS

    def pieces(
        self, told: Collection[str], targets: tuple[str, ...], joint: bool, *, many: bool = False
    ) -> Iterator[tuple[GeneralRoute, tuple[str, ...]]]:
        """Trees that together answer for the targets, each with those it answers for.

        `told` are the variables that some case says something about; `many`, whether it is asked of many.

        Raises `ComplexityError` when one would be over the limit, before any is made.
        """
        joint = joint and bool(targets)
        with self._lock:
            always_whole = self._looked_at() <= (MANY_CELLS if many else WHOLE_CELLS) and not joint
            question = None if always_whole else _Question(frozenset(told), targets, joint, many)
            pieces = self._chosen.get(question)
            if pieces is None:
                whole = _Piece(self._every, (), ())
                pieces = [(whole, self._shape(whole))] if question is None else self._searched(question)
                while len(self._chosen) >= KEPT_CHOICES:
                    del self._chosen[next(iter(self._chosen))]
                self._chosen[question] = pieces
            for each, shape in pieces:
                if shape.cells > self._limit:
                    raise _too_wide(shape, len(each.needed), self._limit)
        for each, shape in pieces:
            with self._lock:
                route = self._compiled(each, shape)
                if always_whole:
                    self.only = route
            yield route, targets if always_whole else each.targets

    def _looked_at(self) -> int:
        if self._whole_cells < 0:
            self._whole_cells = self._look(self._every)
        return self._whole_cells

    def _searched(self, question: _Question) -> list[tuple[_Piece, TreeShape]]:
        """The pieces with the best trees that can be found; smaller ones where they would not be taken."""
        found = [(each, self._shape(each)) for each in self._choice(question)]
        if self._all_fit(found) or question.joint or len(question.targets) < 2:
            return found
        pieces = self._in_pieces(question.told, question.targets, math.inf)
        smaller = [(each, self._shape(each)) for each in pieces]
        return smaller if self._all_fit(smaller) else found

    def _all_fit(self, pieces: Iterable[tuple[_Piece, TreeShape]]) -> bool:
        return all(shape.cells <= self._limit for _, shape in pieces)

    def _choice(self, question: _Question) -> list[_Piece]:
        """The pieces, after a quick look at what each would cost."""
        told, targets, joint, many = question
        together = targets if joint else ()
        best, cells = _Piece(self._every, together, targets), self._whole_cells
        if joint:
            cells = self._look(self._every, together)
        # nothing known and nothing asked: any variable's distribution sums to one
        needed = self._ancestors([*told, *targets] or self._network.topological_order[:1])
        if cells > (MANY_CELLS if many else WHOLE_CELLS) and needed != self._every:
            fewer = self._look(needed, together)
            worth = WORTH_CUTTING_FOR_MANY if many else WORTH_CUTTING
            if cells > WORTH_PIECES or joint:
                worth = 1
            if cells > self._limit or fewer * worth < cells:
                best, cells = _Piece(needed, together, targets), fewer
        if cells > WORTH_PIECES and len(targets) > 1 and not joint:
            return self._in_pieces(told, targets, cells) or [best]
        return [best]

    def _in_pieces(self, told: Collection[str], targets: tuple[str, ...], cells: float) -> list[_Piece]:
        """Pieces that cost less than half of one tree of `cells`; none if there are no such."""
        place = {name: i for i, name in enumerate(self._network.topological_order)}
        waiting = sorted(targets, key=place.__getitem__)
        pieces = []
        total = 0
        while waiting:
            needed = self._ancestors([waiting[-1], *told])
            total += self._look(needed)
            if total > cells / 2:
                return []
            pieces.append(_Piece(needed, (), tuple(name for name in waiting if name in needed)))
            waiting = [name for name in waiting if name not in needed]
        return pieces

    def _look(self, needed: frozenset[str], together: tuple[str, ...] = ()) -> int:
        return tree_cells(self._network, needed, together)

    def _shape(self, piece: _Piece) -> TreeShape:
        """The best tree that can be found."""
        return tree_shape(self._network, piece.needed, piece.together, self._limit)

    def _compiled(self, piece: _Piece, shape: TreeShape) -> GeneralRoute:
        key = piece.needed, piece.together
        if key in self._kept:
            return self._kept[key]
        route = GeneralRoute(self._network, shape)
        self._kept[key] = route
        while len(self._kept) > 1 and sum(each.numbers for each in self._kept.values()) > KEPT_NUMBERS:
            del self._kept[next(iter(self._kept))]
        return route

    def _ancestors(self, names: Iterable[str]) -> frozenset[str]:
        """These variables and everything above them."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self._network.parents(name))
        return frozenset(found)


def _too_wide(shape: TreeShape, variables: int, limit: float) -> ComplexityError:
    return ComplexityError(
        f"This question needs tables of {shape.cells:,} cells ({variables} variables, the largest "
        f"clique joins {max(len(each) for each in shape.tree.cliques)} of them); the limit is "
        f"{limit:,.0f}. Ask for fewer targets, or raise it: CompiledNetwork(network, limit=...).",
        estimate=shape.cells,
        limit=limit,
    )
