"""Networks from TOML: what is read, and what each mistake gets, with file, line and key."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from massage_pain.errors import ComplexityError, NetworkFileError
from massage_pain.knowledge.distributions import NoisyMax, Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import Parameter
from massage_pain.knowledge.toml_reader import read_toml_network

NUMBER = '{ value = 0.25, low = 0.15, high = 0.4, source = ["study", "me"], grade = "A-" }'

TEXT = f"""\
format = 1
[network]
name = "small"
version = "1.2"
title = "A small network"
description = "For tests."
[sources.me]
citation = "I said so."
[sources.study]
citation = "A study."
url = "https://example.org"
note = "Seen."
[groups]
now = "How it is now"
[variables.factor]
role = "factor"
label = "The factor"
question = "Is it so?"
group = "now"
modifiable = true
cost = 2
states = ["low", "middle", "high"]
state_labels = ["a little", "some", "a lot"]
prior.middle = {NUMBER}
prior.high = {{ value = 0.1, low = 0.0, high = 0.2, source = "me", grade = "C", note = "a guess" }}
[variables.cause]
role = "cause"
icd10 = "M00"
benign = true
note = "A note."
form = "noisy-or"
leak = {NUMBER}
links.factor.middle = {NUMBER}
links.factor.high = {NUMBER}
[variables.graded]
role = "symptom"
states = ["none", "some", "much"]
present = "some"
form = "noisy-max"
leak.some = {NUMBER}
leak.much = {NUMBER}
links.cause.present.some = {NUMBER}
links.cause.present.much = {NUMBER}
[variables.table]
form = "table"
parents = ["cause"]
[[variables.table.rows]]
given = {{ cause = "present" }}
present = {NUMBER}
[[variables.table.rows]]
given = {{ cause = "absent" }}
absent = {{ value = 0.9, low = 0.8, high = 1.0, source = "me", grade = "C" }}
present = {{ value = 0.1, low = 0.0, high = 0.2, source = "me", grade = "C" }}
[variables.compact]
form = "table"
parents = ["cause", "graded"]
[variables.compact.table]
source = "unstated"
grade = "U"
rows = [
  [0.9, 0.1],
  [0.8, 0.2],
  [0.7, 0.3],
  [0.6, 0.4],
  [0.5, 0.5],
  [0.4, 0.6],
]
[variables.age]
role = "screening"
numeric = [0, 120]
unit = "years"
[variables.fever]
role = "screening"
"""


def read(text: str = TEXT, **more: object) -> Network:
    return read_toml_network(text, file="small.toml", **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def small() -> Network:
    return read()


def test_what_the_file_says_of_the_network(small: Network) -> None:
    assert (small.name, small.version, small.title) == ("small", "1.2", "A small network")
    assert small.description == "For tests."
    assert list(small.sources) == ["me", "study"]
    assert small.sources["study"].url == "https://example.org"
    assert dict(small.groups) == {"now": "How it is now"}
    assert [v.id for v in small.variables] == [
        "factor",
        "cause",
        "graded",
        "table",
        "compact",
        "age",
        "fever",
    ]


def test_what_the_file_says_of_variables(small: Network) -> None:
    factor = small.variable("factor")
    assert (factor.role, factor.label, factor.question) == ("factor", "The factor", "Is it so?")
    assert (factor.group, factor.modifiable, factor.cost) == ("now", True, 2.0)
    assert factor.states == ("low", "middle", "high")
    assert factor.answer("high") == "a lot"
    cause = small.variable("cause")
    assert (cause.icd10, cause.benign, cause.note) == ("M00", True, "A note.")
    assert cause.states == ("absent", "present")
    assert small.variable("graded").present == "some"
    assert small.variable("age").numeric == (0.0, 120.0)
    assert small.variable("age").unit == "years"
    assert [v.id for v in small.screening] == ["age", "fever"]


def test_every_number_with_its_provenance(small: Network) -> None:
    same = Parameter(0.25, 0.15, 0.4, ("study", "me"), "A-")
    assert small.parameters["factor", "prior", "middle"] == same
    assert small.parameters["factor", "prior", "high"] == Parameter(0.1, 0.0, 0.2, ("me",), "C", "a guess")
    assert small.parameters["cause", "leak", "present"] == same
    assert small.parameters["cause", "link", "factor", "high", "present"] == same
    assert small.parameters["graded", "leak", "much"] == same
    assert small.parameters["graded", "link", "cause", "present", "some"] == same
    assert small.parameters["table", "table", "present", "present"] == same
    assert small.parameters["table", "table", "absent", "absent"].value == 0.9
    cell = small.parameters["compact", "table", "present", "none", "present"]
    assert cell == Parameter(0.4, 0.4, 0.4, ("unstated",), "U")
    assert len(small.parameters) == 2 + 3 + 4 + 3 + 12


def test_every_form(small: Network) -> None:
    assert small.cpd("factor").tolist() == [1.0 - (0.25 + 0.1), 0.25, 0.1]
    assert isinstance(small.distribution("cause"), NoisyMax)
    np.testing.assert_allclose(small.cpd("cause")[:, 0], [0.75, 0.75**2, 0.75**2])
    np.testing.assert_allclose(small.cpd("graded")[1], [0.25, 0.5625 - 0.25, 1 - 0.5625])
    assert isinstance(small.distribution("table"), Table)
    assert small.cpd("table").tolist() == [[0.9, 0.1], [0.75, 0.25]]
    assert small.parents("compact") == ("cause", "graded")
    assert small.cpd("compact")[1].tolist() == [[0.6, 0.4], [0.5, 0.5], [0.4, 0.6]]


def test_a_compact_table_with_ranges() -> None:
    text = TEXT.replace(
        'source = "unstated"\ngrade = "U"', 'source = "me"\ngrade = "C"\nnote = "all guessed"'
    )
    low, high = ([[number] * 2] * 6 for number in (0.05, 0.95))
    text = text.replace("[variables.age]", f"low = {low}\nhigh = {high}\n[variables.age]")
    found = read(text).parameters["compact", "table", "present", "none", "present"]
    assert found == Parameter(0.4, 0.05, 0.95, ("me",), "C", "all guessed")


def test_names_are_the_same_in_either_unicode_form() -> None:
    text = TEXT.replace("cause", "caus\u00e9").replace("links.caus\u00e9", 'links."cause\u0301"')
    text = text.replace("[variables.caus\u00e9]", '[variables."cause\u0301"]')
    text = text.replace("{ caus\u00e9 =", '{ "caus\u00e9" =').replace('role = "caus\u00e9"', 'role = "cause"')
    assert read(text).parents("graded") == ("caus\u00e9",)
    twice = TEXT + '[variables."\u00e9"]\nprior.present = ' + NUMBER
    twice += '\n[variables."e\u0301"]\nprior.present = ' + NUMBER
    with pytest.raises(NetworkFileError, match="the variable '\u00e9' is declared twice"):
        read(twice)


# -- normalize ----------------------------------------------------------------------------------------


def test_rows_that_give_every_state_can_be_normalised() -> None:
    text = TEXT.replace("[0.7, 0.3]", "[7, 3]").replace(
        "absent = { value = 0.9, low = 0.8, high = 1.0", "absent = { value = 0.9, low = 0.8, high = 0.95"
    )
    text = text.replace(
        "present = { value = 0.1, low = 0.0, high = 0.2,", "present = { value = 0.11, low = 0.0, high = 0.2,"
    )
    with pytest.raises(NetworkFileError, match=re.escape("sum to 1.01")):
        read(text)
    made = read(text, normalize=True)
    assert made.cpd("compact")[0, 2].tolist() == [0.7, 0.3]
    assert made.parameters["table", "table", "absent", "absent"] == Parameter(
        0.9 / 1.01, 0.8 / 1.01, 0.95 / 1.01, ("me",), "C"
    )
    assert read(normalize=True).content_hash == read().content_hash


def test_a_row_of_zeros_is_no_distribution_however_it_is_read() -> None:
    with pytest.raises(
        NetworkFileError, match=re.escape("compact.table.rows[2]: The probabilities of 'compact'")
    ):
        read(TEXT.replace("[0.7, 0.3]", "[0.0, 0.0]"), normalize=True)


# -- limits -------------------------------------------------------------------------------------------


def test_a_table_over_the_limit_is_refused_before_it_is_made() -> None:
    """Row 93: forty parents in a few hundred bytes."""
    parents = [f"p{i}" for i in range(40)]
    bomb = "format = 1\n[network]\nname = 'bomb'\n[sources.me]\ncitation = 'me'\n"
    bomb += "".join(
        f"[variables.{each}]\nprior.present = {NUMBER.replace('study', 'me')}\n" for each in parents
    )
    bomb += f"[variables.child]\nform = 'table'\nparents = {parents}\n"
    bomb += "[variables.child.table]\nsource = 'me'\ngrade = 'U'\nrows = []\n"
    with pytest.raises(
        ComplexityError, match="'child' with 40 parents would have 2,199,023,255,552 cells"
    ) as caught:
        read(bomb)
    assert caught.value.estimate == 2**41
    with pytest.raises(ComplexityError, match="would have 12 cells; the limit is 11"):
        read(table_cells=11)
    assert read(table_cells=12).cpd("compact").size == 12


def test_a_name_over_the_limit_is_refused() -> None:
    long = "x" * 10**6
    for old in ('"small"', "[variables.fever]", '"middle"'):
        new = old.replace("small", long).replace("fever", long).replace("middle", long)
        with pytest.raises(ComplexityError, match="has 1,000,000 characters; the limit is 256") as caught:
            read(TEXT.replace(old, new))
        assert len(str(caught.value)) < 200


# -- sources in a file of their own -------------------------------------------------------------------

SHARED = 'format = 1\n[sources.elsewhere]\ncitation = "Elsewhere."\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "all" / "mine"
    home.mkdir(parents=True)
    for each in (tmp_path, tmp_path / "all", home):
        (each / "sources.toml").write_text(SHARED, encoding="utf-8")
    return home


def with_sources(place: str) -> str:
    return TEXT.replace('version = "1.2"', f'version = "1.2"\nsources = "{place}"').replace(
        'source = "me"', 'source = "elsewhere"', 1
    )


@pytest.mark.parametrize("place", ["sources.toml", "../sources.toml", "./../mine/sources.toml"])
def test_sources_from_a_file(folder: Path, place: str) -> None:
    made = read(with_sources(place), folder=folder)
    assert list(made.sources) == ["elsewhere", "me", "study"]
    assert made.parameters["factor", "prior", "high"].source == ("elsewhere",)


@pytest.mark.parametrize(
    "place", ["../../sources.toml", "/etc/hostname", "../other/sources.toml", "a\\u0000b"]
)
def test_sources_from_elsewhere_are_refused(folder: Path, place: str) -> None:
    with pytest.raises(NetworkFileError) as caught:
        read(with_sources(place), folder=folder)
    assert (caught.value.line, caught.value.key) == (5, "network.sources")


def test_a_link_does_not_lead_out_of_the_folders(folder: Path) -> None:
    (folder / "link.toml").symlink_to(folder.parent.parent / "sources.toml")
    with pytest.raises(NetworkFileError, match="sources must be a file in the network's folder"):
        read(with_sources("link.toml"), folder=folder)


def test_mistakes_in_a_file_of_sources_name_that_file(folder: Path) -> None:
    (folder / "sources.toml").write_text(SHARED.replace("citation", "citatoin"), encoding="utf-8")
    with pytest.raises(NetworkFileError, match="Did you mean 'citation'") as caught:
        read(with_sources("sources.toml"), folder=folder)
    assert caught.value.file == str(folder / "sources.toml")
    assert caught.value.line == 3
    (folder / "sources.toml").write_text(SHARED.replace("elsewhere", "me"), encoding="utf-8")
    with pytest.raises(
        NetworkFileError, match=re.escape("the source 'me' stands in sources.toml already")
    ) as caught:
        read(with_sources("sources.toml"), folder=folder)
    assert caught.value.key == "sources.me"
    with pytest.raises(NetworkFileError, match=r"there is no such file\. Did you mean 'sources.toml'"):
        read(with_sources("source.toml"), folder=folder)
