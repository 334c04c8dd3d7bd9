"""How long things take: several contenders in turn, so that what else the machine does meets them all."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Times:
    """The seconds of each round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median round."""
        return statistics.median(self.rounds)

    @property
    def quartiles(self) -> tuple[float, float]:
        """A quarter of the rounds were no longer than the first, a quarter no shorter than the second."""
        if len(self.rounds) == 1:
            return self.rounds[0], self.rounds[0]
        low, _, high = statistics.quantiles(self.rounds, n=4, method="inclusive")
        return low, high

    def __mul__(self, factor: float) -> Times:
        return Times(tuple(each * factor for each in self.rounds))

    def __truediv__(self, count: float) -> Times:
        return self * (1.0 / count)


ROUND = 0.02
"""Seconds of a round at least: short work is repeated, or what came before it would be timed as well."""


def alternating(
    rounds: int, contenders: Mapping[str, Callable[[], Any]], *, limit: float = 20.0
) -> dict[str, Times]:
    """Each contender for a round, then each for another, ... (A B C A B C ...); warm: each was called before.

    One that has had `limit` seconds takes no part in the rounds that are left.
    """
    found: dict[str, list[float]] = {name: [] for name in contenders}
    spent = dict.fromkeys(contenders, 0.0)
    for _ in range(rounds):
        for name, work in contenders.items():
            if spent[name] < limit:
                taken, times = one_round(work)
                found[name].append(taken / times)
                spent[name] += taken
    return {name: Times(tuple(each)) for name, each in found.items()}


def one_round(work: Callable[[], Any], least: float = ROUND) -> tuple[float, int]:
    """The seconds of a round, and how many times the work was done in it."""
    start = time.perf_counter()
    times = 0
    taken = 0.0
    while taken < least:
        work()
        times += 1
        taken = time.perf_counter() - start
    return taken, times


def timed(rounds: int, work: Callable[[], Any]) -> Times:
    """One contender alone."""
    return alternating(rounds, {"": work})[""]


def alone(*arguments: str, timeout: float | None = None) -> dict[str, Any]:
    """What a Python process of its own prints last, as JSON: its memory is that of the work alone.

    Raises `subprocess.TimeoutExpired`.
    """
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env=environment,
        timeout=timeout,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)[:80]}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def peak_memory() -> int:
    """The most bytes this process has held, of which /proc tells (getrusage begins at the parent's)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return 1024 * int(line.split()[1])
    raise OSError("/proc/self/status has no VmHWM")
