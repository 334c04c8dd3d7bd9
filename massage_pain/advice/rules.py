"""Rules as values: red flags, contraindications, advice.

A rule says when it applies, what to do then, how urgent that is and which sources it rests on. Rules are
data, read from TOML files (`rule_reader`); nothing here knows a single rule.

**What may stand beside what.** Advice that comforts, warms, moves or medicates has no place beside
something urgent: it takes time and it reassures. `WITHHELD` says which kinds are kept back from which
urgency on; in an emergency nothing but the call for help is left.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from massage_pain.advice.conditions import ChanceIs, Condition, FindingIs, NumberIs, RanksFirst
from massage_pain.advice.urgency import Contraindication, Urgency
from massage_pain.errors import InvalidNetworkError, shown
from massage_pain.knowledge.network import Network

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "seek_care": "have it looked at, or call for help",
        "stop": "stop what is being done",
        "rest": "ease off",
        "watch": "what to look out for, and for how long",
        "information": "what to know",
        "prevention": "what to do differently next time",
        "cold": "something cold",
        "warmth": "something warm",
        "exercise": "movement",
        "massage": "a further massage",
        "medicine_note": "what the article says of medicines; never a recommendation",
        "reassurance": "that it is common, or passes",
    }
)
"""The kinds of advice and what each says."""

MOMENTS: tuple[str, ...] = ("assess", "screen")
"""When advice is given: during or after a massage, or before one."""

_NEVER_URGENT = frozenset({"warmth", "exercise", "massage", "medicine_note", "reassurance"})

WITHHELD: Mapping[Urgency, frozenset[str]] = MappingProxyType(
    {
        Urgency.SELF_CARE: frozenset(),
        Urgency.STOP_AND_REST: frozenset(),
        Urgency.SEE_DOCTOR: frozenset({"reassurance"}),
        Urgency.SAME_DAY: _NEVER_URGENT,
        Urgency.EMERGENCY: frozenset(KINDS) - {"seek_care"},
    }
)
"""The kinds of advice that are not given at an urgency."""


class RedFlagRule(NamedTuple):
    """Answers that call for help whatever the chances are."""

    id: str
    label: str
    urgency: Urgency
    action: str
    why: str
    when: Condition
    sources: tuple[str, ...]


class ContraindicationRule(NamedTuple):
    """Answers that speak against a massage that has not begun."""

    id: str
    label: str
    level: Contraindication
    action: str
    why: str
    when: Condition
    sources: tuple[str, ...]


class AdviceRule(NamedTuple):
    """What to do when a condition holds. `urgency` is what it raises the case to.

    `article` are the article's own words, `provenance` what is said of them where the sources are shown.
    It is not shown while `withheld_when` holds, nor where the case is more urgent than `up_to`; its urgency
    counts all the same.
    """

    id: str
    action: str
    kind: str
    urgency: Urgency
    when: Condition
    sources: tuple[str, ...]
    moments: tuple[str, ...] = ("assess",)
    article: str = ""
    provenance: str = ""
    cautions: str = ""
    withheld_when: Condition | None = None
    up_to: Urgency = Urgency.EMERGENCY


@dataclass(frozen=True, repr=False)
class Rules:
    """All rules of one network, in the order of their files."""

    red_flags: tuple[RedFlagRule, ...] = ()
    contraindications: tuple[ContraindicationRule, ...] = ()
    advice: tuple[AdviceRule, ...] = ()

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) of what the rules say: the same for the same content, however written."""
        import hashlib  # here, because a first answer needs neither
        import json

        text = json.dumps(_plain(self), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def check(self, network: Network) -> None:
        """Raise `InvalidNetworkError` for a name that `network` does not have: the rules are another's."""
        conditions = [
            *(each.when for each in self.red_flags),
            *(each.when for each in self.contraindications),
            *(each.when for each in self.advice),
            *(each.withheld_when for each in self.advice if each.withheld_when is not None),
        ]
        causes = {each.id for each in network.causes}
        for atom in dict.fromkeys(atom for each in conditions for atom in each.atoms):
            name = ""
            if isinstance(atom, (FindingIs, NumberIs)):
                known = atom.variable in network
                if isinstance(atom, FindingIs):
                    known = known and atom.states <= set(network.variable(atom.variable).states)
                name = "" if known else atom.variable
            elif isinstance(atom, (ChanceIs, RanksFirst)) and atom.cause is not None:
                name = "" if atom.cause in causes else atom.cause
            if name:
                raise InvalidNetworkError(
                    f"The rules name {shown(name)}, which the network {shown(network.name)} does not have as "
                    "they mean it; they were read for another network."
                )

    def __repr__(self) -> str:
        return (
            f"<Rules: {len(self.red_flags)} red flags, {len(self.contraindications)} contraindications, "
            f"{len(self.advice)} pieces of advice>"
        )


def _plain(value: Any) -> Any:
    """The same as lists, texts and numbers, one way whatever the order of a set."""
    if is_dataclass(value):
        return [type(value).__name__, *(_plain(getattr(value, each.name)) for each in fields(value))]
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, frozenset):
        return sorted(value)
    return value.name if isinstance(value, enum.Enum) else value
