"""Why a cause is as likely as it is: what each finding adds, for and against.

The scale is log-odds in bits, the weight of evidence of I. J. Good (1950): one bit doubles the odds. It
begins at the prior (nothing known but the complaint) and ends at the posterior; between them every finding
has its Shapley value (`shapley`), so the contributions add up to the difference, and what two findings say
only together is shared between them fairly.

Where the findings make the cause certain or impossible the odds are infinite and bits say nothing. The
chance itself is then shared out in the same way, and the explanation says so (`scale` is "chance").

A finding that a person could not tell and a screening answer have no probability: they are listed, and
contribute nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from massage_pain.advice.answers import Said, said_in_words
from massage_pain.advice.assessor import Assessor
from massage_pain.advice.record import sources_record
from massage_pain.advice.rests_on import Basis
from massage_pain.errors import QueryError, UnknownVariableError, printable, shown, unknown_name
from massage_pain.inference.case import UNSURE, Case
from massage_pain.inference.evidence import Evidence, variable_named
from massage_pain.inference.impossible import smallest_conflict_of
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network
from massage_pain.reasoning.case_record import CaseRecord
from massage_pain.reasoning.flips import Flips, flips
from massage_pain.reasoning.grounds import grounds
from massage_pain.reasoning.hypotheses import accepted_case, weighed, with_kept
from massage_pain.reasoning.prospects import prospects
from massage_pain.reasoning.shapley import EXACT, Kept, exact_shares, sampled_shares, subsets
from massage_pain.reasoning.simulation import checked_count, generator

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

PAIRS, MOST_PAIRS = 200, 10_000
"""Pairs of orders drawn where there are more findings than can be exact, and the most there may be."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one finding adds: `weight` on the explanation's scale, `error` its standard error (0: exact)."""

    said: Said
    weight: float
    error: float

    @property
    def variable(self) -> str:
        """The finding's variable."""
        return self.said.variable


