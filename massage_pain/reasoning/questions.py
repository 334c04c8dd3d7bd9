"""Which question to ask next, and when to stop asking.

**Safety first.** The open safety questions come before everything else (`safety_questions`).

**Then what matters.** For every other unanswered finding each possible answer is a hypothetical case; all of
them go through the engine and the rules as one batch. From it come

* the chance that the answer changes the decision (`prospects`): the urgency, or cold and warmth;
* the expected information about the causes, in bits: the mutual information of the answer A and the
  joint state C of the causes given the findings, I(A; C) = H(C) - sum over a of P(a) H(C | a) (Shannon 1948;
  Lindley 1956 for its use in choosing what to observe);
* what each answer would do.

Questions are ranked by the chance of a change per cost, then by information per cost.

**Then stop.** Enough is known when no single remaining answer changes the decision and all of them together
would with a chance below 5% (`same_decision`). In an emergency nothing more is asked at all.

An answered question never returns, nor does one the person could not answer (UNSURE), nor one that has only
one possible answer left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from massage_pain.advice.assessor import Assessor
from massage_pain.advice.urgency import Urgency
from massage_pain.inference.case import Case
from massage_pain.inference.evidence import NOT_ASKED, Evidence
from massage_pain.inference.impossible import smallest_conflict_of
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.hypotheses import accepted_case, repeated
from massage_pain.reasoning.prospects import Prospects, prospects
from massage_pain.reasoning.safety_questions import SafetyQuestion, safety_questions
from massage_pain.reasoning.same_decision import SameDecision, same_decision
from massage_pain.reasoning.simulation import MOST_DRAWS, checked_count
from massage_pain.reasoning.wording import asked

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

ENOUGH = 0.95
"""The same-decision probability at which asking stops."""

DRAWS = 400
"""Hypothetical cases drawn for the same-decision probability where it is not exact."""


class PossibleAnswer(NamedTuple):
    """What one answer would do: `probability` of it now, then urgency and likeliest cause.

    `changes` says whether the urgency or what to do now would be different.
    """

    state: str
    label: str
    probability: float
    urgency: Urgency | None
    leading: str
    chance: float
    changes: bool


class Question(NamedTuple):
    """An unanswered finding and what asking for it is worth.

    `information` is the expected information about the causes (bits), `changes` the probability that the
    answer changes the urgency or what to do now.
    """

    variable: str
    label: str
    text: str
    group: str
    cost: float
    information: float
    changes: float
    answers: tuple[PossibleAnswer, ...]

    @property
    def changes_per_cost(self) -> float:
        """The chance of a change for the effort of asking."""
        return self.changes / self.cost

    @property
    def information_per_cost(self) -> float:
        """Expected bits for the effort of asking."""
        return self.information / self.cost


@dataclass(frozen=True, eq=False, repr=False)
class Questions:
    """What to ask next: `safety` first, then `questions` (the `top` of `ranked`).

    `unsure` are the variables that could raise the urgency but that the person could not tell.
    """

    network: Network
    case: Case
    urgency: Urgency | None
    safety: tuple[SafetyQuestion, ...]
    unsure: tuple[str, ...]
    ranked: tuple[Question, ...]
    top: int
    _look_ahead: Callable[[], SameDecision] = field(repr=False)

    @property
    def questions(self) -> tuple[Question, ...]:
        """The best `top` questions."""
        return self.ranked[: self.top]

    @cached_property
    def same_decision(self) -> SameDecision:
        """P(the decision stays as it is, whatever all remaining answers are)."""
        return self._look_ahead()

    @property
    def done(self) -> bool:
        """Whether enough is known to stop asking."""
        if self.urgency is Urgency.EMERGENCY:
            return True
        if self.safety or any(each.changes > 0.0 for each in self.ranked):
            return False
        return self.same_decision.probability >= ENOUGH

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
        changing = sum(each.changes > 0.0 for each in self.ranked)
        # where it could not end the asking it is only worked out for a full record
        needed = looking_ahead or not (self.safety or changing)
        ahead = self.same_decision if needed and self.urgency is not Urgency.EMERGENCY else None
        return {
            "kind": "questions",
            "network": {"name": self.network.name, "content_hash": self.network.content_hash},
            "findings": self.case.to_dict(),
            "urgency": None if self.urgency is None else self.urgency.name,
            "done": self.done,
            "safety": [each.to_dict() for each in self.safety],
            "unsure": [self.network.variable(name).label for name in self.unsure],
            "questions": [_record(each, labels) for each in self.questions],
            "remaining": len(self.ranked),
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
        return f"<Questions: {len(self.safety)} on safety, {len(self.ranked)} others; {state}>"


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
    hypothetical, starts = _answered(one, open_now)
    then = prospects(assessor, hypothetical)
    if not then.possible[0]:
        raise assessor.with_red_flags(smallest_conflict_of(assessor.engine, one, 0), one)
    ranked = _ranked(assessor.network, open_now, starts, then)
    urgency = None if then.urgency is None else Urgency(int(then.urgency[0]))
    safety: tuple[SafetyQuestion, ...] = ()
    unsure: tuple[str, ...] = ()
    if urgency is not None and urgency is not Urgency.EMERGENCY:
        safety, unsure = safety_questions(assessor, one, int(urgency))
    asked_as_safety = {name for each in safety for name in each.variables}
    rest = tuple(each for each in ranked if each.variable not in asked_as_safety)
    remaining = [each.variable for each in ranked]
    look_ahead = partial(same_decision, assessor, one, remaining, draws, seed)
    return Questions(assessor.network, known, urgency, safety, unsure, rest, top, look_ahead)


def _askable(network: Network, one: Evidence) -> list[Variable]:
    """The findings nobody has been asked for; causes and the complaint are not asked."""
    return [
        each
        for each in network.nodes
        if each.role not in ("cause", "complaint")
        and len(each.states) > 1
        and (each.id not in one.codes or one.codes[each.id][0] == NOT_ASKED)
    ]


def _answered(one: Evidence, variables: list[Variable]) -> tuple[Evidence, list[int]]:
    """The case as it is, then with every answer of every variable; and the row where each variable begins."""
    sizes = [len(each.states) for each in variables]
    starts = np.cumsum([1, *sizes]).tolist()
    found = repeated(one, starts[-1])
    codes = np.full((len(variables), starts[-1]), NOT_ASKED, dtype=np.int16)
    for at, (start, size) in enumerate(zip(starts, sizes, strict=False)):
        codes[at, start : start + size] = np.arange(size)
    asked_now = {each.id: codes[at] for at, each in enumerate(variables)}
    return replace(found, codes={**found.codes, **asked_now}), starts


def _ranked(
    network: Network, variables: list[Variable], starts: list[int], then: Prospects
) -> tuple[Question, ...]:
    """Every question with what its answers would do; `starts` is the first row of each."""
    if not variables:
        return ()
    weight = np.exp(then.log_evidence - then.log_evidence[0])
    weight[0] = 0.0
    begin = np.array(starts[:-1])
    total = np.repeat(np.add.reduceat(weight, begin), np.diff(starts))
    probability = np.zeros_like(weight)
    probability[1:] = weight[1:] / total
    uncertainty = entropy(then)
    expected = np.add.reduceat(np.where(weight > 0.0, probability * uncertainty, 0.0), begin)
    information = np.maximum(uncertainty[0] - expected, 0.0).tolist()
    different = then.decision != then.decision[0]
    changes = np.add.reduceat(probability * different, begin).tolist()

    causes = [each.id for each in network.causes]
    first = then.leading
    levels = np.zeros(len(first), dtype=np.int8) if then.urgency is None else then.urgency
    rows = list(
        zip(
            probability.tolist(),
            [_URGENCIES.get(level) for level in levels.tolist()],
            [causes[at] for at in first.tolist()],
            then.chances[np.arange(len(first)), first].tolist(),
            different.tolist(),
            strict=True,
        )
    )
    found = []
    for at, (variable, start, end) in enumerate(zip(variables, starts, starts[1:], strict=False)):
        answers = tuple(
            PossibleAnswer(state, label, *row)
            for state, label, row in zip(variable.states, variable.state_labels, rows[start:end], strict=True)
            if row[0] > 0.0
        )
        if len(answers) > 1:  # with one possible answer there is nothing to learn
            found.append(
                Question(
                    variable.id,
                    variable.label,
                    asked(variable),
                    variable.group,
                    variable.cost,
                    information[at],
                    changes[at],
                    answers,
                )
            )
    # rounded: what differs by rounding alone stays in the network's order
    found.sort(key=lambda q: (-round(q.changes / q.cost, 9), -round(q.information / q.cost, 9)))
    return tuple(found)


_URGENCIES = {int(each): each for each in Urgency}


def entropy(then: Prospects) -> FloatArray:
    """The uncertainty about the causes in each case (bits).

    Of their joint state; where that is too large to write out, the sum of their own: an upper bound, so
    that differences count what the causes share more than once.
    """
    if then.joint is not None:
        p = then.joint
    else:
        own = then.chances[:, :-1]
        p = np.concatenate([own, 1.0 - own], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = -np.where(p > 0.0, p * np.log2(p), 0.0).sum(axis=1)
    return found


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
