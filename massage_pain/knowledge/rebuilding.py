"""How a frozen value is sent to another process: as the arguments that make it again, and check it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any


def rebuilt(value: Any) -> tuple[Any, ...]:
    """What `__reduce__` of a frozen dataclass gives: its class and the values of its fields.

    A read-only mapping cannot be pickled and goes as a plain one; what was computed and kept stays behind.
    """
    return type(value), tuple(_plain(getattr(value, each.name)) for each in fields(value) if each.init)


def _plain(value: Any) -> Any:
    return {key: _plain(each) for key, each in value.items()} if isinstance(value, Mapping) else value
