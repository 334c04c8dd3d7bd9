"""One case, and the same with each state of some more variables, from a single propagation.

Where a core separates the network (`layered_network`), one more *finding* multiplies P(core, findings) by its
row, so all states of all such findings are one product of two tables. One more known *root* is left out of
what the hidden roots say and triggers for itself: one message a state, all of them beside one another, with
the case itself as one more column. Everything is positive, as on the fast route.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from massage_pain.inference.layered_network import LayeredNetwork
from massage_pain.inference.trigger_layer import TriggerLayer
from massage_pain.knowledge.distributions import FloatArray


class LayeredOneMore:
    """The tables of one layered network for this question; immutable.

    `_at`: where the cases of each variable's states stand among all there could be: the rows of `sums`, the
    case itself (`_itself`), then the states of all roots.
    """

    def __init__(self, layered: LayeredNetwork) -> None:
        self._layered = layered
        self._at = {name: list(range(each.start, each.stop)) for name, each in layered.place.items()}
        self._itself = self._end = len(layered.sums)
        self._states: dict[str, tuple[int, list[int]]] = {}
        if layered.layer is not None:
            for name, root in layered.roots.items():
                cut = layered.layer.states.cuts[root]
                self._states[name] = cut.start, list(range(cut.start + 1, cut.stop))
                self._at[name] = [self._itself + 1 + state for state in range(cut.start, cut.stop)]
            self._end += layered.layer.states.count
        self._end += 1

    def table(self, codes: Mapping[str, int], names: Sequence[str]) -> FloatArray:
        """P(core, findings), then P(core, findings, name = state) for every state of every name in turn.

        (1 + states of all names, cells). `codes`: states by variable. Of `names` nothing may be known.
        """
        layered, itself = self._layered, self._itself
        known = [self._at[name][code] for name, code in codes.items() if name not in layered.roots]
        seen = np.multiply.reduce(layered.sums.take(known, axis=0), axis=0)
        if layered.own is not None:
            seen *= layered.own
        every = np.empty((self._end, layered.cells))
        order = [itself]
        lowest: list[int] = []
        higher: list[int] = []
        for name in names:
            order += self._at[name]
            if name in self._states:
                low, high = self._states[name]
                lowest.append(low)
                higher += high
        if layered.layer is None:
            every[itself] = seen
        else:
            of_roots = {layered.roots[name]: code for name, code in codes.items() if name in layered.roots}
            message = _messages(layered.layer, of_roots, lowest, higher)
            rows = [itself, *(itself + 1 + state for state in lowest + higher)]
            every[rows] = layered.over_core(message.T).T * seen
        np.multiply(layered.sums, every[itself], out=every[:itself])
        return every.take(order, axis=0)


def _messages(
    layer: TriggerLayer, known: Mapping[int, int], lowest: Sequence[int], higher: Sequence[int]
) -> FloatArray:
    """P(children, the known roots), then with one more root in each of these of `RootStates`, in turn.

    (1 + lowest + higher, cells). `known`: root -> state.
    """
    every = layer.states
    rows = [0] * len(layer.groups.members)
    for root, code in known.items():
        group, stride = layer.groups.place[root]
        rows[group] += stride * (code + 1)
    mask, weight, absent, present = layer.known_one(rows)
    states = [every.count, *lowest, *higher]  # the first is of no root
    message = layer.hidden(mask ^ every.bit.take(states))
    message *= (weight * every.priors.take(states))[:, None]
    upper, lower = layer.triggers_one(absent, present)
    square = message.reshape(len(states), len(upper), len(lower))
    if higher:
        own = every.place.take(higher)
        begin = 1 + len(lowest)
        across = every.lower.take(own, axis=0).transpose(0, 2, 1)
        square[begin:] = every.upper.take(own, axis=0) @ square[begin:] @ across
    return (upper @ (square.reshape(-1, len(lower)) @ lower.T).reshape(square.shape)).reshape(message.shape)
