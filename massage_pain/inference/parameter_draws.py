"""The uncertainty of a network's numbers: a Beta for each, and draws from all of them.

A number is stated as (value, low, high). It is taken as a Beta distribution whose mean is the value and whose
central 90% interval is as wide as the stated range. One width cannot say where the interval lies, so for a
lopsided range its ends differ a little from the stated ones. No Beta is taken more spread out than one
with a parameter of 0.5 (further out it has most of its mass at 0 and 1). A number without a range, or one
that is 0 or 1, is taken as certain.

Numbers are drawn independently. In a row of probabilities the states above the lowest are drawn and the
lowest takes the rest, as in the files; where the drawn ones together exceed one, they are divided by their
sum. Of two states the range may also stand with the lowest.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.number_blocks import Blocks, blocks_of, numbers_of
from massage_pain.knowledge.distributions import FloatArray, ParameterKey
from massage_pain.knowledge.network import Network

COVERED = 0.9
"""The share of the distribution that the stated range is read as."""

LEAST = 0.5
"""The smallest parameter of a Beta."""

_GRID = 513
_ROUNDS = 60


@dataclass(frozen=True, eq=False)
class Draws:
    """Numbers drawn together: `keys` those that vary, `drawn` (n_keys, n_draws) their values.

    `blocks`: variable -> (..., states, n_draws), or 1 in place of n_draws where nothing of it varies.
    """

    keys: tuple[ParameterKey, ...]
    drawn: FloatArray
    blocks: Blocks

    @property
    def count(self) -> int:
        """How many draws."""
        return int(self.drawn.shape[1])


@dataclass(frozen=True, eq=False)
class _Uncertain:
    """The numbers that vary.

    `which`: their positions in `numbers_of`; `a`, `b` the parameters of their Betas; `of`: variable -> its
    first and last + 1 among them.
    """

    which: NDArray[np.intp]
    a: FloatArray
    b: FloatArray
    of: dict[str, tuple[int, int]]


# A network never changes, so its Betas are fitted once.
_fitted: WeakKeyDictionary[Network, _Uncertain] = WeakKeyDictionary()


def beta_parameters(value: FloatArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The two parameters of the Beta for each number, (n,); for numbers with a range, inside (0, 1)."""
    wanted = high - low
    spread = wanted / 3.29  # of a normal distribution; the start
    size = value * (1.0 - value) / spread**2 - 1.0
    smallest = LEAST / np.minimum(value, 1.0 - value)
    size = np.maximum(size, smallest)
    for _ in range(_ROUNDS):
        width = _width(value * size, (1.0 - value) * size)
        new = np.maximum(size * (width / wanted) ** 2, smallest)  # the width falls with its square root
        done = np.abs(new - size) <= 1e-6 * size
        size = new
        if done.all():
            break
    return value * size, (1.0 - value) * size


def _width(a: FloatArray, b: FloatArray) -> FloatArray:
    """The width of the central 90% interval of Beta(a, b), from its density on the log-odds scale.

    There it is smooth, has one top and falls off exponentially, so the trapezoidal rule is good.
    """
    top = np.log(a / b)
    scale = np.sqrt(1.0 / a + 0.5 / a**2 + 1.0 / b + 0.5 / b**2)
    start, stop = top - 6.0 * scale - 20.0 / a, top + 6.0 * scale + 20.0 / b
    odds = start[:, None] + (stop - start)[:, None] * np.linspace(0.0, 1.0, _GRID)
    with np.errstate(over="ignore"):
        log_p, log_q = -np.log1p(np.exp(-odds)), -np.log1p(np.exp(odds))
    log_p, log_q = np.where(odds < -700.0, odds, log_p), np.where(odds > 700.0, -odds, log_q)
    density = a[:, None] * log_p + b[:, None] * log_q
    density = np.exp(density - density.max(axis=1, keepdims=True))
    below = np.cumsum(density[:, 1:] + density[:, :-1], axis=1)
    below = np.concatenate([np.zeros((len(a), 1)), below / below[:, -1:]], axis=1)
    tail = (1.0 - COVERED) / 2.0
    ends = np.array([np.interp([tail, 1.0 - tail], row, at) for row, at in zip(below, odds, strict=True)])
    with np.errstate(over="ignore"):
        found: FloatArray = np.diff(1.0 / (1.0 + np.exp(-ends)), axis=1)[:, 0]
    return found


