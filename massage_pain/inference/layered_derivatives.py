"""All derivatives at once where findings hang on noisy-OR causes, and the causes on roots.

Two facts make a few array operations of it. Given the joint state of the causes the findings are
independent, so P(findings) is a sum over joint states, and a finding's numbers meet it in one row of
likelihoods. And the causes that are triggered are a union, so the chance that none of the causes of a set is
triggered is a product with one factor for each root and one for the leaks (Heckerman 1989): P(findings) is
also a sum over subsets, and a root's numbers meet it in one row of those.

The sum over subsets has terms of both signs. What rounding can do to it is bounded by the sum of their
sizes; where that is more than `MOST_LOST` times P(findings), nothing is answered here, and the general
route, which only adds, is taken. So it is where a number of the noisy-ORs is one (its factor would be zero).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.family_pieces import Highest
from massage_pain.inference.number_blocks import blocks_of, first_rows, layout_of
from massage_pain.knowledge.distributions import FloatArray, NoisyMax
from massage_pain.knowledge.network import Network

MOST_CAUSES = 7
"""With more causes the tables over their joint states are no longer small."""

MOST_LOST = 1e4
"""How many times P(findings) the terms may sum to: four of sixteen digits may be lost."""

LEAST = 1e-250
"""P(findings) from which plain floats are enough."""

Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class _Part:
    """Terms of one kind, one a number.

    `cell` is its place in the layout, `row` the row of likelihoods (or of subsets) that it is a factor of,
    `takes_part` (n, joint states) where, `factor` (n, 1) its own value there.
    """

    cell: Index
    row: Index
    takes_part: FloatArray
    factor: FloatArray


class Layers:
    """The tables of one network; made once, see `layers_of`."""

    def __init__(self, network: Network, findings: list[str], roots: list[str]) -> None:
        self.network = network
        self.causes = [each.id for each in network.causes]
        self.findings, self.roots = findings, roots
        self.finding_at = {name: at for at, name in enumerate(findings)}
        count = len(self.causes)
        self.states = np.array([np.arange(2**count) >> (count - 1 - at) & 1 for at in range(count)])
        # P(triggered = x) from P(none of the set A is triggered): the present ones outside A, with a sign
        inside = self.states.T @ self.states  # members that two sets share
        size = self.states.sum(axis=0)
        outside = (size[None, :] + size[:, None] - inside) == count  # A holds all that x lacks
        sign = (-1.0) ** ((size[None, :] + size[:, None]) - count)
        self.moebius = np.where(outside, sign, 0.0)  # (x, A)
        self._lay_findings()
        self._lay_roots()

    # -- tables of the network -----------------------------------------------------------------

    def _lay_findings(self) -> None:
        """Likelihood rows, and for noisy-MAXes the products of "at most s" they are differences of."""
        network, blocks, layout = self.network, blocks_of(self.network), layout_of(self.network)
        joint = self.states.shape[1]
        self.likelihood: list[FloatArray] = []  # by finding: (states, joint)
        self.first: list[int] = []  # by finding: the row of its first product
        products: list[FloatArray] = []
        part: list[tuple[int, int, FloatArray, float]] = []
        self.terms: dict[str, Index] = {}  # by finding: which terms are its own
        self.noisy: set[str] = set()
        self.graded: dict[str, tuple[slice, int]] = {}  # of more than two states: its cells, and how many
        for name in self.findings:
            begin = len(part)
            parents, block = network.parents(name), blocks[name][..., 0]
            at = [self.causes.index(each) for each in parents]
            states = block.shape[-1]
            self.first.append(len(products))
            rows = first_rows(network, name)
            noisy = isinstance(network.distribution(name), NoisyMax)
            free = tuple((rows[each], 2) for each in parents)
            table = Highest(name, (0,), free, None).table(blocks)[..., 0] if noisy else block
            by_state = table[tuple(self.states[each] for each in at)] if at else np.tile(table, (joint, 1))
            self.likelihood.append(by_state.T)
            self.terms[name] = np.empty(0, dtype=np.intp)
            if not noisy:
                continue
            self.noisy.add(name)
            if states > 2:
                start = layout.start[name]
                self.graded[name] = slice(start, start + block.size), states
            at_most = np.cumsum(block, axis=-1)
            used = [np.ones(joint)]
            for each in at:
                used += [1.0 - self.states[each], self.states[each] * 1.0]
            for state in range(states - 1):
                product = np.ones(joint)
                for row, here in enumerate(used):
                    value = float(at_most[row, state])
                    part.append((layout.start[name] + row * states + state, len(products), here, value))
                    product = product * np.where(here > 0.0, value, 1.0)
                products.append(product)
            self.terms[name] = np.arange(begin, len(part))
        self.products = np.array(products).reshape(len(products), joint)
        self.of_finding = _part(part, joint)

    def _lay_roots(self) -> None:
        """P(no cause of the set is triggered) by a root's state, and by the leaks."""
        network, blocks, layout = self.network, blocks_of(self.network), layout_of(self.network)
        joint = self.states.shape[1]
        spared: list[FloatArray] = []
        self.first_state: dict[str, int] = {}
        part: list[tuple[int, int, FloatArray, float]] = []
        for root in self.roots:
            self.first_state[root] = len(spared)
            for state in range(len(blocks[root])):
                row = np.ones(joint)
                for at, cause in enumerate(self.causes):
                    first = first_rows(network, cause).get(root) if network.parents(cause) else None
                    if first is not None:
                        value = float(blocks[cause][first + state, 0, 0])
                        inside = self.states[at] * 1.0
                        row = row * np.where(inside > 0.0, value, 1.0)
                        cell = layout.start[cause] + (first + state) * 2
                        part.append((cell, len(spared), inside, value))
                spared.append(row)
        leak = np.ones(joint)
        for at, cause in enumerate(self.causes):
            value = float(blocks[cause].reshape(-1, 2)[0, 0])
            inside = self.states[at] * 1.0
            leak = leak * np.where(inside > 0.0, value, 1.0)
            part.append((layout.start[cause], len(spared), inside, value))
        self.spared = np.array([*spared, leak])
        self.of_root = _part(part, joint)
        priors = [blocks[root][:, 0] for root in self.roots]
        self.prior = np.concatenate([np.empty(0), *priors])
        self.root_of_state = np.repeat(np.arange(len(priors)), [len(each) for each in priors])
        cells = [
            layout.start[root] + np.arange(len(each)) for root, each in zip(self.roots, priors, strict=True)
        ]
        self.root_cell = np.concatenate([np.empty(0, dtype=np.intp), *cells])

        self.events = np.ones((joint, len(self.causes) + 2))
        for at, variable in enumerate(network.causes):
            present = self.states[at] == variable.present_index
            self.events[~present, 1 + at] = 0.0
            self.events[present, -1] = 0.0

    # -- one case ------------------------------------------------------------------------------

    def derivatives(
        self, fixed: Mapping[str, int], soft: Mapping[str, FloatArray]
    ) -> tuple[FloatArray, FloatArray] | None:
        """P(event | findings) (events,) and the derivatives over P(findings) (cells, events); or None.

        The events are those of `reasoning.derivatives`. None: too many digits would be lost, the findings
        are too unlikely for plain floats, or they are none of this network's findings, roots and causes.
        """
        seen = [name for name in (*fixed, *soft) if name in self.finding_at]
        if len(seen) + sum(name in self.roots or name in self.causes for name in (*fixed, *soft)) < len(
            {*fixed, *soft}
        ):
            return None
        weights = [_weights(self.network, name, fixed, soft) for name in seen]
        rows = np.ones((len(seen) + 1, self.states.shape[1]))
        for row, (name, weight) in enumerate(zip(seen, weights, strict=True)):
            np.dot(weight, self.likelihood[self.finding_at[name]], out=rows[row])
        events = self._events(fixed, soft)
        other_roots, root_weights = self._roots_said(fixed, soft)
        known = other_roots[-1] * self.spared[-1]  # P(none of the set triggered, what was said of the roots)
        message = self.moebius @ known  # P(triggered = x, the same)
        others = _all_but_one(rows)
        by_state = events * others[-1][:, None]
        total = message @ by_state
        back = self.moebius.T @ by_state  # by P(none of the set is triggered)
        lost = np.abs(known) @ np.abs(back[:, 0])
        if not total[0] > LEAST or lost > MOST_LOST * total[0]:
            return None
        found = np.zeros((len(layout_of(self.network).weight), events.shape[1]))
        self._by_findings(found, seen, weights, others, message[:, None] * events)
        self._by_roots(found, known, other_roots, root_weights, back)
        return total / total[0], found / total[0]

    def _events(self, fixed: Mapping[str, int], soft: Mapping[str, FloatArray]) -> FloatArray:
        """The weight of each joint state under each event, with what was said of causes: (joint, events)."""
        events = self.events.copy()
        for at, name in enumerate(self.causes):
            if name in fixed or name in soft:
                events *= _weights(self.network, name, fixed, soft)[self.states[at]][:, None]
        return events

    def _roots_said(
        self, fixed: Mapping[str, int], soft: Mapping[str, FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """P(none of the set triggered, what was said of the roots), without each root and without the leaks.

        And the weights of the roots' states, one after the other.
        """
        weights = np.ones(len(self.prior))
        for root in (*fixed, *soft):
            first = self.first_state.get(root)
            if first is not None:
                said = _weights(self.network, root, fixed, soft)
                weights[first : first + len(said)] = said
        rows = np.ones((len(self.roots) + 1, self.states.shape[1]))
        if self.roots:
            by_state = (self.prior * weights)[:, None] * self.spared[:-1]
            rows[:-1] = np.add.reduceat(by_state, list(self.first_state.values()), axis=0)
        rows[-1] = self.spared[-1]
        return _all_but_one(rows), weights

    def _by_findings(
        self,
        found: FloatArray,
        seen: list[str],
        weights: list[FloatArray],
        others: FloatArray,
        message: FloatArray,
    ) -> None:
        rows = np.zeros_like(self.products)
        for name, weight, rest in zip(seen, weights, others, strict=False):
            at = self.finding_at[name]
            if name not in self.noisy:
                self._by_table(found, name, weight, rest[:, None] * message)
                continue
            first, states = self.first[at], len(weight)
            # the likelihood is a sum of "at most s" times the step of the weights at s
            steps = weight[:-1] - weight[1:]
            rows[first : first + states - 1] = (
                steps[:, None] * self.products[first : first + states - 1] * rest
            )
        # what was not seen says nothing
        terms = np.concatenate([np.empty(0, dtype=np.intp), *(self.terms[name] for name in seen)])
        part, row = self.of_finding, self.of_finding.row[terms]
        by_at_most = (part.takes_part[terms] * rows[row]) @ message / part.factor[terms]
        found[part.cell[terms]] += by_at_most
        for name in self.graded.keys() & set(seen):
            # by P(state): every "at most s" from that state on
            own, states = self.graded[name]
            cells = found[own].reshape(-1, states, found.shape[1])
            cells[:] = np.cumsum(cells[:, ::-1], axis=1)[:, ::-1]

    def _by_table(self, found: FloatArray, name: str, weight: FloatArray, rest: FloatArray) -> None:
        block = blocks_of(self.network)[name][..., 0]
        at = [self.causes.index(each) for each in self.network.parents(name)]
        row = np.ravel_multi_index(tuple(self.states[each] for each in at), block.shape[:-1]) if at else None
        by_row = np.zeros((block.size // len(weight), rest.shape[1]))
        np.add.at(by_row, np.zeros(len(rest), dtype=np.intp) if row is None else row, rest)
        start = layout_of(self.network).start[name]
        found[start : start + block.size] += (by_row[:, None] * weight[:, None]).reshape(block.size, -1)

    def _by_roots(
        self, found: FloatArray, known: FloatArray, others: FloatArray, weights: FloatArray, back: FloatArray
    ) -> None:
        rows = self.spared * 1.0
        rows[:-1] *= others[self.root_of_state]
        found[self.root_cell] = weights[:, None] * (rows[:-1] @ back)
        rows[:-1] *= (self.prior * weights)[:, None]
        rows[-1] = known
        part = self.of_root
        found[part.cell] += (part.takes_part * rows[part.row]) @ back / part.factor


def _part(terms: list[tuple[int, int, FloatArray, float]], joint: int) -> _Part:
    return _Part(
        np.array([each[0] for each in terms], dtype=np.intp),
        np.array([each[1] for each in terms], dtype=np.intp),
        np.array([each[2] for each in terms]).reshape(len(terms), joint),
        np.array([[each[3]] for each in terms]).reshape(len(terms), 1),
    )


def _weights(
    network: Network, name: str, fixed: Mapping[str, int], soft: Mapping[str, FloatArray]
) -> FloatArray:
    """What was said of a variable, as a weight for each of its states."""
    if name in fixed:
        found = np.zeros(len(network.variable(name).states))
        found[fixed[name]] = 1.0
        return found
    return soft[name][:, 0]


def _all_but_one(rows: FloatArray) -> FloatArray:
    """For each row the product of all the others."""
    before, after = np.ones_like(rows), np.ones_like(rows)
    np.cumprod(rows[:-1], axis=0, out=before[1:])
    np.cumprod(rows[:0:-1], axis=0, out=after[-2::-1])
    found: FloatArray = before * after
    return found


# A network never changes, so its layers are looked for once.
_kept: WeakKeyDictionary[Network, Layers | None] = WeakKeyDictionary()


def layers_of(network: Network) -> Layers | None:
    """The layers of a network; None where it has others."""
    if network not in _kept:
        _kept[network] = _looked_for(network)
    return _kept[network]


def _looked_for(network: Network) -> Layers | None:
    causes = [each.id for each in network.causes]
    if not 0 < len(causes) <= MOST_CAUSES:
        return None
    inside = set(causes)
    roots: dict[str, None] = {}
    for each in network.causes:
        distribution = network.distribution(each.id)
        if len(each.states) != 2 or (distribution.parents and not isinstance(distribution, NoisyMax)):
            return None
        roots.update(dict.fromkeys(distribution.parents))
    if any(network.parents(name) or name in inside for name in roots):
        return None
    findings = [
        each.id
        for each in network.nodes
        if each.id not in inside and each.id not in roots and inside.issuperset(network.parents(each.id))
    ]
    blocks = blocks_of(network)
    for name in (*causes, *findings):
        if isinstance(network.distribution(name), NoisyMax) and not (blocks[name][:, 0] > 0.0).all():
            return None
    if any(blocks[name][0].min() <= 0.0 for name in causes if not network.parents(name)):
        return None
    return Layers(network, findings, list(roots))
