"""How well the findings of a case fit together, for a batch of cases.

**Conflict.** Findings that belong together make each other more likely, so P(findings) is larger than the
product of their own probabilities; where it is smaller, they speak against each other. Jensen, Chamberlain,
Nordahl and Jensen (1991) measure it as

    conflict = log2( product of P(finding) / P(findings) )      (bits)

It is near zero for findings that have nothing to do with each other, negative for those that fit, and
positive for those that do not: a rare case, a wrong answer, or something the network does not know.

**Surprise** is -log2 P(findings) in bits. That something unusual was *done* is no sign that the findings do
not fit, so it is judged by what is noticed, given the factors (taken as unrelated to each other); and one
rare finding is only rare, so the most unusual one is left out. What remains is told in standard deviations
above what answers to these questions give on average.

Both are given the complaint as it was said (whoever is assessed has it), so it is no finding here; a single
finding has no conflict. They cost next to nothing beside an answer: the findings' own probabilities are one
propagation for the network, and P(findings) is there anyway.

**Misfit** is the larger of the two, each divided by what it reaches in less than about one in a hundred of
the cases that the network itself draws: `CONFLICT_A_ROOT` bits times the root of the number of findings (a
sum of n terms spreads like the root of n), and `DEVIATIONS` standard deviations. From 1 on, the findings fit
poorly together. `docs/conflict.md` says how the two numbers were found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.evidence import ASKED_UNSURE, NOT_ASKED, SOFT, Evidence
from massage_pain.inference.propagation import Engine
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network

CONFLICT_A_ROOT = 0.35
"""Bits of conflict, times the root of the number of findings, that count as strong."""

DEVIATIONS = 2.0
"""Standard deviations of surprise, beside the most unusual finding, that count as high."""

LEAST_NOTICED = 4
"""With fewer things noticed there is too little beside the most unusual one."""

_MARKS = -min(SOFT, ASKED_UNSURE, NOT_ASKED)  # how many codes say that no state was given
_NOTHING = _MARKS + NOT_ASKED  # in every table: the first variable, not asked
_LOG, _UNUSUAL, _MEAN, _VARIANCE, _COUNT = range(5)

_FEW = 64
"""For so few cases one call for all variables beats a call for each of them."""

_Rows: TypeAlias = slice | NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Fit:
    """How the findings of each case fit together; all (n_cases,), NaN where they cannot occur together.

    `findings` how many there are, `conflict` and `surprise` in bits, `deviations` how unusual what is
    noticed is beside the most unusual of it, in standard deviations; 0 where there is too little.
    """

    findings: NDArray[np.intp]
    conflict: FloatArray
    surprise: FloatArray
    deviations: FloatArray

    @property
    def misfit(self) -> FloatArray:
        """From 1 on the findings fit poorly together, (n_cases,); 0 where there is nothing to fit."""
        strong = CONFLICT_A_ROOT * np.sqrt(np.where(self.findings > 1, self.findings, np.inf))
        found: FloatArray = np.maximum(self.conflict / strong, self.deviations / DEVIATIONS)
        return np.maximum(found, 0.0, out=found)


class _Background(NamedTuple):
    """Given the complaint in one state: ln P(it), and a table (5, all codes of all variables).

    Rows: log2 P(state); of what is noticed its surprise, the surprise expected and its variance (bits); and
    one where it counts. `offset` is the first column of each variable, `states` are those of its states.
    """

    log_probability: float
    table: FloatArray
    offset: dict[str, int]
    states: dict[str, range]


class ConflictMeasure:
    """The measures for one network: made once, asked for any number of cases."""

    def __init__(self, engine: Engine) -> None:
        network = engine.network
        self._engine = engine
        self._network = network
        self._complaint = None if network.complaint is None else network.complaint.id
        self._backgrounds: dict[int, _Background] = {}

    def fit(self, evidence: Evidence, log_evidence: FloatArray) -> Fit:
        """How the findings of each case fit. `log_evidence` (n_cases,): natural logarithm of P(findings)."""
        together = np.where(log_evidence == -np.inf, np.nan, log_evidence)
        parts = self._by_complaint(evidence)
        if len(parts) == 1:
            background = parts[0][0]
            together -= background.log_probability
            sums, beside = _sums(evidence, background)
        else:
            sums, beside = np.empty((5, evidence.n_cases)), np.empty((3, evidence.n_cases))
            for background, rows in parts:
                together[rows] -= background.log_probability
                sums[:, rows], beside[:, rows] = _sums(evidence.take(rows), background)
        return _fit(sums, beside, together)

    def fit_with_one_more(self, one: Evidence, names: Sequence[str], log_evidence: FloatArray) -> Fit:
        """The same for one case, then with each state of each of `names` added, in turn.

        Of `names`, none of them the complaint, nothing may be known.
        """
        background = self._by_complaint(one)[0][0]
        together = np.where(log_evidence == -np.inf, np.nan, log_evidence)
        together -= background.log_probability
        known = [name for name in one.codes if name in background.offset]
        found = _looked_up(one, background, known)[:, :, 0]
        columns = [_NOTHING]
        for name in names:
            columns += background.states[name]
        more = background.table.take(columns, axis=1)
        sums = np.add.reduce(found, axis=1)[:, None] + more
        most = more[_UNUSUAL : _VARIANCE + 1]
        if known:
            before = found[_UNUSUAL : _VARIANCE + 1, found[_UNUSUAL].argmax(), None]
            most = np.where(most[0] > before[0], most, before)
        noticed = more[_VARIANCE] > 0.0
        enough = noticed >= LEAST_NOTICED - np.count_nonzero(found[_VARIANCE])
        return _fit(sums, np.where(enough, sums[_UNUSUAL : _VARIANCE + 1] - most, 0.0), together)

    def _by_complaint(self, evidence: Evidence) -> list[tuple[_Background, _Rows]]:
        """What is usual given the complaint as each row has it: a state, soft, or nothing known."""
        codes = None if self._complaint is None else evidence.codes.get(self._complaint)
        if self._complaint is None or codes is None:
            return [(self._background(NOT_ASKED), slice(None))]
        soft = evidence.likelihoods.get(self._complaint)
        if soft is None and len(codes) and (codes == codes[0]).all():
            return [(self._background(max(codes.item(0), NOT_ASKED)), slice(None))]
        known = np.where(codes == ASKED_UNSURE, NOT_ASKED, codes)
        parts: list[tuple[_Background, _Rows]] = []
        for state in np.unique(known).tolist():
            rows = np.flatnonzero(known == state)
            if state != SOFT or soft is None:
                parts.append((self._background(state), rows))
                continue
            weights, which = np.unique(soft[rows], axis=0, return_inverse=True)
            for at, each in enumerate(weights):
                parts.append((self._mixed(each), rows[which.ravel() == at]))
        return parts

    def _mixed(self, weights: FloatArray) -> _Background:
        """What is usual given a soft complaint: what it is given each state, by how likely that is then."""
        assert self._complaint is not None
        able = [(float(weights[at]), self._background(at)) for at in np.flatnonzero(weights).tolist()]
        able = [(weight, each) for weight, each in able if each.log_probability > -np.inf]
        if not able:  # the case is impossible
            return self._background(NOT_ASKED)
        backgrounds = [each for _, each in able]
        shares = np.array([weight * exp(each.log_probability) for weight, each in able])
        total = float(shares.sum())
        every = {
            name: sum(
                share / total * np.exp2(each.table[_LOG, at.start : at.stop])
                for share, each in zip(shares.tolist(), backgrounds, strict=True)
            )
            for name, at in backgrounds[0].states.items()
        }
        return _from_chances(self._network, every, log(total))

    def _background(self, code: int) -> _Background:
        known = self._backgrounds.get(code)
        if known is None:
            known = self._backgrounds[code] = _background(self._engine, self._network, self._complaint, code)
        return known


def _fit(sums: FloatArray, beside: FloatArray, together: FloatArray) -> Fit:
    """From what `_sums` gives and ln P(findings | complaint)."""
    surprise = together / -log(2.0)
    conflict = sums[_LOG] + surprise
    # P(noticed | factors): the factors' own chances taken out of P(findings)
    excess = conflict + (beside[0] - beside[1])
    deviations = excess / np.sqrt(np.where(beside[2] > 1e-12, beside[2], np.inf))
    return Fit(sums[_COUNT].astype(np.intp), conflict, surprise, deviations)


def _background(engine: Engine, network: Network, complaint: str | None, code: int) -> _Background:
    codes = {} if complaint is None else {complaint: np.array([code], dtype=np.int16)}
    names = tuple(each.id for each in network.nodes)
    found = engine.propagate(Evidence(1, codes, {}, {}, {}), names)
    # what one begins with is no finding
    every = {name: found.marginals[name][0] for name in names if code == NOT_ASKED or name != complaint}
    return _from_chances(network, every, float(found.log_evidence[0]))


def _from_chances(network: Network, every: Mapping[str, FloatArray], log_probability: float) -> _Background:
    columns, offset, states, width = [], {}, {}, 0
    for name, chances in every.items():
        table = _table(chances, noticed=network.variable(name).role != "factor")
        offset[name] = width
        states[name] = range(width + _MARKS, width := width + table.shape[1])
        columns.append(table)
    return _Background(log_probability, np.concatenate(columns, axis=1), offset, states)


def _table(probability: FloatArray, *, noticed: bool) -> FloatArray:
    """The five rows for every code of a variable with this distribution, (5, marks + states)."""
    with np.errstate(divide="ignore"):
        logs = np.log2(probability)
    table = np.zeros((5, _MARKS + len(logs)))
    table[_LOG, _MARKS:] = logs
    table[_COUNT, _MARKS:] = 1.0
    if noticed:
        bits = np.where(probability > 0.0, -logs, 0.0)
        mean = float(probability @ bits)
        table[_UNUSUAL, _MARKS:] = bits
        table[_MEAN, _MARKS:] = mean
        table[_VARIANCE, _MARKS:] = max(0.0, float(probability @ bits**2) - mean**2)
    return table


def _sums(evidence: Evidence, background: _Background) -> tuple[FloatArray, FloatArray]:
    """The rows added up over the findings of each case, (5, n_cases), and those beside the most unusual.

    The second is its surprise, the surprise expected and its variance (3, n_cases); zeros where there is too
    little.
    """
    names = [name for name in evidence.codes if name in background.offset]
    if not names:
        return np.zeros((5, evidence.n_cases)), np.zeros((3, evidence.n_cases))
    if evidence.n_cases > _FEW:
        return _sums_one_by_one(evidence, background, names)
    found = _looked_up(evidence, background, names)
    sums = found.sum(axis=1)
    most = found[_UNUSUAL].argmax(axis=0)
    across = np.arange(evidence.n_cases)
    left_out = found[_UNUSUAL : _VARIANCE + 1, most, across]
    noticed = (found[_VARIANCE] > 0.0).sum(axis=0) >= LEAST_NOTICED
    return sums, np.where(noticed, sums[_UNUSUAL : _VARIANCE + 1] - left_out, 0.0)


def _looked_up(evidence: Evidence, background: _Background, names: Sequence[str]) -> FloatArray:
    """The rows of each of these variables, (5, n_names, n_cases)."""
    if not names:
        return np.zeros((5, 0, evidence.n_cases))
    first = np.array([[background.offset[name] + _MARKS] for name in names])
    found = background.table.take(first + [evidence.codes[name] for name in names], axis=1)
    for at, name in enumerate(names):
        if name in evidence.likelihoods:
            _soften(found[:, at], evidence, background, name)
    return found


def _sums_one_by_one(
    evidence: Evidence, background: _Background, names: Sequence[str]
) -> tuple[FloatArray, FloatArray]:
    """The same for many cases: a variable at a time, so that what is looked up stays in the cache."""
    sums, most = np.zeros((5, evidence.n_cases)), np.zeros((3, evidence.n_cases))
    noticed = np.zeros(evidence.n_cases, dtype=np.intp)
    for at, name in enumerate(names):
        at_code = np.add(evidence.codes[name], background.offset[name] + _MARKS, dtype=np.intp)
        column = background.table.take(at_code, axis=1)
        if name in evidence.likelihoods:
            _soften(column, evidence, background, name)
        sums += column
        noticed += column[_VARIANCE] > 0.0
        unusual = column[_UNUSUAL : _VARIANCE + 1]
        if at == 0:
            most[:] = unusual
        else:
            np.copyto(most, unusual, where=unusual[0] > most[0])
    return sums, np.where(noticed >= LEAST_NOTICED, sums[_UNUSUAL : _VARIANCE + 1] - most, 0.0)


def _soften(found: FloatArray, evidence: Evidence, background: _Background, name: str) -> None:
    """In place: a soft finding has the probability of having been noticed, and no surprise of its own."""
    soft = np.flatnonzero(evidence.codes[name] == SOFT)
    weights = evidence.likelihoods[name][soft]
    start = background.offset[name] + _MARKS
    own = np.exp2(background.table[_LOG, start : start + weights.shape[1]])
    found[_LOG, soft] = np.log2(weights @ own)
    found[_COUNT, soft] = 1.0
