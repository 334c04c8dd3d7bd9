"""The text: 80 columns, no colour needed, the same words as the card."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massage_pain.display.text import assessment_text, screening_text

from . import summaries
from .test_card import in_order

TEXTS = {
    **{name: (assessment_text, make) for name, make in summaries.ASSESSMENTS.items()},
    **{name: (screening_text, make) for name, make in summaries.SCREENINGS.items()},
}
ALL = pytest.mark.parametrize("variant", TEXTS)


def text(variant: str, **options: object) -> str:
    render, make = TEXTS[variant]
    return render(make(), **{"encoding": "utf-8", **options})


@ALL
@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_is_wider_than_asked(variant: str, width: int) -> None:
    assert all(len(line) <= width for line in text(variant, width=width).splitlines())


@ALL
def test_no_trailing_blanks_and_no_control_characters(variant: str) -> None:
    for line in text(variant).splitlines():
        assert line == line.rstrip()
        assert line.isprintable()


@ALL
def test_it_degrades_to_ascii_without_losing_a_word(variant: str) -> None:
    full, plainer = text(variant), text(variant, encoding="ascii")
    assert plainer.isascii()
    assert re.findall(r"[a-zA-Z0-9]+", plainer) == re.findall(r"[a-zA-Z0-9]+", full)


@ALL
def test_colour_adds_nothing_but_colour(variant: str) -> None:
    coloured = text(variant, color=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == text(variant)
    assert "\x1b" not in text(variant)


@ALL
@pytest.mark.parametrize("name", summaries.NASTY)
def test_a_nasty_name_moves_no_cursor_and_hides_nothing(variant: str, name: str) -> None:
    render, make = TEXTS[variant]
    found = render(summaries.renamed(make(), name), encoding="utf-8")
    assert all(line.isprintable() for line in found.splitlines())
    assert "\\x1b[31mred" in found or "\x1b" not in name


@ALL
def test_the_wording_rules_hold(variant: str) -> None:
    words = re.sub(r"^! ", "", text(variant), flags=re.MULTILINE)  # the mark of a reason
    assert "!" not in words
    assert not re.search(r"diagnos|don.t worry|\bsafe\b|prior|posterior", words, re.IGNORECASE)
    assert words.count("Not a medical device.") == 1


def test_words_are_never_broken_however_long() -> None:
    name = "x" * 250
    found = assessment_text(summaries.renamed(summaries.see_doctor(), name), encoding="utf-8")
    # 12 are left of the fingerprint, which is cut on purpose
    assert {len(word) for word in re.findall(r"\bx+\b", found)} == {12, 250}
    assert name in found


@given(st.integers(40, 200), st.lists(st.text("abc -", min_size=1, max_size=30), min_size=6, max_size=6))
def test_ordinary_names_fit_any_width(width: int, names: list[str]) -> None:
    seen = summaries.stop_and_rest()
    for cause, name in zip(seen["causes"], names, strict=True):
        cause["label"] = name or "a"
    assert all(len(line) <= width for line in assessment_text(seen, width, encoding="utf-8").splitlines())


def test_self_care_in_order() -> None:
    in_order(
        text("self_care"),
        "[█░░░░] Self-care · urgency 1 of 5",
        "Look after it at home",
        "Most likely: Ordinary soreness, about 7 in 10.",
        "What to do",
        "* Rest, and keep moving gently. Keep the back warm.",
        "Because ordinary soreness is most likely (73%).",
        "What could be causing it",
        "now  before",
        "Ordinary soreness",
        "73%     40%",
        "What this rests on",
        "Network back_pain 1.0.0",
        "For learning and decision support. Not a medical device.",
    )


def test_provisional_names_five_questions_and_counts_the_rest() -> None:
    found = text("provisional_many")
    in_order(
        found, "for now", "14 safety questions are still open.", "Answer these first", "5. ", "nine more."
    )
    assert "6. " not in found
    assert found.index("Answer these first") < found.index("* Rest")


def test_an_emergency_stands_alone() -> None:
    found = text("emergency")
    in_order(
        found,
        "[█████] EMERGENCY · urgency 5 of 5",
        "Call emergency services now",
        "Call 112, 999, 911 or your local number.",
        "Why",
        "! Numbness between the legs or around the back passage: yes",
        "To read out or show",
        "Not asked yet:",
    )
    assert "%" not in found
    assert "█" not in found.split("\n", 1)[1]
    assert "warm" not in found
    assert "What to do" not in found


def test_bars_are_as_long_as_their_chance() -> None:
    for line in text("stop_and_rest").splitlines():
        found = re.search(r"([█░]{8,})\s+(\d+)%", line)
        if found:
            assert found[1].count("█") == pytest.approx(len(found[1]) * int(found[2]) / 100, abs=0.6)


def test_rare_chances_have_no_bars_in_text() -> None:
    assert "█" not in text("screening_none").split("\n", 1)[1]


def test_a_wide_script_is_measured_by_its_columns() -> None:
    seen = summaries.stop_and_rest()
    seen["causes"][0]["label"] = "肌肉劳损"
    line = next(
        each for each in assessment_text(seen, encoding="utf-8").splitlines() if each.startswith("肌肉")
    )
    other = next(
        each for each in assessment_text(seen, encoding="utf-8").splitlines() if "Muscle strain  " in each
    )
    assert line.index("█") + 4 == other.index("█")
