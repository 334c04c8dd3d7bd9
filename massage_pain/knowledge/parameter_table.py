"""Every number of a network as a page: value, range, grade, sources (docs/parameters.md is one).

The page is Markdown and depends on nothing but the network, so that the same network gives the same page.
"""

from __future__ import annotations

from collections.abc import Iterator

from massage_pain.errors import printable
from massage_pain.knowledge.distributions import ParameterKey
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import GRADES, Parameter
from massage_pain.knowledge.variable import Variable

_HEADINGS = {
    "factor": "Factors",
    "cause": "Causes",
    "complaint": "Complaint",
    "symptom": "Symptoms",
    "other": "Variables",
}
_MARKUP = str.maketrans(
    {
        **{mark: f"\\{mark}" for mark in "\\`*_[]|~#$"},
        **{"<": "&lt;", ">": "&gt;", "&": "&amp;", "\n": " ", "\r": " ", "\t": " "},
    }
)


def parameter_table(network: Network) -> str:
    """The page: numbers by variable, then the sources, then what the grades mean."""
    return "\n".join(_lines(network)) + "\n"


def _lines(network: Network) -> Iterator[str]:
    title = network.title or network.name
    version = f" {network.version}" if network.version else ""
    yield f"# Numbers of {_words(title)}"
    yield ""
    yield (
        f"Every number of the network `{_code(network.name)}`{_words(version)}, generated from its files: "
        "what it is, its plausible range, how well it is supported and by what. "
        f"There are {len(network.parameters):,}."
    )
    yield from ("", "Grades: " + "; ".join(f"**{g}** {meaning}" for g, meaning in GRADES.items()) + ".")
    by_variable: dict[str, list[tuple[ParameterKey, Parameter]]] = {}
    for key, each in network.parameters.items():
        by_variable.setdefault(key[0], []).append((key, each))
    for role, heading in _HEADINGS.items():
        variables = [each for each in network.with_role(role) if each.id in by_variable]
        if variables:
            yield from ("", f"## {heading}")
        for variable in variables:
            yield from _variable(network, variable, by_variable[variable.id])
    yield from ("", "## Sources", "")
    for name, source in network.sources.items():
        url = f" <{source.url}>" if source.url and not set(source.url) & set("<> \n") else ""
        note = f" {_words(source.note)}" if source.note else ""
        yield f"- **{_words(name)}**: {_words(source.citation)}{url}{note}"


def _variable(
    network: Network, variable: Variable, numbers: list[tuple[ParameterKey, Parameter]]
) -> Iterator[str]:
    yield from ("", f"### {_words(variable.label)}", "")
    states = ", ".join(_words(each) for each in variable.states)
    yield f"`{_code(variable.id)}` ({states}){_about(variable)}"
    yield from ("", "| Number | Value | Range | Grade | Sources | Note |", "|---|---|---|---|---|---|")
    for key, each in numbers:
        yield (
            f"| {_words(_what(network, key))} | {each.value:.6g} | {each.low:.6g} to {each.high:.6g} "
            f"| {each.grade} | {_words(', '.join(each.source))} | {_words(each.note)} |"
        )


def _about(variable: Variable) -> str:
    """What else the file says of a variable."""
    found = f". {_words(variable.note)}" if variable.note else ""
    if variable.icd10:
        found += f". ICD-10 {_words(variable.icd10)}, to be confirmed by a clinician"
    return found


def _what(network: Network, key: ParameterKey) -> str:
    """What a number is, in words: `prior of present`, `if massage_pressure = firm`."""
    variable, part, *names = key
    states = network.variable(variable).states
    state = f": {names[-1]}" if len(states) > 2 or part in ("table", "prior") else ""
    if part == "link":
        return f"if {names[0]} = {names[1]}{state}"
    if part == "table":
        parents = zip(network.parents(variable), names, strict=False)
        return f"if {', '.join(f'{p} = {s}' for p, s in parents)}{state}"
    return f"{part}{state}"


def _words(text: str) -> str:
    return printable(text.translate(_MARKUP))


def _code(text: str) -> str:
    return printable(text.replace("`", "'"))
