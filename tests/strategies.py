"""Random networks and findings for the tests: small enough to enumerate, odd enough to break an engine.

Two kinds of chance: hypothesis strategies where a failure should shrink, and seeded numpy generators where
thousands of networks are wanted quickly.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from random import Random

import numpy as np
from hypothesis import strategies as st

from massage_pain.inference.case import Likelihood
from massage_pain.knowledge.distributions import Distribution, FloatArray, NoisyMax, Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import GRADES, Parameter, Source
from massage_pain.knowledge.variable import Variable


def parameter(value: float) -> Parameter:
    """A bare number as a parameter."""
    return Parameter(value, value, value, ("test",), "U")


# -- one random network ------------------------------------------------------------------------------


def random_network(
    generator: np.random.Generator,
    nodes: int,
    *,
    most_parents: int = 3,
    most_states: int = 4,
    zeros: float = 0.25,
    noisy: float = 0.4,
) -> Network:
    """Tables, noisy-ORs and noisy-MAXes with zeros, any states, often in several unconnected parts.

    `zeros` is the chance that a cell is zero (and some rows are certain), `noisy` that a node which can
    be a noisy-MAX is one.
    """
    variables: list[Variable] = []
    distributions: list[Distribution] = []
    for index in range(nodes):
        states = int(generator.integers(1, most_states + 1))
        variable = Variable(id=f"v{index}", states=tuple(f"s{state}" for state in range(states)))
        count = int(generator.integers(0, min(index, most_parents) + 1))
        parents = [variables[i] for i in generator.permutation(index)[:count]]
        usable = states >= 2 and parents and all(len(each.states) >= 2 for each in parents)
        if usable and generator.random() < noisy:
            distributions.append(random_noisy_max(generator, variable, parents, zeros=zeros))
        else:
            distributions.append(random_table(generator, variable, parents, zeros=zeros))
        variables.append(variable)
    order = generator.permutation(nodes)
    return Network("random", tuple(variables[i] for i in order), tuple(distributions))


def random_table(
    generator: np.random.Generator, variable: Variable, parents: list[Variable], *, zeros: float = 0.25
) -> Table:
    """A table of random rows; some cells are zero."""
    shape = [len(each.states) for each in (*parents, variable)]
    values = generator.random(shape) ** 2 + 1e-3
    values[generator.random(shape) < zeros] = 0.0
    values[..., -1] += values.sum(axis=-1) == 0.0
    values /= values.sum(axis=-1, keepdims=True)
    return Table(variable.id, tuple(each.id for each in parents), values)


def random_noisy_max(
    generator: np.random.Generator, variable: Variable, parents: list[Variable], *, zeros: float = 0.25
) -> NoisyMax:
    """Random leak and links; some are zero, some certain."""

    def strengths() -> dict[str, Parameter]:
        left = 1.0
        found = {}
        for state in variable.states[1:]:
            draw = generator.random()
            share = 0.0 if draw < zeros else 1.0 if draw > 1.0 - zeros / 4 else generator.random()
            value = left * share
            found[state] = parameter(value)
            left = max(0.0, left - value)
        return found

    links = {
        parent.id: {
            state: strengths()
            for position, state in enumerate(parent.states[1:])
            if position == 0 or generator.random() < 0.8
        }
        for parent in parents
    }
    return NoisyMax(variable.id, strengths(), links)


def layered_network(
    generator: np.random.Generator, roots: int, causes: int, findings: int, *, zeros: float = 0.1
) -> Network:
    """Roots over noisy-OR causes over findings, the shape of the shipped network."""
    variables: list[Variable] = []
    distributions: list[Distribution] = []

    def add(id: str, role: str, states: int, parents: list[Variable], noisy: bool) -> Variable:
        names = ("absent", "present") if states == 2 else tuple(f"s{state}" for state in range(states))
        variable = Variable(id=id, states=names, role=role)
        make = random_noisy_max if noisy and parents else random_table
        variables.append(variable)
        distributions.append(make(generator, variable, parents, zeros=zeros))
        return variable

    above = [add(f"factor{i}", "factor", int(generator.integers(2, 4)), [], False) for i in range(roots)]
    middle = []
    for i in range(causes):
        chosen = [each for each in above if generator.random() < 0.6]
        middle.append(add(f"cause{i}", "cause", 2, chosen, True))
    for i in range(findings):
        chosen = [each for each in middle if generator.random() < 0.7]
        states = int(generator.integers(2, 4))
        add(f"finding{i}", "symptom", states, chosen, bool(generator.random() < 0.7))
    return Network("layered", tuple(variables), tuple(distributions))


# -- findings ----------------------------------------------------------------------------------------


def random_findings(
    generator: np.random.Generator, network: Network, *, share: float = 0.35, soft: float = 0.0
) -> dict[str, str | Likelihood]:
    """States of some variables (not always possible together), some of them soft."""
    found: dict[str, str | Likelihood] = {}
    for variable in network.nodes:
        if generator.random() >= share:
            continue
        if generator.random() < soft:
            weights = generator.random(len(variable.states))
            weights[generator.random(len(weights)) < 0.2] = 0.0
            weights[0] += weights.sum() == 0.0
            found[variable.id] = Likelihood(dict(zip(variable.states, weights.tolist(), strict=True)))
        else:
            found[variable.id] = variable.states[generator.integers(len(variable.states))]
    return found


# -- enumeration, the oracle ---------------------------------------------------------------------------


class Enumeration:
    """The whole joint distribution written out: right by definition, for small networks."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.names = [each.id for each in network.nodes]
        sizes = [len(each.states) for each in network.nodes]
        self.joint = np.ones(sizes)
        for distribution in network.distributions:
            scope = [*distribution.parents, distribution.variable]
            axes = [self.names.index(each) for each in scope]
            table = network.cpd(distribution.variable).transpose(np.argsort(axes))
            shape = [size if axis in axes else 1 for axis, size in enumerate(sizes)]
            self.joint = self.joint * table.reshape(shape)

    def with_findings(self, findings: Mapping[str, object]) -> FloatArray:
        """P(everything, findings), one axis a variable."""
        return self.with_cases([findings])[0]

    def with_cases(self, cases: Sequence[Mapping[str, object]]) -> FloatArray:
        """P(everything, findings) of every case, (n_cases, states of the first variable, ...)."""
        table = self.joint[None]
        for axis, variable in enumerate(self.network.nodes):
            if any(variable.id in findings for findings in cases):
                rows = [_said(variable, findings.get(variable.id)) for findings in cases]
                shape = [1] * table.ndim
                shape[0], shape[axis + 1] = len(cases), len(variable.states)
                table = table * np.array(rows).reshape(shape)
        return np.broadcast_to(table, (len(cases), *self.joint.shape))

    def posterior(self, table: FloatArray, targets: tuple[str, ...]) -> FloatArray:
        """P(targets | findings) from `with_findings`, one axis a target."""
        axes = [self.names.index(each) for each in targets]
        others = tuple(axis for axis in range(table.ndim) if axis not in axes)
        found = table.sum(axis=others) / table.sum()
        kept = sorted(axes)
        return found.transpose([kept.index(axis) for axis in axes])