@dataclass(frozen=True, slots=True)
class Weightless:
    """A finding without a weight, and why."""

    said: Said
    why: str


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """How the findings move one cause from `before` to `after` (chances).

    `contributions` are those for the cause, the heaviest first, then those against it; they add up to
    `posterior - prior` on the `scale`: "bits" of log-odds, or "chance" where the odds are infinite. `exact`
    says whether every subset of the findings was asked; `orders` how many orders were drawn if not.
    """

    network: Network
    case: Case
    cause: str
    before: float
    after: float
    prior: float
    posterior: float
    scale: str
    contributions: tuple[Contribution, ...]
    weightless: tuple[Weightless, ...]
    exact: bool
    orders: int
    flips: tuple[Flips, ...]
    record: Mapping[str, Any] = field(repr=False)
    complaint_assumed: bool = field(default=False)

    @property
    def speaks_for(self) -> tuple[Contribution, ...]:
        """The findings that make the cause likelier, the heaviest first."""
        return tuple(each for each in self.contributions if each.weight > 0.0)

    @property
    def speaks_against(self) -> tuple[Contribution, ...]:
        """The findings that make it less likely, the heaviest first."""
        return tuple(each for each in self.contributions if each.weight < 0.0)

    @property
    def certain(self) -> bool:
        """Whether the findings make the cause certain or impossible: its odds are infinite."""
        return self.scale == "chance"

    @cached_property
    def grounds(self) -> Mapping[str, tuple[Basis, ...]]:
        """Finding -> the numbers of the network that its contribution rests on."""
        return {
            each.variable: grounds(self.network, self.cause, each.variable, self.case)
            for each in self.contributions
        }

    @property
    def sentences(self) -> tuple[str, ...]:
        """The contributions in words, a sentence each."""
        from massage_pain.display.reports.explanation import sentences

        return sentences(self.to_dict())

    def to_frame(self) -> pandas.DataFrame:
        """A row a finding: label, answer, weight, standard error, and what it rests on by grade."""
        import pandas as pd

        rows = [
            (
                each.said.label,
                each.said.answer,
                each.weight,
                each.error,
                ", ".join(sorted({b.grade for b in self.grounds[each.variable]})),
            )
            for each in self.contributions
        ]
        index = pd.Index([each.variable for each in self.contributions], name="finding", dtype="object")
        return pd.DataFrame(rows, index=index, columns=["label", "answer", self.scale, "error", "grades"])

    def to_dict(self) -> dict[str, Any]:
        """The whole explanation as plain JSON values; infinite log-odds are None."""
        label = self.network.variable(self.cause).label
        used = [each.sources for found in self.grounds.values() for each in found]
        return {
            **self.record,
            "kind": "explanation",
            "findings": self.case.to_dict(),
            "cause": {"id": self.cause, "label": label},
            "complaint_assumed": self.complaint_assumed,
            "before": self.before,
            "after": self.after,
            "scale": self.scale,
            "prior": _finite(self.prior),
            "posterior": _finite(self.posterior),
            "exact": self.exact,
            "orders": self.orders,
            "contributions": [
                {
                    "variable": each.variable,
                    "label": each.said.label,
                    "answer": each.said.answer,
                    "state": each.said.state,
                    "weight": each.weight,
                    "error": each.error,
                    "rests_on": [_basis(one) for one in self.grounds[each.variable]],
                }
                for each in self.contributions
            ],
            "weightless": [
                {"variable": e.said.variable, "label": e.said.label, "answer": e.said.answer, "why": e.why}
                for e in self.weightless
            ],
            "flips": [self._flips(each) for each in self.flips],
            "sources": sources_record(self.network, *used),
        }

    def _flips(self, found: Flips) -> dict[str, Any]:
        variable = self.network.variable
        causes = {each.id: each.label for each in self.network.causes}
        return {
            "what": found.what,
            "how": found.how,
            "searched": found.searched,
            "complete": found.complete,
            "sets": [
                {
                    "findings": [
                        {
                            "variable": name,
                            "label": variable(name).label,
                            "to": state,
                            "words": None if state is None else variable(name).answer(state),
                        }
                        for name, state in each.findings.items()
                    ],
                    "becomes": each.becomes,
                    "becomes_label": causes.get(each.becomes, each.becomes),
                }
                for each in found.sets
            ],
        }

    def __str__(self) -> str:
        from massage_pain.display.tables import text_of

        return text_of(self.to_dict())

    def plot(self, ax: Axes | None = None) -> Axes:
        """The waterfall from the chance before to the chance after, on `ax` or on new axes.

        Raises `MissingExtraError` without matplotlib.
        """
        from massage_pain.display.plots import plot

        return plot(self.to_dict(), ax)

    def _repr_html_(self) -> str:
        from massage_pain.display.tables import html_of

        return html_of(self.to_dict())

    def __repr__(self) -> str:
        moved = f"{self.before:.3f} to {self.after:.3f}"
        return f"<Explanation: {self.cause} from {moved}; {len(self.contributions)} findings>"


