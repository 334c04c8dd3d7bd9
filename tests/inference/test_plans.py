"""What is compiled for a question, what it costs, and what is refused before it costs anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from massage_pain.errors import ComplexityError
from massage_pain.inference import (
    clique_tables,
    clique_tree,
    dense_clique,
    elimination,
    general_route,
    plans,
)
from massage_pain.inference.case import Likelihood
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import evidence_of
from massage_pain.inference.plans import Plans
from massage_pain.knowledge import limits
from massage_pain.knowledge.distributions import NoisyMax, Table
from massage_pain.knowledge.files import read_network
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from tests.inference.same import assert_same
from tests.strategies import (
    Enumeration,
    layered_network,
    parameter,
    random_findings,
    random_network,
    random_table,
)


def grid(size: int, generator: np.random.Generator) -> Network:
    """Every node has the node above and the node to the left as parents."""
    variables: dict[tuple[int, int], Variable] = {}
    tables = []
    for row in range(size):
        for column in range(size):
            here = Variable(id=f"x{row}_{column}")
            parents = [variables[at] for at in ((row - 1, column), (row, column - 1)) if at in variables]
            variables[row, column] = here
            tables.append(random_table(generator, here, parents, zeros=0.0))
    return Network("grid", tuple(variables.values()), tuple(tables))


# -- refused before it costs anything ----------------------------------------------------------------


def test_94_a_grid_too_wide_is_refused_with_the_estimate(rng: np.random.Generator) -> None:
    network = grid(22, rng)
    with pytest.raises(ComplexityError) as caught:
        CompiledNetwork(network).marginals()
    assert caught.value.estimate > caught.value.limit == 1e8
    assert f"needs tables of {caught.value.estimate:,} cells" in str(caught.value)
    assert "the limit is 100,000,000" in str(caught.value)
    assert "CompiledNetwork(network, limit=...)" in str(caught.value)


def test_a_network_too_wide_as_a_whole_still_answers_what_is_narrow(rng: np.random.Generator) -> None:
    network = grid(30, rng)
    engine = CompiledNetwork(network)
    small = Network("corner", network.variables[:3], network.distributions[:3])
    found = engine.marginals({"x0_1": True}, ["x0_0", "x0_2"])
    expected = CompiledNetwork(small).marginals({"x0_1": True}, ["x0_0", "x0_2"])
    for name in found:
        np.testing.assert_allclose(found[name], expected[name], rtol=0, atol=1e-12)


def test_the_limit_can_be_raised_and_lowered(rng: np.random.Generator) -> None:
    network = grid(4, rng)
    with pytest.raises(ComplexityError, match="the limit is 10"):
        CompiledNetwork(network, limit=10).marginals()
    assert CompiledNetwork(network, limit=10_000).marginals()["x0_0"].shape == (1, 2)


def test_a_joint_of_too_many_targets_is_refused() -> None:
    variables = [Variable(id=f"v{i}") for i in range(40)]
    half = [Table(each.id, (), np.array([0.5, 0.5])) for each in variables]
    engine = CompiledNetwork(Network("flat", tuple(variables), tuple(half)))
    with pytest.raises(ComplexityError, match=r"1,099,511,\d\d\d,\d\d\d cells"):
        engine.joint({}, [each.id for each in variables])


def test_a_noisy_or_with_many_parents_is_never_written_out() -> None:
    causes = [Variable(id=f"c{i}") for i in range(40)]
    child = Variable(id="child")
    links = {each.id: {"present": {"present": parameter(0.3)}} for each in causes}
    network = Network(
        "wide",
        (*causes, child),
        (
            *(Table(each.id, (), np.array([0.9, 0.1])) for each in causes),
            NoisyMax("child", {"present": parameter(0.05)}, links),
        ),
    )
    engine = CompiledNetwork(network)
    none = 0.95 * (1 - 0.1 * 0.3) ** 40
    np.testing.assert_allclose(engine.marginals()["child"], [[none, 1 - none]], rtol=0, atol=1e-12)
    found = engine.marginals({"child": True}, "c7")["c7"][0, 1]
    others = 1 - 0.95 * (1 - 0.1 * 0.3) ** 39 * 0.7
    assert found == pytest.approx(0.1 * others / (1 - none), abs=1e-12)


# -- whatever is compiled, the answers are the same ----------------------------------------------------


WAYS = ["whole", "cut", "pieces", "dense", "piecewise", "joined", "small blocks", "tall", "flat", "disturbed"]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Limits set so that small networks go every way a large one can go."""
    if request.param in ("cut", "pieces"):
        monkeypatch.setattr(plans, "WHOLE_CELLS", 0)
        monkeypatch.setattr(plans, "WORTH_CUTTING", 0)
    if request.param == "pieces":
        monkeypatch.setattr(plans, "WORTH_PIECES", 0)
    if request.param in ("dense", "piecewise"):
        monkeypatch.setattr(clique_tables, "DENSE_CELLS", 0)
        monkeypatch.setattr(clique_tables, "DENSE_SHARE", 0.0)
    if request.param == "piecewise":  # a case alone goes through a clique three cells at a time
        monkeypatch.setattr(dense_clique, "PIECE_CELLS", 3)
        monkeypatch.setattr(dense_clique, "WORTH_JOINING", 1)
    if request.param == "joined":
        monkeypatch.setattr(clique_tables, "WRITTEN_CELLS", 0)
        monkeypatch.setattr(clique_tables, "DENSE_SHARE", 1.0)
    if request.param in ("tall", "flat"):  # every clique below another, or all in one
        monkeypatch.setattr(clique_tree, "WORTH_A_LEVEL", {"tall": -(10**9), "flat": 10**9}[request.param])
    if request.param == "disturbed":
        monkeypatch.setattr(elimination, "LARGE_CELLS", 0)
        monkeypatch.setattr(elimination, "WORTH_DISTURBING", 2.0)
    if request.param == "small blocks":
        monkeypatch.setattr(general_route, "BLOCK_NUMBERS", 1)
    monkeypatch.setattr(general_route, "WORTH_DIVORCING", int(np.random.default_rng(0).integers(2)) * 99)
    return str(request.param)


