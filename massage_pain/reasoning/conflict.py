"""Whether the findings of a case fit together, and what does not fit.

The conflict measure and the surprise of the whole case are those of `inference.conflict_measure`; here they
are taken apart:

* how many cases like it, drawn from the network with the same questions answered, are as conflicting, and
  as surprising;
* which findings cause the conflict: how much of it goes when one is left out, what its chance is given all
  the others, and which pairs speak against each other;
* whether a rare cause explains it away (Jensen et al. 1991): findings that look contradictory can be just
  what a rare cause brings. A cause does if the case raises its own chance by at least as many bits as the
  conflict has, because then the findings together with that cause are in no conflict any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from massage_pain.advice.answers import Said, said_in_words
from massage_pain.advice.assessor import Assessor
from massage_pain.inference.case import Case
from massage_pain.inference.cause_beliefs import cause_beliefs
from massage_pain.inference.conflict_measure import ConflictMeasure, Fit
from massage_pain.inference.evidence import SOFT, Evidence
from massage_pain.inference.impossible import smallest_conflict_of
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network
from massage_pain.reasoning.case_record import CaseRecord
from massage_pain.reasoning.completion import completed
from massage_pain.reasoning.hypotheses import accepted_case, beginning, changed, weighed, with_kept
from massage_pain.reasoning.simulation import MOST_DRAWS, checked_count, generator

if TYPE_CHECKING:
    import pandas

DRAWS = 1000
"""Cases drawn to compare with."""


@dataclass(frozen=True, slots=True)
class FittingFinding:
    """How one finding fits with the others.

    `adds` is the conflict that goes when it is left out (bits). `alone` is its probability given the
    complaint, `with_others` given all the other findings. `usual` is the likeliest answer given the others,
    in words, and `usual_probability` its probability.
    """

    said: Said
    adds: float
    alone: float
    with_others: float
    usual: str
    usual_probability: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two findings that speak against each other, by `conflict` bits."""

    variables: tuple[str, str]
    conflict: float


@dataclass(frozen=True, slots=True)
class RareCause:
    """A cause that explains the conflict away: the case raises its chance by `raised` bits."""

    cause: str
    before: float
    after: float
    raised: float


@dataclass(frozen=True, eq=False, repr=False)
class Conflict:
    """How well the findings of one case fit together.

    `bits` is the conflict (above zero: they speak against each other), `surprise` that of the whole case
    (bits) and `deviations` how unusual it is beside its most unusual finding (standard deviations).
    `as_conflicting` and `as_surprising` are the shares of `draws` simulated cases with the same
    questions answered that are at least so. `misfit` from 1 on means that they fit poorly together.
    """

    network: Network
    case: Case
    bits: float
    surprise: float
    deviations: float
    misfit: float
    as_conflicting: float
    as_surprising: float
    draws: int
    none_of_these: float
    findings: tuple[FittingFinding, ...]
    pairs: tuple[Pair, ...]
    explained_by: tuple[RareCause, ...]
    record: Mapping[str, Any] = field(repr=False)

    @property
    def poor(self) -> bool:
        """Whether the findings fit poorly together."""
        return self.misfit >= 1.0

    @property
    def percentile(self) -> float:
        """The share of simulated cases (percent) that are less surprising than this one."""
        return 100.0 * (1.0 - self.as_surprising)

    def to_frame(self) -> pandas.DataFrame:
        """A row a finding, the one that adds most to the conflict first."""
        import pandas as pd

        columns = ["label", "answer", "adds", "alone", "with_others", "usual", "usual_probability"]
        rows = [
            (e.said.label, e.said.answer, e.adds, e.alone, e.with_others, e.usual, e.usual_probability)
            for e in self.findings
        ]
        index = pd.Index([each.said.variable for each in self.findings], name="finding", dtype="object")
        return pd.DataFrame(rows, index=index, columns=columns)

    def to_dict(self) -> dict[str, Any]:
        """The whole answer as plain JSON values."""
        label = {each.id: each.label for each in self.network.variables}
        return {
            **self.record,
            "kind": "conflict",
            "findings": self.case.to_dict(),
            "bits": self.bits,
            "surprise": self.surprise,
            "deviations": self.deviations,
            "misfit": self.misfit,
            "poor": self.poor,
            "as_conflicting": self.as_conflicting,
            "as_surprising": self.as_surprising,
            "draws": self.draws,
            "none_of_these": self.none_of_these,
            "fits": [
                {
                    "variable": each.said.variable,
                    "label": each.said.label,
                    "answer": each.said.answer,
                    "adds": each.adds,
                    "alone": each.alone,
                    "with_others": each.with_others,
                    "usual": each.usual,
                    "usual_probability": each.usual_probability,
                }
                for each in self.findings
            ],
            "pairs": [
                {
                    "variables": list(each.variables),
                    "labels": [label[name] for name in each.variables],
                    "conflict": each.conflict,
                }
                for each in self.pairs
            ],
            "explained_by": [
                {
                    "id": each.cause,
                    "label": label[each.cause],
                    "before": each.before,
                    "after": each.after,
                    "raised": each.raised,
                }
                for each in self.explained_by
            ],
        }

    def __str__(self) -> str:
        from massage_pain.display.tables import text_of

        return text_of(self.to_dict())

    def _repr_html_(self) -> str:
        from massage_pain.display.tables import html_of

        return html_of(self.to_dict())

    def __repr__(self) -> str:
        return f"<Conflict: {self.bits:+.2f} bits; {'fits poorly' if self.poor else 'fits'}>"


