"""The golden cases: what a therapist can read in networks/back_pain/cases.toml must come out.

The cases were written from the article, the evidence and clinical common sense before the network was
looked at; the head of the file says what each key means. A failing case names its sentence, what was
expected and what came out, so that one can decide which of the two is wrong.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import massage_pain as mp
from massage_pain import errors

if TYPE_CHECKING:
    from massage_pain import Reasoner

NETWORKS = Path(__file__).resolve().parents[1] / "networks"

GROUPS = (
    "article",
    "soreness",
    "mixture",
    "one_finding",
    "nothing",
    "contradiction",
    "red_flag",
    "contraindication",
    "screening_before",
    "age",
    "medicine",
)
EXPECTATIONS = (
    "first",
    "margin",
    "at_least",
    "at_most",
    "none_of_these_at_least",
    "none_of_these_at_most",
    "complaint_at_least",
    "complaint_at_most",
    "urgency",
    "urgency_at_least",
    "urgency_at_most",
    "contraindication",
    "contraindication_at_least",
    "contraindication_at_most",
    "provisional",
    "advice_kinds",
    "no_advice_kinds",
    "error",
)
NEVER_BESIDE_AN_EMERGENCY = {"warmth", "cold", "exercise", "medicine_note", "reassurance"}
AN_ORDINARY_AGE = 40


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


CASES: list[dict[str, Any]] = read(NETWORKS / "back_pain" / "cases.toml")["case"]


def answer(back: Reasoner, case: Mapping[str, Any]) -> Any:
    """The assessment or the screening that the case asks for."""
    ask = back.assess if case["moment"] == "after" else back.screen
    findings = dict(case["findings"])
    seen = ask(mp.Case(findings))
    if case.get("otherwise") != "absent":
        return seen
    while still_open := [
        question["variable"]
        for question in seen.to_dict()["unscreened"]
        if question["variable"] not in findings
    ]:
        for name in still_open:
            variable = back.network.variable(name)
            findings[name] = AN_ORDINARY_AGE if variable.numeric else variable.states[0]
        seen = ask(mp.Case(findings))
    return seen


def disagreements(seen: Any, case: Mapping[str, Any]) -> Iterator[str]:
    """What came out differently, one sentence each."""
    expect = case["expect"]
    yield from wrong_beliefs(seen, case)
    for word, scale in (("urgency", mp.Urgency), ("contraindication", mp.Contraindication)):
        if not any(key.startswith(word) for key in expect):
            continue
        got = getattr(seen, word)
        if word in expect and got.name != expect[word]:
            yield f"{word} should be {expect[word]}, got {got.name}"
        if got < scale[expect.get(f"{word}_at_least", got.name)]:
            yield f"{word} should be {expect[f'{word}_at_least']} or more, got {got.name}"
        if got > scale[expect.get(f"{word}_at_most", got.name)]:
            yield f"{word} should be {expect[f'{word}_at_most']} or less, got {got.name}"
    if "provisional" in expect and seen.provisional is not expect["provisional"]:
        yield f"provisional should be {expect['provisional']}, got {seen.provisional}"
    kinds = {advice.kind for advice in seen.advice}
    for kind in expect.get("advice_kinds", ()):
        if kind not in kinds:
            yield f"advice of the kind {kind} should be shown, got {sorted(kinds)}"
    forbidden = set(expect.get("no_advice_kinds", ()))
    if seen.urgency is not None and seen.urgency.name == "EMERGENCY":
        forbidden |= NEVER_BESIDE_AN_EMERGENCY
    for kind in sorted(forbidden & kinds):
        actions = [advice.action for advice in seen.advice if advice.kind == kind]
        yield f"no advice of the kind {kind} should be shown, got {actions}"


def wrong_beliefs(seen: Any, case: Mapping[str, Any]) -> Iterator[str]:
    expect = case["expect"]
    if case["moment"] == "before":
        chance = seen.to_dict()["complaint_probability"]["probability"]
        yield from out_of_bounds("P(back pain)", chance, expect, "complaint")
        return
    chances = seen.posterior.probabilities
    ranking = ", ".join(f"{cause} {chance:.2f}" for cause, chance in chances.items())
    if "first" in expect:
        named = [expect["first"]] if isinstance(expect["first"], str) else expect["first"]
        best = max(chances[cause] for cause in named)
        rival = max(chance for cause, chance in chances.items() if cause not in named)
        if best - rival < expect.get("margin", 0.0):
            yield f"first should be {' or '.join(named)} by {expect.get('margin', 0)}, got {ranking}"
    for cause, bound in expect.get("at_least", {}).items():
        if chances[cause] < bound:
            yield f"P({cause}) should be at least {bound}, got {ranking}"
    for cause, bound in expect.get("at_most", {}).items():
        if chances[cause] > bound:
            yield f"P({cause}) should be at most {bound}, got {ranking}"
    yield from out_of_bounds("P(none of these)", seen.posterior.none_of_these, expect, "none_of_these")


def out_of_bounds(what: str, chance: float, expect: Mapping[str, Any], word: str) -> Iterator[str]:
    low, high = expect.get(f"{word}_at_least", 0.0), expect.get(f"{word}_at_most", 1.0)
    if not low <= chance <= high:
        yield f"{what} should be from {low} to {high}, got {chance:.3f}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_sentence_holds(back: Reasoner, case: dict[str, Any]) -> None:
    expect = case["expect"]
    if "error" in expect:
        with pytest.raises(getattr(errors, expect["error"])):
            answer(back, case)
        return
    wrong = list(disagreements(answer(back, case), case))
    assert not wrong, "\n  ".join([f"{case['sentence']}  [{case['because']}]", *wrong])


def test_every_case_is_complete_and_its_words_are_known() -> None:
    assert len(CASES) >= 60
    required = {"id", "group", "sentence", "moment", "findings", "because", "source", "expect"}
    for case in CASES:
        here = case.get("id", case)
        assert required <= set(case) <= required | {"otherwise"}, here
        assert case["group"] in GROUPS, here
        assert case["moment"] in ("after", "before"), here
        assert case.get("otherwise", "absent") == "absent", here
        assert case["expect"], f"{here} expects nothing"
        assert set(case["expect"]) <= set(EXPECTATIONS), here
        assert case["because"], here
        assert case["sentence"].endswith("."), here
    assert {case["group"] for case in CASES} == set(GROUPS)


def test_ids_and_sentences_are_unique() -> None:
    for key in ("id", "sentence"):
        twice = [text for text, times in Counter(case[key] for case in CASES).items() if times > 1]
        assert not twice


def test_every_source_is_known() -> None:
    known = set(read(NETWORKS / "sources.toml")["sources"])
    used = {key for case in CASES for key in case["source"]}
    assert not used - known


def test_every_question_of_the_network_is_answered_in_some_case(back: Reasoner) -> None:
    asked = {name for case in CASES for name in case["findings"]}
    assert {each.id for each in back.network.variables} - asked == set()


def test_every_safety_answer_stands_alone_in_some_case(back: Reasoner) -> None:
    alone = {name for case in CASES if len(case["findings"]) == 1 for name in case["findings"]}
    safety = {each.id for each in back.network.screening}
    assert safety - alone == set()


@pytest.mark.parametrize(("table", "raised"), [("red_flag", "red_flags"), ("contraindication", "reasons")])
def test_every_rule_is_raised_by_some_case(back: Reasoner, table: str, raised: str) -> None:
    rules = {rule["id"] for rule in read(NETWORKS / "back_pain" / "red_flags.toml")[table]}
    moments = ("after", "before") if table == "red_flag" else ("before",)
    seen = {
        rule.id
        for case in CASES
        if case["moment"] in moments and "error" not in case["expect"]
        for rule in getattr(answer(back, case), raised)
    }
    assert rules - seen == set(), "these rules are raised by no golden case"
