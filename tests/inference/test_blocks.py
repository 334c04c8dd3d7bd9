"""Blocks and threads: every row once, the same answers, no error lost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from massage_pain.inference import blocks, clique_tables, junction_tree
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import evidence_of
from massage_pain.inference.layered_network import inner_nodes
from tests.strategies import layered_network, random_findings, random_network


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_every_row_is_worked_on_once(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    monkeypatch.setattr(blocks, "processors", lambda: threads)
    seen = np.zeros(1003, dtype=int)

    def work(rows: slice) -> None:
        seen[rows] += 1

    blocks.in_blocks(1003, 10, work)
    assert (seen == 1).all()
    blocks.in_blocks(0, 10, work)


@pytest.mark.parametrize("layered", [True, False])
def test_the_causes_of_a_row_of_a_table_are_the_same_alone(layered: bool, rng: np.random.Generator) -> None:
    network = layered_network(rng, 6, 4, 8) if layered else random_network(rng, 10)
    frame = pd.DataFrame([random_findings(rng, network) for _ in range(20)])
    engine = CompiledNetwork(network)
    names = inner_nodes(network)
    together = engine.propagate(evidence_of(network, frame), names)
    for row in range(len(frame)):
        alone = engine.propagate(evidence_of(network, frame.iloc[row : row + 1]), names)
        assert alone.log_evidence[0] == together.log_evidence[row]
        for name in names:
            np.testing.assert_array_equal(alone.marginals[name][0], together.marginals[name][row])


@pytest.mark.parametrize("joint", [False, True])
@pytest.mark.parametrize("kind", ["dense", "lists", "small", "tiny numbers"])
def test_other_networks_say_the_same_wherever_a_table_is_cut(
    monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator, kind: str, joint: bool
) -> None:
    """Every variable, and also where a network is small enough for one joint table of everything."""
    if kind == "dense":
        monkeypatch.setattr(clique_tables, "DENSE_CELLS", 0)
        monkeypatch.setattr(clique_tables, "DENSE_SHARE", 0.0)
    if kind == "tiny numbers":  # one case in two is done again in wide numbers
        monkeypatch.setattr(junction_tree, "_PLAIN_LOG", -4.0)
    for _ in range(3):
        network = random_network(rng, 4 if kind == "small" else 14, most_parents=6, most_states=4)
        engine = CompiledNetwork(network)
        if kind != "small":
            engine._core = ()
        frame = pd.DataFrame([random_findings(rng, network, share=0.3) for _ in range(20)])
        names = tuple(each.id for each in network.nodes)[: 2 if joint else None]
        together = engine.propagate(evidence_of(network, frame), names, joint=joint)
        for size in (1, 2, 3, 19):
            for begin in range(0, 20, size):
                rows = slice(begin, min(20, begin + size))
                part = engine.propagate(evidence_of(network, frame.iloc[rows]), names, joint=joint)
                np.testing.assert_array_equal(part.log_evidence, together.log_evidence[rows])
                for name in names:
                    np.testing.assert_array_equal(part.marginals[name], together.marginals[name][rows])
                if joint:
                    np.testing.assert_array_equal(part.joint, together.joint[rows])


def test_an_error_reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "processors", lambda: 3)

    def work(rows: slice) -> None:
        if rows.start == 500:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        blocks.in_blocks(1000, 10, work)


def test_answers_do_not_depend_on_threads(monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> None:
    for network in (layered_network(rng, 6, 4, 8), random_network(rng, 10)):
        cases = [random_findings(rng, network, soft=0.1) for _ in range(150)]
        evidence = evidence_of(network, cases * 60)
        names = tuple(each.id for each in network.nodes)
        answers = []
        for threads in (1, 2, 5):
            monkeypatch.setattr(blocks, "processors", lambda count=threads: count)
            answers.append(CompiledNetwork(network).propagate(evidence, names))
        for other in answers[1:]:
            np.testing.assert_array_equal(answers[0].log_evidence, other.log_evidence)
            for name in names:
                np.testing.assert_array_equal(answers[0].marginals[name], other.marginals[name])


@pytest.mark.parametrize("layered", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_a_row_of_a_table_has_the_same_bits_wherever_it_is_cut(seed: int, layered: bool) -> None:
    """Every variable, not the causes alone, and in any order of the rows."""
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(seed)
    network = layered_network(rng, 5, 2 + seed, 9) if layered else random_network(rng, 14)
    names = [each.id for each in network.nodes]
    cases = [random_findings(rng, network, share=0.4, soft=0.05) for _ in range(500)]
    frame = pd.DataFrame(cases, columns=names)
    engine = CompiledNetwork(network)
    evidence = evidence_of(network, frame)
    whole = engine.propagate(evidence, names).marginals
    for step in (1, 2, 3, 7, 64, 65, 333):
        for start in (0, 130, 499 - step):
            rows = slice(start, start + step)
            part = engine.propagate(evidence_of(network, frame.iloc[rows]), names).marginals
            for name in names:
                np.testing.assert_array_equal(part[name], whole[name][rows])
    order = rng.permutation(500)
    mixed = engine.propagate(evidence_of(network, frame.iloc[order]), names).marginals
    for name in names:
        np.testing.assert_array_equal(mixed[name], whole[name][order])