def draw(network: Network, draws: int, seed: int, variables: Collection[str] | None = None) -> Draws:
    """The numbers of these variables (None: of all) drawn `draws` times; the others as they are stated.

    The same seed gives the same numbers, whichever other variables are drawn: answers to two cases rest on
    the same draws and can be compared.
    """
    uncertain = _uncertain(network)
    numbers = numbers_of(network)
    blocks = dict(blocks_of(network))
    keys: list[ParameterKey] = []
    drawn: list[FloatArray] = []
    for stream, (name, (start, stop)) in enumerate(uncertain.of.items()):
        if variables is not None and name not in variables:
            continue
        which = uncertain.which[start:stop]
        generator = np.random.default_rng([seed, stream])
        a, b = uncertain.a[start:stop, None], uncertain.b[start:stop, None]
        found = generator.beta(a, b, size=(len(which), draws))
        blocks[name] = _filled_in(blocks[name], numbers.cell[which], found)
        keys.extend(numbers.keys[at] for at in which.tolist())
        drawn.append(found)
    return Draws(tuple(keys), np.concatenate(drawn or [np.empty((0, draws))]), blocks)


def has_ranges(network: Network) -> bool:
    """Whether any number of the network would vary."""
    return bool(len(_uncertain(network).which))


def _uncertain(network: Network) -> _Uncertain:
    found = _fitted.get(network)
    if found is None:
        found = _fitted[network] = _fit(network)
    return found


def _fit(network: Network) -> _Uncertain:
    numbers = numbers_of(network)
    stated = [network.parameters[key] for key in numbers.keys]
    low, high = np.array([each.low for each in stated]), np.array([each.high for each in stated])
    # the lowest state of a row takes what the others leave
    states = np.array([len(network.variable(name).states) for name in numbers.variable])
    lowest = numbers.cell % states == 0
    value = numbers.value
    place = {cell: at for at, cell in enumerate(zip(numbers.variable, numbers.cell.tolist(), strict=True))}
    for at in np.flatnonzero((states == 2) & ~lowest & (high <= low)).tolist():
        other = place.get((numbers.variable[at], int(numbers.cell[at]) - 1))
        if other is not None and high[other] > low[other]:
            low[at], high[at] = min(value[at], 1.0 - high[other]), max(value[at], 1.0 - low[other])
    which = np.flatnonzero((high > low) & (value > 0.0) & (value < 1.0) & ~lowest)
    triples = np.stack([value[which], low[which], high[which]])
    distinct, back = np.unique(triples, axis=1, return_inverse=True)
    a, b = beta_parameters(*distinct) if len(which) else (np.empty(0), np.empty(0))
    of: dict[str, tuple[int, int]] = {}
    for position, at in enumerate(which.tolist()):
        name = numbers.variable[at]
        of[name] = of.get(name, (position, 0))[0], position + 1
    return _Uncertain(which, a[back.ravel()], b[back.ravel()], of)


def _filled_in(stated: FloatArray, cells: NDArray[np.intp], drawn: FloatArray) -> FloatArray:
    """A block with these cells (flat index) drawn, (n_cells, n_draws), and its rows made complete."""
    count = drawn.shape[1]
    block = np.repeat(stated, count, axis=-1)
    block.reshape(-1, count)[cells] = drawn
    states = stated.shape[-2]
    _complete(block.reshape(-1, states, count), np.unique(cells // states))
    return block


def _complete(rows: FloatArray, changed: NDArray[np.intp]) -> None:
    """In place: the lowest state of the changed rows takes the rest; rows (n_rows, states, n_draws)."""
    above = rows[changed, 1:]
    total = above.sum(axis=1, keepdims=True)
    if rows.shape[1] > 2 and (total > 1.0).any():
        above /= np.maximum(total, 1.0)
        total = np.minimum(total, 1.0)
        rows[changed, 1:] = above
    rows[changed, 0] = 1.0 - total[:, 0]
