"""The fast route: batches of cases on a network that a small core separates (`layered_network`).

Every posterior follows from P(core, findings): a core variable's by summing, a finding's by its table, a
root's by leaving it out of the message. All arithmetic is positive. Cases whose P(findings) is too small
for plain floats, and questions about roots where roots have soft evidence, are left to the general route.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from massage_pain.inference.arithmetic import PLAIN_LIMIT, Index
from massage_pain.inference.blocks import in_blocks
from massage_pain.inference.evidence import ASKED_UNSURE, NOT_ASKED, SOFT, Evidence
from massage_pain.inference.folding import folded
from massage_pain.inference.layered_block import LayeredBlock
from massage_pain.inference.layered_case import LayeredCase
from massage_pain.inference.layered_network import LayeredNetwork
from massage_pain.inference.layered_one_more import LayeredOneMore
from massage_pain.inference.propagation import Propagation
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network

BLOCK_CELLS = 2**17
"""Joint states times cases of one block: its arrays stay within a processor's cache."""


class LayeredRoute:
    """Answers from a core that `fits`; immutable but for messages it keeps once computed."""

    def __init__(self, network: Network, core: Sequence[str]) -> None:
        self.layered = LayeredNetwork(network, core)
        self._block = max(64, BLOCK_CELLS // self.layered.cells)

    @property
    def core(self) -> tuple[str, ...]:
        """The variables that separate the network."""
        return self.layered.core

    def propagate(
        self, evidence: Evidence, targets: tuple[str, ...], joint: bool
    ) -> tuple[Propagation, Index]:
        """Posteriors of the targets, and the rows that must be answered by the general route.

        `joint` only for targets within the core.
        """
        if evidence.is_alone:
            states = self._hard(evidence)
            case = None if states is None else self.case(states)
            if case is not None:
                whole = None
                if joint:
                    whole = case.joint()[None]
                    if targets != self.core:
                        whole = self._summed(whole.reshape(-1, 1), targets)[..., 0][None]
                found = Propagation(np.array((math.log(case.total),)), case.posteriors(targets), whole)
                return found, np.empty(0, dtype=np.intp)
        layered, count = self.layered, evidence.n_cases
        codes = {name: each for name, each in evidence.codes.items() if name in layered.sizes}
        log_evidence = np.empty(count)
        marginals = {name: np.empty((layered.sizes[name], count)) for name in targets}
        shape = tuple(layered.sizes[name] for name in targets)
        whole = np.empty((*shape, count)) if joint else None
        left: list[Index] = []

        def work(rows: slice) -> None:
            block = LayeredBlock(
                layered,
                {name: each[rows] for name, each in codes.items()},
                {name: each[rows] for name, each in evidence.likelihoods.items()},
                rows.stop - rows.start,
            )
            table = block.joint()
            sums, total = block.core_sums(table)
            low = ~(total >= PLAIN_LIMIT)
            if any(name in layered.roots for name in targets):
                low |= block.with_soft_roots
            if low.any():
                left.append(np.flatnonzero(low) + rows.start)
                total = np.where(total > 0.0, total, 1.0)
            log_evidence[rows] = np.log(total)
            for name, found in self._posteriors(block, targets, table, sums, total).items():
                marginals[name][:, rows] = found
            if whole is not None:
                whole[..., rows] = self._summed(table, targets) / total

        in_blocks(count, self._block, work)
        for name in targets:
            if name in codes:
                known = np.flatnonzero(codes[name] >= 0)
                marginals[name][:, known] = 0.0
                marginals[name][codes[name][known], known] = 1.0
        answer = Propagation(
            log_evidence,
            {name: each.T for name, each in marginals.items()},
            None if whole is None else np.moveaxis(whole, -1, 0),
        )
        return answer, np.sort(np.concatenate(left)) if left else np.empty(0, dtype=np.intp)

    def case(self, codes: Mapping[str, int]) -> LayeredCase | None:
        """A single case with these states, unless it must go another way."""
        case = LayeredCase(self.layered, codes)
        return case if case.total >= PLAIN_LIMIT else None

    def with_one_more(
        self, one: Evidence, names: Sequence[str], targets: tuple[str, ...]
    ) -> tuple[FloatArray, FloatArray, Index] | None:
        """One case, then it with each state of `names` added, in turn; None if a finding is soft.

        The natural logarithm of P(findings), the joint of the targets, and the rows that must be answered
        by the general route. `targets` lie within the core.
        """
        codes = self._hard(one)
        if codes is None:
            return None
        joint = self._one_more.table(codes, names)
        total = np.add.reduce(joint, axis=1)
        left = (~(total >= PLAIN_LIMIT)).nonzero()[0]
        if len(left):
            total[left] = 1.0
        joint /= total[:, None]
        if targets != self.core:
            joint = np.moveaxis(self._summed(np.ascontiguousarray(joint.T), targets), -1, 0)
        shape = (len(total), *(self.layered.sizes[name] for name in targets))
        return np.log(total), joint.reshape(shape), left

    @cached_property
    def _one_more(self) -> LayeredOneMore:
        return LayeredOneMore(self.layered)

    def _hard(self, one: Evidence) -> dict[str, int] | None:
        """The states known of a single case; None where a finding is soft."""
        codes = {}
        for name, code in one.code_of.items():
            if name in self.layered.sizes and code != NOT_ASKED and code != ASKED_UNSURE:
                if code == SOFT:
                    return None
                codes[name] = code
        return codes

    def _posteriors(
        self,
        block: LayeredBlock,
        targets: tuple[str, ...],
        table: FloatArray,
        sums: list[FloatArray],
        total: FloatArray,
    ) -> dict[str, FloatArray]:
        """P(target | findings), (states, n)."""
        core = {name: each / total for name, each in zip(self.core, sums, strict=True) if name in targets}
        roots = [name for name in targets if name in self.layered.roots]
        findings = [name for name in targets if name not in self.core and name not in self.layered.roots]
        others = block.findings(table / total, findings) if findings else {}
        if roots:
            others.update(block.roots(roots))
        with np.errstate(invalid="ignore"):  # a case left to the general route may be all zero
            for each in others.values():
                each /= folded(each)
        return core | others

    def _summed(self, table: FloatArray, targets: tuple[str, ...]) -> FloatArray:
        """The table summed to the targets, (states of the first, ..., n)."""
        axes = [self.core.index(each) for each in targets]
        others = tuple(axis for axis in range(len(self.core)) if axis not in axes)
        found = table.reshape(*self.layered.shape, -1)
        if others:
            found = np.add.reduce(found, axis=others)
        kept = sorted(axes)
        return found.transpose(*(kept.index(axis) for axis in axes), len(axes))
