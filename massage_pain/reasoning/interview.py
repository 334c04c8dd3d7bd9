"""An interview: one question after the other until enough is known.

An `Interview` is a value. Every answer gives a new one and leaves the old as it was, so going back is
taking the one before, and an interview is determined by where it began and what was answered: its record
can be kept, and replayed.

Safety questions come first, a group at a time. A group is answered by naming what is so (`answer`), by
"none of these" (`none`), or by "cannot tell" (`unsure`). Naming one thing says nothing of the others: they
are asked again, unless `others="absent"` says that the whole list was gone through. "None" is always a
deliberate answer, never a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from massage_pain.advice.answers import answer_words
from massage_pain.advice.assessment import Assessment
from massage_pain.advice.assessor import Assessor
from massage_pain.advice.record import network_record
from massage_pain.errors import EvidenceError, printable, shown
from massage_pain.inference.case import UNSURE, Case, is_missing
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.questions import DRAWS, Questions, ask
from massage_pain.reasoning.records import check_record, taken
from massage_pain.reasoning.safety_questions import SafetyQuestion
from massage_pain.reasoning.wording import denial

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True)
class Step:
    """One question as it was asked, and the findings that came of it."""

    text: str
    variables: tuple[str, ...]
    safety: bool
    answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """The question to put now. `options` are the states that may be answered, with their labels.

    A safety question may ask after several variables at once; then `options` are empty and each of
    `variables` is a yes or a no.
    """

    text: str
    variables: tuple[str, ...]
    labels: tuple[str, ...]
    options: Mapping[str, str]
    safety: bool
    none_of_these: bool
    numeric: tuple[float, float] | None = None
    unit: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Interview:
    """Where an interview stands: `start` is what was known before it, `steps` what was answered since."""

    _assessor: Assessor = field(repr=False)
    start: Case
    steps: tuple[Step, ...] = ()
    draws: int = DRAWS
    seed: int = 0

    @property
    def network(self) -> Network:
        """What is asked about."""
        return self._assessor.network

    @cached_property
    def case(self) -> Case:
        """Everything known by now."""
        known = dict(self.start)
        for step in self.steps:
            known.update(step.answers)
        return Case(known)

    @cached_property
    def questions(self) -> Questions:
        """Everything worth asking now, as `ask` gives it."""
        return ask(self._assessor, self.case, top=1, draws=self.draws, seed=self.seed)

    @cached_property
    def question(self) -> Asked | None:
        """The question to put now; None when the interview is done."""
        if self.done:
            return None
        best = self.questions.next
        assert best is not None
        if isinstance(best, SafetyQuestion):
            return _asked_for_safety(self.network, best)
        return _asked(self.network.variable(best.variable), best.text)

    @cached_property
    def done(self) -> bool:
        """Whether enough is known, or nothing is left to ask."""
        found = self.questions
        return found.done or found.next is None

    @property
    def why(self) -> str:
        """Why the interview goes on, or ends, in words."""
        return self.questions.why

    @cached_property
    def assessment(self) -> Assessment:
        """What can be said by now."""
        return self._assessor.assess(self.case)

    @property
    def transcript(self) -> tuple[tuple[str, str], ...]:
        """What was asked and answered, in words, in the order it was asked."""
        return tuple((step.text, _in_words(self.network, step)) for step in self.steps)

    # -- answering -----------------------------------------------------------------------------

    def answer(self, value: Any = None, /, *, others: str | None = None, **by_name: Any) -> Interview:
        """The interview after an answer to the present question.

        `value` is the finding for a question that asks one thing (a state, True, False, a number,
        `UNSURE`, a `Likelihood`), or a mapping of variable to finding; findings may also be given by name.
        `others="absent"` denies everything else the question asked after.

        Raises `EvidenceError` when the interview is done, for no answer, and for a variable that was not
        asked; the error of a wrong finding; `ImpossibleEvidenceError` where the answer cannot be.
        """
        now = self._now()
        if isinstance(value, Mapping) and not set(map(str, value)) <= set(now.options):
            found = {**value, **by_name}
        elif is_missing(value):
            found = dict(by_name)
        elif len(now.variables) == 1:
            found = {now.variables[0]: value, **by_name}
        else:
            raise EvidenceError(
                f"The question asks after several things; say which: answer({now.variables[0]}={value!r}), "
                "or none() if none of them is so."
            )
        for name in found:
            if name not in now.variables:
                raise EvidenceError(
                    f"The present question does not ask for {shown(name)}; it asks for "
                    f"{', '.join(map(printable, now.variables))}."
                )
        found = {name: each for name, each in found.items() if not is_missing(each)}
        if others is not None:
            found = {**self._denied(now, others), **found}
        if not found:
            raise EvidenceError("No answer was given; unsure() says that one cannot tell.")
        return self._after(now, found)

    def none(self) -> Interview:
        """The interview after "none of these": everything the question asked after is denied.

        Raises `EvidenceError` for a question that takes no such answer.
        """
        now = self._now()
        return self._after(now, self._denied(now, "absent"))

    def unsure(self) -> Interview:
        """The interview after "I cannot tell", to everything the question asked after."""
        now = self._now()
        return self._after(now, dict.fromkeys(now.variables, UNSURE))

    def back(self) -> Interview:
        """The interview before the last answer. Raises `EvidenceError` at its beginning."""
        if not self.steps:
            raise EvidenceError("This is the beginning of the interview: there is no answer to take back.")
        return Interview(self._assessor, self.start, self.steps[:-1], self.draws, self.seed)

    def _now(self) -> Asked:
        if self.question is None:
            raise EvidenceError(f"The interview is done; there is no question to answer. {self.why}")
        return self.question

    def _denied(self, now: Asked, others: str) -> dict[str, str]:
        if others != "absent" or not now.none_of_these:
            allowed = "'absent'" if now.none_of_these else "no such answer: it asks for one thing"
            raise EvidenceError(
                f"'None of these' cannot be said of {', '.join(map(printable, now.variables))} with "
                f"{shown(others)}; this question takes {allowed}."
            )
        states = {name: denial(self.network.variable(name)) for name in now.variables}
        return {name: state for name, state in states.items() if state is not None}

    def _after(self, now: Asked, found: Mapping[str, Any]) -> Interview:
        answers, _ = self._assessor.accepted(found)
        step = Step(now.text, now.variables, now.safety, answers)
        after = Interview(self._assessor, self.start, (*self.steps, step), self.draws, self.seed)
        _ = after.questions  # an answer that cannot be is refused here, not at the next question
        return after

    # -- keeping -------------------------------------------------------------------------------

    def to_frame(self) -> pandas.DataFrame:
        """The transcript, a row a question: its words, what it asked after, the answer, safety or not."""
        import pandas as pd

        rows = [
            (step.text, ", ".join(step.variables), _in_words(self.network, step), step.safety)
            for step in self.steps
        ]
        return pd.DataFrame(rows, columns=["question", "variables", "answer", "safety"])

    def to_dict(self) -> dict[str, Any]:
        """A record as plain JSON values; `replay` gives the interview again."""
        return {
            "kind": "interview",
            "network": network_record(self.network, self._assessor.rules),
            "start": self.start.to_dict(),
            "steps": [
                {
                    "text": step.text,
                    "variables": list(step.variables),
                    "safety": step.safety,
                    "answers": Case(step.answers).to_dict(),
                    "words": _in_words(self.network, step),
                }
                for step in self.steps
            ],
            "draws": self.draws,
            "seed": self.seed,
            "findings": self.case.to_dict(),
            "done": self.done,
            "why": self.why,
            "next": None if self.question is None else self.question.text,
            "urgency": None if self.questions.urgency is None else self.questions.urgency.name,
        }

    def __str__(self) -> str:
        from massage_pain.display.tables import text_of

        return text_of(self.to_dict())

    def _repr_html_(self) -> str:
        from massage_pain.display.tables import html_of

        return html_of(self.to_dict())

    def __repr__(self) -> str:
        state = "done" if self.done else f"next: {self.question.text if self.question else ''}"
        return f"<Interview: {len(self.steps)} answered; {state}>"


def interview(assessor: Assessor, case: Mapping[str, Any], *, draws: int = DRAWS, seed: int = 0) -> Interview:
    """An interview that begins with what the case says.

    Raises the error of a wrong finding and `ImpossibleEvidenceError`.
    """
    known, _ = assessor.accepted(case)
    begun = Interview(assessor, known, (), draws, seed)
    _ = begun.questions
    return begun


def replay(assessor: Assessor, record: Mapping[str, Any]) -> Interview:
    """The interview that a record (`Interview.to_dict()`) describes.

    Raises `EvidenceError` for what is no such record or was kept with another network or other rules.
    """
    check_record(assessor, record, "interview", ("start", "steps", "draws", "seed"))
    found = interview(assessor, Case(record["start"]), draws=record["draws"], seed=record["seed"])
    steps = []
    for position, each in enumerate(taken(record, "steps", list, "The whole")):
        where = f"Step {position}"
        answers, _ = assessor.accepted(taken(each, "answers", Mapping, where))
        variables = tuple(
            assessor.network.variable(name).id for name in taken(each, "variables", list, where)
        )
        if not answers or not set(answers) <= set(variables):
            raise EvidenceError(f"{where} of the record answers what it did not ask.")
        steps.append(
            Step(taken(each, "text", str, where), variables, taken(each, "safety", bool, where), answers)
        )
    ended = Interview(assessor, found.start, tuple(steps), found.draws, found.seed)
    _ = ended.questions  # answers that cannot be together are refused
    return ended


def _asked(variable: Variable, text: str) -> Asked:
    """A question after one thing."""
    return Asked(
        text,
        (variable.id,),
        (variable.label,),
        dict(zip(variable.states, variable.state_labels, strict=True)),
        safety=False,
        none_of_these=False,
        numeric=variable.numeric,
        unit=variable.unit,
    )


def _asked_for_safety(network: Network, found: SafetyQuestion) -> Asked:
    if len(found.variables) == 1:
        one = _asked(network.variable(found.variables[0]), found.text)
        return replace(one, safety=True, none_of_these=found.none_of_these)
    return Asked(
        found.text, found.variables, found.labels, {}, safety=True, none_of_these=found.none_of_these
    )


def _in_words(network: Network, step: Step) -> str:
    """An answer as one line: "yes", "none of these", "Fever: yes"."""
    variables = [network.variable(name) for name in step.answers]
    words = {each.id: answer_words(each, step.answers[each.id]) for each in variables}
    if len(step.variables) == 1:
        return next(iter(words.values()))
    everything = len(words) == len(step.variables)
    if everything and all(step.answers[each.id] is UNSURE for each in variables):
        return "cannot tell"
    told = [each for each in variables if not everything or step.answers[each.id] != denial(each)]
    if not told:
        return "none of these"
    said = [f"{each.label}: {words[each.id]}" for each in told]
    return "; ".join([*said, *(["none of the others"] if len(told) < len(words) else [])])
