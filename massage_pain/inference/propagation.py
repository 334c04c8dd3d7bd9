"""What an engine is asked and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from massage_pain.inference.evidence import Evidence
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network


@dataclass(frozen=True, eq=False)
class Propagation:
    """Posteriors of a batch of cases.

    `log_evidence` (n_cases,): natural logarithm of P(findings) over the whole network, -inf for findings
    that cannot occur together; such a case has NaN in every other array. `marginals`: variable ->
    (n_cases, n_states), rows sum to one. `joint` (n_cases, states of target 1, ...) or None.
    """

    log_evidence: FloatArray
    marginals: Mapping[str, FloatArray]
    joint: FloatArray | None = None


class Engine(Protocol):
    """Whatever answers a batch of cases exactly."""

    @property
    def network(self) -> Network:
        """The network it answers for."""

    def propagate(self, evidence: Evidence, targets: Sequence[str], *, joint: bool = False) -> Propagation:
        """Posteriors of the targets; impossible cases have log evidence -inf and NaN."""
