"""The numbers behind the first cause of a case, each with its range, grade and sources.

Of all parameters those are shown that stand between the leading cause and the findings: its leak, the
links from the factors found to it, and the links from it to the symptoms asked about. They are what one
would dispute first.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice, product
from typing import Any, NamedTuple, TypeAlias

from massage_pain.advice.reasons import inside
from massage_pain.inference.case import Case, Likelihood
from massage_pain.knowledge.distributions import NoisyMax, ParameterKey, Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import Parameter

MOST = 12
"""The most numbers shown."""


class Basis(NamedTuple):
    """One number: `key` says in words what it is the probability of; `parameter` where it stands."""

    key: str
    parameter: ParameterKey
    value: float
    low: float
    high: float
    grade: str
    sources: tuple[str, ...]
    note: str


def rests_on(network: Network, cause: str, case: Case) -> tuple[Basis, ...]:
    """The numbers between `cause` and the findings of `case`, at most `MOST`."""
    states = {name: _states(network, name, value) for name, value in case.items()}
    found = [*_of_the_cause(network, cause, states), *_of_what_shows(network, cause, states)]
    return tuple(
        Basis(words, key, p.value, p.low, p.high, p.grade, p.source, p.note) for words, key, p in found[:MOST]
    )


def _states(network: Network, name: str, value: Any) -> tuple[str, ...]:
    """The states a finding leaves possible; none for a screening answer or one that says nothing."""
    variable = network.variable(name)
    if variable.role == "screening":
        return ()
    if isinstance(value, Likelihood):
        return tuple(each for each in variable.states if value[each] > 0)
    return (value,) if isinstance(value, str) and value in variable.states else ()


_Found: TypeAlias = tuple[str, ParameterKey, Parameter]


def _of_the_cause(network: Network, cause: str, states: Mapping[str, tuple[str, ...]]) -> list[_Found]:
    """Its links from the factors found, then what remains without them."""
    variable = network.variable(cause)
    distribution = network.distribution(cause)
    label = inside(variable.label)
    if not isinstance(distribution, NoisyMax):
        return _of_a_table(network, cause, cause, states)
    found: list[_Found] = []
    for parent, by_state in distribution.links.items():
        for state in states.get(parent, ()):
            for reached, parameter in _of_state(by_state.get(state, {}), variable.present):
                words = f"{_told(network, parent, state)} brings about {label}"
                found.append((words, (cause, "link", parent, state, reached), parameter))
    for reached, parameter in _of_state(distribution.leak, variable.present):
        words = f"leak of {label} (none of the named factors)"
        found.append((words, (cause, "leak", reached), parameter))
    return found


def _of_state(strengths: Mapping[str, Parameter], state: str) -> tuple[tuple[str, Parameter], ...]:
    """The strength towards `state`; all of them where it is the state that takes the rest."""
    return ((state, strengths[state]),) if state in strengths else tuple(strengths.items())


def _of_what_shows(network: Network, cause: str, states: Mapping[str, tuple[str, ...]]) -> list[_Found]:
    """Its links to the symptoms that were asked about, whatever the answer."""
    present = network.variable(cause).present
    label = inside(network.variable(cause).label)
    found: list[_Found] = []
    for child in network.children[cause]:
        if not states.get(child):
            continue
        distribution = network.distribution(child)
        if not isinstance(distribution, NoisyMax):
            found += _of_a_table(network, child, cause, states)
            continue
        strengths = distribution.links[cause].get(present, {})
        said = [each for each in states[child] if each in strengths]
        for state in said or list(strengths):
            words = f"{_told(network, child, state)}, when {label} is the only cause"
            found.append((words, (child, "link", cause, present, state), strengths[state]))
    return found


def _of_a_table(
    network: Network, name: str, cause: str, states: Mapping[str, tuple[str, ...]]
) -> list[_Found]:
    """The cells of a plain table that agree with the findings and with the cause being present."""
    distribution = network.distribution(name)
    assert isinstance(distribution, Table)
    wanted = {**states, cause: (network.variable(cause).present,)}
    axes = [wanted.get(each) or network.variable(each).states for each in (*distribution.parents, name)]
    part = "table" if distribution.parents else "prior"
    found: list[_Found] = []
    for cell in islice(product(*axes), MOST):
        parameter = _cell(network, distribution, cell)
        if parameter is not None:
            given = ", ".join(
                _told(network, each, state)
                for each, state in zip(distribution.parents, cell[:-1], strict=True)
            )
            words = f"{_told(network, name, cell[-1])}{f' given {given}' if given else ''}"
            found.append((words, (name, part, *cell), parameter))
    return found


def _cell(network: Network, table: Table, cell: tuple[str, ...]) -> Parameter | None:
    """The number stated for a cell; None where the cell takes what the others leave."""
    if table.parameters is not None:
        return table.parameters.get(cell)
    at = tuple(
        network.variable(each).states.index(state)
        for each, state in zip((*table.parents, table.variable), cell, strict=True)
    )
    value = float(table.values[at])
    return Parameter(value, value, value, (table.origin or "unstated",), "U")


def _told(network: Network, name: str, state: str) -> str:
    """A state in words: "Pressure held on one spot", "Pressure of the massage: firm"."""
    variable = network.variable(name)
    if variable.is_binary and state == variable.present:
        return variable.label
    return f"{variable.label}: {variable.answer(state)}"
