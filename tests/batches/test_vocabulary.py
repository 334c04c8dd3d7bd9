"""Recognising known texts in a buffer of bytes: the same as a dictionary would."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massage_pain.batches import vocabulary
from massage_pain.batches.vocabulary import CAPACITY, Lookup, Vocabulary, words_in

TEXT = st.binary(max_size=40)


def found(lookup: Lookup, cells: list[bytes]) -> list[int]:
    """The ids of cells written one after the other."""
    buffer = bytearray(b"".join(cells)) + bytearray(8)
    ends = np.cumsum([len(each) for each in cells], dtype=np.intp)
    lengths = np.array([len(each) for each in cells], dtype=np.intp)
    ids: list[int] = lookup.find(words_in(buffer, 0, len(buffer) - 7), ends - lengths, lengths).tolist()
    return ids


@given(st.lists(TEXT, unique=True), st.lists(TEXT))
def test_a_text_is_found_where_it_is_known_and_nowhere_else(texts: list[bytes], others: list[bytes]) -> None:
    cells = [*texts, *others, *reversed(texts)]
    lookup = Lookup(texts)
    assert found(lookup, cells) == [lookup.id_of.get(each, -1) for each in cells]


@given(st.integers(17, 40), st.data())
def test_texts_that_differ_in_the_middle_only(length: int, data: st.DataObject) -> None:
    text = bytes(range(65, 65 + length))
    at = data.draw(st.integers(8, length - 9))
    other = text[:at] + b"!" + text[at + 1 :]
    assert found(Lookup([text]), [text, other, text]) == [0, -1, 0]
    assert found(Lookup([text, other]), [text, other, text]) == [
        0,
        -1,
        0,
    ]  # the second is looked up by itself


def test_texts_that_share_a_row_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "_BITS", 3)
    texts = [b"%d" % each for each in range(20)]
    lookup = Lookup(texts)
    ids = found(lookup, texts)
    kept = [at for at, id in enumerate(ids) if id >= 0]
    assert len(kept) > 10  # four tables of eight rows
    assert all(ids[at] == at for at in kept)


def test_a_vocabulary_learns_as_far_as_there_is_room() -> None:
    known = Vocabulary([b"absent", b"present", b"absent"])
    before = known.lookup
    known.learn([b"present", b"firm"])
    assert known.lookup.texts == (b"absent", b"present", b"firm")
    assert before.texts == (b"absent", b"present")  # who reads meanwhile keeps what he has
    known.learn(b"%d" % each for each in range(10_000))
    assert len(known.lookup.texts) == CAPACITY
    assert Vocabulary().lookup.texts == ()
    assert found(Vocabulary().lookup, [b"a", b""]) == [-1, -1]
