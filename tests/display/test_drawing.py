"""A network with a case in it: what is drawn, what is said of it, and how it leaves for other programs."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ET  # the pictures are ours
from dataclasses import replace
from pathlib import Path

import pytest

import massage_pain as mp
from massage_pain.display.network_links import ranks_by_role
from massage_pain.reasoning.drawing import Drawing

from .pages import OUTSIDE, Page
from .summaries import NASTY

SVG = "{http://www.w3.org/2000/svg}"
CASE = {
    "limb_numbness": "present",
    "muscle_stiffness": "present",
    "local_swelling": "absent",
    "massage_pressure": "firm",
    "burning_or_electric_pain": mp.UNSURE,
}


@pytest.fixture(scope="module")
def drawn(back: mp.Reasoner) -> Drawing:
    return back.draw(CASE)


def words_of(svg: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(svg).iter(f"{SVG}text")]


def test_the_likeliest_cause_is_in_focus_unless_another_is_named(back: mp.Reasoner, drawn: Drawing) -> None:
    assert drawn.cause == back.assess(CASE).top_cause == "nerve_compression"
    assert back.draw(CASE, "fasciitis").cause == "fasciitis"
    assert back.draw().case == {}


def test_its_chances_are_those_of_the_assessment(back: mp.Reasoner, drawn: Drawing) -> None:
    seen = back.assess(CASE)
    for cause in seen.posterior.causes:
        assert drawn.chances[cause] == pytest.approx(seen.posterior.probabilities[cause])
        assert drawn.before[cause] == pytest.approx(seen.before.probabilities[cause])


def test_its_weights_are_those_of_the_explanation(back: mp.Reasoner, drawn: Drawing) -> None:
    found = back.explain(CASE).contributions
    assert drawn.weights == pytest.approx({each.variable: each.weight for each in found})


def test_answers_are_flagged_and_have_no_bar(drawn: Drawing) -> None:
    svg = drawn.to_svg()
    words = words_of(svg)
    assert {"YES", "NO", "✓", "?"} <= set(words)
    assert svg.count('class="n y"') == len(CASE)
    nodes = len(drawn.network.nodes) - 1  # without the complaint, which is given
    assert svg.count('class="o"') == nodes - len(CASE) + 1  # what could not be told keeps its bar


def test_what_speaks_for_and_against_differs_in_more_than_colour(drawn: Drawing) -> None:
    svg = drawn.to_svg()
    assert re.search(r'class="l lf"[^>]*><title>Nerve compression → Numb or tingling arm or leg', svg)
    assert re.search(r'class="l la"[^>]*><title>Nerve compression → Stiff muscles', svg)
    assert "stroke-dasharray:6 3" in svg
    assert {"speaks for it", "speaks against it"} <= set(words_of(svg))


def test_hovering_tells_numbers_and_sources(drawn: Drawing) -> None:
    titles = [each.text or "" for each in ET.fromstring(drawn.to_svg()).iter(f"{SVG}title")]
    number = next(each for each in titles if each.startswith("Nerve compression → Numb or tingling"))
    assert re.search(r"0\.65 \(0\.\d+ to 0\.\d+\), grade A-, tawa_2017", number)
    assert any(re.match(r"Muscle strain: \d+%, \d+% before your answers", each) for each in titles)


def test_a_complaint_that_is_given_is_a_sentence(back: mp.Reasoner, drawn: Drawing) -> None:
    assert "Back pain" not in words_of(drawn.to_svg())
    assert "Every cause leads to back pain (given)" in drawn._repr_html_()
    assert "Back pain" in words_of(back.draw({"back_pain": "absent"}).to_svg())


def test_answers_and_focus_move_no_node(back: mp.Reasoner, drawn: Drawing) -> None:
    def places(svg: str) -> list[str]:
        return re.findall(r'<rect class="n[^"]*" (x="[^"]*" y="[^"]*" width="[^"]*" height="[^"]*")', svg)

    for other in (back.draw(), back.draw(CASE, "fasciitis"), back.draw({"onset": "within_12_hours"})):
        assert places(other.to_svg()) == places(drawn.to_svg())


def test_it_is_one_well_formed_card_that_asks_for_nothing(drawn: Drawing) -> None:
    html = drawn._repr_html_()
    page = Page(html)
    assert page.problems == []
    assert not page.attributes & OUTSIDE
    assert not page.names & {"script", "img"}
    assert "id" not in page.attributes
    assert "url(" not in html
    assert html == drawn._repr_html_()


def test_every_link_stands_in_the_table(drawn: Drawing) -> None:
    html = drawn._repr_html_()
    dots = re.findall(r'<td><svg width="20".*?</svg>([\d.]+)</td>', html)
    assert len(dots) == len(drawn.to_dict()["links"])
    assert f"All {len(dots)} links as a table" in html


def test_a_narrow_card_lists_the_links_of_the_cause(drawn: Drawing) -> None:
    html = drawn._repr_html_()
    assert "@container (max-width:820px){.mp.mp .wide{display:none}.mp.mp .narrow{display:block}}" in html
    narrow = html.partition('<div class="narrow">')[2].partition("<details><summary>All")[0]
    assert "Brought about by" in narrow
    assert "Shows as" in narrow


def test_it_is_plain_json(back: mp.Reasoner, drawn: Drawing) -> None:
    record = json.loads(json.dumps(drawn.to_dict(), allow_nan=False))
    assert record["kind"] == "drawing"
    assert record["cause"]["id"] == "nerve_compression"
    assert len(record["nodes"]) == len(back.network.nodes)
    assert {"tawa_2017"} <= set(record["sources"])


@pytest.mark.parametrize("name", ["asia", "alarm", "child", "insurance"])
def test_networks_without_roles_are_drawn_whole(name: str, shared: Path) -> None:
    network = mp.read_network(shared / "corpus" / f"{name}.bif")
    reasoner = mp.Reasoner(network)
    drawing = reasoner.draw()
    svg = drawing.to_svg()
    assert ranks_by_role(network) is None
    assert drawing.cause is None
    assert svg.count('class="n"') == len(network.nodes)
    assert svg.count('class="l"') == sum(len(each.parents) for each in network.distributions)
    assert Page(drawing._repr_html_()).problems == []


def test_nodes_without_a_role_show_their_likeliest_state(shared: Path) -> None:
    drawing = mp.Reasoner(mp.read_network(shared / "corpus" / "asia.bif")).draw({"dysp": "yes"})
    marginals = drawing.network
    for each in marginals.nodes:
        assert drawing.chances[each.id] >= 1 / len(each.states) - 1e-12
    assert drawing.states["asia"] == "no"


def test_named_causes_are_in_focus_in_any_network(shared: Path) -> None:
    network = mp.read_network(shared / "corpus" / "asia.bif")
    drawing = mp.Reasoner(network, causes={"lung": "yes", "tub": "yes"}).draw({"xray": "yes"})
    assert drawing.cause == "lung"
    assert "lung in focus: from 6 to 49 in 100" in drawing._repr_html_()


def test_dot_and_mermaid_hold_nodes_and_links(drawn: Drawing) -> None:
    dot = drawn.to_dot()
    assert dot.startswith('digraph "back_pain" {\n')
    assert dot.count(" -> ") == len(drawn.to_dict()["links"])
    assert '"Numb or tingling arm or leg\\nyes"' in dot
    mermaid = drawn.to_mermaid()
    assert mermaid.startswith('---\ntitle: "See a doctor"\n---\nflowchart LR\n')
    assert 'label="See a doctor"' in dot
    assert 0 < mermaid.count("-->") + mermaid.count("==>") < dot.count(" -> ")


@pytest.mark.parametrize("name", [*NASTY, 'end"] --> x[', "a\\", "```js", "#quot;", "%%{init}%%"])
def test_a_nasty_label_stays_a_label_everywhere(name: str, back: mp.Reasoner) -> None:
    changed = tuple(
        replace(each, label=name) if each.id == "limb_numbness" else each for each in back.network.variables
    )
    drawing = mp.Reasoner(replace(back.network, variables=changed)).draw(CASE)
    assert Page(drawing._repr_html_()).problems == []
    assert "<img" not in drawing._repr_html_()
    ET.fromstring(drawing.to_svg())
    for line in drawing.to_mermaid().splitlines()[1:]:
        assert re.fullmatch(r'  (n\d+\["[^"]*"\]|n\d+ (-->|==>) n\d+|style n\d+ [-\w:#,]+)', line), line
    for line in drawing.to_dot().splitlines()[4:-1]:
        node = r'n\d+ \[label="([^"\\]|\\.)*"[^"]*("[^"]*"[^"]*)*\];'
        assert re.fullmatch(rf"  ({node}|{{ rank=same; [n\d; ]+ }}|n\d+ -> n\d+ \[.*\];)", line), line


def test_a_png_is_written_once(drawn: Drawing, tmp_path: Path) -> None:
    pytest.importorskip("resvg_py", reason="a PNG needs resvg-py")
    target = tmp_path / "network.png"
    assert drawn.to_png(target, scale=0.5) == target
    assert target.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    kept = target.read_bytes()
    with pytest.raises(mp.NetworkFileError, match="overwrite=True"):
        drawn.to_png(target)
    assert target.read_bytes() == kept
    for scale in (0, -1, 100, "2", True, float("nan")):
        with pytest.raises(mp.QueryError, match=r"scale must be a number from 0\.1 to 10, got"):
            drawn.to_png(tmp_path / "other.png", scale=scale)  # type: ignore[arg-type]
    assert [each.name for each in tmp_path.iterdir()] == ["network.png"]


def test_a_png_says_what_to_install(drawn: Drawing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(mp.MissingExtraError, match=r'resvg-py .*pip install "massage-pain\[notebook\]"'):
        drawn.to_png(tmp_path / "network.png")


def test_errors_name_what_is_wrong(back: mp.Reasoner) -> None:
    with pytest.raises(mp.UnknownVariableError, match="Did you mean 'fasciitis'"):
        back.draw({}, "fascitis")
    with pytest.raises(mp.QueryError, match="is a symptom, not a cause"):
        back.draw({}, "aching")
    with pytest.raises(mp.UnknownVariableError):
        back.draw({"achin": "present"})
    with pytest.raises(mp.EvidenceError):
        back.draw([1])  # type: ignore[arg-type]


def test_a_file_of_an_emergency_says_so_on_top_and_moves_no_node(back: mp.Reasoner) -> None:
    case = {"limb_numbness": "present"}
    calm, urgent = back.draw({}), back.draw({**case, "saddle_numbness": "present"})
    picture = urgent.to_svg()
    assert "EMERGENCY: call emergency services now" in picture
    assert "<title>EMERGENCY: call emergency services now." in picture
    assert "EMERGENCY" in urgent.to_dot()
    assert "EMERGENCY" in urgent.to_mermaid()
    assert "EMERGENCY" not in calm.to_svg() + calm.to_dot() + calm.to_mermaid()
    nodes = [
        re.findall(r'<rect class="n[ yf]*" (x="[^"]*" y="[^"]*")', each) for each in (calm.to_svg(), picture)
    ]
    assert nodes[0] == nodes[1]
