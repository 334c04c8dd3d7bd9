"""What can be answered, and how: choices, groups, search and chips. No widgets.

A group is what the network file calls one. Its place follows from what its members are: safety questions
first, then what was before and during the massage, then what is noticed. Where a network has no groups,
roles take their place. Causes and the complaint are not asked: they are what one asks about.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from massage_pain.advice.answers import answer_words
from massage_pain.errors import UnknownVariableError
from massage_pain.inference.case import UNSURE
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.wording import denial, finding_words

NOT_ASKED = "Not asked"
MOST_FOUND = 20
BLOCKS: dict[str, str] = {
    "screening": "Safety",
    "factor": "The massage and before",
    "symptom": "What you notice",
    "other": "Findings",
}
"""The heading over groups of a role, in the order they stand."""


class Choice(NamedTuple):
    """One way to answer: the words on the button, and the finding (None: not asked)."""

    label: str
    finding: Any


class Group(NamedTuple):
    """Questions that stand together under a label, in a block of groups."""

    block: str
    label: str
    variables: tuple[Variable, ...]


class Chip(NamedTuple):
    """Something that was said, and the variables it is taken back for. `denies` is said in an outline."""

    text: str
    variables: tuple[str, ...]
    denies: bool


def choices(variable: Variable) -> tuple[Choice, ...]:
    """Every answer to a question that has states: each state, "Unsure", and "Not asked" last."""
    labels = [_capital(each) for each in variable.state_labels]
    often = Counter([*labels, "Unsure", NOT_ASKED])
    found = [
        Choice(
            label if often[label] == 1 else f"{label} ({state})",
            UNSURE if state == "unsure" else state,
        )
        for label, state in zip(labels, variable.states, strict=True)
    ]
    if "unsure" not in variable.states:
        found.append(Choice("Unsure", UNSURE))
    return (*found, Choice(NOT_ASKED, None))


def number_said(variable: Variable, words: str) -> float | None:
    """The number in `words`; None where there are none.

    Raises `ValueError` with a sentence for a person to read.
    """
    if not words.strip():
        return None
    assert variable.numeric is not None
    low, high = variable.numeric
    try:
        number = float(words.strip().replace(",", "."))
    except ValueError:
        number = math.nan
    if not low <= number <= high:
        unit = f" {variable.unit}" if variable.unit else ""
        raise ValueError(f"Please give a number from {low:g} to {high:g}{unit}.")
    return int(number) if number.is_integer() else number


def groups(network: Network) -> tuple[Group, ...]:
    """Everything that can be asked, in the order it is shown."""
    members: dict[tuple[str, str], list[Variable]] = {}
    for each in network.variables:
        if _asked(each):
            members.setdefault((each.role, each.group), []).append(each)
    roles = list(BLOCKS)
    order = {group: at for at, group in enumerate(network.groups)}
    keys = sorted(members, key=lambda key: (roles.index(key[0]), order.get(key[1], len(order))))
    return tuple(
        Group(BLOCKS[role], _group_label(network, role, group), tuple(members[role, group]))
        for role, group in keys
    )


def _asked(variable: Variable) -> bool:
    return variable.role in BLOCKS and (variable.numeric is not None or len(variable.states) > 1)


def _group_label(network: Network, role: str, group: str) -> str:
    return network.groups.get(group) or _capital(group.replace("_", " ")) or "All questions"


def denials(group: Group, case: Mapping[str, Any]) -> dict[str, str]:
    """What "none of these" says: a plain no to everything in the group that has no answer yet."""
    states = {each.id: denial(each) for each in group.variables if each.id not in case}
    return {name: state for name, state in states.items() if state is not None}


def count_answered(group: Group, case: Mapping[str, Any]) -> int:
    """How many questions of the group have an answer."""
    return sum(each.id in case for each in group.variables)


def found(network: Network, words: str) -> tuple[Variable, ...]:
    """The questions that hold every one of the words: in the label, the question, the id or the group."""
    wanted = words.casefold().split()
    if not wanted:
        return ()
    ranked: list[tuple[bool, int, Variable]] = []
    for group in groups(network):
        for each in group.variables:
            label = each.label.casefold()
            text = " ".join(
                [label, each.question, each.id, each.id.replace("_", " "), group.label, *each.state_labels]
            ).casefold()
            if all(word in text for word in wanted):
                ranked.append((not all(word in label for word in wanted), len(ranked), each))
    return tuple(each for _, _, each in sorted(ranked, key=lambda one: one[:2]))


def chips(network: Network, case: Mapping[str, Any]) -> tuple[Chip, ...]:
    """What was said, a chip each; a group that was denied as a whole is one chip."""
    known = dict(case)
    made: list[Chip] = []
    together: list[Chip] = []
    for group in groups(network):
        names = [each.id for each in group.variables if denial(each) is not None]
        denied = [each.id for each in group.variables if each.id in known and known[each.id] == denial(each)]
        if len(names) > 1 and len(denied) == len(names):
            together.append(Chip(f"{group.label}: none of these", tuple(denied), True))
            for name in denied:
                del known[name]
    for name, value in known.items():
        variable = _variable(network, name)
        if variable is None:
            continue
        state = value if isinstance(value, str) else None
        denies = value is UNSURE or (state is not None and state == variable.states[0])
        text = (
            finding_words(network, variable.id, state)
            if state is not None and "unsure" not in variable.states
            else f"{variable.label}: {answer_words(variable, value)}"
        )
        made.append(Chip(text, (name,), denies))
    return (*made, *together)


def _variable(network: Network, name: str) -> Variable | None:
    try:
        return network.variable(name)
    except UnknownVariableError:
        return None


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
