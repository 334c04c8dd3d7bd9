"""Words on lines, for drawings: SVG does not wrap.

Widths are estimates for a 13 px sans-serif, on the generous side since fonts differ. Only a word that is
wider than its line is cut, for there is nowhere else to put it.
"""

from __future__ import annotations

from functools import lru_cache

_NARROW = frozenset("ijl.,;:'|!()[]{}ft I/\\-`r")
_WIDE = frozenset("mwMWQOG@%&—…_")


class _Widths(dict[str, float]):
    """The width of a letter, found once."""

    def __missing__(self, letter: str) -> float:
        if ord(letter) > 0x2E80:
            found = 13.5
        elif letter in _NARROW:
            found = 4.8
        elif letter in _WIDE:
            found = 11.5
        else:
            found = 9.2 if letter.isupper() else 7.7
        if len(self) < 4096:
            self[letter] = found
        return found


_WIDTHS = _Widths()


def text_width(words: str) -> float:
    """About how wide `words` are at 13 px, on the generous side, since fonts differ."""
    return sum(map(_WIDTHS.__getitem__, words))


def wrapped(words: str, room: float) -> list[str]:
    """`words` in lines of at most `room` pixels; at least one line."""
    return list(_lines(words, room))


@lru_cache(maxsize=2048)
def _lines(words: str, room: float) -> tuple[str, ...]:
    lines: list[str] = []
    for word in words.split():
        for piece in _pieces(word, room):
            if lines and piece is word and text_width(f"{lines[-1]} {word}") <= room:
                lines[-1] += f" {word}"
            else:
                lines.append(piece)
    return tuple(lines) or ("",)


def _pieces(word: str, room: float) -> list[str]:
    """A word that is wider than its node, in pieces; any other word as it is."""
    if text_width(word) <= room:
        return [word]
    pieces = [""]
    for letter in word:
        if pieces[-1] and text_width(pieces[-1] + letter) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces
