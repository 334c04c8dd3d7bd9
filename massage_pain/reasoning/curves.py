"""One curve of a sensitivity analysis, and which numbers would bring a chance to a wished-for value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from massage_pain.knowledge.distributions import FloatArray, ParameterKey
from massage_pain.reasoning.parameter_words import parameter_words

if TYPE_CHECKING:
    import pandas

    from massage_pain.reasoning.sensitivity import Sensitivity

ROUNDING = 1e-12
"""Differences of larger numbers that are this small in proportion are taken as zero."""


def difference(one: float, other: float) -> float:
    """`one - other`, zero where it is only rounding."""
    found = one - other
    return found if abs(found) > ROUNDING * (abs(one) + abs(other)) else 0.0


@dataclass(frozen=True, slots=True)
class Curve:
    """P(cause | case) as the number `key` is x: (a x + b) / (c x + d), for x from 0 to `highest`."""

    key: ParameterKey
    cause: str
    value: float
    a: float
    b: float
    c: float
    d: float
    highest: float

    def at(self, x: float | FloatArray) -> Any:
        """The chance where the number is x (a float or an array); NaN where the findings are impossible."""
        values = np.asarray(x, dtype=np.float64)
        below = self.c * values + self.d
        possible = below > ROUNDING * (np.abs(self.c * values) + abs(self.d))
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.clip(np.where(possible, (self.a * values + self.b) / below, np.nan), 0.0, 1.0)
        return float(found) if np.ndim(x) == 0 else found

    @property
    def slope(self) -> float:
        """The derivative at the present value."""
        below = self.c * self.value + self.d
        return (self.a * self.d - self.b * self.c) / below**2

    def reaches(self, probability: float) -> float | None:
        """The x at which the chance is `probability`; None where there is none from 0 to `highest`."""
        gain = self.a - probability * self.c
        turn = self.a * self.d - self.b * self.c
        flat = abs(turn) <= ROUNDING * (abs(self.a * self.d) + abs(self.b * self.c))
        if gain == 0.0 or flat:
            return self.value if self.at(self.value) == probability else None
        x = (probability * self.d - self.b) / gain
        if not -ROUNDING <= x <= self.highest + ROUNDING:
            return None
        x = min(max(x, 0.0), self.highest)
        return None if math.isnan(self.at(x)) else x

    def to_frame(self, points: int = 101) -> pandas.DataFrame:
        """The curve at evenly spaced values: columns value, probability."""
        import pandas as pd

        values = np.linspace(0.0, self.highest, points)
        return pd.DataFrame({"value": values, "probability": self.at(values)})


@dataclass(frozen=True, eq=False, repr=False)
class Reach:
    """The numbers that could alone bring a cause to `probability`, the least change first.

    `needed` holds (key, value it must have, whether that is within its stated range), in the order of how far
    the number has to go on the way from its value to the end of its range: those within it come first.
    """

    sensitivity: Sensitivity
    probability: float
    needed: tuple[tuple[ParameterKey, float, bool], ...]

    def to_frame(self) -> pandas.DataFrame:
        """A row for each: parameter (in words), key, value, needed, low, high, within_range."""
        import pandas as pd

        columns = ["parameter", "key", "value", "needed", "low", "high", "within_range"]
        return pd.DataFrame([self._row(*each) for each in self.needed], columns=columns)

    def _row(self, key: ParameterKey, needed: float, within: bool) -> tuple[Any, ...]:
        found = self.sensitivity
        at = found.keys.index(key)
        words = parameter_words(found.network, key)
        return words, key, float(found.value[at]), needed, float(found.low[at]), float(found.high[at]), within

    def to_dict(self) -> dict[str, Any]:
        """A plain JSON-ready summary."""
        names = ("words", "key", "value", "needed", "low", "high", "within_range")
        rows = [dict(zip(names, self._row(*each), strict=True)) for each in self.needed]
        for row in rows:
            row["key"] = list(row["key"])
        cause = self.sensitivity.cause
        return {
            **self.sensitivity.record,
            "kind": "reach",
            "cause": {"id": cause, "label": self.sensitivity.network.variable(cause).label},
            "probability": self.sensitivity.probability,
            "wished": self.probability,
            "parameters": rows,
        }

    def __str__(self) -> str:
        from massage_pain.display.tables import text_of

        return text_of(self.to_dict())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from massage_pain.display.tables import html_of

        return html_of(self.to_dict())


def reaches(found: Sensitivity, probability: float) -> Reach:
    """The numbers that could bring the cause of a sensitivity analysis to this chance."""
    needed = []
    for at, key in enumerate(found.keys):
        x = found.curve_at(at).reaches(probability)
        if x is None:
            continue
        present, low, high = float(found.value[at]), float(found.low[at]), float(found.high[at])
        room = high - present if x > present else present - low
        share = 0.0 if x == present else abs(x - present) / room if room > 0.0 else math.inf
        needed.append((share, abs(x - present), at, (key, x, low <= x <= high)))
    needed.sort(key=lambda each: each[:3])
    return Reach(found, probability, tuple(each[3] for each in needed))
