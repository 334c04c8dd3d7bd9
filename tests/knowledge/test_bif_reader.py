"""Reading BIF: every way in which other programs write it, and the public networks cell for cell."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest

from massage_pain.errors import NetworkFileError
from massage_pain.knowledge.bif_reader import read_bif
from massage_pain.knowledge.files import read_network
from massage_pain.knowledge.network import Network

TWO = """network two {
}
variable rain {
  type discrete [ 2 ] { no, yes };
}
variable wet {
  type discrete [ 3 ] { dry, damp, soaked };
}
probability ( rain ) {
  table 0.8, 0.2;
}
probability ( wet | rain ) {
  (no) 0.9, 0.075, 0.025;
  (yes) 0.1, 0.3, 0.6;
}
"""
CORPUS = (
    *("alarm", "asia", "barley", "cancer", "child", "earthquake"),
    *("hailfinder", "insurance", "munin1", "sachs", "survey", "water"),
)


def read(text: str, **options: object) -> Network:
    return read_bif(text, file="some.bif", name="some", **options)  # type: ignore[arg-type]


def assert_is_two(network: Network) -> None:
    assert [each.id for each in network.variables] == ["rain", "wet"]
    assert network.variable("rain").states == ("no", "yes")
    assert network.variable("wet").states == ("dry", "damp", "soaked")
    assert network.parents("wet") == ("rain",)
    assert network.cpd("rain").tolist() == [0.8, 0.2]
    assert network.cpd("wet").tolist() == [[0.9, 0.075, 0.025], [0.1, 0.3, 0.6]]


def test_reads_what_bnlearn_writes() -> None:
    network = read(TWO)
    assert_is_two(network)
    assert network.name == "two"


def test_every_number_names_the_network_as_its_source_with_grade_u() -> None:
    network = read(TWO)
    number = network.parameters["wet", "table", "yes", "soaked"]
    assert (number.value, number.low, number.high) == (0.6, 0.6, 0.6)
    assert (number.source, number.grade) == (("two",), "U")
    assert network.sources["two"].citation == (
        "The network 'two', read from a BIF file, which names no source for its numbers."
    )
    assert network.description == "Read from some.bif."
    assert {each.role for each in network.variables} == {"other"}


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(TWO.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(TWO.replace("\n", "\r"), id="CR"),
        pytest.param(TWO.replace("\n", " "), id="one line"),
        pytest.param("".join(TWO.split("\n")), id="no line ends at all"),
        pytest.param(TWO.rstrip("\n"), id="no final newline"),
        pytest.param(TWO.replace("}", "} "), id="space after braces"),
        pytest.param(TWO.replace("(", "  (  ").replace(")", "\t) "), id="space everywhere"),
        pytest.param(TWO.replace(" ( ", "(").replace(" ) ", ")").replace(" | ", "|"), id="no space"),
        pytest.param(TWO.replace(", ", ","), id="no space after commas"),
        pytest.param(TWO.replace(", ", " "), id="no commas (JavaBayes)"),
        pytest.param(TWO.replace("wet | rain", "wet rain"), id="no bar (JavaBayes)"),
        pytest.param(TWO.replace("wet | rain", "wet, rain"), id="comma for bar"),
        pytest.param(TWO.replace("rain", '"rain"').replace("yes", '"yes"'), id="quoted"),
        pytest.param("// a comment\n" + TWO.replace("{\n", "{ // { one (more\n"), id="// comments"),
        pytest.param("/* a\n{comment}\n */" + TWO.replace("0.3,", "0.3 /* , 9 */ ,"), id="/* */ comments"),
        pytest.param(TWO.replace("{\n}", "{\n  property author = me;\n}"), id="property of the network"),
        pytest.param(TWO.replace("};\n", '};\n  property "a; } b" ;\n'), id="property of variables"),
        pytest.param(TWO.replace("};\n", '};\n  property 5" thick ;\n'), id="property with one quote"),
        pytest.param(TWO.replace("{\n  (no)", "{\n property x;\n  (no)"), id="property of a table"),
        pytest.param(TWO.replace("0.075", "7.5e-2").replace("0.2;", "+2.E-01;"), id="scientific"),
        pytest.param(TWO.replace("0.", "."), id="no zero before the point"),
        pytest.param(TWO.replace("(no) 0.9, 0.075, 0.025", "default 0.9, 0.075, 0.025"), id="default row"),
        pytest.param(TWO.replace("(no)", "default 0, 0, 1;\n(no)"), id="default that is not needed"),
        pytest.param(TWO.replace("table", "default"), id="default of a root"),
        pytest.param(TWO.replace("table", "()"), id="row of a root"),
    ],
)
def test_reads_every_way_of_writing_it(written: str) -> None:
    assert written != TWO
    assert_is_two(read(written))


def test_rows_and_blocks_may_stand_in_any_order() -> None:
    head, *blocks = TWO.split("\n}\n")
    rows = blocks[3].split("\n")
    blocks[3] = "\n".join([rows[0], rows[2], rows[1]])
    turned = "\n}\n".join([head, blocks[3], blocks[2], blocks[0], blocks[1], ""])
    assert_is_two(read(turned))


def test_a_table_with_parents_runs_through_the_child_slowest() -> None:
    """The order of JavaBayes' own example (dog-problem.bif), and of pgmpy and aGrUM."""
    network = read(
        """network "Dog-Problem" { //5 variables and 5 probability distributions
	property "credal-set constant-density-bounded 1.1" ;
}
variable  "light-on" { //2 values
	type discrete[2] {  "true"  "false" };
	property "position = (218, 195)" ;
}
variable  "family-out" { //2 values
	type discrete[2] {  "true"  "false" };
	property "position = (257, 99)" ;
}
probability (  "light-on"  "family-out" ) { //2 variable(s) and 4 values
	table 0.6 0.05 0.4 0.95 ;
}
probability (  "family-out" ) { //1 variable(s) and 2 values
	table 0.15 0.85 ;
}
"""
    )
    assert network.name == "Dog-Problem"
    assert network.parents("light-on") == ("family-out",)
    assert network.cpd("light-on").tolist() == [[0.6, 0.4], [0.05, 0.95]]


