"""How well the findings of a case fit together: the conflict measure, for a batch of cases.

Findings that belong together make each other more likely, so P(findings) is larger than the product of
their own probabilities; where it is smaller, they speak against each other. Jensen, Chamberlain, Nordahl and
Jensen (1991) measure it as

    conflict = log2( product of P(finding) / P(findings) )      (bits)

It is near zero for findings that have nothing to do with each other, negative for those that fit, and
positive for those that do not: a rare case, a wrong answer, or something the network does not know.

All probabilities are given the complaint (whoever is assessed has it), so it is no finding here. A
single finding has no conflict. The measure costs nothing beside an answer: the findings' own
probabilities are one propagation for the network, and P(findings) is there anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log

import numpy as np

from massage_pain.inference.evidence import ASKED_UNSURE, NOT_ASKED, SOFT, Evidence
from massage_pain.inference.propagation import Engine
from massage_pain.knowledge.distributions import FloatArray


class ConflictMeasure:
    """The measure for one network: made once, asked for any number of cases."""

    def __init__(self, engine: Engine) -> None:
        network = engine.network
        self._engine = engine
        self._names = tuple(each.id for each in network.nodes)
        self._complaint = None if network.complaint is None else network.complaint.id
        self._given: dict[int, tuple[float, dict[str, FloatArray]]] = {}

    def bits(self, evidence: Evidence, log_evidence: FloatArray) -> FloatArray:
        """The conflict of each case, (n_cases,); NaN where the findings cannot occur together.

        `log_evidence` (n_cases,): natural logarithm of P(findings).
        """
        return (self.apart(evidence) - self.together(evidence, log_evidence)) / log(2.0)

    def together(self, evidence: Evidence, log_evidence: FloatArray) -> FloatArray:
        """Natural logarithm of P(findings | complaint as said), (n_cases,); NaN where it is zero."""
        found = np.where(np.isneginf(log_evidence), np.nan, log_evidence)
        for code, rows in self._by_complaint(evidence):
            found[rows] -= self._background(code)[0]
        return found

    def apart(self, evidence: Evidence) -> FloatArray:
        """Natural logarithm of the product of P(each finding | complaint as said), (n_cases,)."""
        found = np.zeros(evidence.n_cases)
        parts = self._by_complaint(evidence)
        for code, rows in parts:
            own = self._background(code)[1]
            here = evidence if len(parts) == 1 else evidence.take(rows)
            found[rows] = self._product(here, own)
        return found

    def _product(self, evidence: Evidence, own: Mapping[str, FloatArray]) -> FloatArray:
        found = np.zeros(evidence.n_cases)
        for name, codes in evidence.codes.items():
            table = own.get(name)
            if table is None:
                continue  # a screening answer, or the complaint
            found += table.take(codes + _MARKS)
            if name in evidence.likelihoods:
                soft = np.flatnonzero(codes == SOFT)
                weights = evidence.likelihoods[name][soft]
                with np.errstate(divide="ignore"):
                    found[soft] += np.log(weights @ np.exp(table[_MARKS:]))
        return found

    def _by_complaint(self, evidence: Evidence) -> list[tuple[int, slice | np.ndarray]]:
        """The rows by what was said of the complaint: a state, or nothing known."""
        codes = None if self._complaint is None else evidence.codes.get(self._complaint)
        if codes is None:
            return [(NOT_ASKED, slice(None))]
        # soft evidence of the complaint is taken as nothing known: it is a background either way
        known = np.maximum(codes, NOT_ASKED)
        states = np.unique(known).tolist()
        if len(states) == 1:
            return [(int(states[0]), slice(None))]
        return [(int(state), np.flatnonzero(known == state)) for state in states]

    def _background(self, code: int) -> tuple[float, dict[str, FloatArray]]:
        """Given the complaint in this state: ln P(it), and ln P(state) of every variable after the marks."""
        known = self._given.get(code)
        if known is None:
            codes = {} if self._complaint is None else {self._complaint: np.array([code], dtype=np.int16)}
            found = self._engine.propagate(Evidence(1, codes, {}, {}, {}), self._names)
            own = {}
            with np.errstate(divide="ignore"):
                for name in self._names:
                    if name != self._complaint:
                        own[name] = np.concatenate([np.zeros(_MARKS), np.log(found.marginals[name][0])])
            known = self._given[code] = float(found.log_evidence[0]), own
        return known


_MARKS = -min(SOFT, ASKED_UNSURE, NOT_ASKED)
"""How many codes say that no state was given; they say nothing of how the findings fit."""
