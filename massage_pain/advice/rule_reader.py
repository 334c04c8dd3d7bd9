"""Rules from files: `red_flags.toml` and `advice.toml`, read strictly.

A rule that names what does not exist, rests on no known source, can never apply or could be shown beside
what it must not stand beside does not load; the error names file, line and key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import NoReturn, Protocol, TypeVar

from massage_pain.advice.condition_reader import Path as Place
from massage_pain.advice.condition_reader import parse_condition
from massage_pain.advice.conditions import ALWAYS, ChanceIs, Condition, FindingIs, RanksFirst
from massage_pain.advice.rules import (
    KINDS,
    MOMENTS,
    WITHHELD,
    AdviceRule,
    ContraindicationRule,
    RedFlagRule,
    Rules,
)
from massage_pain.advice.urgency import Contraindication, Urgency
from massage_pain.errors import NetworkFileError, printable, shown, unknown_name
from massage_pain.knowledge import limits
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.text_file import read_text
from massage_pain.knowledge.toml_entry import Entry, read_toml

RED_FLAGS_FILE = "red_flags.toml"
ADVICE_FILE = "advice.toml"

MEDICINE_WORDS = "The article mentions, under a doctor"
"""How every note on a medicine begins: it reports and does not recommend."""

_FLAG_KEYS = ("id", "label", "urgency", "action", "why", "when", "source")
_CONTRAINDICATION_KEYS = ("id", "label", "level", "action", "why", "when", "source")
_ADVICE_KEYS = (
    *("id", "action", "kind", "urgency", "when", "moment", "source"),
    *("article", "provenance", "cautions", "withheld_when", "up_to"),
)
_ID = re.compile(r"[a-z][a-z0-9_]*")
_DOSE = re.compile(r"\d\s*(?:mg|milligram|microgram|µg|mcg|ml|tablet|capsule|times a day)", re.IGNORECASE)


def read_rules(
    network: Network,
    *,
    red_flags: Path | None = None,
    advice: Path | None = None,
    file_bytes: int = limits.FILE_BYTES,
) -> Rules:
    """The rules of `network` from a file of red flags, a file of advice, or both.

    Raises `NetworkFileError` (file, line, key) for anything that is not as `networks/README.md` says.
    """
    flags: tuple[RedFlagRule, ...] = ()
    contraindications: tuple[ContraindicationRule, ...] = ()
    if red_flags is not None:
        root = read_toml(read_text(red_flags, file_bytes=file_bytes), file=printable(str(red_flags)))
        flags, contraindications = _red_flags(root, network)
    pieces: tuple[AdviceRule, ...] = ()
    if advice is not None:
        root = read_toml(read_text(advice, file_bytes=file_bytes), file=printable(str(advice)))
        pieces = _advice(root, network, [each.id for each in flags])
    return Rules(flags, contraindications, pieces)


def rules_beside(network: Network, folder: Path) -> Rules | None:
    """The rules in a network's folder, or None when it holds neither file."""
    red_flags, advice = (
        path if path.exists() else None for path in (folder / RED_FLAGS_FILE, folder / ADVICE_FILE)
    )
    if red_flags is None and advice is None:
        return None
    return read_rules(network, red_flags=red_flags, advice=advice)


def _red_flags(
    root: Entry, network: Network
) -> tuple[tuple[RedFlagRule, ...], tuple[ContraindicationRule, ...]]:
    root.no_other_keys(("format", "red_flag", "contraindication"))
    flags = root.tables("red_flag")
    contraindications = root.tables("contraindication")
    return (
        _each(flags, lambda entry: _red_flag(entry, network)),
        _each(contraindications, lambda entry: _contraindication(entry, network)),
    )


class _Rule(Protocol):
    @property
    def id(self) -> str: ...


_AnyRule = TypeVar("_AnyRule", bound=_Rule)


def _each(entries: tuple[Entry, ...], read: Callable[[Entry], _AnyRule]) -> tuple[_AnyRule, ...]:
    found: dict[str, _AnyRule] = {}
    for entry in entries:
        rule = read(entry)
        if rule.id in found:
            raise entry.refuse(f"The id {shown(rule.id)} is taken by an earlier rule.", "id")
        found[rule.id] = rule
    return tuple(found.values())


def _red_flag(entry: Entry, network: Network) -> RedFlagRule:
    entry.no_other_keys(_FLAG_KEYS)
    when = _condition(entry, "when", network, only_rising=True)
    complaint = network.complaint
    if complaint is not None and any(
        all(isinstance(atom, FindingIs) and atom.variable == complaint.id for atom in each)
        for each in when.conjunctions
    ):
        raise entry.refuse(
            f"{shown(complaint.id)} alone would raise this in every assessment; name what must come with it.",
            "when",
        )
    urgencies = [each.name for each in Urgency if each > Urgency.SELF_CARE]
    return RedFlagRule(
        id=_id(entry),
        label=entry.text("label"),
        urgency=Urgency[_one_of(entry, "urgency", urgencies)],
        action=entry.text("action"),
        why=entry.text("why"),
        when=when,
        sources=_sources(entry, network),
    )


