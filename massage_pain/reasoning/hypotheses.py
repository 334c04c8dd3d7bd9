"""Tables of hypothetical cases: one case over and over, with some answers taken away or changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massage_pain.advice.assessor import Assessor, with_complaint
from massage_pain.inference.case import Case
from massage_pain.inference.evidence import ASKED_UNSURE, NOT_ASKED, Codes, Evidence
from massage_pain.knowledge.network import Network

KEEP = -9
"""In a table of changes: the answer stays as it is."""


def accepted_case(assessor: Assessor, case: Mapping[str, Any]) -> tuple[Case, Evidence]:
    """The case in one form, and its evidence with the complaint as `assess` takes it.

    Raises the error of a wrong finding.
    """
    known, said = assessor.accepted(case)
    return known, with_complaint(assessor.network, said)


def beginning(network: Network, one: Evidence) -> Evidence:
    """The same case with nothing known but what was said of the complaint."""
    complaint = network.complaint
    if complaint is None:
        return Evidence(1, {}, {}, {}, {})
    return Evidence(
        1,
        {name: each for name, each in one.codes.items() if name == complaint.id},
        {name: each for name, each in one.likelihoods.items() if name == complaint.id},
        {},
        {},
    )


def weighed(network: Network, one: Evidence) -> list[str]:
    """The findings of one case that bear on the chances, in the network's order.

    Left out are screening answers, what the person could not tell, and the complaint, which is where one
    begins.
    """
    complaint = network.complaint
    return [
        each.id
        for each in network.nodes
        if each.id in one.codes
        and one.codes[each.id][0] not in (NOT_ASKED, ASKED_UNSURE)
        and (complaint is None or each.id != complaint.id)
    ]


def repeated(one: Evidence, count: int) -> Evidence:
    """The same case `count` times."""
    return Evidence(
        count,
        {name: each.repeat(count) for name, each in one.codes.items()},
        {name: each.repeat(count, axis=0) for name, each in one.likelihoods.items()},
        {name: each.repeat(count) for name, each in one.numbers.items()},
        {},
    )


def changed(one: Evidence, columns: Mapping[str, Codes], count: int) -> Evidence:
    """`count` cases like `one`, but for the answers in `columns`: variable -> codes (count,).

    `KEEP` leaves an answer as it is, `NOT_ASKED` takes it away, a state replaces it.
    """
    found = repeated(one, count)
    codes, likelihoods, numbers = dict(found.codes), dict(found.likelihoods), dict(found.numbers)
    for name, column in columns.items():
        new = column != KEEP
        known = codes.get(name, NOT_ASKED)
        codes[name] = np.where(new, column, known).astype(np.int16)
        if name in likelihoods:
            likelihoods[name] = np.where(new[:, None], 1.0, likelihoods[name])
        if name in numbers:
            numbers[name] = np.where(new, np.nan, numbers[name])
    return replace(found, codes=codes, likelihoods=likelihoods, numbers=numbers)


def with_kept(one: Evidence, names: Sequence[str], kept: NDArray[np.bool_]) -> Evidence:
    """A case for every row of `kept` (n_cases, n_names): which of the named findings stay."""
    columns = {name: np.where(kept[:, at], KEEP, NOT_ASKED).astype(np.int16) for at, name in enumerate(names)}
    return changed(one, columns, len(kept))
