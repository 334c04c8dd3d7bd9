"""The likeliest joint states and the likeliest story, against enumeration."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massage_pain.errors import ComplexityError, ImpossibleEvidenceError, QueryError
from massage_pain.inference.case import Likelihood
from massage_pain.knowledge.distributions import NoisyMax, Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.most_probable import most_probable
from tests.reasoning.worlds import assessor_of, layered, small_assessor, tangled
from tests.strategies import Enumeration, chain_of_three, parameter, random_findings

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=50)
@given(SEEDS)
def test_against_enumeration(seed: int) -> None:
    network = (tangled if seed % 2 else layered)(seed, zeros=0.2)
    world = Enumeration(network)
    rng = np.random.default_rng(seed)
    findings = random_findings(rng, network, soft=0.3)
    table = world.with_findings(findings)
    if table.sum() < 1e-9:
        return
    found = most_probable(assessor_of(network), findings, top=1000)

    causes = tuple(each.id for each in network.causes)
    joint = world.posterior(table, causes)
    expected = np.sort(joint[joint > 0])[::-1][:1000]
    np.testing.assert_allclose([each.probability for each in found.joint_states], expected, atol=1e-12)
    for each in found.joint_states[:3]:
        at = tuple(network.variable(name).states.index(state) for name, state in each.states.items())
        assert each.probability == pytest.approx(joint[at], abs=1e-12)
    assert found.of == (joint > 1e-15).sum() or found.of == (joint > 0).sum()

    assert found.probability == pytest.approx(table.max() / table.sum(), rel=1e-9)
    story = {**{n: v for n, v in findings.items() if not isinstance(v, Likelihood)}, **found.explanation}
    assert story.keys() == set(world.names)
    at = tuple(network.variable(name).states.index(story[name]) for name in world.names)
    assert table[at] == pytest.approx(table.max(), rel=1e-9)


def test_the_likeliest_together_need_not_be_the_likeliest_alone() -> None:
    """A alone 0.4; B and C each 0.5, but never both with A: marginals and joint disagree."""
    a, b = Variable(id="a", role="cause"), Variable(id="b", role="cause")
    rows = np.array([[0.0, 1.0], [0.6, 0.4]])
    network = Network("apart", (a, b), (Table("a", (), np.array([0.4, 0.6])), Table("b", ("a",), rows)))
    found = most_probable(assessor_of(network), {})
    assert found.joint_states[0].states == {"a": "absent", "b": "present"}
    assert found.joint_states[0].probability == pytest.approx(0.4)


def test_top_says_how_many(tmp_path: Path) -> None:
    assessor = small_assessor(tmp_path)
    assert len(most_probable(assessor, {}, top=2).joint_states) == 2
    every = most_probable(assessor, {}, top=10)
    assert len(every.joint_states) == every.of == 4
    assert sum(each.probability for each in every.joint_states) == pytest.approx(1.0)


def test_a_story_of_many_parts_keeps_its_logarithm() -> None:
    count = 1200
    leaves = [Variable(id=f"v{i}") for i in range(count)]
    network = Network("wide", tuple(leaves), tuple(Table(v.id, (), np.array([0.5, 0.5])) for v in leaves))
    found = most_probable(assessor_of(network.with_causes("v0")), {})
    assert found.log_probability == pytest.approx(count * np.log(0.5))
    assert found.probability == 0.0


def test_it_is_said_in_words(tmp_path: Path) -> None:
    found = most_probable(small_assessor(tmp_path), {"stiff": "present", "press": "hard"})
    text = str(found)
    assert text.splitlines()[1].startswith("Most probable: Muscle strain alone, ")
    assert max(map(len, text.splitlines())) <= 80
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert record["joint_states"][0]["there"] == ["Muscle strain"]
    assert record["explanation"]["log_probability"] < 0
    assert list(found.to_frame().columns) == ["strain", "nerve", "probability"]
    assert "<table" in found._repr_html_()


def test_errors_name_what_is_wrong(tmp_path: Path) -> None:
    assessor = small_assessor(tmp_path)
    with pytest.raises(QueryError, match=r"top must be a whole number from 1 to 1,000, got 0\."):
        most_probable(assessor, {}, top=0)
    with pytest.raises(ImpossibleEvidenceError, match="cannot occur together"):
        most_probable(assessor_of(chain_of_three().with_causes("A")), {"A": "0", "B": "0", "C": "1"})


def test_a_child_of_too_many_parents_is_refused_before_it_is_written_out() -> None:
    parents = [Variable(id=f"p{i}") for i in range(30)]
    child = Variable(id="child")
    links = {each.id: {"present": {"present": parameter(0.1)}} for each in parents}
    network = Network(
        "wide",
        (*parents, child),
        (
            *(Table(each.id, (), np.array([0.9, 0.1])) for each in parents),
            NoisyMax("child", {"present": parameter(0.01)}, links),
        ),
    ).with_causes(["p0", "p1"])
    with pytest.raises(ComplexityError, match="30 variables"):
        most_probable(assessor_of(network), {"p2": "absent"}, top=1)
