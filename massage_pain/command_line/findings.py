"""Findings as they are typed: `NAME=STATE` becomes a finding of a `Case`.

What may stand for the state is said in `inference.written_finding`; a file of cases takes the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from massage_pain.errors import EvidenceError, UnknownVariableError, printable, shown, unknown_name
from massage_pain.inference.case import Case, Finding
from massage_pain.inference.written_finding import written_finding
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
    return name, written_finding(value, variable)


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


def _how_to_write(variable: Variable) -> str:
    name = printable(variable.id)
    if variable.numeric is not None:
        low, high = variable.numeric
        return f"Write {name}=NUMBER, from {low:g} to {high:g}, or {name}=unsure."
    states = [*map(printable, variable.states), "unsure"]
    return f"Write {', '.join(f'{name}={each}' for each in states[:-1])} or {name}={states[-1]}."