def test_every_way_agrees_with_enumeration(way: str, rng: np.random.Generator) -> None:
    for number in range(60):
        if number % 3:
            network = random_network(rng, int(rng.integers(1, 8)), most_parents=4)
        else:
            network = layered_network(rng, 3, 3, 3)
        oracle = Enumeration(network)
        engine = CompiledNetwork(network)
        engine._core = ()  # the general route only
        names = tuple(oracle.names)
        targets = tuple(rng.permutation(names)[: rng.integers(1, 4)].tolist())
        cases = [random_findings(rng, network, soft=0.2) for _ in range(int(rng.integers(1, 3)))]
        evidence = evidence_of(network, cases)
        every = engine.propagate(evidence, names)
        joint = engine.propagate(evidence, targets, joint=True)
        assert joint.joint is not None
        for row, findings in enumerate(cases):
            table = oracle.with_findings(findings)
            if table.sum() == 0.0:
                assert every.log_evidence[row] == joint.log_evidence[row] == -np.inf
                assert np.isnan(joint.joint[row]).all()
                assert all(np.isnan(each[row]).all() for each in every.marginals.values())
                continue
            assert every.log_evidence[row] == pytest.approx(np.log(table.sum()), abs=1e-12)
            expected = oracle.posterior(table, targets)
            np.testing.assert_allclose(joint.joint[row], expected, rtol=0, atol=1e-12)
            for name in names:
                expected = oracle.posterior(table, (name,))
                np.testing.assert_allclose(every.marginals[name][row], expected, rtol=0, atol=1e-12)


