"""`network list`, `check`, `show` and `export`: what a network says, for those who read or write one."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from massage_pain.command_line.cases import reasoner_of, width_of
from massage_pain.errors import NetworkFileError, UnsupportedModelError, printable, shown
from massage_pain.knowledge.catalogue import networks
from massage_pain.knowledge.distributions import ParameterKey
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import GRADES
from massage_pain.knowledge.variable import BINARY, ROLES, Variable

if TYPE_CHECKING:
    import argparse


def answer(arguments: argparse.Namespace) -> str:
    """What the verb after `network` prints. Raises what reading or writing a network raises."""
    return VERBS[arguments.network_verb](arguments)


def _list(_: argparse.Namespace) -> str:
    return "\n".join(_title(reasoner_of(each).network) for each in networks())


def _check(arguments: argparse.Namespace) -> str:
    """Whoever gets this far can be read and asked; the rest are remarks."""
    from massage_pain.knowledge.linter import check

    reasoner = reasoner_of(arguments.source)
    network, rules = reasoner.network, reasoner.rules
    lines = [_title(network), f"{_counts(network)}. It can be read and asked."]
    used: set[str] = set()
    if rules is not None:
        lines.append(f"{repr(rules).strip('<>')}.")
        for group in (rules.red_flags, rules.contraindications, rules.advice):
            used.update(key for each in group for key in each.sources)
    remarks = [line for each in check(network, used_elsewhere=used) for line in _wrapped("", str(each))]
    return "\n".join([*lines, *remarks])


def _show(arguments: argparse.Namespace) -> str:
    network = reasoner_of(arguments.source).network
    if arguments.variable is not None:
        return "\n".join(_variable(network, network.variable(arguments.variable)))
    return "\n".join(_overview(network))


def _export(arguments: argparse.Namespace) -> str:
    network = reasoner_of(arguments.source).network
    target = Path(arguments.target).absolute().resolve()
    if target.exists() and not arguments.overwrite:
        raise NetworkFileError("the file exists; --overwrite replaces it.", file=printable(str(target)))
    suffix = target.suffix.lower()
    if suffix in PAGES:
        from massage_pain.knowledge.text_file import write_text

        return f"Written: {write_text(target, PAGES[suffix](network), overwrite=arguments.overwrite)}"
    if suffix not in (".toml", ".bif"):
        raise UnsupportedModelError(
            f"{shown(arguments.target)}: a network is written as .toml, .bif, .svg (a drawing) or .md "
            "(every number with its source)."
        )
    return f"Written: {network.write(target, overwrite=arguments.overwrite)}"


def _drawing(network: Network) -> str:
    from massage_pain.display.network_drawing import network_svg

    return network_svg(network)


def _numbers_page(network: Network) -> str:
    from massage_pain.knowledge.parameter_table import parameter_table

    return parameter_table(network)


PAGES: Mapping[str, Callable[[Network], str]] = {".svg": _drawing, ".md": _numbers_page}

VERBS: Mapping[str, Callable[[argparse.Namespace], str]] = {
    "list": _list,
    "check": _check,
    "show": _show,
    "export": _export,
}


# -- one network -----------------------------------------------------------------------------------------


def _title(network: Network) -> str:
    name = f"{printable(network.name)} {printable(network.version)}".strip()
    return f"{name}: {printable(network.title)}" if network.title else name


def _counts(network: Network) -> str:
    links = sum(len(each.parents) for each in network.distributions)
    counts = [
        _counted(len(network.nodes), "variable"),
        _counted(links, "link"),
        _counted(len(network.parameters), "number"),
    ]
    if network.screening:
        counts.append(_counted(len(network.screening), "screening answer"))
    if network.sources:
        counts.append(_counted(len(network.sources), "source"))
    return ", ".join(counts)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _overview(network: Network) -> Iterator[str]:
    yield _title(network)
    yield _counts(network)
    yield f"content hash {network.content_hash}"
    if any(each.is_binary for each in network.variables):
        yield f"States are {' and '.join(BINARY)} unless given in braces."
    for role in ROLES:
        members = network.with_role(role)
        if members:
            yield f"\n{role} ({len(members)})"
        for each in members:
            yield from _row(each)


def _row(variable: Variable) -> list[str]:
    """The name, what it means, and its states; on the lines below what does not fit."""
    words = [printable(variable.label)] if variable.label != variable.id.replace("_", " ") else []
    if not variable.is_binary:
        words.append(f"{{{_states(variable)}}}")
    return textwrap.wrap(
        f"{f'  {printable(variable.id)}':<28}  {' '.join(words)}".rstrip(),
        width_of(sys.stdout),
        subsequent_indent=" " * 30,
    )


def _states(variable: Variable) -> str:
    if variable.numeric is not None:
        low, high = variable.numeric
        return f"a number from {low:g} to {high:g}{f' {printable(variable.unit)}' if variable.unit else ''}"
    return ", ".join(map(printable, variable.states))


# -- one variable ----------------------------------------------------------------------------------------


def _variable(network: Network, variable: Variable) -> Iterator[str]:
    yield from _wrapped("", f"{printable(variable.id)}: {printable(variable.label)}")
    rows = [("role", variable.role), ("asked as", variable.question), ("states", _states(variable))]
    if variable.states:
        pairs = zip(variable.states, variable.state_labels, strict=True)
        rows.append(("in words", ", ".join(f"{state}: {label}" for state, label in pairs)))
    if variable.icd10:
        rows.append(("ICD-10", f"{variable.icd10}, to be confirmed by a clinician"))
    rows.append(("note", variable.note))
    if variable.role != "screening":
        rows.append(("parents", ", ".join(network.parents(variable.id))))
        rows.append(("children", ", ".join(network.children[variable.id])))
    for name, text in rows:
        if text:
            yield from _wrapped(f"{name:<10}", printable(text))
    yield from _numbers(network, variable)


def _numbers(network: Network, variable: Variable) -> Iterator[str]:
    stated = {key: each for key, each in network.parameters.items() if key[0] == variable.id}
    if not stated:
        return
    yield ""
    keys: dict[str, None] = {}
    for key, each in stated.items():
        keys.update(dict.fromkeys(each.source))
        figure = f"{each.value:g} ({each.low:g} to {each.high:g})"
        yield from _wrapped("", f"{_part(key)}: {figure} grade {each.grade}, {', '.join(each.source)}")
        if each.note:
            yield from _wrapped("    ", printable(each.note))
    grades = sorted({each.grade for each in stated.values()})
    yield ""
    for grade in grades:
        yield from _wrapped(f"grade {grade:<4}", GRADES[grade])
    for source in keys:
        if source in network.sources:
            yield from _wrapped(f"{printable(source)}: ", printable(network.sources[source].citation))


def _part(key: ParameterKey) -> str:
    _, part, *rest = key
    if part == "link":
        parent, parent_state, state = rest
        return f"{printable(parent)}={printable(parent_state)} brings {printable(state)}"
    if part == "table":
        *given, state = rest
        return f"{printable(state)} given ({', '.join(map(printable, given))})"
    return f"{part} of {printable(rest[0])}"


def _wrapped(start: str, text: str) -> list[str]:
    return textwrap.wrap(
        f"{start}{text}", width_of(sys.stdout), subsequent_indent=" " * min(len(start) or 4, 10)
    )
