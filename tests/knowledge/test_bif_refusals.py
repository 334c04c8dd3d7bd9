"""What a BIF file can get wrong: each with its sentence, its line and its variable; bombs at once."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massage_pain.errors import ComplexityError, MassagePainError, NetworkFileError
from massage_pain.knowledge.bif_reader import read_bif
from massage_pain.knowledge.network import Network

GOOD = """network n {
}
variable a {
  type discrete [ 2 ] { no, yes };
}
variable b {
  type discrete [ 2 ] { x, y };
}
probability ( a ) {
  table 0.25, 0.75;
}
probability ( b | a ) {
  (no) 0.1, 0.9;
  (yes) 0.2, 0.8;
}
"""


def read(text: str, **options: object) -> Network:
    return read_bif(text, file="bad.bif", name="bad", **options)  # type: ignore[arg-type]


def variable(name: str, states: str = "t, f", count: int = 2) -> str:
    return f"variable {name} {{ type discrete [ {count} ] {{ {states} }}; }}\n"


@pytest.mark.parametrize(
    ("text", "line", "begins"),
    [
        ("", 1, "it is empty"),
        (" \n\n// nothing\n", 4, "it is empty"),
        ("<!DOCTYPE html>\n<html></html>", 1, "it begins with '<!DOCTYPE'"),
        ("\x89PNG\r\n\x1a\n", 1, r"it begins with '\x89PNG'"),
        ("machine-17\n", 1, "it begins with 'machine-17'"),
        ('{"nodes": []}', 1, "it begins with '{'"),
        ("NETWORK n {}", 1, "it begins with 'NETWORK'"),
    ],
)
def test_what_is_no_bif_file_is_called_so(text: str, line: int, begins: str) -> None:
    with pytest.raises(NetworkFileError) as caught:
        read(text)
    assert str(caught.value) == (
        f"bad.bif:{line}: this is not a BIF file: {begins}, where 'network NAME {{' is expected."
    )
    assert (caught.value.file, caught.value.line, caught.value.key) == ("bad.bif", line, None)


REFUSED = {
    # -- rows and numbers --
    "missing row": (
        GOOD.replace("  (yes) 0.2, 0.8;\n", ""),
        12,
        "b",
        "there is no row given a=yes (1 of 2 rows are missing).",
    ),
    "no rows": (
        GOOD.replace("  (no) 0.1, 0.9;\n  (yes) 0.2, 0.8;\n", ""),
        12,
        "b",
        "there is no row given a=no (2 of 2 rows are missing).",
    ),
    "no numbers for a root": (
        GOOD.replace("  table 0.25, 0.75;\n", ""),
        9,
        "a",
        "there is no row (1 of 1 rows are missing).",
    ),
    "row twice": (
        GOOD.replace("(yes) 0.2", "(no) 0.2"),
        14,
        "b",
        "the row given a=no stands here twice; the first is on line 13.",
    ),
    "unknown parent state": (
        GOOD.replace("(yes) 0.2", "(yess) 0.2"),
        14,
        "b",
        "Unknown state 'yess' for the parent a. Did you mean 'yes'? Available: no, yes.",
    ),
    "too few numbers": (
        GOOD.replace("0.2, 0.8", "1"),
        14,
        "b",
        "1 number where 2 are needed (the states of 'b' are x, y).",
    ),
    "too many numbers": (
        GOOD.replace("0.2, 0.8", "0.1, 0.2, 0.7"),
        14,
        "b",
        "3 numbers where 2 are needed (the states of 'b' are x, y).",
    ),
    "decimal comma, spaces between": (
        GOOD.replace("0.2, 0.8", "0,2 0,8"),
        14,
        "b",
        "4 numbers where 2 are needed (the states of 'b' are x, y). "
        "Numbers need a decimal point, not a comma.",
    ),
    "decimal comma, commas between": (
        GOOD.replace("0.2, 0.8", "0,2, 0,8"),
        14,
        "b",
        "4 numbers where 2 are needed (the states of 'b' are x, y). "
        "Numbers need a decimal point, not a comma.",
    ),
    "decimal comma in a table": (
        GOOD.replace("0.25, 0.75", "0,25 0,75"),
        10,
        "a",
        "4 numbers where 2 are needed (the states of 'a' are no, yes). "
        "Numbers need a decimal point, not a comma.",
    ),
    "two parent states for one": (
        GOOD.replace("(yes)", "(yes, no)"),
        14,
        "b",
        "the row names 2 parent states; 'b' has 1 parent (a).",
    ),
    "parent states for a root": (
        GOOD.replace("table 0.25", "(yes) 0.25"),
        10,
        "a",
        "the row names 1 parent state; 'a' has no parents.",
    ),
    "short table": (
        GOOD.replace("(no) 0.1, 0.9;\n  (yes) 0.2, 0.8;", "table 0.1, 0.9;"),
        13,
        "b",
        "2 numbers where 4 are needed (the states of 'b' are x, y).",
    ),
    "short default": (
        GOOD.replace("(yes) 0.2, 0.8", "default 1"),
        14,
        "b",
        "1 number where 2 are needed (the states of 'b' are x, y).",
    ),
    "NaN": (
        GOOD.replace("0.2, 0.8", "NaN, 0.8"),
        14,
        "b",
        "'NaN' is not a probability; it must be a number from 0 to 1 with a decimal point.",
    ),
    "inf": (
        GOOD.replace("0.2, 0.8", "0.2, inf"),
        14,
        "b",
        "'inf' is not a probability; it must be a number from 0 to 1 with a decimal point.",
    ),
    "overflow": (
        GOOD.replace("0.2, 0.8", "0.2, 1e999"),
        14,
        "b",
        "P(b = y | a=yes) must be a probability from 0 to 1, got inf.",
    ),
    "negative": (
        GOOD.replace("0.2, 0.8", "-0.2, 1.2"),
        14,
        "b",
        "P(b = x | a=yes) must be a probability from 0 to 1, got -0.2.",
    ),
    "percent": (
        GOOD.replace("0.25, 0.75", "25, 75"),
        10,
        "a",
        "P(a = no) must be a probability from 0 to 1, got 25.0. Is it a percentage?",
    ),
    "sum": (
        GOOD.replace("0.2, 0.8", "0.2, 0.795"),
        14,
        "b",
        "the probabilities of 'b' given a=yes sum to 0.995, off by -0.005; they must sum to 1 within "
        "1e-06 (normalize=True divides each row by its sum).",
    ),
    "sum of a default row": (
        GOOD.replace("(yes) 0.2, 0.8", "default 0.2, 0.9"),
        14,
        "b",
        "the probabilities of 'b' given a=yes sum to 1.1, off by +0.1; they must sum to 1 within "
        "1e-06 (normalize=True divides each row by its sum).",
    ),
    "table in the other order": (
        GOOD.replace("(no) 0.1, 0.9;\n  (yes) 0.2, 0.8;", "table 0.1, 0.9, 0.2, 0.8;"),
        13,
        "b",
        "In a table with parents the child varies slowest; these numbers look as if it varied fastest. "
        "Write them as rows.",
    ),
    "underscore in a number": (
        GOOD.replace("0.2, 0.8", "0.2, 0.8_0"),
        14,
        "b",
        "'0.8_0' is not a probability; it must be a number from 0 to 1 with a decimal point.",
    ),
    "double comma": (
        GOOD.replace("0.2, 0.8", "0.2,, 0.8"),
        14,
        "b",
        "a number or ';' is expected here; there is ','.",
    ),
    "comma at the end": (
        GOOD.replace("0.2, 0.8", "0.2, 0.8,"),
        14,
        "b",
        "a number is missing after the last comma.",
    ),
    "no semicolon": (
        GOOD.replace("0.2, 0.8;", "0.2, 0.8"),
        15,
        "b",
        "a number or ';' is expected here; there is '}'.",
    ),
    "row and table": (
        GOOD.replace("(yes) 0.2, 0.8", "table 0.1, 0.2, 0.9, 0.8"),
        14,
        "b",
        "a table stands beside rows or a default; give one or the other.",
    ),
    "two tables": (
        GOOD.replace("0.75;", "0.75; table 0.25, 0.75;"),
        10,
        "a",
        "this table stands here twice.",
    ),
    "two defaults": (
        GOOD.replace("0.9;", "0.9; default 0.5, 0.5; default 0.5, 0.5;"),
        13,
        "b",
        "this default stands here twice.",
    ),
    # -- variables --
    "fewer states than declared": (
        GOOD.replace("[ 2 ] { no", "[ 3 ] { no"),
        4,
        "a",
        "'a' declares 3 states but lists 2: no, yes.",
    ),
    "more states than declared": (
        GOOD.replace("no, yes }", "no, yes, maybe }"),
        4,
        "a",
        "'a' declares 2 states but lists 3: no, yes, maybe.",
    ),
    "no states": (
        GOOD.replace("{ no, yes }", "{ }"),
        4,
        "a",
        "'a' declares 2 states but lists 0: none.",
    ),
    "state twice": (GOOD.replace("no, yes }", "no, no }"), 3, "a", "'a' has the state 'no' twice."),
    "blank state": (
        GOOD.replace("no, yes }", '" ", yes }'),
        3,
        "a",
        "A state of 'a' must not be blank, got ' '.",
    ),
    "no-break space in a state": (
        GOOD.replace("no, yes }", "no, ye\u00a0s }"),
        3,
        "a",
        r"A state of 'a' 'ye\xa0s' holds a control or invisible character (U+00A0); use printable ones.",
    ),
    "empty state": (
        GOOD.replace("no, yes }", "no,, yes }"),
        4,
        "a",
        "a name is missing before this comma.",
    ),
    "comma after the last state": (
        GOOD.replace("no, yes }", "no, yes, }"),
        4,
        "a",
        "a name is missing after the last comma.",
    ),
    "no count": (
        GOOD.replace("[ 2 ] { no", "[ two ] { no"),
        4,
        "a",
        "the number of states is expected here; there is 'two'.",
    ),
    "count of a thousand digits": (
        GOOD.replace("[ 2 ] { no", f"[ {'9' * 5000} ] {{ no"),
        4,
        "a",
        f"the number of states is expected here; there is '{'9' * 77}...'.",
    ),
    "continuous": (
        GOOD.replace("type discrete [ 2 ] { no, yes };", "type continuous;"),
        4,
        "a",
        "only discrete variables are read; the type of 'a' is 'continuous'.",
    ),
    "no type": (
        GOOD.replace("  type discrete [ 2 ] { no, yes };\n", ""),
        3,
        "a",
        "the variable 'a' has no 'type discrete [ N ] { ... };'.",
    ),
    "two types": (
        GOOD.replace("yes };", "yes }; type discrete [ 2 ] { no, yes };"),
        4,
        "a",
        "one 'type' and then 'property' or '}' are expected in this variable; there is 'type'.",
    ),
    "variable twice": (
        GOOD.replace("variable b", "variable a"),
        6,
        "a",
        "the variable 'a' is declared twice; the first time is on line 3.",
    ),
    "variable without a name": (
        GOOD.replace("variable b", "variable "),
        6,
        None,
        "one name for this variable is expected here, got none.",
    ),
    "two names": (
        GOOD.replace("variable b", "variable b, c"),
        6,
        None,
        "one name for this variable is expected here, got 'b', 'c'.",
    ),
    "unquoted URL": (
        GOOD.replace("no, yes };", "http://no, yes };"),
        4,
        "a",
        "'a' declares 2 states but lists 1: http:. "
        "Two slashes begin a comment; quote a name that holds them.",
    ),
    # -- blocks --
    "undeclared variable": (
        GOOD + "probability ( c ) { table 0.5, 0.5; }",
        16,
        "c",
        "Unknown variable 'c'. Available: a, b.",
    ),
    "undeclared parent": (
        GOOD.replace("b | a", "b | A"),
        12,
        "b",
        "Unknown parent 'A'. Did you mean 'a'? Available: a, b.",
    ),
    "parent twice": (
        GOOD.replace("b | a", "b | a, a"),
        12,
        "b",
        "a parent is named twice: a, a.",
    ),
    "own parent": (GOOD.replace("b | a", "b | b"), 13, "b", None),
    "block twice": (
        GOOD + "probability ( a ) { table 0.5, 0.5; }",
        16,
        "a",
        "'a' has a second probability block; the first is on line 9.",
    ),
    "no block": (
        GOOD[: GOOD.index("probability ( b")],
        6,
        "b",
        "no probability block is given for 'b'. Is the file cut off?",
    ),
    "block without a name": (
        GOOD.replace("( a )", "( )"),
        9,
        None,
        "this probability block names no variable.",
    ),
    "cycle": (
        "network n {}\n"
        + variable("a")
        + variable("b")
        + "probability ( a | b ) { default 0.5, 0.5; }\nprobability ( b | a ) { default 0.5, 0.5; }",
        None,
        None,
        "the links form a cycle: ",
    ),
    "self-loop": (
        "network n {}\n" + variable("a") + "probability ( a | a ) { default 0.5, 0.5; }",
        3,
        "a",
        "the links form a cycle: a -> a.",
    ),
    "two networks": (
        GOOD + "network m {}",
        16,
        None,
        "a second network begins here; the first is on line 1.",
    ),
    "only a network": ("network n {\n}\n", 3, None, "the file declares no variables."),
    "unknown block": (
        GOOD.replace("variable b", "varable b"),
        6,
        None,
        "Unknown block 'varable'. Did you mean 'variable'? Available: network, variable, probability.",
    ),
    "text between blocks": (GOOD + "the end", 16, None, "Unknown block 'the'."),
    "brace too many": (GOOD + "}", 16, None, "Unknown block '}'."),
    "unknown entry": (
        GOOD.replace("table 0.25", "tabel 0.25"),
        10,
        "a",
        "'(parent states) numbers;', 'table', 'default' or '}' is expected here; there is 'tabel'.",
    ),
    "open comment": (GOOD + "/* the end", 16, None, "the comment that opens here is not closed."),
    "open quote": (
        GOOD.replace("{ no,", '{ "no,'),
        4,
        None,
        "the quotation mark that opens here is not closed.",
    ),
    "property without end": (
        GOOD + "variable c { property x }",
        16,
        None,
        "this property is not ended by a semicolon.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_its_line_and_its_sentence(case: str) -> None:
    text, line, key, sentence = REFUSED[case]
    with pytest.raises(NetworkFileError) as caught:
        read(text)
    if sentence is not None:
        assert sentence in str(caught.value)
    if line is not None:
        assert (caught.value.line, caught.value.key) == (line, key)
    assert caught.value.file == "bad.bif"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_the_good_file_is_good() -> None:
    assert read(GOOD).cpd("b").tolist() == [[0.1, 0.9], [0.2, 0.8]]


@pytest.mark.parametrize("cut", range(len(GOOD) - 1))
def test_a_file_cut_anywhere_is_refused(cut: int) -> None:
    """The last cut leaves out only the final newline, so it is not among these."""
    with pytest.raises(NetworkFileError) as caught:
        read(GOOD[:cut])
    assert caught.value.line is not None


def test_a_file_cut_inside_a_block_says_so() -> None:
    with pytest.raises(NetworkFileError) as caught:
        read(GOOD[: GOOD.index("0.8")])
    assert str(caught.value) == (
        "bad.bif:14, at b: a number or ';' is expected here; the file ends (is it cut off?)."
    )


def test_normalize_does_not_excuse_what_is_no_distribution() -> None:
    for row, sentence in {
        "-1, 2": "P(b = x | a=yes) must be a probability from 0 to 1, got -1.0.",
        "0, 0": "the probabilities of 'b' given a=yes sum to 0, so they cannot be divided by their sum.",
        "1e308, 1e308": "given a=yes sum to inf, so they cannot be divided by their sum.",
        "0, 1e999": "P(b = y | a=yes) must be a probability from 0 to 1, got inf.",
    }.items():
        with pytest.raises(NetworkFileError) as caught:
            read(GOOD.replace("0.2, 0.8", row), normalize=True)
        assert sentence in str(caught.value)
        assert caught.value.line == 14


def test_a_name_too_long_is_refused() -> None:
    for text in (GOOD.replace("no", "n" * 257), GOOD.replace("network n", "network " + "n" * 257)):
        with pytest.raises(ComplexityError, match=r"has 257 characters; the limit is 256\.") as caught:
            read(text)
        assert (caught.value.estimate, caught.value.limit) == (257, 256)


@given(st.lists(st.sampled_from(GOOD.split()), max_size=40), st.booleans(), st.randoms())
def test_whatever_the_words_the_answer_is_a_network_or_our_error(
    words: list[str], shuffled: bool, random: random.Random
) -> None:
    pieces = GOOD.split()
    for word in words:
        pieces[random.randrange(len(pieces))] = word
    if shuffled:
        random.shuffle(pieces)
    assert_read_or_refused(" ".join(pieces))


@given(st.text(), st.integers(0, len(GOOD)), st.integers(0, 20))
def test_whatever_the_letters_the_answer_is_a_network_or_our_error(text: str, at: int, drop: int) -> None:
    assert_read_or_refused(GOOD[:at] + text + GOOD[at + drop :])


def assert_read_or_refused(text: str) -> None:
    """Any other exception fails the test, and so does a network with a variable left without numbers."""
    with suppress(MassagePainError):
        network = read(text)
        assert len(network.distributions) == len(network.variables)


# -- bombs -----------------------------------------------------------------------------------------


def test_a_table_over_the_limit_is_refused_before_it_is_allocated() -> None:
    names = [f"p{i}" for i in range(40)]
    text = "network n {}\n" + "".join(map(variable, [*names, "c"]))
    text += "".join(f"probability ( {name} ) {{ table 0.5, 0.5; }}\n" for name in names)
    text += f"probability ( c | {', '.join(names)} ) {{ default 0.5, 0.5; }}\n"
    with pytest.raises(ComplexityError) as caught:
        read(text)
    assert str(caught.value) == (
        "bad.bif:83: The table of 'c' with 40 parents would have 2,199,023,255,552 cells; "
        "the limit is 1,000,000 (raise it with table_cells=...)."
    )
    assert (caught.value.estimate, caught.value.limit) == (2**41, 10**6)


def test_the_limit_of_a_table_can_be_raised_and_lowered() -> None:
    names = [f"p{i}" for i in range(20)]
    text = "network n {}\n" + "".join(map(variable, [*names, "c"]))
    text += "".join(f"probability ( {name} ) {{ table 0.5, 0.5; }}\n" for name in names)
    text += f"probability ( c | {', '.join(names)} ) {{ default 0.5, 0.5; }}\n"
    with pytest.raises(ComplexityError):
        read(text)
    assert read(text, table_cells=2**21).cpd("c").size == 2**21
    with pytest.raises(ComplexityError):
        read(GOOD, table_cells=3)


def test_many_tables_of_default_rows_are_refused_together() -> None:
    names = [f"p{i}" for i in range(18)]
    children = [f"c{i}" for i in range(60)]
    text = "network n {}\n" + "".join(map(variable, [*names, *children]))
    text += "".join(f"probability ( {name} ) {{ table 0.5, 0.5; }}\n" for name in names)
    for child in children:
        text += f"probability ( {child} | {', '.join(names)} ) {{ default 0.5, 0.5; }}\n"
    with pytest.raises(ComplexityError, match="have more than 20,000,000 cells together"):
        read(text)


def test_more_parents_than_an_array_has_axes() -> None:
    names = [f"p{i}" for i in range(64)]
    text = "network n {}\n" + "".join(variable(name, "only", 1) for name in [*names, "c"])
    text += "".join(f"probability ( {name} ) {{ table 1; }}\n" for name in names)
    text += f"probability ( c | {', '.join(names)} ) {{ default 1; }}\n"
    with pytest.raises(ComplexityError, match=r"'c' has 64 parents; the limit is 63\."):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("variable " * 16_000, id="the same keyword"),
        pytest.param("probability (" + " " * 800 + "A" + " " * 800 + "x {", id="spaces in a head"),
        pytest.param("network n {}\nprobability (" + " " * 10**6 + "A" + " " * 10**6 + "x {", id="more"),
        pytest.param("network n { property " + '"' * 500_001, id="quotes"),
        pytest.param("network n { property " + "x" * 10**6, id="property without end"),
        pytest.param("/*" * 500_000, id="comments"),
        pytest.param("variable a { type discrete [ 2 ] { " + "a(" * 300_000, id="brackets"),
        pytest.param("variable a { type discrete [ 2 ] { " + "a/" * 300_000 + "*", id="slashes"),
        pytest.param("variable a { type discrete [ 2 ] { (0," + " " * 10**6 + "x", id="interval"),
        pytest.param("probability ( a | b ) { (" + "a, " * 200_000, id="row"),
        pytest.param("probability ( a | b ) { (a) " + "1 " * 300_000 + "x;", id="numbers"),
        pytest.param("probability ( a ) { table " + "1" * 10**6 + "x;", id="digits"),
        pytest.param("\n" * 10**6 + "x", id="lines"),
        pytest.param("variable a { type discrete [ 1 ] { " + "a" * 10**6 + " }; }", id="long name"),
    ],
)
def test_the_time_is_linear_whatever_the_file_holds(text: str) -> None:
    """Each takes a second or so; where the time is quadratic (pgmpy's patterns) it does not end at all."""
    with pytest.raises(MassagePainError) as caught:
        read(text, seconds=120.0)
    assert "reading has taken" not in str(caught.value)


def test_reading_ends_when_its_time_is_over() -> None:
    with pytest.raises(NetworkFileError, match="reading has taken more than 0 seconds") as caught:
        read(GOOD, seconds=0.0)
    assert caught.value.line == 1
