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
    """The tables of one layered network for this question; immutable."""

    def __init__(self, layered: LayeredNetwork) -> None:
        self._layered = layered
        self._layer = _RootStates(layered.layer, layered.roots) if layered.layer is not None else None

    def table(self, codes: Mapping[str, int], names: Sequence[str]) -> FloatArray:
        """P(core, findings), then P(core, findings, name = state) for every state of every name in turn.

        (1 + states of all names, cells). `codes`: states by variable. Of `names` nothing may be known.
        """
        layered, layer = self._layered, self._layer
        known = [layered.place[name].start + code for name, code in codes.items() if name in layered.place]
        seen = np.multiply.reduce(layered.sums.take(known, axis=0), axis=0)
        if layered.own is not None:
            seen *= layered.own
        rows: list[int] = []  # of `sums`, for the findings
        states = [0]  # of `_RootStates`, for the case itself and the roots
        by_finding: list[int] = []
        by_root = [0]
        at = 1
        for name in names:
            size = layered.sizes[name]
            if layer is not None and name in layer.place:
                states += range(layer.place[name], layer.place[name] + size)
                by_root += range(at, at + size)
            else:
                start = layered.place[name].start
                rows += range(start, start + size)
                by_finding += range(at, at + size)
            at += size
        found = np.empty((at, layered.cells))
        if layer is None:
            found[0] = seen
        else:
            roots = {layered.roots[name]: code for name, code in codes.items() if name in layered.roots}
            found[by_root] = layered.over_core(layer.messages(roots, states)).T * seen
        found[by_finding] = layered.sums.take(rows, axis=0) * found[0]
        return found


class _RootStates:
    """What a layer says when nothing more is known (0), and when a root is in a state (from `place` on)."""

    def __init__(self, layer: TriggerLayer, roots: Mapping[str, int]) -> None:
        self._layer = layer
        self.place: dict[str, int] = {}
        bits, priors, links = [0], [1.0], [np.zeros(layer.children)]
        for name, root in roots.items():
            self.place[name] = len(bits)
            bits += [1 << root] * len(layer.priors[root])
            priors += layer.priors[root].tolist()
            links += list(layer.links[root])
        self._bits = np.array(bits, dtype=np.int64)
        self._priors = np.array(priors)
        self._links = np.ascontiguousarray(np.array(links).T)
        self._silent = 1.0 - self._links

    def messages(self, known: Mapping[int, int], states: Sequence[int]) -> FloatArray:
        """P(children, the known roots, the root in that state), (cells, len(states)).

        `known`: root -> state; `states`: which of the rows, none of them of a known root.
        """
        layer = self._layer
        rows = [0] * len(layer.groups.members)
        for root, code in known.items():
            group, stride = layer.groups.place[root]
            rows[group] += stride * (code + 1)
        mask, weight, absent, present = layer.known_one(rows)
        message = np.ascontiguousarray(layer.hidden(mask ^ self._bits.take(states)).T)
        message *= weight * self._priors.take(states)
        silent, links = self._silent.take(states, axis=1), self._links.take(states, axis=1)
        before = np.array(absent)[:, None]
        links *= before
        links += np.array(present)[:, None]
        silent *= before
        layer.trigger(message, silent, links, range(layer.children))
        return message
