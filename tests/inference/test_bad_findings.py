"""Findings and questions that cannot be taken as they are: each gets our own error and its sentence.

Numbers in the names are rows of the list of bad inputs the library was built against (section A).
"""

from __future__ import annotations

import numpy as np
import pytest

from massage_pain.errors import (
    ConflictingEvidenceError,
    EvidenceError,
    ImpossibleEvidenceError,
    QueryError,
    UnknownStateError,
    UnknownVariableError,
)
from massage_pain.inference.case import UNSURE, Case, Likelihood
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import ASKED_UNSURE, evidence_of
from massage_pain.knowledge.distributions import Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from tests.strategies import chain_of_three


def network() -> Network:
    """Two linked variables, one numbered, and two screening answers."""
    cold = Variable(id="cold")
    pain = Variable(id="muscle_pain", states=("none", "some", "severe"))
    number = Variable(id="number", states=("1", "2"))
    age = Variable(id="age", role="screening", numeric=(0, 120), unit="years")
    fever = Variable(id="fever", role="screening")
    return Network(
        "small",
        (cold, pain, number, age, fever),
        (
            Table("cold", (), np.array([0.8, 0.2])),
            Table("muscle_pain", ("cold",), np.array([[0.7, 0.3, 0.0], [0.2, 0.3, 0.5]])),
            Table("number", (), np.array([0.5, 0.5])),
        ),
    )


ENGINE = CompiledNetwork(network())


def refused(findings: object, kind: type[Exception], *words: str) -> None:
    """The findings raise this kind of error, and its sentence says all of this."""
    with pytest.raises(kind) as caught:
        ENGINE.marginals(findings)
    for each in words:
        assert each in str(caught.value)


# -- impossible findings (1, 2, 3, 23) -----------------------------------------------------------------


def test_1_impossible_findings_name_the_smallest_conflict() -> None:
    with pytest.raises(ImpossibleEvidenceError) as caught:
        ENGINE.marginals({"number": "1", "cold": "absent", "muscle_pain": "severe"}, "number")
    assert str(caught.value) == (
        "These findings cannot occur together (probability 0): cold = absent, muscle_pain = severe."
    )
    assert caught.value.findings == {"cold": "absent", "muscle_pain": "severe"}


def test_3_a_contradiction_the_target_cannot_see_is_noticed() -> None:
    engine = CompiledNetwork(chain_of_three())
    with pytest.raises(ImpossibleEvidenceError, match="A = 0, B = 1, C = 0"):
        engine.marginals({"A": "0", "B": "1", "C": "0"}, "D")
    assert engine.log_evidence({"A": "0", "B": "1", "C": "0"})[0] == -np.inf


def test_23_a_likelihood_of_zeros_is_impossible() -> None:
    with pytest.raises(ImpossibleEvidenceError, match="zero for every state"):
        Likelihood(present=0.0, absent=0.0)


# -- unknown names and states (4 to 11, 16 to 18) -------------------------------------------------------


def test_4_an_unknown_state_lists_the_known_ones() -> None:
    refused(
        {"cold": "maybe"},
        UnknownStateError,
        "Unknown state 'maybe' for cold. Available: absent, present.",
    )


def test_5_an_unknown_variable_gets_near_misses() -> None:
    refused({"muscel_pain": "some"}, UnknownVariableError, "'muscel_pain'", "Did you mean 'muscle_pain'?")


def test_6_an_unknown_target() -> None:
    with pytest.raises(UnknownVariableError, match="Did you mean 'cold'"):
        ENGINE.marginals({}, "colt")
    with pytest.raises(UnknownVariableError, match="screening answer: it has no probability"):
        ENGINE.marginals({}, "fever")


def test_7_an_observed_target_is_a_point_mass() -> None:
    assert ENGINE.marginals({"cold": True}, "cold")["cold"].tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize("value", [True, 1.0, 1])
def test_8_9_10_a_number_or_bool_is_no_state(value: object) -> None:
    refused({"number": value}, UnknownStateError, "Unknown state", "for number. Available: 1, 2.")


def test_8_true_and_false_are_for_absent_and_present_only() -> None:
    refused({"number": True}, UnknownStateError, "True and False are taken only where")
    assert ENGINE.marginals({"cold": True}, "cold")["cold"][0, 1] == 1.0


def test_10_a_number_where_the_state_is_its_text() -> None:
    refused({"number": 1}, UnknownStateError, "Its states are text: write '1'.")


