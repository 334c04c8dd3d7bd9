"""The times of a session, as the caller gives them: numbers in any unit, or dates with a time of day."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any, TypeAlias

import numpy as np

from massage_pain.errors import EvidenceError, shown

Time: TypeAlias = float | int | str
"""A number, or an ISO 8601 text; both are plain JSON."""

LATEST = sys.float_info.max
"""The largest number that is a time; not infinity, and no whole number that JSON readers make it."""


def plain_time(value: Any) -> Time:
    """A time as it is kept: a finite number, or ISO 8601 text for a datetime or such a text.

    Raises `EvidenceError`.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, datetime) and value == value:  # pandas' "no time" is a datetime unlike itself
        return value.isoformat()
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).isoformat()
        except ValueError:
            pass
    elif not isinstance(value, bool) and isinstance(value, (int, float)) and abs(value) <= LATEST:
        return value
    raise EvidenceError(
        f"A time must be a number (minutes, say), a datetime or ISO 8601 text, got {shown(value)}."
    )


def check_order(earlier: Time | None, later: Time) -> None:
    """Raise `EvidenceError` unless `later` is of the same kind as `earlier` and not before it."""
    if earlier is None:
        return
    if isinstance(earlier, str) != isinstance(later, str):
        raise EvidenceError(
            f"The times of one session are all numbers or all dates; after {shown(earlier)} came "
            f"{shown(later)}."
        )
    one: Any = datetime.fromisoformat(earlier) if isinstance(earlier, str) else earlier
    other: Any = datetime.fromisoformat(later) if isinstance(later, str) else later
    try:
        back = other < one
    except TypeError:
        raise EvidenceError(
            f"One of the times {shown(earlier)} and {shown(later)} has a time zone and the other has none."
        ) from None
    if back:
        raise EvidenceError(f"A session goes forward in time: {shown(later)} is before {shown(earlier)}.")
