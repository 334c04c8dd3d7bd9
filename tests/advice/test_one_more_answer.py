"""What the rules say of one case after one more answer, or under many chances: as of so many cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import massage_pain as mp
from massage_pain.advice.assessor import Assessor, with_complaint
from massage_pain.advice.conditions import FindingIs, NumberIs
from massage_pain.advice.judgement import Judge
from massage_pain.advice.truth import TruthTable
from massage_pain.inference.evidence import NOT_ASKED, Evidence, evidence_of
from massage_pain.inference.one_more_finding import cases_with_one_more
from massage_pain.reasoning.hypotheses import repeated
from massage_pain.reasoning.prospects import prospects, prospects_with_one_more
from massage_pain.reasoning.safety_questions import open_safety
from massage_pain.reasoning.wording import denial
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


def judged(back: mp.Reasoner, folder: Path, seed: int) -> Iterator[tuple[Assessor, Judge, Evidence]]:
    """A case of the shipped rules, then one of small ones that also read flags."""
    for assessor in (back._assessor, small_assessor(folder)):
        assert assessor.counsellor is not None
        yield assessor, assessor.counsellor.judge, cases(assessor, seed)[0]


def compare(assessor: Assessor, seed: int) -> None:
    one, names = cases(assessor, seed)
    assert assessor.counsellor is not None
    found = prospects_with_one_more(assessor, one, names, assessor.counsellor.judge.counts.of(one))
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
    for assessor, judge, one in judged(back, tmp_path, seed):
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


@pytest.mark.parametrize("seed", range(40))
def test_counted_atoms_are_those_that_are_true_and_false(
    back: mp.Reasoner, tmp_path: Path, seed: int
) -> None:
    for assessor, judge, one in judged(back, tmp_path, seed):
        chances = np.full((1, len(assessor.network.causes) + 1), np.nan)
        raised = judge.flags(one)
        advice = judge.advice_table.evaluate(one, chances, raised.true)
        true, false = [], []
        for table, outcome in ((judge.flag_table, raised), (judge.advice_table, advice)):
            for atoms in table.conjunction_atoms:
                of_answers = [atom for atom in atoms if atom < table.of_answers]
                true.append(int(outcome.marks[0, of_answers, 0].sum()))
                false.append(int((~outcome.marks[1, of_answers, 0]).sum()))
        counted = judge.counts.of(one)
        assert counted.true.tolist() == true
        assert counted.false.tolist() == false


@pytest.mark.parametrize("seed", range(40))
def test_open_safety_questions_by_their_definition(back: mp.Reasoner, tmp_path: Path, seed: int) -> None:
    """Those that could raise a flag now; of findings those that still could were all else denied."""
    for assessor, judge, one in judged(back, tmp_path, seed):
        network = assessor.network
        said = {name for name, code in one.code_of.items() if code != NOT_ASKED}
        no = {each.id: denial(each) for each in network.screening if each.id not in said}
        denied = {
            name: np.array([network.variable(name).states.index(state)], dtype=np.int16)
            for name, state in no.items()
            if state is not None
        }
        urgency = seed % 3 + 1
        now = raising(judge, one, urgency)
        then = raising(judge, one.with_codes({**one.codes, **denied}), urgency)
        found = open_safety(assessor, one, judge.counts.of(one), urgency)
        assert found.levels == {
            name: level
            for name, level in now.items()
            if name not in said and (name in then or network.variable(name).role == "screening")
        }
        assert found.unsure == tuple(each.id for each in network.variables if each.id in said & now.keys())


def raising(judge: Judge, one: Evidence, above: int) -> dict[str, int]:
    """Question -> the highest urgency above `above` that its answer could raise."""
    found: dict[str, int] = {}
    outcome, table = judge.flags(one), judge.flag_table
    for rule, span in zip(judge.rules.red_flags, table.spans, strict=True):
        for at in span:
            if outcome.holding[1, at, 0] and rule.urgency > above:
                for row in table.conjunction_atoms[at]:
                    atom = table.atoms[row]
                    unknown = outcome.marks[1, row, 0] and not outcome.marks[0, row, 0]
                    if unknown and isinstance(atom, (FindingIs, NumberIs)):
                        found[atom.variable] = max(found.get(atom.variable, 0), int(rule.urgency))
    return found
