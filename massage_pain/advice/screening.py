"""Before a massage: what is likely to go wrong, what speaks against it, what could be changed.

The complaint is left open, so its probability is part of the answer. Answers that raise a red flag also
speak against the massage itself: an emergency or a same-day flag forbids it, one that needs a doctor asks
for the doctor first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

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
from massage_pain.advice.red_flags import Reason, RedFlag
from massage_pain.advice.rules import Rules
from massage_pain.advice.urgency import Contraindication, Urgency
from massage_pain.inference.case import Case
from massage_pain.inference.posterior import Posterior
from massage_pain.knowledge.network import Network


class ComplaintChance(NamedTuple):
    """P(complaint | case), with no findings (`before`), and with every factor at its lowest state."""

    label: str
    probability: float
    before: float
    no_factor: float


class Change(NamedTuple):
    """What changing one factor would do: P(complaint) with it at its lowest state.

    Only factors a person can change and that were said to be above their lowest state. The factor is set by
    conditioning; for a factor without parents, with nothing but factors known, that is what an intervention
    would do.
    """

    variable: str
    label: str
    state: str
    to: str
    probability: float
    fewer_in_100: float


@dataclass(frozen=True, eq=False, repr=False)
class Screening:
    """What can be said before a massage.

    `posterior` is P(causes | findings) with the complaint left open, `before` the same with no findings.
    """

    network: Network
    rules: Rules | None
    case: Case
    posterior: Posterior
    before: Posterior
    complaint: ComplaintChance | None = None
    change: tuple[Change, ...] = ()
    counsel: Counsel = field(default_factory=Counsel)

    @property
    def contraindication(self) -> Contraindication | None:
        """Whether to have the massage; None where the network brings no rules: nothing was judged."""
        return self.counsel.contraindication

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why not, the strongest first."""
        return self.counsel.reasons

    @property
    def urgency(self) -> Urgency | None:
        """How soon to act on what was answered, massage or not; None where there are no rules."""
        return self.counsel.urgency

    @property
    def red_flags(self) -> tuple[RedFlag, ...]:
        """The red flags raised, most urgent first."""
        return self.counsel.red_flags

    @property
    def unscreened(self) -> tuple[Unscreened, ...]:
        """The unanswered questions that could speak against the massage or raise the urgency."""
        return self.counsel.unscreened

    @property
    def provisional(self) -> bool:
        """Whether an unanswered question could still speak against the massage or raise the urgency."""
        return bool(self.counsel.unscreened)

    @property
    def advice(self) -> tuple[Advice, ...]:
        """What to do before the massage, most urgent first."""
        return self.counsel.advice

    @cached_property
    def said(self) -> tuple[Said, ...]:
        """The findings in words."""
        return said_in_words(self.network, self.case)

    def to_dict(self) -> dict[str, Any]:
        """The whole answer as plain JSON values; `screen(record["findings"])` gives it again."""
        chance = self.complaint
        return {
            "kind": "screening",
            "network": network_record(self.network, self.rules),
            "findings": self.case.to_dict(),
            "said": said_record(self.said),
            "urgency": level_record(self.urgency),
            "contraindication": level_record(self.contraindication),
            "provisional": self.provisional,
            "reasons": [
                {
                    "id": each.id,
                    "label": each.label,
                    "level": each.level.name,
                    "action": each.action,
                    "why": each.why,
                    "because": list(each.because),
                    "sources": list(each.sources),
                }
                for each in self.reasons
            ],
            "complaint_probability": (
                None
                if chance is None
                else {
                    "label": chance.label,
                    "probability": chance.probability,
                    "before": chance.before,
                    "no_factor": chance.no_factor,
                }
            ),
            "causes": causes_record(self.network, self.posterior, self.before),
            "change": [
                {
                    "variable": each.variable,
                    "label": each.label,
                    "from": each.state,
                    "to": each.to,
                    "probability": each.probability,
                    "fewer_in_100": each.fewer_in_100,
                }
                for each in self.change
            ],
            "advice": advice_record(self.advice),
            "red_flags": red_flags_record(self.red_flags),
            "unscreened": unscreened_record(self.unscreened),
            "sources": sources_record(
                self.network,
                *(each.sources for each in self.reasons),
                *(each.sources for each in self.red_flags),
                *(each.sources for each in self.advice),
            ),
            "disclaimer": DISCLAIMER,
        }

    def __str__(self) -> str:
        from massage_pain.display.text import screening_text

        return screening_text(self.to_dict())

    def _repr_html_(self) -> str:
        from massage_pain.display.card import screening_card

        return screening_card(self.to_dict())

    def __repr__(self) -> str:
        from massage_pain.advice.reasons import percent

        found = "no rules" if self.contraindication is None else self.contraindication.name
        chance = "" if self.complaint is None else f", pain {percent(self.complaint.probability)}"
        provisional = ", provisional" if self.provisional else ""
        return f"<Screening: {found}{provisional}{chance}>"
