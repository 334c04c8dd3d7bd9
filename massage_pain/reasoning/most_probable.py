"""What goes together: the likeliest joint states of the causes, and the likeliest story of everything.

The likeliest causes one by one need not be the likeliest together: two that explain the same findings
compete, and the likeliest joint state may hold only one of them. The joint states are read off the posterior
of all causes together. The most probable explanation (Pearl 1988, chapter 5; Dawid 1992) goes further: of
all ways in which every unobserved variable of the network could be, the one with the highest probability,
found with maxima in place of sums.

A story with many parts is never likely, however good it is: its probability counts every detail. The
maximum must not run over auxiliary variables, so noisy-MAXes are written out here; a network with very many
parents to one child is refused before anything is allocated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from massage_pain.advice.assessor import Assessor
from massage_pain.inference.evidence import Evidence
from massage_pain.inference.family_tables import FamilyTables, Form
from massage_pain.inference.number_blocks import blocks_of
from massage_pain.inference.propagation import Engine
from massage_pain.inference.table_product import planned
from massage_pain.knowledge.network import Network
from massage_pain.reasoning.case_record import CaseRecord
from massage_pain.reasoning.checks import checked_whole
from massage_pain.reasoning.decision import beliefs_now
from massage_pain.reasoning.derivatives import findings_of
from massage_pain.reasoning.hypotheses import accepted_case
from massage_pain.reasoning.wording import finding_words

if TYPE_CHECKING:
    import pandas

MOST = 1000
"""The most joint states given."""

CELLS = 3 * 10**7
"""The most cells of the tables that the most probable explanation is looked for in."""


@dataclass(frozen=True, slots=True)
class JointState:
    """One state of every cause, and its probability given the findings."""

    states: Mapping[str, str]
    probability: float


@dataclass(frozen=True, eq=False, repr=False)
class MostProbable:
    """The likeliest joint states of the causes, highest first, and the most probable explanation.

    `explanation`: every variable that was not observed -> its state. `log_probability` is the natural
    logarithm of P(explanation | findings). Of equal ones the first in the order of states.
    """

    network: Network = field(repr=False)
    joint_states: tuple[JointState, ...]
    of: int
    explanation: Mapping[str, str]
    log_probability: float
    record: Mapping[str, Any] = field(repr=False)

    @property
    def probability(self) -> float:
        """P(explanation | findings); 0.0 where it is too small for a float."""
        return math.exp(self.log_probability)

    def to_frame(self) -> pandas.DataFrame:
        """A row for each joint state: a column for every cause, and probability."""
        import pandas as pd

        rows = [{**each.states, "probability": each.probability} for each in self.joint_states]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """A plain JSON-ready summary."""
        return {
            **self.record,
            "kind": "most_probable",
            "joint_states": [
                {
                    "states": dict(each.states),
                    "there": self._there(each.states),
                    "probability": each.probability,
                }
                for each in self.joint_states
            ],
            "of": self.of,
            "explanation": {
                "states": dict(self.explanation),
                "there": self._there(self.explanation),
                "probability": self.probability,
                "log_probability": self.log_probability,
            },
        }

    def _there(self, states: Mapping[str, str]) -> list[str]:
        """In words what is there: not what is in its lowest state."""
        found = []
        for name, state in states.items():
            variable = self.network.variable(name)
            if state == variable.present or (len(variable.states) > 2 and state != variable.states[0]):
                found.append(finding_words(self.network, name, state))
        return found

    def __str__(self) -> str:
        from massage_pain.display.tables import text_of

        return text_of(self.to_dict())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from massage_pain.display.tables import html_of

        return html_of(self.to_dict())


def most_probable(assessor: Assessor, case: Mapping[str, Any], *, top: int = 5) -> MostProbable:
    """The `top` likeliest joint states of the causes, and the most probable explanation of the findings.

    Raises the error of a wrong finding, `ImpossibleEvidenceError`, `InvalidNetworkError` for a network
    without causes, `QueryError` for a wrong `top`, and `ComplexityError` for a network that is too large.
    """
    top = checked_whole("top", top, 1, MOST)
    network = assessor.network
    known, one = accepted_case(assessor, case)
    beliefs_now(assessor, one)  # refuses what is impossible
    joint_states, count = _joint_states(assessor.engine, one, top)
    explanation, log_probability = _explanation(assessor.engine, one)
    return MostProbable(
        network=network,
        joint_states=joint_states,
        of=count,
        explanation=explanation,
        log_probability=log_probability,
        record=CaseRecord(assessor, known),
    )


def _joint_states(engine: Engine, one: Evidence, top: int) -> tuple[tuple[JointState, ...], int]:
    causes = engine.network.causes
    joint = engine.propagate(one, tuple(each.id for each in causes), joint=True).joint
    assert joint is not None
    values = joint[0].ravel()
    order = np.argsort(-values, kind="stable")[:top]
    found = []
    for at in order.tolist():
        if not values[at]:
            break
        indices = np.unravel_index(at, joint.shape[1:])
        states = {each.id: each.states[int(index)] for each, index in zip(causes, indices, strict=True)}
        found.append(JointState(states, float(values[at])))
    return tuple(found), int((values > 0.0).sum())


def _explanation(engine: Engine, one: Evidence) -> tuple[dict[str, str], float]:
    network = engine.network
    fixed, soft = findings_of(network, one)
    every = [each.id for each in network.nodes]
    tables = FamilyTables(network, fixed, soft, every, Form.WRITTEN_OUT)
    product = planned(tables.scopes, tables.sizes, limit=CELLS)
    with np.errstate(divide="ignore"):
        logs = [np.log(each) for each in tables.tables(blocks_of(network), soft)]
    best, states = product.largest(logs)
    explanation = {
        each.id: each.states[states[tables.number[each.id]]]
        for each in network.nodes
        if each.id in tables.number
    }
    return explanation, best - float(engine.propagate(one, ()).log_evidence[0])
