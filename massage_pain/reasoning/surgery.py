"""Setting a variable instead of finding it in a state.

An intervention cuts a variable off from its parents and puts it in a state (Pearl 2009, section 3.2). What is
not below it in the graph cannot change, so findings there are carried over; findings below it may no longer
hold and are dropped. For a variable without parents, setting and observing are the same (where it can be
observed at all).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from massage_pain.advice.answers import answer_words
from massage_pain.errors import MassagePainError, QueryError, printable, shown
from massage_pain.inference.case import UNSURE, Finding, Likelihood
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import (
    ASKED_UNSURE,
    NOT_ASKED,
    SOFT,
    Evidence,
    finding_code,
    variable_named,
)
from massage_pain.inference.family_tables import descendants
from massage_pain.inference.propagation import Engine
from massage_pain.knowledge.distributions import Table
from massage_pain.knowledge.network import Network


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in words: "Numb patch on the back", "yes"."""

    variable: str
    label: str
    answer: str


def states_to_set(network: Network, do: Mapping[str, Any] | None, what: str = "do=") -> dict[str, int]:
    """What `do` sets, as variable -> state index. `what` is what a caller knows the argument by.

    Raises `UnknownVariableError`, `UnknownStateError`, and `QueryError` for anything that is no single state
    of a variable with a probability.
    """
    if do is None:
        return {}
    if not isinstance(do, Mapping):
        raise QueryError(f"{what} is a mapping of variable to state, got {type(do).__name__} {shown(do)}.")
    found: dict[str, int] = {}
    for name, value in do.items():
        variable = variable_named(network, name)
        if variable.role == "screening":
            raise QueryError(
                f"{shown(variable.id)} is a screening answer: it has no probability in the network, so "
                "nothing follows from setting it."
            )
        if isinstance(value, np.bool_):
            value = bool(value)
        unsure = isinstance(value, str) and value == UNSURE.value and UNSURE.value not in variable.states
        if not isinstance(value, (str, bool)) or unsure:
            raise QueryError(
                f"{what} sets {shown(variable.id)} to one state "
                f"({', '.join(map(printable, variable.states))}), got {shown(value)}."
            )
        code = finding_code(variable, value)
        assert isinstance(code, int)
        found[variable.id] = code
    return found


def below(network: Network, names: Collection[str]) -> set[str]:
    """Everything below these variables in the graph, without themselves."""
    return descendants(network, names) - set(names)


def has_finding(one: Evidence, name: str) -> bool:
    """Whether something is known of the variable in this case (being unsure is not)."""
    codes = one.codes.get(name)
    return codes is not None and codes[0] not in (NOT_ASKED, ASKED_UNSURE)


def without_findings(one: Evidence, names: Collection[str]) -> Evidence:
    """The case without what was said of these variables."""
    return replace(
        one,
        codes={name: each for name, each in one.codes.items() if name not in names},
        likelihoods={name: each for name, each in one.likelihoods.items() if name not in names},
        numbers={name: each for name, each in one.numbers.items() if name not in names},
    )


def with_states(one: Evidence, states: Mapping[str, int]) -> Evidence:
    """The case with these variables in these states, whatever was said of them."""
    cleared = without_findings(one, states)
    codes = {name: np.full(one.n_cases, state, dtype=np.int16) for name, state in states.items()}
    return cleared.with_codes({**cleared.codes, **codes})


def joined(one: Evidence, more: Evidence) -> Evidence:
    """The case with the findings of another, which take the place of its own."""
    cleared = without_findings(one, more.codes)
    return replace(
        cleared,
        codes={**cleared.codes, **more.codes},
        likelihoods={**cleared.likelihoods, **more.likelihoods},
        numbers={**cleared.numbers, **more.numbers},
    )


def operated(network: Network, states: Mapping[str, int]) -> Network:
    """The network with these variables cut off from their parents and certain of a state.

    Variables without parents are left alone, because observing them is the same, but for a state that never
    occurs: it cannot be observed, and can be set.
    """
    cut = {
        name: state
        for name, state in states.items()
        if network.parents(name) or network.cpd(name)[state] == 0.0
    }
    if not cut:
        return network
    distributions = tuple(
        Table(each.variable, (), np.eye(len(network.variable(each.variable).states))[cut[each.variable]])
        if each.variable in cut
        else each
        for each in network.distributions
    )
    return replace(network, distributions=distributions)


def engine_for(engine: Engine, network: Network) -> Engine:
    """An engine for an operated network; the one there is, where nothing was cut."""
    return engine if network is engine.network else CompiledNetwork(network)


def told(network: Network, one: Evidence, name: str) -> Told:
    """What was said of a variable, in words."""
    variable = network.variable(name)
    code = int(one.codes[name][0])
    value: Finding
    if code == SOFT:
        value = Likelihood(dict(zip(variable.states, one.likelihoods[name][0].tolist(), strict=True)))
    elif code == ASKED_UNSURE:
        value = UNSURE
    elif variable.numeric is not None:
        value = float(one.numbers[name][0])
    else:
        value = variable.states[code]
    return Told(name, variable.label, answer_words(variable, value))


def state_told(network: Network, name: str, state: int) -> Told:
    """A variable in a state, in words."""
    variable = network.variable(name)
    return Told(name, variable.label, variable.state_labels[state])


def refused_first(evidence: Evidence) -> Evidence:
    """The evidence; raises the error of a finding that was refused."""
    for error in evidence.refused.values():
        assert isinstance(error, MassagePainError)
        raise error
    return evidence
