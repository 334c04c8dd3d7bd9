"""Tables that lie in partitions on several machines (a Dask DataFrame): each is answered where it lies.

Dask is not imported here; the table brings its own methods. The answer is a Dask DataFrame as well, and
nothing is computed before it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def is_partitioned(frame: Any) -> bool:
    """Whether this is a Dask DataFrame."""
    return hasattr(frame, "map_partitions") and hasattr(frame, "npartitions") and hasattr(frame, "_meta")


def over_partitions(ask: Callable[[Any], Any], frame: Any) -> Any:
    """`ask` of every partition. Raises at once what `ask` raises for the columns."""
    return frame.map_partitions(ask, meta=ask(frame._meta))
