"""What was said, in the words of the questions.

A record of a case has to be replayable, so its findings are brought to one form: the network's order of
variables, states by name, whole numbers without a decimal point.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from massage_pain.advice.reasons import percent
from massage_pain.inference.case import UNSURE, Case, Finding, Likelihood, case_of_checked
from massage_pain.inference.evidence import variable_named
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable

CANNOT_TELL = "cannot tell"


class Said(NamedTuple):
    """One answer in words: `answer` is "yes", "cannot tell", "70 years" or "probably yes (80%)"."""

    variable: str
    label: str
    question: str
    answer: str
    state: Any
    role: str
    group: str


def in_one_form(network: Network, case: Mapping[str, Any], order: Mapping[str, int]) -> Case:
    """The case with states by name, in the network's order (`order`: variable -> position).

    The findings must have been accepted by `evidence_of`.
    """
    known = case if isinstance(case, Case) or _names_states(network, case) else Case(case)
    found = {}
    for name, value in known.items():
        variable = variable_named(network, name)
        found[variable.id] = _plain(variable, value)
    return case_of_checked({name: found[name] for name in sorted(found, key=order.__getitem__)})


def _names_states(network: Network, case: Mapping[str, Any]) -> bool:
    """Whether every finding is a state by name, as a `Case` holds it."""
    states = network.state_codes
    return all(
        type(each) is str and each != "unsure" and each in states.get(name, ()) for name, each in case.items()
    )


def _plain(variable: Variable, value: Finding) -> Finding:
    if isinstance(value, bool):
        return variable.states[int(value)]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Likelihood):
        return Likelihood({each: value[each] for each in variable.states})
    return value


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
