"""What each mistake in a network's TOML file gets: the sentence, the line and the key."""

from __future__ import annotations

import re

import pytest

from massage_pain.errors import MassagePainError, NetworkFileError
from tests.knowledge.test_toml_reader import NUMBER, TEXT, read

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


def test_every_refusal_is_an_error_of_ours_whatever_is_cut_off() -> None:
    """Row 67, for TOML: a file cut anywhere is refused or read, never answered with an inside."""
    for end in range(0, len(TEXT), 37):
        try:
            read(TEXT[:end])
        except MassagePainError as error:
            assert "small.toml" in str(error)  # noqa: PT017  (either is fine)
