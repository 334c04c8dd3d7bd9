"""Tables in, tables out: the same answers for many cases, a row each.

A row that is refused (a wrong value) or impossible (findings that contradict each other) costs only
itself: its chances are NaN, and its error is said. Its urgency is empty, never self-care; only a red flag
that its answers raise is still reported.

pandas is imported here when a table is asked for, and nowhere on the way.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massage_pain.advice.assessor import Assessor
from massage_pain.advice.judgement import Judgement
from massage_pain.advice.rules import RedFlagRule
from massage_pain.advice.truth import TIE, Truths
from massage_pain.advice.urgency import Urgency
from massage_pain.errors import EvidenceError, QueryError, RefusedRowsWarning, shown
from massage_pain.inference.evidence import Evidence, evidence_of
from massage_pain.inference.impossible import smallest_conflict_of
from massage_pain.knowledge.distributions import FloatArray

if TYPE_CHECKING:
    import pandas

ROWS = 65_536
"""Cases answered together: bounds the memory whatever the length of the table."""

CONFLICTS = 50
"""For so many rows the smallest conflict is searched; further rows are only called impossible."""

COLUMNS = ("top_cause", "urgency", "red_flags", "provisional", "none_of_these", "error")
"""What `assess_many` gives beside a column a cause."""


class _Answers(NamedTuple):
    """Chances, judgement and errors of all rows of a table."""

    chances: FloatArray  # (rows, causes)
    none: FloatArray
    judgement: Judgement | None
    errors: dict[int, str]
    index: Any


def posterior_table(assessor: Assessor, frame: Any) -> pandas.DataFrame:
    """P(cause | case) for every row: the same index, a float column a cause in the network's order."""
    import pandas as pd

    found = _answer(assessor, frame, judged=False)
    names = [each.id for each in assessor.network.causes]
    table = pd.DataFrame(found.chances, index=found.index, columns=pd.Index(names))
    if found.errors:
        labels = [found.index[row] for row in found.errors]
        table.attrs["errors"] = dict(reversed(list(zip(labels, found.errors.values(), strict=True))))
        first = next(iter(found.errors.values()))
        warnings.warn(
            f"{len(found.errors)} of {len(found.index)} rows could not be answered and are NaN. "
            f"The first: {first} All are in .attrs['errors'].",
            RefusedRowsWarning,
            stacklevel=3,
        )
    return table


def assessment_table(assessor: Assessor, frame: Any) -> pandas.DataFrame:
    """An assessment a row: a column a cause, then `COLUMNS`.

    `top_cause` is categorical (of causes that tie the first in the network's order), `urgency` an ordered
    categorical of names, empty where there are no rules or no answer. `red_flags` joins the ids raised with
    ";", most urgent first; ids are plain letters, digits and "_". `error` is empty where all is well.
    """
    import pandas as pd

    names = [each.id for each in assessor.network.causes]
    taken = [each for each in names if each in COLUMNS]
    if taken:
        raise QueryError(
            f"The cause {shown(taken[0])} has the name of a column of the answer; rename it. "
            f"Reserved are: {', '.join(COLUMNS)}."
        )
    found = _answer(assessor, frame, judged=True)
    table = pd.DataFrame(found.chances, index=found.index, columns=pd.Index(names))
    table["top_cause"] = pd.Categorical.from_codes(_top(found.chances), categories=pd.Index(names))
    count = len(found.index)
    failed = np.zeros(count, dtype=bool)
    failed[list(found.errors)] = True
    levels = [each.name for each in Urgency]
    judgement = found.judgement
    if judgement is None:
        codes = np.full(count, -1, dtype=np.int8)
        flags: Any = np.full(count, "", dtype=object)
        provisional = np.zeros(count, dtype=bool)
    else:
        assert assessor.rules is not None
        raised = judgement.raised.any(axis=0)
        codes = np.where(failed & ~raised, -1, judgement.urgency - 1).astype(np.int8)
        flags = _joined(judgement.raised, assessor.rules.red_flags)
        provisional = judgement.provisional | failed
    table["urgency"] = pd.Categorical.from_codes(codes, categories=pd.Index(levels), ordered=True)
    table["red_flags"] = pd.Series(flags, index=found.index, dtype="str")
    table["provisional"] = provisional
    table["none_of_these"] = found.none
    errors = np.full(count, "", dtype=object)
    for row, sentence in found.errors.items():
        errors[row] = sentence
    table["error"] = pd.Series(errors, index=found.index, dtype="str")
    return table


def _answer(assessor: Assessor, frame: Any, *, judged: bool) -> _Answers:
    if not (hasattr(frame, "columns") and hasattr(frame, "iloc") and hasattr(frame, "index")):
        raise EvidenceError(
            "A table of cases must be a pandas DataFrame, one row a case and one column a variable, "
            f"got {type(frame).__name__} {shown(frame)}."
        )
    evidence = evidence_of(assessor.network, frame)
    errors = {row: str(error) for row, error in evidence.refused.items()}
    chances, none = [], []
    judgements: list[Judgement] = []
    searched = 0
    unnamed = replace(evidence, labels=None, refused={})
    for start in range(0, max(evidence.n_cases, 1), ROWS):
        block = unnamed if evidence.n_cases <= ROWS else unnamed.take(slice(start, start + ROWS))
        if judged:
            beliefs, judgement = assessor.judge(block)
            if judgement is not None:
                judgements.append(judgement)
        else:
            beliefs = assessor.beliefs(block)
        chances.append(beliefs.probabilities)
        none.append(beliefs.none_of_these)
        for row in np.flatnonzero(np.isneginf(beliefs.log_evidence)).tolist():
            at = start + row
            errors[at] = _impossible(assessor, evidence, at, search=searched < CONFLICTS)
            searched += 1
    probabilities, none_of_these = np.concatenate(chances), np.concatenate(none)
    refused = list(evidence.refused)
    probabilities[refused] = np.nan
    none_of_these[refused] = np.nan
    return _Answers(
        probabilities,
        none_of_these,
        Judgement.of_blocks(judgements) if judgements else None,
        dict(sorted(errors.items())),
        frame.index,
    )


def _impossible(assessor: Assessor, evidence: Evidence, row: int, *, search: bool) -> str:
    label = shown(evidence.label(row))
    if not search:
        return f"Row {label}: These findings cannot occur together (probability 0)."
    one = assessor.with_assumed_complaint(evidence.take(np.array([row])))
    sentence = str(smallest_conflict_of(assessor.engine, one, 0))
    return f"Row {label}: {sentence}"


def _top(chances: FloatArray) -> NDArray[np.int8]:
    """The position of the likeliest cause, the first of those that tie; -1 where there is no answer."""
    if not chances.size:
        return np.full(len(chances), -1, dtype=np.int8)
    with np.errstate(invalid="ignore"):
        first = (chances >= chances.max(axis=1, keepdims=True) - TIE).argmax(axis=1)
    return np.where(np.isnan(chances[:, 0]), -1, first).astype(np.intp)


def _joined(raised: Truths, rules: tuple[RedFlagRule, ...]) -> NDArray[np.object_]:
    """The ids of the flags raised in each case, most urgent first, joined with ";"."""
    found = np.full(raised.shape[1], "", dtype=object)
    for at in sorted(range(len(rules)), key=lambda at: -rules[at].urgency):
        cases = np.flatnonzero(raised[at])
        found[cases] += f";{rules[at].id}"
    return np.array([each[1:] for each in found], dtype=object)
