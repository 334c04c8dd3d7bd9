"""The cards: well-formed, self-contained, nothing foreign gets through, and the right thing first."""

from __future__ import annotations

import copy
import re
import subprocess
import sys

import pytest

from massage_pain.display import wording
from massage_pain.display.card import assessment_card, screening_card, style_tag
from massage_pain.display.escape import escape, plain

from . import summaries
from .pages import OUTSIDE, Page

CARDS = {
    **{name: (assessment_card, make) for name, make in summaries.ASSESSMENTS.items()},
    **{name: (screening_card, make) for name, make in summaries.SCREENINGS.items()},
}
ALL = pytest.mark.parametrize("variant", CARDS)
BLOCKS = "style article div p h3 h4 ul ol li details summary table caption thead tbody tr th td"
SMALL = "b br small span i svg rect line path circle text"
TAGS = {*BLOCKS.split(), *SMALL.split()}
PLACES = "viewbox width height x y x1 x2 y1 y2 rx d cx cy r overflow text-anchor"
PAINT = "fill stroke stroke-width stroke-linejoin stroke-linecap stroke-dasharray"
WORDS = "class role scope open aria-label aria-hidden focusable"
ATTRIBUTES = {*PLACES.split(), *PAINT.split(), *WORDS.split()}


def card(variant: str) -> str:
    render, make = CARDS[variant]
    return render(make())


def visible(variant: str) -> str:
    return Page(card(variant)).text


@ALL
def test_it_is_well_formed(variant: str) -> None:
    page = Page(card(variant))
    assert page.problems == []
    assert page.names <= TAGS
    assert page.attributes <= ATTRIBUTES


@ALL
def test_it_asks_no_other_place_for_anything_and_runs_nothing(variant: str) -> None:
    source = card(variant)
    page = Page(source)
    assert not page.attributes & OUTSIDE
    assert not any(name.startswith("on") or name == "id" for name in page.attributes)
    assert "url(" not in source
    assert "@import" not in source
    assert "prefers-color-scheme" not in source


@ALL
@pytest.mark.parametrize("name", summaries.NASTY)
def test_a_nasty_name_never_gets_through(variant: str, name: str) -> None:
    render, make = CARDS[variant]
    source = render(summaries.renamed(make(), name))
    page = Page(source)
    assert page.problems == []
    assert page.names <= TAGS
    assert page.attributes <= ATTRIBUTES
    assert source.isprintable()
    assert source.count(style_tag()) == 1
    assert " ".join(plain(name).split()) in " ".join([*page.words, *page.folded])
    if escape(name) != name:
        assert name not in source


@ALL
def test_it_is_small_and_always_the_same(variant: str) -> None:
    render, make = CARDS[variant]
    summary = make()
    kept = copy.deepcopy(summary)
    source = render(summary)
    assert source == render(make())
    assert summary == kept
    assert len(source.encode()) < 24_000
    assert len(style_tag().encode()) < 12_000
    assert render(summary, style=False) == source.removeprefix(style_tag())


@ALL
def test_every_drawing_is_hidden_from_screen_readers_and_its_number_is_text(variant: str) -> None:
    page = Page(card(variant))
    outer = [given for tag, given, above in page.tags if tag == "svg" and "svg" not in above]
    assert outer
    assert all(given.get("aria-hidden") == "true" for given in outer)
    rows = [1 for tag, given, _ in page.tags if tag == "tr" and given.get("role") == "row"]
    assert len(rows) <= 1 + sum("%" in each or "in 100" in each for each in [*page.words, *page.folded])


@ALL
def test_the_wording_rules_hold(variant: str) -> None:
    page = Page(card(variant))
    words = " ".join([*page.words, *page.folded])
    assert "!" not in words
    assert not re.search(r"diagnos|don.t worry|\bsafe\b|prior|posterior|credible", words, re.IGNORECASE)
    assert not re.search(r"\d\.\d+%|1 in [2-9]\b", words)
    assert words.count("Not a medical device.") == 1