def test_rows_name_states_in_the_order_of_the_head() -> None:
    network = read(
        """network n {}
variable a { type discrete [ 2 ] { x, y }; }
variable b { type discrete [ 3 ] { p, q, r }; }
variable c { type discrete [ 2 ] { no, yes }; }
probability ( c | b, a ) {
  (q, y) 0.1, 0.9; (p, x) 0.2, 0.8; (r, y) 0.3, 0.7; default 0.5, 0.5;
}
probability ( a ) { table 0.5, 0.5; }
probability ( b ) { table 0.2, 0.3, 0.5; }
"""
    )
    assert network.parents("c") == ("b", "a")
    assert network.cpd("c")[..., 0].tolist() == [[0.2, 0.5], [0.5, 0.1], [0.5, 0.3]]


def test_names_that_differ_only_in_case_are_two_names() -> None:
    network = read(
        """network n {}
variable A { type discrete [ 2 ] { t, T }; }
variable a { type discrete [ 2 ] { t, f }; }
probability ( A | a ) { (t) 0.1, 0.9; (f) 0.2, 0.8; }
probability ( a ) { table 0.5, 0.5; }
"""
    )
    assert network.variable("A").states == ("t", "T")
    assert network.parents("A") == ("a",)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("0", "0"),
        ("-1", "-1"),
        ("+1.5e3", "+1.5e3"),
        ("<=375", "<=375"),
        ("a.b-c=d", "a.b-c=d"),
        ("a/b", "a/b"),
        ("t(1)", "t(1)"),
        ("f()x[2]", "f()x[2]"),
        ("(0,1.5]", "(0,1.5]"),
        ("[-Inf,2e3)", "[-Inf,2e3)"),
        ("very high", "very high"),
        ("very\n   high", "very high"),
        ('"very  high"', "very  high"),
        ('"a, b"', "a, b"),
        ('"{x}; (y) | z"', "{x}; (y) | z"),
        ('"http://a.b/*c"', "http://a.b/*c"),
        ('"table"', "table"),
        ("table", "table"),
        ("Cer'eals", "Cer'eals"),
        (r"a\b", r"a\b"),
        ("Müdigkeit", "Müdigkeit"),
        (unicodedata.normalize("NFD", "Müdigkeit"), "Müdigkeit"),
        ("疼痛", "疼痛"),
    ],
)
def test_states_as_bnlearn_and_pgmpy_write_them(written: str, name: str) -> None:
    network = read(
        f"""network n {{}}
variable a {{ type discrete [ 2 ] {{ {written}, other }}; }}
variable b {{ type discrete [ 2 ] {{ t, f }}; }}
probability ( a ) {{ table 0.25, 0.75; }}
probability ( b | a ) {{ ({written}) 0.1, 0.9; (other) 0.2, 0.8; }}
"""
    )
    assert network.variable("a").states == (name, "other")
    assert network.cpd("b").tolist() == [[0.1, 0.9], [0.2, 0.8]]


