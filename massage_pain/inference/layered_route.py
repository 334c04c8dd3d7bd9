"""The fast route: a core of a few variables that separates everything else.

Many diagnostic networks are layered: independent roots trigger causes (noisy-OR), causes show as findings.
Once the joint state of the *core* (the causes) is given, all findings are independent of one another and
of the roots. With J joint states P(core, findings) is then a product of rows of J numbers (`finding_rows`)
and one message from the roots (`trigger_layer`), all vectorised over cases, all positive.

A core fits when, by the graph alone,

* every other variable is a *finding* (no children, all parents in the core) or a *root* (no parents, all
  children binary noisy-OR nodes of the core that have only such roots as parents), and
* every other core variable has all its parents in the core.

Every posterior follows from P(core | findings): a finding's by its table, a root's by leaving it out of
the message. Cases whose P(findings) is too small for plain floats are left to the general route.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.arithmetic import PLAIN_LIMIT
from massage_pain.inference.evidence import SOFT, Evidence
from massage_pain.inference.finding_rows import FindingRows, weighted_rows
from massage_pain.inference.propagation import Propagation
from massage_pain.inference.trigger_layer import TriggerLayer
from massage_pain.knowledge.distributions import FloatArray, NoisyMax, cell_count
from massage_pain.knowledge.network import Network

CORE_CELLS = 1024
"""The most joint states of a core."""

BLOCK_CELLS = 2**16
"""Joint states times cases of one block: its arrays stay within a processor's cache."""


def fits(network: Network, core: Sequence[str]) -> bool:
    """Whether the core separates the network as this route needs it."""
    inside = set(core)
    if not core or cell_count([len(network.variable(each).states) for each in core]) > CORE_CELLS:
        return False
    roots = _roots(network, inside)
    for variable in network.nodes:
        parents = network.parents(variable.id)
        if variable.id not in inside:
            if variable.id in roots:
                continue
            if network.children[variable.id] or not inside.issuperset(parents):
                return False
        elif not inside.issuperset(parents):
            triggered = isinstance(network.distribution(variable.id), NoisyMax)
            if not triggered or len(variable.states) != 2 or not roots.issuperset(parents):
                return False
    return len(roots) < 63


def _roots(network: Network, inside: set[str]) -> set[str]:
    """Variables without parents whose children all lie in the core."""
    return {
        each.id
        for each in network.nodes
        if each.id not in inside
        and not network.parents(each.id)
        and network.children[each.id]
        and inside.issuperset(network.children[each.id])
    }