def _contraindication(entry: Entry, network: Network) -> ContraindicationRule:
    entry.no_other_keys(_CONTRAINDICATION_KEYS)
    levels = [each.name for each in Contraindication if each > Contraindication.NONE]
    return ContraindicationRule(
        id=_id(entry),
        label=entry.text("label"),
        level=Contraindication[_one_of(entry, "level", levels)],
        action=entry.text("action"),
        why=entry.text("why"),
        when=_condition(entry, "when", network, only_rising=True),
        sources=_sources(entry, network),
    )


def _advice(root: Entry, network: Network, flags: Collection[str]) -> tuple[AdviceRule, ...]:
    root.no_other_keys(("format", "advice"))
    found = _each(root.tables("advice"), lambda entry: _piece(entry, network, flags))
    advised = {
        atom.cause
        for rule in found
        if "assess" in rule.moments
        for atom in rule.when.atoms
        if (isinstance(atom, ChanceIs) and atom.at_least > 0.0)
        or (isinstance(atom, RanksFirst) and atom.holds)
    }
    for cause in network.causes:
        if cause.id not in advised:
            raise root.refuse(
                f"The cause {shown(cause.id)} has no advice: no rule asks for first = {shown(cause.id)} "
                f"or for posterior = {shown(cause.id)} with at_least above 0.",
                "advice",
            )
    return found


def _piece(entry: Entry, network: Network, flags: Collection[str]) -> AdviceRule:
    entry.no_other_keys(_ADVICE_KEYS)
    kind = _one_of(entry, "kind", KINDS)
    urgency = Urgency[_one_of(entry, "urgency", Urgency.__members__)]
    if kind in WITHHELD[urgency]:
        raise entry.refuse(
            f"Advice of kind {shown(kind)} is never shown at {urgency.name}; allowed there: "
            f"{', '.join(each for each in KINDS if each not in WITHHELD[urgency])}.",
            "kind",
        )
    moments = entry.texts("moment", ("assess",))
    if not moments:
        raise entry.refuse(f"moment is empty; name {' or '.join(MOMENTS)}, or both.", "moment")
    for position, each in enumerate(moments):
        if each not in MOMENTS:
            raise entry.refuse(unknown_name("moment", each, MOMENTS), "moment", position)
    action, cautions = entry.text("action"), entry.text("cautions", "")
    if kind == "medicine_note":
        _check_medicine(entry, action, cautions)
    return AdviceRule(
        id=_id(entry),
        action=action,
        kind=kind,
        urgency=urgency,
        when=_condition(entry, "when", network, flags=flags) if "when" in entry else ALWAYS,
        moments=moments,
        sources=_sources(entry, network),
        article=entry.text("article", ""),
        provenance=entry.text("provenance", ""),
        cautions=cautions,
        withheld_when=(
            _condition(entry, "withheld_when", network, flags=flags) if "withheld_when" in entry else None
        ),
        up_to=_up_to(entry, urgency),
    )


def _up_to(entry: Entry, urgency: Urgency) -> Urgency:
    if "up_to" not in entry:
        return Urgency.EMERGENCY
    found = Urgency[_one_of(entry, "up_to", Urgency.__members__)]
    if found < urgency:
        raise entry.refuse(
            f"up_to is {found.name}, below the rule's own urgency {urgency.name}: it could never be shown.",
            "up_to",
        )
    return found


def _check_medicine(entry: Entry, action: str, cautions: str) -> None:
    if not action.startswith(MEDICINE_WORDS):
        raise entry.refuse(
            f"A medicine_note begins with {shown(MEDICINE_WORDS)}; it reports and does not recommend, "
            f"got {shown(action)}.",
            "action",
        )
    if not cautions.strip():
        raise entry.refuse("A medicine_note needs its cautions.")
    for key, text in (("action", action), ("cautions", cautions)):
        if _DOSE.search(text):
            raise entry.refuse(f"A medicine_note names no dose, got {shown(text)}.", key)


def _id(entry: Entry) -> str:
    found = entry.text("id")
    if not _ID.fullmatch(found):
        raise entry.refuse(
            f"id must be lower-case letters, digits and _, beginning with a letter, got {shown(found)}.",
            "id",
        )
    return found


def _one_of(entry: Entry, key: str, allowed: Collection[str]) -> str:
    return entry.choice(key, tuple(allowed))


def _sources(entry: Entry, network: Network) -> tuple[str, ...]:
    found = entry.texts("source")
    if not found:
        raise entry.refuse("source is empty; every rule names at least one.", "source")
    for position, key in enumerate(found):
        if key not in network.sources:
            at = ("source", position) if isinstance(entry.values["source"], list) else ("source",)
            raise entry.refuse(unknown_name("source", key, network.sources), *at)
    return tuple(dict.fromkeys(found))


def _condition(
    entry: Entry, key: str, network: Network, *, flags: Collection[str] = (), only_rising: bool = False
) -> Condition:
    def refuse(place: Place, message: str) -> NoReturn:
        error: NetworkFileError = entry.refuse(message, key, *place)
        raise error

    return parse_condition(entry.value(key), network, flags=flags, only_rising=only_rising, refuse=refuse)
