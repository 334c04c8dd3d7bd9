"""Would it have happened anyway? What one thing done differently would have made of this very case.

The findings are kept, and so is everything not known about the mechanisms; only the change is made
(`twin_network` says how). *Avoided* is P(the outcome would not have happened | what happened), for the
outcome and for every cause.

*Necessity* and *sufficiency* (Pearl 2009, section 9.2) say how far one thing is to blame for the outcome.
Necessity: it was there and the outcome happened; the chance that without it the outcome would not have
happened, among people with the same findings. Sufficiency: it was not there and the outcome did not happen;
the chance that with it the outcome would have. For the latter the outcome and its consequences are not
given, so only the findings that neither the change nor a cause can affect are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from massage_pain.advice.assessor import Assessor
from massage_pain.errors import QueryError, printable, shown
from massage_pain.inference.evidence import SOFT, Evidence, variable_named
from massage_pain.inference.posterior import by_chance
from massage_pain.inference.propagation import Engine
from massage_pain.inference.twin_network import TwinAnswer, twin_answer
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.blame import blame_of_causes, circumstances, did_not_happen, happens
from massage_pain.reasoning.case_record import CaseRecord
from massage_pain.reasoning.decision import beliefs_now
from massage_pain.reasoning.derivatives import findings_of
from massage_pain.reasoning.hypotheses import accepted_case
from massage_pain.reasoning.surgery import (
    Told,
    has_finding,
    state_told,
    states_to_set,
    told,
    with_states,
)
from massage_pain.reasoning.wording import finding_words

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True)
class CauseWouldHave:
    """One cause in both worlds; None where a share is of nothing (the cause cannot have been there, or not).

    `actual` and `otherwise`: P(present) in fact and after the change. `avoided`: P(it would not have been
    present | it was). `necessity` and `sufficiency` of the cause for the outcome.
    """

    actual: float
    otherwise: float
    avoided: float | None
    necessity: float | None
    sufficiency: float | None


@dataclass(frozen=True, eq=False, repr=False)
class WouldHave:
    """What a change would have made of one case.

    `outcome` is the variable that was judged, `outcome_state` the state that counts as its happening.
    `avoided` is P(the outcome would not have happened | everything that happened). `necessity` and
    `sufficiency` are those of what the change undoes; None where they are shares of nothing, or where it is
    not known what was there (sufficiency). `causes` in the order of their chance.
    """

    network: Network = field(repr=False)
    set_to: tuple[Told, ...]
    instead_of: tuple[Told, ...]
    outcome: str
    outcome_state: str
    avoided: float
    necessity: float | None
    sufficiency: float | None
    causes: Mapping[str, CauseWouldHave]
    record: Mapping[str, Any] = field(repr=False)

    def to_frame(self) -> pandas.DataFrame:
        """A row for each cause: actual, otherwise, avoided, necessity, sufficiency."""
        import pandas as pd

        columns = ["actual", "otherwise", "avoided", "necessity", "sufficiency"]
        rows = [[getattr(each, name) for name in columns] for each in self.causes.values()]
        index = pd.Index(list(self.causes), name="cause")
        return pd.DataFrame(rows, columns=columns, index=index, dtype="float64")

    def to_dict(self) -> dict[str, Any]:
        """A plain JSON-ready summary."""
        return {
            **self.record,
            "kind": "would_have",
            "do": [_record(each) for each in self.set_to],
            "instead_of": [_record(each) for each in self.instead_of],
            "outcome": {
                "variable": self.outcome,
                "state": self.outcome_state,
                "label": finding_words(self.network, self.outcome, self.outcome_state),
            },
            "avoided": self.avoided,
            "necessity": self.necessity,
            "sufficiency": self.sufficiency,
            "causes": [
                {
                    "id": cause,
                    "label": self.network.variable(cause).label,
                    "actual": each.actual,
                    "otherwise": each.otherwise,
                    "avoided": each.avoided,
                    "necessity": each.necessity,
                    "sufficiency": each.sufficiency,
                }
                for cause, each in self.causes.items()
            ],
        }

    def __str__(self) -> str:
        from massage_pain.display.tables import text_of

        return text_of(self.to_dict())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from massage_pain.display.tables import html_of

        return html_of(self.to_dict())


def would_have(
    assessor: Assessor,
    case: Mapping[str, Any],
    *,
    do: Mapping[str, Any],
    outcome: str | Mapping[str, Any] | None = None,
) -> WouldHave:
    """What would have happened in this case, had the variables of `do` been in those states.

    `outcome` is the variable whose happening is judged, the complaint unless it is named: a name (its present
    state is meant) or {name: state}. It is taken to have happened. Raises the error of a wrong finding or
    state, `ImpossibleEvidenceError`, `InvalidNetworkError` for a network without causes, and `QueryError`
    where nothing is set, where the outcome is set or did not happen, where a network names no complaint, or
    where the change would have to reach through a plain table.
    """
    network = assessor.network
    states = states_to_set(network, do)
    if not states:
        raise QueryError("would_have needs a change: do={variable: state}.")
    effect = _outcome(network, outcome)
    if effect.id in states:
        raise QueryError(f"do= sets {shown(effect.id)} itself, whose happening is the question.")
    known, said = accepted_case(assessor, case)
    if has_finding(said, effect.id) and not _may_have_happened(said, effect):
        raise QueryError(
            f"The case says {effect.label}: {told(network, said, effect.id).answer}. Nothing happened that "
            "could have been avoided; what_if(do=...) says what a change would do."
        )
    happened = with_states(said, {effect.id: effect.present_index})
    now = beliefs_now(assessor, happened)
    question = _Question(assessor.engine, happened, effect, states)
    worlds = question.worlds()
    avoided = question.avoided(worlds)
    order = by_chance(now.probabilities[0].tolist())
    blame = blame_of_causes(assessor.engine, happened, effect)
    causes = {}
    for at in order:
        cause = network.causes[at]
        causes[cause.id] = _of_cause(cause, worlds.pairs[cause.id][:, :, 0], *blame[at])
    changed = [name for name in states if has_finding(happened, name)]
    return WouldHave(
        network=network,
        set_to=tuple(state_told(network, name, state) for name, state in states.items()),
        instead_of=tuple(told(network, happened, name) for name in changed),
        outcome=effect.id,
        outcome_state=effect.present,
        avoided=avoided,
        necessity=question.necessity(avoided),
        sufficiency=question.sufficiency(),
        causes=causes,
        record=CaseRecord(assessor, known, done=states),
    )


def _may_have_happened(said: Evidence, effect: Variable) -> bool:
    """Whether what was said of the outcome, which was said something of, leaves room for its state."""
    code = said.code_of[effect.id]
    if code == SOFT:
        return bool(said.likelihoods[effect.id][0, effect.present_index] > 0.0)
    return code == effect.present_index


def _outcome(network: Network, outcome: str | Mapping[str, Any] | None) -> Variable:
    """The variable whose happening is judged, with the state that counts as its happening."""
    if isinstance(outcome, Mapping):
        states = states_to_set(network, outcome, "outcome=")
        if len(states) != 1:
            raise QueryError(f"outcome= is one variable and its state, got {shown(outcome)}.")
        [(name, state)] = states.items()
        found = network.variable(name)
        return replace(found, present=found.states[state])
    if outcome is not None:
        found = variable_named(network, outcome)
        network.distribution(found.id)  # refuses a screening answer
        return found
    if network.complaint is None:
        raise QueryError(
            f"The network {printable(network.name)} names no complaint; say whose happening is judged: "
            "would_have(case, do=..., outcome={'variable': 'state'})."
        )
    return network.complaint


def _of_cause(
    cause: Variable, pair: FloatArray, necessity: float | None, sufficiency: float | None
) -> CauseWouldHave:
    present = cause.present_index
    actual, otherwise = (min(1.0, float(each.sum())) for each in (pair[present], pair[:, present]))
    avoided = max(0.0, 1.0 - float(pair[present, present]) / actual) if actual > 0.0 else None
    return CauseWouldHave(actual, otherwise, avoided, necessity, sufficiency)


@dataclass(frozen=True, eq=False)
class _Question:
    """A case in which the outcome `effect` happened, and a change."""

    engine: Engine
    happened: Evidence
    effect: Variable
    states: Mapping[str, int]

    @property
    def network(self) -> Network:
        return self.engine.network

    def worlds(self) -> TwinAnswer:
        """The outcome and the causes, in fact and after the change, given everything that happened."""
        fixed, soft = findings_of(self.network, self.happened)
        asked = [self.effect.id, *(each.id for each in self.network.causes if each.id != self.effect.id)]
        return twin_answer(self.network, fixed, soft, [self.states], asked)

    def avoided(self, worlds: TwinAnswer) -> float:
        """P(the outcome would not have happened | what happened)."""
        pair = worlds.pairs[self.effect.id][self.effect.present_index, :, 0]
        return min(1.0, float(np.delete(pair, self.effect.present_index).sum()))

    def necessity(self, avoided: float) -> float | None:
        """The same among those who were not already as the change would have them.

        Where they were, the other world is the actual one and nothing is avoided (consistency, Pearl 2009,
        corollary 7.3.2), so one division does it.
        """
        already = self._already()
        share = 0.0
        if already is not None:
            logs = [self.engine.propagate(each, ()).log_evidence[0] for each in (already, self.happened)]
            share = float(np.exp(logs[0] - logs[1]))
        rest = 1.0 - share
        return min(1.0, avoided / rest) if rest > 1e-12 else None

    def _already(self) -> Evidence | None:
        """The case where all was as the change would have it; None where the findings rule that out."""
        fixed, soft = findings_of(self.network, self.happened)
        if any(fixed.get(name, state) != state for name, state in self.states.items()):
            return None
        codes, likelihoods = dict(self.happened.codes), dict(self.happened.likelihoods)
        for name, state in self.states.items():
            if name in soft:
                only = np.zeros((1, len(soft[name])))
                only[0, state] = soft[name][state, 0]
                likelihoods[name] = only
            else:
                codes[name] = np.full(1, state, dtype=np.int16)
        return replace(self.happened, codes=codes, likelihoods=likelihoods)

    def sufficiency(self) -> float | None:
        """P(the outcome would have happened | it did not, and all was as the change has it; circumstances).

        None where it is not known what was there in fact.
        """
        fixed, _ = findings_of(self.network, self.happened)
        if any(fixed.get(name, state) == state for name, state in self.states.items()):
            return None
        instead = {name: fixed[name] for name in self.states}
        kept = circumstances(self.network, self.happened, self.effect, self.states)
        known, soft = findings_of(self.network, kept)
        soft[self.effect.id] = did_not_happen(self.effect)
        answer = twin_answer(self.network, {**known, **self.states}, soft, [instead], [self.effect.id])
        return happens(answer, self.effect, 0)


def _record(found: Told) -> dict[str, str]:
    return {"variable": found.variable, "label": found.label, "answer": found.answer}