class LayeredRoute:
    """A network seen from a core that `fits`; immutable but for messages it keeps once computed."""

    def __init__(self, network: Network, core: Sequence[str]) -> None:
        self.core = tuple(core)
        inside = set(core)
        found = _roots(network, inside)
        self._sizes = {each.id: len(each.states) for each in network.nodes}
        self._shape = tuple(self._sizes[each] for each in core)
        self._cells = cell_count(self._shape)
        axis = {name: position for position, name in enumerate(core)}
        self._roots = {each.id: i for i, each in enumerate(v for v in network.nodes if v.id in found)}
        triggered = [each for each in core if found & set(network.parents(each))]
        self._layer = _layer(network, list(self._roots), triggered) if triggered else None
        self._layer_shape = tuple(2 if name in triggered else 1 for name in core)
        own = [self._over_core(network, each, axis) for each in core if each not in triggered]
        self._own = np.multiply.reduce([each.reshape(-1) for each in own], axis=0) if own else None
        tables = {
            each.id: self._over_core(network, each.id, axis)
            for each in network.nodes
            if each.id not in inside and each.id not in found
        }
        for name in core:
            indicator = np.eye(self._sizes[name])
            tables[name] = self._broadcast(indicator, (axis[name],))
        self._rows = FindingRows(tables, self._cells)
        self._block = max(64, BLOCK_CELLS // self._cells)

    def _over_core(self, network: Network, name: str, axis: dict[str, int]) -> FloatArray:
        """P(name = state | joint core state), (states, cells); for a core variable (1, cells)."""
        table = network.cpd(name)
        table = table / table.sum(axis=-1, keepdims=True)
        axes = [axis[each] for each in network.parents(name)]
        if name in axis:
            return self._broadcast(table[None], (*axes, axis[name]))
        return self._broadcast(np.moveaxis(table, -1, 0), tuple(axes))

    def _broadcast(self, table: FloatArray, axes: Sequence[int]) -> FloatArray:
        """A table (rows, states of these core axes ...) written out over the core, (rows, cells)."""
        order = np.argsort(axes).tolist()
        shape = [len(table)] + [1] * len(self._shape)
        for each in axes:
            shape[each + 1] = self._shape[each]
        moved = table.transpose(0, *(each + 1 for each in order)).reshape(shape)
        return np.broadcast_to(moved, (len(table), *self._shape)).reshape(len(table), -1)

    # -- answering -----------------------------------------------------------------------------

    def propagate(
        self, evidence: Evidence, targets: tuple[str, ...], joint: bool
    ) -> tuple[Propagation, NDArray[np.intp]]:
        """Posteriors of the targets, and the rows that must be answered by the general route.

        `joint` only for targets within the core.
        """
        count = evidence.n_cases
        log_evidence = np.empty(count)
        marginals = {name: np.empty((count, self._sizes[name])) for name in targets}
        whole = np.empty((count, *(self._sizes[each] for each in targets))) if joint else None
        left: list[NDArray[np.intp]] = []
        padded = evidence.take(np.zeros(2, dtype=np.intp)) if count == 1 else evidence
        for start in range(0, padded.n_cases, self._block):
            rows = slice(start, min(padded.n_cases, start + self._block))
            block = _Block(self, padded, rows)
            table = block.joint()
            total = np.add.reduce(table, axis=0)
            low = ~(total >= PLAIN_LIMIT)
            if any(name in self._roots and block.is_soft for name in targets):
                low |= block.soft_roots
            if low.any():
                left.append(np.flatnonzero(low) + start)
                total = np.where(total > 0.0, total, 1.0)
            table /= total
            rows = slice(rows.start, min(rows.stop, count))
            width = rows.stop - rows.start
            log_evidence[rows] = np.log(total)[:width]
            for name in targets:
                marginals[name][rows] = block.posterior(name, table).T[:width]
            if whole is not None:
                whole[rows] = self._summed(table, targets)[:width]
        rest = np.concatenate(left) if left else np.empty(0, dtype=np.intp)
        return Propagation(log_evidence, marginals, whole), rest[rest < count]

    def _summed(self, table: FloatArray, targets: tuple[str, ...]) -> FloatArray:
        """P(targets), (n, states ...), from P(core), (cells, n)."""
        axes = [self.core.index(each) for each in targets]
        others = tuple(a for a in range(len(self.core)) if a not in axes)
        found = np.add.reduce(table.reshape(*self._shape, -1), axis=others)
        kept = sorted(axes)
        order = [kept.index(a) for a in axes]
        return found.transpose(len(axes), *order)


class _Block:
    """One block of cases on its way: what was said, and P(core, findings)."""

    def __init__(self, route: LayeredRoute, evidence: Evidence, rows: slice) -> None:
        self._route = route
        self._evidence = evidence
        self._at = rows
        count = rows.stop - rows.start
        self._count = count
        groups: dict[int, NDArray[np.intp]] = {}
        layer = route._layer
        known = [np.zeros(count, dtype=np.intp) for _ in range(layer.groups if layer else 0)]
        self._hidden = np.full(count, 2 ** len(route._roots) - 1, dtype=np.int64)
        soft_findings: list[str] = []
        self._soft_roots: list[str] = []
        for name, codes in evidence.codes.items():
            if name not in route._sizes:
                continue  # a screening answer
            here = codes[rows]
            if name in route._roots and layer is not None:
                root = route._roots[name]
                group, add = layer.digits(root)
                known[group] += add[here]
                self._hidden[(here >= 0) | (here == SOFT)] ^= 1 << root
                if name in evidence.likelihoods:
                    self._soft_roots.append(name)
                continue
            group, add = route._rows.place(name)
            if group in groups:
                groups[group] += add[here]
            else:
                groups[group] = add[here]
            if name in evidence.likelihoods:
                soft_findings.append(name)
        seen = route._rows.product(groups, count)
        for name in sorted(soft_findings):
            where, weights = self._soft(name)
            seen[where] *= route._rows.weighted(name, weights)
        self._seen = np.ascontiguousarray(seen.T)
        self._weight, self._absent, self._present = (
            layer.known(known) if layer is not None else (np.ones(count), np.empty(0), np.empty(0))
        )

    def _soft(self, name: str) -> tuple[NDArray[np.intp], FloatArray]:
        where = np.flatnonzero(self._evidence.codes[name][self._at] == SOFT)
        return where, self._evidence.likelihoods[name][self._at][where]

    @property
    def is_soft(self) -> bool:
        """Whether some root of some case has soft evidence."""
        return bool(self._soft_roots)

    @property
    def soft_roots(self) -> NDArray[np.bool_]:
        """The cases in which some root has soft evidence."""
        found = np.zeros(self._count, dtype=bool)
        for name in self._soft_roots:
            found[self._soft(name)[0]] = True
        return found

    def joint(self) -> FloatArray:
        """P(core, findings), (cells, n)."""
        route, layer = self._route, self._route._layer
        table = self._seen.copy()
        if layer is not None:
            message = np.ascontiguousarray(layer.hidden(self._hidden).T)
            for name in sorted(self._soft_roots):
                root = route._roots[name]
                where, weights = self._soft(name)
                weights = np.ascontiguousarray(weights.T) * layer.prior(root)[:, None]
                part = np.ascontiguousarray(message[:, where])
                message[:, where] = layer.mixed(part, root, weights)
            message *= self._weight
            layer.trigger(message, self._absent, self._present, range(layer.children))
            inner = message.reshape(*route._layer_shape, -1)
            table.reshape(*route._shape, -1)[...] *= inner
        if route._own is not None:
            table *= route._own[:, None]
        return table

    def posterior(self, name: str, table: FloatArray) -> FloatArray:
        """P(name | findings), (states, n), from P(core | findings)."""
        route = self._route
        if name in route.core:
            found = np.ascontiguousarray(route._summed(table, (name,)).T)
        elif name in route._roots:
            found = self._root(name)
        else:
            found = self._finding(name, table)
        with np.errstate(invalid="ignore"):  # a case left to the general route may be all zero
            found /= np.add.reduce(found, axis=0)
        codes = self._evidence.codes.get(name)
        if codes is not None:
            here = codes[self._at]
            known = np.flatnonzero(here >= 0)
            found[:, known] = 0.0
            found[here[known], known] = 1.0
        return found

    def _finding(self, name: str, table: FloatArray) -> FloatArray:
        rows = self._route._rows.tables[name]
        found = np.stack([np.add.reduce(row[:, None] * table, axis=0) for row in rows])
        if name in self._evidence.likelihoods:
            where, weights = self._soft(name)
            own = weighted_rows(rows, weights).T
            without = np.divide(table[:, where], own, out=np.zeros_like(own), where=own > 0.0)
            for state, row in enumerate(rows):
                found[state, where] = weights[:, state] * np.add.reduce(row[:, None] * without, axis=0)
        return found

    def _root(self, name: str) -> FloatArray:
        route, layer = self._route, self._route._layer
        assert layer is not None
        root = route._roots[name]
        likelihood = self._for_layer()
        others = layer.hidden(self._hidden & ~np.int64(1 << root))
        message = np.ascontiguousarray(others.T)
        return layer.likelihood_of(root, message, likelihood) * layer.prior(root)[:, None]

    def _for_layer(self) -> FloatArray:
        """P(findings | children that hidden roots triggered), up to a factor; (2^children, n)."""
        route, layer = self._route, self._route._layer
        assert layer is not None
        seen = self._seen if route._own is None else self._seen * route._own[:, None]
        others = tuple(a for a, size in enumerate(route._layer_shape) if size == 1)
        inner = np.add.reduce(seen.reshape(*route._shape, -1), axis=others)
        likelihood = inner.reshape(layer.cells, -1).copy()
        layer.untrigger(likelihood, self._absent, self._present, range(layer.children))
        return likelihood


def _layer(network: Network, roots: Sequence[str], triggered: Sequence[str]) -> TriggerLayer:
    links = []
    for root in roots:
        states = network.variable(root).states
        link = np.zeros((len(states), len(triggered)))
        for position, child in enumerate(triggered):
            distribution = network.distribution(child)
            if root in distribution.parents and isinstance(distribution, NoisyMax):
                variables = {each: network.variable(each) for each in (root, child)}
                link[:, position] = distribution.link_distribution(root, variables)[:, 1]
        links.append(link)
    leaks = []
    for child in triggered:
        distribution = network.distribution(child)
        assert isinstance(distribution, NoisyMax)
        leaks.append(distribution.leak_distribution({child: network.variable(child)})[1])
    return TriggerLayer([network.cpd(each) for each in roots], links, np.array(leaks))
