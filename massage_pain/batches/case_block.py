"""The cases that are answered together, wherever they came from."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.evidence import Evidence


class Texts:
    """A column of texts that grows: their bytes one after the other, and where each ends.

    Nothing is decoded before it is asked for, so that carrying a column along costs little. The bytes are
    UTF-8; an empty text counts as nothing.
    """

    def __init__(self) -> None:
        self._bytes: list[bytes] = []
        self._lengths: list[NDArray[np.intp]] = []

    def take(self, text: NDArray[np.uint8], starts: NDArray[np.intp], lengths: NDArray[np.intp]) -> None:
        """Add what stands at these places of a text."""
        behind = np.cumsum(lengths)
        where = np.repeat(starts - (behind - lengths), lengths)
        where += np.arange(len(where))
        self._bytes.append(text[where].tobytes())
        self._lengths.append(lengths)

    def extend(self, texts: Iterable[str]) -> None:
        """Add these."""
        encoded = [each.encode() for each in texts]
        self._bytes.append(b"".join(encoded))
        self._lengths.append(np.array([len(each) for each in encoded], dtype=np.intp))

    def data(self) -> tuple[bytes, NDArray[np.intp]]:
        """All bytes, and where each text begins and the last one ends, (n + 1,)."""
        lengths = np.concatenate([np.zeros(1, dtype=np.intp), *self._lengths])
        return b"".join(self._bytes), np.cumsum(lengths)

    def to_list(self) -> list[str]:
        """The texts."""
        data, ends = self.data()
        places = ends.tolist()
        if data.isascii():  # a byte is a letter
            letters = data.decode("ascii")
            return [letters[at:end] for at, end in pairwise(places)]
        return [data[at:end].decode() for at, end in pairwise(places)]


class CaseBlock(NamedTuple):
    """Findings of some rows, and what is carried along: `Texts`, or a pyarrow array, a column."""

    evidence: Evidence
    carried: tuple[Any, ...]
