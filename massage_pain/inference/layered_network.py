"""A network seen from a core of a few variables that separates everything else.

Many diagnostic networks are layered: independent roots trigger causes (noisy-OR), causes show as findings.
Once the joint state of the *core* (the causes) is given, all findings are independent of one another and
of the roots, so P(core, findings) is a product of rows over the joint states (`finding_rows`) and one message
from the roots (`trigger_layer`). A core fits when, by the graph alone,

* every other variable is a *finding* (no children, all parents in the core) or a *root* (no parents, all
  children binary noisy-OR nodes of the core that have only such roots as parents), and
* every other core variable has all its parents in the core.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from massage_pain.inference.finding_rows import FindingRows
from massage_pain.inference.trigger_layer import TriggerLayer
from massage_pain.knowledge.distributions import FloatArray, NoisyMax, cell_count
from massage_pain.knowledge.network import Network

CORE_CELLS = 1024
"""The most joint states of a core."""

MOST_ROOTS = 62
"""The most roots: which of them are hidden is the bits of one integer."""


def fits(network: Network, core: Sequence[str], limit: float = math.inf) -> bool:
    """Whether the core separates the network as said above, and its tables have at most `limit` cells."""
    inside = set(core)
    cells = cell_count([len(network.variable(each).states) for each in core])
    states = sum(len(each.states) for each in network.nodes)
    if not core or cells > CORE_CELLS or cells * states > limit:
        return False
    roots = _roots(network, inside)
    for variable in network.nodes:
        parents = network.parents(variable.id)
        if variable.id not in inside:
            is_finding = not network.children[variable.id] and inside.issuperset(parents)
            if not is_finding and variable.id not in roots:
                return False
        elif not inside.issuperset(parents):
            noisy = isinstance(network.distribution(variable.id), NoisyMax)
            if not noisy or len(variable.states) != 2 or not roots.issuperset(parents):
                return False
    return len(roots) <= MOST_ROOTS


def inner_nodes(network: Network) -> tuple[str, ...]:
    """The variables with parents and children: the core of a layered network, if it is one."""
    return tuple(each.id for each in network.nodes if network.parents(each.id) and network.children[each.id])


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


class LayeredNetwork:
    """The tables of a network seen from a core that `fits`.

    Joint states of the core are counted in the order of `core`, the last variable fastest; there are
    `cells` of them. `own` (cells,) is the product of the distributions that lie within the core, `layer` what
    triggers the rest of it (over `layer_shape`, which has ones for the core variables it does not touch),
    `rows` the findings; an observed core variable is a finding about itself. `sums` (states, cells) times
    P(core | findings) makes the posteriors of everything but roots, each at its `place`; those of the core
    begin at `core_begin`. For a single case `lookup_of` says which of the `lookups` tables a variable is read
    from, those of the roots first, and the stride of its code there, and `points` (states, 1, states) are the
    posteriors of what is observed.
    """

    def __init__(self, network: Network, core: Sequence[str]) -> None:
        self.core = tuple(core)
        self.sizes = {each.id: len(each.states) for each in network.nodes}
        self.shape = tuple(self.sizes[each] for each in core)
        self.cells = cell_count(self.shape)
        self._axis = {name: position for position, name in enumerate(core)}
        found = _roots(network, set(core))
        self.roots = {each.id: i for i, each in enumerate(v for v in network.nodes if v.id in found)}
        triggered = [each for each in core if found & set(network.parents(each))]
        self.layer = _layer(network, list(self.roots), triggered) if triggered else None
        self.layer_shape = tuple(2 if name in triggered else 1 for name in core)
        own = [self._over_core(network, each)[0] for each in core if each not in triggered]
        self.own: FloatArray | None = np.multiply.reduce(own, axis=0) if own else None
        tables = {
            each.id: self._over_core(network, each.id)
            for each in network.nodes
            if each.id not in self._axis and each.id not in found
        }
        for name in core:
            tables[name] = self._broadcast(np.eye(self.sizes[name]), (self._axis[name],))
        self.rows = FindingRows(tables, self.cells)
        layer_groups = self.layer.groups if self.layer else None
        self.root_lookups = len(layer_groups.members) if layer_groups else 0
        self.lookups = self.root_lookups + len(self.rows.joined)
        self.lookup_of = {
            name: (self.root_lookups + group, stride)
            for name, (group, stride) in self.rows.groups.place.items()
        }
        if layer_groups:
            self.lookup_of |= {name: layer_groups.place[root] for name, root in self.roots.items()}
        self.points = {name: np.eye(size)[:, None, :] for name, size in self.sizes.items()}
        self.place: dict[str, slice] = {}
        begin = 0
        for name, table in tables.items():
            self.place[name] = slice(begin, begin + len(table))
            begin += len(table)
        self.sums = np.concatenate(list(tables.values()))
        self.core_begin = {name: self.place[name].start for name in core}

    def over_core(self, message: FloatArray) -> FloatArray:
        """A message over the layer's joint states, (2**children, n), as it multiplies (cells, n)."""
        if len(message) == self.cells:
            return message
        spread = message.reshape(*self.layer_shape, -1)
        return np.broadcast_to(spread, (*self.shape, message.shape[-1])).reshape(self.cells, -1)

    def over_layer(self, table: FloatArray) -> FloatArray:
        """The sum of (cells, n) over the core variables that nothing triggers, (2**children, n)."""
        others = tuple(axis for axis, size in enumerate(self.layer_shape) if size == 1)
        summed: FloatArray = np.add.reduce(table.reshape(*self.shape, -1), axis=others)
        return summed.reshape(2 ** (len(self.core) - len(others)), -1)

    def _over_core(self, network: Network, name: str) -> FloatArray:
        """P(name = state | joint core state), (states, cells); for a core variable (1, cells)."""
        table = network.cpd(name)
        table = table / table.sum(axis=-1, keepdims=True)
        axes = [self._axis[each] for each in network.parents(name)]
        if name in self._axis:
            return self._broadcast(table[None], (*axes, self._axis[name]))
        return self._broadcast(np.moveaxis(table, -1, 0), tuple(axes))

    def _broadcast(self, table: FloatArray, axes: Sequence[int]) -> FloatArray:
        """A table (rows, states of these core axes ...) written out over the core, (rows, cells)."""
        order = sorted(range(len(axes)), key=axes.__getitem__)
        shape = [len(table)] + [1] * len(self.shape)
        for each in axes:
            shape[each + 1] = self.shape[each]
        moved = table.transpose(0, *(each + 1 for each in order)).reshape(shape)
        return np.broadcast_to(moved, (len(table), *self.shape)).reshape(len(table), -1)


def _layer(network: Network, roots: Sequence[str], triggered: Sequence[str]) -> TriggerLayer:
    number = {name: index for index, name in enumerate(roots)}
    links = [np.zeros((len(network.variable(each).states), len(triggered))) for each in roots]
    leaks = np.empty(len(triggered))
    for position, child in enumerate(triggered):
        distribution = network.distribution(child)
        assert isinstance(distribution, NoisyMax)
        variables = {each: network.variable(each) for each in (*distribution.parents, child)}
        leaks[position] = distribution.leak_distribution(variables)[1]
        for root in distribution.parents:
            links[number[root]][:, position] = distribution.link_distribution(root, variables)[:, 1]
    return TriggerLayer([network.cpd(each) for each in roots], links, leaks)
