"""Which findings contradict each other, for many impossible cases at once.

By deletion: leave out one finding after the other, in the order of the network, and keep it out wherever the
rest is still impossible. What remains is minimal: without any one of it the rest can occur. One pass
asks for each variable about all cases together, so a thousand impossible cases cost about what one does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from massage_pain.errors import ImpossibleEvidenceError
from massage_pain.inference.evidence import ASKED_UNSURE, NOT_ASKED, Evidence
from massage_pain.inference.impossible import conflict_error
from massage_pain.knowledge.distributions import FloatArray

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from massage_pain.inference.propagation import Engine

MOST = 100
"""Findings of one case up to which the conflict is searched: each costs a propagation."""

_ROWS = 1024


def conflicts_of(
    engine: Engine, evidence: Evidence, rows: NDArray[np.intp]
) -> Mapping[int, ImpossibleEvidenceError]:
    """For each of these rows, which are impossible, the error that names a minimal conflict."""
    found: dict[int, ImpossibleEvidenceError] = {}
    for start in range(0, len(rows), _ROWS):
        some = rows[start : start + _ROWS]
        found.update(zip(some.tolist(), _conflicts(engine, evidence.take(some)), strict=True))
    return found


def _conflicts(engine: Engine, evidence: Evidence) -> list[ImpossibleEvidenceError]:
    nodes = {each.id for each in engine.network.nodes}
    said = {
        name: (codes != NOT_ASKED) & (codes != ASKED_UNSURE)
        for name, codes in evidence.codes.items()
        if name in nodes
    }
    names = [each.id for each in engine.network.nodes if each.id in said]
    searched = np.sum([said[name] for name in names], axis=0) <= MOST
    codes = {name: evidence.codes[name].copy() for name in names}
    likelihoods: dict[str, FloatArray] = {
        name: evidence.likelihoods[name].copy() for name in names if name in evidence.likelihoods
    }
    for name in names:
        rows = np.flatnonzero(said[name] & searched)
        if not len(rows):
            continue
        less = Evidence(
            len(rows),
            {each: codes[each][rows] for each in names if each != name},
            {each: likelihoods[each][rows] for each in likelihoods if each != name},
            {},
            {},
        )
        still = rows[np.isneginf(engine.propagate(less, ()).log_evidence)]
        codes[name][still] = NOT_ASKED
        if name in likelihoods:
            likelihoods[name][still] = 1.0
    found = []
    for row in range(evidence.n_cases):
        needed = [
            name for name in names if codes[name][row] != NOT_ASKED and codes[name][row] != ASKED_UNSURE
        ]
        found.append(conflict_error(engine.network, evidence, row, needed if searched[row] else None))
    return found
