"""Credible intervals against the network answered draw by draw."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import massage_pain as mp
from massage_pain.advice.assessor import Assessor
from massage_pain.errors import ImpossibleEvidenceError, QueryError, UnknownVariableError
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.parameter_draws import draw
from massage_pain.knowledge.distributions import NoisyMax
from massage_pain.knowledge.parameter import Parameter
from massage_pain.reasoning.uncertainty import intervals
from tests.inference.test_parameter_draws import read_again
from tests.reasoning.worlds import assessor_of, layered, small_assessor


@pytest.fixture
def assessor(tmp_path: Path) -> Assessor:
    return small_assessor(tmp_path)


CASE = {"press": "hard", "radiates": "thigh"}


def test_the_samples_are_the_answers_under_each_draw(assessor: Assessor) -> None:
    found = intervals(assessor, CASE, draws=30, seed=4)
    blocks = dict(draw(assessor.network, 30, 4).blocks)
    for row in range(0, 30, 7):
        again = Assessor(CompiledNetwork(read_again(assessor.network, blocks, row)), assessor.rules).assess(
            CASE
        )
        for at, cause in enumerate(found.causes):
            assert found.samples[row, at] == pytest.approx(again.posterior.probabilities[cause], abs=1e-12)


def test_the_interval_is_the_central_part_of_the_samples(assessor: Assessor) -> None:
    found = intervals(assessor, CASE, level=0.8, draws=500, seed=1)
    inside = (found.samples >= found.low) & (found.samples <= found.high)
    np.testing.assert_allclose(inside.mean(axis=0), 0.8, atol=0.01)
    np.testing.assert_allclose(found.low, np.quantile(found.samples, 0.1, axis=0))
    assert found.of("nerve") == pytest.approx((found.low[0], found.high[0])) or found.causes[0] != "nerve"
    exact = assessor.assess(CASE).posterior
    assert list(found.causes) == list(exact.probabilities)
    np.testing.assert_allclose(found.probability, list(exact.probabilities.values()), atol=1e-12)
    assert found.none_of_these[0] == pytest.approx(exact.none_of_these)
    assert found.none_of_these[1] <= found.none_of_these[2]


def test_the_first_place_and_the_urgency_are_counted(assessor: Assessor) -> None:
    found = intervals(assessor, CASE, draws=300, seed=2)
    first = np.bincount(found.samples.argmax(axis=1), minlength=2) / 300
    np.testing.assert_allclose(found.ranks_first, first)
    assert found.ranks_first.sum() == pytest.approx(1.0)
    blocks = dict(draw(assessor.network, 300, 2).blocks)
    rows = range(0, 300, 25)
    same = [
        Assessor(CompiledNetwork(read_again(assessor.network, blocks, row)), assessor.rules)
        .assess(CASE)
        .urgency
        == found.urgency
        for row in rows
    ]
    assert found.same_urgency is not None
    assert abs(np.mean(same) - found.same_urgency) < 0.35
    assert found.urgency == assessor.assess(CASE).urgency


def test_the_same_seed_gives_the_same_answer(assessor: Assessor) -> None:
    one, other = intervals(assessor, CASE, draws=100), intervals(assessor, CASE, draws=100)
    np.testing.assert_array_equal(one.samples, other.samples)
    assert one.to_dict() == other.to_dict()
    assert not np.array_equal(one.samples, intervals(assessor, CASE, draws=100, seed=1).samples)


def test_influences_are_squared_correlations_and_the_largest(assessor: Assessor) -> None:
    found = intervals(assessor, CASE, draws=400, seed=3, cause="nerve")
    drawn = draw(assessor.network, 400, 3)
    answer = found.samples[:, found.causes.index("nerve")]
    shares = {
        key: np.corrcoef(values, answer)[0, 1] ** 2
        for key, values in zip(drawn.keys, drawn.drawn, strict=True)
    }
    assert len(found.influences) == 5
    assert [each.share for each in found.influences] == sorted(
        (e.share for e in found.influences), reverse=True
    )
    for each in found.influences:
        assert each.share == pytest.approx(shares[each.key], abs=1e-9)
    relevant = {key: share for key, share in shares.items() if key[0] not in ("stiff", "began")}
    assert found.influences[0].share == pytest.approx(max(relevant.values()), abs=1e-9)
    assert sum(each.share for each in found.influences) < 1.05


def test_an_observed_cause_has_no_interval_to_speak_of(assessor: Assessor) -> None:
    found = intervals(assessor, {"nerve": "present"}, draws=50)
    assert found.of("nerve") == (1.0, 1.0)
    assert intervals(assessor, {"nerve": "present"}, draws=50, cause="nerve").influences == ()


def test_an_open_complaint_has_an_interval(assessor: Assessor) -> None:
    assert intervals(assessor, {}, draws=50).complaint is None
    found = intervals(assessor, {"pain": "unsure"}, draws=400).complaint
    assert found is not None
    probability, low, high = found
    assert probability == pytest.approx(CompiledNetwork(assessor.network).marginals({}, "pain")["pain"][0, 1])
    assert low < probability < high


def test_it_is_said_in_words(assessor: Assessor) -> None:
    found = intervals(assessor, CASE, draws=200)
    text = str(found)
    lines = text.splitlines()
    title = lines[lines.index("How sure the chances are") + 1]
    assert "comes first" in title or "stays first" in title
    assert "between" in title
    assert "What to study next" in text
    assert max(map(len, text.splitlines())) <= 80
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert record["causes"][0]["label"] == assessor.network.variable(found.causes[0]).label
    assert record["influences"][0]["sources"]
    frame = found.to_frame()
    assert list(frame.columns) == ["probability", "low", "high", "ranks_first"]
    assert frame.index.name == "cause"
    assert "<table" in found._repr_html_()


def test_a_network_without_ranges_is_refused() -> None:
    with pytest.raises(QueryError, match=r"the network layered are stated without ranges \(low and high\)"):
        intervals(assessor_of(layered(1)), {})


def test_any_shape_of_network_is_answered(assessor: Assessor) -> None:
    """A link from a cause to a cause leaves the layered route."""
    network = assessor.network
    chained = replace(
        network,
        variables=tuple(replace(v, role="other") if v.role == "cause" else v for v in network.variables),
    )
    found = intervals(assessor_of(chained.with_causes(["strain", "pain"])), CASE, draws=30)
    assert (found.low <= found.high).all()


def test_errors_name_what_is_wrong(assessor: Assessor) -> None:
    with pytest.raises(
        QueryError, match=r"level must be a number between 0 and 1, got 90\. Is it a percentage\?"
    ):
        intervals(assessor, CASE, level=90)
    with pytest.raises(QueryError, match="level must be a number between 0 and 1, got True"):
        intervals(assessor, CASE, level=True)
    with pytest.raises(QueryError, match=r"draws must be a whole number from 20 to 100,000, got 1\."):
        intervals(assessor, CASE, draws=1)
    with pytest.raises(QueryError, match=r"seed must be a whole number from 0, got -1\."):
        intervals(assessor, CASE, seed=-1)
    with pytest.raises(UnknownVariableError, match=r"Unknown cause 'strian'\. Did you mean 'strain'"):
        intervals(assessor, CASE, cause="strian")
    with pytest.raises(UnknownVariableError, match="Unknown cause 'strian'"):
        intervals(assessor, CASE, draws=20).of("strian")


def test_impossible_findings_are_refused(assessor: Assessor) -> None:
    network = assessor.network
    certain = {s: Parameter(0.0, 0.0, 0.0, ("test",), "C") for s in ("thigh", "foot")}
    never = NoisyMax("radiates", certain, {"nerve": {"present": certain}})
    changed = tuple(never if each.variable == "radiates" else each for each in network.distributions)
    with pytest.raises(ImpossibleEvidenceError, match="radiates = thigh"):
        intervals(assessor_of(replace(network, distributions=changed)), {"radiates": "thigh"})


def test_an_assessment_shows_the_ranges_when_asked() -> None:
    back = mp.load()
    case = {"focal_pressure": "present", "local_numbness": "present"}
    seen, plain = back.assess(case, intervals=True), back.assess(case)
    found = back.intervals(case)
    assert plain.ranges is None
    assert seen.ranges is not None
    assert seen.ranges.level == 0.9
    assert seen.ranges.causes["impaired_circulation"] == found.of("impaired_circulation")
    record = seen.to_dict()
    first = record["causes"][0]
    assert first["low"] <= first["probability"] <= first["high"]
    assert "low" not in plain.to_dict()["causes"][0]
    assert "90% range" in seen._repr_html_()
    assert "not computed" in plain._repr_html_()
