"""What is allowed but probably not meant is said, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from massage_pain.knowledge.catalogue import folder_of
from massage_pain.knowledge.distributions import Distribution, NoisyMax, Table
from massage_pain.knowledge.files import read_network
from massage_pain.knowledge.linter import NOTE, WARNING, Remark, check
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import Parameter, Source
from massage_pain.knowledge.variable import Variable
from tests.strategies import described_networks


def number(value: float, low: float = 0.0, high: float = 1.0, grade: str = "B") -> Parameter:
    return Parameter(value, low, high, ("me",), grade)


def prior(id: str, value: float = 0.25, **more: Any) -> Table:
    return Table(id, (), [1.0 - value, value], {("present",): number(value, **more)})


def noisy(id: str, leak: float = 0.1, **links: float) -> NoisyMax:
    return NoisyMax(
        id,
        {"present": number(leak)},
        {parent: {"present": {"present": number(strength)}} for parent, strength in links.items()},
    )


FACTOR = Variable(id="f", role="factor", label="Factor", question="Is it?")
CAUSE = Variable(id="c", role="cause", label="Cause")
SYMPTOM = Variable(id="s", role="symptom", label="Symptom", question="Does it?")
ME = {"me": Source("me", "Me.")}


def network(
    *others: tuple[Variable, Distribution | None],
    factor: tuple[Variable, Distribution] = (FACTOR, prior("f")),
    cause: tuple[Variable, Distribution] = (CAUSE, noisy("c", f=0.5)),
    symptom: tuple[Variable, Distribution] = (SYMPTOM, noisy("s", c=0.5)),
    **more: Any,
) -> Network:
    """A network with nothing to remark on, but for what is changed or added."""
    pairs = [factor, cause, symptom, *others]
    return Network(
        "n",
        tuple(variable for variable, _ in pairs),
        tuple(given for _, given in pairs if given is not None),
        **{"sources": ME, **more},
    )


def test_nothing_is_remarked_where_nothing_is_amiss() -> None:
    assert check(network()) == ()


REMARKS: dict[str, tuple[Network, Remark]] = {
    "one state": (
        network((Variable(id="x", states=("only",)), Table("x", ("f",), [[1.0], [1.0]]))),
        Remark(WARNING, "one_state", "x", "it has one state only, so it says nothing."),
    ),
    "a state that never occurs in a table": (
        network((Variable(id="x"), Table("x", ("f",), [[1.0, 0.0], [1.0, 0.0]]))),
        Remark(
            WARNING,
            "unreachable_state",
            "x",
            "the state 'present' has probability zero whatever its parents are.",
        ),
    ),
    "a state that never occurs in a noisy-OR": (
        network(symptom=(SYMPTOM, noisy("s", 0.0, c=0.0))),
        Remark(
            WARNING,
            "unreachable_state",
            "s",
            "the state 'present' has probability zero whatever its parents are.",
        ),
    ),
    "a link that does nothing": (
        network(symptom=(SYMPTOM, noisy("s", c=0.5, f=0.0))),
        Remark(WARNING, "zero_strength", "s", "the link from f has strength zero, so it does nothing."),
    ),
    "no leak": (
        network(symptom=(SYMPTOM, noisy("s", 0.0, c=0.5))),
        Remark(NOTE, "zero_leak", "s", "the leak is zero, so it cannot occur without one of its parents."),
    ),
    "a symptom that leads to a factor": (
        network((Variable(id="g", role="factor", label="G", question="G?"), noisy("g", s=0.5))),
        Remark(WARNING, "roles", "g", "a symptom (s) leads to a factor: the wrong way round?"),
    ),
    "a cause without a symptom": (
        network((Variable(id="d", role="cause", label="D"), noisy("d", f=0.5))),
        Remark(WARNING, "no_symptom", "d", "this cause has no symptom, so nothing shows it."),
    ),
    "no cause": (
        network(cause=(Variable(id="c"), noisy("c", f=0.5))),
        Remark(
            NOTE, "no_cause", "", "no variable has the role cause; Network.with_causes(...) chooses some."
        ),
    ),
    "a variable by itself": (
        network((Variable(id="x"), prior("x"))),
        Remark(WARNING, "unconnected", "x", "no link leads to it or from it, so it bears on nothing."),
    ),
    "no question": (
        network(symptom=(Variable(id="s", role="symptom", label="S."), noisy("s", c=0.5))),
        Remark(WARNING, "no_question", "s", "this symptom has no question."),
    ),
    "a screening answer without a question": (
        network((Variable(id="age", role="screening", label="How old", numeric=(0, 120)), None)),
        Remark(WARNING, "no_question", "age", "this screening has no question."),
    ),
    "no label": (
        network(cause=(Variable(id="c", role="cause"), noisy("c", f=0.5))),
        Remark(NOTE, "no_label", "c", "it has no label of its own."),
    ),
    "an unknown group": (
        network(
            factor=(Variable(id="f", role="factor", label="F.", question="?", group="h"), prior("f")),
            groups={"g": "G"},
        ),
        Remark(WARNING, "unknown_group", "f", "its group 'h' is not among the network's groups."),
    ),
    "a number without a range": (
        network(factor=(FACTOR, prior("f", low=0.25, high=0.25))),
        Remark(
            WARNING,
            "no_range",
            "f",
            "prior present: low and high are equal, as if the number were known exactly.",
        ),
    ),
    "judgement": (
        network(factor=(FACTOR, prior("f", grade="C"))),
        Remark(NOTE, "judgement", "", "1 of 5 numbers (20%) are judgement (grade C)."),
    ),
    "a source that nothing names": (
        network(sources={**ME, "you": Source("you", "You.")}),
        Remark(NOTE, "unused_source", "you", "no number names this source."),
    ),
}


@pytest.mark.parametrize("case", REMARKS)
def test_remarks(case: str) -> None:
    made, remark = REMARKS[case]
    found = check(made)
    assert remark in found
    expected = {remark.check}
    if case == "a state that never occurs in a noisy-OR":
        expected |= {"zero_strength", "zero_leak"}
    assert {each.check for each in found} == expected


def test_warnings_come_before_notes() -> None:
    made = network((Variable(id="x"), prior("x", grade="C")), sources={**ME, "you": Source("you", "You.")})
    assert [each.level for each in check(made)] == [WARNING, NOTE, NOTE]


def test_sources_that_rules_use_are_used() -> None:
    made = network(sources={**ME, "you": Source("you", "You.")})
    assert check(made, used_elsewhere={"you"}) == ()


def test_a_remark_as_text() -> None:
    assert str(Remark(WARNING, "x", "a\x1bb", "it\nis so.")) == "warning: a\\x1bb: it\\nis so."
    assert str(Remark(NOTE, "x", "", "all is so.")) == "note: all is so."


def test_the_shipped_network_has_no_warnings() -> None:
    found = check(read_network(folder_of("back_pain")))
    assert [str(each) for each in found if each.level == WARNING] == []


@pytest.mark.parametrize("name", ["asia", "alarm", "water"])
def test_foreign_networks_are_not_asked_for_words(name: str, shared: Path) -> None:
    found = check(read_network(shared / "corpus" / f"{name}.bif", normalize=True))
    assert {each.check for each in found} <= {"no_cause", "unreachable_state", "unconnected", "one_state"}


@settings(max_examples=30)
@given(described_networks())
def test_any_network_can_be_checked(network: Network) -> None:
    assert all(str(each).isprintable() for each in check(network))
