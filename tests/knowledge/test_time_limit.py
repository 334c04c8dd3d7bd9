"""Work that cannot be asked to stop is stopped."""

from __future__ import annotations

import threading

import pytest

from massage_pain.knowledge.time_limit import TimeIsUpError, within


def test_it_answers_and_raises_what_the_work_does() -> None:
    assert within(60, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(60, lambda: 1 // 0)


# Python may be in a callback (hypothesis has one for the collector) when it is told to stop; it says so then.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_work_that_goes_on_is_stopped_and_not_left_running() -> None:
    before = threading.active_count()

    def forever() -> None:
        while True:
            pass

    with pytest.raises(TimeIsUpError):
        within(0.05, forever)
    assert threading.active_count() == before


def test_without_threads_it_takes_as_long_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert within(60, lambda: 7) == 7
