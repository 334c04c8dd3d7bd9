"""The answers to a block of cases, ready to be written: a column each, in the order of the plan.

A column is numbers, truths, or texts by code (`Coded`); what is carried along comes first, as it came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from massage_pain.advice.assessor import Assessor
from massage_pain.advice.many_answers import ManyAnswers, answer_many
from massage_pain.advice.urgency import Urgency
from massage_pain.batches.case_block import CaseBlock
from massage_pain.batches.plan import Plan
from massage_pain.batches.summary import EXAMPLES, Tally


class Coded(NamedTuple):
    """Texts by code: row i holds `texts[codes[i]]`, or nothing where the code is -1.

    `fixed`: the texts are the same in every block, in an order that means something where `ordered`.
    """

    codes: NDArray[np.intp]
    texts: Sequence[str]
    fixed: bool = False
    ordered: bool = False


Column: TypeAlias = "NDArray[np.float64] | NDArray[np.bool_] | Coded"


class AnswerBlock(NamedTuple):
    """The answers to some rows: `carried` as it came, `columns` by name, and what there is to count."""

    rows: int
    carried: tuple[Any, ...]
    columns: dict[str, Column]
    tally: Tally


def answered(assessor: Assessor, plan: Plan, block: CaseBlock) -> AnswerBlock:
    """The answers to a block of cases."""
    found = answer_many(assessor, block.evidence, threads=False)
    causes = [each.id for each in assessor.network.causes]
    rules = assessor.rules.red_flags if assessor.rules else ()
    which, texts = found.raised(rules)
    codes = np.zeros(block.evidence.n_cases, dtype=np.intp)
    codes[list(found.errors)] = np.arange(1, len(found.errors) + 1)
    columns: dict[str, Column] = {name: found.chances[:, at] for at, name in enumerate(causes)}
    top = Coded(found.top, causes, fixed=True)
    urgency = Coded(
        found.urgency.astype(np.intp) - 1, [each.name for each in Urgency], fixed=True, ordered=True
    )
    columns |= {
        "top_cause": top,
        "urgency": urgency,
        "red_flags": Coded(which, texts),
        "provisional": found.provisional,
        "none_of_these": found.none_of_these,
        "error": Coded(codes, ["", *map(str, found.errors.values())]),
    }
    return AnswerBlock(
        block.evidence.n_cases,
        block.carried,
        {name: columns[name] for name in plan.answers},
        _counted(found, top, urgency, Coded(which, texts)),
    )


def _counted(found: ManyAnswers, top: Coded, urgency: Coded, flags: Coded) -> Tally:
    raised: Counter[str] = Counter()
    for text, count in _counts(flags).items():
        for flag in text.split(";"):
            if flag:
                raised[flag] += count
    return Tally(
        len(found.urgency),
        _counts(urgency),
        int(np.count_nonzero(found.provisional)),
        _counts(top),
        dict(raised),
        dict(Counter(type(each).__name__ for each in found.errors.values())),
        [(row, str(each)) for row, each in list(found.errors.items())[:EXAMPLES]],
    )


def _counts(column: Coded) -> dict[str, int]:
    counts = np.bincount(column.codes + 1, minlength=len(column.texts) + 1).tolist()
    names = ["none", *column.texts]
    return {name: count for name, count in zip(names, counts, strict=True) if count}
