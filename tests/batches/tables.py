"""Tables of cases to answer: random findings in all the ways a file may write them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from massage_pain.inference.written_finding import written_finding

if TYPE_CHECKING:
    from massage_pain import Reasoner
    from massage_pain.knowledge.network import Network

NAMES = (
    "focal_pressure",
    "massage_pressure",
    "muscle_stiffness",
    "radiating_pain",
    "course",
    "limb_weakness",
    "saddle_numbness",
    "fever",
    "age",
)

MISSING = ("", "NA", "NaN", "null")


def rows(network: Network, count: int, seed: int = 1, names: tuple[str, ...] = NAMES) -> list[list[str]]:
    """`count` rows of texts for these variables: states, numbers, unsure, soft evidence, nothing."""
    rng = np.random.default_rng(seed)
    columns = []
    for name in names:
        variable = network.variable(name)
        if variable.numeric is not None:
            texts = [str(each) for each in rng.integers(18, 95, 20)] + ["51.5", "unsure", *MISSING]
        else:
            texts = [*variable.states] * 4 + ["unsure", *MISSING]
            if variable.is_binary:
                texts += ["true", "False"]
            if variable.role not in ("screening",):
                weights = [
                    f"{state}:{weight}"
                    for state, weight in zip(variable.states, (0.8, 0.3, 0.1), strict=False)
                ]
                texts.append(",".join(weights))
        columns.append([texts[at] for at in rng.integers(0, len(texts), count)])
    return [list(each) for each in zip(*columns, strict=True)]


def write(path: Path, header: list[str], lines: list[list[str]], **options: Any) -> Path:
    """A CSV file of these."""
    with open(path, "w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened, **{"lineterminator": "\n", **options})
        writer.writerow(header)
        writer.writerows(lines)
    return path


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file by column."""
    with open(path, newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def case(network: Network, names: tuple[str, ...], row: list[str]) -> dict[str, Any]:
    """What a row says, as it would be given to `assess`."""
    return {
        name: written_finding(text, network.variable(name))
        for name, text in zip(names, row, strict=True)
        if text not in MISSING
    }


def expected(reasoner: Reasoner, findings: dict[str, Any]) -> dict[str, Any]:
    """What the line of answers must say of a case."""
    seen = reasoner.assess(findings)
    return {
        **seen.posterior.probabilities,
        "top_cause": seen.top_cause,
        "urgency": seen.urgency.name if seen.urgency is not None else "",
        "red_flags": ";".join(each.id for each in seen.red_flags),
        "provisional": str(seen.provisional),
        "none_of_these": seen.none_of_these,
        "error": "",
    }
