"""What one case says of the causes, for many draws of the network's numbers at once.

An engine is compiled for one set of numbers; here every row of the batch has numbers of its own. Two routes
give the same answers.

*Layered*: the causes are noisy-ORs of roots (or roots themselves), and every finding is a root, a cause, or
depends on causes only. Then the causes present are the union of what each root and the leaks trigger, one
step a root and child (see `trigger_layer`), and each finding is one row over the joint states of the causes.

*General*: the product of all tables on a clique tree (`table_product`), right for any network.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from massage_pain.inference.family_pieces import Highest, Piece, Rows
from massage_pain.inference.family_tables import FamilyTables, ancestors
from massage_pain.inference.number_blocks import Blocks, first_rows
from massage_pain.inference.table_product import LOGS, REALS, TableProduct, planned
from massage_pain.knowledge.distributions import FloatArray, NoisyMax
from massage_pain.knowledge.network import Network

PLAIN_LIMIT = 1e-250
"""P(findings) from which plain floats are enough; below, logarithms are used."""

MOST_CAUSES = 10
"""With more causes than this the layered route would be the slower one."""

_CELLS = 2**21
_BLOCK = 256


@dataclass(frozen=True, eq=False)
class DrawnBeliefs:
    """Posteriors under every draw of the numbers.

    `probabilities` (n_draws, n_causes): P(present | findings), in the network's order. `none_of_these`
    (n_draws,). `complaint` (n_draws,): P(complaint present | findings), or None where the network has none.
    A draw under which the findings are impossible has NaN everywhere.
    """

    probabilities: FloatArray
    none_of_these: FloatArray
    complaint: FloatArray | None

    @property
    def chances(self) -> FloatArray:
        """P(each cause), then P(no cause): (n_draws, n_causes + 1)."""
        return np.hstack([self.probabilities, self.none_of_these[:, None]])


def needed_variables(network: Network, fixed: Mapping[str, int], soft: Mapping[str, FloatArray]) -> set[str]:
    """The variables whose numbers the posterior of the causes and of the complaint depends on."""
    complaint = [] if network.complaint is None else [network.complaint.id]
    return ancestors(network, [*fixed, *soft, *complaint, *(each.id for each in network.causes)])


def drawn_beliefs(
    network: Network, fixed: Mapping[str, int], soft: Mapping[str, FloatArray], blocks: Blocks, draws: int
) -> DrawnBeliefs:
    """The posterior of the causes (and the complaint) for each draw.

    `fixed`: variable -> observed state; `soft`: variable -> likelihood (states, 1). `blocks`: the numbers,
    with a last axis of `draws` or 1. Raises `ComplexityError` for a network too large for an exact answer.
    """
    layers = _layers(network, fixed, soft)
    if layers is None:
        return _general(network, fixed, soft, blocks, draws)
    parts = [
        _layered(network, layers, fixed, soft, _some(blocks, slice(at, at + _BLOCK)), min(_BLOCK, draws - at))
        for at in range(0, draws, _BLOCK)
    ]
    return _joined(parts)


def _some(blocks: Blocks, rows: slice) -> dict[str, FloatArray]:
    return {name: each if each.shape[-1] == 1 else each[..., rows] for name, each in blocks.items()}


def _joined(parts: list[DrawnBeliefs]) -> DrawnBeliefs:
    complaints = [each.complaint for each in parts if each.complaint is not None]
    return DrawnBeliefs(
        np.concatenate([each.probabilities for each in parts]),
        np.concatenate([each.none_of_these for each in parts]),
        np.concatenate(complaints) if complaints else None,
    )


# -- the layered route -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Layers:
    """`roots` over the causes that bear on the answer, and `findings` below the causes."""

    roots: tuple[str, ...]
    findings: tuple[str, ...]


def _layers(network: Network, fixed: Collection[str], soft: Collection[str]) -> _Layers | None:
    """The layers of the question; None where it has others."""
    causes = [each.id for each in network.causes]
    if not 0 < len(causes) <= MOST_CAUSES:
        return None
    roots: dict[str, None] = {}
    for each in network.causes:
        distribution = network.distribution(each.id)
        plain = not isinstance(distribution, NoisyMax) and distribution.parents
        if plain or len(each.states) != 2:
            return None
        roots.update(dict.fromkeys(distribution.parents))
    inside = set(causes)
    if any(network.parents(name) or name in inside for name in roots):
        return None
    complaint = network.complaint
    findings = dict.fromkeys(name for name in (*fixed, *soft) if name not in inside and name not in roots)
    below = [*findings, *([] if complaint is None else [complaint.id])]
    if any(name in inside or not inside.issuperset(network.parents(name)) for name in below):
        return None
    return _Layers(tuple(roots), tuple(findings))


def _layered(
    network: Network,
    layers: _Layers,
    fixed: Mapping[str, int],
    soft: Mapping[str, FloatArray],
    blocks: Blocks,
    draws: int,
) -> DrawnBeliefs:
    causes = network.causes
    message = _triggered(network, layers.roots, fixed, soft, blocks, draws)
    weight = message.reshape(*(2,) * len(causes), draws)
    axis = {each.id: at for at, each in enumerate(causes)}
    for at, each in enumerate(causes):
        row = np.eye(2)[fixed[each.id]][:, None] if each.id in fixed else soft.get(each.id)
        if row is not None:
            weight = weight * row.reshape(*(2 if a == at else 1 for a in range(len(causes))), -1)
    for name in layers.findings:
        weight = weight * _row(network, name, fixed.get(name), soft.get(name), blocks, axis)
    total = weight.sum(axis=tuple(range(len(causes))))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(total > 0.0, weight / total, np.nan)
    probabilities = np.empty((draws, len(causes)))
    for at, each in enumerate(causes):
        others = tuple(a for a in range(len(causes)) if a != at)
        probabilities[:, at] = share.sum(axis=others)[each.present_index]
        if each.id in fixed:  # a point mass, without rounding
            probabilities[total > 0.0, at] = float(fixed[each.id] == each.present_index)
    none = share[tuple(1 - each.present_index for each in causes)]
    return DrawnBeliefs(probabilities, none, _complaint(network, fixed, soft, blocks, axis, share))


def _complaint(
    network: Network,
    fixed: Mapping[str, int],
    soft: Mapping[str, FloatArray],
    blocks: Blocks,
    axis: Mapping[str, int],
    share: FloatArray,
) -> FloatArray | None:
    complaint = network.complaint
    if complaint is None:
        return None
    known = fixed.get(complaint.id)
    if known is not None:
        return np.full(share.shape[-1], float(known == complaint.present_index))
    table = _row(network, complaint.id, complaint.present_index, None, blocks, axis)
    every = tuple(range(len(axis)))
    if complaint.id in soft:
        # what was noticed of the complaint is in `share` already: take it back for P(present)
        weights = soft[complaint.id]
        both = _row(network, complaint.id, None, weights, blocks, axis)
        with np.errstate(invalid="ignore", divide="ignore"):
            table = np.where(both > 0.0, table * weights[complaint.present_index] / both, 0.0)
    found: FloatArray = (share * table).sum(axis=every)
    return found


def _row(
    network: Network,
    name: str,
    state: int | None,
    likelihood: FloatArray | None,
    blocks: Blocks,
    axis: Mapping[str, int],
) -> FloatArray:
    """P(finding | causes), with an axis for every cause (of one state where it does not matter)."""
    parents = network.parents(name)
    piece: Piece
    if isinstance(network.distribution(name), NoisyMax):
        first = first_rows(network, name)
        sizes = tuple((first[each], len(network.variable(each).states)) for each in parents)
        piece = Highest(name, (0,), sizes, state)
    else:
        piece = Rows(name, (*(None,) * len(parents), state))
    table = piece.table(blocks)
    if state is None:
        assert likelihood is not None
        table = (table * likelihood).sum(axis=-2)
    order = sorted(range(len(parents)), key=lambda at: axis[parents[at]])
    shape = [2 if name in parents else 1 for name in axis]
    return table.transpose(*order, -1).reshape(*shape, -1)


def _triggered(
    network: Network,
    roots: tuple[str, ...],
    fixed: Mapping[str, int],
    soft: Mapping[str, FloatArray],
    blocks: Blocks,
    draws: int,
) -> FloatArray:
    """P(causes = x, findings about the roots): (2**n_causes, n_draws), the first cause the slowest axis."""
    causes = [each.id for each in network.causes]
    firsts = {cause: first_rows(network, cause) for cause in causes}
    message = np.zeros((2 ** len(causes), draws))
    message[0] = 1.0
    # the row of the leak, or a prior where the cause has no parents
    rows = {cause: blocks[cause].reshape(-1, 2, blocks[cause].shape[-1]) for cause in causes}
    absent = {cause: rows[cause][0, 0] for cause in causes}
    present = {cause: rows[cause][0, 1] for cause in causes}
    for root in roots:
        children = [(at, cause) for at, cause in enumerate(causes) if root in firsts[cause]]
        if root in fixed:
            for _, cause in children:
                link = rows[cause][firsts[cause][root] + fixed[root]]
                present[cause] = present[cause] + absent[cause] * link[1]
                absent[cause] = absent[cause] * link[0]
            message *= blocks[root][fixed[root]]
            continue
        weights = blocks[root] * soft[root] if root in soft else blocks[root]
        total = message * weights[0]
        for state in range(1, len(weights)):  # the lowest triggers nothing
            part = message * weights[state]
            for at, cause in children:
                link = rows[cause][firsts[cause][root] + state]
                _trigger(part, at, link[0], link[1])
            total += part
        message = total
    for at, cause in enumerate(causes):
        _trigger(message, at, absent[cause], present[cause])
    return message


def _trigger(message: FloatArray, at: int, absent: FloatArray, present: FloatArray) -> None:
    """In place: cause `at` is also triggered with its own chance."""
    view = message.reshape(2**at, 2, -1, message.shape[-1])
    low, high = view[:, 0], view[:, 1]
    high += low * present
    low *= absent


# -- the general route -------------------------------------------------------------------------------


def _general(
    network: Network, fixed: Mapping[str, int], soft: Mapping[str, FloatArray], blocks: Blocks, draws: int
) -> DrawnBeliefs:
    causes = [each.id for each in network.causes]
    complaint = [] if network.complaint is None else [network.complaint.id]
    free = {name: state for name, state in fixed.items() if name not in causes and name not in complaint}
    seen: dict[str, FloatArray] = {**soft}
    for name in (*causes, *complaint):
        states = len(network.variable(name).states)
        if name in fixed:
            seen[name] = np.eye(states)[fixed[name]][:, None]
        seen.setdefault(name, np.ones((states, 1)))
    tables = FamilyTables(network, free, seen)
    product = planned(tables.scopes, tables.sizes)
    rows = int(min(draws, max(1, _CELLS // max(product.cells, 1))))
    parts = []
    for at in range(0, draws, rows):
        some = _some(blocks, slice(at, at + rows))
        count = min(rows, draws - at)
        parts.append(_general_block(network, tables, product, seen, some, count))
    found = _joined(parts)
    for at, each in enumerate(network.causes):
        if each.id in fixed:  # a point mass, without rounding
            known = float(fixed[each.id] == each.present_index)
            found.probabilities[~np.isnan(found.probabilities[:, at]), at] = known
    return found


def _general_block(
    network: Network,
    tables: FamilyTables,
    product: TableProduct,
    seen: Mapping[str, FloatArray],
    blocks: Blocks,
    draws: int,
) -> DrawnBeliefs:
    made = tables.tables(blocks, seen)
    asked = [each.id for each in network.causes] + ([network.complaint.id] if network.complaint else [])
    places = [tables.place_of_soft[name] for name in asked]
    none = {**seen}
    for each in network.causes:
        row = seen[each.id].copy()
        row[each.present_index] = 0.0
        none[each.id] = row
    without = [*made[: tables.families], *(none[name] for name in tables.soft)]
    total, by_table = product.derivatives(made, REALS, places)
    if total.min() > PLAIN_LIMIT:
        denied = product.total(without, REALS) / total
        shares = {place: each / total for place, each in by_table.items()}
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            total, by_table = product.derivatives([np.log(each) for each in made], LOGS, places)
            total = np.where(np.isneginf(total), np.nan, total)
            denied = np.exp(product.total([np.log(each) for each in without], LOGS) - total)
            shares = {place: np.exp(each - total) for place, each in by_table.items()}
    chances = [
        np.broadcast_to(shares[place][at] * seen[name][at], (draws,))
        for name, place in zip(asked, places, strict=True)
        for at in [network.variable(name).present_index]
    ]
    causes = len(network.causes)
    return DrawnBeliefs(
        np.stack(chances[:causes], axis=1),
        np.broadcast_to(denied, (draws,)),
        chances[causes] if network.complaint else None,
    )
