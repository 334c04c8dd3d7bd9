"""The picture of a network: a file that stands alone, reads without eyes, and draws few links."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET  # the pictures are ours

import numpy as np
import pytest

from massage_pain.display.network_drawing import network_svg
from massage_pain.display.network_links import ranks_by_role, relative, strengths
from massage_pain.display.svg_words import text_width, wrapped
from massage_pain.errors import UnknownVariableError
from massage_pain.knowledge.distributions import NoisyMax, Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import Parameter
from massage_pain.knowledge.variable import Variable

from .pages import OUTSIDE, Page
from .summaries import NASTY

SVG = "{http://www.w3.org/2000/svg}"


def number(value: float) -> Parameter:
    return Parameter(value, value, value, ("judgement",), "C")


def network(factors: int = 3, causes: int = 2, symptoms: int = 4, label: str = "{}") -> Network:
    """Factors, causes, a complaint and symptoms, every cause linked to everything below it."""
    columns = [("factor", "f", factors), ("cause", "c", causes), ("symptom", "s", symptoms)]
    variables = [
        Variable(id=f"{letter}{at}", role=role, label=label.format(f"{role} {at}"))
        for role, letter, count in columns
        for at in range(count)
    ]
    variables.insert(factors + causes, Variable(id="pain", role="complaint", label=label.format("Pain")))
    every_cause = [f"c{at}" for at in range(causes)]
    distributions: list[Table | NoisyMax] = [
        Table(f"f{at}", (), np.array([0.8, 0.2])) for at in range(factors)
    ]
    for at in range(causes):
        links = {f"f{f}": {"present": {"present": number(0.02 + 0.05 * (f == at))}} for f in range(factors)}
        distributions.append(NoisyMax(f"c{at}", {"present": number(0.01)}, links))
    for position, child in enumerate(["pain", *(f"s{at}" for at in range(symptoms))]):
        links = {
            cause: {"present": {"present": number(0.05 + 0.8 * (at == position % causes))}}
            for at, cause in enumerate(every_cause)
        }
        distributions.append(NoisyMax(child, {"present": number(0.05)}, links))
    return Network("drawn", tuple(variables), tuple(distributions), title="A network")


def plain_network() -> Network:
    """Four nodes without roles, one link past a layer."""
    names = ("a", "b", "c", "d")
    return Network(
        "plain",
        tuple(Variable(id=name) for name in names),
        (
            Table("a", (), np.array([0.5, 0.5])),
            Table("b", ("a",), np.array([[0.9, 0.1], [0.2, 0.8]])),
            Table("c", ("b",), np.array([[0.6, 0.4], [0.5, 0.5]])),
            Table("d", ("a", "c"), np.array([[[0.9, 0.1], [0.8, 0.2]], [[0.3, 0.7], [0.2, 0.8]]])),
        ),
    )


def words_of(svg: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("drawn", [network(), plain_network(), network(1, 1, 0)])
def test_it_is_one_well_formed_file_that_asks_for_nothing(drawn: Network) -> None:
    svg = network_svg(drawn)
    page = Page(svg)
    assert page.problems == []
    assert not page.attributes & OUTSIDE
    assert "url(" not in svg
    assert "id" not in page.attributes
    assert "prefers-color-scheme" not in svg
    root = ET.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert [each.tag for each in root][:2] == [f"{SVG}title", f"{SVG}desc"]


def test_every_node_has_its_label_and_every_column_its_heading() -> None:
    words = words_of(network_svg(network()))
    for label in ("factor 0", "cause 1", "Pain", "symptom 3"):
        assert label in words
    assert {"Before and during", "Causes", "What is noticed"} <= set(words)


def test_the_description_says_what_the_picture_shows() -> None:
    svg = network_svg(network(), focus="c1")
    root = ET.fromstring(svg)
    assert root.findtext(f"{SVG}title") == "A network: cause 1 in focus"
    said = root.findtext(f"{SVG}desc") or ""
    assert "10 variables, 16 links." in said
    assert "cause 1 is brought about by: factor 1" in said
    assert "shows as:" in said
    assert "symptom 0" in said


def test_weak_links_are_left_out_and_counted() -> None:
    svg = network_svg(network())
    strong, hairlines = svg.count('class="l" stroke-width'), svg.count('class="g" d="M')
    found = re.search(r"; (\d+) weak ones are left out", svg)
    assert found
    legend = 1
    assert strong - legend + hairlines - legend + int(found[1]) == 16


def test_no_node_stands_alone_that_is_not() -> None:
    drawn = network(factors=8)
    svg = network_svg(drawn)
    tops = [float(y) for y in re.findall(r'<rect class="n" x="20\.5" y="([\d.]+)"', svg)]
    starts = [float(y) for y in re.findall(r'd="M216 ([\d.]+)C', svg)]
    assert len(tops) == 8
    assert all(any(top < start < top + 30 for start in starts) for top in tops)


def test_the_order_of_nodes_depends_on_the_network_alone() -> None:
    def order(svg: str) -> list[str]:
        return [words for words in words_of(svg) if re.fullmatch(r"(factor|cause|symptom) \d", words)]

    first = network_svg(network(), focus="c0")
    second = network_svg(network(), focus="c1")
    assert order(first) == order(second)
    assert re.findall(r'<rect class="n[^"]*" (x="[^"]*" y="[^"]*")', first) == re.findall(
        r'<rect class="n[^"]*" (x="[^"]*" y="[^"]*")', second
    )


def test_the_likeliest_cause_is_in_focus_and_chances_are_shown() -> None:
    svg = network_svg(network(), posterior={"c0": 0.2, "c1": 0.62}, before={"c1": 0.07})
    assert "cause 1 in focus" in svg
    assert "62%" in words_of(svg)
    assert "before your answers" in words_of(svg)
    assert svg.count('class="o"') == 2


def test_an_unknown_focus_is_refused_with_a_near_miss() -> None:
    with pytest.raises(UnknownVariableError, match=r"Unknown variable 'c_1'.*Did you mean 'c1'"):
        network_svg(network(), focus="c_1")


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_label_never_gets_through_and_stays_in_its_node(name: str) -> None:
    svg = network_svg(network(label=name.replace("{", "{{").replace("}", "}}")))
    page = Page(svg)
    assert page.problems == []
    assert page.names == {"svg", "title", "desc", "style", "rect", "text", "path", "g"}
    assert svg.isprintable()
    ET.fromstring(svg)
    assert all(text_width(words) <= 196 - 18 for words in words_of(svg)[8:-2] if "x" * 9 in words)


def test_the_same_picture_in_another_process() -> None:
    code = (
        "from tests.display.test_network_drawing import network, network_svg; import hashlib;"
        "print(hashlib.sha256(network_svg(network()).encode()).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_strength_is_the_most_a_parent_does_by_itself() -> None:
    found = strengths(plain_network())
    assert found["a", "b"] == pytest.approx(0.7)
    assert found["b", "c"] == pytest.approx(0.1)
    assert found["a", "d"] == pytest.approx(0.6)
    assert strengths(network())["c0", "s0"] == pytest.approx(0.05)
    assert strengths(network())["c1", "s0"] == pytest.approx(0.85)


def test_shares_compare_links_between_the_same_roles() -> None:
    drawn = network()
    share = relative(drawn, strengths(drawn))
    assert max(share[link] for link in share if link[0].startswith("f")) == 1
    assert max(share[link] for link in share if link[1].startswith("s")) == 1


def test_columns_need_roles_and_links_that_run_forward() -> None:
    assert ranks_by_role(plain_network()) is None
    assert ranks_by_role(network()) == {
        **{f"f{at}": 0 for at in range(3)},
        **{f"c{at}": 1 for at in range(2)},
        "pain": 2,
        **{f"s{at}": 2 for at in range(4)},
    }
    backward = Network(
        "backward",
        (Variable(id="c", role="cause"), Variable(id="f", role="factor")),
        (Table("c", (), np.array([0.5, 0.5])), Table("f", ("c",), np.array([[0.5, 0.5], [0.4, 0.6]]))),
    )
    assert ranks_by_role(backward) is None
    assert "Wider is stronger." in network_svg(backward)


def test_the_shipped_network_fits_a_page() -> None:
    from massage_pain.knowledge.catalogue import folder_of
    from massage_pain.knowledge.files import read_network

    svg = network_svg(read_network(folder_of("back_pain") / "network.toml"))
    assert len(svg.encode()) < 60_000
    assert float(ET.fromstring(svg).get("width", "0")) <= 960


def test_words_wrap_in_whole_words_unless_one_is_wider_than_its_line() -> None:
    assert " ".join(wrapped("Worse in cold, better with warmth", 120)) == "Worse in cold, better with warmth"
    assert "".join(wrapped("x" * 100, 120)) == "x" * 100
    assert all(text_width(line) <= 120 for line in wrapped("x" * 100 + " words here", 120))
