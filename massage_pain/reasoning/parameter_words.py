"""The numbers of a network in words: what each is the chance of."""

from __future__ import annotations

from massage_pain.advice.reasons import inside
from massage_pain.knowledge.distributions import ParameterKey
from massage_pain.knowledge.network import Network
from massage_pain.reasoning.wording import finding_words


def parameter_words(network: Network, key: ParameterKey) -> str:
    """What a number is the chance of: "Pressure held on one spot brings about impaired circulation"."""
    name, part, *rest = key
    variable = network.variable(name)
    state = rest[-1]
    what = finding_words(network, name, state)
    if part == "prior":
        return f"{what}, before anything is known"
    if part == "leak":
        if variable.role == "cause":
            return f"leak of {_as_effect(network, name, state)} (none of the named factors)"
        return f"{what}, with none of the named causes"
    if part == "link":
        parent = finding_words(network, rest[0], rest[1])
        if variable.role == "cause":
            return f"{parent} brings about {_as_effect(network, name, state)}"
        return f"{what}, when {inside(parent)} is the only cause"
    given = (
        finding_words(network, parent, each)
        for parent, each in zip(network.parents(name), rest[:-1], strict=True)
    )
    return f"{what} given {', '.join(given)}"


def _as_effect(network: Network, name: str, state: str) -> str:
    return inside(finding_words(network, name, state))
