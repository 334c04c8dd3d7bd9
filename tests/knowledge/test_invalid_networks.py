"""Networks made in code that are no networks: each is refused with a sentence that says why.

The rows of section B of the list of bad inputs; those about pgmpy's own objects stand with its bridge.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from massage_pain.errors import (
    ComplexityError,
    InvalidNetworkError,
    MassagePainError,
    UnknownStateError,
    UnknownVariableError,
)
from massage_pain.knowledge.distributions import Distribution, NoisyMax, Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import Parameter
from massage_pain.knowledge.variable import Variable


def number(value: float, low: float = 0.0, high: float = 1.0) -> Parameter:
    return Parameter(value, low, high, ("me",), "C")


def network(variables: Mapping[str, Any], *distributions: Distribution, **others: Any) -> Network:
    made = [Variable(id=id, **more) for id, more in variables.items()]
    return Network(name="small", variables=tuple(made), distributions=distributions, **others)


A = Table("a", (), [0.7, 0.3])
AB: dict[str, Any] = {"a": {}, "b": {}}


def refused(make: Callable[[], object], sentence: str, error: type[Exception] = InvalidNetworkError) -> None:
    with pytest.raises(error, match=re.escape(sentence)) as caught:
        make()
    assert isinstance(caught.value, MassagePainError)


# -- rows 33 to 38: cells -----------------------------------------------------------------------------

CELLS = {
    "a row that sums to 0.9 (33)": (
        [[0.9, 0.1], [0.7, 0.2]],
        "The probabilities of 'b' | a=present sum to 0.9, off by -0.1; they must sum to 1 within 1e-06",
    ),
    "a row rounded by hand (34)": ([[0.9, 0.1], [0.335, 0.67]], "sum to 1.005, off by +0.005"),
    "NaN (35)": (
        [[0.9, 0.1], [math.nan, 0.5]],
        "P(b = absent | a=present) must be a probability from 0 to 1, got nan.",
    ),
    "a negative cell in a row that sums to one (36)": ([[1.1, -0.1], [0.5, 0.5]], "from 0 to 1, got 1.1."),
    "infinity (37)": ([[math.inf, 0.1], [0.5, 0.5]], "P(b = absent | a=absent) must be a probability"),
    "percent (37)": ([[30, 70], [50, 50]], "got 30.0. Is it a percentage?"),
    "texts (38)": ([["0.3", "0.7"], ["0.5", "0.5"]], "The table of 'b' must hold numbers"),
    "truth values": ([[True, False], [False, True]], "The table of 'b' must hold numbers"),
    "nothing": ([[None, 1.0], [0.5, 0.5]], "The table of 'b' must hold numbers"),
    "rows of different lengths": ([[0.3, 0.7], [1.0]], "must hold numbers and be rectangular"),
    "the transpose": (
        [[0.3, 0.7, 0.1], [0.7, 0.3, 0.9]],
        "has shape (2, 3); its parents (a) and states need (2, 2)",
    ),
    "a row too many (51)": ([[0.3, 0.7]] * 3, "has shape (3, 2)"),
}


@pytest.mark.parametrize("case", CELLS)
def test_cells(case: str) -> None:
    cells, sentence = CELLS[case]
    refused(lambda: network(AB, A, Table("b", ("a",), cells)), sentence)


def test_a_row_within_the_tolerance_is_taken() -> None:
    made = network(AB, A, Table("b", ("a",), [[0.3333333, 0.6666666], [0.5, 0.5]]))
    assert made.cpd("b")[0, 0] == 0.3333333


# -- rows 39 to 44, 106, 107: names and states ---------------------------------------------------------

VARIABLES: dict[str, tuple[dict[str, Any], str]] = {
    "a state twice (39)": ({"states": ("no", "yes", "no")}, "'v' has the state 'no' twice."),
    "1 and '1' (40)": ({"states": (1, "1")}, "A state of 'v' must be text, got 1 (int)."),
    "a blank state (41)": ({"states": ("no", "  ")}, "A state of 'v' must not be blank, got '  '."),
    "a state with spaces around it": ({"states": ("no", " yes")}, "must not begin or end with space"),
    "a list as a state (42)": ({"states": (["no"], "yes")}, "must be text, got ['no'] (list)."),
    "no states (43)": ({"states": ()}, "'v' has no states; a variable needs at least one."),
    "states in one text": ({"states": "no,yes"}, "states must be a list, got 'no,yes'."),
    "states that are a number": ({"states": 2}, "states must be a list, got 2."),
    "a state with a bidirectional override (106)": ({"states": ("no", "\u202eyes")}, "(U+202E)"),
    "a state with an escape (106)": (
        {"states": ("no", "\x1b[31m")},
        "holds a control or invisible character",
    ),
    "an unknown role": ({"role": "reason"}, "role must be one of factor, cause, complaint"),
    "a role that is no text": ({"role": ["cause"]}, "role must be one of factor"),
    "present that is no state": (
        {"present": "yes"},
        "present must be one of its states (absent, present), got 'yes'.",
    ),
    "too few state labels": ({"state_labels": ("no",)}, "state_labels needs 2 entries, one a state, got 1."),
    "state labels in one text": ({"state_labels": "ny"}, "state_labels must be a list of texts"),
    "a label that is no text": ({"label": 5}, "label must be text, got 5."),
    "a question that is no text": ({"question": ["Why?"]}, "question must be text, got ['Why?']."),
    "no cost": ({"cost": 0}, "cost must be above 0, got 0."),
    "an endless cost": ({"cost": math.inf}, "cost must be above 0, got inf."),
    "a number that is no screening answer": ({"numeric": (0, 1)}, "only a screening answer may be a number"),
    "a range upside down": (
        {"role": "screening", "numeric": (9, 1)},
        "numeric must be a range [low, high], got",
    ),
    "a range of one": ({"role": "screening", "numeric": (9,)}, "numeric must be a range [low, high], got"),
    "a range of texts": (
        {"role": "screening", "numeric": ("a", "b")},
        "numeric must be a range [low, high], got",
    ),
    "a range that is a number": (
        {"role": "screening", "numeric": 5},
        "numeric must be a range [low, high], got 5",
    ),
}


@pytest.mark.parametrize("case", VARIABLES)
def test_variables(case: str) -> None:
    more, sentence = VARIABLES[case]
    refused(lambda: Variable(id="v", **more), sentence)


@pytest.mark.parametrize(
    ("id", "sentence"),
    [
        ("", "A variable's name must not be blank, got ''."),
        ("   ", "must not be blank, got '   '."),
        (7, "A variable's name must be text, got 7 (int)."),
        ("a\0b", "holds a control or invisible character (U+0000)"),
        ("a\nb", "(U+000A)"),
        ("a\u200bb", "(U+200B)"),
        ("\ud800", "(U+D800)"),
    ],
)
def test_names_of_variables(id: Any, sentence: str) -> None:
    refused(lambda: Variable(id=id), sentence)


def test_a_name_of_a_million_letters_is_refused_with_the_limit() -> None:
    with pytest.raises(ComplexityError, match="has 1,000,000 characters; the limit is 256") as caught:
        Variable(id="x" * 10**6)
    assert (caught.value.estimate, caught.value.limit) == (10**6, 256)
    assert len(str(caught.value)) < 200


def test_a_name_is_kept_in_one_unicode_form() -> None:
    decomposed = "mu\u0308de"
    assert Variable(id=decomposed).id == "m\u00fcde"
    twice = {"m\u00fcde": {}, decomposed: {}}
    refused(lambda: network(twice, Table("m\u00fcde", (), [0.5, 0.5])), "is declared twice")


def test_one_state_is_allowed() -> None:
    made = network({"a": {"states": ("here",)}}, Table("a", (), [1.0]))
    assert made.cpd("a").tolist() == [1.0]


# -- rows 45 to 55: structure -------------------------------------------------------------------------

ROWS = [[0.9, 0.1], [0.2, 0.8]]

STRUCTURES: dict[str, tuple[Callable[[], object], str]] = {
    "a cycle (45)": (
        lambda: network(AB, Table("a", ("b",), ROWS), Table("b", ("a",), ROWS)),
        "The links form a cycle: ",
    ),
    "a self-loop (46)": (lambda: network({"a": {}}, Table("a", ("a",), ROWS)), "cycle: a -> a."),
    "two distributions missing (47)": (
        lambda: network({"a": {}, "b": {}, "c": {}}, A),
        "No distribution is given for: b, c.",
    ),
    "two distributions for one variable (52)": (lambda: network(AB, A, A), "'a' has two distributions."),
    "no variables (53)": (lambda: network({}), "The network is empty"),
    "screening answers only": (
        lambda: network({"a": {"role": "screening"}}),
        "The network is empty: it needs at least one variable.",
    ),
    "an unknown variable": (
        lambda: network({"a": {}}, A, Table("aa", (), [0.5, 0.5])),
        "for an undeclared variable. Unknown variable 'aa'. Did you mean 'a'? Available: a.",
    ),
    "an unknown parent": (
        lambda: network(AB, A, Table("b", ("aa",), ROWS)),
        "'b' has a parent that is not in the network. Unknown variable 'aa'. Did you mean 'a'?",
    ),
    "a screening answer as a parent": (
        lambda: network({**AB, "s": {"role": "screening"}}, A, Table("b", ("s",), ROWS)),
        "'b' has a parent that is not in the network.",
    ),
    "a screening answer with a distribution": (
        lambda: network({"a": {}, "s": {"role": "screening"}}, A, Table("s", (), [0.5, 0.5])),
        "'s' is a screening answer and must have no distribution.",
    ),
    "a parent twice": (
        lambda: network(AB, A, Table("b", ("a", "a"), [ROWS, ROWS])),
        "'b' names a parent twice.",
    ),
    "parents in one text": (lambda: Table("b", "a", ROWS), "parents must be a list of names, got 'a'."),  # type: ignore[arg-type]
    "a variable twice": (
        lambda: Network(name="n", variables=(Variable(id="a"), Variable(id="a")), distributions=(A,)),
        "The variable 'a' is declared twice.",
    ),
    "two complaints": (
        lambda: network({"a": {"role": "complaint"}, "b": {"role": "complaint"}}, A),
        "A network has at most one complaint, got a, b.",
    ),
    "a name that is a number": (
        lambda: Network(name=5, variables=(Variable(id="a"),), distributions=(A,)),  # type: ignore[arg-type]
        "A network's name must be text, got 5 (int).",
    ),
    "variables that are names": (
        lambda: Network(name="n", variables=("a",), distributions=(A,)),  # type: ignore[arg-type]
        "variables must hold Variables, got 'a'.",
    ),
    "distributions that are lists": (
        lambda: Network(name="n", variables=(Variable(id="a"),), distributions=([0.5, 0.5],)),  # type: ignore[arg-type]
        "distributions must hold Tables and NoisyMaxes, got [0.5, 0.5].",
    ),
    "sources that are texts": (
        lambda: network({"a": {}}, A, sources={"me": "I"}),
        "sources must map keys to Sources, got 'I'.",
    ),
    "a version that is a number": (
        lambda: network({"a": {}}, A, version=1.0),
        "version, title, description and groups must be texts, got 1.0.",
    ),
}


@pytest.mark.parametrize("case", STRUCTURES)
def test_structures(case: str) -> None:
    make, sentence = STRUCTURES[case]
    refused(make, sentence)


def many_parents(count: int) -> Network:
    parents = [f"p{i}" for i in range(count)]
    links = {each: {"present": {"present": number(0.1)}} for each in parents}
    child = NoisyMax("child", {"present": number(0.1)}, links)
    return network(
        {**{each: {} for each in parents}, "child": {}},
        *(Table(each, (), [0.5, 0.5]) for each in parents),
        child,
    )


@pytest.mark.parametrize("count", [27, 63, 64, 200])
def test_many_parents_are_fine_until_they_are_written_out(count: int) -> None:
    """Rows 54 and 55: refused before anything is allocated, with the count."""
    made = many_parents(count)
    with pytest.raises(
        ComplexityError, match=re.escape(f"{2 ** (count + 1):,} cells; the limit is 1,000,000")
    ) as caught:
        made.cpd("child")
    assert caught.value.estimate == 2 ** (count + 1)


def test_a_table_over_the_limit_is_refused_and_the_limit_can_be_raised() -> None:
    cells = np.full((2, 2), 0.5)
    with pytest.raises(ComplexityError, match="would have 4 cells; the limit is 3"):
        network(AB, A, Table("b", ("a",), cells), table_cells=3)
    assert network(AB, A, Table("b", ("a",), cells), table_cells=4).cpd("b").shape == (2, 2)


# -- row 56: noisy-OR ---------------------------------------------------------------------------------


def noisy(leak: Any, links: Any, states: tuple[str, ...] = ("absent", "present")) -> Network:
    return network({"a": {}, "b": {"states": states}}, A, NoisyMax("b", leak, links))


LINK = {"a": {"present": {"present": number(0.5)}}}
LEAK = {"present": number(0.1)}

NOISY: dict[str, tuple[Callable[[], object], str]] = {
    "a leak below zero": (lambda: number(-0.1), "value must be a probability from 0 to 1, got -0.1."),
    "a strength above one": (
        lambda: number(1.5),
        "value must be a probability from 0 to 1, got 1.5. Is it a percentage?",
    ),
    "a strength in percent": (lambda: number(30), "Is it a percentage?"),
    "NaN": (lambda: number(math.nan), "value must be a probability from 0 to 1, got nan."),
    "a text": (lambda: number("0.3"), "value must be a number from 0 to 1, got '0.3'."),  # type: ignore[arg-type]
    "a value outside its range": (
        lambda: number(0.5, 0.6),
        "low <= value <= high must hold, got 0.6, 0.5, 1.0.",
    ),
    "no source": (lambda: Parameter(0.5, 0.1, 0.9, (), "C"), "every number needs a source"),
    "a source that is a number": (lambda: Parameter(0.5, 0.1, 0.9, 5, "C"), "every number needs a source"),  # type: ignore[arg-type]
    "an unknown grade": (
        lambda: Parameter(0.5, 0.1, 0.9, ("me",), "D"),
        "grade must be one of A, A-, B, C, ART, U, got 'D'.",
    ),
    "a grade that is a list": (lambda: Parameter(0.5, 0.1, 0.9, ("me",), ["C"]), "grade must be one of"),  # type: ignore[arg-type]
    "a link without a strength": (
        lambda: noisy(LEAK, {"a": {}}),
        "the link from 'a' has no strength; give one for at least one of present.",
    ),
    "a link for the lowest state": (
        lambda: noisy(LEAK, {"a": {"absent": {"present": number(0.1)}}}),
        "the link from 'a' names state 'absent'; allowed are the states above its lowest: present.",
    ),
    "a leak for the lowest state": (
        lambda: noisy({"absent": number(0.1)}, LINK),
        "the leak names state 'absent'; allowed are the states above the lowest: present.",
    ),
    "no leak": (lambda: noisy({}, LINK), "the leak lacks a number for present."),
    "a strength missing": (
        lambda: noisy(
            {"some": number(0.1), "much": number(0.1)},
            {"a": {"present": {"some": number(0.5)}}},
            ("no", "some", "much"),
        ),
        "the link a=present lacks a number for much.",
    ),
    "strengths above one together": (
        lambda: noisy({"some": number(0.6), "much": number(0.6)}, {}, ("no", "some", "much")),
        "the leak sums to 1.2; its numbers together must not exceed 1.",
    ),
    "one state": (lambda: noisy({}, {}, ("only",)), "needs at least two ordered states for a noisy-MAX."),
    "a leak that is a number": (
        lambda: noisy(number(0.1), LINK),
        "The leak of 'b' must map states to Parameters",
    ),
    "a leak of bare numbers": (
        lambda: noisy({"present": 0.1}, LINK),
        "The leak of 'b' must map states to Parameters",
    ),
    "links of bare numbers": (
        lambda: noisy(LEAK, {"a": 0.3}),
        "The links of 'b' must map parents to their states",
    ),
    "links of bare numbers by state": (
        lambda: noisy(LEAK, {"a": {"present": 0.3}}),
        "The links of 'b' must map parents to their states",
    ),
}


@pytest.mark.parametrize("case", NOISY)
def test_noisy_or(case: str) -> None:
    make, sentence = NOISY[case]
    refused(make, sentence)


# -- looking up what is not there ---------------------------------------------------------------------


def test_unknown_names_are_answered_with_near_misses() -> None:
    made = network({**AB, "age": {"role": "screening"}}, A, Table("b", ("a",), ROWS))
    refused(
        lambda: made.variable("bb"),
        "Unknown variable 'bb'. Did you mean 'b'? Available: a, b, age.",
        UnknownVariableError,
    )
    refused(lambda: made.variable([1]), "Unknown variable [1].", UnknownVariableError)  # type: ignore[arg-type]
    refused(
        lambda: made.cpd("age"), "'age' is a screening answer: it has no probability", UnknownVariableError
    )
    refused(
        lambda: made.with_causes({"a": "yes"}),
        "Unknown state 'yes' for a. Available: absent, present.",
        UnknownStateError,
    )
    refused(lambda: made.with_causes({}), "causes is empty; name at least one variable.")
    assert "a" in made
    assert [1] not in made


def test_nothing_in_a_network_can_be_changed() -> None:
    cells = np.array(ROWS)
    made = network(AB, A, Table("b", ("a",), cells))
    cells[0, 0] = 0.5
    assert made.cpd("b")[0, 0] == 0.9
    with pytest.raises(ValueError, match="read-only"):
        made.cpd("b")[0, 0] = 0.5
    with pytest.raises(AttributeError):
        made.name = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        made.parameters["x"] = number(0.1)  # type: ignore[index]
