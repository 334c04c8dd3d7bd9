"""What the findings say about the causes, for a batch of cases as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from massage_pain.errors import InvalidNetworkError, printable
from massage_pain.inference.evidence import SOFT, Evidence, evidence_of
from massage_pain.inference.posterior import JOINT_CELLS, Posterior, by_chance
from massage_pain.knowledge.distributions import FloatArray, cell_count
from massage_pain.knowledge.network import Network

if TYPE_CHECKING:
    from massage_pain.inference.propagation import Engine, Propagation

KEPT_CELLS = 2**22
"""The largest joint (cases times joint states, 32 MB) that is kept for a batch."""


@dataclass(frozen=True, eq=False)
class CauseBeliefs:
    """Posteriors of the causes of a batch of cases.

    `chances` (n_cases, n_causes + 1): P(present | findings) in the order of `causes`, then P(no cause is
    present | findings). `log_evidence` (n_cases,): natural logarithm of P(findings), -inf where they cannot
    occur together; the others are NaN there. `joint` (n_cases, states of cause 1, ...) or None where it
    would be too large to keep.
    """

    causes: tuple[str, ...]
    chances: FloatArray
    log_evidence: FloatArray
    joint: FloatArray | None

    @property
    def probabilities(self) -> FloatArray:
        """P(present | findings) of each cause, (n_cases, n_causes)."""
        return self.chances[:, :-1]

    @property
    def none_of_these(self) -> FloatArray:
        """P(no cause is present | findings), (n_cases,)."""
        return self.chances[:, -1]


def cause_beliefs(engine: Engine, evidence: Evidence) -> CauseBeliefs:
    """P(causes | findings) for every case; never raises for impossible ones.

    Raises `InvalidNetworkError` for a network that names no causes.
    """
    network = engine.network
    causes = tuple(each.id for each in network.causes)
    if not causes:
        raise InvalidNetworkError(
            f"The network {printable(network.name)} names no causes; say which variables are meant "
            "with network.with_causes({variable: state that counts as present})."
        )
    sizes = [len(each.states) for each in network.causes]
    present = [each.present_index for each in network.causes]
    cells, count = cell_count(sizes), evidence.n_cases
    if cells > JOINT_CELLS:
        return _one_by_one(engine, evidence, causes, present)
    if count * cells <= KEPT_CELLS:
        return _with_joint(engine, evidence, causes)
    step = KEPT_CELLS // cells
    parts = []
    for start in range(0, count, step):
        part = _with_joint(engine, evidence.take(slice(start, start + step)), causes)
        parts.append((part.chances, part.log_evidence))
    chances, logs = (np.concatenate(each) for each in zip(*parts, strict=True))
    return CauseBeliefs(causes, chances, logs, None)


def _with_joint(engine: Engine, evidence: Evidence, causes: tuple[str, ...]) -> CauseBeliefs:
    found = engine.propagate(evidence, causes, joint=True)
    assert found.joint is not None
    present = tuple(each.present_index for each in engine.network.causes)
    flat = found.joint.reshape(len(found.joint), -1)
    none = flat[:, _cells_without(found.joint.shape[1:], present)].sum(axis=1)
    return CauseBeliefs(causes, _chances(found, causes, present, none), found.log_evidence, found.joint)


def from_joint(network: Network, log_evidence: FloatArray, joint: FloatArray) -> CauseBeliefs:
    """The beliefs in the joint of the causes, (n_cases, states of cause 1, ...).

    Their last bits may depend on how many cases there are: not for rows of a table.
    """
    causes = tuple(each.id for each in network.causes)
    present = tuple(each.present_index for each in network.causes)
    chances = joint.reshape(len(joint), -1) @ _belonging(joint.shape[1:], present)
    return CauseBeliefs(causes, chances, log_evidence, joint)


def _one_by_one(
    engine: Engine, evidence: Evidence, causes: tuple[str, ...], present: list[int]
) -> CauseBeliefs:
    """Without a joint: P(no cause) is P(no cause, findings) / P(findings)."""
    found = engine.propagate(evidence, causes)
    without = engine.propagate(_denied(engine, evidence), ())
    with np.errstate(invalid="ignore"):
        none = np.exp(without.log_evidence - found.log_evidence)
    return CauseBeliefs(causes, _chances(found, causes, present, none), found.log_evidence, None)


def _chances(
    found: Propagation, causes: Sequence[str], present: Sequence[int], none: FloatArray
) -> FloatArray:
    columns = [found.marginals[name][:, at] for name, at in zip(causes, present, strict=True)]
    return np.stack([*columns, none], axis=1)


def posterior_of(engine: Engine, cases: Any) -> Posterior:
    """The posterior of one case (a `Case`, a mapping, or evidence of one row).

    Raises `ImpossibleEvidenceError` with the smallest conflicting subset of the findings.
    """
    evidence = evidence_of(engine.network, cases)
    for error in evidence.refused.values():
        raise error
    return posterior_in(engine, evidence, cause_beliefs(engine, evidence), 0)


def posterior_in(engine: Engine, evidence: Evidence, beliefs: CauseBeliefs, row: int) -> Posterior:
    """The posterior of one row of a batch. Raises `ImpossibleEvidenceError`."""
    log_evidence = float(beliefs.log_evidence[row])
    if log_evidence == -np.inf:
        from massage_pain.inference.impossible import smallest_conflict_of

        raise smallest_conflict_of(engine, evidence, row)
    values = beliefs.probabilities[row].tolist()
    return Posterior(
        network=engine.network,
        causes=beliefs.causes,
        present=tuple(each.present for each in engine.network.causes),
        probabilities={beliefs.causes[at]: values[at] for at in by_chance(values)},
        log_evidence=log_evidence,
        none_of_these=float(beliefs.none_of_these[row]),
        joint_values=None if beliefs.joint is None else beliefs.joint[row].copy(),
    )


@lru_cache(maxsize=64)
def _belonging(sizes: tuple[int, ...], present: tuple[int, ...]) -> FloatArray:
    """Which joint states count for each cause, and which for none, as ones: (cells, n_causes + 1)."""
    states = np.indices(sizes).reshape(len(sizes), -1)
    found = np.zeros((states.shape[1], len(sizes) + 1))
    found[:, :-1] = np.array(present) == states.T
    found[_cells_without(sizes, present), -1] = 1.0
    return found


@lru_cache(maxsize=64)
def _cells_without(sizes: tuple[int, ...], present: tuple[int, ...]) -> np.ndarray[Any, np.dtype[np.intp]]:
    """The joint states in which no cause is present."""
    without = np.ones(sizes, dtype=bool)
    for axis, at in enumerate(present):
        without[(slice(None),) * axis + (at,)] = False
    return np.flatnonzero(without)


def _denied(engine: Engine, evidence: Evidence) -> Evidence:
    """The same evidence and that no cause is present: a likelihood of zero for those states."""
    absent = []
    for each in engine.network.causes:
        row = np.ones((1, len(each.states)))
        row[:, each.present_index] = 0.0
        absent.append(row)
    return with_causes_among(engine.network, evidence, absent)


def with_causes_among(network: Network, evidence: Evidence, allowed: Sequence[FloatArray]) -> Evidence:
    """The same evidence and that each cause is in one of some states: its row of `allowed`, zeros and ones.

    `allowed`: for each cause, (n_cases or 1, states).
    """
    codes, likelihoods = dict(evidence.codes), dict(evidence.likelihoods)
    count = evidence.n_cases
    for variable, among in zip(network.causes, allowed, strict=True):
        states = len(variable.states)
        row = np.ones((count, states))
        known = codes.get(variable.id)
        if known is not None:
            hard = np.flatnonzero(known >= 0)
            row[hard] = np.eye(states)[known[hard]]
            if variable.id in likelihoods:
                soft = np.flatnonzero(known == SOFT)
                row[soft] = likelihoods[variable.id][soft]
        row *= among
        codes[variable.id] = np.full(count, SOFT, dtype=np.int16)
        likelihoods[variable.id] = row
    return replace(evidence, codes=codes, likelihoods=likelihoods)
