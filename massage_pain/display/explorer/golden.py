"""Cases to load: the golden cases that stand beside a shipped network. No widgets."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from massage_pain.inference.case import Case
from massage_pain.knowledge.catalogue import folder_of, networks
from massage_pain.knowledge.limits import FILE_BYTES

if TYPE_CHECKING:
    from massage_pain.knowledge.network import Network
    from massage_pain.reasoner import Reasoner

CASES = "cases.toml"
AN_ORDINARY_AGE = 40.0


class GoldenCase(NamedTuple):
    """A sentence and its findings; `otherwise_absent` says that every open safety question is a no."""

    id: str
    group: str
    sentence: str
    findings: Mapping[str, Any]
    otherwise_absent: bool


def has_cases(network: Network) -> bool:
    """Whether there is anything to load; the file itself is read when someone asks."""
    return network.name in networks() and (folder_of(network.name) / CASES).is_file()


def golden_cases(network: Network) -> tuple[GoldenCase, ...]:
    """The cases after a massage that the network's folder holds; none for a network of one's own."""
    if not has_cases(network):
        return ()
    path = folder_of(network.name) / CASES
    try:
        if path.stat().st_size > FILE_BYTES:
            return ()
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("case", [])
        return tuple(
            GoldenCase(
                str(each["id"]),
                str(each["group"]).replace("_", " "),
                str(each["sentence"]),
                dict(each["findings"]),
                each.get("otherwise") == "absent",
            )
            for each in entries
            if each["moment"] == "after"
            and "error" not in each["expect"]
            and all(name in network for name in each["findings"])
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError):
        return ()  # cases are a convenience: a broken file must not keep anyone from the explorer


def findings_of(reasoner: Reasoner, golden: GoldenCase) -> Case:
    """The case with its open safety questions answered, where the file says so.

    Raises what `Reasoner.assess` raises.
    """
    seen = reasoner.assess(golden.findings)
    while golden.otherwise_absent:
        open_now = [each.variable for each in seen.unscreened if each.variable not in seen.case]
        if not open_now:
            break
        variables = [reasoner.network.variable(name) for name in open_now]
        plain = {each.id: AN_ORDINARY_AGE if each.numeric else each.states[0] for each in variables}
        seen = reasoner.assess(seen.case.observe(plain))
    return seen.case


def matching(cases: tuple[GoldenCase, ...], words: str) -> tuple[GoldenCase, ...]:
    """The cases whose sentence, id or group holds every one of the words."""
    wanted = words.casefold().split()
    return tuple(
        each
        for each in cases
        if all(word in f"{each.sentence} {each.id} {each.group}".casefold() for word in wanted)
    )
