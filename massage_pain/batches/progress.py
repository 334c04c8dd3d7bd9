"""How far a run is: what is told to whoever asked, and the bar on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO, TypeAlias


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. `share` from 0 to 1; `seconds_left` None as long as nobody can tell."""

    rows: int
    share: float
    seconds: float
    rows_per_second: float
    seconds_left: float | None


Listener: TypeAlias = Callable[[Progress], None]


class Clock:
    """Counts what is done and tells the listener; what an earlier run did has no part in the rate."""

    def __init__(self, total: int, listener: Listener | None) -> None:
        self._total, self._listener = total, listener
        self._begun = time.monotonic()
        self._done = self._kept = self._rows = self._kept_rows = 0

    @property
    def seconds(self) -> float:
        """Since the run began."""
        return time.monotonic() - self._begun

    @property
    def kept_rows(self) -> int:
        """Rows that an earlier run had answered."""
        return self._kept_rows

    def add(self, amount: int, rows: int, *, kept: bool) -> None:
        """So much more is done."""
        self._done += amount
        self._rows += rows
        if kept:
            self._kept += amount
            self._kept_rows += rows
        if self._listener is not None:
            self._listener(self.now())

    def now(self) -> Progress:
        """How far it is."""
        seconds = self.seconds
        share = min(1.0, self._done / self._total) if self._total else 1.0
        fresh = self._done - self._kept
        left = seconds * (self._total - self._done) / fresh if fresh and seconds else None
        rate = (self._rows - self._kept_rows) / seconds if seconds else 0.0
        return Progress(self._rows, share, seconds, rate, left)


class Bar:
    """One line on a terminal, drawn over itself."""

    _WIDTH = 24
    _EVERY = 0.2

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._last = float("-inf")
        self._drawn = 0

    def __call__(self, progress: Progress) -> None:
        """Draw it, a few times a second."""
        now = time.monotonic()
        if now - self._last >= self._EVERY or progress.share >= 1.0:
            self._last = now
            line = bar_line(progress, self._WIDTH)
            self._put("\r" + line.ljust(self._drawn))
            self._drawn = len(line)

    def close(self) -> None:
        """Wipe it out."""
        if self._drawn:
            self._put("\r" + " " * self._drawn + "\r")
            self._drawn = 0

    def _put(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def bar_line(progress: Progress, width: int = 24) -> str:
    """The bar in plain letters: how much, how fast, how long still."""
    full = round(progress.share * width)
    left = "" if progress.seconds_left is None else f", {as_time(progress.seconds_left)} left"
    return (
        f"[{'#' * full}{'.' * (width - full)}] {progress.share:4.0%} {progress.rows:,} rows, "
        f"{progress.rows_per_second:,.0f} a second{left}"
    )


def as_time(seconds: float) -> str:
    """Seconds as 0:07, 12:40 or 3:05:00."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def on_a_terminal() -> bool:
    """Whether anyone would see a bar."""
    try:
        return bool(sys.stderr.isatty())
    except (AttributeError, ValueError):
        return False
