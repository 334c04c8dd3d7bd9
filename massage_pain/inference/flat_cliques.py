"""Many cliques of one level as one list of cells: a level costs a few numpy calls, however many they are.

The cells of each clique are sorted by its separator, so one segment sum makes all messages; what comes in
is read through index arrays, one round for the first table of each clique, one for the second, and so on
(cliques with the most tables stand first, so a round is a prefix).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from massage_pain.inference.arithmetic import Arithmetic, Index, bases_together
from massage_pain.inference.clique_tables import CliqueTable
from massage_pain.inference.elimination import Scope
from massage_pain.inference.message_places import Places
from massage_pain.knowledge.distributions import FloatArray

WORTH_ROUNDS = 2**13
"""Numbers up to which a few calls less are worth multiplying by ones."""

WORTH_A_MATRIX = 2**13
"""Numbers of a matrix up to which one product is quicker than gathering and summing."""


class FlatCliques:
    """Cliques at one distance from the root, as lists of cells; their messages lie side by side.

    Those with the most tables must come first.
    """

    def __init__(self, cliques: Sequence[CliqueTable], places: Sequence[Places], one: int) -> None:
        self._all = bases_together([clique.as_list() for clique in cliques])
        self._base = self._all.plain
        self._slots = slice(places[0].message.start, places[-1].message.stop)
        rounds: list[list[Index]] = [[] for _ in places[0].tables]
        self._first: dict[int, int] = {}
        own: list[Index] = []
        gather: list[Index] = []
        lengths: list[Index] = []
        outgoing: list[Index] = []
        begin = states = 0
        for clique, place in zip(cliques, places, strict=True):
            self._first[id(clique)] = begin
            for number, (scope, slots) in enumerate(place.tables):
                cell = clique.index(scope)
                rounds[number].append(slots[cell])
                counts = np.bincount(cell, minlength=len(slots))
                some = np.flatnonzero(counts)
                gather.append(begin + np.argsort(cell, kind="stable"))
                lengths.append(counts[some])
                outgoing.append(slots[some])
            own.append(states + np.searchsorted(clique.support, clique.index(clique.separator)))
            states += len(clique.support)
            begin += clique.count
        self._rounds = [np.concatenate(each) for each in rounds]
        self._padded = _padded(self._rounds, len(self._base), one)
        self._own = np.concatenate(own)
        self._starts = _starts(np.bincount(self._own, minlength=states))
        self._gather, self._outgoing = _joined(gather), _joined(outgoing)
        self._out_starts = _starts(_joined(lengths))
        self._sums = _as_matrix(self._gather, self._out_starts, len(self._base))

    def collect_one(self, box: FloatArray, observed: Mapping[int, int]) -> FloatArray:
        """`collect` for a single case in plain floats; its box has a slot of one behind the zero slot."""
        if self._padded is None:
            values = self._base.copy()
            for each in self._rounds:
                values[: len(each)] *= box.take(each)
        else:
            values = np.multiply.reduce(box.take(self._padded), axis=0)
            values *= self._base
        box[self._slots] = np.add.reduceat(values, self._starts)
        return values

    def distribute_one(self, sent: FloatArray | None, out: FloatArray, values: FloatArray) -> None:
        """`distribute` for a single case in plain floats; `sent` is its box without zeros, None for roots."""
        if sent is not None:
            values *= (out[self._slots] / sent[self._slots]).take(self._own)
        if self._sums is not None:
            out[self._outgoing] = self._sums.dot(values)
        elif len(self._gather):
            out[self._outgoing] = np.add.reduceat(values.take(self._gather), self._out_starts)

    def collect(self, arithmetic: Arithmetic[Any], box: Any) -> Any:
        """Multiply all that came in and put the messages to the level above into the box."""
        values = arithmetic.products(box, self._rounds, self._all)
        arithmetic.put(box, self._slots, arithmetic.segment_sums(values, self._starts))
        return values

    def distribute(self, arithmetic: Arithmetic[Any], box: Any, out: Any, values: Any) -> None:
        """Take the message from above in, and put those to the level below and the marginals out."""
        factor = arithmetic.ratio(arithmetic.take(out, self._slots), arithmetic.take(box, self._slots))
        arithmetic.multiply(values, len(self._base), arithmetic.take(factor, self._own))
        if len(self._gather):
            sums = arithmetic.segment_sums(arithmetic.take(values, self._gather), self._out_starts)
            arithmetic.put(out, self._outgoing, sums)

    def table(self, arithmetic: Arithmetic[Any], values: Any, clique: CliqueTable, scope: Scope) -> Any:
        """Cells of a table over `scope` that are possible, and their sums over one clique's values."""
        cell = clique.index(scope)
        order = np.argsort(cell, kind="stable")
        counts = np.bincount(cell)
        states = np.flatnonzero(counts)
        begin = self._first[id(clique)]
        sums = arithmetic.segment_sums(arithmetic.take(values, begin + order), _starts(counts[states]))
        return states, sums


def _padded(rounds: Sequence[Index], cells: int, one: int) -> Index | None:
    """The slots of every round, filled up with the slot of one: a single take; None where that wastes."""
    if not rounds or len(rounds) * cells > WORTH_ROUNDS:
        return None
    found = np.full((len(rounds), cells), one, dtype=np.intp)
    for row, each in zip(found, rounds, strict=True):
        row[: len(each)] = each
    return found


def _as_matrix(gather: Index, starts: Index, cells: int) -> FloatArray | None:
    """The sums of gathered cells, from each start to the next, as a matrix; None where it would be large."""
    if not len(gather) or len(starts) * cells > WORTH_A_MATRIX:
        return None
    found = np.zeros((len(starts), cells))
    lengths = np.diff(np.append(starts, len(gather)))
    found[np.repeat(np.arange(len(starts)), lengths), gather] = 1.0
    return found


def _starts(lengths: Index) -> Index:
    return np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.intp) if len(lengths) else lengths


def _joined(parts: list[Index]) -> Index:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.intp)
