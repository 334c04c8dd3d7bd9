"""What independent roots say about the noisy-OR nodes under them, as one message.

In a noisy-OR every parent that is active triggers the child on its own. So a layer of roots over
noisy-OR children is a set of independent random sets: each root triggers a random set of children, each
child also triggers itself (its leak), and the children present are the union. The message
L(x) = P(children = x, findings about the roots) is an OR-convolution of one small distribution per root.

Subtracting in the subset-sum domain is the known way to compute it (Heckerman's Quickscore 1989;
Bjorklund et al. 2007), and loses digits on rare states. Nothing needs to be subtracted here:

* A root that is *observed* triggers each child independently, so together with the leaks it gives child t
  a chance b_t to be triggered by something known: b = b1 + (1 - b1) b2, root by root. That is an
  OR with independent bits, one step an axis: ``present += b_t * absent; absent *= 1 - b_t``.
* Roots that are *hidden* couple the children. Their joint message depends only on which roots are hidden,
  so it is a row of a table, computed from the row with one root fewer and kept.

All numbers are positive and at most one: every answer is right to rounding, zeros are exact, and a
message costs 6 steps on 64 numbers for six children, however many roots there are.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.arithmetic import Index
from massage_pain.inference.code_groups import CodeGroups
from massage_pain.inference.folding import folded
from massage_pain.knowledge.distributions import FloatArray

MOST_KEPT_CELLS = 2**22
"""The messages of all sets of hidden roots are kept if they have no more cells (32 MB) in all."""

_TABLE_ROWS = 1024

Masks = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RootStates:
    """The `count` states of all roots, one root after the other.

    Of each its prior and its root (`owner`, as a `bit` too); the last of `priors` and `bit` is of no root: 1
    and 0. Where the states of each root stand (`cuts`), its `lowest`, which triggers nothing, and the m
    `higher` ones. What these trigger are matrices as of `triggers_one`: `upper` (m, rows, rows) and `lower`
    (m, columns, columns); `place` of a state is where its own stand in them.
    """

    count: int
    priors: FloatArray
    owner: Index
    bit: Masks
    cuts: tuple[slice, ...]
    lowest: Index
    higher: Index
    place: Index
    upper: FloatArray
    lower: FloatArray


class TriggerLayer:
    """Roots over `children` noisy-OR nodes; joint states of the children are (cells,), absent first.

    `priors[f]` (states,), `links[f]` (states, children): P(root f in that state triggers the child),
    `leaks` (children,).
    """

    def __init__(self, priors: Sequence[FloatArray], links: Sequence[FloatArray], leaks: FloatArray) -> None:
        self.priors = [each / each.sum() for each in priors]
        self.links = list(links)
        self._leaks = leaks
        self.children = len(leaks)
        self.cells = 2**self.children
        self.roots = len(self.priors)
        self._touched = [np.flatnonzero(each.any(axis=0)).tolist() for each in self.links]
        sizes = {root: len(each) for root, each in enumerate(self.priors)}
        self.groups = CodeGroups(sizes, _TABLE_ROWS)
        self._known = [self._known_table(group) for group in self.groups.members]
        self._masks = [self._hidden_masks(group) for group in self.groups.members]
        self._kept: FloatArray | None = None
        self._filled: NDArray[np.bool_] = np.zeros(1, dtype=bool)
        self._lock = threading.Lock()
        self._bits: Masks = 1 << np.arange(self.roots, dtype=np.int64)

    def hidden_roots(self, rows: Sequence[Index]) -> Masks:
        """Which roots have no finding, as bits, from the row numbers of each group."""
        found = self._masks[0].take(rows[0])
        for table, row in zip(self._masks[1:], rows[1:], strict=True):
            found += table.take(row)
        return found

    def known(self, rows: Sequence[Index]) -> tuple[FloatArray, FloatArray, FloatArray]:
        """From the row numbers of each group: weight (n,), not triggered, triggered (children, n).

        The weight is the product of the observed roots' priors; the other two are, for each child,
        that nothing known triggers it and that something does.
        """
        first = 1 + self.children
        found = np.ascontiguousarray(self._known[0].take(rows[0], axis=0).T)
        weight, absent, present = found[0], found[1:first], found[first:]
        for table, row in zip(self._known[1:], rows[1:], strict=True):
            more = np.ascontiguousarray(table.take(row, axis=0).T)
            weight *= more[0]
            present += absent * more[first:]
            absent *= more[1:first]
        return weight, absent, present

    def hidden(self, masks: Masks) -> FloatArray:
        """P(children triggered by hidden roots = x) for each set of hidden roots, (n, cells)."""
        if self.cells << self.roots <= MOST_KEPT_CELLS:
            return self._filled_for(masks).take(masks, axis=0)
        distinct, inverse = np.unique(masks, return_inverse=True)
        return self._computed(distinct).take(inverse, axis=0)

    def known_one(self, rows: Sequence[int]) -> tuple[int, float, list[float], list[float]]:
        """The same for one case, after the roots it leaves hidden (as bits)."""
        first = 1 + self.children
        mask = int(self._masks[0][rows[0]])
        weight, *chances = self._known[0][rows[0]].tolist()
        absent, present = chances[: self.children], chances[self.children :]
        for number in range(1, len(rows)):
            mask += int(self._masks[number][rows[number]])
            if not rows[number]:
                continue  # nothing of this group is known
            more = self._known[number][rows[number]].tolist()
            weight *= more[0]
            for child in range(self.children):
                present[child] += absent[child] * more[first + child]
                absent[child] *= more[1 + child]
        return mask, weight, absent, present

    def hidden_one(self, mask: int) -> FloatArray:
        """`hidden` for one set, (cells,); not to be written to."""
        kept = self._kept
        if kept is not None and self._filled[mask]:
            found: FloatArray = kept[mask]
            return found
        alone: FloatArray = self.hidden(np.array([mask], dtype=np.int64))[0]
        return alone

    @cached_property
    def states(self) -> RootStates:
        """Everything about single states that does not depend on the case."""
        sizes = [len(each) for each in self.priors]
        ends = np.cumsum([0, *sizes], dtype=np.intp)
        owner = np.repeat(np.arange(self.roots), sizes)
        links = [link for mine in self.links for link in mine[1:]]
        halves = [self.triggers_one((1.0 - each).tolist(), each.tolist()) for each in links]
        rows = 2 ** (self.children // 2)
        columns = self.cells // rows
        lowest = ends[:-1]
        return RootStates(
            count=len(owner),
            priors=np.concatenate([*self.priors, [1.0]]),
            owner=owner,
            bit=np.append(self._bits.take(owner), 0),
            cuts=tuple(map(slice, ends[:-1].tolist(), ends[1:].tolist())),
            lowest=lowest,
            higher=np.setdiff1d(np.arange(ends[-1]), lowest),
            place=np.arange(ends[-1]) - owner - 1,
            upper=np.array([upper for upper, _ in halves]).reshape(-1, rows, rows),
            lower=np.array([lower for _, lower in halves]).reshape(-1, columns, columns),
        )

    def root_chances(self, mask: int, likelihood: FloatArray) -> FloatArray:
        """P(root = state | findings) of one case for all states of all roots, one root after the other.

        For the roots that are hidden, which are the bits of `mask`. `likelihood` (rows, columns) is what the
        findings say of the children that hidden roots triggered. `RootStates.cuts` are the states of each.
        """
        every = self.states
        messages = self.hidden(mask & ~self._bits)
        found = np.empty(every.count)
        found[every.lowest] = messages.dot(likelihood.ravel())
        seen_from = every.upper.transpose(0, 2, 1) @ likelihood @ every.lower
        seen_from *= messages.reshape(-1, *likelihood.shape).take(every.owner.take(every.higher), axis=0)
        found[every.higher] = np.add.reduce(seen_from, axis=(1, 2))
        found *= every.priors[:-1]
        found /= np.add.reduceat(found, every.lowest).take(every.owner)
        return found

    def triggers_one(
        self, absent: Sequence[float], present: Sequence[float]
    ) -> tuple[FloatArray, FloatArray]:
        """`trigger` for one case as two matrices: message (rows, columns) -> upper @ message @ lower.T.

        The upper one is for the first half of the children, which count the rows.
        """
        numbers = np.array([0.0, 1.0, *absent, *present])
        upper, lower = self._trigger_entries
        if upper.shape == lower.shape:
            both = np.multiply.reduce(numbers.take(self._both_entries), axis=0)
            return both[0], both[1]
        return (
            np.multiply.reduce(numbers.take(upper), axis=0),
            np.multiply.reduce(numbers.take(lower), axis=0),
        )

    @cached_property
    def _both_entries(self) -> Index:
        return np.stack(self._trigger_entries, axis=1)

    @cached_property
    def _trigger_entries(self) -> tuple[Index, Index]:
        """Which of (0, 1, absent..., present...) each child puts into each entry of the two matrices.

        One child is [[absent, 0], [present, 1]]; several are the Kronecker product of theirs.
        """
        half = self.children // 2
        found = []
        for some in (range(half), range(half, self.children)):
            size = 2 ** len(some)
            entries = np.ones((max(len(some), 1), size, size), dtype=np.intp)
            after, before = np.divmod(np.arange(size * size).reshape(size, size), size)
            for position, child in enumerate(some):
                shift = len(some) - 1 - position
                now, was = after >> shift & 1, before >> shift & 1
                entries[position] = np.where(
                    was == 1, now, np.where(now == 1, 2 + self.children + child, 2 + child)
                )
            found.append(entries)
        return found[0], found[1]

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
        total: FloatArray = message * weights[0]
        for state in range(1, len(weights)):
            part = message * weights[state]
            link = self.links[root][state][:, None]
            self.trigger(part, 1.0 - link, link, self._touched[root])
            total += part
        return total

    def likelihood_of(self, root: int, message: FloatArray, likelihood: FloatArray) -> FloatArray:
        """P(findings | root = state) up to a factor, (states, n).

        `message` (cells, n) is what the other hidden roots say, `likelihood` (cells, n) what the findings
        say of the children that hidden roots triggered.
        """
        found = np.empty((len(self.priors[root]), message.shape[1]))
        for state in range(len(found)):
            seen = likelihood
            if self.links[root][state].any():
                seen = likelihood.copy()
                link = self.links[root][state][:, None]
                self.untrigger(seen, 1.0 - link, link, self._touched[root])
            found[state] = folded(seen * message)
        return found

    # -- tables --------------------------------------------------------------------------------

    def _known_table(self, group: Sequence[int]) -> FloatArray:
        """One row for every combination of codes: weight, then absent and present for each child.

        The first group's rows hold the leaks as well.
        """
        absent, present = np.ones(self.children), np.zeros(self.children)
        if group is self.groups.members[0]:
            absent, present = 1.0 - self._leaks, self._leaks
        table = np.concatenate([np.ones(1), absent, present])[None, :]
        middle = 1 + self.children
        for root in group:  # the first root's digit runs fastest
            parts = [table]
            for state, prior in enumerate(self.priors[root].tolist()):
                part = table.copy()
                link = self.links[root][state]
                part[:, 0] *= prior
                part[:, middle:] += part[:, 1:middle] * link
                part[:, 1:middle] *= 1.0 - link
                parts.append(part)
            table = np.concatenate(parts)
        return table

    def _hidden_masks(self, group: Sequence[int]) -> Masks:
        found = np.zeros(1, dtype=np.int64)
        for root in group:
            found = np.concatenate([found + (1 << root)] + [found] * len(self.priors[root]))
        return found

    def _filled_for(self, masks: Masks) -> FloatArray:
        with self._lock:
            if self._kept is None:
                kept = np.zeros((2**self.roots, self.cells))
                kept[0, 0] = 1.0
                self._filled = np.zeros(2**self.roots, dtype=bool)
                self._filled[0] = True
                self._kept = kept  # last: `hidden_one` reads without the lock once this is there
            if not self._filled[masks].all():
                self._fill(masks, self._kept, self._filled)
            return self._kept

    def _fill(self, masks: Masks, kept: FloatArray, filled: NDArray[np.bool_]) -> None:
        """Compute the rows of these sets, each from the set without its highest root."""
        needed = np.zeros(len(filled), dtype=bool)
        needed[masks] = True
        needed &= ~filled
        todo = []
        for root in range(self.roots - 1, -1, -1):
            bit = 1 << root
            here = np.flatnonzero(needed[bit : 2 * bit])  # the sets without that root
            needed[here] |= ~filled[here]
            todo.append(here)
        for root, before in enumerate(reversed(todo)):
            if len(before):
                message = self._with(np.ascontiguousarray(kept[before].T), root)
                kept[before + (1 << root)] = message.T
                filled[before + (1 << root)] = True

    def _computed(self, masks: Masks) -> FloatArray:
        """The same for any number of roots, one root after the other."""
        message = np.zeros((self.cells, len(masks)))
        message[0] = 1.0
        for root in range(self.roots):
            here = np.flatnonzero(masks >> root & 1)
            if len(here):
                message[:, here] = self._with(np.ascontiguousarray(message[:, here]), root)
        return np.ascontiguousarray(message.T)

    def _with(self, message: FloatArray, root: int) -> FloatArray:
        return self.mixed(message, root, np.repeat(self.priors[root][:, None], message.shape[1], axis=1))
