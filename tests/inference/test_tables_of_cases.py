"""DataFrames as evidence: what a cell may be, and that a bad row costs itself only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from massage_pain.errors import (
    ConflictingEvidenceError,
    EvidenceError,
    UnknownStateError,
    UnknownVariableError,
)
from massage_pain.inference.case import UNSURE, Likelihood
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import ASKED_UNSURE, NOT_ASKED, SOFT, evidence_of
from tests.inference.test_bad_findings import ENGINE, network

pd = pytest.importorskip("pandas")


def codes(values: Any, name: str = "cold") -> list[int]:
    """What one column becomes."""
    evidence = evidence_of(network(), pd.DataFrame({name: values}))
    return evidence.codes[name].tolist() if name in evidence.codes else []


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(["absent", "present", None], dtype=object),
        pd.Series(["absent", "present", None], dtype="string"),
        pd.Series(["absent", "present", None], dtype="category"),
        pd.Series(["absent", "present", None]),
        pd.Series([False, True, None], dtype=object),
        pd.Series([False, True, None], dtype="boolean"),
        pd.Series([False, True, float("nan")], dtype=object),
        pd.Series([False, True, pd.NA], dtype=object).astype("category"),
    ],
)
def test_every_kind_of_column(column: Any) -> None:
    assert codes(column) == [0, 1, NOT_ASKED]


def test_plain_booleans() -> None:
    assert codes(np.array([True, False])) == [1, 0]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([70, 80], dtype="int64"),
        pd.Series([70.0, 80.0]),
        pd.Series([70, 80], dtype="Int64"),
        pd.Series([70, 80], dtype=object),
        pd.Series([70, 80], dtype="category"),
    ],
)
def test_numbers(column: Any) -> None:
    evidence = evidence_of(network(), pd.DataFrame({"age": column}))
    assert evidence.numbers["age"].tolist() == [70.0, 80.0]
    assert evidence.codes["age"].tolist() == [0, 0]
    assert not evidence.refused


def test_missing_and_unsure_numbers() -> None:
    frame = pd.DataFrame({"age": pd.Series([70, None, "unsure", UNSURE], dtype=object)})
    evidence = evidence_of(network(), frame)
    assert evidence.codes["age"].tolist() == [0, NOT_ASKED, ASKED_UNSURE, ASKED_UNSURE]
    assert evidence_of(network(), pd.DataFrame({"age": [70, np.nan]})).codes["age"].tolist() == [0, -1]
    nullable = pd.DataFrame({"age": pd.Series([70, None], dtype="Int64")})
    assert evidence_of(network(), nullable).codes["age"].tolist() == [0, NOT_ASKED]


def test_soft_evidence_and_unsure_in_a_column() -> None:
    soft = Likelihood(absent=0.2, present=0.6)
    frame = pd.DataFrame({"cold": pd.Series(["present", soft, UNSURE, None, dict(soft)], dtype=object)})
    evidence = evidence_of(network(), frame)
    assert evidence.codes["cold"].tolist() == [1, SOFT, ASKED_UNSURE, NOT_ASKED, SOFT]
    assert evidence.likelihoods["cold"].tolist() == [[1, 1], [0.2, 0.6], [1, 1], [1, 1], [0.2, 0.6]]
    found = ENGINE.marginals(frame)["cold"]
    np.testing.assert_allclose(found[1], ENGINE.marginals({"cold": soft})["cold"][0], rtol=0, atol=1e-15)


def test_a_column_without_any_finding_says_nothing() -> None:
    for column in ([None, None], [float("nan")] * 2, pd.Series([None, None], dtype="category")):
        assert evidence_of(network(), pd.DataFrame({"cold": column})).codes == {}


# -- 29: nothing there ---------------------------------------------------------------------------------


def test_29_no_rows_and_no_columns() -> None:
    for frame in (pd.DataFrame(), pd.DataFrame({"cold": []}), pd.DataFrame({"age": []})):
        found = ENGINE.marginals(frame)
        assert found["muscle_pain"].shape == (0, 3)
        assert ENGINE.log_evidence(frame).shape == (0,)
        assert ENGINE.joint(frame, ["cold", "number"]).shape == (0, 2, 2)
    rows = pd.DataFrame(index=["a", "b"])
    np.testing.assert_allclose(ENGINE.marginals(rows)["cold"], [[0.8, 0.2]] * 2, rtol=1e-15)
    assert ENGINE.marginals([])["cold"].shape == (0, 2)


# -- 30: one bad row -------------------------------------------------------------------------------------


def test_30_a_bad_row_among_ten_thousand(rng: np.random.Generator) -> None:
    frame = pd.DataFrame(
        {
            "cold": rng.choice(["absent", "present"], 10_000),
            "muscle_pain": rng.choice(["none", "some"], 10_000),
            "age": rng.integers(20, 80, 10_000).astype(float),
        },
        index=[f"case {i}" for i in range(10_000)],
    )
    good = evidence_of(network(), frame)
    frame.iloc[4711, 0] = "maybe"
    frame.iloc[17, 2] = 250.0
    evidence = evidence_of(network(), frame)
    assert sorted(evidence.refused) == [17, 4711]
    assert str(evidence.refused[4711]) == (
        "Row 'case 4711': Unknown state 'maybe' for cold. Available: absent, present."
    )
    assert isinstance(evidence.refused[4711], UnknownStateError)
    assert str(evidence.refused[17]) == (
        "Row 'case 17': age must be a number from 0 to 120 years, got 250.0."
    )
    assert isinstance(evidence.refused[17], EvidenceError)
    others = np.delete(np.arange(10_000), [17, 4711])
    for name in good.codes:
        np.testing.assert_array_equal(evidence.codes[name][others], good.codes[name][others])
    wrong = {"cold": [4711], "age": [17]}  # what is right in the two rows is kept
    for name in good.codes:
        here = evidence.codes[name][[17, 4711]]
        right = np.where(np.isin([17, 4711], wrong.get(name, [])), NOT_ASKED, good.codes[name][[17, 4711]])
        np.testing.assert_array_equal(here, right)
    assert np.isnan(evidence.numbers["age"][17])
    found = ENGINE.propagate(evidence, ("cold", "number"))
    expected = ENGINE.propagate(good, ("cold", "number"))
    for name in found.marginals:
        np.testing.assert_array_equal(found.marginals[name][others], expected.marginals[name][others])
    with pytest.raises(EvidenceError, match="Row 'case 17'"):
        ENGINE.marginals(frame)


def test_30_a_bad_case_in_a_list() -> None:
    evidence = evidence_of(network(), [{"cold": True}, {"colt": True}, {"cold": {"present": 2.0}}])
    assert sorted(evidence.refused) == [1, 2]
    assert str(evidence.refused[1]).startswith("Row 1: Unknown variable 'colt'. Did you mean 'cold'?")
    assert isinstance(evidence.refused[1], UnknownVariableError)
    assert evidence.codes["cold"].tolist() == [1, NOT_ASKED, NOT_ASKED]


@pytest.mark.parametrize("value", [True, 1, 1.0, "1.0", 0, b"1"])
def test_8_to_11_values_that_pandas_takes_for_equal_are_told_apart(value: object) -> None:
    frame = pd.DataFrame({"number": pd.Series(["1", value], dtype=object)})
    assert list(evidence_of(network(), frame).refused) == [1]
    mixed = pd.DataFrame({"cold": pd.Series([True, 1, 1.0, False, 0], dtype=object)})
    assert list(evidence_of(network(), mixed).refused) == [1, 2, 4]


def test_a_cell_that_cannot_be_hashed_refuses_its_row() -> None:
    frame = pd.DataFrame({"cold": pd.Series(["present", ["absent"], {"x"}], dtype=object)})
    evidence = evidence_of(network(), frame)
    assert list(evidence.refused) == [1, 2]
    assert "Row 1: " in str(evidence.refused[1])
    assert "'cold'" in str(evidence.refused[1])


def test_a_column_of_a_few_objects_is_told_apart_by_value_and_kind() -> None:
    """Objects are looked at before values where a few of them fill a column: True is not 1 all the same."""
    cells = [
        True,
        "present",
        1,
        None,
        False,
        Likelihood(absent=0.5, present=0.5),
        1.0,
        float("nan"),
        "absent",
    ]
    few = pd.DataFrame({"cold": pd.Series(cells * 50, dtype=object)})
    each = pd.DataFrame({"cold": pd.Series(cells, dtype=object)})
    many, once = evidence_of(network(), few), evidence_of(network(), each)
    np.testing.assert_array_equal(many.codes["cold"], np.tile(once.codes["cold"], 50))
    np.testing.assert_array_equal(many.likelihoods["cold"], np.tile(once.likelihoods["cold"], (50, 1)))
    assert sorted(once.refused) == [2, 6]
    assert sorted(many.refused) == [at for at in range(450) if at % 9 in (2, 6)]


def test_a_struct_of_arrow_is_soft_evidence() -> None:
    pa = pytest.importorskip("pyarrow")
    kind = pd.ArrowDtype(pa.struct([("present", pa.float64()), ("absent", pa.float64())]))
    frame = pd.DataFrame({"cold": pd.Series([{"present": 0.8, "absent": 0.2}, None], dtype=kind)})
    evidence = evidence_of(network(), frame)
    assert not evidence.refused
    np.testing.assert_array_equal(evidence.likelihoods["cold"], [[0.2, 0.8], [1.0, 1.0]])


def test_a_row_is_named_as_its_index_names_it() -> None:
    for index, name in (
        ([7, 7], "Row 7: "),
        (pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]), "Row ('b', 2): "),
    ):
        evidence = evidence_of(network(), pd.DataFrame({"cold": ["present", "yes"]}, index=index))
        assert str(evidence.refused[1]).startswith(name)


# -- 22, 31: columns and index -----------------------------------------------------------------------------


def test_5_an_unknown_column_is_about_every_row() -> None:
    with pytest.raises(UnknownVariableError, match="'colt' as a column of the table"):
        ENGINE.marginals(pd.DataFrame({"colt": [True]}))
    with pytest.raises(UnknownVariableError, match="Unknown variable 0 as a column"):
        ENGINE.marginals(pd.DataFrame([[1, 2]]))


def test_22_31_repeated_columns() -> None:
    twice = pd.DataFrame([["present", "absent"]], columns=["cold", "cold"])
    with pytest.raises(ConflictingEvidenceError, match="The column 'cold' occurs twice"):
        ENGINE.marginals(twice)


def test_31_any_index_will_do() -> None:
    frame = pd.DataFrame({"cold": ["present", "absent", "present"]}, index=[5, 5, -1])
    assert ENGINE.marginals(frame)["cold"][:, 1].tolist() == [1.0, 0.0, 1.0]
    assert evidence_of(network(), frame).label(2) == -1


def test_an_impossible_row_is_named() -> None:
    frame = pd.DataFrame(
        {"cold": ["present", "absent"], "muscle_pain": ["severe", "severe"]}, index=["one", "two"]
    )
    with pytest.raises(EvidenceError, match="Row 'two': These findings cannot occur together"):
        ENGINE.marginals(frame)
    found = ENGINE.propagate(evidence_of(network(), frame), ("number",))
    assert np.isneginf(found.log_evidence).tolist() == [False, True]
    assert np.isnan(found.marginals["number"]).all(axis=1).tolist() == [False, True]


def test_the_frame_is_left_as_it_was() -> None:
    frame = pd.DataFrame({"cold": ["present", "maybe"], "age": [1.0, 500.0]})
    before = frame.copy(deep=True)
    evidence_of(network(), frame)
    pd.testing.assert_frame_equal(frame, before)


def test_memory_is_bounded_by_blocks(rng: np.random.Generator) -> None:
    import tracemalloc

    engine = CompiledNetwork(network())
    count = 200_000
    frame = pd.DataFrame({"cold": rng.choice(["absent", "present"], count)}).astype("category")
    evidence = evidence_of(network(), frame)
    engine.propagate(evidence, ("cold",))
    tracemalloc.start()
    engine.propagate(evidence, ("cold",))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 1024 * 1024
