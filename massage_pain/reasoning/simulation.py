"""Complete cases drawn from a network.

Ancestral sampling (Henrion 1988, "logic sampling"): every variable is drawn after its parents, from its
distribution given them, for all cases at once. A noisy-MAX is never written out as a table: the
cumulative distributions of its links are multiplied case by case, so many parents cost no more than few.
Screening answers have no probability and are not drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from massage_pain.errors import ComplexityError, QueryError, shown
from massage_pain.knowledge import limits
from massage_pain.knowledge.distributions import FloatArray, NoisyMax
from massage_pain.knowledge.network import Network

if TYPE_CHECKING:
    import pandas

Draws: TypeAlias = Mapping[str, NDArray[np.int16]]
"""Variable -> the position of the state drawn in each case, (n_cases,)."""


def simulate(network: Network, n: int, seed: int = 0) -> pandas.DataFrame:
    """`n` complete cases: a row a case, a categorical column a variable with a probability.

    The causes and the complaint are among the columns; `assess_many` and `posteriors` take the frame once
    what nobody observes is dropped. The same seed gives the same cases.

    Raises `QueryError` for a number of cases or a seed that is none, and `ComplexityError` for a table
    of more than 10^8 cells.
    """
    import pandas as pd

    count = checked_count(n, "The number of cases", least=0)
    cells = count * len(network.nodes)
    if cells > limits.COMPILED_CELLS:
        raise ComplexityError(
            f"{count:,} cases of {len(network.nodes)} variables are {cells:,} cells; the limit is "
            f"{limits.COMPILED_CELLS:,}. Simulate in parts, with a seed for each.",
            estimate=cells,
            limit=limits.COMPILED_CELLS,
        )
    drawn = draw(network, count, generator(seed))
    return pd.DataFrame(
        {
            each.id: pd.Categorical.from_codes(drawn[each.id], categories=pd.Index(each.states), ordered=True)
            for each in network.nodes
        }
    )


def draw(network: Network, count: int, rng: np.random.Generator) -> Draws:
    """`count` complete cases as positions of states."""
    found: dict[str, NDArray[np.int16]] = {}
    for name in network.topological_order:
        found[name] = draw_given(network, name, found, count, rng)
    return found


def draw_given(
    network: Network, name: str, parents: Draws, count: int, rng: np.random.Generator
) -> NDArray[np.int16]:
    """A state of `name` for each case, drawn from its distribution given its parents' states."""
    return pick(_cumulative(network, name, parents, count), rng)


def pick(cumulative: FloatArray, rng: np.random.Generator) -> NDArray[np.int16]:
    """A state for each row of cumulative weights (n_cases, n_states), whatever they add up to."""
    total = cumulative[:, -1]
    points = np.minimum(rng.random(len(cumulative)) * total, np.nextafter(total, 0.0))
    # a point on a boundary belongs to the state above it, so a state of weight zero is never drawn
    found: NDArray[np.int16] = (points[:, None] >= cumulative[:, :-1]).sum(axis=1).astype(np.int16)
    return found


def _cumulative(network: Network, name: str, parents: Draws, count: int) -> FloatArray:
    distribution = network.distribution(name)
    states = len(network.variable(name).states)
    if not isinstance(distribution, NoisyMax):
        rows = distribution.values[tuple(parents[each] for each in distribution.parents)]
        return np.broadcast_to(np.cumsum(rows, axis=-1), (count, states))
    variables = {each: network.variable(each) for each in (name, *distribution.parents)}
    found = np.tile(np.cumsum(distribution.leak_distribution(variables)), (count, 1))
    for parent in distribution.parents:
        link = np.cumsum(distribution.link_distribution(parent, variables), axis=-1)
        found *= link[parents[parent]]
    return found


def generator(seed: object) -> np.random.Generator:
    """The random numbers of a seed. Raises `QueryError` for what is no whole number from 0."""
    return np.random.default_rng(checked_count(seed, "The seed", least=0))


MOST_DRAWS = 1_000_000
"""The most that is drawn at once where it is the caller's to say."""


def checked_count(value: object, what: str, *, least: int, most: int | None = None) -> int:
    """A whole number from `least` (to `most`). Raises `QueryError` that begins with `what`."""
    if isinstance(value, np.integer):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise QueryError(f"{what} must be a whole number, {least} or more, got {shown(value)}.")
    if most is not None and value > most:
        raise QueryError(f"{what} must be at most {most:,}, got {shown(value)}.")
    return value
