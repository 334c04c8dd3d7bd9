"""From cases to screenings: everything a screening says comes from one batch of hypothetical cases.

The case itself, a person nothing is known of, one with every factor at its lowest state, and the case once
more for every factor that could be changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from massage_pain.advice.assessor import Assessor
from massage_pain.advice.counsel import Counsel, Counsellor
from massage_pain.advice.screening import Change, ComplaintChance, Screening
from massage_pain.errors import ImpossibleEvidenceError
from massage_pain.inference.case import Case, Likelihood
from massage_pain.inference.cause_beliefs import cause_beliefs, posterior_in
from massage_pain.inference.evidence import evidence_of
from massage_pain.inference.posterior import Posterior
from massage_pain.knowledge.variable import Variable


@dataclass(frozen=True, eq=False)
class Screener:
    """The engine and the rules of one network, asked about cases before a massage."""

    assessor: Assessor

    @cached_property
    def counsellor(self) -> Counsellor | None:
        """The rules ready to speak; None where there are none."""
        rules = self.assessor.rules
        return None if rules is None else Counsellor(rules, self.assessor.network, "screen")

    @cached_property
    def before(self) -> Posterior:
        """P(causes) of somebody nothing is known of."""
        evidence = evidence_of(self.assessor.network)
        return posterior_in(self.assessor.engine, evidence, cause_beliefs(self.assessor.engine, evidence), 0)

    @cached_property
    def _baselines(self) -> tuple[float, float]:
        """P(complaint) of somebody nothing is known of, and of one without any factor."""
        without = Case({each.id: each.states[0] for each in self.assessor.network.factors})
        found = self._complaint([Case(), without])
        return found[0], found[1]

    def screen(self, case: Mapping[str, Any]) -> Screening:
        """One case. Raises the error of a wrong finding and `ImpossibleEvidenceError`."""
        network, engine = self.assessor.network, self.assessor.engine
        known, evidence = self.assessor.accepted(case)
        beliefs = cause_beliefs(engine, evidence)
        try:
            posterior = posterior_in(engine, evidence, beliefs, 0)
        except ImpossibleEvidenceError as error:
            raise self.assessor.with_red_flags(error, evidence) from None
        counsel = Counsel()
        if self.counsellor is not None:
            counsel = self.counsellor.counsel(known, evidence, beliefs.chances)
        chance, change = self._what_to_change(known)
        return Screening(network, self.assessor.rules, known, posterior, self.before, chance, change, counsel)

    def _what_to_change(self, case: Case) -> tuple[ComplaintChance | None, tuple[Change, ...]]:
        network = self.assessor.network
        if network.complaint is None:
            return None, ()
        factors = [
            each for each in network.factors if each.modifiable and _raised_state(each, case) is not None
        ]
        lowered = [Case({**case, each.id: each.states[0]}) for each in factors]
        now, *then = self._complaint([case, *lowered])
        before, no_factor = self._baselines
        found = [
            Change(
                each.id,
                each.label,
                _raised_state(each, case) or "",
                each.states[0],
                chance,
                100.0 * (now - chance),
            )
            for each, chance in zip(factors, then, strict=True)
            if chance < now
        ]
        found.sort(key=lambda each: -each.fewer_in_100)
        return ComplaintChance(network.complaint.label, now, before, no_factor), tuple(found)

    def _complaint(self, cases: list[Case]) -> list[float]:
        """P(complaint | case) for each; NaN where the case cannot be."""
        network = self.assessor.network
        complaint = network.complaint
        assert complaint is not None
        found = self.assessor.engine.propagate(evidence_of(network, cases), (complaint.id,))
        chances: list[float] = found.marginals[complaint.id][:, complaint.present_index].tolist()
        return chances


def _raised_state(variable: Variable, case: Case) -> str | None:
    """The state a factor was said to be in, if it is above the lowest; of soft evidence the likeliest."""
    value = case.get(variable.id)
    if isinstance(value, Likelihood):
        weights = value
        value = max(variable.states, key=lambda state: weights[state])
    if isinstance(value, str) and value in variable.states[1:]:
        return value
    return None
