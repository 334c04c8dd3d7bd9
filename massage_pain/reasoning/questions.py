"""Which question to ask next, and when to stop asking.

**Safety first.** The open safety questions come before everything else (`safety_questions`).

**Then what matters.** For every other unanswered finding each possible answer is a hypothetical case; all of
them go through the engine and the rules as one batch. From it come

* the chance that the answer changes the decision (`prospects`): the urgency, or cold and warmth;
* the expected information about the causes, in bits: the mutual information of the answer A and the
  joint state C of the causes given the findings, I(A; C) = H(C) - sum over a of P(a) H(C | a) (Shannon 1948;
  Lindley 1956 for its use in choosing what to observe);
* what each answer would do.

Questions are ranked by the chance of a change per cost, then by information per cost. An interview, which
goes on until it is done, takes another order (`next`): the question likeliest to change the decision is
often one whose change the next answer takes back.

**Then stop.** Enough is known when no single remaining answer changes the decision and all of them together
would with a chance below 5% (`same_decision`). In an emergency nothing more is asked at all.

An answered question never returns, nor does one the person could not answer (UNSURE), nor one that has only
one possible answer left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from massage_pain.advice.assessor import Assessor
from massage_pain.advice.urgency import Urgency
from massage_pain.errors import ComplexityError
from massage_pain.inference.case import Case
from massage_pain.inference.evidence import NOT_ASKED, Evidence
from massage_pain.inference.impossible import smallest_conflict_of
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.hypotheses import accepted_case
from massage_pain.reasoning.prospects import prospects_with_one_more
from massage_pain.reasoning.ranking import Question, Ranking, ranked
from massage_pain.reasoning.safety_questions import (
    OpenSafety,
    SafetyQuestion,
    grouped,
    open_safety,
)
from massage_pain.reasoning.same_decision import SameDecision, same_decision
from massage_pain.reasoning.simulation import MOST_DRAWS, checked_count

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

ENOUGH = 0.95
"""The same-decision probability at which asking stops."""

DRAWS = 400
"""Hypothetical cases drawn for the same-decision probability where it is not exact."""


@dataclass(frozen=True, eq=False, repr=False)
class Questions:
    """What to ask next: `safety` first, then `questions` (the `top` of `ranked`).

    All numbers are worked out when it is made, words when they are looked at. `unsure` are the variables
    that could raise the urgency but that the person could not tell.
    """

    network: Network
    case: Case
    urgency: Urgency | None
    unsure: tuple[str, ...]
    top: int
    _safety: Mapping[str, int] = field(repr=False)
    _ranking: Ranking = field(repr=False)
    _look_ahead: Callable[[], SameDecision] = field(repr=False)

    @cached_property
    def safety(self) -> tuple[SafetyQuestion, ...]:
        """The open safety questions in groups that one sentence can ask, the most urgent first."""
        return grouped(self.network, self._safety)

    @cached_property
    def ranked(self) -> tuple[Question, ...]:
        """All other open questions, best first."""
        return self._ranking.questions(self.network)

    @property
    def next(self) -> SafetyQuestion | Question | None:
        """The question to put now where asking goes on until it is done; None when nothing is left to ask.

        In an emergency nothing is.
        Safety first; then not the one most likely to change the decision but the one after which asking
        should end soonest, by chance of a change times information, per cost.
        """
        if self.urgency is Urgency.EMERGENCY:
            return None
        if self._safety:
            return self.safety[0]
        return self.ranked[self._ranking.soonest] if self._ranking.order else None

    @property
    def questions(self) -> tuple[Question, ...]:
        """The best `top` questions."""
        return self.ranked[: self.top]

    @cached_property
    def same_decision(self) -> SameDecision:
        """P(the decision stays as it is, whatever all remaining answers are).

        Raises `ComplexityError` where the network is too wide to draw what they would be.
        """
        return self._look_ahead()

    @property
    def _ahead(self) -> SameDecision | None:
        """The same; None where the network is too wide for it."""
        try:
            return self.same_decision
        except ComplexityError:
            return None

    @property
    def done(self) -> bool:
        """Whether enough is known to stop asking."""
        if self.urgency is Urgency.EMERGENCY:
            return True
        if self._safety or self._ranking.changing:
            return False
        ahead = self._ahead
        return ahead is not None and ahead.probability >= ENOUGH  # what cannot be looked at may yet change it

    @property
    def why(self) -> str:
        """Why to go on or to stop, in words."""
        from massage_pain.display.reports.questions import why

        return why(self._record(looking_ahead=False))

    def to_frame(self) -> pandas.DataFrame:
        """All questions that are no safety questions, best first."""
        import pandas as pd

        columns = ["label", "question", "changes", "information", "cost", "changes_per_cost"]
        rows = [
            (each.label, each.text, each.changes, each.information, each.cost, each.changes_per_cost)
            for each in self.ranked
        ]
        index = pd.Index([each.variable for each in self.ranked], name="variable", dtype="object")
        return pd.DataFrame(rows, index=index, columns=columns)

    def to_dict(self) -> dict[str, Any]:
        """The whole answer as plain JSON values."""
        return self._record(looking_ahead=True)

    def _record(self, *, looking_ahead: bool) -> dict[str, Any]:
        labels = {each.id: each.label for each in self.network.causes}
        changing = self._ranking.changing
        # where it could not end the asking it is only worked out for a full record
        needed = looking_ahead or not (self._safety or changing)
        ahead = self._ahead if needed and self.urgency is not Urgency.EMERGENCY else None
        return {
            "kind": "questions",
            "network": {"name": self.network.name, "content_hash": self.network.content_hash},
            "findings": self.case.to_dict(),
            "urgency": None if self.urgency is None else self.urgency.name,
            "done": self.done,
            "safety": [each.to_dict() for each in self.safety],
            "unsure": [self.network.variable(name).label for name in self.unsure],
            "questions": [_record(each, labels) for each in self.questions],
            "remaining": len(self._ranking.order),
            "changing": changing,
            "same_decision": None if ahead is None else ahead.to_dict(),
            "enough": ENOUGH,
        }

    def __str__(self) -> str:
        from massage_pain.display.tables import text_of

        return text_of(self.to_dict())

    def plot(self, ax: Axes | None = None) -> Axes:
        """The ranking as bars, on `ax` or on new axes.

        Raises `MissingExtraError` without matplotlib.
        """
        from massage_pain.display.plots import plot

        return plot(self.to_dict(), ax)

    def _repr_html_(self) -> str:
        from massage_pain.display.tables import html_of

        return html_of(self.to_dict())

    def __repr__(self) -> str:
        state = "done" if self.done else "not done"
        others = len(self._ranking.order)
        return f"<Questions: {len(self.safety)} on safety, {others} others; {state}>"


def ask(
    assessor: Assessor, case: Mapping[str, Any], *, top: int = 5, draws: int = DRAWS, seed: int = 0
) -> Questions:
    """The questions worth asking next, best first, and whether to ask at all.

    Raises the error of a wrong finding, `ImpossibleEvidenceError` for findings that cannot occur together,
    and `QueryError` for a `top`, `draws` or `seed` that is no such number.
    """
    top = checked_count(top, "top", least=0)
    draws = checked_count(draws, "draws", least=1, most=MOST_DRAWS)
    checked_count(seed, "seed", least=0)
    known, one = accepted_case(assessor, case)
    open_now = _askable(assessor.network, one)
    names = [each.id for each in open_now]
    counted = None if assessor.counsellor is None else assessor.counsellor.judge.counts.of(one)
    then = prospects_with_one_more(assessor, one, names, counted)
    if then.log_evidence[0] == -np.inf:
        raise assessor.with_red_flags(smallest_conflict_of(assessor.engine, one, 0), one)
    ranking = ranked(open_now, then)
    urgency, safety = None, OpenSafety({}, ())
    if counted is not None and then.urgency is not None:
        urgency = Urgency(int(then.urgency[0]))
        if urgency is not Urgency.EMERGENCY:
            safety = open_safety(assessor, one, counted, int(urgency))
    look_ahead = partial(same_decision, assessor, one, ranking.names, draws, seed)
    rest = ranking.without(safety.levels.keys())
    return Questions(assessor.network, known, urgency, safety.unsure, top, safety.levels, rest, look_ahead)


def _askable(network: Network, one: Evidence) -> list[Variable]:
    """The findings nobody has been asked for; causes and the complaint are not asked."""
    return [
        each
        for each in network.nodes
        if each.role not in ("cause", "complaint")
        and len(each.states) > 1
        and one.code_of.get(each.id, NOT_ASKED) == NOT_ASKED
    ]


def _record(question: Question, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "variable": question.variable,
        "label": question.label,
        "question": question.text,
        "group": question.group,
        "cost": question.cost,
        "information": question.information,
        "changes": question.changes,
        "changes_per_cost": question.changes_per_cost,
        "answers": [
            {
                "state": each.state,
                "label": each.label,
                "probability": each.probability,
                "urgency": None if each.urgency is None else each.urgency.name,
                "leading": each.leading,
                "leading_label": labels[each.leading],
                "chance": each.chance,
                "changes": each.changes,
            }
            for each in question.answers
        ],
    }
