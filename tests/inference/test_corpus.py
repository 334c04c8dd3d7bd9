"""Public networks and posteriors on which two other engines agreed (skipped where they are not at hand)."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.knowledge.files import read_network

NAMES = [
    "alarm",
    "asia",
    "barley",
    "cancer",
    "child",
    "earthquake",
    "hailfinder",
    "insurance",
    "sachs",
    "survey",
    "water",
]


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_the_reference_answers(shared: Path, name: str) -> None:
    network = read_network(shared / "corpus" / f"{name}.bif", normalize=True)
    engine = CompiledNetwork(network)
    lines = (shared / "corpus" / "answers" / f"{name}.jsonl").read_text().splitlines()
    questions: dict[str, list[dict[str, object]]] = defaultdict(list)
    for each in map(json.loads, lines):
        questions[json.dumps(each["evidence"], sort_keys=True)].append(each)
    cases = [json.loads(each) for each in questions]
    logs = engine.log_evidence(cases)
    found = engine.marginals(cases)
    for row, answers in enumerate(questions.values()):
        for each in answers:
            query = str(each["query"])
            states = network.variable(query).states
            expected = dict(zip(each["states"], each["posterior"], strict=True))  # type: ignore[call-overload]
            np.testing.assert_allclose(
                found[query][row], [expected[state] for state in states], rtol=0, atol=1e-9
            )
            assert np.exp(logs[row]) == pytest.approx(each["p_evidence"], rel=1e-9)
    for row in (0, len(cases) - 1):  # alone, a case goes another way
        for query, values in engine.marginals(cases[row]).items():
            np.testing.assert_allclose(values[0], found[query][row], rtol=0, atol=1e-12)
