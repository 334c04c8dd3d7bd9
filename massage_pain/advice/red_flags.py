"""Red flags and contraindications as they are shown once raised.

A red flag stands beside the probabilities, never inside them: answers raise it, and no chance, however
reassuring, takes it back. So it names the answers that raised it, and no figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from massage_pain.advice.judgement import CloseLook, Judge
from massage_pain.advice.reasons import answer_clauses
from massage_pain.advice.truth import Outcome, TruthTable
from massage_pain.advice.urgency import Contraindication, Urgency
from massage_pain.knowledge.network import Network


class RedFlag(NamedTuple):
    """A red flag that was raised. `because`: the answers that raised it, "Fever: yes"."""

    id: str
    label: str
    urgency: Urgency
    action: str
    why: str
    because: tuple[str, ...]
    sources: tuple[str, ...]


class Reason(NamedTuple):
    """Why a massage is advised against: a contraindication, or what a red flag implies for one."""

    id: str
    label: str
    level: Contraindication
    action: str
    why: str
    because: tuple[str, ...]
    sources: tuple[str, ...]


def raised_flags(
    judge: Judge, look: CloseLook, network: Network, answers: Mapping[str, str]
) -> tuple[RedFlag, ...]:
    """The red flags raised in one case, most urgent first."""
    rules = judge.rules.red_flags
    rows = _holding(look.flags)
    return tuple(
        RedFlag(
            rule.id,
            rule.label,
            rule.urgency,
            rule.action,
            rule.why,
            _answers(judge.flag_table, look.flags, row, network, answers),
            rule.sources,
        )
        for row, rule in sorted(((row, rules[row]) for row in rows), key=lambda each: -each[1].urgency)
    )


def reasons_against(
    judge: Judge, look: CloseLook, flags: Iterable[RedFlag], network: Network, answers: Mapping[str, str]
) -> tuple[Reason, ...]:
    """Why a massage is advised against in one case, the strongest first; flags before the others."""
    found = [
        Reason(each.id, each.label, level, each.action, each.why, each.because, each.sources)
        for each in flags
        if (level := Contraindication.implied_by(each.urgency)) > Contraindication.NONE
    ]
    for row in _holding(look.contraindications):
        rule = judge.contraindications[row]
        clauses = _answers(judge.contraindication_table, look.contraindications, row, network, answers)
        found.append(Reason(rule.id, rule.label, rule.level, rule.action, rule.why, clauses, rule.sources))
    return tuple(sorted(found, key=lambda each: -each.level))


def _holding(outcome: Outcome) -> list[int]:
    found: list[int] = np.flatnonzero(outcome.true[:, 0]).tolist()
    return found


def _answers(
    table: TruthTable, outcome: Outcome, row: int, network: Network, answers: Mapping[str, str]
) -> tuple[str, ...]:
    satisfied = (table.conjunctions[at] for at in table.spans[row] if outcome.holding[0, at, 0])
    return answer_clauses(satisfied, network, answers)
