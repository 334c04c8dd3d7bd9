"""What speaks for easing off or stopping a massage, from what is known at one moment of it.

The levels, and which reason leads to which, are judgement, not reviewed by a clinician:

* A red flag or a rule of advice: emergency -> stop and call for help; the same day -> stop and get help
  today; see a doctor, or stop and rest -> stop.
* The complaint or any symptom reported during the session, in any state above its lowest -> stop. (The
  article: "if any of the above-mentioned discomforts occur, the massage should be stopped promptly".) Where
  the person cannot tell, or it is less than half likely -> ease off. So it is with a safety question asked
  during the session that some red flag reads.
* Something that forbids a massage -> stop; something a doctor should be asked about first -> ease off.
* The chance of the complaint risen to at least `RISE` times what it was at the start, and by at least
  `POINTS` -> ease off.

The complaint is not taken for granted here: the massage is still going on. Before anything hurts no rule
about "none of these causes" applies, because then there is nothing to explain.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from massage_pain.advice.answers import answer_words
from massage_pain.advice.assessor import Assessor
from massage_pain.advice.judgement import Judge
from massage_pain.advice.reasons import because, percent
from massage_pain.advice.truth import TruthTable
from massage_pain.advice.urgency import Contraindication, Urgency
from massage_pain.inference.case import UNSURE, Case, Finding, Likelihood
from massage_pain.inference.cause_beliefs import cause_beliefs
from massage_pain.inference.evidence import Evidence, evidence_of
from massage_pain.inference.impossible import smallest_conflict_of
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.variable import Variable

RISE, POINTS = 1.2, 0.02
"""How much the chance of the complaint may rise before one should ease off: a factor, and a difference."""


class SessionAction(enum.IntEnum):
    """What to do with a massage that is going on, mildest first.

    >>> SessionAction.STOP > SessionAction.EASE_OFF
    True
    """

    CONTINUE = 0
    EASE_OFF = 1
    STOP = 2
    STOP_AND_GET_HELP_TODAY = 3
    STOP_AND_CALL_FOR_HELP = 4

    @classmethod
    def of(cls, urgency: int) -> SessionAction:
        """What an urgency means while the massage is going on."""
        if urgency >= Urgency.EMERGENCY:
            return cls.STOP_AND_CALL_FOR_HELP
        if urgency >= Urgency.SAME_DAY:
            return cls.STOP_AND_GET_HELP_TODAY
        return cls.STOP if urgency >= Urgency.STOP_AND_REST else cls.CONTINUE


@dataclass(frozen=True, slots=True)
class SessionReason:
    """One reason: `id` names it ("red_flag:fever"), `words` say it, `do` is what it asks for."""

    id: str
    action: SessionAction
    words: str
    do: str


class SessionReasons:
    """The reasons for one network and its rules; made once, asked at every moment."""

    def __init__(self, assessor: Assessor) -> None:
        self._assessor = assessor
        self._network = assessor.network

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._assessor,)

    @cached_property
    def _judge(self) -> Judge | None:
        rules = self._assessor.rules
        return None if rules is None else Judge(rules, self._network)

    @cached_property
    def _warning_signs(self) -> frozenset[str]:
        """The safety questions that some red flag reads."""
        if self._judge is None:
            return frozenset()
        return self._judge.flag_table.variables & {each.id for each in self._network.screening}

    @cached_property
    def _against(self) -> TruthTable | None:
        rules = self._assessor.rules
        if rules is None:
            return None
        return TruthTable([each.when for each in rules.contraindications], self._network)

    def risk(self, evidence: Evidence) -> float:
        """P(complaint) now; where the network has none, P(any cause)."""
        complaint = self._network.complaint
        if complaint is None:
            return 1.0 - float(cause_beliefs(self._assessor.engine, evidence).none_of_these[0])
        found = self._assessor.engine.propagate(evidence, (complaint.id,))
        return float(found.marginals[complaint.id][0, complaint.present_index])

    def at(self, case: Case, reported: Mapping[str, Finding], risk_at_start: float) -> list[SessionReason]:
        """The reasons that hold now, the gravest first.

        `case` is everything known by now, `reported` what was said of it during the session. Raises the
        error of a wrong finding and `ImpossibleEvidenceError`.
        """
        evidence = evidence_of(self._network, case)
        for error in evidence.refused.values():
            raise error
        beliefs = cause_beliefs(self._assessor.engine, evidence)
        if beliefs.log_evidence[0] == -np.inf:
            conflict = smallest_conflict_of(self._assessor.engine, evidence, 0)
            raise self._assessor.with_red_flags(conflict, evidence)
        found = [
            *self._of_rules(case, evidence, beliefs.chances),
            *self._of_contraindications(evidence),
            *self._of_reports(reported),
            *self._of_risk(evidence, risk_at_start),
        ]
        return sorted(found, key=lambda each: -each.action)

    def _of_rules(self, case: Case, evidence: Evidence, chances: FloatArray) -> Iterator[SessionReason]:
        judge = self._judge
        if judge is None:
            return
        complaint = self._network.complaint
        codes = None if complaint is None else evidence.codes.get(complaint.id)
        hurts = complaint is None or (codes is not None and int(codes[0]) == complaint.present_index)
        if not hurts:
            chances = chances.copy()
            chances[:, -1] = np.nan  # nothing hurts yet: that no cause is present is no news
        raised = judge.flag_table.evaluate(evidence, possible=False).true
        for row in np.flatnonzero(raised[:, 0]).tolist() if len(raised) else ():
            flag = judge.rules.red_flags[row]
            action = SessionAction.of(flag.urgency)
            yield SessionReason(f"red_flag:{flag.id}", action, f"{flag.label}. {flag.why}", flag.action)
        outcome = judge.advice_table.evaluate(evidence, chances, raised, possible=False)
        said = {name: answer_words(self._network.variable(name), value) for name, value in case.items()}
        causes: tuple[str | None, ...] = (*(each.id for each in self._network.causes), None)
        figures = dict(zip(causes, chances[0].tolist(), strict=True))
        flags = {each.id: each.label for each in judge.rules.red_flags}
        told: set[SessionAction] = set()
        for row, rule in enumerate(judge.advice):
            action = SessionAction.of(rule.urgency)
            # several rules ask for the same; one reason for each action is enough to clear
            if action is SessionAction.CONTINUE or action in told or not outcome.true[row, 0]:
                continue
            told.add(action)
            satisfied = next(
                judge.advice_table.conjunctions[at]
                for at in judge.advice_table.spans[row]
                if outcome.holding[0, at, 0]
            )
            why = because(satisfied, self._network, said, figures, flags)
            yield SessionReason(f"advice:{action.name.lower()}", action, why, rule.action)

    def _of_contraindications(self, evidence: Evidence) -> Iterator[SessionReason]:
        rules = self._assessor.rules
        if rules is None or self._against is None or not rules.contraindications:
            return
        holds = self._against.evaluate(evidence, possible=False).true
        for row in np.flatnonzero(holds[:, 0]).tolist():
            rule = rules.contraindications[row]
            forbids = rule.level >= Contraindication.DO_NOT_MASSAGE
            action = SessionAction.STOP if forbids else SessionAction.EASE_OFF
            yield SessionReason(
                f"contraindication:{rule.id}", action, f"{rule.label}. {rule.why}", rule.action
            )

    def _of_reports(self, reported: Mapping[str, Finding]) -> Iterator[SessionReason]:
        for name, value in reported.items():
            variable = self._network.variable(name)
            if variable.numeric is not None or not (
                variable.role in ("complaint", "symptom") or name in self._warning_signs
            ):
                continue
            action = _of_report(variable, value)
            if action is SessionAction.STOP and variable.role == "screening":
                continue  # the red flags say what it means
            if action is not SessionAction.CONTINUE:
                words = f"{variable.label}: {answer_words(variable, value)}"
                do = "Stop the massage." if action is SessionAction.STOP else "Ease off and ask again."
                yield SessionReason(f"reported:{name}", action, words, do)

    def _of_risk(self, evidence: Evidence, start: float) -> Iterator[SessionReason]:
        now = self.risk(evidence)
        if now >= RISE * start and now - start >= POINTS:
            complaint = self._network.complaint
            what = "a cause" if complaint is None else complaint.label
            yield SessionReason(
                "risk",
                SessionAction.EASE_OFF,
                f"The chance of {what[:1].lower()}{what[1:]} has risen from {percent(start)} to "
                f"{percent(now)}.",
                "Ease off: lighter, shorter, or elsewhere.",
            )


def _of_report(variable: Variable, value: Finding) -> SessionAction:
    """What the report of a complaint or symptom means by itself."""
    lowest = variable.states[0]
    if value is UNSURE and "unsure" not in variable.states:
        return SessionAction.EASE_OFF
    if isinstance(value, Likelihood):
        others = max(value[each] for each in variable.states if each != lowest)
        if others >= value[lowest]:
            return SessionAction.STOP
        return SessionAction.EASE_OFF if others > 0.0 else SessionAction.CONTINUE
    present = value if isinstance(value, bool) else value != lowest
    return SessionAction.STOP if present else SessionAction.CONTINUE
