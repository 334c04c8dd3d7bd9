"""What must hold however the engine is used: tiny P(findings), impossible cases, threads, processes, time.

What takes longer than an ordinary test may is run by commands of its own: `soak` and `endurance` here.
"""

from __future__ import annotations

import hashlib
import math
import multiprocessing
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction

import numpy as np
import pytest

import massage_pain as mp
from massage_pain.errors import ImpossibleEvidenceError
from massage_pain.inference import plans
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import Evidence, evidence_of
from massage_pain.knowledge.distributions import NoisyMax, Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from tests.inference.endurance import LIMIT_MB, growth
from tests.strategies import Enumeration, layered_network, parameter, random_findings, random_network

CASE = {"focal_pressure": "present", "local_numbness": "present", "limb_numbness": "absent"}


# -- P(findings) down to 1e-1200 ------------------------------------------------------------------------


def unlikely(findings: int) -> Network:
    """Two factors over two noisy-OR causes over findings of one chance in a million each."""
    factor = [Variable(id=f"factor{i}", role="factor") for i in range(2)]
    cause = [Variable(id=f"cause{i}", role="cause") for i in range(2)]
    signs = [Variable(id=f"sign{i}", role="symptom") for i in range(findings)]
    links = {each.id: {"present": {"present": parameter(0.5)}} for each in factor}
    noisy = [NoisyMax(each.id, {"present": parameter(0.125)}, links) for each in cause]
    present = np.array([[1e-6, 1.01e-6], [0.99e-6, 1.02e-6]])
    rows = np.stack([1.0 - present, present], axis=-1)
    tables = [Table(each.id, ("cause0", "cause1"), rows) for each in signs]
    roots = [Table(each.id, (), np.array([0.75, 0.25])) for each in factor]
    return Network("unlikely", (*factor, *cause, *signs), (*roots, *noisy, *tables))


def exactly(network: Network, count: int) -> tuple[float, list[float]]:
    """log P(the first `count` findings) and P(cause present | them), in whole numbers to the end."""
    joint = {(a, b): Fraction(0) for a in range(2) for b in range(2)}
    table = network.cpd("sign0")
    for f in range(2):
        for g in range(2):
            weight = Fraction([0.75, 0.25][f]) * Fraction([0.75, 0.25][g])
            present = 1 - Fraction(0.875) * Fraction(0.5) ** (f + g)
            for a, b in joint:
                joint[a, b] += weight * (present if a else 1 - present) * (present if b else 1 - present)
    for a, b in joint:
        joint[a, b] *= Fraction(float(table[a, b, 1])) ** count
    total = sum(joint.values(), Fraction(0))
    places = total.denominator.bit_length() - total.numerator.bit_length()  # so that a float can hold it
    log = math.log(total * 2**places) - places * math.log(2.0)
    causes = [joint[1, 0] + joint[1, 1], joint[0, 1] + joint[1, 1]]
    return log, [float(each / total) for each in causes]


@pytest.mark.parametrize("route", ["layered", "general"])
def test_evidence_down_to_1e_1200(route: str) -> None:
    """From 1 to past 1e-1200, in one table and alone: the last is as right as the first."""
    network = unlikely(205)
    engine = CompiledNetwork(network)
    if route == "general":
        engine._core = ()
    counts = [0, 1, 20, 41, 42, 43, 50, 51, 52, 53, 54, 55, 100, 150, 200, 205]
    cases = [{f"sign{i}": "present" for i in range(count)} for count in counts]
    logs = engine.log_evidence(cases)
    assert logs[-1] < -1200 * np.log(10)
    found = engine.marginals(cases, ["cause0", "cause1", "factor0"])
    for row, count in enumerate(counts):
        log, causes = exactly(network, count)
        assert logs[row] == pytest.approx(log, rel=1e-13, abs=1e-15)
        assert [found[f"cause{i}"][row, 1] for i in range(2)] == pytest.approx(causes, rel=1e-11)
        if count in (0, 51, 205):
            alone = engine.marginals(cases[row], ["cause0", "cause1"])
            assert [alone[f"cause{i}"][0, 1] for i in range(2)] == pytest.approx(causes, rel=1e-11)
            assert engine.log_evidence(cases[row])[0] == pytest.approx(log, rel=1e-13, abs=1e-15)


