"""The answers to many cases as arrays, before anything is put into words or tables.

A row that is refused (a wrong value) or impossible (findings that contradict each other) costs only itself:
its chances are NaN, and its error is kept. Its urgency is 0 (none), never self-care; only where its answers
raise a red flag, of a refused row those that are right, is that told, and its urgency is a lower bound. What
is said of a case does not depend on the cases beside it, nor on how many are answered together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massage_pain.advice.assessor import Assessor
from massage_pain.advice.judgement import Judgement
from massage_pain.advice.rules import RedFlagRule
from massage_pain.advice.truth import Truths
from massage_pain.errors import MassagePainError
from massage_pain.inference.blocks import in_blocks
from massage_pain.inference.evidence import Evidence
from massage_pain.inference.many_conflicts import conflicts_of
from massage_pain.inference.posterior import likeliest
from massage_pain.knowledge.distributions import FloatArray

ROWS = 8192
"""Cases answered together: enough that array operations pay, few enough to stay in the cache."""


class ManyAnswers(NamedTuple):
    """What is said of `n` cases.

    `chances` (n, n_causes) and `none_of_these` (n,): NaN where there is no answer. `urgency` (n,): 0 where
    there is none. `flags` (n, words): a bit for each red flag, the first in the lowest. `errors`: row -> why.
    """

    chances: FloatArray
    none_of_these: FloatArray
    urgency: NDArray[np.int8]
    provisional: Truths
    flags: NDArray[np.uint64]
    errors: dict[int, MassagePainError]

    @property
    def top(self) -> NDArray[np.intp]:
        """The position of the likeliest cause, the first of those that tie; -1 where there is no answer."""
        if not self.chances.size:
            return np.full(len(self.chances), -1, dtype=np.intp)
        return np.where(np.isnan(self.chances[:, 0]), -1, likeliest(self.chances))

    def raised(self, rules: Sequence[RedFlagRule]) -> tuple[NDArray[np.intp], list[str]]:
        """Which text each case has, and the texts: ids raised, most urgent first, joined with ";"."""
        order = sorted(range(len(rules)), key=lambda at: -rules[at].urgency)
        which = np.zeros(len(self.flags), dtype=np.intp)
        some = np.flatnonzero(self.flags.any(axis=1))
        if self.flags.shape[1] == 1:
            patterns, inverse = np.unique(self.flags[some, 0], return_inverse=True)
            patterns = patterns[:, None]
        else:
            patterns, inverse = np.unique(self.flags[some], axis=0, return_inverse=True)
        which[some] = inverse.reshape(-1) + 1
        texts = [""]
        for words in patterns.tolist():
            bits = sum(word << (64 * at) for at, word in enumerate(words))
            texts.append(";".join(rules[at].id for at in order if bits >> at & 1))
        return which, texts


def answer_many(
    assessor: Assessor, evidence: Evidence, *, judged: bool = True, threads: bool = True
) -> ManyAnswers:
    """What is said of each case; `judged=False` leaves out what the rules say.

    With `threads` several blocks are answered at once. Raises what the engine raises for a network that is
    too large, never for a case.
    """
    count, rules = evidence.n_cases, assessor.rules if judged else None
    causes = len(assessor.network.causes)
    words = 1 if rules is None else max(1, -(-len(rules.red_flags) // 64))
    found = ManyAnswers(
        np.full((count, causes), np.nan),
        np.full(count, np.nan),
        np.zeros(count, dtype=np.int8),
        np.zeros(count, dtype=bool),
        np.zeros((count, words), dtype=np.uint64),
        dict(evidence.refused),
    )
    impossible, refused = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    refused[list(evidence.refused)] = True
    plain = replace(evidence, refused={}, labels=None)

    def work(rows: slice) -> None:
        size = rows.stop - rows.start
        block = plain if size == count else plain.take(rows)
        if size == 1:  # one case alone goes another way through the engine, with other roundings
            block = block.take(np.zeros(2, dtype=np.intp))
        if rules is None:
            beliefs, judgement = assessor.beliefs(block), None
        else:
            partly = np.resize(refused[rows], block.n_cases)
            beliefs, judgement = assessor.judge(block, partly if partly.any() else None)
        found.chances[rows] = beliefs.probabilities[:size]
        found.none_of_these[rows] = beliefs.none_of_these[:size]
        impossible[rows] = np.isneginf(beliefs.log_evidence[:size])
        if judgement is not None:
            found.urgency[rows] = judgement.urgency[:size]
            found.provisional[rows] = judgement.provisional[:size]
            found.flags[rows] = _as_bits(judgement, words)[:size]

    if threads:
        in_blocks(count, ROWS, work, least=1)
    else:
        for start in range(0, count, ROWS):
            work(slice(start, min(count, start + ROWS)))

    contradicting = np.flatnonzero(impossible & ~refused)
    if len(contradicting):
        with_complaint = assessor.with_assumed_complaint(plain)
        found.errors.update(conflicts_of(assessor.engine, with_complaint, contradicting))
    failed = np.zeros(count, dtype=bool)
    failed[list(found.errors)] = True
    found.chances[refused] = np.nan
    found.none_of_these[refused] = np.nan
    if rules is not None:
        found.provisional[failed] = True
        found.urgency[failed & ~found.flags.any(axis=1)] = 0
    return found._replace(errors=dict(sorted(found.errors.items())))


def _as_bits(judgement: Judgement, words: int) -> NDArray[np.uint64]:
    """Which red flags are raised, (n_cases, words)."""
    found = np.zeros((judgement.raised.shape[1], words), dtype=np.uint64)
    for at, raised in enumerate(judgement.raised):
        found[np.flatnonzero(raised), at // 64] |= np.uint64(1 << (at % 64))
    return found
