"""What a person would go on to answer, drawn from what they have said.

Exact sampling from the posterior of the unanswered variables given the findings, for any network. Where the
findings are not too rare, whole cases are drawn and those that agree with the findings kept. Otherwise all
that is open is drawn together, clique by clique down a clique tree (`TableProduct.drawn`). No weights and no
burn-in: each draw is a fair one, so frequencies have binomial errors.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from massage_pain.inference.evidence import Codes, Evidence
from massage_pain.inference.family_tables import FamilyTables
from massage_pain.inference.number_blocks import blocks_of
from massage_pain.inference.propagation import Engine
from massage_pain.inference.table_product import LOGS, REALS, planned
from massage_pain.knowledge.network import Network
from massage_pain.reasoning.derivatives import PLAIN_LIMIT, findings_of
from massage_pain.reasoning.simulation import draw

MOST_DRAWN = 4_000
"""Whole cases are drawn where no more than so many are expected to be needed."""


def completed(
    engine: Engine, one: Evidence, wanted: Sequence[str], count: int, rng: np.random.Generator
) -> dict[str, Codes]:
    """`count` draws of the variables `wanted`, given the case `one`: variable -> states (count,).

    Of `wanted` nothing is observed. Raises `ComplexityError` before anything is allocated.
    """
    network = engine.network
    share = float(np.exp(engine.propagate(one, ()).log_evidence[0]))
    if count <= MOST_DRAWN * share:
        return _kept(network, one, wanted, count, share, rng)
    fixed, soft = findings_of(network, one)
    tables = FamilyTables(network, fixed, soft, wanted)
    product = planned(tables.scopes, tables.sizes)
    made = tables.tables(blocks_of(network), soft)
    if share > PLAIN_LIMIT:
        drawn = product.drawn(made, REALS, count, rng)
    else:
        with np.errstate(divide="ignore"):
            drawn = product.drawn([np.log(each) for each in made], LOGS, count, rng)
    return {name: drawn[tables.number[name]].astype(np.int16) for name in wanted}


def _kept(
    network: Network,
    one: Evidence,
    wanted: Sequence[str],
    count: int,
    share: float,
    rng: np.random.Generator,
) -> dict[str, Codes]:
    """Whole cases drawn until `count` agree with the findings; of all cases `share` does."""
    said = [name for name, code in one.codes.items() if code[0] >= 0 and name in network.children]
    soft = {  # a soft screening answer moves no chance
        name: row[0] / row[0].max() for name, row in one.likelihoods.items() if name in network.children
    }
    parts: list[dict[str, Codes]] = []
    found = 0
    while found < count:
        size = int((count - found) / share * 1.1) + 16
        drawn = draw(network, size, rng)
        agrees = np.ones(size, dtype=bool)
        for name in said:
            agrees &= drawn[name] == one.codes[name][0]
        for name, weights in soft.items():  # kept as often as what was noticed is likely
            agrees &= rng.random(size) < weights[drawn[name]]
        rows = np.flatnonzero(agrees)
        parts.append({name: drawn[name][rows] for name in wanted})
        found += len(rows)
    return {name: np.concatenate([each[name] for each in parts])[:count] for name in wanted}
