"""Which findings contradict each other.

Findings whose joint probability is zero stay impossible when more are added. Dropping each finding that is
not needed for the contradiction leaves a minimal conflict: without any one of its findings the rest is
possible. Then all smaller subsets are asked, those of one size in one batch, as long as there are not too
many; so the conflict is the smallest there is, but for contradictions among very many findings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from massage_pain.errors import ImpossibleEvidenceError, printable, shown
from massage_pain.inference.case import Likelihood
from massage_pain.inference.evidence import ASKED_UNSURE, NOT_ASKED, SOFT, Evidence, evidence_of
from massage_pain.knowledge.network import Network

if TYPE_CHECKING:
    from massage_pain.inference.propagation import Engine

SUBSETS = 5_000
"""The most subsets that are tried."""


def smallest_conflict(engine: Engine, network: Network, case: Mapping[str, Any]) -> ImpossibleEvidenceError:
    """The error for a case whose findings cannot occur together; `.findings` is the conflict."""
    return smallest_conflict_of(engine, evidence_of(network, case), 0)


def smallest_conflict_of(engine: Engine, evidence: Evidence, row: int) -> ImpossibleEvidenceError:
    """The same for one row of a batch; the sentence names the row if there are several."""
    one = evidence.take(np.array([row]))
    said = [
        name
        for name, codes in one.codes.items()
        if engine.network.variable(name).role != "screening" and codes[0] not in (NOT_ASKED, ASKED_UNSURE)
    ]
    return conflict_error(engine.network, evidence, row, _smallest(engine, one, said), name_row=True)


def conflict_error(
    network: Network, evidence: Evidence, row: int, conflict: Sequence[str] | None, *, name_row: bool = False
) -> ImpossibleEvidenceError:
    """The error for a row whose findings on `conflict` cannot occur together (None: which is not known)."""
    where = f"Row {shown(evidence.label(row))}: " if name_row and evidence.n_cases > 1 else ""
    sentence = f"{where}These findings cannot occur together (probability 0)"
    if conflict is None:
        return ImpossibleEvidenceError(f"{sentence}.")
    one = evidence.take(np.array([row]))
    findings = {name: _finding(network, one, name) for name in conflict}
    words = ", ".join(
        f"{printable(name)} = {printable(value) if isinstance(value, str) else shown(value)}"
        for name, value in findings.items()
    )
    return ImpossibleEvidenceError(f"{sentence}: {words}.", findings=findings)


def _smallest(engine: Engine, one: Evidence, said: Sequence[str]) -> list[str]:
    needed = list(said)
    for name in said:
        without = [each for each in needed if each != name]
        kept = np.array([[each in without for each in said]])
        if _impossible(engine, one, said, kept)[0]:
            needed = without
    tried = 0
    for size in range(1, len(needed)):
        tried += comb(len(said), size)
        if tried > SUBSETS:
            break
        subsets = list(combinations(range(len(said)), size))
        kept = np.zeros((len(subsets), len(said)), dtype=bool)
        np.put_along_axis(kept, np.array(subsets, dtype=np.intp).reshape(-1, size), True, axis=1)
        impossible = np.flatnonzero(_impossible(engine, one, said, kept))
        if len(impossible):
            return [said[i] for i in subsets[impossible[0]]]
    return needed


def _impossible(
    engine: Engine, one: Evidence, said: Sequence[str], kept: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """For each row of `kept` (which findings stay) whether they cannot occur together."""
    count = len(kept)
    codes = {
        name: np.where(kept[:, i], one.codes[name][0], NOT_ASKED).astype(np.int16)
        for i, name in enumerate(said)
    }
    likelihoods = {
        name: np.where(kept[:, i, None], one.likelihoods[name][0], 1.0)
        for i, name in enumerate(said)
        if name in one.likelihoods
    }
    subsets = Evidence(count, codes, likelihoods, {}, {})
    return np.isneginf(engine.propagate(subsets, ()).log_evidence)


def _finding(network: Network, one: Evidence, name: str) -> object:
    states = network.variable(name).states
    code = int(one.codes[name][0])
    if code == SOFT:
        return Likelihood(dict(zip(states, one.likelihoods[name][0].tolist(), strict=True)))
    return states[code]
