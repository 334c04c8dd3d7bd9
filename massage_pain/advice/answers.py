"""What was said, in the words of the questions.

A record of a case has to be replayable, so its findings are brought to one form: the network's order of
variables, states by name, whole numbers without a decimal point.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from massage_pain.advice.reasons import percent
from massage_pain.inference.case import UNSURE, Case, Finding, Likelihood, case_of_checked
from massage_pain.inference.evidence import ASKED_UNSURE, SOFT, Evidence
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable

CANNOT_TELL = "cannot tell"

_UNSURE = UNSURE.value


class Said(NamedTuple):
    """One answer in words: `answer` is "yes", "cannot tell", "70 years" or "probably yes (80%)"."""

    variable: str
    label: str
    question: str
    answer: str
    state: Any
    role: str
    group: str


def in_one_form(network: Network, evidence: Evidence) -> Case:
    """The findings of the one case in `evidence`, states by name, in its order."""
    return case_of_checked(
        {name: _finding(network.variable(name), code, evidence) for name, code in evidence.code_of.items()}
    )


def _finding(variable: Variable, code: int, evidence: Evidence) -> Finding:
    if code == ASKED_UNSURE:
        return UNSURE
    if code == SOFT:
        weights = evidence.likelihoods[variable.id][0].tolist()
        return Likelihood(dict(zip(variable.states, weights, strict=True)))
    if variable.numeric is not None:
        number = float(evidence.numbers[variable.id][0])
        return int(number) if number.is_integer() else number
    state = variable.states[code]
    return UNSURE if state == _UNSURE else state  # a state of that name records exactly this answer


def answer_words(variable: Variable, value: Finding) -> str:
    """A finding as a person would say it."""
    if isinstance(value, Likelihood):
        return _soft(variable, value)
    if value is UNSURE and "unsure" not in variable.states:
        return CANNOT_TELL
    if isinstance(value, (int, float)):
        return f"{value:g} {variable.unit}".strip()
    return variable.answer("unsure" if value is UNSURE else str(value))


def _soft(variable: Variable, value: Likelihood) -> str:
    total = sum(value.values())
    most = max(value.values())
    likeliest = [each for each in variable.states if value[each] == most]
    if len(likeliest) == len(variable.states):
        return f"{' or '.join(variable.state_labels)}, undecided"
    words = " or ".join(variable.answer(each) for each in likeliest)
    return f"probably {words} ({percent(most * len(likeliest) / total)})"


def said_in_words(network: Network, case: Case) -> tuple[Said, ...]:
    """Every finding of a case brought to one form, in words."""
    found = []
    for name, value in case.items():
        variable = network.variable(name)
        state: Any = dict(value) if isinstance(value, Likelihood) else value
        found.append(
            Said(
                name,
                variable.label,
                variable.question,
                answer_words(variable, value),
                "unsure" if value is UNSURE else state,
                variable.role,
                variable.group,
            )
        )
    return tuple(found)
