"""How far the answer is uncertain because the numbers behind it are.

Every number of the network is drawn from the Beta of its (value, low, high) (see `parameter_draws`), and the
case is answered again under every draw, all in one batch. The credible interval of a cause is the central
part of its answers. It says how far the *stated uncertainty of the numbers* reaches; that the network might
lack a cause or a link is not in it.

What to study next: the numbers whose draws go along with the answer. Each gets the square of its correlation
with the chance of the cause (over the draws): the share of the variance that a straight line in this number
alone explains (first-order sensitivity, Saltelli et al. 2008, for answers that are close to linear). The
numbers are drawn independently, so the shares add up to about one where the answer is close to linear in
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from massage_pain.advice.assessment import LikelyRanges
from massage_pain.advice.assessor import Assessor
from massage_pain.advice.urgency import Urgency
from massage_pain.errors import QueryError, UnknownVariableError, printable, unknown_name
from massage_pain.inference.drawn_beliefs import DrawnBeliefs, drawn_beliefs, needed_variables
from massage_pain.inference.evidence import Evidence
from massage_pain.inference.parameter_draws import Draws, draw, has_ranges
from massage_pain.inference.posterior import by_chance, likeliest
from massage_pain.knowledge.distributions import FloatArray, ParameterKey
from massage_pain.knowledge.network import Network
from massage_pain.reasoning.case_record import CaseRecord
from massage_pain.reasoning.checks import check_share, checked_draws
from massage_pain.reasoning.decision import answer_now, decision_for
from massage_pain.reasoning.derivatives import findings_of
from massage_pain.reasoning.hypotheses import accepted_case
from massage_pain.reasoning.parameter_words import parameter_words

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

INFLUENCES = 5
"""How many numbers are named as those to study next."""


@dataclass(frozen=True, slots=True)
class Influence:
    """A number and the share of the variance of the answer that goes along with it, from 0 to 1."""

    key: ParameterKey
    share: float


@dataclass(frozen=True, eq=False, repr=False)
class Intervals:
    """Credible intervals of the causes of one case; arrays have one entry a cause, in the order of `causes`.

    `causes` are ordered by `probability`, P(cause | case) at the stated values, highest first. `low`, `high`
    bound the central `level` of the draws; `ranks_first` is the share of draws in which the cause comes
    first. `none_of_these` is (probability, low, high), and so is `complaint`, None where it is known or the
    network has none. `same_urgency` is the share of draws with the urgency of the case; None without rules.
    `influences` are the numbers that carry most of the variance of `influenced`.
    """

    network: Network = field(repr=False)
    causes: tuple[str, ...]
    level: float
    draws: int
    seed: int
    probability: FloatArray
    low: FloatArray
    high: FloatArray
    ranks_first: FloatArray
    none_of_these: tuple[float, float, float]
    complaint: tuple[float, float, float] | None
    urgency: Urgency | None
    same_urgency: float | None
    influenced: str
    influences: tuple[Influence, ...]
    record: Mapping[str, Any] = field(repr=False)
    samples: FloatArray = field(repr=False)
    """P(cause | case) under every draw, (n_draws, n_causes)."""

    def of(self, cause: str) -> tuple[float, float]:
        """The interval of one cause. Raises `UnknownVariableError`."""
        if cause not in self.causes:
            raise UnknownVariableError(unknown_name("cause", cause, self.causes))
        at = self.causes.index(cause)
        return float(self.low[at]), float(self.high[at])

    def to_frame(self) -> pandas.DataFrame:
        """A row for each cause, highest first: probability, low, high, ranks_first (index: cause)."""
        import pandas as pd

        return pd.DataFrame(
            {
                "probability": self.probability,
                "low": self.low,
                "high": self.high,
                "ranks_first": self.ranks_first,
            },
            index=pd.Index(self.causes, name="cause"),
        )

    def to_dict(self) -> dict[str, Any]:
        """A plain JSON-ready summary."""
        columns = (self.causes, self.probability, self.low, self.high, self.ranks_first)
        rows = [
            {
                "id": cause,
                "label": self.network.variable(cause).label,
                "probability": float(probability),
                "low": float(low),
                "high": float(high),
                "ranks_first": float(first),
            }
            for cause, probability, low, high, first in zip(*columns, strict=True)
        ]
        complaint = self.network.complaint
        return {
            **self.record,
            "kind": "intervals",
            "level": self.level,
            "draws": self.draws,
            "seed": self.seed,
            "causes": rows,
            "none_of_these": _triple(self.none_of_these),
            "complaint": (
                None
                if self.complaint is None or complaint is None
                else {"variable": complaint.id, "label": complaint.label, **_triple(self.complaint)}
            ),
            "urgency": None if self.urgency is None else self.urgency.name,
            "same_urgency": self.same_urgency,
            "influenced": {"id": self.influenced, "label": self.network.variable(self.influenced).label},
            "influences": [self._influence(each) for each in self.influences],
        }

    def _influence(self, found: Influence) -> dict[str, Any]:
        stated = self.network.parameters[found.key]
        return {
            "key": list(found.key),
            "words": parameter_words(self.network, found.key),
            "share": found.share,
            "value": stated.value,
            "low": stated.low,
            "high": stated.high,
            "grade": stated.grade,
            "sources": list(stated.source),
        }

    def __str__(self) -> str:
        from massage_pain.display.tables import text_of

        return text_of(self.to_dict())

    __repr__ = __str__

    def plot(self, ax: Axes | None = None) -> Axes:
        """The chances with their likely ranges, on `ax` or on new axes.

        Raises `MissingExtraError` without matplotlib.
        """
        from massage_pain.display.plots import plot

        return plot(self.to_dict(), ax)

    def _repr_html_(self) -> str:
        from massage_pain.display.tables import html_of

        return html_of(self.to_dict())


def intervals(
    assessor: Assessor,
    case: Mapping[str, Any],
    *,
    level: float = 0.9,
    draws: int = 1000,
    seed: int = 0,
    cause: str | None = None,
) -> Intervals:
    """Credible intervals of the causes of one case; the same seed gives the same answer.

    `cause` is the one whose variance is taken apart, the likeliest unless it is named. Raises the error of a
    wrong finding, `ImpossibleEvidenceError`, `InvalidNetworkError` for a network without causes,
    `UnknownVariableError` for what is no cause, and `QueryError` for a wrong level, number of draws or seed
    and for a network whose numbers have no ranges.
    """
    check_share("level", level, ends=False)
    draws, seed = checked_draws(draws, seed)
    network = assessor.network
    known, one = accepted_case(assessor, case)
    now, judgement = answer_now(assessor, one)
    if cause is not None and cause not in now.causes:
        raise UnknownVariableError(unknown_name("cause", cause, now.causes))
    drawn, beliefs = drawn_answers(network, one, draws, seed)
    possible = ~np.isnan(beliefs.none_of_these)
    chances = beliefs.chances[possible]
    probability = now.probabilities[0]
    order = np.array(by_chance(probability.tolist()))
    first = np.bincount(likeliest(chances[:, :-1]), minlength=len(order)) / len(chances)
    low, high = _central(chances, level)
    decision = decision_for(assessor, one, now.log_evidence)
    urgency = None if judgement is None else Urgency(int(judgement.urgency[0]))
    chosen = int(order[0]) if cause is None else now.causes.index(cause)
    return Intervals(
        network=network,
        causes=tuple(now.causes[at] for at in order.tolist()),
        level=float(level),
        draws=draws,
        seed=seed,
        probability=probability[order],
        low=low[order],
        high=high[order],
        ranks_first=first[order],
        none_of_these=(float(now.none_of_these[0]), float(low[-1]), float(high[-1])),
        complaint=_complaint(assessor, one, beliefs, level),
        urgency=urgency,
        same_urgency=None if decision is None else _same(decision.levels(chances), urgency),
        influenced=now.causes[chosen],
        influences=_influences(drawn, beliefs.probabilities[:, chosen]),
        record=CaseRecord(assessor, known),
        samples=chances[:, order],
    )


def drawn_answers(network: Network, one: Evidence, draws: int, seed: int) -> tuple[Draws, DrawnBeliefs]:
    """One case under `draws` draws of the numbers it depends on. Raises `QueryError` without ranges."""
    if not has_ranges(network):
        raise QueryError(
            f"The numbers of the network {printable(network.name)} are stated without ranges (low and high), "
            "so there is nothing to draw. A TOML network can state them."
        )
    fixed, soft = findings_of(network, one)
    drawn = draw(network, draws, seed, needed_variables(network, fixed, soft))
    return drawn, drawn_beliefs(network, fixed, soft, drawn.blocks, draws)


def likely_ranges(assessor: Assessor, case: Mapping[str, Any]) -> LikelyRanges:
    """The intervals of one case as an assessment carries them."""
    found = intervals(assessor, case)
    ranges = {cause: found.of(cause) for cause in found.causes}
    return LikelyRanges(found.level, ranges, found.none_of_these[1:])


def _central(values: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """The central `level` of each column."""
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(values, [tail, 1.0 - tail], axis=0)
    return low, high


def _complaint(
    assessor: Assessor, one: Evidence, beliefs: DrawnBeliefs, level: float
) -> tuple[float, float, float] | None:
    complaint = assessor.network.complaint
    if complaint is None or beliefs.complaint is None:
        return None
    codes = one.codes.get(complaint.id)
    if codes is not None and codes[0] >= 0:
        return None
    found = assessor.engine.propagate(one, (complaint.id,)).marginals[complaint.id]
    low, high = _central(beliefs.complaint[~np.isnan(beliefs.complaint)], level)
    return float(found[0, complaint.present_index]), float(low), float(high)


def _influences(drawn: Draws, answer: FloatArray) -> tuple[Influence, ...]:
    """The numbers whose draws correlate most with the answer, the largest share first."""
    known = ~np.isnan(answer)
    y = answer[known] - answer[known].mean()
    if not len(drawn.keys) or not (np.abs(y) > 1e-12).any():
        return ()
    x = drawn.drawn[:, known]
    x = x - x.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.nan_to_num((x @ y) ** 2 / ((x**2).sum(axis=1) * (y @ y)))
    best = np.argsort(-share, kind="stable")[:INFLUENCES]
    return tuple(Influence(drawn.keys[at], float(share[at])) for at in best.tolist() if share[at] > 0.0)


def _same(levels: NDArray[np.int8], urgency: Urgency | None) -> float:
    """The share of draws with this urgency."""
    return float((levels == int(urgency or 0)).mean())


def _triple(found: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip(("probability", "low", "high"), found, strict=True))
