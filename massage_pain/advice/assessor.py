"""From cases to assessments: the engine's chances and the rules' word put together.

The complaint is taken for granted (the person came because it hurts) unless the case says otherwise; a
case that says UNSURE of it leaves it open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from massage_pain.advice.answers import in_one_form
from massage_pain.advice.counsel import Counsel, Counsellor
from massage_pain.advice.judgement import Judge, Judgement
from massage_pain.advice.rules import Rules
from massage_pain.advice.truth import Truths
from massage_pain.errors import ImpossibleEvidenceError
from massage_pain.inference.case import Case
from massage_pain.inference.cause_beliefs import CauseBeliefs, cause_beliefs, posterior_in
from massage_pain.inference.conflict_measure import ConflictMeasure
from massage_pain.inference.evidence import NOT_ASKED, Evidence, evidence_of
from massage_pain.inference.posterior import Posterior
from massage_pain.inference.propagation import Engine
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.rebuilding import rebuilt

if TYPE_CHECKING:
    from massage_pain.advice.assessment import Assessment


def with_complaint(network: Network, evidence: Evidence) -> Evidence:
    """The same evidence with the complaint present where nothing was said of it."""
    complaint = network.complaint
    if complaint is None:
        return evidence
    said = evidence.codes.get(complaint.id)
    present = np.int16(complaint.present_index)
    if said is None:
        column = np.full(evidence.n_cases, present, dtype=np.int16)
    elif (said == NOT_ASKED).any():
        column = np.where(said == NOT_ASKED, present, said)
    else:
        return evidence
    return evidence.with_codes({**evidence.codes, complaint.id: column})


def _unanswered_where_impossible(beliefs: CauseBeliefs) -> CauseBeliefs:
    """NaN wherever the findings cannot occur together, whatever engine answered."""
    impossible = np.isneginf(beliefs.log_evidence)
    return _unanswered(beliefs, impossible) if impossible.any() else beliefs


def _unanswered(beliefs: CauseBeliefs, cases: Truths) -> CauseBeliefs:
    """The same with NaN for some cases."""
    return replace(beliefs, chances=np.where(cases[:, None], np.nan, beliefs.chances))


@dataclass(frozen=True, eq=False)
class Assessor:
    """The engine and the rules of one network, asked about cases after (or during) a massage."""

    engine: Engine
    rules: Rules | None

    def __reduce__(self) -> tuple[Any, ...]:
        return rebuilt(self)

    @property
    def network(self) -> Network:
        """The network it speaks of."""
        return self.engine.network

    @cached_property
    def _order(self) -> Mapping[str, int]:
        """The position of every variable."""
        return {each.id: at for at, each in enumerate(self.network.variables)}

    @cached_property
    def counsellor(self) -> Counsellor | None:
        """The rules ready to speak; None where there are none."""
        return None if self.rules is None else Counsellor(self.rules, self.network, "assess")

    @cached_property
    def _measure(self) -> ConflictMeasure:
        return ConflictMeasure(self.engine)

    @cached_property
    def before(self) -> Posterior:
        """P(causes) with nothing known but the complaint."""
        return self._posterior(with_complaint(self.network, evidence_of(self.network)))

    def assess(self, case: Mapping[str, Any]) -> Assessment:
        """One case. Raises the error of a wrong finding and `ImpossibleEvidenceError`."""
        known, said = self.accepted(case)
        evidence = with_complaint(self.network, said)
        beliefs = cause_beliefs(self.engine, evidence)
        try:
            posterior = posterior_in(self.engine, evidence, beliefs, 0)
        except ImpossibleEvidenceError as error:
            raise self.with_red_flags(error, said) from None
        counsel, misfit = Counsel(), None
        if self.counsellor is not None:
            misfit = self.misfit(evidence, beliefs.log_evidence)
            counsel = self.counsellor.counsel(known, evidence, beliefs.chances, misfit)
        complaint = self.network.complaint
        assumed = complaint is not None and complaint.id not in known
        before = self.before if self._is_plain(known) else self._before(said)
        from massage_pain.advice.assessment import Assessment  # here: a first posterior needs none

        return Assessment(
            self.network,
            self.rules,
            known,
            posterior,
            before,
            counsel,
            complaint_assumed=assumed,
            misfit=None if misfit is None else float(misfit[0]),
        )

    def accepted(self, case: Mapping[str, Any]) -> tuple[Case, Evidence]:
        """The case in one form, and its evidence in the same order.

        The order in which findings are given must not matter, not even to the last digit. Raises the error
        of a wrong finding.
        """
        said = evidence_of(self.network, case)
        for error in said.refused.values():
            raise error
        codes = {name: said.codes[name] for name in sorted(said.codes, key=self._order.__getitem__)}
        evidence = said.with_codes(codes)
        return in_one_form(self.network, evidence), evidence

    def with_assumed_complaint(self, evidence: Evidence) -> Evidence:
        """The same evidence with the complaint present where nothing was said of it."""
        return with_complaint(self.network, evidence)

    def beliefs(self, evidence: Evidence) -> CauseBeliefs:
        """Chances of many cases; NaN where the findings cannot occur together."""
        return _unanswered_where_impossible(cause_beliefs(self.engine, self.with_assumed_complaint(evidence)))

    def judge(
        self, evidence: Evidence, refused: Truths | None = None
    ) -> tuple[CauseBeliefs, Judgement | None]:
        """Chances and judgement of many cases; NaN where the findings cannot occur together.

        `refused` (n_cases,): cases of which only some findings are known to be right. They have no chances
        either, so they are judged by what was answered alone.
        """
        beliefs = self.beliefs(evidence)
        if refused is not None:
            beliefs = _unanswered(beliefs, refused)
        if self.counsellor is None:
            return beliefs, None
        evidence = with_complaint(self.network, evidence)
        misfit = self.misfit(evidence, beliefs.log_evidence)
        if misfit is not None and refused is not None:
            misfit = np.where(refused, np.nan, misfit)
        return beliefs, self.counsellor.judge.judge(evidence, beliefs.chances, misfit)

    def misfit(self, evidence: Evidence, log_evidence: FloatArray) -> FloatArray | None:
        """How poorly the findings of each case fit together, from 1 on poorly; None if no rule reads it.

        The complaint must be in the evidence. `log_evidence` (n_cases,): natural logarithm of P(findings).
        """
        if self.counsellor is None or not self.counsellor.judge.advice_table.reads_misfit:
            return None
        return self._measure.fit(evidence, log_evidence).misfit

    def misfit_with_one_more(
        self, one: Evidence, names: Sequence[str], log_evidence: FloatArray
    ) -> FloatArray | None:
        """The same for one case, then with each state of each of `names` added, in turn."""
        if self.counsellor is None or not self.counsellor.judge.advice_table.reads_misfit:
            return None
        return self._measure.fit_with_one_more(one, names, log_evidence).misfit

    def with_red_flags(self, error: ImpossibleEvidenceError, evidence: Evidence) -> ImpossibleEvidenceError:
        """The error, with any warning sign that the answers raise all the same.

        That findings contradict each other is no reason to keep silent about an emergency.
        """
        raised = self.raised_by_answers(evidence)
        if not raised:
            return error
        return ImpossibleEvidenceError(f"{error} {' '.join(raised)}", findings=error.findings)

    def raised_by_answers(self, evidence: Evidence) -> list[str]:
        """What the red flags raised by one case ask for, most urgent first, in words."""
        if self.rules is None:
            return []
        flags = self.rules.red_flags
        table = Judge(self.rules, self.network).flag_table
        outcome = table.evaluate(with_complaint(self.network, evidence), possible=False)
        raised = [flags[row] for row in np.flatnonzero(outcome.true[:, 0]).tolist()]
        raised.sort(key=lambda each: -each.urgency)
        return [f"Warning sign all the same: {each.label}. {each.action}" for each in raised]

    def _posterior(self, evidence: Evidence) -> Posterior:
        return posterior_in(self.engine, evidence, cause_beliefs(self.engine, evidence), 0)

    def _is_plain(self, case: Case) -> bool:
        """Whether the complaint is as `before` has it: present, or not spoken of."""
        complaint = self.network.complaint
        return complaint is None or case.get(complaint.id, complaint.present) == complaint.present

    def _before(self, said: Evidence) -> Posterior:
        """P(causes) with nothing known but what was said of the complaint."""
        complaint = self.network.complaint
        assert complaint is not None
        codes = {name: each for name, each in said.codes.items() if name == complaint.id}
        soft = {name: each for name, each in said.likelihoods.items() if name == complaint.id}
        return self._posterior(Evidence(said.n_cases, codes, soft, {}, {}))