@pytest.mark.parametrize("name", ["my pain", "a.b-c", "t(1)", "2", "variable", "http:/x"])
def test_variables_as_bnlearn_and_pgmpy_write_them(name: str) -> None:
    network = read(
        f"""network n {{}}
variable {name} {{ type discrete [ 2 ] {{ t, f }}; }}
variable b {{ type discrete [ 2 ] {{ t, f }}; }}
variable c {{ type discrete [ 1 ] {{ always so }}; }}
probability ( {name} ) {{ table 0.25, 0.75; }}
probability ( b | {name}, c ) {{ (t, always so) 0.1, 0.9; (f, always so) 0.2, 0.8; }}
probability ( c | {name}, b ) {{ default 1; }}
""".replace("( c | " + name + ", b )", "( c )")
    )
    assert network.parents("b") == (name, "c")
    assert network.variable("c").states == ("always so",)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("network asia {", "asia"),
        ('network "Asia, small" {', "Asia, small"),
        ("network Asia small {", "Asia small"),
        ("network unknown {", "some"),  # what bnlearn calls every network
        ('network "unknown" {', "unknown"),
        ("network {", "some"),
    ],
)
def test_the_name_is_the_files_own_or_that_of_the_file(head: str, name: str) -> None:
    assert read(TWO.replace("network two {", head)).name == name


def test_a_file_may_leave_out_the_network_block() -> None:
    network = read(TWO.removeprefix("network two {\n}\n"))
    assert_is_two(network)
    assert network.name == "some"


def test_rows_within_a_millionth_of_one_are_kept_as_they_are() -> None:
    network = read(TWO.replace("0.8, 0.2", "0.8, 0.2000009"))
    assert network.cpd("rain").tolist() == [0.8, 0.2000009]


def test_normalize_divides_each_row_by_its_sum() -> None:
    network = read(TWO.replace("0.8, 0.2", "2, 6").replace("0.9, 0.075, 0.025", "1, 2, 1"), normalize=True)
    assert network.cpd("rain").tolist() == [0.25, 0.75]
    assert network.cpd("wet")[0].tolist() == [0.25, 0.5, 0.25]
    np.testing.assert_allclose(network.cpd("wet")[1], [0.1, 0.3, 0.6], rtol=1e-15)


# -- the public networks ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", CORPUS)
def test_the_corpus_is_read_whole(shared: Path, name: str) -> None:
    path = shared / "corpus" / f"{name}.bif"
    text = path.read_text(encoding="utf-8")
    network = read_bif(text, file=path.name, name=name)
    assert network.name == name
    assert len(network.variables) == text.count("\nvariable ")
    assert len(network.distributions) == text.count("\nprobability ")
    for each in network.nodes:
        rows = network.cpd(each.id).sum(axis=-1)
        np.testing.assert_allclose(rows, 1.0, atol=1e-6)
    exact = read_bif(text, file=path.name, name=name, normalize=True)
    for each in exact.nodes:
        np.testing.assert_allclose(exact.cpd(each.id).sum(axis=-1), 1.0, rtol=1e-15)


@pytest.mark.parametrize("name", ["asia", "insurance", "sachs", "survey"])
def test_the_corpus_agrees_with_pgmpy_cell_for_cell(shared: Path, name: str) -> None:
    """Where pgmpy reads right: files in the layout that its own patterns expect."""
    readwrite = pytest.importorskip("pgmpy.readwrite")
    path = shared / "corpus" / f"{name}.bif"
    text = path.read_text(encoding="utf-8")
    network = read_bif(text, file=path.name, name=name)
    model = readwrite.BIFReader(string=text).get_model()
    assert {each.id for each in network.nodes} == set(model.nodes())
    for each in network.nodes:
        cpd = model.get_cpds(each.id)
        assert tuple(cpd.state_names[each.id]) == each.states
        assert tuple(cpd.variables[1:]) == network.parents(each.id)
        assert np.array_equal(np.moveaxis(cpd.values, 0, -1), network.cpd(each.id))