def explain(
    assessor: Assessor,
    case: Mapping[str, Any],
    cause: str | None = None,
    *,
    pairs: int = PAIRS,
    seed: int = 0,
) -> Explanation:
    """What each finding adds to the log-odds of a cause; the leading one where none is named.

    Exact up to 14 findings that bear on the chances; beyond, over `pairs` drawn orders and their reverses.
    Raises the error of a wrong finding, `ImpossibleEvidenceError`, `UnknownVariableError` and `QueryError`
    for what is no cause, `QueryError` for a wrong number.
    """
    pairs = checked_count(pairs, "pairs", least=2, most=MOST_PAIRS)
    rng = generator(seed)
    network = assessor.network
    known, one = accepted_case(assessor, case)
    chosen = None if cause is None else checked_cause(network, cause)
    now = prospects(assessor, one)
    if not now.possible[0]:
        raise assessor.with_red_flags(smallest_conflict_of(assessor.engine, one, 0), one)
    if chosen is None:
        chosen = network.causes[now.leading[0]].id
    names = weighed(network, one)
    value = FindingsValue(assessor, one, names, chosen)
    ends = value.odds(np.array([[False] * len(names), [True] * len(names)]))
    if len(names) <= EXACT:
        shares = exact_shares(value(subsets(len(names))), len(names))
    else:
        shares = sampled_shares(value, len(names), pairs, rng)
    said = {each.variable: each for each in said_in_words(network, known)}
    found = [
        Contribution(said[name], float(shares.values[at]), float(shares.errors[at]))
        for at, name in enumerate(names)
    ]
    found.sort(key=lambda each: (each.weight < 0.0, -abs(each.weight)))
    complaint = network.complaint
    return Explanation(
        network,
        known,
        chosen,
        before=float(ends[0, 0]),
        after=float(ends[1, 0]),
        prior=float(ends[0, 1]),
        posterior=float(ends[1, 1]),
        scale=value.scale,
        contributions=tuple(found),
        weightless=_weightless(network, known, said),
        exact=shares.exact,
        orders=shares.orders,
        flips=flips(assessor, one, names, now),
        record=CaseRecord(assessor, known),
        complaint_assumed=complaint is not None and complaint.id not in known,
    )


class FindingsValue:
    """What a set of findings is worth: log-odds in bits, or the chance where all of them make it certain."""

    def __init__(self, assessor: Assessor, one: Evidence, names: list[str], cause: str) -> None:
        self._assessor, self._one, self._names, self._cause = assessor, one, names, cause
        self._present = assessor.network.variable(cause).present_index
        # what some findings make certain, more of them keep certain: all of them tell
        everything = self.odds(np.ones((1, len(names)), dtype=bool))
        self.scale = "bits" if np.isfinite(everything[0, 1]) else "chance"

    def __call__(self, kept: Kept) -> FloatArray:
        """Every subset's worth on the scale, (n,)."""
        return self.odds(kept)[:, 1 if self.scale == "bits" else 0]

    def odds(self, kept: Kept) -> FloatArray:
        """The chance and its log-odds in bits for every subset, (n, 2)."""
        evidence = with_kept(self._one, self._names, kept)
        found = self._assessor.engine.propagate(evidence, (self._cause,)).marginals[self._cause]
        chance = found[:, self._present]
        # the other states added up, not 1 - chance: near certainty that would lose every digit
        against = np.delete(found, self._present, axis=1).sum(axis=1)
        with np.errstate(divide="ignore"):
            return np.stack([chance, np.log2(chance) - np.log2(against)], axis=1)


def checked_cause(network: Network, cause: object) -> str:
    """The cause's name. Raises `UnknownVariableError`, or `QueryError` for a variable that is no cause."""
    causes = [each.id for each in network.causes]
    if not isinstance(cause, str) or cause not in network:
        raise UnknownVariableError(unknown_name("cause", cause, causes))
    name = variable_named(network, cause).id
    if name not in causes:
        raise QueryError(
            f"{shown(name)} is a {network.variable(name).role}, not a cause. "
            f"Causes: {', '.join(map(printable, causes)) or 'none'}."
        )
    return name


def _weightless(network: Network, case: Case, said: Mapping[str, Said]) -> tuple[Weightless, ...]:
    found = []
    complaint = network.complaint
    for name, value in case.items():
        variable = network.variable(name)
        if value is UNSURE and "unsure" not in variable.states:
            found.append(Weightless(said[name], "it was asked, and nobody could tell"))
        elif variable.role == "screening":
            found.append(Weightless(said[name], "a safety answer: rules read it, it has no chance"))
        elif complaint is not None and name == complaint.id:
            found.append(Weightless(said[name], "the complaint: where one begins"))
    return tuple(found)


def _finite(number: float) -> float | None:
    return number if np.isfinite(number) else None


def _basis(each: Basis) -> dict[str, Any]:
    return {
        "key": each.key,
        "parameter": list(each.parameter),
        "value": each.value,
        "low": each.low,
        "high": each.high,
        "grade": each.grade,
        "sources": list(each.sources),
        "note": each.note,
    }
