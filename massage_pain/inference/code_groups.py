"""Variables whose codes share one lookup table: a row number for every combination of what is known.

A variable with s states has s + 1 digits: 0 for nothing known, then its states. The row number of a group is
the number with these digits, the first variable's running fastest.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.arithmetic import Index

Name = TypeVar("Name", bound=Hashable)


class CodeGroups(Generic[Name]):
    """Neighbouring variables grouped so that no table has more rows than `most_rows`, if it can be."""

    def __init__(self, states: Mapping[Name, int], most_rows: int) -> None:
        self.members: list[list[Name]] = []
        self.place: dict[Name, tuple[int, int]] = {}
        rows = most_rows + 1
        for name, count in states.items():
            if rows * (count + 1) > most_rows:
                self.members.append([])
                rows = 1
            self.place[name] = len(self.members) - 1, rows
            self.members[-1].append(name)
            rows *= count + 1

    def add(self, rows: dict[int, Index], name: Name, codes: NDArray[Any]) -> None:
        """Add what a column of codes says to the row number of its group; marks are no states."""
        group, stride = self.place[name]
        digits = np.maximum(codes, -1).astype(np.intp)
        digits += 1
        digits *= stride
        if group in rows:
            rows[group] += digits
        else:
            rows[group] = digits