def conflict(assessor: Assessor, case: Mapping[str, Any], *, draws: int = DRAWS, seed: int = 0) -> Conflict:
    """How well the findings of one case fit together, and which do not.

    Raises the error of a wrong finding, `ImpossibleEvidenceError` for findings that contradict each other
    outright, and `QueryError` for a wrong number.
    """
    draws = checked_count(draws, "draws", least=1, most=MOST_DRAWS)
    rng = generator(seed)
    network, engine = assessor.network, assessor.engine
    known, one = accepted_case(assessor, case)
    names = weighed(network, one)
    measure = ConflictMeasure(engine)
    beliefs = cause_beliefs(engine, one)
    if beliefs.log_evidence[0] == -np.inf:
        raise assessor.with_red_flags(smallest_conflict_of(engine, one, 0), one)
    whole = measure.fit(one, beliefs.log_evidence)
    parts = _Parts(assessor, one, names, measure, beliefs.log_evidence)
    others = _simulated(assessor, one, names, measure, draws, rng)
    said = {each.variable: each for each in said_in_words(network, known)}
    bits = float(whole.conflict[0])
    surprise = _hard(assessor, one, names, measure)
    return Conflict(
        network,
        known,
        bits,
        float(whole.surprise[0]),
        float(whole.deviations[0]),
        float(whole.misfit[0]),
        # at least as much: equal cases count, whatever rounding says
        as_conflicting=float((others.conflict >= surprise[0] - 1e-9).mean()),
        as_surprising=float((others.surprise >= surprise[1] - 1e-9).mean()),
        draws=draws,
        none_of_these=float(beliefs.none_of_these[0]),
        findings=parts.findings(said),
        pairs=parts.pairs(),
        explained_by=_rare_causes(assessor, one, beliefs.probabilities[0], bits),
        record=CaseRecord(assessor, known),
    )


