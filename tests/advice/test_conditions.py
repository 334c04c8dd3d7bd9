"""Conditions against their definition: every table of answers, every way to complete it."""

# ruff: noqa: E501  (a table of conditions and sentences is read a line at a time)

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massage_pain.advice.condition_reader import parse_condition
from massage_pain.advice.conditions import ChanceIs, Condition, FindingIs, NumberIs, RanksFirst
from massage_pain.advice.truth import TruthTable
from massage_pain.errors import InvalidNetworkError
from massage_pain.inference.case import UNSURE, Likelihood
from massage_pain.inference.evidence import Evidence, evidence_of
from tests.advice.small import small_network

NETWORK = small_network()
CAUSES = ("strain", "nerve")

ANSWERS: dict[str, list[Any]] = {
    "fever": ["absent", "present"],
    "press": ["light", "firm", "hard"],
    "radiates": ["none", "thigh", "foot"],
    "age": [10.0, 30.0, 55.0, 80.0],  # one in every interval that the conditions below can cut out
}


def parse(raw: object, **options: Any) -> Condition:
    return parse_condition(raw, NETWORK, **options)


# -- what a condition means, word by word ------------------------------------------------------------


def means(raw: Any, case: Mapping[str, Any]) -> bool | None:
    """Kleene's three values, straight from the text of the condition; None is not known."""
    if isinstance(raw, str):
        return None if raw not in case else case[raw] == NETWORK.variable(raw).present
    ((word, value),) = raw.items()
    if word == "not":
        inner = means(value, case)
        return None if inner is None else not inner
    if word in ("any", "all"):
        found = [means(each, case) for each in value]
        settled = word == "any"
        if settled in found:
            return settled
        return None if None in found else not settled
    if word not in case:
        return None
    if isinstance(value, dict):
        return value.get("at_least", -1) <= case[word] < value.get("below", 1000)
    return case[word] in ([value] if isinstance(value, str) else value)


def leaves() -> st.SearchStrategy[Any]:
    def some_states(name: str) -> st.SearchStrategy[Any]:
        states = ANSWERS[name]
        few = st.lists(st.sampled_from(states), min_size=1, max_size=len(states) - 1, unique=True)
        return few.map(lambda chosen: {name: chosen if len(chosen) > 1 else chosen[0]})

    numbers = st.sampled_from([{"at_least": 50}, {"below": 50}, {"at_least": 20, "below": 60}])
    return st.one_of(
        st.just("fever"),
        *(some_states(name) for name in ("fever", "press", "radiates")),
        numbers.map(lambda bounds: {"age": bounds}),
    )


def conditions() -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves(),
        lambda inner: st.one_of(
            inner.map(lambda each: {"not": each}),
            st.lists(inner, min_size=1, max_size=3).map(lambda each: {"any": each}),
            st.lists(inner, min_size=1, max_size=3).map(lambda each: {"all": each}),
        ),
        max_leaves=6,
    )


CASES = [
    {name: value for name, value in zip(ANSWERS, answers, strict=True) if value is not None}
    for answers in itertools.product(*([None, *values] for values in ANSWERS.values()))
]


