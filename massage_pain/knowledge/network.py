"""The network: variables, how each depends on its parents, and the sources of every number.

A Bayesian network (Pearl 1988) is a directed acyclic graph whose nodes are variables, with one
distribution per node given its parents; their product is the joint distribution. A network here also
carries *screening answers*: variables that rules read but that have no probability.

A `Network` is frozen and checked when it is made: whatever exists is consistent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from massage_pain.errors import (
    InvalidNetworkError,
    UnknownStateError,
    UnknownVariableError,
    printable,
    shown,
    unknown_name,
)
from massage_pain.knowledge import limits
from massage_pain.knowledge.distributions import (
    Distribution,
    FloatArray,
    NoisyMax,
    ParameterKey,
    Table,
    cell_count,
    too_many_cells,
)
from massage_pain.knowledge.parameter import Parameter, Source
from massage_pain.knowledge.rebuilding import rebuilt
from massage_pain.knowledge.variable import Variable, checked_name

if TYPE_CHECKING:
    import networkx
    from pgmpy.models import DiscreteBayesianNetwork


@dataclass(frozen=True, eq=False)
class Network:
    """A discrete Bayesian network with the sources of its numbers.

    `variables` holds everything that has a name, screening answers included, in a fixed order;
    `distributions` one entry for each variable that is not a screening answer. Raises
    `InvalidNetworkError` when they do not make a probability distribution (what, where, the value and
    what is allowed are in the message) and `ComplexityError` when a table is over `table_cells`.
    """

    name: str
    variables: tuple[Variable, ...]
    distributions: tuple[Distribution, ...]
    sources: Mapping[str, Source] = field(default_factory=dict)
    version: str = ""
    title: str = ""
    description: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)
    table_cells: int = limits.TABLE_CELLS

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", checked_name(self.name, "A network's name"))
        object.__setattr__(self, "variables", tuple(self.variables))
        object.__setattr__(self, "distributions", tuple(self.distributions))
        object.__setattr__(self, "sources", MappingProxyType(dict(self.sources)))
        object.__setattr__(self, "groups", MappingProxyType(dict(self.groups)))
        _check_kinds(self)
        _check_variables(self.variables)
        _check_distributions(self)

    # -- looking things up ---------------------------------------------------------------------

    @cached_property
    def _by_id(self) -> Mapping[str, Variable]:
        return MappingProxyType({each.id: each for each in self.variables})

    @cached_property
    def _distribution_of(self) -> Mapping[str, Distribution]:
        return MappingProxyType({each.variable: each for each in self.distributions})

    @cached_property
    def state_codes(self) -> Mapping[str, Mapping[str, int]]:
        """For every variable that is no number, its states and their positions."""
        return MappingProxyType(
            {
                each.id: {state: code for code, state in enumerate(each.states)}
                for each in self.variables
                if each.numeric is None
            }
        )

    def variable(self, id: str) -> Variable:
        """The variable called `id`. Raises `UnknownVariableError` with near misses."""
        try:
            return self._by_id[id]
        except (KeyError, TypeError):
            raise UnknownVariableError(unknown_name("variable", id, self._by_id)) from None

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and id in self._by_id

    def distribution(self, id: str) -> Distribution:
        """P(id | parents). Raises `UnknownVariableError`; screening answers have none."""
        variable = self.variable(id)
        try:
            return self._distribution_of[variable.id]
        except KeyError:
            raise UnknownVariableError(
                f"{shown(id)} is a screening answer: it has no probability in the network."
            ) from None

    @cached_property
    def nodes(self) -> tuple[Variable, ...]:
        """The variables that have a probability, in the order they were given."""
        return tuple(each for each in self.variables if each.role != "screening")

    def with_role(self, role: str) -> tuple[Variable, ...]:
        """The variables of one role, in the order they were given."""
        return tuple(each for each in self.variables if each.role == role)

    @cached_property
    def factors(self) -> tuple[Variable, ...]:
        """What may bring a cause about."""
        return self.with_role("factor")

    @cached_property
    def causes(self) -> tuple[Variable, ...]:
        """What the network reasons about."""
        return self.with_role("cause")

    @cached_property
    def symptoms(self) -> tuple[Variable, ...]:
        """What the causes show as."""
        return self.with_role("symptom")

    @cached_property
    def screening(self) -> tuple[Variable, ...]:
        """Safety questions: no probability, read by red flags and contraindications."""
        return self.with_role("screening")

    @cached_property
    def complaint(self) -> Variable | None:
        """What the person comes with, if the network names it."""
        found = self.with_role("complaint")
        return found[0] if found else None

    def parents(self, id: str) -> tuple[str, ...]:
        """The parents of `id`, in the order of its distribution."""
        return self.distribution(id).parents

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """The children of every node."""
        found: dict[str, list[str]] = {each.id: [] for each in self.nodes}
        for distribution in self.distributions:
            for parent in distribution.parents:
                found[parent].append(distribution.variable)
        return MappingProxyType({id: tuple(each) for id, each in found.items()})

    @cached_property
    def topological_order(self) -> tuple[str, ...]:
        """Every node after its parents."""
        return tuple(TopologicalSorter(_graph(self)).static_order())

    def cpd(self, id: str) -> FloatArray:
        """P(id | parents) written out: shape (parent states..., states), rows sum to one.

        Raises `ComplexityError` before a table over `table_cells` is allocated.
        """
        distribution = self.distribution(id)
        shape = [len(self._by_id[each].states) for each in (*distribution.parents, id)]
        cells = cell_count(shape)
        if cells > self.table_cells:
            raise too_many_cells(id, len(distribution.parents), cells, self.table_cells)
        return distribution.cpd(self._by_id)

    # -- what it rests on ----------------------------------------------------------------------

    @cached_property
    def parameters(self) -> Mapping[ParameterKey, Parameter]:
        """Every stated number by (variable, part, ...).

        Parts: (v, "prior", state); (v, "leak", state); (v, "link", parent, parent state, state);
        (v, "table", parent states..., state).
        """
        found: dict[ParameterKey, Parameter] = {}
        for each in self.distributions:
            found.update(each.stated(self._by_id))
        return MappingProxyType(found)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) of what the network says: the same for the same content, however written."""
        import hashlib  # here, because a first answer needs neither
        import json

        digest = hashlib.sha256()
        digest.update(json.dumps(self._content(), sort_keys=True, ensure_ascii=True).encode())
        for each in sorted(self.distributions, key=lambda one: one.variable):
            if not isinstance(each, NoisyMax) and each.parameters is None:
                digest.update(each.variable.encode() + each.values.tobytes())
        return digest.hexdigest()

    def _content(self) -> dict[str, Any]:
        stated = {
            "\x1f".join(key): [p.value, p.low, p.high, list(p.source), p.grade, p.note]
            for each in self.distributions
            if isinstance(each, NoisyMax) or each.parameters is not None
            for key, p in each.stated(self._by_id).items()
        }
        return {
            "name": self.name,
            "version": self.version,
            "variables": [
                [
                    *(v.id, v.states, v.role, v.label, v.question, v.state_labels, v.present),
                    *(v.modifiable, v.cost, v.group, v.icd10, v.note, v.benign, v.numeric, v.unit),
                ]
                for v in self.variables
            ],
            "parents": {each.variable: each.parents for each in self.distributions},
            "forms": {each.variable: type(each).__name__ for each in self.distributions},
            "parameters": stated,
            "sources": [[s.key, s.citation, s.url, s.note] for s in self.sources.values()],
            "groups": list(self.groups.items()),
        }

    # -- new networks from this one ------------------------------------------------------------

    def with_causes(self, causes: Mapping[str, str] | Iterable[str]) -> Network:
        """The same network with these variables as its causes.

        A mapping says which state counts as present; otherwise the last state does. Ancestors of a
        cause become factors and its descendants symptoms, where they have no role yet.
        Raises `UnknownVariableError`, `UnknownStateError`, `InvalidNetworkError`.
        """
        if isinstance(causes, str):
            causes = (causes,)
        chosen = dict(causes) if isinstance(causes, Mapping) else dict.fromkeys(causes, "")
        if not chosen:
            raise InvalidNetworkError("causes is empty; name at least one variable.")
        for id, state in chosen.items():
            self.distribution(id)
            known = self.variable(id).states
            if state and state not in known:
                raise UnknownStateError(unknown_name("state", state, known, where=f" for {printable(id)}"))
        above = self._reach(chosen, {d.variable: d.parents for d in self.distributions})
        below = self._reach(chosen, self.children)
        variables = []
        for each in self.variables:
            if each.id in chosen:
                state = chosen[each.id] or each.present
                each = replace(each, role="cause", present=state)
            elif each.role in ("other", "cause"):
                role = "factor" if each.id in above else "symptom" if each.id in below else "other"
                each = replace(each, role=role)
            variables.append(each)
        return replace(self, variables=tuple(variables))

    @staticmethod
    def _reach(start: Iterable[str], step: Mapping[str, tuple[str, ...]]) -> set[str]:
        seen: set[str] = set()
        waiting = list(start)
        while waiting:
            for each in step[waiting.pop()]:
                if each not in seen:
                    seen.add(each)
                    waiting.append(each)
        return seen

    # -- bridges, imported when asked for ------------------------------------------------------

    def to_networkx(self) -> networkx.DiGraph:
        """The graph: a node for every variable with a probability, an edge from parent to child."""
        import networkx

        graph = networkx.DiGraph(name=self.name)
        for each in self.nodes:
            graph.add_node(each.id, role=each.role, label=each.label, states=each.states)
        graph.add_edges_from((p, d.variable) for d in self.distributions for p in d.parents)
        return graph

    def to_pgmpy(self) -> DiscreteBayesianNetwork:
        """The same network as a pgmpy model, noisy-ORs and noisy-MAXes written out as tables."""
        from massage_pain.knowledge.pgmpy_bridge import to_pgmpy

        return to_pgmpy(self)

    @classmethod
    def from_pgmpy(cls, model: object, *, name: str = "from_pgmpy") -> Network:
        """Any discrete pgmpy network. Raises `UnsupportedModelError`, `InvalidNetworkError`."""
        from massage_pain.knowledge.pgmpy_bridge import from_pgmpy

        return from_pgmpy(model, name=name)

    def write(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the network to a .toml or .bif file, whole or not at all; returns the path.

        Raises `NetworkFileError` for an existing file unless `overwrite=True`, and
        `UnsupportedModelError` for any other format.
        """
        from massage_pain.knowledge.files import write_network

        return write_network(self, path, overwrite=overwrite)

    def __reduce__(self) -> tuple[Any, ...]:
        return rebuilt(self)

    def __repr__(self) -> str:
        version = f" {printable(self.version)}" if self.version else ""
        links = sum(len(each.parents) for each in self.distributions)
        return (
            f"<Network {printable(self.name)}{version}: {len(self.nodes)} variables, {links} links, "
            f"{len(self.screening)} screening answers>"
        )


def _graph(network: Network) -> dict[str, tuple[str, ...]]:
    return {each.variable: each.parents for each in network.distributions}


def _check_kinds(network: Network) -> None:
    for each in network.variables:
        if not isinstance(each, Variable):
            raise InvalidNetworkError(f"variables must hold Variables, got {shown(each)}.")
    for one in network.distributions:
        if not isinstance(one, (Table, NoisyMax)):
            raise InvalidNetworkError(f"distributions must hold Tables and NoisyMaxes, got {shown(one)}.")
    for source in network.sources.values():
        if not isinstance(source, Source):
            raise InvalidNetworkError(f"sources must map keys to Sources, got {shown(source)}.")
    for text in (network.version, network.title, network.description, *network.groups.values()):
        if not isinstance(text, str):
            raise InvalidNetworkError(
                f"version, title, description and groups must be texts, got {shown(text)}."
            )


def _check_variables(variables: tuple[Variable, ...]) -> None:
    if not any(each.role != "screening" for each in variables):
        raise InvalidNetworkError("The network is empty: it needs at least one variable.")
    seen: set[str] = set()
    for each in variables:
        if each.id in seen:
            raise InvalidNetworkError(f"The variable {shown(each.id)} is declared twice.")
        seen.add(each.id)
    complaints = [each.id for each in variables if each.role == "complaint"]
    if len(complaints) > 1:
        raise InvalidNetworkError(
            f"A network has at most one complaint, got {', '.join(map(printable, complaints))}."
        )


def _check_distributions(network: Network) -> None:
    by_id = {each.id: each for each in network.variables}
    seen: set[str] = set()
    for each in network.distributions:
        if each.variable not in by_id:
            raise InvalidNetworkError(
                "A distribution is given for an undeclared variable. "
                + unknown_name("variable", each.variable, by_id)
            )
        if by_id[each.variable].role == "screening":
            raise InvalidNetworkError(
                f"{shown(each.variable)} is a screening answer and must have no distribution."
            )
        if each.variable in seen:
            raise InvalidNetworkError(f"{shown(each.variable)} has two distributions.")
        seen.add(each.variable)
        for parent in each.parents:
            if parent not in by_id or by_id[parent].role == "screening":
                raise InvalidNetworkError(
                    f"{shown(each.variable)} has a parent that is not in the network. "
                    + unknown_name("variable", parent, [v.id for v in network.nodes])
                )
        if len(set(each.parents)) < len(each.parents):
            raise InvalidNetworkError(f"{shown(each.variable)} names a parent twice.")
    missing = [v.id for v in network.nodes if v.id not in seen]
    if missing:
        raise InvalidNetworkError(f"No distribution is given for: {', '.join(map(printable, missing))}.")
    _check_acyclic(network)
    for each in network.distributions:
        each.check(by_id, table_cells=network.table_cells)


def _check_acyclic(network: Network) -> None:
    try:
        network.topological_order  # noqa: B018  (asked for its error)
    except CycleError as error:
        path = list(reversed(error.args[1]))
        raise InvalidNetworkError(f"The links form a cycle: {' -> '.join(map(printable, path))}.") from None