def _said(variable: Variable, finding: object) -> list[float]:
    """What a finding multiplies the states of its variable by."""
    if finding is None:
        return [1.0] * len(variable.states)
    if isinstance(finding, Likelihood):
        return [finding[state] for state in variable.states]
    return [float(state == finding) for state in variable.states]


# -- hypothesis ----------------------------------------------------------------------------------------


@st.composite
def networks(draw: st.DrawFn, most_nodes: int = 6) -> Network:
    """A random network of up to `most_nodes` variables."""
    seed = draw(st.integers(0, 2**32 - 1))
    nodes = draw(st.integers(1, most_nodes))
    return random_network(np.random.default_rng(seed), nodes)


@st.composite
def findings_for(draw: st.DrawFn, network: Network, soft: bool = True) -> dict[str, str | Likelihood]:
    """Findings about some of a network's variables; they may be impossible together."""
    found: dict[str, str | Likelihood] = {}
    for variable in network.nodes:
        kind = draw(st.sampled_from(["none", "none", "hard", "soft"] if soft else ["none", "hard"]))
        if kind == "hard":
            found[variable.id] = draw(st.sampled_from(variable.states))
        elif kind == "soft":
            weights = [draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])) for _ in variable.states]
            if not any(weights):
                weights[0] = 1.0
            found[variable.id] = Likelihood(dict(zip(variable.states, weights, strict=True)))
    return found


@cache
def chain_of_three() -> Network:
    """D -> A, C = A xor B: findings about A, B and C can contradict each other without D."""
    a, b, c, d = (Variable(id=name, states=("0", "1")) for name in "ABCD")
    xor = [[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]]
    half = [[0.5, 0.5], [0.5, 0.5]]
    return Network(
        "xor",
        (a, b, c, d),
        (
            Table("D", (), np.array([0.3, 0.7])),
            Table("A", ("D",), np.array(half)),
            Table("B", (), np.array([0.5, 0.5])),
            Table("C", ("A", "B"), np.array(xor)),
        ),
    )


# -- names ---------------------------------------------------------------------------------------------


bif_names = (
    st.one_of(
        st.text(st.characters(codec="utf-8", exclude_characters='"\\{};'), min_size=1, max_size=12),
        st.text("ab .,|()[]/*-+<>=0", min_size=1, max_size=8),
        st.sampled_from(["table", "default", "network", "//", "/*", "*/", "a b", "A b", "0", "-1", "(0,1]"]),
    )
    .map(lambda name: unicodedata.normalize("NFC", name).strip())
    .filter(lambda name: name != "" and name.isprintable() and not set(name) & set('"\\{};'))
)
"""Names that a network may hold and a BIF file can: any printable text but for the marks that BIF cannot."""