def completions(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    free = [name for name in ANSWERS if name not in case]
    return [
        {**case, **dict(zip(free, values, strict=True))}
        for values in itertools.product(*(ANSWERS[name] for name in free))
    ]


@given(conditions())
def test_a_condition_is_what_its_words_mean(raw: Any) -> None:
    never = [each for each in parts(raw, False) if not any(means(each, case) is True for case in COMPLETE)]
    if never:
        with pytest.raises(InvalidNetworkError, match="can never be true"):
            parse(raw)
        return
    condition = parse(raw)
    found = TruthTable([condition], NETWORK).evaluate(evidence_of(NETWORK, CASES))
    for row, case in enumerate(CASES):
        assert found.true[0, row] == (means(raw, case) is True)
        could_be = any(means(raw, each) is True for each in completions(case))
        assert found.possible[0, row] == could_be


COMPLETE = completions({})


def parts(raw: Any, negated: bool) -> list[Any]:
    """A condition and all inside it, as they count: negated below a `not`."""
    found = [{"not": raw} if negated else raw]
    if isinstance(raw, dict):
        ((word, value),) = raw.items()
        if word == "not":
            found += parts(value, not negated)
        if word in ("any", "all"):
            found += [each for inner in value for each in parts(inner, negated)]
    return found


# -- the form it is brought to -----------------------------------------------------------------------


def test_a_name_alone_is_the_state_that_counts_as_present() -> None:
    assert parse("began") == Condition(((FindingIs("began", frozenset({"later"})),),))


def test_answers_to_one_question_are_merged() -> None:
    both = parse({"all": [{"radiates": ["thigh", "foot"]}, {"radiates": ["none", "foot"]}]})
    assert both == parse({"radiates": "foot"})
    ages = parse({"all": [{"age": {"at_least": 18}}, {"age": {"below": 70}}]})
    assert ages.conjunctions == ((NumberIs("age", 18.0, 70.0),),)


def test_what_another_alternative_makes_superfluous_is_left_out() -> None:
    condition = parse({"any": [{"all": ["fever", "numb"]}, "fever"]})
    assert condition == parse("fever")


def test_a_negated_chance_is_the_interval_beside_it() -> None:
    condition = parse({"not": {"posterior": "strain", "at_least": 0.2, "below": 0.5}})
    assert condition.conjunctions == ((ChanceIs("strain", below=0.2),), (ChanceIs("strain", at_least=0.5),))
    assert parse({"not": {"first": "nerve"}}).conjunctions == ((RanksFirst("nerve", holds=False),),)


def test_it_lists_its_variables() -> None:
    condition = parse({"any": ["fever", {"all": ["numb", "fever", {"age": {"below": 18}}]}]})
    assert condition.variables == ("fever",)
    condition = parse({"all": ["numb", {"age": {"below": 18}}, {"first": "nerve"}]})
    assert condition.variables == ("numb", "age")


# -- what is refused, and the sentence ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ("feverish", "Unknown variable 'feverish'. Did you mean 'fever'? 14 names are available."),
        ({"press": "hrad"}, "Unknown state 'hrad' for press. Did you mean 'hard'? Available: light, firm, hard."),
        ({"press": ["hard", 3]}, "Unknown state 3 for press. Available: light, firm, hard."),
        ({"press": []}, "The list of states is empty; 'press' has light, firm, hard."),
        ({"press": ["hard", "hard"]}, "A state of 'press' is named twice: hard, hard."),
        ({"press": ["light", "firm", "hard"]}, "This says nothing: it names every state of 'press'."),
        ({"press": {"at_least": 1}}, "'press' is no number; name one of its states: light, firm, hard."),
        ("age", "'age' is a number: write { at_least = ... }, { below = ... } or both, got None."),
        ({"age": 70}, "'age' is a number: write { at_least = ... }, { below = ... } or both, got 70."),
        ({"age": {"over": 70}}, "'age' is a number: write { at_least = ... }, { below = ... } or both, got {'over': 70}."),
        ({"age": {"at_least": 130}}, "at_least must be a number from 0 to 120, the range of 'age', got 130."),
        ({"age": {"below": float("nan")}}, "below must be a number from 0 to 120, the range of 'age', got nan."),
        ({"age": {"at_least": True}}, "at_least must be a number from 0 to 120, the range of 'age', got True."),
        ({"age": {"at_least": 70, "below": 18}}, "This can never be true: no 'age' is at least 70 and below 18."),
        ({"age": {"below": 0}}, "This can never be true: no 'age' is below 0."),
        ({"age": {"at_least": 0}}, "This says nothing: every 'age' is at least 0."),
        ({"posterior": "strian", "at_least": 0.2}, "Unknown cause 'strian'. Did you mean 'strain'? Available: strain, nerve."),
        ({"posterior": "fever", "at_least": 0.2}, "Unknown cause 'fever'. Available: strain, nerve."),
        ({"posterior": "strain", "at_least": 1.2}, "A chance must be a number from 0 to 1, got 1.2. Is it a percentage?"),
        ({"posterior": "strain", "at_least": -0.1}, "A chance must be a number from 0 to 1, got -0.1."),
        ({"posterior": "strain", "at_least": float("nan")}, "A chance must be a number from 0 to 1, got nan."),
        ({"posterior": "strain", "at_least": "0.3"}, "A chance must be a number from 0 to 1, got '0.3'."),
        ({"posterior": "strain", "below": True}, "A chance must be a number from 0 to 1, got True."),
        ({"posterior": "strain", "at_least": 0.6, "below": 0.3}, "This can never be true: no chance is at least 0.6 and below 0.3."),
        ({"posterior": "strain", "below": 0}, "This can never be true: no chance is below 0."),
        ({"posterior": "strain"}, 'Write { posterior = "cause", at_least = 0.3 }, with below = ... instead or as well; got posterior.'),
        ({"posterior": "strain", "at_least": 0.1, "above": 0.2}, 'Write { posterior = "cause", at_least = 0.3 }, with below = ... instead or as well; got posterior, at_least, above.'),
        ({"none_of_these": 4}, "A chance must be a number from 0 to 1, got 4. Is it a percentage?"),
        ({"not": {"none_of_these": 0}}, "This can never be true: its parts exclude each other."),
        ({"first": "fever"}, "Unknown cause 'fever'. Available: strain, nerve."),
        ({"flag": "fevr"}, "Unknown red flag 'fevr'. Did you mean 'fever'? Available: numbness, fever."),
        ({"flag": ["fever"]}, "Unknown red flag ['fever']. Available: numbness, fever."),
        ({"at_least": 0.3}, "'at_least' stands beside posterior = ..., not alone."),
        ("any", "'any' is a word of the condition language, not a variable."),
        ({"any": []}, "any needs a list of at least one condition, got []."),
        ({"all": "fever"}, "all needs a list of at least one condition, got 'fever'."),
        ({}, "A condition says one thing, got 0 keys (none); join several with all = [...] or any = [...]."),
        ({"fever": "present", "press": "hard"}, "A condition says one thing, got 2 keys (fever, press); join several with all = [...] or any = [...]."),
        (3, "A condition must be a variable's name or a table, got int 3."),
        (["fever"], "A condition must be a variable's name or a table, got list ['fever']."),
        ({"all": [{"press": "hard"}, {"press": "light"}]}, "This can never be true: its parts exclude each other."),
        ({"all": ["fever", {"not": "fever"}]}, "This can never be true: its parts exclude each other."),
        ({"any": ["fever", {"all": [{"press": "hard"}, {"press": "light"}]}]}, "This can never be true: its parts exclude each other."),
        ({"all": [{"age": {"at_least": 70}}, {"age": {"below": 18}}]}, "This can never be true: its parts exclude each other."),
        ({"all": [{"posterior": "strain", "at_least": 0.6}, {"posterior": "strain", "below": 0.4}]}, "This can never be true: its parts exclude each other."),
        ({"all": [{"posterior": "strain", "at_least": 0.6}, {"none_of_these": 0.5}]}, "This can never be true: its parts exclude each other."),
        ({"all": [{"first": "strain"}, {"first": "nerve"}]}, "This can never be true: its parts exclude each other."),
        ({"all": [{"not": {"first": "strain"}}, {"not": {"first": "nerve"}}]}, "This can never be true: its parts exclude each other."),
        ({"all": [{"flag": "fever"}, {"not": {"flag": "fever"}}]}, "This can never be true: its parts exclude each other."),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(raw: object, sentence: str) -> None:
    with pytest.raises(InvalidNetworkError) as caught:
        parse(raw, flags=("numbness", "fever"))
    assert str(caught.value) == sentence


def test_it_says_where_in_the_condition_it_went_wrong() -> None:
    def refuse(path: tuple[str | int, ...], message: str) -> Any:
        raise InvalidNetworkError(f"{path}: {message}")

    raw = {"any": ["fever", {"all": ["numb", {"press": "hrad"}]}]}
    with pytest.raises(InvalidNetworkError, match=r"\('any', 1, 'all', 1, 'press'\): Unknown state 'hrad'"):
        parse(raw, refuse=refuse)


def test_a_condition_of_too_many_ways_is_refused() -> None:
    pairs = [{"any": ["fever", {"press": "hard"}]}, {"any": ["numb", "ulcer"]}, {"any": ["thinner", "cold"]}]
    many = [
        {"any": [{"age": {"at_least": low, "below": low + 1}} for low in range(100)]},
        *pairs,
    ]
    with pytest.raises(InvalidNetworkError, match="more than 512 ways; make it several rules"):
        parse({"all": many})


def test_a_condition_nested_too_deeply_is_refused() -> None:
    raw: Any = "fever"
    for _ in range(40):
        raw = {"any": [raw]}
    with pytest.raises(InvalidNetworkError, match="nested 16 deep"):
        parse(raw)


# -- red flags only rise --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ({"not": "fever"}, "`not` has no place in a red flag or contraindication"),
        ({"posterior": "strain", "at_least": 0.2}, "`posterior` has no place in a red flag"),
        ({"first": "strain"}, "`first` has no place in a red flag"),
        ({"none_of_these": 0.2}, "`none_of_these` has no place in a red flag"),
        ({"any": ["fever", {"flag": "fever"}]}, "`flag` has no place in a red flag"),
        ({"fever": "absent"}, "names what is there, and 'absent' denies 'fever'. Allowed: present."),
        ({"radiates": ["none", "foot"]}, "names what is there, and 'none' denies 'radiates'. Allowed: thigh, foot."),
        ({"began": "during"}, "names what is there, and 'during' denies 'began'. Allowed: later."),
    ],
)  # fmt: skip
def test_nothing_that_could_lower_a_red_flag_stands_in_one(raw: object, sentence: str) -> None:
    with pytest.raises(InvalidNetworkError) as caught:
        parse(raw, only_rising=True, flags=("fever",))
    assert sentence in str(caught.value)


