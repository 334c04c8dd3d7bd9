"""What changes when something is done differently: before and after, and which change would do most.

`do` sets variables (see `surgery`): what they cannot affect is carried over from the case, what lies below
them is dropped and named. So the answer is about *next time*, in the same circumstances, not about this
pain; what would have become of this very case is the question of `counterfactual`. `assume` conditions
instead: it puts findings in the place of the case's own and keeps all the others.

The ranking takes the modifiable factors one at a time to their lowest state, always from the same starting
point: the findings that no modifiable factor can affect. Credible intervals rest on draws of the network's
numbers (see `uncertainty`); before and after share each draw, so the interval of a difference is that of the
difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from massage_pain.advice.assessor import Assessor
from massage_pain.errors import QueryError, printable
from massage_pain.inference.cause_beliefs import cause_beliefs
from massage_pain.inference.drawn_beliefs import drawn_beliefs, needed_variables
from massage_pain.inference.evidence import Evidence, evidence_of
from massage_pain.inference.impossible import smallest_conflict_of
from massage_pain.inference.number_blocks import Blocks
from massage_pain.inference.parameter_draws import draw, has_ranges
from massage_pain.inference.posterior import by_chance
from massage_pain.inference.propagation import Engine
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network
from massage_pain.reasoning.case_record import CaseRecord
from massage_pain.reasoning.checks import check_share, checked_draws
from massage_pain.reasoning.derivatives import findings_of
from massage_pain.reasoning.hypotheses import accepted_case
from massage_pain.reasoning.surgery import (
    Told,
    below,
    engine_for,
    has_finding,
    joined,
    operated,
    refused_first,
    state_told,
    states_to_set,
    told,
    with_states,
    without_findings,
)

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Shift:
    """A chance before and after; `low`, `high` bound the difference `after - before`, None if not drawn."""

    before: float
    after: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One modifiable factor taken to its lowest state: what was said of it, what it would be, what follows.

    `outcome` is the chance of the complaint; of any cause at all where the network has no complaint.
    """

    variable: str
    label: str
    said: str
    becomes: str
    outcome: Shift


@dataclass(frozen=True, eq=False, repr=False)
class WhatIf:
    """Chances before and after a change.

    `set_to` and `assumed` say what was changed, `dropped` which findings could not be carried over.
    `outcome` is the complaint (None where the network has none). `causes` are in the order of their chance
    before; `none_of_these` that no cause is present. `ranking`: every modifiable factor changed alone, the
    most helpful first, from a chance of `baseline`.
    """

    network: Network = field(repr=False)
    set_to: tuple[Told, ...]
    assumed: tuple[Told, ...]
    dropped: tuple[Told, ...]
    carried: tuple[Told, ...]
    outcome: Shift | None
    causes: Mapping[str, Shift]
    none_of_these: Shift
    ranking: tuple[Change, ...]
    baseline: float
    level: float
    draws: int
    record: Mapping[str, Any] = field(repr=False)

    def to_frame(self) -> pandas.DataFrame:
        """A row for the complaint, every cause and none of them: before, after, difference, low, high."""
        import pandas as pd

        rows = {}
        if self.outcome is not None and self.network.complaint is not None:
            rows[self.network.complaint.id] = self.outcome
        rows.update(self.causes)
        rows["none_of_these"] = self.none_of_these
        frame = pd.DataFrame(
            [
                (each.before, each.after, each.after - each.before, each.low, each.high)
                for each in rows.values()
            ],
            columns=["before", "after", "difference", "low", "high"],
            index=pd.Index(list(rows), name="variable"),
            dtype="float64",
        )
        return frame

    def ranking_frame(self) -> pandas.DataFrame:
        """A row for every modifiable factor, the most helpful change first."""
        import pandas as pd

        columns = ["variable", "said", "becomes", "before", "after", "difference", "low", "high"]
        rows = [
            (
                *(each.variable, each.said, each.becomes, each.outcome.before, each.outcome.after),
                *(each.outcome.after - each.outcome.before, each.outcome.low, each.outcome.high),
            )
            for each in self.ranking
        ]
        return pd.DataFrame(rows, columns=columns)

    def to_dict(self) -> dict[str, Any]:
        """A plain JSON-ready summary."""
        complaint = self.network.complaint
        return {
            **self.record,
            "kind": "what_if",
            "do": [_told_record(each) for each in self.set_to],
            "assume": [_told_record(each) for each in self.assumed],
            "dropped": [_told_record(each) for each in self.dropped],
            "carried": [_told_record(each) for each in self.carried],
            "complaint": (
                None
                if complaint is None or self.outcome is None
                else {"variable": complaint.id, "label": complaint.label, **_shift_record(self.outcome)}
            ),
            "causes": [
                {"id": cause, "label": self.network.variable(cause).label, **_shift_record(each)}
                for cause, each in self.causes.items()
            ],
            "none_of_these": _shift_record(self.none_of_these),
            "baseline": self.baseline,
            "ranking": [
                {
                    "variable": each.variable,
                    "label": each.label,
                    "said": each.said,
                    "becomes": each.becomes,
                    **_shift_record(each.outcome),
                }
                for each in self.ranking
            ],
            "level": self.level,
            "draws": self.draws,
        }

    def __str__(self) -> str:
        from massage_pain.display.tables import text_of

        return text_of(self.to_dict())

    __repr__ = __str__

    def plot(self, ax: Axes | None = None) -> Axes:
        """Before and after, a ring and an arrow head for each chance, on `ax` or on new axes.

        Raises `MissingExtraError` without matplotlib.
        """
        from massage_pain.display.plots import plot

        return plot(self.to_dict(), ax)

    def _repr_html_(self) -> str:
        from massage_pain.display.tables import html_of

        return html_of(self.to_dict())