def renamed(network: Network, random: Random, names: list[str]) -> Network:
    """The network with tables only, its variables, their states and itself called by some of `names`."""

    def some(count: int) -> list[str]:
        return random.sample(names, count)

    ids = dict(zip((each.id for each in network.nodes), some(len(network.nodes)), strict=True))
    return Network(
        random.choice(names),
        tuple(Variable(id=ids[each.id], states=tuple(some(len(each.states)))) for each in network.nodes),
        tuple(
            Table(ids[each.id], tuple(ids[p] for p in network.parents(each.id)), network.cpd(each.id))
            for each in network.nodes
        ),
    )


# -- everything that a file can say --------------------------------------------------------------------


any_names = (
    st.one_of(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=12),
        st.text("ab \"'\\.,|()[]{}#=*-+<>&;\u0301\u00e9", min_size=1, max_size=8),
        st.sampled_from(
            ["value", "form", "rows", "a.b", "a b", '"""', "\\u0041", "</script>", "=1+1", "0", "true"]
        ),
    )
    .map(lambda name: unicodedata.normalize("NFC", name).strip())
    .filter(lambda name: name not in ("", "given") and name.isprintable())
)
"""Names that a network may hold and TOML can ("given" is a word of the format)."""


@st.composite
def described_networks(draw: st.DrawFn, most_nodes: int = 5) -> Network:
    """A random network with odd names, in every form, with words, ranges, sources and grades."""
    base = draw(networks(most_nodes))
    random = draw(st.randoms(use_true_random=False))
    names = draw(st.lists(any_names, min_size=most_nodes + 5, max_size=20, unique=True))
    words = [*names, "", "Two\nlines", "Is it so?", 'He said "no\\yes"']
    sources = {
        key: Source(key, key, random.choice(["", "https://a.b/?c=d#e"]), random.choice(words))
        for key in names[:3]
    }

    def stated(value: float) -> Parameter:
        low, high = value * random.random(), value + (1.0 - value) * random.random()
        keys = tuple(random.sample(list(sources), random.randint(1, 3)))
        return Parameter(value, low, high, keys, random.choice(list(GRADES)), random.choice(words))

    def variable(old: Variable, id: str) -> Variable:
        states = tuple(random.sample(names, len(old.states)))
        return Variable(
            id=id,
            states=("absent", "present") if len(states) == 2 and random.random() < 0.5 else states,
            role=random.choice(["factor", "cause", "symptom", "other"]),
            label=random.choice(words),
            question=random.choice(words),
            state_labels=random.choice([(), states]),
            modifiable=random.random() < 0.5,
            cost=random.choice([1, 0.1, 7.0, 1e300]),
            group=random.choice(words),
            icd10=random.choice(words),
            note=random.choice(words),
            benign=random.random() < 0.5,
        )

    ids = random.sample(names, len(base.nodes))
    new = {old.id: variable(old, id) for old, id in zip(base.nodes, ids, strict=True)}
    age = Variable(
        id="the age", role="screening", numeric=(0, random.choice([120, 0.5])), unit=random.choice(words)
    )
    distributions = [_stated_distribution(base, old, new, stated, random) for old in new]
    return Network(
        random.choice(names),
        (*new.values(), age),
        tuple(distributions),
        sources,
        version=random.choice(words),
        title=random.choice(words),
        description=random.choice(words),
        groups={key: key for key in names[:2]},
    )


def _stated_distribution(
    base: Network,
    id: str,
    new: Mapping[str, Variable],
    stated: Callable[[float], Parameter],
    random: Random,
) -> Distribution:
    """The distribution of `id` under the new names, its numbers stated in one of the ways there are."""
    old, variable = base.distribution(id), new[id]
    parents = [new[each] for each in old.parents]
    if isinstance(old, NoisyMax):
        renamed = dict(zip(base.variable(id).states, variable.states, strict=True))

        def strengths(given: Mapping[str, Parameter]) -> dict[str, Parameter]:
            return {renamed[state]: stated(each.value) for state, each in given.items()}

        links = {
            new[parent].id: {
                new[parent].states[base.variable(parent).states.index(state)]: strengths(each)
                for state, each in by_state.items()
            }
            for parent, by_state in old.links.items()
        }
        return NoisyMax(variable.id, strengths(old.leak), links)
    values = old.values.copy()
    names = tuple(each.id for each in parents)
    if random.random() < 0.4:
        return Table(variable.id, names, values, origin=random.choice(["", "nowhere"]))
    whole = random.random() < 0.5 or len(variable.states) == 1
    parameters: dict[tuple[str, ...], Parameter] = {}
    for at in np.ndindex(values.shape[:-1]):
        given = tuple(each.states[index] for each, index in zip(parents, at, strict=True))
        if not whole:
            values[at][0] = max(0.0, 1.0 - sum(values[at][1:].tolist()))
        for state, value in list(zip(variable.states, values[at].tolist(), strict=True))[not whole :]:
            parameters[(*given, state)] = stated(value)
    return Table(variable.id, names, values, parameters)