def test_11_a_position_is_no_state() -> None:
    refused({"muscle_pain": 0}, UnknownStateError, "A state is given by its name, not by a number.")


@pytest.mark.parametrize("missing", [None, float("nan"), np.nan])
def test_12_13_missing_means_not_asked(missing: object) -> None:
    without = ENGINE.marginals({})
    for name, values in ENGINE.marginals({"cold": missing}).items():
        np.testing.assert_array_equal(values, without[name])


def test_13_pandas_missing_means_not_asked() -> None:
    pandas = pytest.importorskip("pandas")
    assert evidence_of(network(), {"cold": pandas.NA}).codes == {}


def test_14_a_list_of_states_is_no_finding() -> None:
    refused({"cold": ["absent", "present"]}, EvidenceError, "'cold'", "Likelihood(state=weight, ...)")


@pytest.mark.parametrize("case", ["cold", [("cold", "present")], 3, object(), b"x"])
def test_15_what_is_no_mapping_is_no_case(case: object) -> None:
    refused(case, EvidenceError, "must be a Case, a mapping of variable to finding")


def test_16_stray_spaces_and_case_are_not_trimmed_but_suggested() -> None:
    refused({"cold": " Present "}, UnknownStateError, "' Present '", "Did you mean 'present'")


def test_17_invisible_differences_are_pointed_out() -> None:
    refused({"cоld": "present"}, UnknownVariableError, "Did you mean 'cold'?", "look alike")  # Cyrillic o
    refused({"cold\u00a0": "present"}, UnknownVariableError, "look alike", "\\xa0")


def test_18_names_are_the_same_in_either_unicode_form() -> None:
    id, state = "Zerrung é", "mäßig"
    variable = Variable(id=id, states=("nein", state))
    one = CompiledNetwork(Network("n", (variable,), (Table(id, (), np.array([0.5, 0.5])),)))
    decomposed = {"Zerrung e\u0301": "ma\u0308ßig"}
    assert one.marginals(decomposed)[id].tolist() == [[0.0, 1.0]]
    with pytest.raises(ConflictingEvidenceError):
        one.marginals({"Zerrung e\u0301": "nein", id: state})


# -- the question itself (19 to 21) -----------------------------------------------------------------------


def test_19_no_target_is_no_question() -> None:
    engine = CompiledNetwork(network())
    for _ in range(2):  # as the first question, and after another
        with pytest.raises(QueryError, match="No target is asked for"):
            engine.marginals({}, [])
        engine.marginals({}, "cold")


def test_20_one_name_is_one_target() -> None:
    assert list(ENGINE.marginals({}, "cold")) == ["cold"]


def test_21_a_target_asked_for_twice() -> None:
    with pytest.raises(QueryError, match="'cold' is asked for twice"):
        ENGINE.marginals({}, ["cold", "cold"])


# -- several findings for one variable, soft evidence (22, 24 to 26) --------------------------------------


def test_22_26_two_findings_that_disagree() -> None:
    with pytest.raises(ConflictingEvidenceError, match="Two findings for 'cold' disagree"):
        Case({"cold": "present"}, cold="absent")
    with pytest.raises(ConflictingEvidenceError, match="disagree"):
        Case({"cold": "present"}, cold=Likelihood(present=0.5, absent=1.0))


@pytest.mark.parametrize("weight", [-0.1, 1.5, float("nan"), "0.5", True])
def test_24_weights_are_numbers_from_0_to_1(weight: object) -> None:
    refused(
        {"cold": {"absent": weight, "present": 0.5}},
        EvidenceError,
        "Likelihood of 'absent' must be a number from 0 to 1",
    )


def test_24_a_likelihood_speaks_of_every_state_and_no_other() -> None:
    refused({"muscle_pain": {"none": 1.0, "some": 0.5}}, EvidenceError, "missing: severe")
    refused(
        {"cold": {"absent": 1.0, "presnt": 0.5}},
        EvidenceError,
        "Unknown state 'presnt' in the Likelihood for cold. Did you mean 'present'?",
    )


def test_24_a_number_takes_no_likelihood() -> None:
    refused({"age": Likelihood(absent=0.5, present=1.0)}, EvidenceError, "age takes a number or UNSURE")


def test_24_a_screening_answer_takes_a_likelihood_and_moves_no_chance() -> None:
    plain = ENGINE.marginals({"muscle_pain": "some"})
    soft = ENGINE.marginals({"muscle_pain": "some", "fever": Likelihood(absent=0.5, present=1.0)})
    for name, chances in plain.items():
        np.testing.assert_array_equal(soft[name], chances)


