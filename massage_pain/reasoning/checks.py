"""Settings of a question, checked before anything is computed."""

from __future__ import annotations

import numpy as np

from massage_pain.errors import QueryError, shown

LEAST_DRAWS, MOST_DRAWS = 20, 100_000
"""How many draws of the numbers may be asked for."""


def checked_whole(what: str, value: object, least: int, most: int | None = None) -> int:
    """A whole number from `least` to `most`, numpy's as well. Raises `QueryError` for anything else."""
    if isinstance(value, np.integer):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < least or value > (most or value):
        to = "" if most is None else f" to {most:,}"
        raise QueryError(f"{what} must be a whole number from {least}{to}, got {shown(value)}.")
    return value


def checked_draws(draws: object, seed: object) -> tuple[int, int]:
    """`draws` and `seed`. Raises `QueryError` unless they are whole numbers in their ranges."""
    return checked_whole("draws", draws, LEAST_DRAWS, MOST_DRAWS), checked_whole("seed", seed, 0)


def check_share(what: str, value: object, *, ends: bool) -> None:
    """Raise `QueryError` unless `value` is a number from 0 to 1; without `ends`, strictly between."""
    words = "from 0 to 1" if ends else "between 0 and 1"
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if number:
        inside = 0.0 <= value <= 1.0 if ends else 0.0 < value < 1.0  # type: ignore[operator]
        if inside:
            return
    percent = " Is it a percentage?" if number and 1.0 < value <= 100.0 else ""  # type: ignore[operator]
    raise QueryError(f"{what} must be a number {words}, got {shown(value)}.{percent}")
