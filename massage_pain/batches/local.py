"""The work done by threads of this process: numpy computes outside Python's lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import numpy as np

from massage_pain.batches.parts import Part, Parts
from massage_pain.batches.work import Block, Piece, Work

_KEPT = 2**25 - 2**13


def run_here(
    work: Work,
    pieces: Iterable[Piece],
    parts: Parts,
    known: Mapping[str, str],
    *,
    threads: int,
    done: Callable[[Part], None],
) -> None:
    """Make and keep the parts of all pieces; `done` is told of each, in no order, in the caller's thread.

    At most one block more than there are threads is in memory. Raises what a block raises, once those under
    way have ended.
    """
    _keep_memory()

    def make(block: Block) -> Part:
        part = work.part(block, known)
        parts.put(part)
        return part._replace(data=None)

    waiting: set[Future[Part]] = set()
    with ThreadPoolExecutor(threads, thread_name_prefix="massage-pain") as pool:
        try:
            for piece in pieces:
                for block in piece.blocks(known):
                    waiting.add(pool.submit(make, block))
                    if len(waiting) > threads:
                        ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                        for each in ready:
                            done(each.result())
            for each in waiting:
                done(each.result())
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _keep_memory() -> None:
    """Let the C library keep freed memory, up to some tens of megabytes, for the next block.

    By default it gives every array of some size back to the system and fetches new pages for the next one,
    which can cost more than the arithmetic. The GNU library raises its thresholds once an array of this
    size is freed; elsewhere this does nothing.
    """
    np.empty(_KEPT, dtype=np.uint8)
