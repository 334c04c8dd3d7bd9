"""What is allowed in a network, but probably not meant.

A network that exists is consistent; whether it is sensible is another matter. Each check is a small
function that yields remarks; `check` runs them all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from massage_pain.errors import printable, shown
from massage_pain.knowledge.distributions import NoisyMax, ParameterKey
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import Parameter
from massage_pain.knowledge.variable import BINARY, Variable

WARNING, NOTE = "warning", "note"

_DEPTH = {"factor": 0, "cause": 1, "complaint": 2, "symptom": 2}
_ASKED = ("factor", "complaint", "symptom", "screening")


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to look at.

    `level` is "warning" or "note", `check` the name of what found it, `key` a variable or a source
    (empty for the whole network) and `message` a sentence.
    """

    level: str
    check: str
    key: str
    message: str

    def __str__(self) -> str:
        where = f"{printable(self.key)}: " if self.key else ""
        return f"{self.level}: {where}{printable(self.message)}"


def check(network: Network, *, used_elsewhere: Collection[str] = ()) -> tuple[Remark, ...]:
    """Everything that looks unintended, warnings before notes.

    `used_elsewhere` are keys of sources that rules refer to; without it only the numbers count.
    """
    remarks = [remark for each in _CHECKS for remark in each(network)]
    remarks.extend(_unused_sources(network, used_elsewhere))
    return tuple(sorted(remarks, key=lambda remark: remark.level != WARNING))


def _one_state(network: Network) -> Iterator[Remark]:
    for each in network.nodes:
        if len(each.states) == 1:
            yield Remark(WARNING, "one_state", each.id, "it has one state only, so it says nothing.")


def _unreachable_states(network: Network) -> Iterator[Remark]:
    for each in network.nodes:
        given = network.distribution(each.id)
        if isinstance(given, NoisyMax):
            strengths = [given.leak, *(s for by_state in given.links.values() for s in by_state.values())]
            higher = [any(s[state].value > 0.0 for s in strengths) for state in each.states[1:]]
            reached = [True, *higher]
        else:
            cells = given.values.reshape(-1, len(each.states))
            reached = [bool(column.any()) for column in (cells > 0.0).T]
        for state, possible in zip(each.states, reached, strict=True):
            if not possible:
                message = f"the state {shown(state)} has probability zero whatever its parents are."
                yield Remark(WARNING, "unreachable_state", each.id, message)


def _zero_strength(network: Network) -> Iterator[Remark]:
    for given in network.distributions:
        if not isinstance(given, NoisyMax):
            continue
        for parent, by_state in given.links.items():
            if all(each.value == 0.0 for strengths in by_state.values() for each in strengths.values()):
                message = f"the link from {parent} has strength zero, so it does nothing."
                yield Remark(WARNING, "zero_strength", given.variable, message)
        if all(each.value == 0.0 for each in given.leak.values()):
            message = "the leak is zero, so it cannot occur without one of its parents."
            yield Remark(NOTE, "zero_leak", given.variable, message)


def _roles(network: Network) -> Iterator[Remark]:
    for given in network.distributions:
        child = network.variable(given.variable)
        for parent in map(network.variable, given.parents):
            if _DEPTH.get(parent.role, 0) > _DEPTH.get(child.role, 2):
                message = f"a {parent.role} ({parent.id}) leads to a {child.role}: the wrong way round?"
                yield Remark(WARNING, "roles", child.id, message)


def _causes(network: Network) -> Iterator[Remark]:
    if not network.causes:
        message = "no variable has the role cause; Network.with_causes(...) chooses some."
        yield Remark(NOTE, "no_cause", "", message)
    for cause in network.causes:
        if not any(network.variable(each).role == "symptom" for each in network.children[cause.id]):
            yield Remark(WARNING, "no_symptom", cause.id, "this cause has no symptom, so nothing shows it.")


def _unconnected(network: Network) -> Iterator[Remark]:
    for each in network.nodes:
        if not network.parents(each.id) and not network.children[each.id] and len(network.nodes) > 1:
            message = "no link leads to it or from it, so it bears on nothing."
            yield Remark(WARNING, "unconnected", each.id, message)


def _words(network: Network) -> Iterator[Remark]:
    for each in network.variables:
        if each.role == "other":
            continue
        if each.role in _ASKED and not each.question:
            yield Remark(WARNING, "no_question", each.id, f"this {each.role} has no question.")
        if each.label == Variable(id=each.id, states=each.states or BINARY).label:
            yield Remark(NOTE, "no_label", each.id, "it has no label of its own.")
        if network.groups and each.group and each.group not in network.groups:
            message = f"its group {shown(each.group)} is not among the network's groups."
            yield Remark(WARNING, "unknown_group", each.id, message)


def _numbers(network: Network) -> Iterator[Remark]:
    stated = {key: each for key, each in _provenanced(network) if each.grade != "U"}
    for key, each in stated.items():
        if each.low == each.high:
            message = f"{' '.join(key[1:])}: low and high are equal, as if the number were known exactly."
            yield Remark(WARNING, "no_range", key[0], message)
    judged = sum(each.grade == "C" for each in stated.values())
    if judged:
        share = f"{judged} of {len(stated)} numbers ({judged / len(stated):.0%})"
        yield Remark(NOTE, "judgement", "", f"{share} are judgement (grade C).")


def _provenanced(network: Network) -> Iterator[tuple[ParameterKey, Parameter]]:
    """The numbers that state where they come from (a table without provenance may be very large)."""
    for given in network.distributions:
        if isinstance(given, NoisyMax) or given.parameters is not None:
            variables = {each: network.variable(each) for each in (*given.parents, given.variable)}
            yield from given.stated(variables).items()


def _unused_sources(network: Network, used_elsewhere: Collection[str]) -> Iterator[Remark]:
    used = {source for _, each in _provenanced(network) for source in each.source}
    used.update(getattr(each, "origin", "") for each in network.distributions)
    for key in network.sources:
        if key not in used and key not in used_elsewhere:
            yield Remark(NOTE, "unused_source", key, "no number names this source.")


_CHECKS = (
    *(_one_state, _unreachable_states, _zero_strength, _roles),
    *(_causes, _unconnected, _words, _numbers),
)
