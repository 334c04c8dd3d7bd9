"""Writing BIF: what is read back is the same to the last bit, and what cannot be is refused."""

from __future__ import annotations

import locale
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massage_pain.errors import ComplexityError, NetworkFileError
from massage_pain.knowledge.bif_reader import read_bif
from massage_pain.knowledge.bif_writer import bif_text
from massage_pain.knowledge.distributions import NoisyMax, Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from tests.strategies import bif_names, networks, parameter, renamed


def read_back(network: Network) -> Network:
    return read_bif(bif_text(network), file="written.bif", name="not this")


def assert_same(one: Network, other: Network) -> None:
    """Equal ids, states and parents in the same order, and the same bits in every cell."""
    assert [each.id for each in other.variables] == [each.id for each in one.nodes]
    for each in one.nodes:
        assert other.variable(each.id).states == each.states
        assert other.parents(each.id) == one.parents(each.id)
        written = other.cpd(each.id)
        assert written.dtype == np.float64
        assert written.tobytes() == np.ascontiguousarray(one.cpd(each.id)).tobytes()


@given(networks())
def test_what_is_written_is_read_back_to_the_last_bit(network: Network) -> None:
    assert_same(network, read_back(network))


@given(st.data(), networks(most_nodes=4))
def test_any_name_that_can_be_written_is_read_back(data: st.DataObject, network: Network) -> None:
    network = renamed(
        network, data.draw(st.randoms()), data.draw(st.lists(bif_names, min_size=30, unique=True))
    )
    again = read_back(network)
    assert_same(network, again)
    assert again.name == network.name
    assert bif_text(again) == bif_text(network)


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=9).filter(lambda row: sum(row) > 0))
def test_any_number_is_read_back_to_the_last_bit(row: list[float]) -> None:
    values = np.array(row) / sum(row)
    states = tuple(f"s{i}" for i in range(len(row)))
    network = Network("n", (Variable(id="a", states=states),), (Table("a", (), values),))
    assert read_back(network).cpd("a").tobytes() == values.tobytes()


def test_the_text_is_what_bnlearn_writes() -> None:
    rain = Variable(id="rain", states=("no", "yes"))
    wet = Variable(id="wet", states=("dry", "very wet"))
    network = Network(
        "two",
        (rain, wet),
        (
            Table("rain", (), np.array([0.8, 0.2])),
            Table("wet", ("rain",), np.array([[0.99999, 1e-5], [1 / 3, 1 - 1 / 3]])),
        ),
    )
    assert bif_text(network) == (
        "network two {\n}\n"
        "variable rain {\n  type discrete [ 2 ] { no, yes };\n}\n"
        'variable wet {\n  type discrete [ 2 ] { dry, "very wet" };\n}\n'
        "probability ( rain ) {\n  table 0.8, 0.2;\n}\n"
        "probability ( wet | rain ) {\n"
        "  (no) 0.99999, 1e-05;\n"
        "  (yes) 0.3333333333333333, 0.6666666666666667;\n}\n"
    )


def test_a_noisy_or_is_written_out_and_screening_answers_are_left_out() -> None:
    a = Variable(id="a", role="factor")
    b = Variable(id="b", role="cause")
    fever = Variable(id="fever", role="screening")
    network = Network(
        "n",
        (a, fever, b),
        (
            Table("a", (), np.array([0.7, 0.3])),
            NoisyMax("b", {"present": parameter(0.1)}, {"a": {"present": {"present": parameter(0.5)}}}),
        ),
    )
    again = read_back(network)
    assert [each.id for each in again.variables] == ["a", "b"]
    assert [each.role for each in again.variables] == ["other", "other"]
    np.testing.assert_allclose(again.cpd("b"), [[0.9, 0.1], [0.45, 0.55]], rtol=1e-15)
    assert_same(network, again)