@ALL
def test_print_in_an_untrusted_notebook_every_row_keeps_its_line_breaks(variant: str) -> None:
    for before in re.findall(r"(.{4})<small>", card(variant)):
        assert before == "<br>" or before.endswith((" ", ">"))


# -- what comes first ------------------------------------------------------------------------------------


def in_order(text: str, *parts: str) -> None:
    at = 0
    for part in parts:
        found = text.find(part, at)
        assert found >= 0, f"{part!r} is missing, or stands earlier, in: {text}"
        at = found + len(part)


def test_self_care_reads_urgency_action_reason_chances() -> None:
    in_order(
        visible("self_care"),
        "Self-care · urgency 1 of 5",
        "Look after it at home",
        "Most likely: Ordinary soreness, about 7 in 10.",
        "What to do",
        "Rest, and keep moving gently.",
        "Because ordinary soreness is most likely (73%).",
        "Take care: only one such medicine at a time",
        "What could be causing it",
        "Ordinary soreness about 7 in 10 40% 73%",
        "None of these six",
        "interval not computed",
        "What this rests on",
        "Safety questions: 14 answered",
        "Not a medical device.",
    )
    assert "for now" not in visible("self_care")


def test_provisional_self_care_asks_before_it_advises() -> None:
    in_order(
        visible("provisional"),
        "Self-care, provisional · urgency 1 of 5",
        "Look after it at home, for now",
        "Three safety questions are still open.",
        "Answer these first",
        "Is it numb between the legs",
        "“Yes” could mean: emergency.",
        "If all three are no",
        "Rest, and keep moving gently.",
    )
    assert 'class="mp u1 prov"' in card("provisional")


def test_of_many_open_questions_the_five_most_urgent_show_and_the_rest_are_counted() -> None:
    page = Page(card("provisional_many"))
    assert page.text.count("could mean") == 5
    assert "14 safety questions are still open." in page.text
    assert "Nine more safety questions" in page.text
    assert "“70 years or more” could mean: medical help today." in page.folded
    assert "If none of these is a warning sign" in page.text
    assert any("You said you cannot tell." in each for each in page.folded)


def test_an_open_question_that_cannot_raise_the_urgency_is_folded() -> None:
    page = Page(card("same_day"))
    assert "Still to answer" not in page.text
    assert "three left that cannot make this more urgent" in page.text


def test_a_red_flag_says_why_and_that_the_chances_do_not_decide() -> None:
    in_order(
        visible("see_doctor"),
        "See a doctor, at least",
        "Possible pressure on a nerve.",
        "Your answers decide this, not the chances below.",
        "See a doctor within a few days.",
        "Because you answered “Numb arm or leg: yes”.",
        "Still to answer",
        "What could be causing it",
        "Most likely: Nerve compression, about 7 in 10.",
    )


def test_a_less_urgent_flag_keeps_its_reason_and_loses_its_action() -> None:
    text = visible("same_day")
    assert "See a doctor within a few days." not in text
    in_order(
        text, "Get medical help today, by phone", "Mention this too when you are seen.", "Numb arm or leg"
    )


def test_an_emergency_stands_alone() -> None:
    page = Page(card("emergency"))
    in_order(
        page.text,
        "EMERGENCY · urgency 5 of 5",
        "Call emergency services now",
        "Call 112, 999, 911 or your local number. Say: “Pain at a back massage: numbness between the legs or "
        "around the back passage”.",
        "Why",
        "Numbness between the legs or around the back passage: yes",
        "Hours matter.",
        "To read out or show",
        "Back pain. Numbness between the legs",
        "Swelling: no.",
        "Not asked yet: Bladder or bowel change",
        "Show the probabilities (for teaching; they cannot change this advice)",
    )
    assert "%" not in page.text
    assert "in 10" not in page.text
    for advice in ("warm", "moving", "No massage", "within a few days"):
        assert advice not in " ".join([*page.words, *page.folded])


@pytest.mark.parametrize("variant", ["emergency", "screening_emergency"])
def test_an_emergency_has_no_bars_outside_the_closed_fold(variant: str) -> None:
    page = Page(card(variant))
    bars = [above for tag, given, above in page.tags if given.get("class") in ("so", "pa", "bar", "top")]
    assert bars
    assert all("details" in above for above in bars)
    assert not any("open" in given for tag, given, _ in page.tags if tag == "details")
    assert ":not(.u5) details::details-content" in style_tag()


