"""Many cliques of one level as one list of cells: a level costs a few numpy calls, however many they are.

The cells of each clique are sorted by its separator, so one segment sum makes all messages; what comes in
is read through index arrays, one round for the first message of each clique, one for the second, and so on
(cliques with the most messages stand first, so every round is a prefix).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from massage_pain.inference.arithmetic import Arithmetic, Index
from massage_pain.inference.clique_tables import CliqueTable
from massage_pain.inference.elimination import Scope
from massage_pain.inference.message_places import Places


class FlatCliques:
    """Cliques at one distance from the root, as lists of cells."""

    def __init__(self, cliques: Sequence[CliqueTable], places: Sequence[Places]) -> None:
        pairs = sorted(zip(cliques, places, strict=True), key=lambda pair: -len(pair[1].incoming))
        self._base = np.concatenate([clique.values for clique, _ in pairs])[:, None]
        self._first: dict[int, int] = {}
        rounds: list[list[Index]] = []
        own: list[Index] = []
        slots: list[Index] = []
        gather: list[Index] = []
        lengths: list[Index] = []
        outgoing: list[Index] = []
        begin = states = 0
        for clique, place in pairs:
            self._first[id(clique)] = begin
            for number, (scope, into) in enumerate(place.incoming):
                if number == len(rounds):
                    rounds.append([])
                rounds[number].append(into[clique.index(scope)])
            slots.append(place.message)
            own.append(states + np.searchsorted(clique.support, clique.index(clique.separator)))
            states += len(clique.support)
            for scope, out_of in place.outgoing:
                cell = clique.index(scope)
                order = np.argsort(cell, kind="stable")
                counts = np.bincount(cell, minlength=len(out_of))
                some = np.flatnonzero(counts)
                gather.append(begin + order)
                lengths.append(counts[some])
                outgoing.append(out_of[some])
            begin += clique.count
        self._rounds = [(sum(map(len, each)), np.concatenate(each)) for each in rounds]
        self._own = np.concatenate(own)
        self._starts = _starts(np.bincount(self._own, minlength=states))
        self._slots = np.concatenate(slots)
        self._gather, self._outgoing = _joined(gather), _joined(outgoing)
        self._out_starts = _starts(_joined(lengths))

    def collect(self, arithmetic: Arithmetic[Any], box: Any, cases: int) -> Any:
        """Multiply all that came in and put the messages to the level above into the box."""
        values = arithmetic.of(np.repeat(self._base, cases, axis=1))
        for stop, slots in self._rounds:
            arithmetic.multiply(values, stop, arithmetic.take(box, slots))
        arithmetic.put(box, self._slots, arithmetic.segment_sums(values, self._starts))
        return values

    def distribute(self, arithmetic: Arithmetic[Any], box: Any, out: Any, values: Any) -> None:
        """Take the message from above in, and put those to the level below and the marginals out."""
        factor = arithmetic.ratio(
            arithmetic.take(out, self._slots), arithmetic.take(box, self._slots)
        )
        arithmetic.multiply(values, len(self._base), arithmetic.take(factor, self._own))
        if len(self._gather):
            sums = arithmetic.segment_sums(arithmetic.take(values, self._gather), self._out_starts)
            arithmetic.put(out, self._outgoing, sums)

    def table(self, arithmetic: Arithmetic[Any], values: Any, clique: CliqueTable, scope: Scope) -> Any:
        """Cells of a table over `scope` that are possible, and their sums over one clique's values."""
        cell = clique.index(scope)
        order = np.argsort(cell, kind="stable")
        states, starts = np.unique(cell[order], return_index=True)
        begin = self._first[id(clique)]
        return states, arithmetic.segment_sums(arithmetic.take(values, begin + order), starts)


def _starts(lengths: Index) -> Index:
    return np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.intp) if len(lengths) else lengths


def _joined(parts: list[Index]) -> Index:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.intp)
