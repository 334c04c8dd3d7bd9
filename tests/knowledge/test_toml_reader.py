"""Networks from TOML: what is read, and what each mistake gets, with file, line and key."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from massage_pain.errors import ComplexityError, MassagePainError, NetworkFileError
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


# what is replaced, by what, the line that is blamed (or its beginning), its key, what is said
MISTAKES: dict[str, tuple[str, str, str | None, str, str]] = {
    "no format": ("format = 1\n", "", None, "", "format is missing"),
    "another format": ("format = 1", "format = 2", "format = 2", "format", "format must be 1, got number 2."),
    "an unknown table": (
        "[groups]",
        "[group]",
        "[group]",
        "group",
        "Unknown key 'group'. Did you mean 'groups'?",
    ),
    "an unknown key of the network": (
        "title =",
        "tittle =",
        'tittle = "A small network"',
        "network.tittle",
        "Did you mean 'title'?",
    ),
    "no name": ('name = "small"\n', "", "[network]", "network", "name is missing; keys given here: version,"),
    "a blank name": ('"small"', '""', 'name = ""', "network.name", "name must not be blank."),
    "a name with a line break": ('"small"', '"a\\nb"', 'name = "a\\nb"', "network.name", "(U+000A)"),
    "no [network]": ("[network]", "[networks]", "[networks]", "networks", "Did you mean 'network'?"),
    "no citation": ('citation = "A study."\n', "", "[sources.study]", "sources.study", "citation is missing"),
    "an address that is a script": (
        "https://example.org",
        "javascript:alert(1)",
        'url = "javascript:alert(1)"',
        "sources.study.url",
        "url must begin with https:// or http://, got 'javascript:alert(1)'.",
    ),
    "an unknown key of a source": (
        "url =",
        "link =",
        'link = "https://example.org"',
        "sources.study.link",
        "Available: citation, url, note.",
    ),
    "a group that is no text": (
        'now = "How it is now"',
        "now = 1",
        "now = 1",
        "groups.now",
        "now must be text",
    ),
    "groups that are a list": (
        '[groups]\nnow = "How it is now"',
        "[[groups]]",
        "[[groups]]",
        "groups",
        "groups must be a table, got a list of 1.",
    ),
    "an unknown key of a variable": (
        "question =",
        "queston =",
        'queston = "Is it so?"',
        "variables.factor.queston",
        "Unknown key 'queston'. Did you mean 'question'?",
    ),
    "an unknown role": (
        '"symptom"',
        '"sympton"',
        'role = "sympton"',
        "variables.graded.role",
        "Unknown role 'sympton'. Did you mean 'symptom'?",
    ),
    "a label that is a number": (
        '"The factor"',
        "1",
        "label = 1",
        "variables.factor.label",
        "must be text, got number 1.",
    ),
    "a label with an escape": (
        '"The factor"',
        '"\\u001b[1m"',
        'label = "\\u001b[1m"',
        "variables.factor.label",
        "(U+001B)",
    ),
    "modifiable in quotes": (
        "modifiable = true",
        'modifiable = "true"',
        'modifiable = "true"',
        "variables.factor.modifiable",
        "must be true or false (without quotes), got text 'true'.",
    ),
    "no cost": (
        "cost = 2",
        "cost = 0",
        "cost = 0",
        "variables.factor.cost",
        "cost must be above 0, got 0.0.",
    ),
    "states in one text": (
        '["low", "middle", "high"]',
        '"low middle high"',
        'states = "low middle high"',
        "variables.factor.states",
        "states must be a list of texts, got text 'low middle high'.",
    ),
    "a state that is a number": (
        '["none", "some", "much"]',
        '["none", 1, "much"]',
        'states = ["none", 1, "much"]',
        "variables.graded.states[1]",
        "states must hold texts only, got number 1.",
    ),
    "a state twice": (
        '"middle", "high"]',
        '"low", "high"]',
        "[variables.factor]",
        "variables.factor",
        "has the state 'low' twice.",
    ),
    "too few state labels": (
        '"a little", ',
        "",
        'state_labels = ["some", "a lot"]',
        "variables.factor.state_labels",
        "needs 3 entries, one a state, got 2.",
    ),
    "present that is no state": (
        'present = "some"',
        'present = "yes"',
        'present = "yes"',
        "variables.graded.present",
        "present must be one of its states (none, some, much), got 'yes'.",
    ),
    "a number without a source": (
        ', source = "me", grade = "C", note = "a guess"',
        ', grade = "C", note = "a guess"',
        "prior.high =",
        "variables.factor.prior.high",
        "source is missing; keys given here: value, low, high, grade, note.",
    ),
    "a number with no source in the list": (
        'source = "me", grade = "C", note',
        'source = [], grade = "C", note',
        "prior.high =",
        "variables.factor.prior.high",
        "every number needs a source: one key or several, got ().",
    ),
    "an unknown source": (
        'source = "me", grade = "C", note',
        'source = "mee", grade = "C", note',
        "prior.high =",
        "variables.factor.prior.high.source",
        "Unknown source 'mee'. Did you mean 'me'? Available: me, study.",
    ),
    "an unknown source in a list": (
        '["study", "me"]',
        '["study", "mee"]',
        "prior.middle =",
        "variables.factor.prior.middle.source[1]",
        "Unknown source 'mee'.",
    ),
    "unstated where a number has a grade": (
        'source = "me", grade = "C", note',
        'source = "unstated", grade = "C", note',
        "prior.high =",
        "variables.factor.prior.high.source",
        "Unknown source 'unstated'.",
    ),
    "a number without a grade": (
        ', grade = "C", note',
        ", note",
        "prior.high =",
        "variables.factor.prior.high",
        "grade is missing",
    ),
    "an unknown grade": (
        'grade = "C", note',
        'grade = "c", note',
        "prior.high =",
        "variables.factor.prior.high.grade",
        "Unknown grade 'c'. Did you mean 'C'? Available: A, A-, B, C, ART, U.",
    ),
    "a number without a range": (
        "value = 0.1, low = 0.0, high",
        "value = 0.1, high",
        "prior.high =",
        "variables.factor.prior.high",
        "low is missing",
    ),
    "a range upside down": (
        "low = 0.0, high = 0.2, source",
        "low = 0.2, high = 0.3, source",
        "prior.high =",
        "variables.factor.prior.high.low",
        "low <= value <= high must hold, got 0.2, 0.1, 0.3.",
    ),
    "percent": (
        "value = 0.1,",
        "value = 10,",
        "prior.high =",
        "variables.factor.prior.high.value",
        "got 10.0. Is it a percentage?",
    ),
    "a number in quotes": (
        "value = 0.1,",
        'value = "0.1",',
        "prior.high =",
        "variables.factor.prior.high.value",
        "value must be a finite number, got text '0.1'. Write it without quotes.",
    ),
    "NaN": (
        "value = 0.1,",
        "value = nan,",
        "prior.high =",
        "variables.factor.prior.high.value",
        "finite number, got number nan.",
    ),
    "a bare number": (
        "prior.middle = " + NUMBER,
        "prior.middle = 0.25",
        "prior.middle = 0.25",
        "variables.factor.prior.middle",
        "middle must be a table, got number 0.25.",
    ),
    "an unknown key of a number": (
        'note = "a guess"',
        'remark = "a guess"',
        "prior.high =",
        "variables.factor.prior.high.remark",
        "Unknown key 'remark'. Available: value, low, high, source, grade, note.",
    ),
    "an unknown state of a prior": (
        "prior.middle",
        "prior.midle",
        "prior.midle =",
        "variables.factor.prior.midle",
        "Unknown state 'midle' for factor. Did you mean 'middle'? Available: low, middle, high.",
    ),
    "a prior too short": (
        f"prior.middle = {NUMBER}\n",
        "",
        "prior.high =",
        "variables.factor.prior",
        "a number is missing for middle; every state of 'factor' above its lowest needs one.",
    ),
    "a prior above one": (
        "value = 0.1, low = 0.0, high = 0.2",
        "value = 0.8, low = 0.0, high = 1",
        "prior.middle =",
        "variables.factor.prior",
        "the numbers sum to 1.05; together they must not exceed 1 (low takes the rest).",
    ),
    "a whole prior that does not sum to one": (
        "prior.middle",
        f"prior.low = {NUMBER}\nprior.middle",
        "prior.low =",
        "variables.factor.prior",
        "the probabilities of 'factor' sum to 0.6, off by -0.4; they must sum to 1 within 1e-06",
    ),
    "no distribution": (
        'form = "noisy-or"\n',
        "",
        "[variables.cause]",
        "variables.cause",
        "'cause' needs a prior (no parents) or a form (noisy-or, noisy-max or table)",
    ),
    "an unknown form": (
        '"noisy-or"',
        '"noisy_or"',
        'form = "noisy_or"',
        "variables.cause.form",
        "Unknown form 'noisy_or'. Did you mean 'noisy-or'",
    ),
    "a form for another number of states": (
        '"noisy-max"',
        '"noisy-or"',
        'form = "noisy-or"',
        "variables.graded.form",
        "a noisy-or is for two states; 'graded' has 3: use noisy-max.",
    ),
    "keys of another form": (
        'form = "noisy-or"',
        'form = "table"',
        "leak =",
        "variables.cause.leak",
        "a table is given by parents and rows and table, not by leak.",
    ),
    "a prior beside a form": (
        'form = "noisy-or"',
        f'form = "noisy-or"\nprior.present = {NUMBER}',
        "prior.present =",
        "variables.cause.prior",
        "a noisy-or is given by leak and links, not by prior.",
    ),
    "no leak": (f"leak = {NUMBER}\n", "", "[variables.cause]", "variables.cause", "leak is missing"),
    "an unknown parent": (
        "links.factor.middle",
        "links.facter.middle",
        "links.facter.middle =",
        "variables.cause.links.facter",
        "Unknown parent 'facter'. Did you mean 'factor'? Available: factor, cause, graded, table, compact.",
    ),
    "a screening answer as a parent": (
        "links.factor.middle",
        "links.fever.present",
        "links.fever.present =",
        "variables.cause.links.fever",
        "the screening answer 'fever' cannot be a parent.",
    ),
    "an unknown state of a parent": (
        "links.factor.middle",
        "links.factor.midle",
        "links.factor.midle =",
        "variables.cause.links.factor.midle",
        "Unknown state 'midle' for factor. Did you mean 'middle'? Available: middle, high.",
    ),
    "a link from the lowest state": (
        "links.factor.middle",
        "links.factor.low",
        "links.factor.low =",
        "variables.cause.links.factor.low",
        "Unknown state 'low' for factor: it is the lowest state, whose probability is the rest.",
    ),
    "a strength missing": (
        f"links.cause.present.much = {NUMBER}\n",
        "",
        "[variables.graded]",
        "variables.graded",
        "the link cause=present lacks a number for much.",
    ),
    "a strength for an unknown state": (
        "links.cause.present.much",
        "links.cause.present.more",
        "links.cause.present.more =",
        "variables.graded.links.cause.present.more",
        "Unknown state 'more' for graded.",
    ),
    "a cycle": (
        "links.factor.middle",
        "links.graded.some",
        "[variables.cause]",
        "variables.cause",
        "The links form a cycle: cause -> graded -> cause.",
    ),
    "links that are a number": (
        f"links.factor.middle = {NUMBER}\nlinks.factor.high = {NUMBER}",
        "links = 1",
        "links = 1",
        "variables.cause.links",
        "links must be a table, got number 1.",
    ),
    "a row missing": (
        '[[variables.table.rows]]\ngiven = { cause = "present" }\npresent = ' + NUMBER,
        "",
        "[[variables.table.rows]]",
        "variables.table.rows",
        "no row is given for cause=present.",
    ),
    "a row twice": (
        'given = { cause = "absent" }',
        'given = { cause = "present" }',
        "[[variables.table.rows]]",
        "variables.table.rows[1]",
        "the row for cause=present is given twice.",
    ),
    "a row for an unknown state": (
        'given = { cause = "absent" }',
        'given = { cause = "absnt" }',
        'given = { cause = "absnt" }',
        "variables.table.rows[1].given.cause",
        "Unknown state 'absnt' for cause. Did you mean 'absent'?",
    ),
    "a row for an unknown parent": (
        'given = { cause = "absent" }',
        'given = { couse = "absent" }',
        'given = { couse = "absent" }',
        "variables.table.rows[1].given.couse",
        "Unknown parent 'couse'. Did you mean 'cause'? Available: cause.",
    ),
    "a row for no parent": (
        'given = { cause = "absent" }\n',
        "",
        "[[variables.table.rows]]",
        "variables.table.rows[1]",
        "given is missing; keys given here: absent, present.",
    ),
    "rows that are no tables": (
        "rows = [\n  [0.9, 0.1],",
        "rows = [\n  0.9,",
        "rows = [",
        "variables.compact.table.rows",
        "rows must be a list of rows, each a list of numbers.",
    ),
    "a compact row too few": (
        "  [0.4, 0.6],\n",
        "",
        "rows = [",
        "variables.compact.table.rows",
        "rows has 5 rows; the parents (cause, graded) need 6.",
    ),
    "a compact cell too many": (
        "[0.7, 0.3]",
        "[0.7, 0.2, 0.1]",
        "[0.7, 0.2, 0.1],",
        "variables.compact.table.rows[2]",
        "the row has 3 numbers; there are 2 states.",
    ),
    "a compact cell in quotes": (
        "[0.7, 0.3]",
        '[0.7, "0.3"]',
        '[0.7, "0.3"],',
        "variables.compact.table.rows[2][1]",
        "rows[2][1] must be a finite number, got text '0.3'.",
    ),
    "a compact cell that is true": (
        "[0.7, 0.3]",
        "[true, 0.3]",
        "[true, 0.3],",
        "variables.compact.table.rows[2][0]",
        "must be a finite number, got true or false True.",
    ),
    "a compact row that does not sum to one": (
        "[0.7, 0.3]",
        "[0.7, 0.2]",
        "[0.7, 0.2],",
        "variables.compact.table.rows[2]",
        "The probabilities of 'compact' | cause=absent, graded=much sum to 0.9, off by -0.1;",
    ),
    "a compact cell that is NaN": (
        "[0.7, 0.3]",
        "[nan, 0.3]",
        "[nan, 0.3],",
        "variables.compact.table.rows[2]",
        "P(compact = absent | cause=absent, graded=much) must be a probability from 0 to 1, got nan.",
    ),
    "a compact cell that is huge": (
        "[0.7, 0.3]",
        "[0.7, 1" + "0" * 400 + "]",
        "rows = [",
        "variables.compact.table.rows",
        "rows holds a number too large for a probability.",
    ),
    "a compact table of judgement without ranges": (
        'grade = "U"',
        'grade = "C"',
        'source = "unstated"',
        "variables.compact.table.source",
        "Unknown source 'unstated'.",
    ),
    "a compact table without ranges": (
        'source = "unstated"\ngrade = "U"',
        'source = "me"\ngrade = "C"',
        "[variables.compact.table]",
        "variables.compact.table",
        "low is missing",
    ),
    "both kinds of table": (
        "[variables.compact.table]",
        "rows = []\n[variables.compact.table]",
        "[variables.compact]",
        "variables.compact",
        "a table is given by rows or by table: one of the two.",
    ),
    "a screening answer with a prior": (
        'unit = "years"',
        f"prior.present = {NUMBER}",
        "prior.present =",
        "variables.age.prior",
        "a screening answer has no probability, so no prior.",
    ),
    "a number that is no range": (
        "numeric = [0, 120]",
        "numeric = 120",
        "numeric = 120",
        "variables.age.numeric",
        "numeric must be a range [lowest, highest], got 120.",
    ),
    "a range of texts": (
        "numeric = [0, 120]",
        'numeric = [0, "120"]',
        'numeric = [0, "120"]',
        "variables.age.numeric[1]",
        "numeric[1] must be a finite number, got text '120'.",
    ),
    "a range with states": (
        "numeric = [0, 120]",
        'numeric = [0, 120]\nstates = ["young", "old"]',
        'states = ["young", "old"]',
        "variables.age.states",
        "a numeric variable has no states.",
    ),
    "sources from a text that is no file": (
        'version = "1.2"',
        'sources = "sources.toml"',
        'sources = "sources.toml"',
        "network.sources",
        "sources must be a file in the network's folder or the folder above, got 'sources.toml'.",
    ),
    "not TOML": ('name = "small"', "name = small", "name = small", "", "not readable as TOML"),
    "nothing but the head": (TEXT[TEXT.index("[variables.factor]") :], "", None, "", "The network is empty"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes(case: str) -> None:
    old, new, line, key, sentence = MISTAKES[case]
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    with pytest.raises(NetworkFileError, match=re.escape(sentence)) as caught:
        read(text)
    error = caught.value
    assert (error.key or "") == key
    if line is None or error.line is None:
        assert error.line is line
    else:
        assert text.splitlines()[error.line - 1].strip().startswith(line)
    assert str(error).startswith("small.toml")
    assert error.__cause__ is None


def test_lines_are_those_of_a_file_with_windows_line_ends() -> None:
    text = TEXT.replace("prior.middle", "prior.midle").replace("\n", "\r\n")
    with pytest.raises(NetworkFileError, match=re.escape("small.toml:24, at variables.factor.prior.midle")):
        read(text)


# -- normalize ----------------------------------------------------------------------------------------


def test_rows_that_give_every_state_can_be_normalised() -> None:
    text = TEXT.replace("[0.7, 0.3]", "[7, 3]").replace(
        "absent = { value = 0.9, low = 0.8, high = 1.0", "absent = { value = 0.9, low = 0.8, high = 0.95"
    )
    text = text.replace(
        "present = { value = 0.1, low = 0.0, high = 0.2,", "present = { value = 0.11, low = 0.0, high = 0.2,"
    )
    with pytest.raises(NetworkFileError, match="sum to 1.01"):
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


def test_every_refusal_is_an_error_of_ours_whatever_is_cut_off() -> None:
    """Row 67, for TOML: a file cut anywhere is refused or read, never answered with an inside."""
    for end in range(0, len(TEXT), 37):
        try:
            read(TEXT[:end])
        except MassagePainError as error:
            assert "small.toml" in str(error)  # noqa: PT017  (either is fine)


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
    with pytest.raises(NetworkFileError, match="the source 'me' stands in sources.toml already") as caught:
        read(with_sources("sources.toml"), folder=folder)
    assert caught.value.key == "sources.me"
    with pytest.raises(NetworkFileError, match=r"there is no such file\. Did you mean 'sources.toml'"):
        read(with_sources("source.toml"), folder=folder)
