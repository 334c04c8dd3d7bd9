"""The networks of ../shared/corpus: all marginals with five findings, and one target of the widest."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.cells import CONTENDERS, Cell, cases_of, contest, faster, network_of
from tests.benchmarks.report import OUTSIDE

if TYPE_CHECKING:
    from tests.benchmarks.report import Report
    from tests.benchmarks.timing import Times

NAMES = ["alarm", "asia", "barley", "cancer", "child", "earthquake", "hailfinder", "insurance"]
NAMES += ["munin1", "sachs", "survey", "water"]
WIDE = ("munin1",)
"""pyAgrum takes some 20 s a question there: only `LazyPropagation`, which was found the faster, is asked."""


def peers_of(found: dict[str, Cell]) -> tuple[str, dict[str, Times], dict[str, Times]]:
    """The name of pyAgrum's faster engine; the peers' times of a case, and from network to first answer."""
    name, pyagrum = faster(found)
    peers = {"pgmpy": found["pgmpy"], "pyAgrum": pyagrum}
    rounds = {peer: cell.rounds for peer, cell in peers.items() if cell.rounds is not None}
    return name, rounds, {peer: cell.first for peer, cell in peers.items() if cell.first is not None}


def add_peers(report: Report, question: str, work: str, name: str, found: dict[str, Cell]) -> None:
    """A row for each peer, also where it gave no answer."""
    for by, cell in (("pgmpy VariableElimination", found["pgmpy"]), (f"pyAgrum {name}", found[name])):
        report.add(question, work, by, cell.rounds, note=cell.failed)


def test_all_marginals(shared: Path, report: Report) -> None:
    pytest.importorskip("pgmpy")
    pytest.importorskip("pyagrum")
    ratios = []
    for network in NAMES:
        wide = network in WIDE
        contenders = tuple(each for each in CONTENDERS if not (wide and each == "ShaferShenoyInference"))
        passes, limit = (1, 300.0) if wide else (5, 60.0)
        found = contest(f"corpus/{network}", contenders=contenders, passes=passes, limit=limit)
        name, rounds, first = peers_of(found)
        work, ours = f"{network}: all marginals, five findings", found["massage_pain"]
        add_peers(report, OUTSIDE, work, name, found)
        never = dict.fromkeys(rounds, 1.0)  # never slower than a peer
        note = ours.failed or f"peak {ours.peak / 1e6:.0f} MB"
        report.add(OUTSIDE, work, "massage_pain", ours.rounds, against=rounds, least=never, note=note)
        if ours.rounds is not None and "pyAgrum" in rounds:
            ratios.append(rounds["pyAgrum"].median / ours.rounds.median)
        work = f"{network}: from the network in memory to its first answer"
        goals = []
        if network == "alarm" and ours.first is not None:
            goals = [("50 ms", ours.first.median < 0.05)]
        report.add(OUTSIDE, work, "massage_pain", ours.first, against=first, goals=goals, note=ours.failed)
    middle = statistics.median(ratios)
    goals = [(f"median 10 times pyAgrum (it is {middle:.1f})", middle >= 10)]
    report.add(OUTSIDE, f"all {len(ratios)} networks together", "massage_pain", None, goals=goals)


def test_one_target_of_munin1(shared: Path, report: Report) -> None:
    """pgmpy prunes what the question does not need; so must whoever wants to be faster."""
    pytest.importorskip("pgmpy")
    network = network_of("corpus/munin1")
    told = {name for case in cases_of(network) for name in case}
    target = next(each.id for each in reversed(network.nodes) if each.id not in told)
    found = contest("corpus/munin1", [target], contenders=("pgmpy", "massage_pain"))
    work, pgmpy, ours = "munin1: one target, five findings", found["pgmpy"], found["massage_pain"]
    report.add(OUTSIDE, work, "pgmpy VariableElimination, pruned", pgmpy.rounds, note=pgmpy.failed)
    against = {"pgmpy": pgmpy.rounds} if pgmpy.rounds is not None else {}
    least = {"pgmpy": 1.0}
    report.add(OUTSIDE, work, "massage_pain", ours.rounds, against=against, least=least, note=ours.failed)
