"""The answer to one case: what could be causing the pain, how urgent it is, what to do.

Urgency comes from the rules, chances from the network; the two meet only here. An assessment is a frozen
value; its record (`to_dict`) can be kept, compared and replayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from massage_pain.advice.answers import Said, said_in_words
from massage_pain.advice.counsel import Advice, Counsel
from massage_pain.advice.open_questions import Unscreened
from massage_pain.advice.record import (
    DISCLAIMER,
    advice_record,
    causes_record,
    level_record,
    network_record,
    red_flags_record,
    said_record,
    sources_record,
    unscreened_record,
)
from massage_pain.advice.red_flags import RedFlag
from massage_pain.advice.rests_on import Basis, rests_on
from massage_pain.advice.rules import Rules
from massage_pain.advice.urgency import Urgency
from massage_pain.inference.case import Case
from massage_pain.inference.posterior import TIE, Posterior
from massage_pain.knowledge.network import Network

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class LikelyRanges:
    """How far the chances reach when the network's numbers vary over their ranges.

    `level` is the share of draws inside; `causes` and `none_of_these` give (low, high).
    """

    level: float
    causes: Mapping[str, tuple[float, float]]
    none_of_these: tuple[float, float]


@dataclass(frozen=True, eq=False, repr=False)
class Assessment:
    """What can be said of one case.

    `case` holds the findings, brought to one form. `posterior` is P(causes | findings), `before` the same
    with nothing known but the complaint. `complaint_assumed` says that the complaint was taken for granted
    because the case did not mention it. `misfit` is how poorly the findings fit together (from 1 on: poorly);
    None where no rule reads it. `ranges` is None unless they were asked for.
    """

    network: Network
    rules: Rules | None
    case: Case
    posterior: Posterior
    before: Posterior
    counsel: Counsel = field(default_factory=Counsel)
    complaint_assumed: bool = False
    misfit: float | None = None
    ranges: LikelyRanges | None = None

    @property
    def urgency(self) -> Urgency | None:
        """How soon to act: the highest of the red flags raised and the advice that applies.

        None where the network brings no rules: nothing was judged.
        """
        return self.counsel.urgency

    @property
    def red_flags(self) -> tuple[RedFlag, ...]:
        """The red flags raised, most urgent first."""
        return self.counsel.red_flags

    @property
    def unscreened(self) -> tuple[Unscreened, ...]:
        """The unanswered safety questions that could raise the urgency, most urgent first."""
        return self.counsel.unscreened

    @property
    def provisional(self) -> bool:
        """Whether an unanswered safety question could still raise the urgency."""
        return bool(self.counsel.unscreened)

    @property
    def advice(self) -> tuple[Advice, ...]:
        """What to do, most urgent first. In an emergency the call for help stands alone."""
        return self.counsel.advice

    @property
    def none_of_these(self) -> float:
        """P(no cause is present | findings)."""
        return self.posterior.none_of_these

    @property
    def fits_poorly(self) -> bool:
        """Whether the findings fit poorly together: a rare case, a wrong answer, or none of these causes."""
        return self.misfit is not None and self.misfit >= 1.0

    @cached_property
    def tie(self) -> tuple[str, ...]:
        """The causes that share the first place (within 1e-9), in the network's order; or none."""
        highest = max(self.posterior.probabilities.values())
        first = [c for c in self.posterior.causes if self.posterior.probabilities[c] >= highest - TIE]
        return tuple(first) if len(first) > 1 else ()

    @property
    def top_cause(self) -> str:
        """The likeliest cause; of several that tie, the first in the network's order."""
        return self.tie[0] if self.tie else next(iter(self.posterior.probabilities))

    @cached_property
    def said(self) -> tuple[Said, ...]:
        """The findings in words."""
        return said_in_words(self.network, self.case)

    @cached_property
    def rests_on(self) -> tuple[Basis, ...]:
        """The numbers between the likeliest cause and the findings."""
        return rests_on(self.network, self.top_cause, self.case)

    def to_dict(self) -> dict[str, Any]:
        """The whole answer as plain JSON values; `assess(record["findings"])` gives it again."""
        complaint = self.network.complaint
        ranges = self.ranges
        none_of_these = {"probability": self.none_of_these, "before": self.before.none_of_these}
        causes = causes_record(self.network, self.posterior, self.before)
        if ranges is not None:
            none_of_these |= dict(zip(("low", "high"), ranges.none_of_these, strict=True))
            for each in causes:
                each["low"], each["high"] = ranges.causes[each["id"]]
        return {
            "kind": "assessment",
            "network": network_record(self.network, self.rules),
            "findings": self.case.to_dict(),
            "said": said_record(self.said),
            "urgency": level_record(self.urgency),
            "provisional": self.provisional,
            "complaint": (
                None
                if complaint is None
                else {
                    "variable": complaint.id,
                    "label": complaint.label,
                    "assumed": self.complaint_assumed,
                }
            ),
            "causes": causes,
            "tie": list(self.tie),
            "none_of_these": none_of_these,
            "level": None if ranges is None else ranges.level,
            "fit": {"misfit": self.misfit, "poor": self.fits_poorly},
            "evidence": {
                "probability": self.posterior.evidence_probability,
                "log_probability": self.posterior.log_evidence,
            },
            "advice": advice_record(self.advice),
            "red_flags": red_flags_record(self.red_flags),
            "unscreened": unscreened_record(self.unscreened),
            "rests_on": [
                {
                    "key": each.key,
                    "parameter": list(each.parameter),
                    "value": each.value,
                    "low": each.low,
                    "high": each.high,
                    "grade": each.grade,
                    "sources": list(each.sources),
                    "note": each.note,
                }
                for each in self.rests_on
            ],
            "sources": sources_record(
                self.network,
                *(each.sources for each in self.red_flags),
                *(each.sources for each in self.advice),
                *(each.sources for each in self.rests_on),
            ),
            "disclaimer": DISCLAIMER,
        }

    def __str__(self) -> str:
        from massage_pain.display.text import assessment_text

        return assessment_text(self.to_dict())

    def plot(self, ax: Axes | None = None) -> Axes:
        """The chances of the causes as bars, with those before the answers, on `ax` or on new axes.

        Raises `MissingExtraError` without matplotlib.
        """
        from massage_pain.display.plots import plot

        return plot(self.to_dict(), ax)

    def _repr_html_(self) -> str:
        from massage_pain.display.card import assessment_card

        return assessment_card(self.to_dict())

    def __repr__(self) -> str:
        from massage_pain.advice.reasons import percent

        urgency = "no rules" if self.urgency is None else self.urgency.name
        chance = percent(self.posterior.probabilities[self.top_cause])
        provisional = ", provisional" if self.provisional else ""
        return f"<Assessment: {urgency}{provisional}; first {self.top_cause} {chance}>"
