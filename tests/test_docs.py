"""The documentation builds without a warning, its examples run, its links lead somewhere, its figures hold.

The pages are opened in a browser by tests/browser.
"""

from __future__ import annotations

import ast
import doctest
import re
import tomllib
import warnings
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import massage_pain as mp
from tests import test_golden_cases as golden
from tests.documentation import CHECKOUT, DOCS, NEEDED

PAGES = [
    each for each in sorted(DOCS.rglob("*.md")) if not {"build", "_build"} & set(each.relative_to(DOCS).parts)
]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def name(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


def text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


# -- examples --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_examples_of_a_page_run(page: Path) -> None:
    code = re.sub(
        r"^```.*$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE
    )  # a fence is no output
    examples = doctest.DocTestParser().get_doctest(code, {}, name(page), str(page), 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pgmpy's, while it is imported
        assert doctest.DocTestRunner(optionflags=FLAGS).run(examples).failed == 0


def test_every_service_page_has_an_example() -> None:
    (toc,) = re.findall(r"```\{toctree\}\n:hidden:\n\n(.*?)```", text("services.md"), flags=re.DOTALL)
    for page in toc.split():
        assert ">>> " in text(f"{page}.md"), page


# -- links -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_between_files_lead_somewhere(page: Path) -> None:
    """As one reads the files themselves; the built pages are checked below."""
    for target in re.findall(r"\]\((?!https?://|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
        there = page.parent / target
        made = there.name in ("functions.rst", "errors.rst", "rooms.rst")  # docs/brought_in.py
        assert there.exists() or made or (CHECKOUT / "notebooks" / there.name).exists(), target


def test_every_page_is_in_a_table_of_contents() -> None:
    listed = set()
    for page in PAGES:
        for toc in re.findall(r"```\{toctree\}(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL):
            for entry in toc.split("\n"):
                if entry and not entry.startswith(":"):
                    listed.add((page.parent / re.sub(r".*<(.*)>", r"\1", entry)).resolve())
    missing = [name(each) for each in PAGES if each.with_suffix("").resolve() not in listed]
    assert missing == ["index.md"]


# -- hazards ---------------------------------------------------------------------------------------------

HAZARDS = re.split(r"^## ", text("hazards.md"), flags=re.MULTILINE)[1:]


def functions_in(path: Path) -> set[str]:
    """The names of the test functions in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        each.name for each in tree.body if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")
    }


def test_there_are_twenty_hazards_and_more() -> None:
    assert len(HAZARDS) >= 20
    assert f"There are {len(HAZARDS)}." in text("hazards.md")
    assert [each.split(".")[0] for each in HAZARDS] == [str(i + 1) for i in range(len(HAZARDS))]


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda each: each.split(".")[0])
def test_a_hazard_has_a_harm_a_cause_a_control_and_tests_that_exist(hazard: str) -> None:
    for part in ("For a person", "Cause", "Control", "Tests"):
        assert f"* **{part}**:" in hazard
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)(?:\[(\w+)\])?`", hazard)
    assert named
    assert hazard.count("`tests/") == len(named)
    for file, test, case in named:
        assert test in functions_in(CHECKOUT / file), f"{file}::{test}"
        assert not case or case in {each["id"] for each in golden.CASES}, case


# -- figures ---------------------------------------------------------------------------------------------


def test_the_model_card_counts_the_golden_cases(back: mp.Reasoner) -> None:
    total, held = Counter[str](), Counter[str]()
    first = first_held = constant = 0
    for case in golden.CASES:
        expected = case["expect"].get("error")
        try:
            seen = golden.answer(back, case)
            good = expected is None and not list(golden.disagreements(seen, case))
        except mp.MassagePainError as error:
            good = type(error).__name__ == expected
        for group in (case["group"], "all"):
            total[group] += 1
            held[group] += good
        if "first" in case["expect"]:
            right = case["expect"]["first"]
            right = {right} if isinstance(right, str) else set(right)
            first += 1
            first_held += next(iter(seen.posterior.probabilities)) in right
            constant += "ordinary_soreness" in right
    table = "\n".join(f"| {group} | {total[group]} | {held[group]} |" for group in (*golden.GROUPS, "all"))
    sentence = (
        f"Of the {first} that say which cause must come first, {first_held} hold. Always answering "
        f"*ordinary soreness*, the best constant guess, would satisfy {constant}."
    )
    for wanted in (table, sentence):
        assert wanted in text("model_card.md"), f"docs/model_card.md is out of date; it should say\n{wanted}"


def test_the_model_card_counts_what_the_network_holds(back: mp.Reasoner) -> None:
    network = back.network
    links = sum(len(network.parents(each.id)) for each in network.nodes)
    card = text("model_card.md")
    assert card.startswith(f"# Model card: {network.name} {network.version}\n")
    assert f"({len(network.nodes)} variables, {links} links, {len(network.parameters)} numbers)" in card
    grades = Counter(each.grade for each in network.parameters.values())
    for page in ("model_card.md", "how_to/sources.md"):
        shown = re.findall(r"^\| ([ABC]-?) \| .* \| (\d+) \|$", text(page), flags=re.MULTILINE)
        assert {grade: int(count) for grade, count in shown} == {
            grade: grades[grade] for grade in ("A", "A-", "B", "C")
        }
    judged = sum(set(each.source) == {"judgement"} for each in network.parameters.values())
    assert f"{judged} of the {len(network.parameters)} rest on judgement alone" in card


def test_the_theory_tells_the_present_numbers(back: mp.Reasoner) -> None:
    page = text("theory/model.md")
    roles = {
        "factor": back.network.factors,
        "cause": back.network.causes,
        "symptom": back.network.symptoms,
        "screening": back.network.screening,
    }
    for role, variables in roles.items():
        assert re.search(rf"^\| {role} \| .* \| {len(variables)}\b", page, flags=re.MULTILINE), role
    engine = mp.CompiledNetwork(back.network)
    for cause in back.network.causes:
        chance = engine.marginals({"back_pain": "present"}, cause.id)[cause.id][0, 1]
        words = cause.id.replace("_", " ")
        assert re.search(rf"^\| P\({words}, given back pain\) \| .* \| {chance:.3f} \|", page, re.MULTILINE)
    lowest = {each.id: each.states[0] for each in back.network.factors}
    chance = engine.marginals(lowest, "back_pain")["back_pain"][0, 1]
    assert re.search(rf"^\| P\(back pain, no factor\) \| .* \| {chance:.3f} \|", page, re.MULTILINE)


# -- the built pages ---------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a built page holds: ids, links to follow, and what the browser loads by itself."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.unnamed: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        self.ids.add(found.get("id", ""))
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag == "link" and found.get("rel") not in ("index", "search", "next", "prev", "author"):
            self.loaded.append(found.get("href", ""))
        self.loaded += [found[key] for key in ("src", "srcset", "data", "poster") if key in found]
        if tag == "img" and not found.get("alt"):
            self.unnamed.append(found.get("src", ""))


@pytest.fixture(scope="module")
def built(site: Path) -> dict[str, Page]:
    return {each.relative_to(site).as_posix(): Page(each) for each in site.rglob("*.html")}


def test_it_builds_without_a_warning(site: Path) -> None:
    for page in PAGES:
        assert (site / name(page)).with_suffix(".html").is_file(), page
    for notebook in (CHECKOUT / "notebooks").glob("*.ipynb"):
        assert (site / "notebooks" / f"{notebook.stem}.html").is_file(), notebook


def test_links_between_built_pages_lead_somewhere(site: Path, built: dict[str, Page]) -> None:
    for path, page in built.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or not link:
                continue
            target = (site / path).parent / unquote(parts.path) if parts.path else site / path
            assert target.exists(), f"{path}: {link}"
            where = target.resolve().relative_to(site.resolve()).as_posix()
            if parts.fragment and where in built:
                assert unquote(parts.fragment) in built[where].ids, f"{path}: {link}"


def test_nothing_is_fetched_from_another_host(site: Path, built: dict[str, Page]) -> None:
    for path, page in built.items():
        for address in page.loaded:
            parts = urlsplit(address)
            assert parts.scheme in ("", "data"), f"{path}: {address[:100]}"
            assert not parts.netloc, f"{path}: {address[:100]}"
    for sheet in site.rglob("*.css"):
        found = re.findall(r"(?:@import|url\()\s*['\"]?((?:https?:)?//[^'\")]+)", sheet.read_text("utf-8"))
        assert not found, f"{sheet.name}: {found[:3]}"


def test_every_picture_has_words(built: dict[str, Page]) -> None:
    assert {path: page.unnamed for path, page in built.items() if page.unnamed} == {}


def test_notebooks_are_executed_into_it(site: Path) -> None:
    page = (site / "notebooks" / "01_first_case.html").read_text(encoding="utf-8")
    assert "Stop the massage and rest" in page
    assert "Traceback" not in page


def test_an_explorer_is_its_card_where_there_is_no_kernel(site: Path) -> None:
    page = (site / "notebooks" / "01_first_case.html").read_text(encoding="utf-8")
    assert "The explorer needs a running kernel" in page
    assert "widget-view+json" not in page


def test_formulas_are_mathml(site: Path) -> None:
    page = (site / "theory" / "model.html").read_text(encoding="utf-8")
    assert page.count("<math") >= 5
    assert "mathjax" not in page.lower()


def test_the_search_works_offline(site: Path) -> None:
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    assert "hazard" in index
    assert "counterfactu" in index  # words are kept by their stems


def test_every_public_name_is_in_the_reference(built: dict[str, Page]) -> None:
    ids = set().union(*(page.ids for path, page in built.items() if path.startswith("reference/")))
    shown = {each.rpartition(".")[2] for each in ids}
    for public in mp.__all__:
        assert public in shown, public


def test_the_docs_extra_names_what_the_pages_need() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = {re.split(r"[>=<\[]", each)[0] for each in project["optional-dependencies"]["docs"]}
    assert {each.replace("_", "-") for each in NEEDED} <= extra
