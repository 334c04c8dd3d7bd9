"""A limit on the time that a parser which cannot be asked to stop may take.

The work runs in a thread of its own. When time is up, an exception is raised inside that thread, so
that it does not go on in the background.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


class TimeIsUpError(Exception):
    """The work took longer than it may."""


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` answers or raises; `TimeIsUpError` when it takes longer than `seconds`."""
    answers: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except BaseException as error:  # handed on to the caller below
            errors.append(error)

    thread = Thread(target=run, daemon=True)
    try:
        thread.start()
    except RuntimeError:  # no threads here (a browser): then it takes as long as it takes
        return work()
    thread.join(max(0.0, seconds))
    if thread.is_alive():
        _stop(thread)
        raise TimeIsUpError
    if errors:
        raise errors[0]
    return answers[0]


def _stop(thread: Thread) -> None:
    from ctypes import c_ulong, py_object, pythonapi

    while thread.is_alive():
        pythonapi.PyThreadState_SetAsyncExc(c_ulong(thread.ident or 0), py_object(TimeIsUpError))
        thread.join(0.1)
