"""The facade: what its verbs take, give and refuse. What they mean is tested on the floors below."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import massage_pain as mp
from tests.advice.small import NETWORK, small_folder, small_network, small_rules
from tests.strategies import parameter

pd = pytest.importorskip("pandas")

COLUMNS = ["strain", "nerve", "top_cause", "urgency", "red_flags", "provisional", "none_of_these", "error"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> mp.Reasoner:
    return mp.load(small_folder(tmp_path_factory.mktemp("small")))


# -- loading and making ----------------------------------------------------------------------------------


def test_load_takes_a_shipped_name_or_a_folder(back: mp.Reasoner, small: mp.Reasoner) -> None:
    assert "back_pain" in mp.networks()
    assert back.network.name == "back_pain"
    assert mp.load("back_pain").network.content_hash == back.network.content_hash
    assert small.network.name == "small"
    assert small.rules is not None
    assert repr(small).startswith("<Reasoner: Network small 0.1: 9 variables")


def test_a_folder_without_rules_is_a_reasoner_without_rules(tmp_path: Path) -> None:
    (tmp_path / "network.toml").write_text(NETWORK, encoding="utf-8")
    assert mp.load(tmp_path).rules is None
    assert mp.load(str(tmp_path)).assess({}).urgency is None


def test_an_unknown_network_is_named_with_near_misses(tmp_path: Path) -> None:
    with pytest.raises(
        mp.NetworkFileError, match=r"Unknown network 'back_pane'\. Did you mean 'back_pain'\?"
    ):
        mp.load("back_pane")
    with pytest.raises(mp.NetworkFileError, match="there is no such file"):
        mp.load(tmp_path)
    with pytest.raises(mp.UnsupportedModelError, match="got int 3"):
        mp.load(3)  # type: ignore[arg-type]


def test_what_is_no_network_no_rules_or_no_engine_is_refused() -> None:
    with pytest.raises(mp.UnsupportedModelError, match=r"read_network\(path\).*got str 'mine\.toml'"):
        mp.Reasoner("mine.toml")  # type: ignore[arg-type]
    with pytest.raises(mp.UnsupportedModelError, match="rules must be Rules"):
        mp.Reasoner(small_network(), rules={"red_flag": []})  # type: ignore[arg-type]
    with pytest.raises(
        mp.QueryError, match=r"Unknown engine 'nunpy'\. Did you mean 'numpy'\? Available: numpy, pgmpy\."
    ):
        mp.Reasoner(small_network(), engine="nunpy")


def test_rules_of_another_network_are_refused(tmp_path: Path) -> None:
    rules = small_rules(tmp_path, small_network())
    with pytest.raises(
        mp.InvalidNetworkError, match=r"The rules name 'numb', which the network 'cloudy' does not"
    ):
        mp.Reasoner(foreign(), rules=rules, causes=["rain"])


def foreign() -> mp.Network:
    """A network that names no roles."""
    from massage_pain.knowledge.distributions import Table
    from massage_pain.knowledge.variable import Variable

    sky = Variable(id="sky", states=("clear", "cloudy"))
    rain = Variable(id="rain", states=("yes", "no"))
    assert parameter(0.5).value == 0.5
    return mp.Network(
        "cloudy",
        (sky, rain),
        (
            Table("sky", (), np.array([0.5, 0.5])),
            Table("rain", ("sky",), np.array([[0.1, 0.9], [0.8, 0.2]])),
        ),
    )


def test_a_network_without_causes_says_how_to_name_them() -> None:
    reasoner = mp.Reasoner(foreign())
    sentence = r"The network 'cloudy' does not say which variables are causes.*causes=\{\"sky\": "
    for ask in (reasoner.assess, reasoner.screen):
        with pytest.raises(mp.InvalidNetworkError, match=sentence):
            ask({})
    for many in (reasoner.posteriors, reasoner.assess_many):
        with pytest.raises(mp.InvalidNetworkError, match=sentence):
            many(pd.DataFrame({"sky": ["clear"]}))


def test_causes_may_be_named_with_the_state_that_counts(small: mp.Reasoner) -> None:
    seen = mp.Reasoner(foreign(), causes={"rain": "yes"}).assess({"sky": "cloudy"})
    assert seen.posterior.probabilities == {"rain": pytest.approx(0.8)}
    assert seen.none_of_these == pytest.approx(0.2)
    assert seen.urgency is None
    assert seen.to_dict()["complaint"] is None
    assert seen.rests_on[0].key == "Rain: yes given sky: cloudy".replace("Rain", "rain")
    with pytest.raises(mp.UnknownVariableError, match=r"Unknown variable 'rian'\. Did you mean 'rain'\?"):
        mp.Reasoner(foreign(), causes={"rian": "yes"})
    with pytest.raises(mp.UnknownStateError, match="Unknown state 'maybe' for rain"):
        mp.Reasoner(foreign(), causes={"rain": "maybe"})


@pytest.mark.parametrize("case", [{}, {"press": "hard", "stiff": True}, {"radiates": "foot", "numb": True}])
def test_pgmpy_gives_the_same_answer(small: mp.Reasoner, case: dict[str, Any]) -> None:
    pytest.importorskip("pgmpy")
    other = mp.Reasoner(small.network, rules=small.rules, engine="pgmpy")
    mine, theirs = small.assess(case), other.assess(case)
    assert theirs.posterior.probabilities == pytest.approx(dict(mine.posterior.probabilities), abs=1e-12)
    assert theirs.none_of_these == pytest.approx(mine.none_of_these, abs=1e-12)
    assert [each.id for each in theirs.advice] == [each.id for each in mine.advice]


def test_from_pgmpy_takes_a_model_and_its_causes(small: mp.Reasoner) -> None:
    pytest.importorskip("pgmpy")
    model = foreign().to_pgmpy()
    seen = mp.Reasoner.from_pgmpy(model, causes={"rain": "yes"}).assess({"sky": "cloudy"})
    assert seen.posterior.probabilities["rain"] == pytest.approx(0.8)
    with pytest.raises(mp.UnsupportedModelError):
        mp.Reasoner.from_pgmpy("a model")


# -- one case ----------------------------------------------------------------------------------------------


def test_a_case_a_mapping_and_nothing_are_cases(small: mp.Reasoner) -> None:
    as_case = small.assess(mp.Case(stiff="present"))
    assert small.assess({"stiff": True}).to_dict() == as_case.to_dict()
    assert small.assess().to_dict() == small.assess({}).to_dict()
    assert small.assess({"stiff": None, "age": float("nan")}).to_dict() == small.assess({}).to_dict()


@pytest.mark.parametrize("wrong", [[("stiff", "present")], "stiff", 3, {"stiff"}])
def test_what_is_no_case_is_refused(small: mp.Reasoner, wrong: Any) -> None:
    for ask in (small.assess, small.screen):
        with pytest.raises(mp.EvidenceError, match="A case is a Case or a mapping"):
            ask(wrong)


def test_a_table_is_no_case(small: mp.Reasoner) -> None:
    with pytest.raises(mp.EvidenceError, match="For tables there are posteriors and assess_many"):
        small.assess(pd.DataFrame({"stiff": ["present"]}))


@pytest.mark.parametrize(
    ("wrong", "error", "sentence"),
    [
        (
            {"stif": True},
            mp.UnknownVariableError,
            "Unknown variable 'stif'. Did you mean 'stiff' or 'strain'?",
        ),
        (
            {"stiff": "maybe"},
            mp.UnknownStateError,
            "Unknown state 'maybe' for stiff. Available: absent, present.",
        ),
        ({"press": True}, mp.UnknownStateError, "Unknown state True for press."),
        ({"stiff": " Present "}, mp.UnknownStateError, "Did you mean 'present' or 'absent'?"),
        ({"age": 500}, mp.EvidenceError, "age must be a number from 0 to 120 years, got 500."),
        ({"age": mp.Likelihood(present=0.5, absent=0.1)}, mp.EvidenceError, "age takes a number or UNSURE"),
    ],
)
def test_a_refused_call_says_why_and_changes_nothing(
    small: mp.Reasoner, wrong: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    before = small.assess({"press": "hard"}).to_dict()
    given = {"press": "hard", **wrong}
    kept = dict(given)
    for ask in (small.assess, small.screen):
        with pytest.raises(error) as caught:
            ask(given)
        assert sentence in str(caught.value)
    assert given == kept
    assert small.assess({"press": "hard"}).to_dict() == before


def test_causes_that_tie_are_said_and_stay_in_order() -> None:
    from massage_pain.knowledge.distributions import Table
    from massage_pain.knowledge.variable import Variable

    coin = np.array([0.7, 0.3])
    network = mp.Network(
        "coins",
        tuple(Variable(id=name, role="cause") for name in ("one", "two", "three")),
        (Table("one", (), coin), Table("two", (), coin), Table("three", (), np.array([0.8, 0.2]))),
    )
    reasoner = mp.Reasoner(network)
    seen = reasoner.assess({})
    assert seen.tie == ("one", "two")
    assert seen.top_cause == "one"
    assert seen.to_dict()["tie"] == ["one", "two"]
    assert reasoner.assess_many(pd.DataFrame({"three": ["absent"]})).top_cause.tolist() == ["one"]
    assert reasoner.assess({"two": True}).tie == ()


def test_threads_get_the_answers_they_would_get_alone(back: mp.Reasoner) -> None:
    cases = [{"focal_pressure": True}, {"saddle_numbness": True}, {"fever": True, "aching": True}, {}]
    alone = [back.assess(case).to_dict() for case in cases]
    fresh = mp.load()
    found: dict[int, list[Any]] = {}

    def ask(worker: int) -> None:
        found[worker] = [fresh.assess(case).to_dict() for case in cases]

    workers = [threading.Thread(target=ask, args=(worker,)) for worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert all(found[worker] == alone for worker in range(4))


# -- tables ------------------------------------------------------------------------------------------------

FRAME: dict[str, list[Any]] = {
    "press": ["hard", None, "light", "firm", None],
    "stiff": ["present", "present", None, "absent", None],
    "radiates": [None, "foot", "none", "thigh", None],
    "fever": ["absent", None, "present", "absent", None],
    "numb": [None, None, "present", None, None],
    "age": [70, None, 20, 51, None],
}


def test_posteriors_keep_the_index_and_order_the_causes(small: mp.Reasoner) -> None:
    frame = pd.DataFrame(FRAME, index=["b", "a", "a", "c", "b"])
    found = small.posteriors(frame)
    assert found.index.equals(frame.index)
    assert list(found.columns) == ["strain", "nerve"]
    assert (found.dtypes == "float64").all()
    for row in range(len(frame)):
        alone = small.assess(frame.iloc[row].to_dict()).posterior.probabilities
        assert found.iloc[row].to_dict() == pytest.approx(dict(alone), abs=1e-12)


def test_assess_many_says_of_a_row_what_assess_says_of_the_case(small: mp.Reasoner) -> None:
    frame = pd.DataFrame(FRAME, index=[3, 1, 1, 2, 0])
    found = small.assess_many(frame)
    assert found.index.equals(frame.index)
    assert list(found.columns) == COLUMNS
    for row in range(len(frame)):
        seen = small.assess(frame.iloc[row].to_dict())
        line = found.iloc[row]
        assert line[["strain", "nerve"]].to_dict() == pytest.approx(dict(seen.posterior.probabilities))
        assert line.top_cause == seen.top_cause
        assert line.urgency == seen.urgency.name  # type: ignore[union-attr]
        assert line.red_flags == ";".join(each.id for each in seen.red_flags)
        assert bool(line.provisional) is seen.provisional
        assert line.none_of_these == pytest.approx(seen.none_of_these)
        assert line.error == ""


def test_urgency_is_an_ordered_categorical(small: mp.Reasoner) -> None:
    found = small.assess_many(pd.DataFrame(FRAME))
    assert list(found.urgency.cat.categories) == [each.name for each in mp.Urgency]
    assert found.urgency.cat.ordered
    assert (found.urgency >= "SAME_DAY").tolist() == [False, False, True, False, False]
    assert found.red_flags.tolist()[2] == "numbness;fever"


def test_answers_survive_a_csv(small: mp.Reasoner, tmp_path: Path) -> None:
    found = small.assess_many(pd.DataFrame(FRAME))
    found.to_csv(tmp_path / "out.csv")
    again = pd.read_csv(tmp_path / "out.csv", index_col=0, keep_default_na=False)
    assert again.red_flags.tolist() == found.red_flags.tolist()
    assert again.urgency.tolist() == found.urgency.tolist()


def test_a_bad_row_costs_only_itself(small: mp.Reasoner) -> None:
    frame = pd.DataFrame(FRAME, index=list("vwxyz"))
    bad = frame.copy()
    bad.loc["w", "stiff"] = "presnt"
    good = small.assess_many(frame)
    found = small.assess_many(bad)
    assert found.drop(index="w").equals(good.drop(index="w"))
    line = found.loc["w"]
    assert line[["strain", "nerve", "none_of_these"]].isna().all()
    assert pd.isna(line.top_cause)
    assert pd.isna(line.urgency)
    assert line.provisional
    assert line.error.startswith("Row 'w': Unknown state 'presnt' for stiff. Did you mean 'present'?")
    with pytest.warns(
        mp.RefusedRowsWarning, match=r"1 of 5 rows could not be answered and are NaN\. The first: Row 'w'"
    ):
        numbers = small.posteriors(bad)
    assert numbers.loc["w"].isna().all()
    assert numbers.drop(index="w").equals(small.posteriors(frame).drop(index="w"))
    assert list(numbers.attrs["errors"]) == ["w"]
    assert "presnt" in numbers.attrs["errors"]["w"]


def test_a_refused_row_keeps_the_red_flags_of_its_other_cells(back: mp.Reasoner) -> None:
    frame = pd.DataFrame(
        {
            "focal_pressure": ["presnt", "presnt", "presnt", "presnt", "present"],
            "chest_pain": ["present", None, "absent", "unsure", "present"],
            "fever": [None, None, "present", None, "yes"],
            "limb_numbness": [None, "absent", None, "present", None],
            "age": [50, 50, 50, 500, 500],
        }
    )
    found = back.assess_many(frame)
    assert (found.error != "").all()
    assert found.error[4].startswith("Row 4: Unknown state 'yes' for fever.")
    numbers = [each.id for each in back.network.causes]
    assert found[[*numbers, "top_cause", "none_of_these"]].isna().all(axis=None)
    assert found.provisional.all()
    right = frame.drop(columns="focal_pressure").assign(fever=[None, None, "present", None, None], age=None)
    alone = back.assess_many(right)
    assert found.red_flags.tolist() == alone.red_flags.tolist()
    assert found.red_flags.tolist()[1] == ""
    for row, flags in enumerate(found.red_flags):
        if not flags:
            assert pd.isna(found.urgency[row])  # never self-care
        else:
            highest = max(each.urgency for each in back.rules.red_flags if each.id in flags.split(";"))
            assert found.urgency[row] == highest.name
    assert found.urgency.isna().tolist() == [False, True, False, False, False]
    assert found.urgency[0] == "EMERGENCY"


def test_the_chances_of_a_refused_row_raise_nothing(back: mp.Reasoner) -> None:
    """What the rules say by chance is not said where the findings are not all known."""
    sure = {"massage_pressure": "excessive", "muscle_stiffness": "present", "local_numbness": "present"}
    urgent = pd.DataFrame([sure | {"focal_pressure": "present"}, sure | {"focal_pressure": "presnt"}])
    found = back.assess_many(urgent)
    assert found.urgency[0] > "SELF_CARE"
    assert found.red_flags.tolist() == ["", ""]
    assert pd.isna(found.urgency[1])


def test_a_refused_row_that_is_impossible_too_says_what_is_wrong_in_it() -> None:
    reasoner, frame = with_a_contradiction()
    frame["cause"] = ["prsent", None, None]
    found = reasoner.assess_many(frame)
    assert found.error[0].startswith("Row 0: Unknown state 'prsent' for cause.")
    assert found.error[2].startswith("Row 2: These findings cannot occur together")


@pytest.mark.parametrize("present", [0.9, 0.5, 0.2, 0.0])
def test_a_soft_answer_to_a_safety_question_counts_in_one_case_and_in_many(
    back: mp.Reasoner, present: float
) -> None:
    soft = mp.Likelihood(present=present, absent=1.0 - present)
    case = {"chest_pain": soft, "fever": soft, "muscle_stiffness": True}
    one = back.assess(case)
    many = back.assess_many(pd.DataFrame([case], dtype=object))
    assert many.error[0] == ""
    assert many.urgency[0] == one.urgency.name
    assert many.red_flags[0] == ";".join(each.id for each in one.red_flags)
    raised = {each.id for each in one.red_flags}
    assert ("fever" in raised) == (present >= 0.5)  # a tie is no reason to keep silent
    assert (one.urgency is mp.Urgency.EMERGENCY) == (present >= 0.5)
    open_ones = {each.variable for each in one.unscreened}
    assert ("chest_pain" in open_ones) == (0.0 < present < 0.5)  # a soft denial denies nothing
    plain = back.assess({"muscle_stiffness": True})
    assert (
        one.posterior.probabilities == plain.posterior.probabilities
    )  # it has no probability in the network
    assert one.urgency >= plain.urgency


def test_an_impossible_row_keeps_its_warning_sign() -> None:
    reasoner, frame = with_a_contradiction()
    found = reasoner.assess_many(frame)
    assert found.error.tolist()[1:] == [
        "",
        "Row 2: These findings cannot occur together (probability 0): a = present, b = present.",
    ]
    assert (
        found.error[0]
        == "Row 0: These findings cannot occur together (probability 0): a = present, b = present."
    )
    assert found.urgency.isna().tolist() == [True, True, True]  # no rules
    with pytest.warns(mp.RefusedRowsWarning, match="2 of 3 rows"):
        numbers = reasoner.posteriors(frame)
    assert numbers.cause.isna().tolist() == [True, False, True]


def with_a_contradiction() -> tuple[mp.Reasoner, Any]:
    from massage_pain.knowledge.distributions import Table
    from massage_pain.knowledge.variable import Variable

    network = mp.Network(
        "never",
        (Variable(id="a"), Variable(id="b"), Variable(id="cause", role="cause")),
        (
            Table("a", (), np.array([0.5, 0.5])),
            Table("b", ("a",), np.array([[0.5, 0.5], [1.0, 0.0]])),
            Table("cause", (), np.array([0.5, 0.5])),
        ),
    )
    frame = pd.DataFrame({"a": ["present", "absent", "present"], "b": ["present", "present", "present"]})
    return mp.Reasoner(network), frame


def test_an_impossible_or_refused_row_is_never_self_care(tmp_path: Path) -> None:
    text = NETWORK.replace("leak.thigh = { value = 0.02", "leak.thigh = { value = 0.02")
    text = text.replace(
        'links.strain.present = { value = 0.7, low = 0.5, high = 0.9, source = "paper", grade = "A" }',
        'links.strain.present = { value = 0, low = 0, high = 0.9, source = "paper", grade = "A" }',
    ).replace(
        'label = "Stiff muscles"\nform = "noisy-or"\nleak = { value = 0.05, low = 0.02',
        'label = "Stiff muscles"\nform = "noisy-or"\nleak = { value = 0, low = 0',
    )
    folder = small_folder(tmp_path)
    (folder / "network.toml").write_text(text, encoding="utf-8")
    found = mp.load(folder).assess_many(
        pd.DataFrame(
            {
                "stiff": ["present", "present", "sometimes", "sometimes"],
                "fever": ["present", "absent", "absent", "present"],
            }
        )
    )
    assert found.urgency[0] == "SAME_DAY"  # its answers raise it, whatever the network thinks
    assert found.urgency[3] == "SAME_DAY"
    assert found.red_flags.tolist() == ["fever", "", "", "fever"]
    assert found.urgency.isna().tolist() == [False, True, True, False]
    assert found.provisional.all()
    assert (found.error != "").all()


def test_an_empty_table_has_the_right_columns(small: mp.Reasoner) -> None:
    for frame in (pd.DataFrame(), pd.DataFrame({"stiff": []}), pd.DataFrame(FRAME).iloc[:0]):
        assert list(small.posteriors(frame).columns) == ["strain", "nerve"]
        found = small.assess_many(frame)
        assert list(found.columns) == COLUMNS
        assert len(found) == 0
        assert found.urgency.cat.ordered
    without_columns = small.assess_many(pd.DataFrame(index=[7, 8]))
    assert without_columns.index.tolist() == [7, 8]
    assert (without_columns.urgency == "SELF_CARE").all()


def test_a_wrong_column_is_refused_for_the_whole_table(small: mp.Reasoner) -> None:
    for ask in (small.posteriors, small.assess_many):
        with pytest.raises(mp.UnknownVariableError, match="stif"):
            ask(pd.DataFrame({"stif": ["present"]}))
        with pytest.raises(mp.ConflictingEvidenceError):
            ask(pd.DataFrame([["present", "absent"]], columns=["stiff", "stiff"]))


@pytest.mark.parametrize("wrong", [{"stiff": ["present"]}, [{"stiff": "present"}], None, "cases.csv", 3])
def test_what_is_no_table_is_refused(small: mp.Reasoner, wrong: Any) -> None:
    for ask in (small.posteriors, small.assess_many):
        with pytest.raises(mp.EvidenceError, match="A table of cases must be a pandas DataFrame"):
            ask(wrong)


def test_a_cause_may_not_be_called_like_a_column_of_the_answer() -> None:
    from massage_pain.knowledge.distributions import Table
    from massage_pain.knowledge.variable import Variable

    network = mp.Network(
        "odd", (Variable(id="urgency", role="cause"),), (Table("urgency", (), np.array([0.5, 0.5])),)
    )
    reasoner = mp.Reasoner(network)
    assert list(reasoner.posteriors(pd.DataFrame(index=[0])).columns) == ["urgency"]
    with pytest.raises(mp.QueryError, match="The cause 'urgency' has the name of a column of the answer"):
        reasoner.assess_many(pd.DataFrame(index=[0]))


def test_a_long_table_is_answered_in_blocks(small: mp.Reasoner, monkeypatch: pytest.MonkeyPatch) -> None:
    from massage_pain.advice import judgement, many_answers

    frame = pd.concat([pd.DataFrame(FRAME)] * 9, ignore_index=True)
    frame.loc[[7, 31], "stiff"] = "sometimes"
    whole = small.assess_many(frame)
    monkeypatch.setattr(many_answers, "ROWS", 8)
    monkeypatch.setattr(judgement, "BLOCK", 3)
    blocks = small.assess_many(frame)
    pd.testing.assert_frame_equal(whole, blocks)
    assert np.flatnonzero(blocks.error != "").tolist() == [7, 31]


# -- cost of importing ---------------------------------------------------------------------------------------


def test_importing_and_assessing_load_nothing_heavy() -> None:
    code = (
        "import sys, massage_pain as mp; mp.load().assess({'focal_pressure': True}).advice; "
        "print(sorted({'pandas', 'networkx', 'pgmpy', 'scipy', 'IPython'} & set(sys.modules)))"
    )
    folder = Path(__file__).resolve().parents[1]
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=folder
    )
    assert found.stdout.strip() == "[]"


def test_the_version_is_one_line() -> None:
    assert mp.__version__ == "0.1.0"
    assert all(hasattr(mp, name) for name in mp.__all__)
