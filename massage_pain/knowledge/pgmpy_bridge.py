"""To pgmpy and back, and pgmpy's own variable elimination: the only room that imports pgmpy.

pgmpy takes seconds to import, so it is imported when one of these is called. Its numbers are sound where
P(findings) is above zero and within reach of a double; what it gets silently wrong beyond that (impossible
findings that the query does not see, products that underflow, columns that do not sum to one, states `1`
and `"1"` side by side) is found and refused here.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Hashable, Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from massage_pain.errors import (
    EvidenceError,
    InvalidNetworkError,
    MissingExtraError,
    UnsupportedModelError,
    printable,
    shown,
)
from massage_pain.knowledge import limits
from massage_pain.knowledge.distributions import FloatArray, Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import Source
from massage_pain.knowledge.variable import Variable, checked_name

if TYPE_CHECKING:
    from pgmpy.factors.discrete import TabularCPD
    from pgmpy.models import DiscreteBayesianNetwork

LOWEST_LOG_EVIDENCE = -650.0
"""Below this P(findings), about 1e-282, pgmpy's products come too near the smallest double to be trusted."""

_WHY_NOT = {
    "DynamicBayesianNetwork": "a dynamic network has a copy of each variable in every time slice; "
    "write the slices out as one discrete network",
    "LinearGaussianBayesianNetwork": "its variables are continuous; discretise them first",
    "FunctionalBayesianNetwork": "its distributions are functions, not tables; discretise them first",
    "DiscreteMarkovNetwork": "it has no directions; use to_bayesian_model() first",
    "FactorGraph": "it has no directions",
    "JunctionTree": "it has no directions",
    "ClusterGraph": "it has no directions",
    "SEM": "its variables are continuous",
    "SEMGraph": "its variables are continuous",
    "DAG": "it has links but no numbers; fit a DiscreteBayesianNetwork first",
    "PDAG": "it has links but no numbers; fit a DiscreteBayesianNetwork first",
    "type": "it is a class; pass an instance",
}


# -- to pgmpy --------------------------------------------------------------------------------------


def to_pgmpy(network: Network) -> DiscreteBayesianNetwork:
    """The network as a pgmpy model with the same names, states, links and bits.

    Noisy-ORs and noisy-MAXes are written out as `TabularCPD`s, whose columns run through the parents'
    states, the last parent fastest. Screening answers, which have no probability, are left out. Raises
    `MissingExtraError` without pgmpy, and `ComplexityError` for a table too large to write out.
    """
    pgmpy = _pgmpy()
    model = pgmpy.DiscreteBayesianNetwork()
    model.name = network.name
    model.add_nodes_from([each.id for each in network.nodes])
    model.add_edges_from([(parent, each.id) for each in network.nodes for parent in network.parents(each.id)])
    states = {each.id: list(each.states) for each in network.nodes}
    for each in network.nodes:
        parents = network.parents(each.id)
        model.add_cpds(
            pgmpy.TabularCPD(
                each.id,
                len(each.states),
                network.cpd(each.id).reshape(-1, len(each.states)).T,
                evidence=list(parents),
                evidence_card=[len(states[parent]) for parent in parents],
                state_names={id: states[id] for id in (each.id, *parents)},
            )
        )
    return model


