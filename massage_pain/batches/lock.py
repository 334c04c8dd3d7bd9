"""That only one run writes the parts of a target: a lock that the system frees however a process ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from massage_pain.errors import CaseFileError, printable


class Lock:
    """A lock on a file; not taken until `take` is called."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self) -> None:
        """Take it. Raises `CaseFileError` where another process holds it."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(handle)
        except OSError:
            os.close(handle)
            raise CaseFileError(
                "another run is writing these answers now; wait for it, or choose another target.",
                file=printable(str(self._path.parent)),
            ) from None
        self._handle = handle

    @property
    def taken(self) -> bool:
        """Whether it is held here."""
        return self._handle is not None

    def free(self) -> None:
        """Give it back, if it was taken."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