# -- 10,000 impossible cases ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["tables", "layered"])
def test_ten_thousand_impossible_cases_none_answered(kind: str, rng: np.random.Generator) -> None:
    """None answered in tables of cases that are possible otherwise, nor (a share of them) alone."""
    seen, alone = 0, 0
    while seen < 5000:
        if kind == "tables":
            network = random_network(rng, 6, most_states=3, zeros=0.5)
        else:
            network = layered_network(rng, 3, 3, 3, zeros=0.6)
        cases = [random_findings(rng, network, share=0.6, soft=0.1) for _ in range(150)]
        impossible = Enumeration(network).with_cases(cases).reshape(len(cases), -1).sum(axis=1) == 0.0
        engine = CompiledNetwork(network)
        names = tuple(each.id for each in network.nodes)
        evidence = evidence_of(network, cases)
        for targets, joint in ((names, False), (names[:1], False), (names[:2], True)):
            found = engine.propagate(evidence, targets, joint=joint)
            np.testing.assert_array_equal(np.isneginf(found.log_evidence), impossible)
            for name in targets:
                np.testing.assert_array_equal(np.isnan(found.marginals[name]).all(axis=1), impossible)
                assert np.isfinite(found.marginals[name][~impossible]).all()
        np.testing.assert_array_equal(np.isneginf(engine.log_evidence(cases)), impossible)
        for row in np.flatnonzero(impossible)[:2]:
            with pytest.raises(ImpossibleEvidenceError):
                engine.marginals(cases[row], names[0])
            alone += 1
        seen += int(impossible.sum())
    assert alone >= 60


# -- threads and processes ------------------------------------------------------------------------------


def made(kind: str) -> tuple[Network, list[Evidence], list[tuple[str, ...]]]:
    """A network, cases alone and in tables, and what is asked: the same in every process."""
    generator = np.random.default_rng(5)
    if kind == "layered":
        network = layered_network(generator, 8, 5, 10, zeros=0.1)
    else:
        network = random_network(generator, 14, most_states=3, zeros=0.1)
    cases = [random_findings(generator, network, soft=0.1) for _ in range(100)]
    names = tuple(each.id for each in network.nodes)
    asked = [names, names[:1], names[2:5], ()]
    return network, [*(evidence_of(network, each) for each in cases[:4]), evidence_of(network, cases)], asked


def answers(
    engine: CompiledNetwork, evidence: list[Evidence], asked: list[tuple[str, ...]], turn: int
) -> str:
    """Everything answered, beginning at another question each turn; as one digest of every bit."""
    found = {}
    questions = [(i, j, both) for i in range(len(evidence)) for j in range(len(asked)) for both in (0, 1)]
    for at in range(len(questions)):
        i, j, both = questions[(at + turn * 7) % len(questions)]
        if both and len(asked[j]) > 3:
            continue  # no joint distribution of everything
        answer = engine.propagate(evidence[i], asked[j], joint=bool(both))
        parts = [answer.log_evidence, *(answer.marginals[name] for name in asked[j])]
        if answer.joint is not None:
            parts.append(answer.joint)
        found[i, j, both] = b"".join(np.ascontiguousarray(each).tobytes() for each in parts)
    return hashlib.sha256(b"".join(found[key] for key in sorted(found))).hexdigest()


def in_a_process(kind: str, turn: int) -> tuple[str, dict[str, object]]:
    """All answers of a fresh process, and one whole assessment."""
    network, evidence, asked = made(kind)
    return answers(CompiledNetwork(network), evidence, asked, turn), mp.load().assess(CASE).to_dict()


def raced(threads: int, work: object) -> list[object]:
    """What each thread got, all of them let go at once, switched as often as Python can."""
    barrier = threading.Barrier(threads)
    found: list[object] = [None] * threads

    def run(turn: int) -> None:
        barrier.wait()
        found[turn] = work(turn)  # type: ignore[operator]

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        workers = [threading.Thread(target=run, args=(turn,)) for turn in range(threads)]
        for each in workers:
            each.start()
        for each in workers:
            each.join()
    finally:
        sys.setswitchinterval(before)
    return found


@pytest.mark.parametrize("kind", ["layered", "tables", "cut"])
def test_16_threads_race_for_the_first_answers(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On an engine that has compiled nothing yet, every thread beginning with another question."""
    if kind == "cut":  # what only a large network does: a tree for each question
        monkeypatch.setattr(plans, "WHOLE_CELLS", 0)
        monkeypatch.setattr(plans, "MANY_CELLS", 0)
        monkeypatch.setattr(plans, "WORTH_CUTTING", 0)
    network, evidence, asked = made(kind)
    expected = answers(CompiledNetwork(network), evidence, asked, 0)
    for _ in range(2):
        engine = CompiledNetwork(network)
        found = raced(16, lambda turn, engine=engine: answers(engine, evidence, asked, turn))
        assert set(found) == {expected}


def test_16_threads_race_for_the_first_assessments(back: mp.Reasoner) -> None:
    expected = back.assess(CASE).to_dict()
    for _ in range(2):
        fresh = mp.Reasoner(back.network, rules=back.rules)
        found = raced(16, lambda turn, fresh=fresh: fresh.assess(CASE).to_dict())
        assert all(each == expected for each in found)


def test_4_processes_get_identical_answers() -> None:
    kinds = ["layered", "tables", "layered", "tables"]
    here = {kind: in_a_process(kind, 0) for kind in set(kinds)}
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(in_a_process, kinds, [1, 2, 3, 4]))
    assert found == [here[kind] for kind in kinds]


# -- one after another ----------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is read from /proc")
def test_hundreds_of_assessments_leave_nothing_behind() -> None:
    """A share of what `tests.inference.endurance` does for a million."""
    assert growth(500, seed=2, people=200) < LIMIT_MB
