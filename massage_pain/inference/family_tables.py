"""A network, or the part of it a question needs, as a product of tables whose numbers may vary.

The tables are chosen once for a shape of question. What is *fixed* (observed, the same in every row) is cut
out; what neither was observed nor has an observed or wanted descendant is left out, since it sums to one.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from weakref import WeakKeyDictionary

from massage_pain.inference.elimination import Scope
from massage_pain.inference.family_pieces import Highest, Piece, Rows, Step
from massage_pain.inference.number_blocks import Blocks, blocks_of, first_rows
from massage_pain.knowledge.distributions import FloatArray, NoisyMax, cell_count
from massage_pain.knowledge.network import Network

WRITTEN_OUT_CELLS = 4096
"""A noisy-MAX with at most this many cells is written out; its chain would only be slower."""


MOST_KEPT = 512
"""How many tables of a network are kept, none larger than those written out."""


class Form(enum.Enum):
    """How a noisy-MAX is brought into the product.

    `POSITIVE`: written out, or where that is large as a chain of pairs (see `factors`); only positive
    numbers, so every digit holds. `WRITTEN_OUT`: always in full, with no auxiliary variable (a maximum must
    not be taken over those).
    """

    POSITIVE = "positive"
    WRITTEN_OUT = "written out"


class FamilyTables:
    """The tables for some findings.

    `fixed`: variable -> observed state. `soft`: variables whose likelihood comes row by row; their tables
    stand after those of the families, at `place_of_soft`. `wanted`: more variables that are not left out.
    `left_out`: variables that get no table here. `scopes` and `sizes` describe the tables, `number` the free
    variables, `families` counts the tables that are not likelihoods.
    """

    def __init__(
        self,
        network: Network,
        fixed: Mapping[str, int],
        soft: Iterable[str] = (),
        wanted: Iterable[str] = (),
        form: Form = Form.POSITIVE,
        left_out: Collection[str] = (),
    ) -> None:
        self.network = network
        self.fixed = dict(fixed)
        self.soft = tuple(dict.fromkeys(soft))
        self.form = form
        needed = ancestors(network, [*self.fixed, *self.soft, *wanted])
        self.names = tuple(each for each in network.topological_order if each in needed)
        free = [each for each in self.names if each not in self.fixed]
        self.number = {name: at for at, name in enumerate(free)}
        self.sizes = [len(network.variable(name).states) for name in free]
        self.scopes: list[Scope] = []
        self._pieces: list[Piece] = []
        for name in self.names:
            if name in left_out:
                continue
            if isinstance(network.distribution(name), NoisyMax):
                self._noisy_max(name)
            else:
                self._table(name)
        self.families = len(self.scopes)
        self.place_of_soft = {name: self.families + at for at, name in enumerate(self.soft)}
        self.scopes += [(self.number[name],) for name in self.soft]

    def tables(self, blocks: Blocks, likelihoods: Mapping[str, FloatArray] | None = None) -> list[FloatArray]:
        """Every table, then the batch axis; `likelihoods`: for each soft variable (states, n or 1)."""
        if blocks is blocks_of(self.network):
            found = [stated_table(self.network, piece) for piece in self._pieces]
        else:
            found = [piece.table(blocks) for piece in self._pieces]
        return found + [(likelihoods or {})[name] for name in self.soft]

    def gradients(self, blocks: Blocks, by_table: Mapping[int, FloatArray]) -> dict[str, FloatArray]:
        """From derivatives by table cells to derivatives by the numbers, in the shape of each block.

        Each number is taken as free of the others in its row. Blocks that the question does not depend on
        are left out.
        """
        found: dict[str, FloatArray] = {}
        for table, piece in enumerate(self._pieces):
            here = piece.gradient(blocks, by_table[table])
            known = found.get(piece.variable)
            found[piece.variable] = here if known is None else known + here
        return found

    # -- choosing the tables -------------------------------------------------------------------

    def _add(self, scope: Sequence[int], piece: Piece) -> None:
        self.scopes.append(tuple(scope))
        self._pieces.append(piece)

    def _table(self, name: str) -> None:
        family = (*self.network.parents(name), name)
        states = tuple(self.fixed.get(each) for each in family)
        self._add([self.number[each] for each in family if each in self.number], Rows(name, states))

    def _noisy_max(self, name: str) -> None:
        first = first_rows(self.network, name)
        known = (0, *(row + self.fixed[parent] for parent, row in first.items() if parent in self.fixed))
        free = [each for each in first if each in self.number]
        rows = tuple((first[each], self.sizes[self.number[each]]) for each in free)
        cells = cell_count([size for _, size in rows]) * len(self.network.variable(name).states)
        if cells <= WRITTEN_OUT_CELLS or len(free) < 2 or self.form is Form.WRITTEN_OUT:
            scope = [*(self.number[each] for each in free), *self._child(name)]
            self._add(scope, Highest(name, known, rows, self.fixed.get(name)))
            return
        before = self._auxiliary(name)
        self._add([before], Highest(name, known, (), None))
        for parent, (row, size) in zip(free[:-1], rows[:-1], strict=True):
            here = self._auxiliary(name)
            self._add([before, self.number[parent], here], Step(name, row, size, None))
            before = here
        last = Step(name, *rows[-1], self.fixed.get(name))
        self._add([before, self.number[free[-1]], *self._child(name)], last)

    def _child(self, name: str) -> list[int]:
        return [self.number[name]] if name in self.number else []

    def _auxiliary(self, name: str) -> int:
        self.sizes.append(len(self.network.variable(name).states))
        return len(self.sizes) - 1


# The tables of a network as its numbers are stated: most of them are needed again and again.
_stated: WeakKeyDictionary[Network, dict[Piece, FloatArray]] = WeakKeyDictionary()


def stated_table(network: Network, piece: Piece) -> FloatArray:
    """The table of a piece with the numbers as the network states them, read-only."""
    if isinstance(piece, Rows):
        return piece.table(blocks_of(network))  # they stand there already
    kept = _stated.setdefault(network, {})
    table = kept.get(piece)
    if table is None:
        table = piece.table(blocks_of(network))
        if table.size <= WRITTEN_OUT_CELLS:
            if len(kept) >= MOST_KEPT:
                kept.clear()
            table.setflags(write=False)
            kept[piece] = table
    return table


def ancestors(network: Network, names: Collection[str]) -> set[str]:
    """These variables and all above them."""
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            waiting.extend(network.parents(each))
    return seen


def descendants(network: Network, names: Collection[str]) -> set[str]:
    """Everything below these variables, without themselves (one may lie below another)."""
    seen: set[str] = set()
    waiting = [child for name in names for child in network.children[name]]
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            waiting.extend(network.children[each])
    return seen