class _Parts:
    """The conflict taken apart: one batch of the case without each finding, one of each pair."""

    def __init__(
        self,
        assessor: Assessor,
        one: Evidence,
        names: list[str],
        measure: ConflictMeasure,
        log_evidence: FloatArray,
    ) -> None:
        self._network, self._engine = assessor.network, assessor.engine
        self._one, self._names, self._measure = one, names, measure
        self._log_evidence = float(log_evidence[0])

    def findings(self, said: Mapping[str, Said]) -> tuple[FittingFinding, ...]:
        if not self._names:
            return ()
        count = len(self._names)
        without = with_kept(self._one, self._names, ~np.eye(count, dtype=bool))
        marginals = self._engine.propagate(without, tuple(self._names))
        fit = self._measure.fit(without, marginals.log_evidence)
        whole = self._measure.fit(self._one, np.array([self._log_evidence]))
        alone = with_kept(self._one, self._names, np.eye(count, dtype=bool))
        single = self._measure.fit(alone, self._engine.propagate(alone, ()).log_evidence)
        found = []
        for at, name in enumerate(self._names):
            variable = self._network.variable(name)
            others = marginals.marginals[name][at]
            usual = int(others.argmax())
            found.append(
                FittingFinding(
                    said[name],
                    float(whole.conflict[0] - fit.conflict[at]),
                    float(np.exp2(-single.surprise[at])),
                    float(np.exp(self._log_evidence - marginals.log_evidence[at])),
                    variable.state_labels[usual],
                    float(others[usual]),
                )
            )
        return tuple(sorted(found, key=lambda each: -round(each.adds, 9)))

    def pairs(self) -> tuple[Pair, ...]:
        """The pairs that speak against each other, the strongest first."""
        pairs = list(combinations(range(len(self._names)), 2))
        if not pairs:
            return ()
        kept = np.zeros((len(pairs), len(self._names)), dtype=bool)
        np.put_along_axis(kept, np.array(pairs, dtype=np.intp), True, axis=1)
        evidence = with_kept(self._one, self._names, kept)
        fit = self._measure.fit(evidence, self._engine.propagate(evidence, ()).log_evidence)
        found = [
            Pair((self._names[a], self._names[b]), float(bits))
            for (a, b), bits in zip(pairs, fit.conflict.tolist(), strict=True)
            if bits > 1e-9
        ]
        return tuple(sorted(found, key=lambda each: -round(each.conflict, 9)))


def _rare_causes(assessor: Assessor, one: Evidence, after: FloatArray, bits: float) -> tuple[RareCause, ...]:
    """The causes whose chance the case raises by at least the conflict, the most raised first."""
    if bits <= 0.0:
        return ()
    network = assessor.network
    before = cause_beliefs(assessor.engine, beginning(network, one)).probabilities[0]
    found = []
    for at, cause in enumerate(network.causes):
        if before[at] > 0.0 and after[at] > 0.0 and cause.id not in one.codes:
            raised = float(np.log2(after[at] / before[at]))
            if raised >= bits:
                found.append(RareCause(cause.id, float(before[at]), float(after[at]), raised))
    return tuple(sorted(found, key=lambda each: -each.raised))


def _hard(
    assessor: Assessor, one: Evidence, names: list[str], measure: ConflictMeasure
) -> tuple[float, float]:
    """Conflict and surprise of the definite findings, which can be compared with drawn ones."""
    definite = np.array([[one.codes[name][0] != SOFT for name in names]], dtype=bool).reshape(1, -1)
    evidence = with_kept(one, names, definite)
    fit = measure.fit(evidence, assessor.engine.propagate(evidence, ()).log_evidence)
    return float(fit.conflict[0]), float(fit.surprise[0])


def _simulated(
    assessor: Assessor,
    one: Evidence,
    names: list[str],
    measure: ConflictMeasure,
    draws: int,
    rng: np.random.Generator,
) -> Fit:
    """How well the findings of drawn cases fit, with the same questions answered and the same complaint."""
    begin = beginning(assessor.network, one)
    definite = [name for name in names if one.codes[name][0] != SOFT]
    found = completed(assessor.engine, begin, definite, draws, rng)
    evidence = changed(begin, {name: found[name] for name in definite}, draws)
    return measure.fit(evidence, assessor.engine.propagate(evidence, ()).log_evidence)
