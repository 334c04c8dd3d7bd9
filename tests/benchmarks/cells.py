"""One network, one contender, a process of its own: what it answers, how long it takes, what memory it holds.

    python -m tests.benchmarks.cells corpus/alarm massage_pain

A process can be given a time limit whatever it is doing, and one that takes too much memory takes only itself
down. `contest` lets the contenders take turns and compares what they answered.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from massage_pain.errors import ComplexityError
from massage_pain.knowledge.files import read_network
from massage_pain.knowledge.network import Network
from tests.benchmarks.clients import SEED, draw
from tests.benchmarks.generated import band, two_layers
from tests.benchmarks.peers import (
    Answer,
    model_for_pgmpy,
    model_for_pyagrum,
    with_massage_pain,
    with_pgmpy,
    with_pyagrum,
)
from tests.benchmarks.timing import CHECKOUT, Times, alone, one_round, peak_memory

FINDINGS = 5
CASES = 4
ENOUGH = 0.4
"""Seconds of rounds after which a process stops."""

LONG = 5.0
"""Seconds of the first answer from which one case is all that is asked."""

CONTENDERS = ("pgmpy", "LazyPropagation", "ShaferShenoyInference", "massage_pain")


def network_of(place: str) -> Network:
    """`corpus/NAME`, `variables/N` (at width 4), `width/W` (of 60 variables), `layers/DISEASESxFINDINGS`."""
    family, _, size = place.partition("/")
    if family == "corpus":
        return read_network(CHECKOUT.parent / "shared" / "corpus" / f"{size}.bif", normalize=True)
    if family == "variables":
        return band(int(size), 4)
    if family == "width":
        return band(60, int(size))
    diseases, findings = size.split("x")
    return two_layers(int(diseases), int(findings))


def cases_of(network: Network, *, findings: int = FINDINGS) -> list[dict[str, str]]:
    """Findings that occur together: some variables of cases drawn from the network, leaves before others."""
    generator = np.random.default_rng(SEED)
    codes = draw(network, CASES, generator)
    leaves = [each.id for each in network.nodes if not network.children[each.id]]
    names = leaves if len(leaves) >= 4 * findings else [each.id for each in network.nodes]
    cases = []
    for row in range(CASES):
        told = generator.permutation(names)[: min(findings, len(names) - 1)].tolist()
        cases.append({name: network.variable(name).states[codes[name][row]] for name in told})
    return cases


def measured(place: str, contender: str, targets: list[str]) -> dict[str, Any]:
    """Seconds from the network to the first answer, seconds of each round over the cases, and the answers."""
    network = network_of(place)
    cases = cases_of(network)
    asked = targets or [each.id for each in network.nodes]
    make: Callable[[], Answer]  # from what each reads its files into, so that reading is not what is timed
    if contender == "massage_pain":
        make = partial(with_massage_pain, network, asked)
    elif contender == "pgmpy":
        make = partial(with_pgmpy, network, asked, model_for_pgmpy(network))
    else:
        make = partial(with_pyagrum, model_for_pyagrum(network), asked, contender)
    first, rounds = [], []
    try:
        while len(first) < 3 and sum(first) < ENOUGH:
            start = time.perf_counter()
            answer = make()
            answers = answer(cases[0])
            first.append(time.perf_counter() - start)
        some = cases[:1] if first[0] > LONG else cases
        for case in some[1:]:  # what is kept for a question is made before anything is timed
            answer(case)
        while len(rounds) < 15 and sum(rounds) < ENOUGH:
            taken, times = one_round(lambda: [answer(case) for case in some])
            rounds.append(taken / times / len(some))
    except ComplexityError as error:
        return {"refused": str(error)}
    return {
        "first": first,
        "rounds": rounds,
        "answers": {name: values.tolist() for name, values in answers.items()},
        "peak": peak_memory(),
    }


@dataclass
class Cell:
    """What one contender did with one network; `failed` says why there is nothing."""

    first: Times | None = None
    rounds: Times | None = None
    answers: dict[str, list[float]] | None = None
    peak: float = 0.0
    failed: str = ""


def contest(
    place: str,
    targets: list[str] | None = None,
    *,
    contenders: tuple[str, ...] = CONTENDERS,
    passes: int = 5,
    limit: float = 60.0,
) -> dict[str, Cell]:
    """Every contender in turn, `passes` times; who fails or needs `limit` seconds once is not asked again.

    Raises AssertionError where two answers differ by more than 1e-9.
    """
    found = {name: Cell() for name in contenders}
    for _ in range(passes):
        for name, cell in found.items():
            if cell.failed or (cell.first is not None and cell.first.median > limit / 10):
                continue
            try:
                made = alone("-m", __name__, place, name, *(targets or ()), timeout=limit)
            except subprocess.TimeoutExpired:
                cell.failed = f"no answer within {limit:.0f} s"
                continue
            except RuntimeError as error:
                cell.failed = str(error).strip().splitlines()[-1][:120]
                continue
            if "refused" in made:
                cell.failed = made["refused"]
                continue
            cell.first = Times((*(cell.first.rounds if cell.first else ()), *made["first"]))
            cell.rounds = Times((*(cell.rounds.rounds if cell.rounds else ()), *made["rounds"]))
            cell.answers, cell.peak = made["answers"], max(cell.peak, made["peak"])
    answered = [cell.answers for cell in found.values() if cell.answers is not None]
    for other in answered[1:]:
        for name in answered[0].keys() & other.keys():
            np.testing.assert_allclose(answered[0][name], other[name], rtol=0, atol=1e-9, err_msg=name)
    return found


def faster(found: dict[str, Cell]) -> tuple[str, Cell]:
    """The faster of pyAgrum's two engines, or one that failed where both did."""
    both = [(name, cell) for name, cell in found.items() if name not in ("pgmpy", "massage_pain")]
    return min(both, key=lambda each: each[1].rounds.median if each[1].rounds else float("inf"))


def main() -> None:
    place, contender, *targets = sys.argv[1:]
    print(json.dumps(measured(place, contender, targets)))


if __name__ == "__main__":
    main()