def test_the_emergency_numbers_are_the_callers() -> None:
    assert (
        "Call 144 or your local number." in Page(assessment_card(summaries.emergency(), numbers=["144"])).text
    )
    nameless = Page(assessment_card(summaries.emergency(), numbers=[])).text
    assert "Call your local emergency number." in nameless
    assert not re.search("112|999|911", nameless)


def test_none_of_these_comes_first_when_it_is_likeliest() -> None:
    in_order(
        visible("none_of_these"),
        "See a doctor",
        "None of the causes this model knows fits well.",
        "For about 4 in 10 people with these answers, none of the six would be present.",
        "The causes, for what they are worth",
        "None of these six",
        "Ordinary soreness",
    )


def test_a_tie_is_said() -> None:
    text = visible("tie")
    assert "Two causes share the first place: Muscle strain and Fasciitis" in text
    assert card("tie").count("class=top") == 2


def test_a_network_without_rules_gets_a_plain_card_with_the_leading_cause() -> None:
    text = visible("without_rules")
    in_order(text, "asia · no advice rules", "lung: from 6 to 62 in 100", "Most likely: lung", "The chances")
    assert "urgency" not in text
    assert "What to do" not in text


def test_intervals_are_drawn_when_they_are_there() -> None:
    source = card("intervals")
    assert source.count('class="pa"') == 7  # six causes and the key
    text = visible("intervals")
    in_order(text, "likely range", "82 to 92%", "Solid: at least. Pale: up to (90% range).")
    assert "interval not computed" not in text
    assert 'class="pa"' not in card("stop_and_rest")


def test_screening_says_what_it_found_and_what_could_be_changed() -> None:
    in_order(
        visible("screening_none"),
        "Before a massage · no reason found",
        "No reason found against a massage",
        "Ask for light pressure.",
        "Back pain around a massage: 22 in 100 people with the same answers.",
        "With none of the known factors: 8 in 100.",
        "What you could change",
        "Pressure of the massage too hard → light 6 fewer in 100 from 22 to 16 in 100",
        "Session over an hour yes → no",
        "Ordinary soreness 5 in 100 before the answers",
    )
    assert "in 10 " not in visible("screening_none")


def test_screening_with_open_questions_is_provisional() -> None:
    text = visible("screening_provisional")
    in_order(
        text, "no reason found so far", "No reason found against a massage, for now", "Answer these first"
    )
    in_order(visible("screening_ask"), "Ask a doctor first, for now", "What to do", "Still to answer")


def test_do_not_massage_leaves_no_hint_how_to_massage_better() -> None:
    text = visible("screening_do_not")
    in_order(
        text,
        "Do not massage. Get medical help today",
        "Do not massage, anywhere.",
        "Get medical help today.",
        "Mention this too when you are seen.",
        "The chances, if there were a massage",
    )
    assert "What you could change" not in text
    assert "light pressure only" not in text


def test_equal_cards_on_one_page_share_no_id() -> None:
    assert "id=" not in card("stop_and_rest") + card("emergency")


def test_every_kind_of_advice_and_every_urgency_has_a_drawing_or_a_dot() -> None:
    for name, words in wording.URGENCIES.items():
        seen = summaries.stop_and_rest()
        seen["urgency"] = {"name": name, "level": words.level}
        assert f"mp u{words.level}" in assessment_card(seen)
        assert words.title in Page(assessment_card(seen)).text


def test_a_summary_of_nothing_is_still_a_card() -> None:
    seen = summaries.without_rules()
    seen |= {"causes": [], "none_of_these": None, "said": []}
    text = Page(assessment_card(seen)).text
    assert "No causes to weigh" in text


def test_display_needs_nothing_heavy() -> None:
    code = (
        "import sys; from massage_pain.display import card, text, network_drawing;"
        "print(sorted({'pandas', 'networkx', 'scipy', 'IPython', 'html'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
