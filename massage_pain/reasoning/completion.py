"""What a person would go on to answer, drawn from what they have said.

Exact sampling from the posterior of the unanswered variables given the findings, for any network. Where the
findings are not too rare, whole cases are drawn and those that agree with the findings kept. Otherwise the
causes are drawn together from their joint posterior, and the roots above them given those where the network
allows it (`trigger_draws`). Then, again and again: a variable whose parents are
all known and of whose descendants nothing is known is drawn from its own distribution; of the others, one is
drawn in each part of the network that the known ones separate from the rest (so those drawn together are
independent), from its posterior given all that is known by then. No weights and no burn-in: each draw is
a fair one, so frequencies have binomial errors.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import ASKED_UNSURE, NOT_ASKED, Codes, Evidence
from massage_pain.inference.posterior import JOINT_CELLS
from massage_pain.inference.propagation import Engine
from massage_pain.knowledge.distributions import cell_count
from massage_pain.knowledge.network import Network
from massage_pain.reasoning.hypotheses import repeated
from massage_pain.reasoning.simulation import draw, draw_given, pick

MOST_DRAWN = 4_000
"""Whole cases are drawn where no more than so many are expected to be needed."""


def completed(
    engine: Engine, one: Evidence, wanted: Sequence[str], count: int, rng: np.random.Generator
) -> dict[str, Codes]:
    """`count` draws of the variables `wanted`, given the case `one`: variable -> states (count,)."""
    network = engine.network
    share = float(np.exp(engine.propagate(one, ()).log_evidence[0]))
    if count <= MOST_DRAWN * share:
        return _kept(network, one, wanted, count, share, rng)
    rows = repeated(one, count)
    known = {name for name, code in one.codes.items() if code[0] >= 0 and network.variable(name).states}
    said = {name for name, code in one.codes.items() if code[0] not in (NOT_ASKED, ASKED_UNSURE)}
    drawn: dict[str, Codes] = {}

    def learn(found: dict[str, Codes]) -> None:
        nonlocal rows
        drawn.update(found)
        known.update(found)
        rows = rows.with_codes({**rows.codes, **found})

    causes = _causes(engine, one, known, count, rng)
    learn(causes)
    if isinstance(engine, CompiledNetwork):
        roots = engine.drawn_roots(one, causes, rng) or {}
        learn({name: states for name, states in roots.items() if name in wanted})
    waiting = [name for name in wanted if name not in known]
    needed = _ancestors(network, [*waiting, *said])
    while waiting:
        below = _ancestors(network, known | said)  # known themselves, or with something known below
        free = [each for each in waiting if each not in below and known.issuperset(network.parents(each))]
        if free:
            codes = {**rows.codes}
            learn({each: draw_given(network, each, codes, count, rng) for each in free})
        else:
            apart = _apart(network, waiting, known, needed)
            learn(_from_posterior(engine, rows, apart, rng))
        waiting = [name for name in waiting if name not in known]
    return {name: drawn[name] for name in wanted if name in drawn}


def _kept(
    network: Network,
    one: Evidence,
    wanted: Sequence[str],
    count: int,
    share: float,
    rng: np.random.Generator,
) -> dict[str, Codes]:
    """Whole cases drawn until `count` agree with the findings; of all cases `share` does."""
    said = [name for name, code in one.codes.items() if code[0] >= 0 and name in network.children]
    soft = {  # a soft screening answer moves no chance
        name: row[0] / row[0].max() for name, row in one.likelihoods.items() if name in network.children
    }
    parts: list[dict[str, Codes]] = []
    found = 0
    while found < count:
        size = int((count - found) / share * 1.1) + 16
        drawn = draw(network, size, rng)
        agrees = np.ones(size, dtype=bool)
        for name in said:
            agrees &= drawn[name] == one.codes[name][0]
        for name, weights in soft.items():  # kept as often as what was noticed is likely
            agrees &= rng.random(size) < weights[drawn[name]]
        rows = np.flatnonzero(agrees)
        parts.append({name: drawn[name][rows] for name in wanted})
        found += len(rows)
    return {name: np.concatenate([each[name] for each in parts])[:count] for name in wanted}


def _causes(
    engine: Engine, one: Evidence, known: Collection[str], count: int, rng: np.random.Generator
) -> dict[str, Codes]:
    """The causes nobody has observed, drawn together."""
    hidden = [each for each in engine.network.causes if each.id not in known]
    shape = [len(each.states) for each in hidden]
    if not hidden or cell_count(shape) > JOINT_CELLS:
        return {}
    causes = tuple(each.id for each in engine.network.causes)
    joint = engine.propagate(one, causes, joint=True).joint
    assert joint is not None
    axes = tuple(at for at, each in enumerate(causes, 1) if each in known)
    weights = joint.sum(axis=axes).reshape(1, -1)
    cells = _pick_wide(np.repeat(np.cumsum(weights, axis=1), count, axis=0), rng)
    states = np.unravel_index(cells, shape)
    return {each.id: codes.astype(np.int16) for each, codes in zip(hidden, states, strict=True)}


def _pick_wide(cumulative: np.ndarray, rng: np.random.Generator) -> NDArray[np.intp]:
    """As `pick`, for one row of many cells that all cases share."""
    row = cumulative[0]
    points = np.minimum(rng.random(len(cumulative)) * row[-1], np.nextafter(row[-1], 0.0))
    found: NDArray[np.intp] = np.searchsorted(row, points, side="right")
    return found


def _from_posterior(
    engine: Engine, rows: Evidence, names: Sequence[str], rng: np.random.Generator
) -> dict[str, Codes]:
    """A state of each for every row, from its posterior."""
    found = engine.propagate(rows, tuple(names)).marginals
    return {name: pick(np.cumsum(found[name], axis=1), rng) for name in names}


def _apart(
    network: Network, waiting: Sequence[str], known: Collection[str], needed: Collection[str]
) -> list[str]:
    """One of the waiting variables in each part that the known ones separate.

    Two sets are separated by a third if it cuts them in the moral graph of their ancestors
    (Lauritzen et al. 1990).
    """
    beside: dict[str, set[str]] = {name: set() for name in needed if name not in known}
    for name in needed:
        family = [each for each in (*network.parents(name), name) if each not in known]
        for each in family:
            beside[each].update(family)
    chosen: list[str] = []
    seen: set[str] = set()
    for name in waiting:
        if name in seen:
            continue
        chosen.append(name)
        stack = [name]
        while stack:
            here = stack.pop()
            if here not in seen:
                seen.add(here)
                stack.extend(beside[here] - seen)
    return chosen


def _ancestors(network: Network, names: Collection[str]) -> set[str]:
    found: set[str] = set()
    stack = [name for name in names if network.variable(name).role != "screening"]
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            stack.extend(network.parents(name))
    return found
