"""Words that several services share: how a variable is asked, named and denied."""

from __future__ import annotations

from massage_pain.advice.condition_reader import DENIALS
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable


def asked(variable: Variable) -> str:
    """The question for a variable; a network that brings none is asked by its labels."""
    return variable.question or f"{variable.label[:1].upper()}{variable.label[1:]}?"


def denial(variable: Variable) -> str | None:
    """The state that denies it, if a plain "no" is an answer; None for a number or a graded answer.

    Of two states the one that does not count as present, if it is called so; otherwise a no says nothing
    certain ("worse" or "better").
    """
    if variable.numeric is not None or variable.states[0] not in DENIALS:
        return None
    return variable.states[0] if len(variable.states) == 2 else None


def finding_words(network: Network, name: str, state: str) -> str:
    """A state in words: "Numb patch on the back", "Fever: no", "How it changes: getting worse"."""
    variable = network.variable(name)
    if variable.is_binary and state == variable.present:
        return variable.label
    return f"{variable.label}: {variable.answer(state)}"
