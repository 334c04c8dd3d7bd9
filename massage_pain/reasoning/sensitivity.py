"""How the chance of a cause depends on each number of the network.

As one number x moves and its row follows, P(findings) and P(findings, cause) are straight lines, so the
chance is their ratio, (a x + b) / (c x + d): a hyperbola, known everywhere from its value and its slope
(Castillo, Gutierrez and Hadi 1997; Coupe and van der Gaag 2002). Both lines come, for every number at once,
from two propagations (see `derivatives`); how the row follows is said in `one_way`.

Two straight lines cross at most once, so the points where another cause takes the first place, or a chance
passes the mark of a rule, are exact. Between two such points the urgency cannot change, so it is asked for
once in each stretch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from massage_pain.advice.assessor import Assessor
from massage_pain.advice.urgency import Urgency
from massage_pain.errors import UnknownVariableError, shown, unknown_name
from massage_pain.inference.number_blocks import numbers_of, place_of
from massage_pain.inference.posterior import by_chance
from massage_pain.knowledge.distributions import FloatArray, ParameterKey
from massage_pain.knowledge.network import Network
from massage_pain.reasoning.case_record import CaseRecord
from massage_pain.reasoning.checks import check_share
from massage_pain.reasoning.curves import Curve, Reach, difference, reaches
from massage_pain.reasoning.decision import beliefs_now, decision_for
from massage_pain.reasoning.derivatives import derivatives
from massage_pain.reasoning.hypotheses import accepted_case
from massage_pain.reasoning.lines import Lines, without_rounding
from massage_pain.reasoning.one_way import along
from massage_pain.reasoning.parameter_words import parameter_words

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity:
    """One curve for every number of the network; arrays have one entry a number, in the network's order.

    `probability` is P(cause | case) now, `leading` the likeliest cause. `keys`, `value`, `low`, `high` are
    the numbers. `slope` is d P(cause | case) / d number at the present value; `at_low`, `at_high` the chance
    at the ends of the stated range (NaN where the findings would be impossible). `leader_flips_at` is the
    value nearest to the present one, within the range, at which another cause comes first, and
    `leader_becomes` which; NaN and "" where none does. `urgency_flips_at`, `urgency_becomes` (0 where it
    does not change) likewise; `urgency` is None without rules.
    """

    network: Network = field(repr=False)
    cause: str
    leading: str
    probability: float
    urgency: Urgency | None
    keys: tuple[ParameterKey, ...]
    value: FloatArray
    low: FloatArray
    high: FloatArray
    slope: FloatArray
    at_low: FloatArray
    at_high: FloatArray
    leader_flips_at: FloatArray
    leader_becomes: tuple[str, ...]
    urgency_flips_at: FloatArray
    urgency_becomes: NDArray[np.int8]
    record: Mapping[str, Any] = field(repr=False)
    highest: FloatArray = field(repr=False)
    with_cause: FloatArray = field(repr=False)
    with_findings: FloatArray = field(repr=False)

    @property
    def change(self) -> FloatArray:
        """How far the chance moves over the stated range, the larger of the two ends' distance."""
        return np.abs(self.at_high - self.at_low)

    def curve(self, key: ParameterKey) -> Curve:
        """The curve of one number, by its key in `network.parameters`.

        Raises `UnknownVariableError` for a key that is no number of the network.
        """
        if not isinstance(key, (tuple, list)):
            raise UnknownVariableError(f"A number is known by a key like {self.keys[0]}, got {shown(key)}.")
        key = tuple(key)  # JSON has lists
        place_of(self.network, key)  # refuses an unknown key
        return self.curve_at(self.keys.index(key))

    def curve_at(self, at: int) -> Curve:
        """The curve of the number at this position of `keys`."""
        # through the present point: P(findings, cause) and P(findings), both over P(findings) now
        a, c = float(self.with_cause[at]), float(self.with_findings[at])
        x = float(self.value[at])
        b, d = difference(self.probability, a * x), difference(1.0, c * x)
        return Curve(self.keys[at], self.cause, x, a, b, c, d, float(self.highest[at]))

    def to_reach(self, probability: float) -> Reach:
        """Which single number, at what value, would bring the cause to this chance; or that none can.

        Raises `QueryError` unless it is a chance from 0 to 1.
        """
        check_share("The chance to reach", probability, ends=True)
        return reaches(self, float(probability))

    @cached_property
    def tornado(self) -> pandas.DataFrame:
        """A row for every number, the one that moves the chance most first.

        Columns: parameter (in words), key, value, low, high, at_low, at_high, change, slope,
        leader_flips_at, leader_becomes, urgency_flips_at, urgency_becomes, grade, sources.
        """
        import pandas as pd

        order = self._order()
        stated = [self.network.parameters[self.keys[at]] for at in order]
        levels = self.urgency_becomes[order].tolist()
        columns: dict[str, Any] = {
            "parameter": [parameter_words(self.network, self.keys[at]) for at in order],
            "key": [self.keys[at] for at in order],
            "value": self.value[order],
            "low": self.low[order],
            "high": self.high[order],
            "at_low": self.at_low[order],
            "at_high": self.at_high[order],
            "change": self.change[order],
            "slope": self.slope[order],
            "leader_flips_at": self.leader_flips_at[order],
            "leader_becomes": [self.leader_becomes[at] for at in order],
            "urgency_flips_at": self.urgency_flips_at[order],
            "urgency_becomes": [Urgency(level).name if level else "" for level in levels],
            "grade": [each.grade for each in stated],
            "sources": [", ".join(each.source) for each in stated],
        }
        return pd.DataFrame(columns)

    def to_frame(self) -> pandas.DataFrame:
        """The same as `tornado`."""
        return self.tornado

    def _order(self) -> NDArray[np.intp]:
        size = np.nan_to_num(self.change, nan=np.inf)
        return np.lexsort((-np.abs(self.slope), -size))

    def to_dict(self) -> dict[str, Any]:
        """A plain JSON-ready summary; every number that has an effect, the largest first."""
        rows = []
        for at in self._order().tolist():
            flips = bool(self.leader_becomes[at] or self.urgency_becomes[at])
            if not self.slope[at] and not flips:
                continue
            stated = self.network.parameters[self.keys[at]]
            level = int(self.urgency_becomes[at])
            becomes = self.leader_becomes[at]
            rows.append(
                {
                    "key": list(self.keys[at]),
                    "words": parameter_words(self.network, self.keys[at]),
                    "value": float(self.value[at]),
                    "low": float(self.low[at]),
                    "high": float(self.high[at]),
                    "at_low": _number(self.at_low[at]),
                    "at_high": _number(self.at_high[at]),
                    "slope": float(self.slope[at]),
                    "leader_flips_at": _number(self.leader_flips_at[at]),
                    "leader_becomes": becomes,
                    "leader_label": self.network.variable(becomes).label if becomes else "",
                    "urgency_flips_at": _number(self.urgency_flips_at[at]),
                    "urgency_becomes": Urgency(level).name if level else "",
                    "grade": stated.grade,
                    "sources": list(stated.source),
                }
            )
        return {
            **self.record,
            "kind": "sensitivity",
            "cause": {"id": self.cause, "label": self.network.variable(self.cause).label},
            "probability": self.probability,
            "leading": {"id": self.leading, "label": self.network.variable(self.leading).label},
            "urgency": None if self.urgency is None else self.urgency.name,
            "numbers": len(self.keys),
            "parameters": rows,
        }

    def __str__(self) -> str:
        from massage_pain.display.tables import text_of

        return text_of(self.to_dict())

    __repr__ = __str__

    def plot(self, ax: Axes | None = None, *, key: ParameterKey | None = None) -> Axes:
        """The tornado, or the curve of one number, on `ax` or on new axes.

        Raises `UnknownVariableError` for a key that is no number of the network and `MissingExtraError`
        without matplotlib.
        """
        from massage_pain.display.plots import plot

        if key is None:
            return plot(self.to_dict(), ax)
        curve = self.curve(key)
        at, values = self.keys.index(key), np.linspace(0.0, curve.highest, 201)
        ranged = bool(self.low[at] < self.high[at])
        summary = {
            "kind": "curve",
            "label": self.network.variable(self.cause).label,
            "words": parameter_words(self.network, key),
            "value": curve.value,
            "probability": self.probability,
            "low": float(self.low[at]) if ranged else None,
            "high": float(self.high[at]) if ranged else None,
            "values": values.tolist(),
            "chances": curve.at(values).tolist(),
        }
        return plot(summary, ax)

    def _repr_html_(self) -> str:
        from massage_pain.display.tables import html_of

        return html_of(self.to_dict())


