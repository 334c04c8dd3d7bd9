"""Many cases a block at a time, on as many processors as there are.

Blocks have a fixed size and a place of their own in the answer, so the answers do not depend on how many
threads there are or in which order they finish. numpy works outside Python's lock on arrays of that size.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

BLOCKS_A_THREAD = 8
"""Fewer blocks than this are not worth a thread."""


def in_blocks(count: int, size: int, work: Callable[[slice], None], *, least: int = BLOCKS_A_THREAD) -> None:
    """Call `work` for rows 0 to `count`, `size` at a time; raises what a call raises.

    `least`: so many blocks are worth a thread.
    """
    blocks = [slice(start, min(count, start + size)) for start in range(0, count, size)]
    threads = min(processors(), len(blocks) // least)
    if threads <= 1:
        for each in blocks:
            work(each)
        return
    waiting = iter(blocks)
    lock = threading.Lock()
    failures: list[BaseException] = []

    def run() -> None:
        while not failures:
            with lock:
                block = next(waiting, None)
            if block is None:
                return
            try:
                work(block)
            except BaseException as error:  # handed to the caller's thread
                failures.append(error)

    workers = [threading.Thread(target=run, daemon=True) for _ in range(threads - 1)]
    for worker in workers:
        worker.start()
    run()
    for worker in workers:
        worker.join()
    if failures:
        raise failures[0]


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
