"""Every result as a card: the table is the chart, and says all without its drawings."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import massage_pain as mp
from massage_pain.display import row_marks, scales
from massage_pain.display.report_card import report_card
from massage_pain.display.style import SHEET
from massage_pain.display.tables import Drawn, Report, Table, as_html, as_text
from massage_pain.display.urgent import warned

from .pages import OUTSIDE, Page
from .summaries import NASTY

CASE = {
    "limb_numbness": "present",
    "restricted_movement": "present",
    "muscle_stiffness": "present",
    "local_swelling": "absent",
    "massage_pressure": "firm",
}
BEFORE = {"massage_pressure": "excessive", "focal_pressure": "present", "limb_numbness": "present"}


def interviewed(back: mp.Reasoner) -> Any:
    now = back.interview({"limb_numbness": "absent"})
    for _ in range(3):
        now = now.none() if now.question.none_of_these else now.unsure()
    return now


RESULTS: dict[str, Callable[[mp.Reasoner], Any]] = {
    "explanation": lambda back: back.explain(CASE),
    "questions": lambda back: back.ask(CASE),
    "sensitivity": lambda back: back.sensitivity(CASE),
    "reach": lambda back: back.sensitivity(CASE).to_reach(0.5),
    "intervals": lambda back: back.intervals(CASE, draws=50),
    "what_if": lambda back: back.what_if(BEFORE, do={"massage_pressure": "light"}, draws=20),
    "ranking": lambda back: back.what_if(BEFORE, draws=0),
    "assume": lambda back: back.what_if(CASE, assume={"limb_numbness": "absent"}, draws=0),
    "would_have": lambda back: back.would_have(BEFORE, do={"massage_pressure": "light"}),
    "most_probable": lambda back: back.most_probable(CASE),
    "interview": interviewed,
    "monitor": lambda back: back.monitor().observe(5, {"limb_numbness": "present"}).observe(9),
    "conflict": lambda back: back.conflict(CASE, draws=50),
    "calibration": lambda back: back.calibration(back.simulate(500, seed=1)),
}
ALL = pytest.mark.parametrize("kind", RESULTS)


@pytest.fixture(scope="module")
def shown(back: mp.Reasoner) -> Callable[[str], Any]:
    kept: dict[str, Any] = {}

    def result(kind: str) -> Any:
        if kind not in kept:
            kept[kind] = RESULTS[kind](back)
        return kept[kind]

    return result


@ALL
def test_it_is_whole_and_asks_for_nothing(kind: str, shown: Callable[[str], Any]) -> None:
    html = shown(kind)._repr_html_()
    page = Page(html)
    assert page.problems == []
    assert not page.attributes & OUTSIDE
    assert not page.names & {"script", "img", "link", "iframe", "object"}
    assert "id" not in page.attributes
    assert not any(name.startswith("on") for name in page.attributes)
    assert "url(" not in html
    assert "prefers-color-scheme" not in html
    assert len(html.encode()) < 60_000


@ALL
def test_every_drawing_is_hidden_and_stands_in_a_row_with_words_and_a_number(
    kind: str, shown: Callable[[str], Any]
) -> None:
    page = Page(shown(kind)._repr_html_())
    for tag, given, inside in page.tags:
        if tag == "svg" and "svg" not in inside:
            assert given.get("aria-hidden") == "true"
    for row in re.findall(r'<tr role="row"[^>]*><th role="rowheader".*?</tr>', shown(kind)._repr_html_()):
        without = re.sub(r"<svg.*?</svg>(</svg>)*", "", row)
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", without)
        assert re.sub(r"<[^>]*>", "", cells[0]).strip()
        if 'class="bar"' in row and "<svg" in row:
            assert re.sub(r"<[^>]*>", "", cells[-1]).strip()


@ALL
def test_a_table_has_one_shape_and_its_roles(kind: str, shown: Callable[[str], Any]) -> None:
    for table in re.findall(r"<table.*?</table>", shown(kind)._repr_html_()):
        assert 'role="table"' in table
        rows = re.findall(r"<tr[^>]*>.*?</tr>", table)
        counts = {len(re.findall(r"<t[hd][ >]", row)) for row in rows}
        assert len(counts) == 1


@ALL
def test_the_title_is_the_answer_and_text_says_it_too(kind: str, shown: Callable[[str], Any]) -> None:
    result = shown(kind)
    title = re.search(r"<h3>(.*?)</h3>", result._repr_html_())
    assert title
    assert not re.search(r"result|analysis|output", title[1], re.IGNORECASE)
    lines = str(result).splitlines()
    assert max(map(len, lines)) <= 80
    words = " ".join(re.sub(r"<[^>]*>", "", title[1]).replace("&gt;", ">").replace("&lt;", "<").split())
    assert words in " ".join(" ".join(lines).split())


@ALL
def test_every_place_is_inside_its_drawing(kind: str, shown: Callable[[str], Any]) -> None:
    for value in re.findall(r' (?:x|x1|x2|width)="([-\d.e]+)%"', shown(kind)._repr_html_()):
        assert 0 <= float(value) <= 100


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_name_stays_a_name(name: str) -> None:
    table = Table(
        (name, name, name),
        ((name, name, name),),
        caption=name,
        heading=name,
        numbers=(2,),
        drawn=Drawn((row_marks.amount(scales.chance(), 0.5),), "", (("", name),), name),
        under=((1, 0),),
        tags=(1,),
    )
    html = as_html(
        Report(name, name, (name,), (table, table._replace(folded=True)), (name,), ((name, name),))
    )
    page = Page(html)
    assert page.problems == []
    assert not page.names & {"script", "img", "b"} - {"b"}
    assert html.isprintable()
    assert "<img" not in html
    assert "onerror" not in {attribute for _, given, _ in page.tags for attribute in given}


def test_names_of_a_network_stay_names_in_every_result(back: mp.Reasoner) -> None:
    nasty = '<img src=x onerror="alert(1)">'
    changed = tuple(
        replace(each, label=f"{each.label} {nasty}", question=f"{nasty}?") for each in back.network.variables
    )
    reasoner = mp.Reasoner(replace(back.network, variables=changed))
    for kind, make in RESULTS.items():
        if kind != "monitor":
            html = make(reasoner)._repr_html_()
            assert "<img" not in html, kind
            assert "&lt;img" in html, kind


def test_the_waterfall_ends_where_the_next_begins() -> None:
    passed = row_marks.running(0.07, [3.8, 1.1, -0.85], bits=True)
    odds = 0.07 / 0.93 * 2 ** (3.8 + 1.1 - 0.85)
    assert passed[0] == pytest.approx(0.07)
    assert passed[-1] == pytest.approx(odds / (1 + odds))
    assert row_marks.running(0.5, [0.6], bits=False) == [0.5, 1.0]


def test_what_speaks_for_points_right_and_what_speaks_against_points_left() -> None:
    scale = scales.odds([0.1, 0.9])
    assert 'class="fo"' in row_marks.arrow(scale, 0.2, 0.6)
    assert 'class="ag"' in row_marks.arrow(scale, 0.6, 0.2)
    still = row_marks.arrow(scale, 0.5, 0.5)
    assert 'class="fo"' not in still
    assert 'class="ag"' not in still


@pytest.mark.parametrize("chances", [(0.07, 0.7), (0.0, 1.0), (0.5, 0.5), (1e-9, 1e-8), (0.999, 0.9999)])
def test_a_log_odds_scale_spans_its_chances_with_ticks_apart(chances: tuple[float, float]) -> None:
    scale = scales.odds(chances)
    places = [scale.at(each) for each in (*chances, *scale.ticks)]
    assert all(0 <= place <= 100 for place in places)
    ticks = [scale.at(each) for each in scale.ticks]
    assert all(later - earlier >= 8.99 for earlier, later in pairwise(ticks))


@pytest.mark.parametrize("most", [0.0, 0.003, 0.05, 0.29, 0.31, 1.0])
def test_a_scale_from_zero_ends_on_a_round_number(most: float) -> None:
    scale = scales.from_zero(most)
    assert scale.low == 0
    assert scale.ticks[0] == 0
    assert max(most, 0.05) <= scale.high <= 1.0
    assert 3 <= len(scale.ticks) <= 7


@pytest.mark.parametrize("values", [(0.69, 0.55, 0.78), (0.5, 0.5), (0.0, 1.0), (0.999, 1.0), (0.0, 0.0)])
def test_a_scale_around_values_holds_them(values: tuple[float, ...]) -> None:
    scale = scales.around(values)
    assert scale.low <= min(values) <= max(values) <= scale.high
    assert scale.high > scale.low
    assert len(scale.ticks) <= 7


def test_a_bar_shows_what_the_questions_are_sorted_by(back: mp.Reasoner) -> None:
    asked = back.ask({"aching": "present", "muscle_stiffness": "present"})
    html = asked._repr_html_()
    assert "Safety first" in html
    safety, _, others = html.partition("Then, by")
    assert 'class="bar"' not in safety.partition("</style>")[2]
    assert 'class="bar"' in others


def test_an_emergency_looks_like_one_wherever_it_shows(back: mp.Reasoner) -> None:
    case = {"saddle_numbness": "present"}
    assert '<article class="mp u0 w5"' in back.ask(case)._repr_html_()
    assert '<article class="mp u0 w5"' in back.interview(case)._repr_html_()
    assert '<article class="mp u5"' in back.monitor().observe(1, case)._repr_html_()


def test_the_log_of_a_session_speaks_in_words(back: mp.Reasoner) -> None:
    now = back.monitor().observe(5, {"limb_numbness": "present"})
    assert "Numb or tingling arm or leg: yes" in now._repr_html_()
    assert "limb_numbness =" not in str(now)


def test_long_tables_are_folded_and_cut() -> None:
    table = Table(("Name", "Number"), tuple((f"row {at}", str(at)) for at in range(500)), numbers=(1,))
    html = report_card(Report("K", "T", (), (table,)), style=False)
    assert html.count('role="rowheader"') == 40
    assert "490 more" in html
    assert "And 460 more; to_frame() has them all." in html


def test_text_leaves_drawings_out_and_keeps_remarks() -> None:
    drawn = Drawn((row_marks.dot(scales.chance(), 0.5),))
    table = Table(("Name", "Chance"), (("one", "50%"),), drawn=drawn)
    text = as_text(Report("K", "T", (), (table,), (), (("Mind this.", "It matters."),)))
    assert "<svg" not in text
    assert "Mind this. It matters." in text


def test_a_screening_without_a_complaint_is_said_and_shown() -> None:
    network = mp.load().network
    keep = tuple(each for each in network.variables if each.role != "complaint")
    complaint = network.complaint
    assert complaint is not None
    bare = replace(
        network,
        variables=keep,
        distributions=tuple(each for each in network.distributions if each.variable != complaint.id),
    )
    seen = mp.Reasoner(bare).screen({})
    assert "Muscle strain" in str(seen)
    assert Page(seen._repr_html_()).problems == []


# -- urgency: no result may look reassuring where a doctor is needed ------------------------------------

EMERGENCY = {**BEFORE, "saddle_numbness": "present"}
OF_A_CASE: dict[str, Callable[[mp.Reasoner, dict[str, str]], Any]] = {
    "explanation": lambda back, case: back.explain(case),
    "questions": lambda back, case: back.ask(case),
    "interview": lambda back, case: back.interview(case),
    "sensitivity": lambda back, case: back.sensitivity(case),
    "reach": lambda back, case: back.sensitivity(case).to_reach(0.5),
    "intervals": lambda back, case: back.intervals(case, draws=50),
    "what_if": lambda back, case: back.what_if(case, do={"massage_pressure": "light"}, draws=0),
    "ranking": lambda back, case: back.what_if(case, draws=0),
    "assume": lambda back, case: back.what_if(case, assume={"limb_numbness": "absent"}, draws=0),
    "would_have": lambda back, case: back.would_have(case, do={"massage_pressure": "light"}),
    "most_probable": lambda back, case: back.most_probable(case),
    "conflict": lambda back, case: back.conflict(case, draws=50),
    "drawing": lambda back, case: back.draw(case),
}
EACH = pytest.mark.parametrize("kind", OF_A_CASE)


@EACH
@pytest.mark.parametrize(
    ("finding", "title", "look"),
    [
        ({"saddle_numbness": "present"}, "Call emergency services now", "w5"),
        ({"fever": "present"}, "Get medical help today", "w4"),
        ({"limb_numbness": "present"}, "See a doctor", "w3"),
    ],
)
def test_every_result_about_a_case_says_first_how_urgent_it_is(
    kind: str, finding: dict[str, str], title: str, look: str, back: mp.Reasoner
) -> None:
    case = {"massage_pressure": "excessive", **finding}
    if kind == "assume" and look == "w3":
        pytest.skip("assuming the finding away is a test of its own")
    result = OF_A_CASE[kind](back, case)
    assert back.assess(case).urgency is not None
    html = result._repr_html_()
    assert re.match(rf'(<style>.*?</style>)?<article class="mp [^"]*{look}"', html)
    banner = html[html.index('class="hd warn"') : html.index("</div>", html.index('class="hd warn"'))]
    assert title in banner
    assert html.index(title) < html.index("<h3>")
    assert re.search(r'aria-label="([^"]*)"', html)[1].lower().find(title.lower()) >= 0  # type: ignore[index]
    if kind != "drawing":
        text = str(result)
        assert text.startswith("!!!")
        assert title.lower() in text.split("\n")[1].lower()


@EACH
def test_a_case_that_needs_no_doctor_has_no_warning(kind: str, back: mp.Reasoner) -> None:
    result = OF_A_CASE[kind](back, {"massage_pressure": "excessive", "aching": "present"})
    assert "warn" not in result._repr_html_().split("</style>", 1)[1]
    assert "!!!" not in str(result)


@EACH
def test_the_warning_names_the_answers_that_raised_it(kind: str, back: mp.Reasoner) -> None:
    if kind in ("questions", "interview"):
        pytest.skip("these name the urgency alone")
    html = OF_A_CASE[kind](back, EMERGENCY)._repr_html_()
    assert "Because you answered “Numb between the legs: yes”." in html


def test_a_change_never_looks_as_if_it_removed_the_emergency(back: mp.Reasoner) -> None:
    away = {"saddle_numbness": "absent", "limb_numbness": "absent"}
    for changed in (
        back.what_if(EMERGENCY, assume=away, draws=0),
        back.what_if(EMERGENCY, do={"massage_pressure": "light"}, draws=0),
    ):
        warning = changed.to_dict()["warning"]
        assert warning["urgency"] == {"name": "EMERGENCY", "level": 5}
        assert not warning["assumed"]
        assert "Call emergency services now" in changed._repr_html_()


def test_assumed_answers_can_raise_the_warning_and_it_says_that_they_are_assumed(back: mp.Reasoner) -> None:
    mild = {"aching": "present"}
    assert back.what_if(mild, draws=0).to_dict()["warning"] is None
    raised = back.what_if(mild, assume={"saddle_numbness": "present"}, draws=0)
    assert raised.to_dict()["warning"]["assumed"]
    for change in (
        back.what_if(mild, do={"limb_weakness": "present"}, draws=0),
        back.would_have(mild, do={"limb_weakness": "present"}),
    ):  # a warning sign that is set is one
        assert change.to_dict()["warning"]["assumed"]
        assert str(change).startswith(str(raised).splitlines()[0])
    relieved = back.would_have(mild, do={"massage_pressure": "light"})
    assert relieved.to_dict()["warning"] is None
    assert "If the assumed answers are so." in str(raised)


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_name_in_a_warning_stays_a_name(name: str) -> None:
    warning = {
        "urgency": {"name": "EMERGENCY", "level": 5},
        "assumed": False,
        "red_flags": [{"because": [name]}],
        "advice": [],
    }
    report = Report("Kicker", "Title", warned=warned({"warning": warning}))
    html = as_html(report)
    page = Page(html)
    assert page.problems == []
    assert "<img" not in html
    assert html.isprintable()
    assert all(line.isprintable() for line in as_text(report).splitlines())


def test_in_print_a_warning_is_black_on_white_with_its_icon() -> None:
    printed = SHEET[SHEET.index("@media print") :]
    assert ".mp.mp .warn{--ui:#000!important" in printed
    assert ".mp.mp .warn{background:#fff;color:#000;border:4px solid #000}" in printed


def test_nothing_is_asked_in_an_emergency(back: mp.Reasoner) -> None:
    asked = back.ask(EMERGENCY)
    assert "?" not in str(asked)
    assert "<table" not in asked._repr_html_()


# -- networks of others: they may be about anything ----------------------------------------------------


def test_a_network_without_rules_is_never_told_of_massage_pain_or_doctors(shared: Path) -> None:
    network = mp.read_network(shared / "corpus" / "asia.bif")
    asia = mp.Reasoner(network, causes={"lung": "yes", "tub": "yes", "bronc": "yes"})
    case = {"xray": "yes", "dysp": "yes", "smoke": "no"}
    for result in (
        asia.assess(case),
        asia.screen({"smoke": "yes"}),
        asia.explain(case),
        asia.ask(case),
        asia.interview(case),
        asia.sensitivity(case),
        asia.what_if(case, do={"smoke": "no"}),
        asia.what_if(case),
        asia.most_probable(case),
        asia.conflict(case, draws=50),
        asia.draw(case),
        asia.calibration(asia.simulate(200, seed=1)),
    ):
        words = " ".join([*Page(result._repr_html_()).words, *Page(result._repr_html_()).folded, str(result)])
        assert not re.search(r"massage|\bpain\b|doctor|urgen|what to do", words, re.IGNORECASE)


def test_numbers_without_ranges_are_said_to_have_none(shared: Path) -> None:
    asia = mp.Reasoner(
        mp.read_network(shared / "corpus" / "asia.bif"), causes={"lung": "yes", "bronc": "yes"}
    )
    found = asia.sensitivity({"dysp": "yes"})
    assert "stated without ranges" in str(found)
    assert "stays first" not in str(found)
    row = found.to_dict()["parameters"][0]
    moved = found.curve(tuple(row["key"])).at(row["value"] + 0.01) - found.probability
    assert f"{100 * moved:+.1f}" in str(found).replace("−", "-").replace("+0.0", "0.0") or abs(moved) < 0.0005
