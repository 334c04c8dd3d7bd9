"""A network compiled for exact answers to any number of cases.

Two routes give the same numbers. The *general* route is a junction tree, right for any network. The
*fast* route is taken where a few targets separate the findings from one another (`target_layer`).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from massage_pain.errors import (
    QueryError,
    shown,
)
from massage_pain.inference.evidence import (
    SOFT,
    Evidence,
    evidence_of,
    plain_findings,
    variable_named,
)
from massage_pain.inference.layered_network import fits, inner_nodes
from massage_pain.inference.layered_route import LayeredRoute
from massage_pain.inference.propagation import Engine, Propagation
from massage_pain.knowledge import limits
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network

if TYPE_CHECKING:
    from massage_pain.inference.plans import Plans

FEW_CASES = 16
"""Cases up to which a small network is answered from the joint distribution of all its variables."""

MANY_CASES = 32
"""Cases from which it pays to look for a quicker way of answering just this question."""

__all__ = ["CompiledNetwork", "Engine", "Propagation"]


class CompiledNetwork:
    """Exact posteriors for any discrete network, numpy only, a batch of cases at a time.

    Nothing a call does changes an answer of another: plans are kept once made, that is all. `limit` is
    the most table cells a plan may have; more raises `ComplexityError` before anything is allocated.
    """

    def __init__(self, network: Network, *, limit: float = limits.COMPILED_CELLS) -> None:
        self._network = network
        self._limit = limit
        self._every = tuple(each.id for each in network.nodes)
        self._nodes = frozenset(self._every)
        cores = (inner_nodes(network), self._every)
        self._core = next((core for core in cores if fits(network, core, limit)), ())
        self._route: LayeredRoute | None = None
        self._asked: tuple[str, ...] | None = None
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), limit=self._limit), (self._network,)  # compiled where it arrives

    @property
    def network(self) -> Network:
        """The network this is compiled from."""
        return self._network

    def marginals(
        self, cases: Any = None, targets: str | Sequence[str] | None = None
    ) -> dict[str, FloatArray]:
        """P(target | findings) for every case: {variable: (n_cases, n_states)}, rows sum to one.

        `targets` None means every variable. An observed target is a point mass. Raises
        `ImpossibleEvidenceError` (the smallest conflicting findings named), the error of a refused row,
        `UnknownVariableError`, `QueryError`, `ComplexityError`.
        """
        chosen = self._targets(targets)
        if cases is None or isinstance(cases, Mapping):  # one case needs none of the arrays of many
            plain = plain_findings(self._network, cases or {})
            if plain is not None:
                log, alone = self._one(plain, {}, chosen)
                if not math.isinf(log):
                    return alone
        evidence = self._accepted(cases)
        found = self.propagate(evidence, chosen)
        self._refuse_impossible(evidence, found.log_evidence)
        return dict(found.marginals)

    def joint(self, cases: Any, targets: str | Sequence[str]) -> FloatArray:
        """P(targets | findings), shape (n_cases, states of the first target, ...).

        Raises what `marginals` raises.
        """
        evidence = self._accepted(cases)
        chosen = self._targets(targets)
        found = self.propagate(evidence, chosen, joint=True)
        self._refuse_impossible(evidence, found.log_evidence)
        assert found.joint is not None
        return found.joint

    def log_evidence(self, cases: Any = None) -> FloatArray:
        """Natural logarithm of P(findings) of the whole network, (n_cases,); -inf: impossible."""
        return self.propagate(self._accepted(cases), ()).log_evidence

    def propagate(self, evidence: Evidence, targets: Sequence[str], *, joint: bool = False) -> Propagation:
        """Posteriors of the targets for every case; never raises for impossible ones (see `Propagation`)."""
        targets = tuple(targets)
        if evidence.is_alone and not joint:
            codes = {name: int(each[0]) for name, each in evidence.codes.items() if name in self._nodes}
            known = {name: code for name, code in codes.items() if code >= 0}
            soft = {name: evidence.likelihoods[name][0] for name, code in codes.items() if code == SOFT}
            log, marginals = self._one(known, soft, targets)
            return Propagation(np.array((log,)), marginals)
        layered = self._layered(targets, joint, few=evidence.n_cases <= FEW_CASES and not evidence.of_table)
        if layered is None:
            return self._general(evidence, targets, joint)
        found, left = layered.propagate(evidence, targets, joint)
        if len(left):
            _replace(found, self._general(evidence.take(left), targets, joint), left)
        return found

    def _one(
        self, codes: Mapping[str, Any], soft: Mapping[str, FloatArray], targets: tuple[str, ...]
    ) -> tuple[float, dict[str, FloatArray]]:
        """For a single case, its states and the likelihoods (states,) of what is soft.

        The logarithm of P(findings), and the posteriors (1, states); NaN where that is -inf.
        """
        layered = None if soft else self._layered(targets, False)
        case = None if layered is None else layered.case(codes)
        if case is not None:
            return math.log(case.total), case.posteriors(targets)
        if self._plans.only is not None:
            return self._plans.only.one(codes, soft, targets)
        told = [name for name in (*codes, *soft) if name in self._nodes]
        parts = [route.one(codes, soft, names) for route, names in self._plans.pieces(told, targets, False)]
        marginals = {name: each for _, found in parts for name, each in found.items()}
        return parts[-1][0], {name: marginals[name] for name in targets}

    def with_one_more(
        self, one: Evidence, names: Sequence[str], targets: Sequence[str]
    ) -> tuple[FloatArray, FloatArray] | None:
        """One case, then it with each state of each of `names` added, in turn: P(findings) and a joint.

        The natural logarithm, (n,), and the joint of the targets, (n, states of target 1, ...). From one
        propagation, for a case without soft findings on a network that the targets separate; None for any
        other. Of `names` nothing may be known.
        """
        layered = self._layered(tuple(targets), True)
        quick = None if layered is None else layered.with_one_more(one, names, tuple(targets))
        if quick is None:
            return None
        logs, joint, left = quick
        if len(left):
            from massage_pain.inference.one_more_finding import cases_with_one_more

            again = self._general(
                cases_with_one_more(self._network, one, names).take(left), tuple(targets), True
            )
            logs[left], joint[left] = again.log_evidence, again.joint
        return logs, joint

    # -- plans ---------------------------------------------------------------------------------

    @cached_property
    def _plans(self) -> Plans:
        from massage_pain.inference.plans import Plans  # a network of layers answers without

        return Plans(self._network, self._limit)

    def _layered(self, targets: tuple[str, ...], joint: bool, few: bool = True) -> LayeredRoute | None:
        """The fast route, if this network has a core for it that (for a joint) holds the targets."""
        if not self._core or (joint and not set(self._core).issuperset(targets)):
            return None
        if self._core is self._every and not (few or joint):
            return None  # a joint of everything saves calls, not arithmetic
        if self._route is None:
            with self._lock:
                if self._route is None:
                    self._route = LayeredRoute(self._network, self._core)
        return self._route

    def _general(self, evidence: Evidence, targets: tuple[str, ...], joint: bool) -> Propagation:
        found: Propagation | None = None
        marginals: dict[str, FloatArray] = {}
        told = [
            name
            for name, codes in evidence.codes.items()
            if name in self._nodes and bool(((codes >= 0) | (codes == SOFT)).any())
        ]
        many = evidence.n_cases >= MANY_CASES and not evidence.of_table  # a row of a table goes one way
        if many and self._plans.is_large_for_many:
            from massage_pain.inference.rest_known import with_rest_known

            written_out = with_rest_known(self._network, evidence, told, targets, joint=joint)
            if written_out is not None:
                return written_out
        for route, names in self._plans.pieces(told, targets, joint, many=many):
            found = route.propagate(evidence, names, joint)
            marginals.update(found.marginals)
        assert found is not None
        return Propagation(found.log_evidence, {name: marginals[name] for name in targets}, found.joint)

    # -- checks --------------------------------------------------------------------------------

    def _accepted(self, cases: Any) -> Evidence:
        evidence = evidence_of(self._network, cases)
        for error in evidence.refused.values():
            raise error
        return evidence

    def _targets(self, targets: str | Sequence[str] | None) -> tuple[str, ...]:
        if targets is None:
            return self._every
        asked = (targets,) if isinstance(targets, str) else tuple(targets)
        if {*map(type, asked)} == {str} and self._asked == asked:  # the same question, case after case
            return asked
        chosen = []
        for each in asked:
            name = variable_named(self._network, each).id
            self._network.distribution(name)  # refuses a screening answer
            if name in chosen:
                raise QueryError(f"The target {shown(name)} is asked for twice.")
            chosen.append(name)
        if not chosen:
            raise QueryError("No target is asked for; name at least one variable, or None for all.")
        found = self._asked = tuple(chosen)  # another thread may ask something else by the next line
        return found

    def _refuse_impossible(self, evidence: Evidence, log_evidence: FloatArray) -> None:
        impossible = np.flatnonzero(np.isneginf(log_evidence))
        if len(impossible):
            from massage_pain.inference.impossible import smallest_conflict_of

            raise smallest_conflict_of(self, evidence, int(impossible[0]))


def _replace(found: Propagation, again: Propagation, rows: NDArray[np.intp]) -> None:
    """Put the answers of some rows in."""
    found.log_evidence[rows] = again.log_evidence
    for name, values in again.marginals.items():
        found.marginals[name][rows] = values
    if found.joint is not None and again.joint is not None:
        found.joint[rows] = again.joint
