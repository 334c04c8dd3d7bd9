"""A finding as it is written: on a command line, in a cell of a file.

A state is written exactly as the network writes it, so that a command line, a file, a record and a line
of Python say the same thing. Beside the states there are: `true` and `false` for variables that are present
or absent; a number where the question asks for one; `unsure` for "asked, cannot tell"; and soft
evidence, `present:0.8,absent:0.2`.
"""

from __future__ import annotations

import math

from massage_pain.errors import EvidenceError, UnknownStateError, printable, shown
from massage_pain.inference.case import UNSURE, Finding, Likelihood
from massage_pain.knowledge.variable import Variable


def written_finding(text: str, variable: Variable) -> Finding:
    """What `text` says of `variable`. What is no state comes back as it is, for `finding_code` to refuse.

    Raises `UnknownStateError` for a state in other words ("yes"), `EvidenceError` for soft evidence that
    cannot be read.
    """
    if text in variable.states:
        return text
    if text == UNSURE.value:
        return UNSURE
    if variable.numeric is not None:
        return _number(text)
    if variable.is_binary and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if ":" in text:
        return _likelihood(text, variable)
    meant = [each for each in variable.states if variable.answer(each).casefold() == text.casefold()]
    if len(meant) == 1:
        raise UnknownStateError(
            f"Unknown state {shown(text)} for {printable(variable.id)}. "
            f"Did you mean {shown(meant[0])}? Available: {', '.join(map(printable, variable.states))}."
        )
    return text


def _number(text: str) -> int | float | str:
    """The number written; any other text as it is."""
    number = _float(text)
    if number is None or not math.isfinite(number):
        return text
    return int(number) if number.is_integer() else number


def _float(text: str) -> float | None:
    """A number in plain digits; Python's own reader also takes 1_0 and the digits of other scripts."""
    if "_" in text or not text.isascii():
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _likelihood(text: str, variable: Variable) -> Likelihood:
    weights: dict[str, float] = {}
    for part in text.split(","):
        state, colon, weight = part.rpartition(":")
        number = _float(weight)
        if not colon or number is None:
            raise EvidenceError(
                f"Soft evidence for {shown(variable.id)} is written "
                f"{','.join(f'{printable(s)}:WEIGHT' for s in variable.states)}, got {shown(text)}."
            )
        if state in weights:
            raise EvidenceError(f"Soft evidence for {shown(variable.id)} names {shown(state)} twice.")
        weights[state] = number
    return Likelihood(weights)