def test_one_case_of_large_cliques_is_as_in_a_batch(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clique_tables, "DENSE_CELLS", 6)
    answered = excluded = 0
    for number in range(60):  # cliques go through a few cells at a time, tables are joined more and less
        monkeypatch.setattr(dense_clique, "PIECE_CELLS", (2, 9, 2**15)[number % 3])
        monkeypatch.setattr(dense_clique, "WORTH_JOINING", (1, 8)[number % 2])
        network = random_network(rng, int(rng.integers(3, 12)), most_parents=4, zeros=0.15)
        engine = CompiledNetwork(network)
        engine._core = ()  # the general route only
        names = [each.id for each in network.nodes]
        for _ in range(4):
            case = random_findings(rng, network, share=0.2)
            for variable in network.nodes:
                if len(variable.states) > 2 and rng.random() < 0.3:
                    states = variable.states
                    case[variable.id] = Likelihood(dict.fromkeys(states, 0.5) | {states[0]: 0.0})
            evidence = evidence_of(network, case)
            alone = engine.propagate(evidence, names)
            batch = engine.propagate(evidence.take(np.zeros(2, dtype=np.intp)), names)
            np.testing.assert_allclose(alone.log_evidence[0], batch.log_evidence[0], rtol=0, atol=1e-12)
            if np.isinf(alone.log_evidence[0]):
                continue
            answered += 1
            for name in names:
                one, other = alone.marginals[name][0], batch.marginals[name][0]
                np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)
                np.testing.assert_array_equal(one == 0.0, other == 0.0)  # what cannot be is nothing at all
                excluded += int((one == 0.0).sum())
    assert answered > 50
    assert excluded > 50


def test_tiny_probabilities_go_every_way(way: str) -> None:
    cause = Variable(id="cause", states=("a", "b", "c"))
    rows = np.array([[1e-200, 1 - 1e-200], [1e-201, 1 - 1e-201], [0.0, 1.0]])
    signs = [Variable(id=f"s{i}", states=("x", "y")) for i in range(6)]
    network = Network(
        "tiny",
        (cause, *signs),
        (
            Table("cause", (), np.array([0.5, 0.25, 0.25])),
            *(Table(each.id, ("cause",), rows) for each in signs),
        ),
    )
    engine = CompiledNetwork(network)
    engine._core = ()
    findings = {each.id: "x" for each in signs}
    expected = np.log(0.5) - 1200 * np.log(10) + np.log1p(5e-7)
    assert engine.log_evidence(findings)[0] == pytest.approx(expected, rel=1e-13)
    for cases in (findings, [findings, {}, findings]):
        posterior = engine.marginals(cases, "cause")["cause"][0]
        np.testing.assert_allclose(posterior, [1.0, 5e-7, 0.0], rtol=1e-6)