def _pgmpy() -> SimpleNamespace:
    """What is used of pgmpy. Raises `MissingExtraError` when it cannot be imported or is set up wrongly."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it announces changes to its own later versions
            from pgmpy import config
            from pgmpy.factors.discrete import TabularCPD
            from pgmpy.inference import VariableElimination
            from pgmpy.models import DiscreteBayesianNetwork
    except ImportError as error:
        raise MissingExtraError(
            f"pgmpy cannot be imported ({error}). Install it with: pip install 'pgmpy>=1.1.2,<1.2'."
        ) from None
    if config.get_backend() != "numpy" or config.get_dtype() not in ("float64", np.float64):
        raise UnsupportedModelError(
            f"pgmpy is set to {config.get_backend()} with {config.get_dtype()}, which would round the "
            "numbers; call pgmpy.config.set_backend('numpy')."
        )
    return SimpleNamespace(
        TabularCPD=TabularCPD,
        VariableElimination=VariableElimination,
        DiscreteBayesianNetwork=DiscreteBayesianNetwork,
    )


# -- from pgmpy ------------------------------------------------------------------------------------


def from_pgmpy(model: object, *, name: str = "from_pgmpy") -> Network:
    """Any discrete pgmpy network, called `name`; the model is left as it is.

    Names and states that are not text (the numbers of `TabularCPD`s without state names) become text.
    Where a CPD lists a parent's states in another order than the parent does, its columns are put into
    the parent's order. Raises `UnsupportedModelError` for anything that is not a discrete Bayesian
    network, and `InvalidNetworkError` for one that is not whole: missing or second CPDs, parents that
    are not those of the graph, states that do not match, columns that do not sum to one within 1e-6.
    """
    found = _discrete(model)
    nodes = list(found.nodes())
    if not nodes:
        raise InvalidNetworkError("The pgmpy model is empty: it needs at least one variable.")
    ids = dict(zip(nodes, _texts(nodes, "variables of the model", "A variable's name"), strict=True))
    cpds = _cpds(found, ids)
    states = {node: _states(cpds[node], node, ids[node]) for node in nodes}
    tables = []
    for node in nodes:
        _check_parents(found, cpds[node], node, ids)
        tables.append(_table(cpds[node], ids, states, origin=name))
    return Network(
        name=name,
        variables=tuple(Variable(id=ids[node], states=states[node]) for node in nodes),
        distributions=tuple(tables),
        sources={
            name: Source(name, f"The pgmpy model {shown(name)}, which names no source for its numbers.")
        },
        # The tables are in memory already, so no limit would save anything.
        table_cells=max(limits.TABLE_CELLS, *(each.values.size for each in tables)),
    )


def _discrete(model: object) -> DiscreteBayesianNetwork:
    models = sys.modules.get("pgmpy.models")  # not imported yet: then this is none of its models
    fits = models is not None and isinstance(model, models.DiscreteBayesianNetwork)
    if models is None or not fits or isinstance(model, models.FunctionalBayesianNetwork):
        kind = type(model).__name__
        why = f": {_WHY_NOT[kind]}" if kind in _WHY_NOT else ""
        raise UnsupportedModelError(f"from_pgmpy takes a pgmpy DiscreteBayesianNetwork, got {kind}{why}.")
    return model


def _texts(values: Iterable[object], whose: str, what: str) -> list[str]:
    """Names or states as text, none of them twice."""
    seen: dict[str, object] = {}
    for value in values:
        text = checked_name(value if isinstance(value, str) else str(value), what)
        if text in seen:
            raise InvalidNetworkError(
                f"Two {whose} read the same when written: {_typed(seen[text])} and {_typed(value)}."
            )
        seen[text] = value
    return list(seen)


def _typed(value: object) -> str:
    return f"{shown(value)} ({type(value).__name__})"


def _cpds(model: DiscreteBayesianNetwork, ids: Mapping[Hashable, str]) -> dict[Hashable, TabularCPD]:
    tabular = sys.modules["pgmpy.factors.discrete"].TabularCPD
    found: dict[Hashable, TabularCPD] = {}
    for cpd in model.cpds:
        if not isinstance(cpd, tabular):
            raise UnsupportedModelError(
                f"Only TabularCPDs can be taken in, got {type(cpd).__name__} for "
                f"{shown(str(getattr(cpd, 'variable', '?')))}."
            )
        if cpd.variable not in ids:
            raise InvalidNetworkError(
                f"There is a CPD for {shown(str(cpd.variable))}, which is no variable of the model."
            )
        if cpd.variable in found:
            raise InvalidNetworkError(f"The model has two CPDs for {shown(ids[cpd.variable])}.")
        found[cpd.variable] = cpd
    missing = [printable(id) for node, id in ids.items() if node not in found]
    if missing:
        raise InvalidNetworkError(f"The model has no CPD for: {', '.join(missing)}.")
    return found


def _check_parents(
    model: DiscreteBayesianNetwork, cpd: TabularCPD, node: Hashable, ids: Mapping[Hashable, str]
) -> None:
    of_graph = list(model.predecessors(node))
    of_cpd = list(cpd.variables[1:])
    if set(of_graph) != set(of_cpd):
        in_graph = ", ".join(printable(ids[each]) for each in of_graph) or "none"
        in_cpd = ", ".join(printable(ids.get(each, str(each))) for each in of_cpd) or "none"
        raise InvalidNetworkError(
            f"The parents of {shown(ids[node])} are {in_graph} in the graph but {in_cpd} in its CPD."
        )


def _states(cpd: TabularCPD, node: Hashable, owner: str) -> tuple[str, ...]:
    """The states of `node` as its own CPD or a child's (`owner` says whose) lists them, as text."""
    listed = cpd.state_names.get(node)
    if listed is None:
        raise InvalidNetworkError(
            f"The CPD of {shown(owner)} names no states for {shown(str(node))}; give it state_names "
            "for the variable and all its parents."
        )
    count = int(cpd.cardinality[cpd.variables.index(node)])
    if len(listed) != count:
        raise InvalidNetworkError(
            f"The CPD of {shown(owner)} has {count} states for {shown(str(node))} but names "
            f"{len(listed)}: {', '.join(printable(str(each)) for each in listed)}."
        )
    return tuple(_texts(listed, f"states of {shown(str(node))}", f"A state of {shown(str(node))}"))


