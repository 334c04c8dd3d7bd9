"""The network as it stands in one case: every node's chance, what was said, what speaks for one cause.

This room finds the numbers; `display` paints them. The weights are those of `explanation`: a finding's
Shapley share of the log-odds of the cause in focus, in bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from massage_pain.advice.answers import said_in_words
from massage_pain.advice.assessor import Assessor
from massage_pain.advice.record import sources_record
from massage_pain.inference.case import Case
from massage_pain.inference.evidence import NOT_ASKED, Evidence
from massage_pain.inference.impossible import smallest_conflict_of
from massage_pain.knowledge.distributions import FloatArray, NoisyMax, ParameterKey
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.case_record import CaseRecord
from massage_pain.reasoning.explanation import FindingsValue, checked_cause
from massage_pain.reasoning.hypotheses import accepted_case, beginning, weighed
from massage_pain.reasoning.link_strength import Link, relative, strengths
from massage_pain.reasoning.parameter_words import parameter_words
from massage_pain.reasoning.shapley import exact_shares, sampled_shares, subsets

EXACT = 10
"""Up to so many findings the weights are exact here; beyond they are drawn: a picture must come at once."""
_PAIRS = 24


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said of a node: its state by name (None: soft, or could not be told), and in words."""

    state: str | None
    words: str