def test_a_joint_too_large_for_the_whole_network_keeps_every_finding(
    monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    monkeypatch.setattr(clique_tree, "WORTH_A_LEVEL", -(10**9))
    network = random_network(rng, 10, most_parents=2)
    names = [each.id for each in network.nodes]
    targets = tuple(names[::2])
    whole = general_route.tree_shape(network, names, ()).cells
    monkeypatch.setattr(plans, "WHOLE_CELLS", whole)
    assert general_route.tree_shape(network, names, targets).cells > whole
    engine = CompiledNetwork(network)
    engine._core = ()
    answered = 0
    for _ in range(10):
        case = random_findings(rng, network, share=0.3)
        table = Enumeration(network).with_findings(case)
        if case and table.sum() > 0.0:
            answered += 1
            expected = Enumeration(network).posterior(table, targets)
            np.testing.assert_allclose(engine.joint(case, targets)[0], expected, rtol=0, atol=1e-12)
    assert answered > 3


def test_a_piece_answers_for_all_targets_above_it(
    monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    monkeypatch.setattr(plans, "WHOLE_CELLS", 0)
    network = grid(5, rng)
    names = tuple(each.id for each in network.nodes)
    pieces = list(Plans(network, 1e8).pieces(["x0_0"], names, False))
    assert len(pieces) == 1  # the last corner has everything above it
    assert sorted(name for _, answered in pieces for name in answered) == sorted(names)


def test_what_is_too_wide_as_a_whole_may_be_answered_in_pieces(
    monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    monkeypatch.setattr(plans, "WHOLE_CELLS", 0)
    roots = [Variable(id=f"root{i}") for i in range(9)]
    children = [Variable(id=f"child{i}") for i in range(30)]
    tables = [random_table(rng, each, [], zeros=0.0) for each in roots]
    for each in children:
        above = [roots[at] for at in rng.permutation(9)[:3].tolist()]
        tables.append(random_table(rng, each, above, zeros=0.0))
    network = Network("two rows", (*roots, *children), tuple(tables))
    whole = CompiledNetwork(network)
    narrow = CompiledNetwork(network, limit=200)
    for engine in (whole, narrow):
        engine._core = ()
    expected = whole.marginals({"root0": "present"})
    for name, chances in narrow.marginals({"root0": "present"}).items():
        np.testing.assert_allclose(chances, expected[name], rtol=0, atol=1e-12)
    with pytest.raises(ComplexityError, match="the limit is 200"):
        narrow.marginals(dict.fromkeys((each.id for each in children), "present"))  # these join all roots


def test_plans_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> None:
    monkeypatch.setattr(plans, "WHOLE_CELLS", 0)
    monkeypatch.setattr(plans, "KEPT_NUMBERS", 300)
    network = grid(5, rng)
    kept = Plans(network, 1e8)
    for each in network.nodes:
        list(kept.pieces([each.id], ("x0_0",), False))
    assert sum(each.numbers for each in kept._kept.values()) <= 300 or len(kept._kept) == 1


def test_munin1_answers_all_and_one(shared: Path) -> None:
    network = read_network(shared / "corpus" / "munin1.bif", normalize=True)
    engine = CompiledNetwork(network)
    every = engine.marginals()
    assert set(every) == {each.id for each in network.nodes}
    whole = general_route.tree_shape(network, list(every), ())
    assert whole.cells < limits.COMPILED_CELLS  # so that it can answer for everything, whatever is found
    for name in (network.nodes[0].id, network.nodes[-1].id):
        np.testing.assert_allclose(engine.marginals({}, name)[name], every[name], rtol=0, atol=1e-12)


@pytest.mark.parametrize("whole", [0, 2**20])
def test_nothing_known_and_nothing_asked_is_certain(
    monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator, whole: int
) -> None:
    monkeypatch.setattr(plans, "WHOLE_CELLS", whole)
    engine = CompiledNetwork(grid(4, rng))
    engine._core = ()
    assert engine.log_evidence() == pytest.approx([0.0], abs=1e-12)
    assert engine.log_evidence([{}, {}]) == pytest.approx([0.0, 0.0], abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_many_cases_take_a_tree_of_what_their_question_needs(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Whatever the piece, the answers are those of the whole network."""
    rng = np.random.default_rng(seed)
    network = random_network(rng, 12, zeros=0.1)
    names = [each.id for each in network.nodes]
    told = rng.permutation(names)[:4].tolist()
    cases = [random_findings(rng, network, share=0.5, soft=0.1 * (seed % 2)) for _ in range(40)]
    cases = [{name: each for name, each in case.items() if name in told} for case in cases]
    targets = tuple(rng.permutation(names)[: 1 + seed % 3].tolist())
    evidence = evidence_of(network, cases)
    whole, cut = CompiledNetwork(network), CompiledNetwork(network)
    for engine in (whole, cut):
        engine._core = ()
    for joint in (False, True):
        with monkeypatch.context() as patched:
            patched.setattr("massage_pain.inference.compiled.MANY_CASES", 10**9)
            expected = whole.propagate(evidence, targets, joint=joint)
        with monkeypatch.context() as patched:
            patched.setattr(plans, "MANY_CELLS", 0)
            found = cut.propagate(evidence, targets, joint=joint)
        assert_same(found, expected, targets)
