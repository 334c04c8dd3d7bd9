"""A network from a TOML file (the format is explained in networks/README.md).

Read in two steps: first every variable, then every distribution, since a link may name a variable that
stands further down. Whatever the file gets wrong is refused with file, line and key.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from unicodedata import normalize as unicode_normalize

from massage_pain.errors import ComplexityError, InvalidNetworkError, printable, shown, unknown_name
from massage_pain.knowledge import limits
from massage_pain.knowledge.distributions import Distribution, NoisyMax
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import GRADES, Parameter, Source
from massage_pain.knowledge.text_file import read_text
from massage_pain.knowledge.toml_entry import Entry, read_toml
from massage_pain.knowledge.toml_tables import is_unstated, read_prior, read_table
from massage_pain.knowledge.variable import BINARY, ROLES, Variable, checked_name

_NETWORK_KEYS = ("name", "version", "title", "description", "sources")
_SOURCE_KEYS = ("citation", "url", "note")
_PARAMETER_KEYS = ("value", "low", "high", "source", "grade", "note")
_VARIABLE_KEYS = (
    *("role", "label", "question", "group", "modifiable", "cost", "states", "state_labels"),
    *("present", "icd10", "benign", "note", "numeric", "unit"),
    *("prior", "form", "leak", "links", "parents", "rows", "table"),
)
_FORM_KEYS: Mapping[str, tuple[str, ...]] = {
    "": ("prior",),
    "noisy-or": ("leak", "links"),
    "noisy-max": ("leak", "links"),
    "table": ("parents", "rows", "table"),
}
_DISTRIBUTION_KEYS = ("prior", "form", "leak", "links", "parents", "rows", "table")


def read_toml_network(
    text: str,
    *,
    file: str,
    folder: Path | None = None,
    normalize: bool = False,
    table_cells: int = limits.TABLE_CELLS,
    deadline: float | None = None,
    read: Callable[[Path], str] = read_text,
) -> Network:
    """The network that `text` describes.

    `folder` is where the file stands (a file of sources is looked for from there, by `read`). With
    `normalize`, rows that give every state are divided by their sums. `deadline` is a moment of
    `time.monotonic`, by default `limits.READ_SECONDS` from now. Raises `NetworkFileError`, and
    `ComplexityError` for a table over `table_cells`.
    """
    root = read_toml(text, file=file, deadline=deadline)
    root.no_other_keys(("format", "network", "sources", "groups", "variables"))
    about = root.table("network")
    about.no_other_keys(_NETWORK_KEYS)
    sources = _sources(root, about, folder, read)
    with about.checking("name"):
        name = checked_name(about.text("name"), "A network's name")
    variables, given = _variables(root)
    reader = _Distributions(variables, sources, normalize=normalize, table_cells=table_cells)
    distributions = [
        reader.read(each, given[id]) for id, each in variables.items() if not _is_answer(each, given[id])
    ]
    try:
        return Network(
            name=name,
            variables=tuple(variables.values()),
            distributions=tuple(distributions),
            sources=sources,
            version=about.text("version", ""),
            title=about.text("title", ""),
            description=about.text("description", ""),
            groups=root.texts_by_name("groups"),
            table_cells=table_cells,
        )
    except InvalidNetworkError as error:
        place = given.get(_culprit(distributions, variables, table_cells), root)
        raise place.refuse(str(error)) from None


# -- sources -----------------------------------------------------------------------------------


def read_sources(root: Entry) -> dict[str, Source]:
    """The [sources.KEY] tables of a file."""
    found = {}
    for key, entry in root.entries("sources").items():
        entry.no_other_keys(_SOURCE_KEYS)
        url = entry.text("url", "")
        if url and not url.startswith(("https://", "http://")):
            raise entry.refuse(f"url must begin with https:// or http://, got {shown(url)}.", "url")
        if not key.strip():
            raise entry.refuse(f"a source's key must not be blank, got {shown(key)}.")
        found[key] = Source(key, entry.text("citation"), url, entry.text("note", ""))
    return found


def _sources(
    root: Entry, about: Entry, folder: Path | None, read: Callable[[Path], str]
) -> dict[str, Source]:
    own = read_sources(root)
    if "sources" not in about:
        return own
    place = about.text("sources")
    path = _inside(place, folder)
    if path is None:
        raise about.refuse(
            f"sources must be a file in the network's folder or the folder above, got {shown(place)}.",
            "sources",
        )
    shared = read_toml(read(path), file=printable(str(path)), deadline=root.document.deadline)
    shared.no_other_keys(("format", "sources"))
    found = read_sources(shared)
    for key in own:
        if key in found:
            raise root.refuse(
                f"the source {shown(key)} stands in {printable(place)} already.", "sources", key
            )
    return {**found, **own}


def _inside(place: str, folder: Path | None) -> Path | None:
    """The file meant by `place`, unless it lies outside the folder and the one above it."""
    if folder is None or "\0" in place:
        return None
    path = Path(os.path.normpath(folder / place))
    home, target = folder.resolve(), path.resolve()
    return path if target.parent == home.parent or target.is_relative_to(home) else None


# -- variables ---------------------------------------------------------------------------------


def _variables(root: Entry) -> tuple[dict[str, Variable], dict[str, Entry]]:
    """Every variable, and where it stands, by its id."""
    variables: dict[str, Variable] = {}
    given: dict[str, Entry] = {}
    for key, entry in root.entries("variables").items():
        variable = _variable(key, entry)
        if variable.id in variables:
            raise entry.refuse(f"the variable {shown(variable.id)} is declared twice.")
        variables[variable.id], given[variable.id] = variable, entry
    return variables, given


def _variable(id: str, entry: Entry) -> Variable:
    entry.document.check_time()
    entry.no_other_keys(_VARIABLE_KEYS)
    numeric = None
    if "numeric" in entry:
        for key in ("states", "state_labels", "present"):
            if key in entry:
                raise entry.refuse(f"a numeric variable has no {key}.", key)
        bounds = entry.value("numeric")
        if not isinstance(bounds, list) or len(bounds) != 2:
            raise entry.refuse(f"numeric must be a range [lowest, highest], got {shown(bounds)}.", "numeric")
        numeric = (
            entry.as_number(bounds[0], "numeric", 0),
            entry.as_number(bounds[1], "numeric", 1),
        )
    try:
        return Variable(
            id=id,
            states=entry.texts("states", BINARY, alone=False),
            role=entry.choice("role", ROLES, "other"),
            label=entry.text("label", ""),
            question=entry.text("question", ""),
            state_labels=entry.texts("state_labels", (), alone=False),
            present=unicode_normalize("NFC", entry.text("present", "")),
            modifiable=entry.flag("modifiable", False),
            cost=entry.number("cost", 1.0),
            group=entry.text("group", ""),
            icd10=entry.text("icd10", ""),
            note=entry.text("note", ""),
            benign=entry.flag("benign", False),
            numeric=numeric,
            unit=entry.text("unit", ""),
        )
    except InvalidNetworkError as error:
        raise entry.refuse_here(error, shown(id)) from None


def _is_answer(variable: Variable, entry: Entry) -> bool:
    """Whether this is a screening answer, which must have no distribution."""
    if variable.role != "screening":
        return False
    for key in _DISTRIBUTION_KEYS:
        if key in entry:
            raise entry.refuse(f"a screening answer has no probability, so no {key}.", key)
    return True


# -- distributions -----------------------------------------------------------------------------


class _Distributions:
    """Reads distributions, knowing every variable and every source."""

    def __init__(
        self,
        variables: Mapping[str, Variable],
        sources: Collection[str],
        *,
        normalize: bool,
        table_cells: int,
    ) -> None:
        self._variables = variables
        self._parents = {id: each for id, each in variables.items() if each.role != "screening"}
        self._sources = sources
        self._normalize, self._table_cells = normalize, table_cells

    def read(self, variable: Variable, entry: Entry) -> Distribution:
        """P(variable | parents), as `entry` describes it."""
        entry.document.check_time()
        form = entry.choice("form", [each for each in _FORM_KEYS if each], "") if "form" in entry else ""
        if not form and "prior" not in entry:
            raise entry.refuse(
                f"{shown(variable.id)} needs a prior (no parents) or a form "
                "(noisy-or, noisy-max or table); only a screening answer has neither."
            )
        for key in _DISTRIBUTION_KEYS:
            if key in entry and key != "form" and key not in _FORM_KEYS[form]:
                needed = " and ".join(_FORM_KEYS[form])
                raise entry.refuse(f"a {form or 'prior'} is given by {needed}, not by {key}.", key)
        if form in ("noisy-or", "noisy-max"):
            return self._noisy_max(variable, entry, form)
        number = self._parameter
        if not form:
            return read_prior(variable, entry, number, normalize=self._normalize)
        return read_table(
            variable,
            self._table_parents(entry),
            entry,
            number,
            sources=self._sources,
            normalize=self._normalize,
            table_cells=self._table_cells,
        )

    def _table_parents(self, entry: Entry) -> tuple[Variable, ...]:
        names = entry.texts("parents", (), alone=False)
        return tuple(self._parent(name, entry, "parents", at) for at, name in enumerate(names))

    def _parent(self, name: str, entry: Entry, *keys: str | int) -> Variable:
        found = self._parents.get(unicode_normalize("NFC", name))
        if found is None:
            if name in self._variables:
                raise entry.refuse(f"the screening answer {shown(name)} cannot be a parent.", *keys)
            raise entry.refuse(unknown_name("parent", name, self._parents), *keys)
        return found

    def _noisy_max(self, variable: Variable, entry: Entry, form: str) -> NoisyMax:
        if form == "noisy-or" and len(variable.states) != 2:
            raise entry.refuse(
                f"a noisy-or is for two states; {shown(variable.id)} has {len(variable.states)}: "
                "use noisy-max.",
                "form",
            )
        links: dict[str, dict[str, dict[str, Parameter]]] = {}
        given = entry.entries("links")
        for name, link in given.items():
            parent = self._parent(name, entry, "links", name)
            by_state = links.setdefault(parent.id, {})
            for state in link:
                by_state[_state(state, parent, link)] = self._strengths(variable, link, state, form)
        return NoisyMax(variable.id, self._strengths(variable, entry, "leak", form), links)

    def _strengths(self, variable: Variable, entry: Entry, key: str, form: str) -> dict[str, Parameter]:
        if form == "noisy-or":
            return {variable.states[-1]: self._parameter(entry, key)}
        by_state = entry.table(key)
        return {_state(state, variable, by_state): self._parameter(by_state, state) for state in by_state}

    def _parameter(self, entry: Entry, key: str) -> Parameter:
        here = entry.table(key)
        here.no_other_keys(_PARAMETER_KEYS)
        source = here.texts("source")
        grade = here.choice("grade", GRADES)
        for position, name in enumerate(source):
            if name not in self._sources and not is_unstated(name, grade):
                keys: tuple[str | int, ...] = ("source",)
                if isinstance(here.values["source"], list):
                    keys = ("source", position)
                raise here.refuse(unknown_name("source", name, self._sources), *keys)
        try:
            return Parameter(
                here.number("value"),
                here.number("low"),
                here.number("high"),
                source,
                grade,
                here.text("note", ""),
            )
        except InvalidNetworkError as error:
            raise here.refuse_here(error) from None


def _state(name: str, variable: Variable, entry: Entry) -> str:
    """A state above the lowest, by its name."""
    found = unicode_normalize("NFC", name)
    if found not in variable.states[1:]:
        where = f" for {printable(variable.id)}"
        if found in variable.states:
            where += ": it is the lowest state, whose probability is the rest"
        raise entry.refuse(unknown_name("state", name, variable.states[1:], where=where), name)
    return found


def _culprit(
    distributions: Collection[Distribution], variables: Mapping[str, Variable], table_cells: int
) -> str:
    """Which variable a network that could not be made is to be blamed on; "" if it is none."""
    for each in distributions:
        try:
            each.check(variables, table_cells=table_cells)
        except (InvalidNetworkError, ComplexityError):
            return each.variable
        if len(set(each.parents)) < len(each.parents):
            return each.variable
    try:
        TopologicalSorter({each.variable: each.parents for each in distributions}).prepare()
    except CycleError as error:
        return str(error.args[1][0])
    return ""