def test_a_circumstance_may_be_denied_in_a_red_flag() -> None:
    parse({"all": ["fever", {"before": "absent"}]}, only_rising=True)
    parse({"press": "light"}, only_rising=True)


# -- soft evidence, unsure answers, chances ----------------------------------------------------------------


def outcome(raw: object, *cases: Mapping[str, Any]) -> list[tuple[bool, bool]]:
    found = TruthTable([parse(raw)], NETWORK).evaluate(evidence_of(NETWORK, list(cases)))
    return list(zip(found.true[0].tolist(), found.possible[0].tolist(), strict=True))


def test_soft_evidence_errs_to_the_safe_side() -> None:
    def soft(**weights: float) -> dict[str, Any]:
        return {"radiates": Likelihood(weights)}

    found = outcome(
        {"radiates": ["thigh", "foot"]},
        soft(none=0.2, thigh=0.1, foot=0.9),
        soft(none=0.5, thigh=0.1, foot=0.5),  # as likely as not: counts
        soft(none=0.9, thigh=0.5, foot=0.1),
        soft(none=0.9, thigh=0.0, foot=0.0),
    )
    assert found == [(True, True), (True, True), (False, True), (False, False)]


def test_a_denial_wants_more_than_soft_evidence_in_balance() -> None:
    found = outcome(
        {"not": {"radiates": ["thigh", "foot"]}},
        {"radiates": Likelihood(none=0.5, thigh=0.1, foot=0.5)},
        {"radiates": Likelihood(none=0.9, thigh=0.1, foot=0.5)},
    )
    assert found == [(False, True), (True, True)]