def test_a_noisy_or_too_large_to_write_out_is_refused() -> None:
    names = [f"p{i}" for i in range(20)]
    network = Network(
        "n",
        tuple(Variable(id=each) for each in [*names, "c"]),
        (
            *(Table(each, (), np.array([0.5, 0.5])) for each in names),
            NoisyMax(
                "c",
                {"present": parameter(0.1)},
                {each: {"present": {"present": parameter(0.5)}} for each in names},
            ),
        ),
    )
    with pytest.raises(ComplexityError, match="'c' with 20 parents would have 2,097,152 cells"):
        bif_text(network)


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ('say "yes"', "'\"'"),
        ("a\\b", "'\\'"),
        ("f }; variable EVIL {", "'}'"),
        ("a{b", "'{'"),
        ("a;", "';'"),
    ],
)
def test_a_name_that_cannot_be_read_back_is_refused(name: str, letter: str) -> None:
    def network(id: str = "a", state: str = "no", called: str = "n") -> Network:
        variable = Variable(id=id, states=(state, "yes"))
        return Network(called, (variable,), (Table(id, (), np.array([0.5, 0.5])),))

    for what, given_name in {
        "The variable": network(id=name),
        "The state": network(state=name),
        "The network": network(called=name),
    }.items():
        with pytest.raises(NetworkFileError) as caught:
            bif_text(given_name)
        key = "a" if what == "The state" else name
        assert str(caught.value) == (
            f"at {key}: {what} '{name}' holds {letter}, which cannot be written to a BIF file and read "
            "back the same. Rename it, or write a .toml file."
        )
        assert caught.value.key == key


def test_line_ends_in_names_never_come_so_far() -> None:
    """A `Variable` has no such name; a hand-made one is refused by the writer as well."""
    variable = Variable(id="a", states=("no", "yes"))
    network = Network("n", (variable,), (Table("a", (), np.array([0.5, 0.5])),))
    object.__setattr__(variable, "states", ("f\n}", "yes"))
    with pytest.raises(NetworkFileError, match=r"holds '\\n'"):
        bif_text(network)


def test_keywords_and_marks_are_quoted() -> None:
    names = ("table", "default", "property", "variable", "(0,1]", "a, b", "a|b", "http://x", "/* x", "ü")
    network = Network(
        "unknown",
        (Variable(id="probability", states=names),),
        (Table("probability", (), np.full(len(names), 0.1)),),
    )
    for name in (*names, "probability", "unknown"):
        assert f'"{name}"' in bif_text(network)
    again = read_back(network)
    assert_same(network, again)
    assert again.name == "unknown"


def test_decimals_are_points_whatever_the_locale() -> None:
    before = locale.setlocale(locale.LC_NUMERIC)
    for wanted in ("de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"):
        try:
            locale.setlocale(locale.LC_NUMERIC, wanted)
            break
        except locale.Error:
            continue
    else:
        pytest.skip("no locale with a decimal comma is installed")
    try:
        network = Network("n", (Variable(id="a"),), (Table("a", (), np.array([0.25, 0.75])),))
        assert "table 0.25, 0.75;" in bif_text(network)
        assert_same(network, read_back(network))
    finally:
        locale.setlocale(locale.LC_NUMERIC, before)


def test_the_corpus_is_written_and_read_back(shared: Path) -> None:
    for name in ("alarm", "barley", "hailfinder", "munin1"):
        path = shared / "corpus" / f"{name}.bif"
        network = read_bif(path.read_text(encoding="utf-8"), file=path.name, name=name)
        again = read_back(network)
        assert_same(network, again)
        assert again.content_hash == network.content_hash


def test_pgmpy_reads_what_is_written() -> None:
    readwrite = pytest.importorskip("pgmpy.readwrite")
    rain, wet = Variable(id="rain", states=("no", "yes")), Variable(id="wet", states=("0", "1", "2"))
    rows = np.array([[0.5, 1 / 3, 1 - 0.5 - 1 / 3], [0.0, 1e-7, 1 - 1e-7]])
    network = Network(
        "two", (rain, wet), (Table("rain", (), np.array([0.8, 0.2])), Table("wet", ("rain",), rows))
    )
    model = readwrite.BIFReader(string=bif_text(network)).get_model()
    assert model.get_cpds("wet").state_names == {"rain": ["no", "yes"], "wet": ["0", "1", "2"]}
    assert np.array_equal(model.get_cpds("wet").values.T, rows)


def test_writing_leaves_the_network_as_it_is() -> None:
    network = Network("n", (Variable(id="a"),), (Table("a", (), np.array([0.25, 0.75])),))
    before = network.content_hash
    bif_text(network)
    assert replace(network).content_hash == before
