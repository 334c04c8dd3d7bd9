"""How P(findings) and P(findings, event) depend on every number of a network, from two propagations.

P(findings) is linear in every table cell, and in every strength of a noisy-MAX (Castillo, Gutierrez and
Hadi 1997; Coupe and van der Gaag 2002). So its derivative at the present numbers says all there is to say of
one of them, and all derivatives come from one pass up and one pass down a clique tree (Darwiche 2003).
The events (each cause present, none present) are rows of one batch. Where the network has the shape of the
shipped one, the same comes from a few array operations (`layered_derivatives`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from massage_pain.inference.evidence import SOFT, Evidence
from massage_pain.inference.family_tables import FamilyTables
from massage_pain.inference.impossible import smallest_conflict_of
from massage_pain.inference.layered_derivatives import layers_of
from massage_pain.inference.number_blocks import blocks_of, layout_of
from massage_pain.inference.propagation import Engine
from massage_pain.inference.table_product import LOGS, REALS, planned
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network

PLAIN_LIMIT = 1e-250
"""P(findings) from which plain floats are enough; below, logarithms are used."""


@dataclass(frozen=True, eq=False)
class Derivatives:
    """P(event | findings), and the derivative of P(event, findings) by every number, over P(findings).

    The events, last axis: anything at all, each cause present (in the network's order), no cause present.
    `probabilities` (n_causes + 2,). `by_cell` (cells, n_causes + 2), in the order of `number_blocks.Layout`,
    each cell taken as free of the others in its row (so only differences within a row have a meaning).
    """

    probabilities: FloatArray
    by_cell: FloatArray


def derivatives(engine: Engine, evidence: Evidence) -> Derivatives:
    """For one case (evidence of one row).

    Raises `ImpossibleEvidenceError` and, before anything is allocated, `ComplexityError`.
    """
    fixed, soft = findings_of(engine.network, evidence)
    layers = layers_of(engine.network)
    found = None if layers is None else layers.derivatives(fixed, soft)
    if found is not None:
        return Derivatives(*found)
    return general_derivatives(engine, evidence)


def general_derivatives(engine: Engine, evidence: Evidence) -> Derivatives:
    """The same for any network, by two passes over a clique tree."""
    network = engine.network
    fixed, soft = findings_of(network, evidence)
    causes = [each.id for each in network.causes]
    events = len(causes) + 2
    likelihoods = dict(soft)
    for column, cause in enumerate(causes, 1):
        variable = network.variable(cause)
        if cause in fixed:  # an observed cause must still be able to rule an event out
            likelihoods[cause] = np.eye(len(variable.states))[fixed.pop(cause)][:, None]
        row = np.repeat(likelihoods.get(cause, np.ones((len(variable.states), 1))), events, axis=1)
        others = [at for at in range(len(variable.states)) if at != variable.present_index]
        row[others, column] = 0.0
        row[variable.present_index, -1] = 0.0
        likelihoods[cause] = row
    tables = FamilyTables(network, fixed, likelihoods)
    product = planned(tables.scopes, tables.sizes, rows=events)
    blocks = blocks_of(network)
    made = tables.tables(blocks, likelihoods)
    families = range(tables.families)
    total, by_table = product.derivatives(made, REALS, families)
    if total[0] > PLAIN_LIMIT:
        probabilities = total / total[0]
        scaled = {table: each / total[0] for table, each in by_table.items()}
    else:
        with np.errstate(divide="ignore"):
            total, by_table = product.derivatives([np.log(each) for each in made], LOGS, families)
        if total[0] == -np.inf:
            raise smallest_conflict_of(engine, evidence, 0)
        probabilities = np.exp(total - total[0])
        scaled = {table: np.exp(each - total[0]) for table, each in by_table.items()}
    layout = layout_of(network)
    by_cell = np.zeros((len(layout.weight), events))
    for name, found in tables.gradients(blocks, scaled).items():
        start = layout.start[name]
        flat = found.reshape(-1, found.shape[-1])
        by_cell[start : start + len(flat)] = flat
    return Derivatives(np.broadcast_to(probabilities, (events,)), by_cell)


def findings_of(network: Network, evidence: Evidence) -> tuple[dict[str, int], dict[str, FloatArray]]:
    """The findings of one case that bear on the chances: observed states, and likelihoods (states, 1)."""
    fixed: dict[str, int] = {}
    soft: dict[str, FloatArray] = {}
    for name, codes in evidence.codes.items():
        if network.variable(name).role == "screening":
            continue
        if codes[0] >= 0:
            fixed[name] = int(codes[0])
        elif codes[0] == SOFT:
            soft[name] = evidence.likelihoods[name][0][:, None]
    return fixed, soft
