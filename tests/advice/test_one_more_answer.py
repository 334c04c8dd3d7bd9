"""What the rules say of one case after one more answer, or under many chances: as of so many cases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import massage_pain as mp
from massage_pain.advice.assessor import Assessor, with_complaint
from massage_pain.advice.truth import TruthTable
from massage_pain.inference.evidence import Evidence, evidence_of
from massage_pain.inference.one_more_finding import cases_with_one_more
from massage_pain.reasoning.hypotheses import repeated
from massage_pain.reasoning.prospects import prospects, prospects_with_one_more
from tests.reasoning.worlds import small_assessor
from tests.strategies import random_findings


def cases(assessor: Assessor, seed: int) -> tuple[Evidence, list[str]]:
    """A case with screening answers, perhaps unsure, soft or denying the complaint; and what is open."""
    network = assessor.network
    rng = np.random.default_rng(seed)
    hidden = {each.id for each in network.causes} | {network.complaint.id if network.complaint else ""}
    said = random_findings(rng, network, share=rng.random() * 0.6, soft=0.3 * (seed % 3 == 0))
    said = {name: each for name, each in said.items() if name not in hidden}
    for each in network.screening:
        if rng.random() < 0.3 * (seed % 2):
            if each.numeric is None:
                said[each.id] = [*each.states, "unsure"][int(rng.integers(len(each.states) + 1))]
            else:
                said[each.id] = float(rng.integers(*map(int, each.numeric)))  # type: ignore[assignment]
    if network.complaint and seed % 7 == 0:
        said[network.complaint.id] = network.complaint.states[0]
    names = [each.id for each in network.nodes if each.id not in said and each.id not in hidden]
    return with_complaint(network, evidence_of(network, said)), names


def compare(assessor: Assessor, seed: int) -> None:
    one, names = cases(assessor, seed)
    assert assessor.counsellor is not None
    judge = assessor.counsellor.judge
    marks = judge.flags(one).marks[0, : judge.flag_table.of_answers, 0]
    found = prospects_with_one_more(assessor, one, names, marks)
    expected = prospects(assessor, cases_with_one_more(assessor.network, one, names))
    assert found.urgency is not None
    np.testing.assert_array_equal(found.urgency, expected.urgency)
    np.testing.assert_array_equal(found.decision, expected.decision)
    np.testing.assert_allclose(found.chances, expected.chances, atol=1e-12)


@pytest.mark.parametrize("seed", range(60))
def test_equals_judging_each_answer(back: mp.Reasoner, seed: int) -> None:
    compare(back._assessor, seed)


@pytest.mark.parametrize("seed", range(40))
def test_equals_judging_each_answer_by_small_rules(tmp_path: Path, seed: int) -> None:
    compare(small_assessor(tmp_path), seed)


@pytest.mark.parametrize("seed", range(30))
def test_one_case_under_many_chances_is_as_so_many_cases(
    back: mp.Reasoner, tmp_path: Path, seed: int
) -> None:
    for assessor in (back._assessor, small_assessor(tmp_path)):
        assert assessor.counsellor is not None
        judge = assessor.counsellor.judge
        one, _ = cases(assessor, seed)
        rng = np.random.default_rng(seed)
        chances = rng.random((50, len(assessor.network.causes) + 1))
        chances[rng.integers(50)] = np.nan  # findings that cannot be
        misfit = None if seed % 2 else rng.random(1) * 2.0
        expected = judge.judge(repeated(one, 50), chances, None if misfit is None else np.repeat(misfit, 50))
        np.testing.assert_array_equal(judge.urgency_under(one, chances, misfit), expected.urgency)


def test_a_few_cases_are_looked_up_as_many_are(back: mp.Reasoner, monkeypatch: pytest.MonkeyPatch) -> None:
    counsellor = back._assessor.counsellor
    assert counsellor is not None
    table: TruthTable = counsellor.judge.flag_table
    for seed in range(20):
        one, names = cases(back._assessor, seed)
        many = cases_with_one_more(back.network, one, names)
        few = table.evaluate(many)
        with monkeypatch.context() as patched:
            patched.setattr("massage_pain.advice.truth._FEW", 0)
            rest = table.evaluate(many)
        np.testing.assert_array_equal(few.marks, rest.marks)
        np.testing.assert_array_equal(few.true, rest.true)
        np.testing.assert_array_equal(few.possible, rest.possible)
