"""Finding out which of some known texts each of a million cells holds, without making a text of any.

A cell is a place in a buffer of bytes: where it starts and how long it is. Its first eight bytes and, where
it is longer, its last eight make two 64-bit words; multiplied and shifted they give a row of a hash table
(multiplicative hashing, Knuth 1973, section 6.4), and one comparison says whether the text found there is
the cell's. All of it is array arithmetic over all cells. Texts that share a row of the table wait in a second
table, and so on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]
Places = NDArray[np.intp]
Words = NDArray[np.uint64]

CAPACITY = 4096
"""The most texts that are kept: a column of states has a handful, one of ages a hundred."""

_BITS = 13
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)  # odd, well mixed
_MASKS: Words = np.array([(1 << (8 * bytes_)) - 1 for bytes_ in range(9)], dtype=np.uint64)


def words_in(buffer: bytearray, start: int, count: int) -> Words:
    """The eight bytes that begin at each of `count` places of the buffer, as numbers; nothing is copied.

    The buffer must go on for seven bytes after the last place.
    """
    return np.ndarray((count,), "<u8", buffer, start, (1,))


class Lookup:
    """Some texts, frozen, and how to recognise them. A text's id is its position in `texts`."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.texts = tuple(texts)
        self.id_of = {text: at for at, text in enumerate(self.texts)}
        self._first = _numbers(text[:8] for text in self.texts)
        self._last = _numbers(text[-8:] if len(text) > 8 else b"" for text in self.texts)
        self._length: Places = np.array([len(each) for each in self.texts], dtype=np.intp)
        self._has_middle = self._length > 16
        self._tables: list[tuple[np.uint64, np.uint64, NDArray[np.int16]]] = []
        left = np.arange(len(self.texts))
        for at, factor in enumerate(_FACTORS):
            if not len(left):
                break
            factors = np.uint64(factor), np.uint64(_FACTORS[at - 1])
            rows = _hashed(self._first[left], self._last[left], *factors)
            table = np.zeros(1 << _BITS, dtype=np.int16)
            table[rows[::-1]] = left[::-1]  # of texts that share a row the first stays
            self._tables.append((*factors, table))
            left = left[table[rows] != left]

    def find(self, words: Words, starts: Places, lengths: Places) -> Ids:
        """The id of each cell's text, -1 for a text not known here; (n_cells,)."""
        first = words[starts]
        first &= _MASKS.take(lengths, mode="clip")
        last = np.zeros(0, dtype=np.uint64)
        long = np.flatnonzero(lengths > 8)
        if len(long):
            last = words[starts[long] + (lengths[long] - 8)]
        found: Ids = np.full(len(starts), -1, dtype=np.int32)
        if not self._tables:
            return found
        ids, right = self._compare(0, first, last, long, lengths)
        np.copyto(found, ids, where=right)
        for level in range(1, len(self._tables)):
            at = np.flatnonzero(~right)
            if not len(at):
                break
            inside = np.zeros(len(starts), dtype=bool)
            inside[at] = True
            of_long = inside[long]
            position = np.cumsum(inside) - 1
            ids, right_now = self._compare(
                level, first[at], last[of_long], position[long[of_long]], lengths[at]
            )
            found[at[right_now]] = ids[right_now]
            right[at] = right_now
        if self._has_middle.any():
            self._check_middles(words, starts, lengths, found)
        return found

    def _compare(
        self, level: int, first: Words, last: Words, long: Places, lengths: Places
    ) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
        """The text each cell has if it has one of this table's, and whether it has it."""
        one, other, table = self._tables[level]
        mixed = first * one
        if len(long):
            mixed[long] ^= last * other
        mixed >>= np.uint64(64 - _BITS)
        ids = table.take(mixed.view(np.int64))
        right = self._first.take(ids) == first
        right &= self._length.take(ids) == lengths
        if len(long):
            right[long] &= self._last.take(ids[long]) == last
        return ids, right

    def _check_middles(self, words: Words, starts: Places, lengths: Places, found: Ids) -> None:
        """Two words do not tell texts of more than sixteen bytes apart: compare what is between as well."""
        at = np.flatnonzero(lengths > 16)
        at = at[found[at] >= 0]
        for id in np.unique(found[at]).tolist():
            mine = at[found[at] == id]
            text = self.texts[id]
            for offset in range(8, len(text) - 8, 8):
                word = np.uint64(int.from_bytes(text[offset : offset + 8], "little"))
                wrong = words[starts[mine] + offset] != word
                found[mine[wrong]] = -1


class Vocabulary:
    """The texts met so far, known to all threads: that changes how fast, never what is found."""

    def __init__(self, texts: Iterable[bytes] = ()) -> None:
        self._lock = threading.Lock()
        self._lookup = Lookup(list(dict.fromkeys(texts))[:CAPACITY])

    @property
    def lookup(self) -> Lookup:
        """What is known now."""
        return self._lookup

    def learn(self, texts: Iterable[bytes]) -> None:
        """Know these as well, as far as there is room."""
        with self._lock:
            known = self._lookup
            new = [each for each in dict.fromkeys(texts) if each not in known.id_of]
            room = CAPACITY - len(known.texts)
            if new and room > 0:
                self._lookup = Lookup([*known.texts, *new[:room]])


def _numbers(texts: Iterable[bytes]) -> Words:
    return np.array([int.from_bytes(each, "little") for each in texts], dtype=np.uint64)


def _hashed(first: Words, last: Words, one: np.uint64, other: np.uint64) -> Places:
    return (((first * one) ^ (last * other)) >> np.uint64(64 - _BITS)).astype(np.intp)