def _table(
    cpd: TabularCPD,
    ids: Mapping[Hashable, str],
    states: Mapping[Hashable, tuple[str, ...]],
    *,
    origin: str,
) -> Table:
    """The CPD with its parents' states in the parents' own order."""
    values = np.moveaxis(np.asarray(cpd.values, dtype=np.float64), 0, -1)
    id, parents = ids[cpd.variable], list(cpd.variables[1:])
    for axis, parent in enumerate(parents):
        listed = _states(cpd, parent, id)
        if set(listed) != set(states[parent]):
            raise InvalidNetworkError(
                f"The CPD of {shown(id)} lists the states of {shown(ids[parent])} as "
                f"{', '.join(map(printable, listed))}; its own CPD lists "
                f"{', '.join(map(printable, states[parent]))}."
            )
        if listed != states[parent]:
            values = values.take([listed.index(state) for state in states[parent]], axis=axis)
    sums = values.sum(axis=-1)
    off = np.abs(sums - 1.0) > limits.ROW_SUM_TOLERANCE
    if off.any():
        at = tuple(int(each) for each in np.argwhere(off)[0])
        given = ", ".join(
            f"{printable(ids[parent])}={printable(states[parent][position])}"
            for parent, position in zip(parents, at, strict=True)
        )
        raise InvalidNetworkError(
            f"A column of the CPD of {shown(id)} sums to {float(sums[at]):.9g}"
            f"{f' (given {given})' if given else ''}; it must sum to 1 within "
            f"{limits.ROW_SUM_TOLERANCE:g}. TabularCPD.normalize() divides each column by its sum."
        )
    return Table(id, tuple(ids[each] for each in parents), values, origin=origin)


# -- pgmpy's own inference -------------------------------------------------------------------------


