"""Whether chances come true: of cases given 30%, do 30 in 100 turn out so?

The table holds cases whose causes are known. Every row is answered from its other columns; then the rows are
put into bins by the chance they were given, and each bin's share that came true is set against it
(Murphy and Winkler 1977). The Brier score (1950) is the mean square of chance minus outcome; a bin's interval
is Wilson's (1927).

Calibration on cases drawn from the network itself (`simulate`) tests the computation, not the network. Only
cases from life say whether the network's numbers are right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from massage_pain.advice.answer_table import posterior_table
from massage_pain.advice.assessor import Assessor
from massage_pain.advice.record import network_record
from massage_pain.errors import EvidenceError, UnknownVariableError, shown, unknown_name
from massage_pain.inference.evidence import evidence_of
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network
from massage_pain.reasoning.checks import checked_whole

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

_NORMAL_90 = 1.6448536269514722


@dataclass(frozen=True, eq=False, repr=False)
class Calibration:
    """The bins that hold a case, each an element of the arrays, by rising chance.

    `said` is the mean chance in the bin, `seen` the share that came true, `low` and `high` its 90% interval,
    `count` how many. `causes` are the causes taken together; `rows` how many (case, cause) pairs were used.
    """

    network: Network = field(repr=False)
    causes: tuple[str, ...]
    said: FloatArray
    seen: FloatArray
    low: FloatArray
    high: FloatArray
    count: NDArray[np.int64]
    brier: float
    rows: int
    record: Mapping[str, Any] = field(repr=False)

    @property
    def error(self) -> float:
        """The mean distance between what was said and what was seen, weighted by the bins' counts."""
        return float((np.abs(self.said - self.seen) * self.count).sum() / self.count.sum())

    def to_frame(self) -> pandas.DataFrame:
        """A row for each bin: said, seen, low, high, count."""
        import pandas as pd

        names = ("said", "seen", "low", "high", "count")
        return pd.DataFrame({name: getattr(self, name) for name in names})

    def to_dict(self) -> dict[str, Any]:
        """A plain JSON-ready summary."""
        return {
            "kind": "calibration",
            "network": dict(self.record),
            "causes": [{"id": each, "label": self.network.variable(each).label} for each in self.causes],
            "rows": self.rows,
            "brier": self.brier,
            "error": self.error,
            "bins": self.to_frame().to_dict("records"),
        }

    def __str__(self) -> str:
        from massage_pain.display.tables import text_of

        return text_of(self.to_dict())

    __repr__ = __str__

    def plot(self, ax: Axes | None = None) -> Axes:
        """What was said against what was seen, on `ax` or on new axes.

        Raises `MissingExtraError` without matplotlib.
        """
        from massage_pain.display.plots import plot

        return plot(self.to_dict(), ax)

    def _repr_html_(self) -> str:
        from massage_pain.display.tables import html_of

        return html_of(self.to_dict())


def calibration(assessor: Assessor, frame: Any, cause: str | None = None, *, bins: int = 10) -> Calibration:
    """How well the chances of one cause, or of all of them together, come true in a table of known cases.

    One row a case; a cause's own column says whether it was there, every other column is a finding. Rows
    that cannot be answered, and causes that are not known in a row, are left out. A row that does not speak
    of the complaint is taken to have it, as everywhere: keep the complaint's column.

    Raises `UnknownVariableError` for a cause the network or the table does not have, `EvidenceError` for what
    is no DataFrame or holds no known cause, `QueryError` for wrong bins.
    """
    bins = checked_whole("bins", bins, 2, 100)
    network = assessor.network
    causes = [each.id for each in network.causes]
    if cause is not None and cause not in causes:
        raise UnknownVariableError(unknown_name("cause", cause, causes))
    if not hasattr(frame, "columns"):
        raise EvidenceError(
            f"Calibration takes a DataFrame of cases, got {type(frame).__name__} {shown(frame)}."
        )
    known = [each for each in causes if each in frame.columns]
    asked = [each for each in known if cause in (None, each)]
    if not asked:
        wanted = "any of the causes" if cause is None else f"the cause {shown(cause)}"
        raise EvidenceError(f"The table has no column for {wanted}, so nothing says whether they came true.")
    chances = posterior_table(assessor, frame.drop(columns=known))
    truth = evidence_of(network, frame[asked])
    said, seen = [], []
    for each in asked:
        codes = truth.codes.get(each)
        given = chances[each].to_numpy()
        if codes is not None:
            used = (codes >= 0) & ~np.isnan(given)
            present = network.variable(each).present_index
            said.append(given[used])
            seen.append(codes[used] == present)
    if not sum(map(len, said)):
        raise EvidenceError("No row can be used: none is answered and says whether a cause was there.")
    return _binned(assessor, tuple(asked), np.concatenate(said), np.concatenate(seen).astype(float), bins)


def _binned(
    assessor: Assessor, causes: tuple[str, ...], said: FloatArray, seen: FloatArray, bins: int
) -> Calibration:
    place = np.minimum((said * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    held = count > 0
    number = count[held]
    mean = np.bincount(place, said, bins)[held] / number
    share = np.bincount(place, seen, bins)[held] / number
    middle, reach = _wilson(share, number)
    return Calibration(
        assessor.network,
        causes,
        mean,
        share,
        middle - reach,
        middle + reach,
        number,
        float(((said - seen) ** 2).mean()),
        len(said),
        network_record(assessor.network, assessor.rules),
    )


def _wilson(share: FloatArray, number: NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
    """The middle of Wilson's 90% interval of a share, and how far it reaches."""
    z = _NORMAL_90
    under = 1.0 + z**2 / number
    reach = z / under * np.sqrt(share * (1.0 - share) / number + z**2 / (4.0 * number**2))
    return (share + z**2 / (2.0 * number)) / under, reach