def test_unsure_settles_nothing() -> None:
    assert outcome("fever", {"fever": UNSURE}, {"fever": False}, {}) == [
        (False, True),
        (False, False),
        (False, True),
    ]
    assert outcome({"not": "fever"}, {"fever": UNSURE}, {"fever": False}) == [(False, True), (True, True)]
    assert outcome({"age": {"at_least": 70}}, {"age": UNSURE}, {"age": 70}, {"age": 69.9}) == [
        (False, True),
        (True, True),
        (False, False),
    ]


def test_chances_ranks_and_flags_are_always_known() -> None:
    raws = [
        {"posterior": "strain", "at_least": 0.3},
        {"posterior": "strain", "below": 0.3},
        {"first": "nerve"},
        {"not": {"first": "nerve"}},
        {"none_of_these": 0.4},
        {"flag": "fever"},
        {"not": {"flag": "fever"}},
    ]
    table = TruthTable([parse(each, flags=["fever"]) for each in raws], NETWORK, CAUSES, ["fever"])
    chances = np.array(
        [
            [0.3, 0.2, 0.5],  # the threshold itself counts as reached
            [0.3 - 1e-12, 0.2, 0.1],  # and so does what differs from it by rounding
            [0.2, 0.2 - 1e-12, 0.1],  # a tie has two firsts
            [np.nan, np.nan, np.nan],
        ]
    )
    raised = np.array([[True, False, True, False]])
    found = table.evaluate(Evidence(4, {}, {}, {}, {}), chances, raised)
    assert found.true.T.tolist() == [
        [True, False, False, True, True, True, False],
        [True, False, False, True, False, False, True],
        [False, True, True, False, False, True, False],
        [False, False, False, False, False, False, True],
    ]
    assert (found.true == found.possible).all()


def test_many_cases_are_judged_as_one_by_one(rng: np.random.Generator) -> None:
    raws = [
        "fever",
        {"all": ["numb", {"press": ["firm", "hard"]}]},
        {"any": ["fever", {"age": {"below": 30}}]},
    ]
    table = TruthTable([parse(each) for each in raws], NETWORK)
    cases = [CASES[each] for each in rng.integers(0, len(CASES), 300)]
    for case, numb in zip(cases, rng.integers(0, 3, 300), strict=True):
        if numb < 2:
            case["numb"] = ["absent", "present"][numb]
    together = table.evaluate(evidence_of(NETWORK, cases))
    truth = table.evaluate(evidence_of(NETWORK, cases), possible=False)
    assert (truth.true == together.true).all()
    for row, case in enumerate(cases):
        alone = table.evaluate(evidence_of(NETWORK, case))
        assert (alone.true[:, 0] == together.true[:, row]).all()
        assert (alone.possible[:, 0] == together.possible[:, row]).all()
        assert (alone.marks[..., 0] == together.marks[..., row]).all()
    assert not together.holding.size  # words are for few


def test_no_conditions_and_no_cases_are_no_trouble() -> None:
    assert TruthTable([], NETWORK).evaluate(Evidence(3, {}, {}, {}, {})).true.shape == (0, 3)
    assert TruthTable([parse("fever")], NETWORK).evaluate(Evidence(0, {}, {}, {}, {})).true.shape == (1, 0)
