"""Tables in, tables out: the same answers for many cases, a row each.

A row that is refused (a wrong value) or impossible (findings that contradict each other) costs only
itself: its chances are NaN, and its error is said. Its urgency is empty, never self-care; only a red flag
that its answers raise is still reported.

pandas is imported here when a table is asked for, and nowhere on the way.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from massage_pain.advice.assessor import Assessor
from massage_pain.advice.many_answers import ManyAnswers, answer_many
from massage_pain.advice.urgency import Urgency
from massage_pain.errors import EvidenceError, QueryError, RefusedRowsWarning, shown
from massage_pain.inference.evidence import evidence_of, in_row

if TYPE_CHECKING:
    import pandas

COLUMNS = ("top_cause", "urgency", "red_flags", "provisional", "none_of_these", "error")
"""What `assess_many` gives beside a column a cause."""


def posterior_table(assessor: Assessor, frame: Any) -> pandas.DataFrame:
    """P(cause | case) for every row: the same index, a float column a cause in the network's order."""
    import pandas as pd

    found, errors = _answer(assessor, frame, judged=False)
    names = [each.id for each in assessor.network.causes]
    table = pd.DataFrame(found.chances, index=frame.index, columns=pd.Index(names))
    if errors:
        labels = [frame.index[row] for row in errors]
        table.attrs["errors"] = dict(reversed(list(zip(labels, errors.values(), strict=True))))
        first = next(iter(errors.values()))
        warnings.warn(
            f"{len(errors)} of {len(frame.index)} rows could not be answered and are NaN. "
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
    found, errors = _answer(assessor, frame, judged=True)
    index = frame.index
    table = pd.DataFrame(found.chances, index=index, columns=pd.Index(names))
    table["top_cause"] = pd.Categorical.from_codes(found.top, categories=pd.Index(names))
    levels = pd.Index([each.name for each in Urgency])
    table["urgency"] = pd.Categorical.from_codes(found.urgency - 1, categories=levels, ordered=True)
    which, texts = found.raised(assessor.rules.red_flags if assessor.rules else ())
    table["red_flags"] = pd.Series(pd.array(texts, dtype="str").take(which), index=index)
    table["provisional"] = found.provisional
    table["none_of_these"] = found.none_of_these
    sentences = pd.array(["", *errors.values()], dtype="str")
    at = np.zeros(len(index), dtype=np.intp)
    at[list(errors)] = np.arange(1, len(errors) + 1)
    table["error"] = pd.Series(sentences.take(at), index=index)
    return table


def _answer(assessor: Assessor, frame: Any, *, judged: bool) -> tuple[ManyAnswers, dict[int, str]]:
    """The answers to a table and, by row, what is wrong with it in words."""
    if not (hasattr(frame, "columns") and hasattr(frame, "iloc") and hasattr(frame, "index")):
        raise EvidenceError(
            "A table of cases must be a pandas DataFrame, one row a case and one column a variable, "
            f"got {type(frame).__name__} {shown(frame)}."
        )
    evidence = evidence_of(assessor.network, frame)
    found = answer_many(assessor, evidence, judged=judged)
    errors = {
        row: str(error if row in evidence.refused else in_row(error, evidence.label(row)))
        for row, error in found.errors.items()
    }
    return found, errors