def sensitivity(assessor: Assessor, case: Mapping[str, Any], cause: str | None = None) -> Sensitivity:
    """The curve of P(cause | case) for every number of the network.

    Of the likeliest cause, unless one is named. Raises the error of a wrong finding,
    `ImpossibleEvidenceError`, `InvalidNetworkError` for a network
    without causes, and `UnknownVariableError` for what is no cause.
    """
    network = assessor.network
    known, one = accepted_case(assessor, case)
    now = beliefs_now(assessor, one)
    causes = now.causes
    leader = by_chance(now.probabilities[0].tolist())[0]
    if cause is None:
        cause = causes[leader]
    if cause not in causes:
        raise UnknownVariableError(unknown_name("cause", cause, causes))
    found = derivatives(assessor.engine, one)
    numbers = numbers_of(network)
    slopes = without_rounding(found.probabilities, along(network, found.by_cell))
    lines = Lines(numbers, found.probabilities, slopes)
    column = 1 + causes.index(cause)
    asked = slice(column, column + 1)
    flips, becomes = lines.leader_flips(leader)
    decision = decision_for(assessor, one, now.log_evidence)
    urgency = None
    urgent_flips, urgent = np.full(len(flips), np.nan), np.zeros(len(flips), dtype=np.int8)
    if decision is not None:
        level, urgent_flips, urgent = lines.urgency_flips(decision)
        urgency = Urgency(level)
    return Sensitivity(
        network=network,
        cause=cause,
        leading=causes[leader],
        probability=float(found.probabilities[column]),
        urgency=urgency,
        keys=numbers.keys,
        value=numbers.value,
        low=numbers.low,
        high=numbers.high,
        slope=slopes[:, column] - found.probabilities[column] * slopes[:, 0],
        at_low=lines.chances(numbers.low, events=asked)[:, 0],
        at_high=lines.chances(numbers.high, events=asked)[:, 0],
        leader_flips_at=flips,
        leader_becomes=tuple(causes[at] if at >= 0 else "" for at in becomes.tolist()),
        urgency_flips_at=urgent_flips,
        urgency_becomes=urgent,
        record=CaseRecord(assessor, known),
        highest=numbers.highest,
        with_cause=slopes[:, column],
        with_findings=slopes[:, 0],
    )


def _number(value: float) -> float | None:
    """NaN as None: JSON has no NaN."""
    return None if np.isnan(value) else float(value)
