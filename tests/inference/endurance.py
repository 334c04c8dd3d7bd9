"""One assessment after another, a million of them, all different: does the process grow?

    python -m tests.inference.endurance --assessments 1000000

Prints the memory the process holds (resident set) as it goes; exit code 1 when it grew by more than 5 MB
after the first thousand assessments, which fill what is kept on purpose. Linux, where /proc tells it.
"""

from __future__ import annotations

import argparse
import gc
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import massage_pain as mp
from tests.benchmarks.clients import drawn

LIMIT_MB = 5.0
WARM = 1000


def told(back: mp.Reasoner, seed: int, people_drawn: int) -> Iterator[dict[str, str]]:
    """Cases without end, a different two thirds of the answers of one person after another."""
    frame = drawn(back.network, people_drawn, missing=0.0)
    people = {name: frame[name].to_numpy() for name in frame}
    names = list(people)
    generator = np.random.default_rng(seed)
    while True:
        for row in range(people_drawn):
            asked = np.flatnonzero(generator.random(len(names)) < 0.67)
            yield {names[at]: people[names[at]][row] for at in asked.tolist()}


def resident() -> float:
    """Megabytes of this process that are in memory, once what is unreachable is gone."""
    gc.collect()
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024 / 1e6


def growth(assessments: int, seed: int, *, people: int = 20_000, report: bool = False) -> float:
    """Megabytes that the process grows by in so many assessments, after the first thousand."""
    back = mp.load()
    cases = told(back, seed, people)
    for _ in range(WARM):
        back.assess(next(cases))
    before = resident()
    now = before
    for number in range(1, assessments + 1):
        back.assess(next(cases))
        if number % 50_000 == 0 or number == assessments:
            now = resident()
            if report:
                print(f"{number:,}: {now:.1f} MB, {now - before:+.1f}", flush=True)
    return now - before


def main(arguments: list[str] | None = None) -> int:
    """Run and report; 0 when memory grew by less than the limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--assessments", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    spent = time.process_time()
    grown = growth(chosen.assessments, chosen.seed, report=True)
    print(
        f"seed {chosen.seed}: {chosen.assessments:,} single assessments, all different: memory grew by "
        f"{grown:.1f} MB (limit {LIMIT_MB:.0f}); {time.process_time() - spent:.0f} s of processor"
    )
    return int(grown >= LIMIT_MB)


if __name__ == "__main__":
    sys.exit(main())
