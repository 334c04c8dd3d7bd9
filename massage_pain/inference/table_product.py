"""A product of tables over numbered variables: its sum, every derivative of it, and its largest term.

A network is a product of tables, one a family (Pearl 1988), and P(findings) is that product summed over what
is not known. It is a polynomial, linear in every cell of every table (Darwiche 2003), so what a cell
contributes is the sum over all the other tables, its *partial derivative*. One pass from the leaves of
a clique tree to its roots gives the sum, one pass back gives every derivative: two propagations, however
many cells there are. Nothing is divided, so a cell that is zero has a derivative like any other. With the
maximum in place of the sum the same pass finds the most probable explanation (Dawid 1992).

Every table has a last axis for a batch, of length n or 1 (the same in every row); evidence, parameters or
structure may differ row by row. The numbers are plain (`REALS`, negative ones too) or natural logarithms
(`LOGS`), which cannot underflow and have no sign.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import accumulate
from typing import Protocol

import numpy as np

from massage_pain.errors import ComplexityError
from massage_pain.inference.arithmetic import Index
from massage_pain.inference.clique_tree import CliqueTree, clique_tree
from massage_pain.inference.elimination import Scope
from massage_pain.knowledge import limits
from massage_pain.knowledge.distributions import FloatArray, cell_count


class Semiring(Protocol):
    """How numbers are multiplied and summed, and how they weigh along the last axis (up to a factor)."""

    @property
    def one(self) -> float: ...  # noqa: D102
    def times(self, one: FloatArray, other: FloatArray, /) -> FloatArray: ...  # noqa: D102
    def sum(self, values: FloatArray, axes: tuple[int, ...], /) -> FloatArray: ...  # noqa: D102
    def weights(self, values: FloatArray, /) -> FloatArray: ...  # noqa: D102


class _Reals:
    one = 1.0

    def times(self, one: FloatArray, other: FloatArray, /) -> FloatArray:
        return one * other

    def sum(self, values: FloatArray, axes: tuple[int, ...], /) -> FloatArray:
        found: FloatArray = values.sum(axis=axes) if axes else values
        return found

    def weights(self, values: FloatArray, /) -> FloatArray:
        return values


class _Logs:
    one = 0.0

    def times(self, one: FloatArray, other: FloatArray, /) -> FloatArray:
        return one + other

    def sum(self, values: FloatArray, axes: tuple[int, ...], /) -> FloatArray:
        return log_sum(values, axes)

    def weights(self, values: FloatArray, /) -> FloatArray:
        found: FloatArray = np.exp(values - values.max(axis=-1, keepdims=True))
        return found


class _LargestLog(_Logs):
    def sum(self, values: FloatArray, axes: tuple[int, ...], /) -> FloatArray:
        found: FloatArray = values.max(axis=axes) if axes else values
        return found


REALS, LOGS = _Reals(), _Logs()
_LARGEST = _LargestLog()


@dataclass(frozen=True)
class _Place:
    """Where a table stands.

    Its clique (-1: a constant), its axes in the clique's order and back, its shape there, and the axes it
    lacks.
    """

    clique: int
    axes: tuple[int, ...]
    back: tuple[int, ...]
    shape: tuple[int, ...]
    summed: tuple[int, ...]


def planned(
    scopes: Sequence[Scope],
    sizes: Sequence[int],
    *,
    rows: int = 1,
    limit: float = limits.COMPILED_CELLS,
) -> TableProduct:
    """The product of tables over these `scopes`, the variables having `sizes` states.

    Raises `ComplexityError` before anything is allocated when `rows` cases would need more than `limit`
    cells.
    """
    found = _planned(tuple(scopes), tuple(sizes))
    if found.cells * rows > limit:
        at_once = f", {rows:,} rows at once" if rows > 1 else ""
        raise ComplexityError(
            f"This question needs tables of {found.cells * rows:,} cells ({len(sizes)} variables{at_once}); "
            f"the limit is {limit:,.0f}.",
            estimate=found.cells * rows,
            limit=limit,
        )
    return found


class TableProduct:
    """The shape of a product, with a clique tree for it; made by `planned`. Immutable."""

    def __init__(self, scopes: Sequence[Scope], sizes: Sequence[int]) -> None:
        self._sizes = tuple(sizes)
        filled = tuple(scope for scope in scopes if scope)
        tree = clique_tree(filled, self._sizes) if filled else CliqueTree((), (), (), 0)
        self.cells = tree.cells
        self._tree = tree
        self._order = [tuple(sorted(clique)) for clique in tree.cliques]
        self._shape = [tuple(self._sizes[each] for each in order) for order in self._order]
        self._places = self._assigned(scopes)
        # tables over the same variables stand together: what the clique says to one, it says to all
        together: dict[tuple[int, tuple[int, ...]], list[int]] = {}
        for table, place in enumerate(self._places):
            if place.clique >= 0:
                together.setdefault((place.clique, place.summed), []).append(table)
        self._groups: list[list[list[int]]] = [[] for _ in tree.cliques]
        for (clique, _), tables in together.items():
            self._groups[clique].append(tables)
        self._children: list[list[int]] = [[] for _ in tree.cliques]
        for clique, above in enumerate(tree.parent):
            if above >= 0:
                self._children[above].append(clique)
        self._up = [self._message(i, i) for i in range(len(tree.cliques))]
        self._above = [self._message(i, tree.parent[i]) for i in range(len(tree.cliques))]
        self._roots = [i for i, above in enumerate(tree.parent) if above < 0]

    # -- asked from outside --------------------------------------------------------------------

    def total(self, tables: Sequence[FloatArray], semiring: Semiring) -> FloatArray:
        """The sum of the product, one number a row of the batch: (n,).

        `tables[k]` has the shape of table k, then the batch axis (n or 1).
        """
        constants, _, messages = self._collected(tables, semiring)
        return product_of([*constants, *(messages[root] for root in self._roots)], semiring)

    def derivatives(
        self, tables: Sequence[FloatArray], semiring: Semiring, wanted: Collection[int] | None = None
    ) -> tuple[FloatArray, dict[int, FloatArray]]:
        """The sum (n,), and for each table its partial derivatives, in the table's shape.

        `wanted` are the tables to differentiate by; None means all of them.
        """
        chosen = set(range(len(tables)) if wanted is None else wanted)
        constants, inputs, messages = self._collected(tables, semiring)
        totals = [*constants, *(messages[root] for root in self._roots)]
        others = all_but_one(totals, semiring)
        found: dict[int, FloatArray] = {}
        constant = [table for table, place in enumerate(self._places) if place.clique < 0]
        for table, rest in zip(constant, others, strict=False):
            if table in chosen:
                found[table] = rest
        reached = self._reaching(chosen)
        down: dict[int, FloatArray] = dict(zip(self._roots, others[len(constants) :], strict=True))
        for clique in range(len(self._order)):
            if clique not in reached:
                continue
            above = down.pop(clique).reshape(*self._up[clique][0], -1)
            groups, children = self._groups[clique], self._children[clique]
            asked = [at for at, group in enumerate(groups) if not chosen.isdisjoint(group)]
            onward = [at for at, child in enumerate(children, len(groups)) if child in reached]
            rests = rests_of([*inputs[clique], above], [*asked, *onward], semiring)
            for at in asked:
                found.update(self._within(groups[at], rests[at], tables, semiring))
            for at in onward:
                child = children[at - len(groups)]
                down[child] = semiring.sum(self._filled(rests[at], clique), self._above[child][1])
        return product_of(totals, semiring), found

    def _reaching(self, tables: Collection[int]) -> set[int]:
        """The cliques that hold one of these tables, and all on the way to them from the roots."""
        found: set[int] = set()
        for table in tables:
            clique = self._places[table].clique
            while clique >= 0 and clique not in found:
                found.add(clique)
                clique = self._tree.parent[clique]
        return found

    def largest(self, logs: Sequence[FloatArray]) -> tuple[float, dict[int, int]]:
        """Log of the largest term of the product, and the states (variable -> state) that give it.

        For a batch of one. Of several equal ones the first in the order of states.
        """
        constants, inputs, messages = self._collected(logs, _LARGEST)
        best = product_of([*constants, *(messages[root] for root in self._roots)], _LARGEST)
        states: dict[int, int] = {}
        for clique, order in enumerate(self._order):
            whole = self._filled(product_of(inputs[clique], _LARGEST), clique)[..., 0]
            known = tuple(states[each] if each in states else slice(None) for each in order)
            free = [each for each in order if each not in states]
            part = whole[known]
            at = np.unravel_index(int(part.argmax()), part.shape) if free else ()
            states.update(zip(free, map(int, at), strict=True))
        return float(best[0]), states

    def drawn(
        self, tables: Sequence[FloatArray], semiring: Semiring, count: int, rng: np.random.Generator
    ) -> dict[int, Index]:
        """`count` fair draws of all variables together, variable -> states (count,).

        A term of the product is drawn as often as it weighs, clique by clique from the roots: the states of a
        clique's own variables given those of its separator (Dawid 1992). For a batch of one, of which some
        term must not be zero.
        """
        _, inputs, _ = self._collected(tables, semiring)
        states: dict[int, Index] = {}
        for clique, order in enumerate(self._order):
            known = [axis for axis, each in enumerate(order) if each in states]
            free = [axis for axis, each in enumerate(order) if each not in states]
            if not free:
                continue
            whole = self._filled(product_of(inputs[clique], semiring), clique)[..., 0]
            shape = [whole.shape[axis] for axis in free]
            rows = np.zeros(count, dtype=np.intp)
            for axis in known:
                rows = rows * whole.shape[axis] + states[order[axis]]
            distinct, which = np.unique(rows, return_inverse=True)
            terms = whole.transpose(*known, *free).reshape(-1, cell_count(shape))[distinct]
            cells = _drawn_cells(np.cumsum(semiring.weights(terms), axis=1), which.ravel(), rng)
            for axis, found in zip(free, np.unravel_index(cells, shape), strict=True):
                states[order[axis]] = found
        return states

    # -- the pass from the leaves --------------------------------------------------------------

    def _collected(
        self, tables: Sequence[FloatArray], semiring: Semiring
    ) -> tuple[list[FloatArray], list[list[FloatArray]], list[FloatArray]]:
        """The constants, the inputs of every clique (tables, then children), and its message upward."""
        constants = [each for each, place in zip(tables, self._places, strict=True) if place.clique < 0]
        count = len(self._order)
        messages: list[FloatArray] = [np.empty(0)] * count
        inputs: list[list[FloatArray]] = [[] for _ in range(count)]
        for clique in range(count - 1, -1, -1):
            inputs[clique] = [
                product_of([self._placed(table, tables) for table in group], semiring)
                for group in self._groups[clique]
            ]
            inputs[clique] += [
                messages[child].reshape(*self._above[child][0], -1) for child in self._children[clique]
            ]
            whole = product_of(inputs[clique], semiring)
            messages[clique] = semiring.sum(self._filled(whole, clique), self._up[clique][1])
        return constants, inputs, messages

    # -- places --------------------------------------------------------------------------------

    def _assigned(self, scopes: Sequence[Scope]) -> list[_Place]:
        holding: dict[int, list[int]] = {}
        for clique, order in enumerate(self._order):
            for each in order:
                holding.setdefault(each, []).append(clique)
        inside = [frozenset(order) for order in self._order]
        size = [float(np.prod(shape)) for shape in self._shape]
        places = []
        for scope in scopes:
            if not scope:
                places.append(_Place(-1, (), (), (), ()))
                continue
            rarest = min((holding[each] for each in scope), key=len)
            clique = min((i for i in rarest if inside[i].issuperset(scope)), key=size.__getitem__)
            order = self._order[clique]
            axes = tuple(sorted(range(len(scope)), key=scope.__getitem__))
            back = tuple(sorted(range(len(axes)), key=axes.__getitem__))
            shape = tuple(self._sizes[each] if each in scope else 1 for each in order)
            summed = tuple(axis for axis, each in enumerate(order) if each not in scope)
            places.append(_Place(clique, axes, back, shape, summed))
        return places

    def _message(self, clique: int, inside: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """A clique's separator within the clique `inside`: its shape there, and the axes that it lacks."""
        if inside < 0:
            return (), ()
        separator = set(self._tree.separators[clique])
        order = self._order[inside]
        shape = tuple(self._sizes[each] if each in separator else 1 for each in order)
        return shape, tuple(axis for axis, each in enumerate(order) if each not in separator)

    def _filled(self, values: FloatArray, clique: int) -> FloatArray:
        """The values with every cell of the clique, where some axis was the same all along."""
        shape = (*self._shape[clique], values.shape[-1])
        return values if values.shape == shape else np.broadcast_to(values, shape)

    def _placed(self, table: int, tables: Sequence[FloatArray]) -> FloatArray:
        """A table's cells in the order of its clique, with an axis for each variable there."""
        place = self._places[table]
        return tables[table].transpose(*place.axes, -1).reshape(*place.shape, -1)

    def _within(
        self, group: list[int], rest: FloatArray, tables: Sequence[FloatArray], semiring: Semiring
    ) -> dict[int, FloatArray]:
        """Derivatives by the tables of one group: `rest` is the product of all others in the clique."""
        place = self._places[group[0]]
        outside = semiring.sum(self._filled(rest, place.clique), place.summed)
        own = [size for axis, size in enumerate(place.shape) if axis not in place.summed]
        parts = [self._placed(table, tables).reshape(*own, -1) for table in group]
        if len(group) == 1:
            by_table = [outside]
        else:
            by_table = [semiring.times(others, outside) for others in all_but_one(parts, semiring)]
        return {
            table: each.transpose(*self._places[table].back, -1)
            for table, each in zip(group, by_table, strict=True)
        }