class PgmpyElimination:
    """Posteriors by pgmpy's VariableElimination on one model, such as `to_pgmpy` makes.

    `hard` maps a variable to its state; `soft` maps a variable to P(what was noticed | state), one
    number for each state in the model's order, as virtual evidence (Pearl 1988): a child that has
    been observed. For one set of soft findings, one object of pgmpy's; nothing is left in it.
    """

    def __init__(self, model: DiscreteBayesianNetwork) -> None:
        self._pgmpy = _pgmpy()
        self.model = model
        self._elimination = self._pgmpy.VariableElimination(model)

    def log_evidence(
        self, hard: Mapping[str, str], soft: Mapping[str, Sequence[float] | FloatArray] | None = None
    ) -> float:
        """The natural logarithm of P(findings); -inf where they are impossible.

        By the chain rule, the sum of log P(finding | findings before it), so that no finding escapes
        because a query would not see it. Raises `EvidenceError` where P(findings) is above zero but
        below `LOWEST_LOG_EVIDENCE`, which pgmpy cannot hold.
        """
        elimination, findings, total = self._observed(hard, soft)
        if total == -math.inf:
            return total
        before: dict[str, object] = {}
        for variable, state in findings.items():
            factor = elimination.query([variable], evidence=before, show_progress=False)
            probability = float(factor.values[factor.get_state_no(variable, state)])
            if probability == 0.0:
                return -math.inf
            total += math.log(probability)
            if total < LOWEST_LOG_EVIDENCE:
                raise EvidenceError(
                    "The findings together have a probability below 1e-282, too small for pgmpy to be "
                    "right about; the library's own engine can do it."
                )
            before[variable] = state
        return total

    def query(
        self,
        targets: Sequence[str],
        hard: Mapping[str, str],
        soft: Mapping[str, Sequence[float] | FloatArray] | None = None,
    ) -> FloatArray:
        """P(targets | findings), shape (states of the first target, ...), all entries sum to one.

        A target that is itself a finding has its whole probability on that state. Ask `log_evidence`
        first: for impossible findings pgmpy answers with anything, or NaN.
        """
        elimination, findings, _ = self._observed(hard, soft)
        open_targets = [each for each in targets if each not in hard]
        known: float | FloatArray = 1.0
        if open_targets:
            with np.errstate(invalid="ignore", divide="ignore"):
                factor = elimination.query(open_targets, evidence=findings, show_progress=False)
            # pgmpy does not promise the order of the variables in its answer.
            known = np.transpose(factor.values, [factor.variables.index(each) for each in open_targets])
        cardinality = self.model.get_cardinality()
        answer: FloatArray = np.zeros([cardinality[each] for each in targets])
        where: list[Any] = [
            self.model.get_cpds(each).name_to_no[each][hard[each]] if each in hard else slice(None)
            for each in targets
        ]
        answer[tuple(where)] = known
        return answer

    def _observed(
        self, hard: Mapping[str, str], soft: Mapping[str, Sequence[float] | FloatArray] | None
    ) -> tuple[Any, dict[str, object], float]:
        """The elimination to ask, all findings as states, and the logarithm of what scaling took out."""
        if not soft:
            return self._elimination, dict(hard), 0.0
        model = self.model.copy()
        findings: dict[str, object] = dict(hard)
        scale = 0.0
        for variable, likelihood in soft.items():
            weights = np.asarray(likelihood, dtype=np.float64)
            largest = float(weights.max())
            if largest == 0.0:
                return self._elimination, dict(hard), -math.inf
            scale += math.log(largest)
            noticed = _new_name(f"{variable} noticed", model)
            model.add_edge(variable, noticed)
            model.add_cpds(
                self._pgmpy.TabularCPD(
                    noticed,
                    2,
                    np.stack([weights / largest, 1.0 - weights / largest]),
                    evidence=[variable],
                    evidence_card=[len(weights)],
                    state_names={
                        noticed: ["yes", "no"],
                        variable: self.model.get_cpds(variable).state_names[variable],
                    },
                )
            )
            findings[noticed] = "yes"
        return self._pgmpy.VariableElimination(model), findings, scale


def _new_name(name: str, model: DiscreteBayesianNetwork) -> str:
    while name in model:
        name += "'"
    return name
