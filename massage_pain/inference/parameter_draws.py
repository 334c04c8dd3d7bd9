"""The uncertainty of a network's numbers: a Beta for each, and draws from all of them.

A number is stated as (value, low, high). It is taken as a Beta distribution whose mean is the value and whose
central 90% interval is as wide as the stated range. One width cannot say where the interval lies, so for a
lopsided range its ends differ a little from the stated ones. No Beta is taken more spread out than one
with a parameter of 0.5 (further out it has most of its mass at 0 and 1). A number without a range, or one
that is 0 or 1, is taken as certain.

Numbers are drawn independently. In a row of probabilities the states above the lowest are drawn and the lowest
takes the rest, as in the files; where the drawn ones together exceed one, they are divided by their sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.number_blocks import Blocks, Numbers, blocks_of, numbers_of
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
        return self.drawn.shape[1]


@dataclass(frozen=True, eq=False)
class _Uncertain:
    """The numbers that vary: positions in `numbers_of`, and the parameters of their Betas."""

    which: NDArray[np.intp]
    a: FloatArray
    b: FloatArray


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


def draw(network: Network, draws: int, seed: int) -> Draws:
    """All numbers of the network drawn `draws` times. The same seed gives the same numbers."""
    uncertain = _fitted.get(network)
    if uncertain is None:
        uncertain = _fitted[network] = _fit(network)
    numbers = numbers_of(network)
    generator = np.random.default_rng(seed)
    shape = (len(uncertain.which), draws)
    drawn = generator.beta(uncertain.a[:, None], uncertain.b[:, None], size=shape)
    keys = tuple(numbers.keys[at] for at in uncertain.which.tolist())
    return Draws(keys, drawn, _filled_in(network, numbers, uncertain.which, drawn))


def has_ranges(network: Network) -> bool:
    """Whether any number of the network is stated with a range."""
    numbers = numbers_of(network)
    return bool((numbers.high > numbers.low).any())


def _fit(network: Network) -> _Uncertain:
    numbers = numbers_of(network)
    stated = [network.parameters[key] for key in numbers.keys]
    low, high = np.array([each.low for each in stated]), np.array([each.high for each in stated])
    # the lowest state of a row takes what the others leave
    lowest = numbers.cell % np.array([len(network.variable(name).states) for name in numbers.variable]) == 0
    value = numbers.value
    which = np.flatnonzero((high > low) & (value > 0.0) & (value < 1.0) & ~lowest)
    triples = np.stack([value[which], low[which], high[which]])
    distinct, back = np.unique(triples, axis=1, return_inverse=True)
    a, b = beta_parameters(*distinct) if len(which) else (np.empty(0), np.empty(0))
    back = back.reshape(-1)
    return _Uncertain(which, a[back], b[back])


def _filled_in(
    network: Network, numbers: Numbers, which: NDArray[np.intp], drawn: FloatArray
) -> dict[str, FloatArray]:
    blocks = dict(blocks_of(network))
    names = [numbers.variable[at] for at in which.tolist()]
    start = 0
    while start < len(names):
        stop = start
        while stop < len(names) and names[stop] == names[start]:
            stop += 1
        stated = blocks[names[start]]
        cells = numbers.cell[which[start:stop]]
        block = np.repeat(stated, drawn.shape[1], axis=-1)
        flat = block.reshape(-1, block.shape[-1])
        flat[cells] = drawn[start:stop]
        rows = flat.reshape(-1, *stated.shape[-2:-1], block.shape[-1])
        _complete(rows, np.unique(cells // stated.shape[-2]))
        blocks[names[start]] = block
        start = stop
    return blocks


def _complete(rows: FloatArray, changed: NDArray[np.intp]) -> None:
    """In place: the lowest state of the changed rows takes the rest; rows (n_rows, states, n_draws)."""
    above = rows[changed, 1:]
    total = above.sum(axis=1, keepdims=True)
    if rows.shape[1] > 2 and (total > 1.0).any():
        above /= np.maximum(total, 1.0)
        total = np.minimum(total, 1.0)
        rows[changed, 1:] = above
    rows[changed, 0] = 1.0 - total[:, 0]