def test_25_weights_are_matched_by_name() -> None:
    one = ENGINE.marginals({"cold": Likelihood(absent=0.2, present=0.6)})
    other = ENGINE.marginals({"cold": Likelihood(present=0.6, absent=0.2)})
    np.testing.assert_array_equal(one["muscle_pain"], other["muscle_pain"])


# -- numbers and "unsure" ---------------------------------------------------------------------------------


@pytest.mark.parametrize("age", [-1, 121, float("inf"), True, "70"])
def test_a_numeric_answer_outside_its_range(age: object) -> None:
    refused({"age": age}, EvidenceError, "age must be a number from 0 to 120 years, got ")


def test_a_numeric_answer_is_kept_as_a_number() -> None:
    found = evidence_of(network(), {"age": 70, "fever": True})
    assert found.numbers["age"].tolist() == [70.0]
    assert found.codes["age"].tolist() == [0]
    assert found.codes["fever"].tolist() == [1]


@pytest.mark.parametrize("unsure", [UNSURE, "unsure"])
def test_unsure_is_no_evidence_but_was_asked(unsure: object) -> None:
    found = evidence_of(network(), {"cold": unsure, "age": unsure})
    assert found.codes["cold"].tolist() == found.codes["age"].tolist() == [ASKED_UNSURE]
    np.testing.assert_array_equal(ENGINE.marginals({"cold": unsure})["cold"], ENGINE.marginals()["cold"])


def test_unsure_is_a_state_where_a_variable_has_one_of_that_name() -> None:
    variable = Variable(id="x", states=("no", "unsure", "yes"))
    one = Network("n", (variable,), (Table("x", (), np.array([0.2, 0.3, 0.5])),))
    for said in ("unsure", UNSURE):
        assert evidence_of(one, {"x": said}).codes["x"].tolist() == [1]


# -- very small probabilities (27, 28) ----------------------------------------------------------------------


def many(count: int, given: tuple[float, float]) -> Network:
    """A cause with `count` findings of these probabilities."""
    cause = Variable(id="cause")
    rows = np.array([[1 - given[0], given[0]], [1 - given[1], given[1]]])
    signs = [Variable(id=f"sign{i}") for i in range(count)]
    tables = [Table(each.id, ("cause",), rows) for each in signs]
    return Network("many", (cause, *signs), (Table("cause", (), np.array([0.9, 0.1])), *tables))


@pytest.mark.parametrize(("count", "given"), [(400, (1e-3, 1.02e-3)), (107, (1e-3, 0.99e-3))])
def test_27_28_hundreds_of_unlikely_findings(count: int, given: tuple[float, float]) -> None:
    engine = CompiledNetwork(many(count, given))
    findings = {f"sign{i}": "present" for i in range(count)}
    ratio = 0.1 / 0.9 * np.exp(count * (np.log(given[1]) - np.log(given[0])))
    assert engine.marginals(findings, "cause")["cause"][0, 1] == pytest.approx(ratio / (1 + ratio), rel=1e-11)
    assert engine.marginals(findings)["cause"][0, 1] == pytest.approx(ratio / (1 + ratio), rel=1e-11)
    logs = np.log([0.9, 0.1]) + count * np.log(given)
    assert engine.log_evidence(findings)[0] == pytest.approx(np.logaddexp(*logs), rel=1e-13)


def test_27_messages_that_are_far_apart_do_not_underflow() -> None:
    """Findings that each rule out nearly everything: no rescaling of single messages could hold them."""
    cause = Variable(id="cause")
    tables = [Table("cause", (), np.array([0.5, 0.5]))]
    signs = []
    for i in range(12):
        tiny = 1e-200
        rows = [[tiny, 1.0 - tiny], [1.0, 0.0]] if i % 2 else [[1.0, 0.0], [tiny, 1.0 - tiny]]
        signs.append(Variable(id=f"sign{i}"))
        tables.append(Table(f"sign{i}", ("cause",), np.array(rows)))
    engine = CompiledNetwork(Network("far", (cause, *signs), tuple(tables)))
    findings = {f"sign{i}": "absent" for i in range(12)}
    assert engine.log_evidence(findings)[0] == pytest.approx(-1200 * np.log(10), rel=1e-13)
    np.testing.assert_allclose(engine.marginals(findings)["cause"], [[0.5, 0.5]], rtol=1e-12)
    findings["sign11"] = "present"
    np.testing.assert_allclose(engine.marginals(findings)["cause"], [[1.0, 0.0]], rtol=1e-12)
