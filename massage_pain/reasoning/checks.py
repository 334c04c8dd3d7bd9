"""Settings of a question, checked before anything is computed."""

from __future__ import annotations

from massage_pain.errors import QueryError, shown

LEAST_DRAWS, MOST_DRAWS = 20, 100_000
"""How many draws of the numbers may be asked for."""


def check_whole(what: str, value: object, least: int, most: int | None = None) -> None:
    """Raise `QueryError` unless `value` is a whole number from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least or value > (most or value):
        to = "" if most is None else f" to {most:,}"
        raise QueryError(f"{what} must be a whole number from {least}{to}, got {shown(value)}.")


def check_draws(draws: object, seed: object) -> None:
    """Raise `QueryError` unless `draws` and `seed` are whole numbers in their ranges."""
    check_whole("draws", draws, LEAST_DRAWS, MOST_DRAWS)
    check_whole("seed", seed, 0)


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