def _drawn_cells(cumulative: FloatArray, which: Index, rng: np.random.Generator) -> Index:
    """A cell for each draw, from its row `which` of cumulative weights (rows, cells).

    All rows stand one after the other, so that one search serves all draws. A cell of weight zero is never
    drawn: it ends where the one before it does.
    """
    ends = cumulative / cumulative[:, -1:] + np.arange(len(cumulative))[:, None]
    points = np.minimum(which + rng.random(len(which)), np.nextafter(which + 1.0, 0.0))
    found: Index = ends.ravel().searchsorted(points, side="right") - which * cumulative.shape[1]
    return found


def log_sum(logs: FloatArray, axes: tuple[int, ...]) -> FloatArray:
    """Log of the sum of exp over these axes; -inf where every term is."""
    if not axes:
        return logs
    highest = logs.max(axis=axes, keepdims=True)
    highest = np.where(np.isneginf(highest), 0.0, highest)
    with np.errstate(divide="ignore"):
        found: FloatArray = np.log(np.exp(logs - highest).sum(axis=axes))
    return found + highest.squeeze(axis=axes)


def product_of(parts: Sequence[FloatArray], semiring: Semiring) -> FloatArray:
    """The product of arrays that are broadcast against one another."""
    if not parts:
        return np.full(1, semiring.one)
    return reduce(semiring.times, parts)


def rests_of(
    parts: Sequence[FloatArray], wanted: Sequence[int], semiring: Semiring
) -> Mapping[int, FloatArray]:
    """For each wanted part the product of all the others; see `all_but_one`."""
    if len(wanted) > 2 or len(parts) < 2:
        every = all_but_one(parts, semiring)
        return {at: every[at] for at in wanted}
    return {at: product_of([*parts[:at], *parts[at + 1 :]], semiring) for at in wanted}


def all_but_one(parts: Sequence[FloatArray], semiring: Semiring) -> list[FloatArray]:
    """For each part the product of all the others, without dividing (a part may be zero)."""
    if len(parts) < 2:
        return [np.full((1,) * each.ndim, semiring.one) for each in parts]
    before = list(accumulate(parts[:-1], semiring.times))
    after = list(accumulate(parts[:0:-1], semiring.times))[::-1]
    middle = map(semiring.times, before[:-1], after[1:])
    return [after[0], *middle, before[-1]]


# A plan depends on nothing but the shape of a question, and the same shape is asked for again and again.
_planned = lru_cache(maxsize=256)(TableProduct)