def test_the_corpus_agrees_with_pyagrum(shared: Path) -> None:
    """A second oracle; it holds numbers as 32-bit floats when it reads a file."""
    pyagrum = pytest.importorskip("pyagrum")
    for name in ("hailfinder", "water"):
        path = shared / "corpus" / f"{name}.bif"
        network = read_bif(path.read_text(encoding="utf-8"), file=path.name, name=name)
        other = pyagrum.loadBN(str(path))
        for each in network.nodes:
            assert other.variable(each.id).labels() == each.states
            table = other.cpt(each.id)
            wanted = [*network.parents(each.id), each.id]
            axes = [list(reversed(table.names)).index(axis) for axis in wanted]
            values = np.transpose(table.toarray(), axes)
            np.testing.assert_allclose(values, network.cpd(each.id), rtol=1e-6, atol=1e-7)


# -- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xef\xbb\xbf" + TWO.encode(), id="byte order mark"),
        pytest.param(TWO.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(TWO.rstrip().encode(), id="no final newline"),
    ],
)
def test_a_file_is_read_through_read_network(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lawn.bif"
    path.write_bytes(content)
    network = read_network(path)
    assert_is_two(network)
    network.write(tmp_path / "again.bif")
    assert read_network(tmp_path / "again.bif").content_hash == network.content_hash


def test_a_file_whose_name_no_network_can_have(tmp_path: Path) -> None:
    path = tmp_path / " lawn .bif"
    path.write_text(TWO.replace("network two", "network unknown"))
    assert read_network(path).name == "network"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "this is no UTF-8 text file"),
        (TWO.replace("soaked", "durchnäßt").encode("latin-1"), "is not UTF-8"),
        (TWO.encode("utf-16"), "UTF-16"),
        (b"", "this is not a BIF file: it is empty"),
        (b"<html>", "this is not a BIF file"),
    ],
)
def test_a_file_that_is_no_bif_text_is_refused_by_its_name(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "lawn.bif"
    path.write_bytes(content)
    with pytest.raises(NetworkFileError) as caught:
        read_network(path)
    assert str(path) in str(caught.value)
    assert sentence in str(caught.value)


# -- as other programs write it ----------------------------------------------------------------------


def test_reads_what_pgmpy_writes() -> None:
    """Names of several words and with parentheses stand there without quotes."""
    readwrite = pytest.importorskip("pgmpy.readwrite")
    from pgmpy.factors.discrete import TabularCPD
    from pgmpy.models import DiscreteBayesianNetwork

    states = {"my pain": ["not at all", "very high"], "c": ["c(1)", "c 2"], "b": [0, 1]}
    rows = [[0.1, 0.2, 0.3, 0.4], [0.9, 0.8, 0.7, 0.6]]
    model = DiscreteBayesianNetwork([("my pain", "b"), ("c", "b")])
    model.add_cpds(
        TabularCPD("my pain", 2, [[0.2], [0.8]], state_names={"my pain": states["my pain"]}),
        TabularCPD("c", 2, [[0.3], [0.7]], state_names={"c": states["c"]}),
        TabularCPD("b", 2, rows, evidence=["my pain", "c"], evidence_card=[2, 2], state_names=states),
    )
    network = read(str(readwrite.BIFWriter(model)))
    assert network.variable("my pain").states == ("not at all", "very high")
    assert network.variable("c").states == ("c(1)", "c 2")
    assert network.parents("b") == ("my pain", "c")
    assert network.cpd("b").reshape(4, 2).T.tolist() == rows
    assert network.cpd("my pain").tolist() == [0.2, 0.8]


def test_reads_what_agrum_writes(tmp_path: Path) -> None:
    pyagrum = pytest.importorskip("pyagrum")
    other = pyagrum.fastBN("A{yes|no}->B[3]<-C{a|b|c};D{x|y}->B;E{3|4}->F")
    other.saveBIF(str(tmp_path / "x.bif"))
    network = read((tmp_path / "x.bif").read_text())
    assert {each.id for each in network.nodes} == set("ABCDEF")
    for each in network.nodes:
        table = other.cpt(each.id)
        names = list(reversed(table.names))
        axes = [names.index(name) for name in (*network.parents(each.id), each.id)]
        # aGrUM writes fewer digits than a double has.
        np.testing.assert_allclose(
            np.transpose(table.toarray(), axes), network.cpd(each.id), rtol=1e-12, atol=0
        )
