"""Findings as they are typed: `NAME=STATE` becomes a finding of a `Case`.

A state is written exactly as the network writes it, so that a command line, a record and a line of
Python say the same thing. Beside the states there are: `true` and `false` for variables that are present
or absent; a number where the question asks for one; `unsure` for "asked, cannot tell"; and soft evidence,
`NAME=present:0.8,absent:0.2`.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable

from massage_pain.errors import (
    EvidenceError,
    UnknownStateError,
    UnknownVariableError,
    printable,
    shown,
    unknown_name,
)
from massage_pain.inference.case import UNSURE, Case, Finding, Likelihood
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable


def case_of(typed: Iterable[str], network: Network) -> Case:
    """The case that was typed.

    Raises `EvidenceError` for what has no `=`, `UnknownVariableError`, `UnknownStateError`, and
    `ConflictingEvidenceError` when one name is given two states.
    """
    case = Case()
    for each in typed:
        name, finding = _finding_of(each, network)
        case = Case(case, **{name: finding})
    return case


def causes_of(typed: Iterable[str]) -> dict[str, str]:
    """`--cause` arguments as variable -> state that counts as present ("" for the last one)."""
    chosen: dict[str, str] = {}
    for each in typed:
        name, _, state = each.partition("=")
        if not name:
            raise EvidenceError(f"--cause takes NAME or NAME=STATE, got {shown(each)}.")
        if chosen.get(name, state) != state:
            raise EvidenceError(
                f"--cause names {shown(name)} twice: with {shown(chosen[name])} and {shown(state)}."
            )
        chosen[name] = state
    return chosen


def _finding_of(typed: str, network: Network) -> tuple[str, Finding]:
    name, value = _split(unicodedata.normalize("NFC", typed), network)
    variable = network.variable(name)
    if not value:
        raise EvidenceError(
            f"{shown(name)} has no state. {_how_to_write(variable)} What was not asked is left out."
        )
    return name, _value_of(value, variable)


def _split(typed: str, network: Network) -> tuple[str, str]:
    """Name and value. A foreign network may have `=` in a name: the first cut that it knows counts."""
    cuts = [i for i, letter in enumerate(typed) if letter == "="]
    for cut in cuts:
        if typed[:cut] in network:
            return typed[:cut], typed[cut + 1 :]
    if cuts:
        return typed[: cuts[0]], typed[cuts[0] + 1 :]
    if typed in network:
        return typed, ""
    known = [each.id for each in network.variables]
    if typed.startswith("-"):
        raise EvidenceError(f"Unknown option {shown(typed)}. 'massage-pain --help' lists the options.")
    raise UnknownVariableError(f"A finding is written NAME=STATE. {unknown_name('variable', typed, known)}")


def _value_of(value: str, variable: Variable) -> Finding:
    if value in variable.states:
        return value
    if value == "unsure":
        return UNSURE
    if variable.numeric is not None:
        return _number(value)
    if variable.is_binary and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if ":" in value:
        return _likelihood(value, variable)
    meant = [each for each in variable.states if variable.answer(each).casefold() == value.casefold()]
    if len(meant) == 1:
        raise UnknownStateError(
            f"Unknown state {shown(value)} for {printable(variable.id)}. "
            f"Did you mean {shown(meant[0])}? Available: {', '.join(map(printable, variable.states))}."
        )
    return value  # if it is no state, the reader of evidence says so


def _number(value: str) -> int | float | str:
    """The number typed; any other text as it is, for the reader of evidence to refuse."""
    try:
        number = float(value)
    except ValueError:
        return value
    if not math.isfinite(number):
        return value
    return int(number) if number.is_integer() else number


def _likelihood(value: str, variable: Variable) -> Likelihood:
    weights: dict[str, float] = {}
    for part in value.split(","):
        state, colon, weight = part.rpartition(":")
        try:
            number = float(weight)
        except ValueError:
            colon = ""
        if not colon:
            raise EvidenceError(
                f"Soft evidence for {shown(variable.id)} is written "
                f"{','.join(f'{printable(s)}:WEIGHT' for s in variable.states)}, got {shown(value)}."
            )
        if state in weights:
            raise EvidenceError(f"Soft evidence for {shown(variable.id)} names {shown(state)} twice.")
        weights[state] = number
    return Likelihood(weights)


def _how_to_write(variable: Variable) -> str:
    name = printable(variable.id)
    if variable.numeric is not None:
        low, high = variable.numeric
        return f"Write {name}=NUMBER, from {low:g} to {high:g}, or {name}=unsure."
    states = [*map(printable, variable.states), "unsure"]
    return f"Write {', '.join(f'{name}={each}' for each in states[:-1])} or {name}={states[-1]}."
