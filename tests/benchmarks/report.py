"""What was timed, as a table that says on which machine and with which versions."""

from __future__ import annotations

import datetime
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "benchmarks.md"


@dataclass
class Report:
    """One row for each thing that was timed, in the order it was timed."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(
        self, work: str, who: str, seconds: float, *, against: float | None = None, note: str = ""
    ) -> None:
        """A row: `seconds` for `work`; `against` is what it is a multiple of."""
        ratio = ""
        if against:
            less = against / seconds
            ratio = f"1/{less:,.0f} of the peer" if less >= 10 else f"1/{less:.1f} of the peer"
        self.rows.append((work, who, shown(seconds), f"{ratio}{', ' if ratio and note else ''}{note}"))


def shown(seconds: float) -> str:
    """Three figures with the unit that suits."""
    for factor, unit in ((1.0, "s"), (1e3, "ms")):
        if seconds * factor >= 1.0:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} us"


def best_of(rounds: int, work: Callable[[], Any]) -> float:
    """The shortest of several rounds, in seconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def page(rows: list[tuple[str, str, str, str]]) -> str:
    """The page of one run: machine, versions, date, and the table."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `python -m pytest tests/benchmarks --write-benchmarks`. Each figure is the best of",
        'several rounds in one run; "1/10 of the peer" is a tenth of the time of the row above that says',
        '"peer". The answers were checked equal before anything was timed.',
        "",
        f"* {datetime.date.today().isoformat()}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores{processor()}",
        f"* Python {platform.python_version()}, {', '.join(versions())}",
        "",
        "| work | by | time | |",
        "|---|---|---|---|",
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
    ]
    return "\n".join(lines)


def processor() -> str:
    """The processor's name where the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return f", {line.partition(':')[2].strip()}"
    except OSError:
        pass
    return ""


def versions() -> list[str]:
    """What was compared."""
    from importlib.metadata import PackageNotFoundError, version

    import massage_pain

    found = [f"massage_pain {massage_pain.__version__}"]
    for name in ("numpy", "pandas", "pgmpy", "pyagrum"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} absent")
    return found