def what_if(
    assessor: Assessor,
    case: Mapping[str, Any],
    *,
    do: Mapping[str, Any] | None = None,
    assume: Mapping[str, Any] | None = None,
    level: float = 0.9,
    draws: int = 400,
    seed: int = 0,
) -> WhatIf:
    """Chances before and after `do` (an intervention) and `assume` (other findings), and what to change.

    With neither, the ranking is the answer. `draws=0` leaves the intervals out; they are also left out where
    the network states no ranges. Raises the error of a wrong finding or state, `QueryError` for a variable
    that is both set and assumed, `ImpossibleEvidenceError`, and `InvalidNetworkError` for a network without
    causes.
    """
    check_share("level", level, ends=False)
    if isinstance(draws, bool) or draws != 0:
        draws, seed = checked_draws(draws, seed)
    network = assessor.network
    known, one = accepted_case(assessor, case)
    states = states_to_set(network, do)
    more = refused_first(evidence_of(network, assume or {}))
    both = [name for name in states if name in more.codes]
    if both:
        raise QueryError(f"{printable(both[0])} is both set (do=) and assumed (assume=); choose one.")
    assumed = assessor.accepted(assume)[0] if assume else None
    record = dict(CaseRecord(assessor, known, assumed, states))  # refuses what is impossible, naming any flag
    lost = below(network, states)
    drawn = draws if draws and has_ranges(network) else 0
    compare = _Comparison(assessor.engine, level, drawn, _draws(network, joined(one, more), drawn, seed))
    carried = without_findings(one, lost)
    changed = with_states(joined(carried, more), states)
    shifts = compare.shifts(compare.answer(carried), compare.answer(changed, states))
    start, ranking = _ranking(compare, one)
    causes = [each.id for each in network.causes]
    order = by_chance([each.before for each in shifts[: len(causes)]])
    kept = [name for name in carried.codes if has_finding(carried, name) and name not in states]
    return WhatIf(
        network=network,
        set_to=tuple(state_told(network, name, state) for name, state in states.items()),
        assumed=tuple(told(network, more, name) for name in more.codes),
        dropped=tuple(
            told(network, one, name) for name in one.codes if name in lost and has_finding(one, name)
        ),
        carried=tuple(told(network, one, name) for name in kept),
        outcome=shifts[-1] if network.complaint else None,
        causes={causes[at]: shifts[at] for at in order},
        none_of_these=shifts[len(causes)],
        ranking=ranking,
        baseline=start,
        level=float(level),
        draws=drawn,
        record=record,
    )


