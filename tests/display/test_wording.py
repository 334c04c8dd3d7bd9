"""Numbers and words: rules that hold for every probability, not only for examples."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massage_pain.display import wording

probabilities = st.floats(0.0, 1.0)
BOUNDS = {"fewer than": -0.5, "more than": 0.5}


def number(words: str) -> float:
    """What the words rank as: "fewer than 1" comes before 1, ">99" after 99."""
    found = re.search(r"\d+", words)
    assert found
    below = words.startswith(("<", "fewer", "under"))
    above = words.startswith((">", "more", "over"))
    return int(found[0]) - 0.5 * below + 0.5 * above


@given(probabilities)
def test_percent_and_tenths_agree(p: float) -> None:
    percent, share = wording.chance(p), wording.tenths(p)
    whole = wording.whole_percent(p)
    if percent.startswith("<") or whole < 10:
        assert share == ("fewer than 1 in 10" if p else "0 in 10")
    elif whole > 95:
        assert share == ("more than 9 in 10" if p < 1 else "10 in 10")
    else:
        assert abs(number(share.removeprefix("about ")) * 10 - whole) <= 5


@given(probabilities, probabilities)
def test_equal_percents_have_equal_tenths(p: float, q: float) -> None:
    if wording.chance(p) == wording.chance(q):
        assert wording.tenths(p) == wording.tenths(q)


@pytest.mark.parametrize("say", [wording.chance, wording.tenths, wording.hundreds])
@given(p=probabilities, q=probabilities)
def test_more_likely_never_sounds_less_likely(say, p: float, q: float) -> None:
    low, high = sorted((p, q))
    assert number(say(low).removeprefix("about ")) <= number(say(high).removeprefix("about "))


@given(st.integers(0, 1000))
def test_halves_round_up(thousandths: int) -> None:
    assert wording.whole_percent(thousandths / 1000) == (thousandths + 5) // 10


@given(probabilities)
def test_only_the_impossible_is_0_and_only_the_observed_is_100_percent(p: float) -> None:
    assert (wording.chance(p) == "0%") == (p == 0)
    assert (wording.chance(p) == "100%") == (p == 1)


@given(probabilities, probabilities)
def test_an_interval_names_both_ends_or_the_one_that_is_not_at_the_edge(p: float, q: float) -> None:
    low, high = sorted((p, q))
    words = wording.interval(low, high)
    assert words.endswith("%")
    assert "%" not in words[:-1]
    assert not re.search(r"\d\.\d", words)
    numbers = [int(each) for each in re.findall(r"\d+", words)]
    assert numbers == sorted(numbers)
    assert all(0 <= each <= 100 for each in numbers)


@given(probabilities, probabilities)
def test_before_and_after_have_one_denominator(before: float, after: float) -> None:
    words = wording.from_to(before, after)
    assert words.count(" in 100") == 1
    assert words.endswith(" in 100")


@given(probabilities, probabilities)
def test_a_difference_is_that_of_the_figures_shown(before: float, after: float) -> None:
    words = wording.fewer_or_more(before, after)
    shown = wording.whole_percent(before) - wording.whole_percent(after)
    if shown == 0:
        assert words == "hardly any change"
    else:
        assert words == f"{abs(shown)} {'fewer' if shown > 0 else 'more'} in 100"


@given(st.floats(-30, 30))
def test_bits_carry_a_real_minus_and_a_factor(weight: float) -> None:
    words = wording.bits(weight)
    assert "-" not in words.split(",")[0]
    if not words.startswith("0.0"):
        assert words[0] == ("+" if weight > 0 else wording.MINUS)
        assert ("×" in words) == (weight > 0)


@given(st.floats(1e-6, 1.0))
def test_a_parameter_keeps_two_figures(value: float) -> None:
    written = float(wording.two_figures(value))
    assert (
        abs(written - value) <= 0.051 * min(value, max(1 - value, 0.01)) + 1e-9
        or abs(written - value) <= 0.005
    )
    assert 0 < written <= 1


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        (0.3, "hardly matters"),
        (-0.3, "hardly matters"),
        (0.34, "slightly for"),
        (-1.0, "moderately against"),
        (2.0, "strongly for"),
        (-10 / 3, "very strongly against"),
    ],
)
def test_bits_in_words(weight: float, words: str) -> None:
    assert wording.weight_in_words(weight) == words


def test_the_five_urgencies_have_five_levels_and_words_of_their_own() -> None:
    levels = [each.level for each in wording.URGENCIES.values()]
    assert levels == [1, 2, 3, 4, 5]
    assert len({each.title for each in wording.URGENCIES.values()}) == 5