@dataclass(frozen=True, eq=False, repr=False)
class Drawing:
    """A network to be looked at: it shows itself in a notebook.

    `cause` is in focus (None where the network names no causes). `chances` and `before` hold, for every node,
    the chance of the state in `states` with the findings and without: the one that counts as present or,
    where a network gives no roles, the likeliest. `answers` are the findings
    in words, `weights` what each adds to the log-odds of the cause (bits; empty where they are infinite).
    `given` is the complaint where it is taken for granted.
    """

    network: Network
    cause: str | None
    case: Case
    states: Mapping[str, str]
    chances: Mapping[str, float]
    before: Mapping[str, float]
    answers: Mapping[str, Answer]
    weights: Mapping[str, float]
    given: str | None
    record: Mapping[str, Any] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Nodes and links as plain JSON values."""
        strength = strengths(self.network)
        share = relative(self.network, strength)
        keys = [key for link in strength if (key := strongest_number(self.network, link))]
        used = [self.network.parameters[key].source for key in keys]
        return {
            **self.record,
            "kind": "drawing",
            "findings": self.case.to_dict(),
            "cause": None if self.cause is None else self._node(self.cause),
            "given": None if self.given is None else self._node(self.given),
            "nodes": [self._node(each.id) for each in self.network.nodes],
            "links": [self._link(link, strength[link], share[link]) for link in strength],
            "sources": sources_record(self.network, *used),
        }

    def _node(self, name: str) -> dict[str, Any]:
        variable = self.network.variable(name)
        answer = self.answers.get(name)
        return {
            "id": name,
            "label": variable.label,
            "role": variable.role,
            "state": self.states[name],
            "chance": self.chances[name],
            "before": self.before[name],
            "answer": None if answer is None else answer.words,
            "weight": self.weights.get(name),
        }

    def _link(self, link: Link, strength: float, share: float) -> dict[str, Any]:
        key = strongest_number(self.network, link)
        number = None if key is None else self.network.parameters[key]
        return {
            "from": link[0],
            "to": link[1],
            "strength": strength,
            "share": share,
            "words": "" if key is None else parameter_words(self.network, key),
            "low": None if number is None else number.low,
            "high": None if number is None else number.high,
            "grade": "U" if number is None else number.grade,
            "sources": [] if number is None else list(number.source),
        }

    def to_svg(self) -> str:
        """The picture as a file that stands alone."""
        from massage_pain.display.drawing_views import svg

        return svg(self)

    def to_png(self, path: str | Path, *, scale: float = 2.0, overwrite: bool = False) -> Path:
        """Write the picture as PNG, `scale` times as large, and return the path.

        Raises `MissingExtraError` without resvg, `QueryError` for a scale outside 0.1 to 10 and
        `NetworkFileError` where something is there already, unless `overwrite=True`.
        """
        from massage_pain.display.drawing_views import write_png

        return write_png(self, path, scale, overwrite=overwrite)

    def to_dot(self) -> str:
        """Every link, for Graphviz."""
        from massage_pain.display.drawing_texts import dot

        return dot(self.to_dict())

    def to_mermaid(self) -> str:
        """The links that the picture shows, for Mermaid."""
        from massage_pain.display.drawing_texts import mermaid
        from massage_pain.display.drawing_views import shown_links

        return mermaid(self.to_dict(), shown_links(self))

    def _repr_html_(self) -> str:
        from massage_pain.display.drawing_views import card

        return card(self)

    def __repr__(self) -> str:
        focus = "" if self.cause is None else f", {self.cause} in focus"
        return f"<Drawing: {self.network.name}{focus}, {len(self.answers)} answers>"


def draw(assessor: Assessor, case: Mapping[str, Any], cause: str | None = None) -> Drawing:
    """The network with one case in it; the likeliest cause in focus where none is named.

    Raises the error of a wrong finding, `ImpossibleEvidenceError`, `UnknownVariableError` and `QueryError`
    for what is no cause.
    """
    network = assessor.network
    chosen = None if cause is None else checked_cause(network, cause)
    known, one = accepted_case(assessor, case)
    now, then = _marginals(assessor, one), _marginals(assessor, beginning(network, one))
    places = {each.id: _place(each, now[each.id]) for each in network.nodes}
    chances = {name: float(now[name][at]) for name, at in places.items()}
    causes = [each.id for each in network.causes]
    if chosen is None and causes:
        chosen = max(causes, key=chances.__getitem__)
    complaint = network.complaint
    assumed = complaint is not None and complaint.id not in known
    nodes = {each.id for each in network.nodes}
    answers = {
        each.variable: Answer(_state(network, known, each.variable), each.answer)
        for each in said_in_words(network, known)
        if each.variable in nodes
    }
    return Drawing(
        network,
        chosen,
        known,
        {name: network.variable(name).states[at] for name, at in places.items()},
        chances,
        {name: float(then[name][at]) for name, at in places.items()},
        answers,
        {} if chosen is None else _weights(assessor, one, chosen),
        complaint.id if complaint is not None and assumed else None,
        CaseRecord(assessor, known),
    )


def _state(network: Network, known: Case, name: str) -> str | None:
    value = known[name]
    states = network.variable(name).states
    return value if isinstance(value, str) and value in states else None


def _place(variable: Variable, chances: FloatArray) -> int:
    """The state a node shows: without a role, the likeliest one."""
    return int(chances.argmax()) if variable.role == "other" else variable.present_index


def _marginals(assessor: Assessor, one: Evidence) -> dict[str, FloatArray]:
    nodes = assessor.network.nodes
    found = assessor.engine.propagate(one, [each.id for each in nodes])
    if np.isneginf(found.log_evidence[0]):
        raise assessor.with_red_flags(smallest_conflict_of(assessor.engine, one, 0), one)
    return {each.id: found.marginals[each.id][0] for each in nodes}


def _weights(assessor: Assessor, one: Evidence, cause: str) -> dict[str, float]:
    names = weighed(assessor.network, one)
    if not names or one.codes.get(cause, np.array([NOT_ASKED]))[0] >= 0:
        return {}
    value = FindingsValue(assessor, one, names, cause)
    if value.scale != "bits":
        return {}
    if len(names) <= EXACT:
        shares = exact_shares(value(subsets(len(names))), len(names))
    else:
        shares = sampled_shares(value, len(names), _PAIRS, np.random.default_rng(0))
    return dict(zip(names, shares.values.tolist(), strict=True))


def strongest_number(network: Network, link: Link) -> ParameterKey | None:
    """The number of a noisy-OR or noisy-MAX link that is largest; None for a table."""
    parent, child = link
    distribution = network.distribution(child)
    if not isinstance(distribution, NoisyMax):
        return None
    cells = [
        (number.value, (child, "link", parent, state, reached))
        for state, by_state in distribution.links[parent].items()
        for reached, number in by_state.items()
    ]
    return max(cells, key=lambda each: each[0])[1] if cells else None