def _ranking(compare: _Comparison, one: Evidence) -> tuple[float, tuple[Change, ...]]:
    """Where the ranking starts from, and every modifiable factor taken to its lowest state."""
    network = compare.engine.network
    factors = [each for each in network.nodes if each.modifiable]
    start = without_findings(one, below(network, [each.id for each in factors]))
    before = compare.answer(start)
    found = []
    for each in factors:
        code = start.codes.get(each.id)
        if code is not None and code[0] == 0:
            continue  # as low as it can be
        states = {each.id: 0}
        after = compare.answer(with_states(start, states), states)
        said = told(network, one, each.id).answer if has_finding(one, each.id) else ""
        outcome = compare.shifts(before.last, after.last)[0]
        found.append(Change(each.id, each.label, said, each.state_labels[0], outcome))
    found.sort(key=lambda change: change.outcome.after - change.outcome.before)
    return float(before.chances[-1]), tuple(found)


def _draws(network: Network, one: Evidence, draws: int, seed: int) -> Blocks:
    """The numbers that an answer to the case could depend on, drawn once for all answers."""
    if not draws:
        return {}
    return draw(network, draws, seed, needed_variables(network, *findings_of(network, one))).blocks


@dataclass(frozen=True, eq=False)
class _Answer:
    """For each cause, none of them, and last the complaint (or any cause): the chance, and in every draw."""

    chances: FloatArray  # (n_causes + 2,)
    drawn: FloatArray | None  # (n_draws, n_causes + 2)

    @property
    def last(self) -> _Answer:
        """The complaint (or any cause) alone."""
        return _Answer(self.chances[-1:], None if self.drawn is None else self.drawn[:, -1:])


@dataclass(frozen=True, eq=False)
class _Comparison:
    """Answers cases before and after a change, exactly and under the same draws of the numbers."""

    engine: Engine
    level: float
    draws: int
    blocks: Blocks

    def answer(self, one: Evidence, states: Mapping[str, int] | None = None) -> _Answer:
        """The answer to a case, where `states` were set."""
        network = operated(self.engine.network, states or {})
        drawn = self._drawn(network, one) if self.draws else None
        return _Answer(_chances(engine_for(self.engine, network), one), drawn)

    def shifts(self, before: _Answer, after: _Answer) -> list[Shift]:
        """Every chance before and after."""
        pairs = zip(before.chances.tolist(), after.chances.tolist(), strict=True)
        if before.drawn is None or after.drawn is None:
            return [Shift(*pair) for pair in pairs]
        tail = (1.0 - self.level) / 2.0
        differences = after.drawn - before.drawn
        # draws that make the findings impossible have no answer; looking for them is slow
        quantile = np.nanquantile if np.isnan(differences).any() else np.quantile
        ends = quantile(differences, [tail, 1.0 - tail], axis=0)
        return [Shift(*pair, *each) for pair, each in zip(pairs, ends.T.tolist(), strict=True)]

    def _drawn(self, network: Network, one: Evidence) -> FloatArray:
        """The chances under every draw; a variable that was cut off is certain in all of them."""
        stated = self.engine.network
        blocks = {
            name: each
            if network.distribution(name) is stated.distribution(name)
            else network.cpd(name)[..., None]
            for name, each in self.blocks.items()
        }
        found = drawn_beliefs(network, *findings_of(network, one), blocks, self.draws)
        last = 1.0 - found.none_of_these if found.complaint is None else found.complaint
        return np.column_stack([found.chances, last])


def _chances(engine: Engine, one: Evidence) -> FloatArray:
    beliefs = cause_beliefs(engine, one)
    if beliefs.log_evidence[0] == -np.inf:
        raise smallest_conflict_of(engine, one, 0)
    complaint = engine.network.complaint
    last = 1.0 - beliefs.none_of_these
    if complaint is not None:
        last = engine.propagate(one, (complaint.id,)).marginals[complaint.id][:, complaint.present_index]
    return np.concatenate([beliefs.probabilities[0], beliefs.none_of_these, last])


def _told_record(found: Told) -> dict[str, str]:
    return {"variable": found.variable, "label": found.label, "answer": found.answer}


def _shift_record(found: Shift) -> dict[str, float | None]:
    return {"before": found.before, "after": found.after, "low": found.low, "high": found.high}
