"""The work done by a Dask cluster (https://distributed.dask.org).

A task is a piece: its place in a file that every worker can read, the plan, and the reasoner as network and
rules (a few tens of kilobytes). What comes back are the bytes of its parts, which this process keeps. A
worker that is lost costs its tasks only: Dask gives them to another, and a part that comes twice is the
same part. A few tasks for each thread are under way at a time, so neither side fills its memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from massage_pain.batches.parts import Part, Parts
from massage_pain.batches.work import Piece, Work, piece_done
from massage_pain.errors import MissingExtraError, QueryError, printable, shown

if TYPE_CHECKING:
    from distributed import Client

_TASKS_A_THREAD = 3
_SECONDS = 30


@contextmanager
def client_of(scheduler: str | Any) -> Iterator[Client]:
    """A client of a scheduler, given by its address or as a client; who was given stays open.

    Raises `MissingExtraError`, and `QueryError` where no scheduler answers.
    """
    client, ours = _client(scheduler)
    try:
        yield client
    finally:
        if ours:
            client.close()


def run_there(
    work: Work,
    pieces: Iterable[Piece],
    parts: Parts,
    known: Mapping[str, str],
    *,
    client: Client,
    done: Callable[[Part], None],
) -> None:
    """Make the parts of all pieces on a cluster and keep them here; `done` is told of each, in no order.

    Raises what a piece raises.
    """
    from distributed import as_completed

    room = max(4, _TASKS_A_THREAD * sum(client.nthreads().values()))
    todo = iter(pieces)
    under_way = as_completed(loop=client.loop)

    def send() -> bool:
        piece = next(todo, None)
        if piece is None:
            return False
        mine = {name: key for name, key in known.items() if name.startswith(f"{piece.number:08d}")}
        under_way.add(client.submit(piece_done, work, piece, mine, pure=False))
        return True

    while under_way.count() < room and send():
        pass
    try:
        for future in under_way:
            for part in future.result():
                parts.put(part)
                done(part._replace(data=None))
            future.release()
            send()
    finally:
        client.cancel(list(under_way.futures))


def _client(scheduler: str | Any) -> tuple[Client, bool]:
    """A client of the scheduler, and whether it is ours to close."""
    try:
        from distributed import Client
    except ImportError:
        raise MissingExtraError(
            'A cluster needs Dask, which is not installed: pip install "massage_pain[distributed]".'
        ) from None
    if isinstance(scheduler, Client):
        return scheduler, False
    if not isinstance(scheduler, str):
        raise QueryError(
            "scheduler must be the address of a Dask scheduler or a distributed.Client, "
            f"got {shown(scheduler)}."
        )
    try:
        return Client(scheduler, timeout=_SECONDS, set_as_default=False), True
    except (OSError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise QueryError(f"No Dask scheduler answers at {shown(scheduler)} ({printable(first)}).") from None
