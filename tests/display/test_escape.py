"""The gate for foreign words."""

from __future__ import annotations

import html
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from massage_pain.display.escape import escape, plain

anything = st.text(st.characters(codec="utf-8"))


@given(anything)
def test_nothing_invisible_and_no_line_break_gets_through(text: str) -> None:
    found = plain(text)
    assert found.isprintable()
    assert all(unicodedata.category(letter) not in ("Cc", "Cf") for letter in found)


@given(anything)
def test_escaped_text_says_the_same_and_holds_no_markup(text: str) -> None:
    found = escape(text)
    assert not set("<>\"'") & set(found)
    assert html.unescape(found) == plain(text)


def test_ordinary_words_pass_unchanged() -> None:
    assert plain("Numb arm: “yes”, 40 °C – café") == "Numb arm: “yes”, 40 °C – café"
