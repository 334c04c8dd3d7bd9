"""What independent roots say about the noisy-OR nodes under them, as one message.

In a noisy-OR every parent that is active triggers the child on its own. So a layer of roots over
noisy-OR children is a set of independent random sets: each root triggers a random set of children, each
child also triggers itself (its leak), and the children present are the union. The message
L(x) = P(children = x, findings about the roots) is an OR-convolution of one small distribution per root.

Subtracting in the subset-sum domain is the known way to compute it (Heckerman's Quickscore 1989;
Bjorklund et al. 2007), and loses digits on rare states. Nothing needs to be subtracted here:

* A root that is *observed* triggers each child independently, so together with the leaks it gives child t
  a chance b_t to be triggered by something known: b = b1 + (1 - b1) b2 root by root. That is an
  OR with independent bits, one step an axis: present += b_t * absent; absent *= 1 - b_t.
* Roots that are *hidden* couple the children. Their joint message depends only on which roots are hidden,
  so it is a row of a table, computed from the row with one root fewer and kept.

All numbers are positive and at most one: every answer is right to rounding, zeros are exact, and a
message costs 6 steps on 64 numbers for six children, however many roots there are.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from massage_pain.knowledge.distributions import FloatArray, cell_count

MOST_KEPT_ROOTS = 16
"""With more roots than this the messages of hidden sets are computed for each batch and not kept."""

_TABLE_ROWS = 2048


class TriggerLayer:
    """Roots over `children` noisy-OR nodes; joint states of the children are (cells,), absent first.

    `priors[f]` (states,), `links[f]` (states, children): P(root f in that state triggers the child),
    `leaks` (children,).
    """

    def __init__(
        self, priors: Sequence[FloatArray], links: Sequence[FloatArray], leaks: FloatArray
    ) -> None:
        self._priors = [each / each.sum() for each in priors]
        self._links = list(links)
        self._leaks = leaks
        self.children = len(leaks)
        self.cells = 2**self.children
        self.roots = len(self._priors)
        self._touched = [np.flatnonzero(each.any(axis=0)).tolist() for each in self._links]
        self._groups = _groups([len(each) + 1 for each in self._priors])
        self._known = [self._known_table(group) for group in self._groups]
        self._place: dict[int, tuple[int, int]] = {}
        for number, group in enumerate(self._groups):
            stride = 1
            for root in group:
                self._place[root] = number, stride
                stride *= len(self._priors[root]) + 1
        self._kept: FloatArray | None = None
        self._filled: NDArray[np.bool_] | None = None
        self._lock = threading.Lock()

    def digits(self, root: int) -> tuple[int, NDArray[np.intp]]:
        """The group of a root, and what each of its codes (states, then three marks) adds to its row."""
        group, stride = self._place[root]
        states = len(self._priors[root])
        return group, np.array([*(stride * (s + 1) for s in range(states)), 0, 0, 0], dtype=np.intp)

    @property
    def groups(self) -> int:
        """How many row numbers `known` takes."""
        return len(self._groups)

    def known(self, rows: Sequence[NDArray[np.intp]]) -> tuple[FloatArray, FloatArray, FloatArray]:
        """From the row numbers of each group: weight (n,), not triggered, triggered (children, n).

        The weight is the product of the observed roots' priors; the other two are, for each child,
        that nothing known triggers it and that something does.
        """
        count = len(rows[0]) if rows else 1
        absent = np.repeat(1.0 - self._leaks[:, None], count, axis=1)
        present = np.repeat(self._leaks[:, None], count, axis=1)
        weight = np.ones(count)
        for table, row in zip(self._known, rows, strict=True):
            found = np.ascontiguousarray(table.take(row, axis=0).T)
            weight *= found[0]
            present += absent * found[1 + self.children :]
            absent *= found[1 : 1 + self.children]
        return weight, absent, present

    def hidden(self, masks: NDArray[np.int64]) -> FloatArray:
        """P(children triggered by hidden roots = x) for each set of hidden roots, (n, cells)."""
        if self.roots <= MOST_KEPT_ROOTS:
            kept = self._filled_for(masks)
            return kept.take(masks, axis=0)
        distinct, inverse = np.unique(masks, return_inverse=True)
        return self._computed(distinct).take(inverse, axis=0)

    def trigger(
        self, message: FloatArray, absent: FloatArray, present: FloatArray, children: Sequence[int]
    ) -> None:
        """In place: each of these children is also triggered with its own probability.

        `message` (cells, n); `absent` and `present` (children, n) or (children, 1), summing to one.
        """
        for child in children:
            view = message.reshape(2**child, 2, -1, message.shape[-1])
            low, high = view[:, 0], view[:, 1]
            high += low * present[child]
            low *= absent[child]

    def untrigger(
        self, likelihood: FloatArray, absent: FloatArray, present: FloatArray, children: Sequence[int]
    ) -> None:
        """The transpose of `trigger`, in place on a likelihood over the joint states (cells, n)."""
        for child in children:
            view = likelihood.reshape(2**child, 2, -1, likelihood.shape[-1])
            low, high = view[:, 0], view[:, 1]
            low *= absent[child]
            low += high * present[child]

    def mixed(self, message: FloatArray, root: int, weights: FloatArray) -> FloatArray:
        """The message after a root whose states have these weights (states, n); (cells, n)."""
        total = message * weights[0]
        for state in range(1, len(weights)):
            part = message * weights[state]
            link = self._links[root][state][:, None]
            self.trigger(part, 1.0 - link, link, self._touched[root])
            total += part
        return total

    def likelihood_of(self, root: int, message: FloatArray, likelihood: FloatArray) -> FloatArray:
        """P(findings | root = state) up to a factor, (states, n).

        `message` (cells, n) is what the other hidden roots say, `likelihood` (cells, n) what the findings
        say of the children that hidden roots triggered.
        """
        found = np.empty((len(self._priors[root]), message.shape[1]))
        for state in range(len(found)):
            if state == 0 or not self._links[root][state].any():
                seen = likelihood
            else:
                seen = likelihood.copy()
                link = self._links[root][state][:, None]
                self.untrigger(seen, 1.0 - link, link, self._touched[root])
            found[state] = np.add.reduce(seen * message, axis=0)
        return found

    def prior(self, root: int) -> FloatArray:
        """P(root), (states,)."""
        return self._priors[root]

    # -- tables --------------------------------------------------------------------------------

    def _known_table(self, group: Sequence[int]) -> FloatArray:
        """One row for every combination of codes: weight, then absent and present for each child."""
        table = np.concatenate([np.ones(1 + self.children), np.zeros(self.children)])[None, :]
        middle = 1 + self.children
        for root in group:  # the first root's digit runs fastest
            parts = [table]
            for state, prior in enumerate(self._priors[root].tolist()):
                part = table.copy()
                link = self._links[root][state]
                part[:, 0] *= prior
                part[:, middle:] += part[:, 1:middle] * link
                part[:, 1:middle] *= 1.0 - link
                parts.append(part)
            table = np.concatenate(parts)
        return table

    def _filled_for(self, masks: NDArray[np.int64]) -> FloatArray:
        with self._lock:
            if self._kept is None or self._filled is None:
                self._kept = np.zeros((2**self.roots, self.cells))
                self._filled = np.zeros(2**self.roots, dtype=bool)
                self._kept[0, 0] = 1.0
                self._filled[0] = True
            if not self._filled[masks].all():
                self._fill(masks, self._kept, self._filled)
            return self._kept

    def _fill(self, masks: NDArray[np.int64], kept: FloatArray, filled: NDArray[np.bool_]) -> None:
        """Compute the rows of these sets, each from the set without its highest root."""
        needed = np.unique(masks[~filled[masks]])
        chain = [needed]
        while len(needed):
            needed = np.unique(needed ^ _highest(needed))
            needed = needed[~filled[needed]]
            chain.append(needed)
        todo = np.unique(np.concatenate(chain))
        highest = _highest(todo)
        for root in range(self.roots):
            here = todo[highest == 1 << root]
            if len(here):
                before = np.ascontiguousarray(kept[here ^ (1 << root)].T)
                weights = np.repeat(self._priors[root][:, None], len(here), axis=1)
                kept[here] = self.mixed(before, root, weights).T
                filled[here] = True

    def _computed(self, masks: NDArray[np.int64]) -> FloatArray:
        """The same for any number of roots, one root after the other."""
        message = np.zeros((self.cells, len(masks)))
        message[0] = 1.0
        for root in range(self.roots):
            here = np.flatnonzero(masks >> root & 1)
            if len(here):
                weights = np.repeat(self._priors[root][:, None], len(here), axis=1)
                message[:, here] = self.mixed(np.ascontiguousarray(message[:, here]), root, weights)
        return np.ascontiguousarray(message.T)


def _groups(sizes: Sequence[int]) -> list[list[int]]:
    """Neighbouring roots whose codes together number at most `_TABLE_ROWS`."""
    groups: list[list[int]] = []
    for root, _ in enumerate(sizes):
        together = [*(groups[-1] if groups else []), root]
        if groups and cell_count([sizes[each] for each in together]) <= _TABLE_ROWS:
            groups[-1] = together
        else:
            groups.append([root])
    return groups


def _highest(masks: NDArray[np.int64]) -> NDArray[np.int64]:
    """The highest bit of each number; zero for zero."""
    _, exponent = np.frexp(masks.astype(np.float64))
    return np.where(masks > 0, np.int64(1) << np.maximum(exponent - 1, 0).astype(np.int64), 0)
