"""The golden sentences about the services: networks/back_pain/cases.toml, [[question]].

Written, like the cases, before the service was asked; the file says what each key means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

import massage_pain as mp
from massage_pain.reasoning.session_reasons import SessionAction
from tests.test_golden_cases import NETWORKS, read

if TYPE_CHECKING:
    from massage_pain import Reasoner

QUESTIONS: list[dict[str, Any]] = read(NETWORKS / "back_pain" / "cases.toml")["question"]
REQUIRED = {"id", "service", "sentence", "findings", "because", "source"}
SAME = 1e-9
"""Two chances that differ by rounding only are the same."""


def explain(back: Reasoner, asked: Mapping[str, Any], expect: Mapping[str, Any]) -> Iterator[str]:
    found = back.explain(asked["findings"], asked["cause"])
    weights = {each.variable: each.weight for each in found.contributions}
    for name in expect.get("speaks_for", ()):
        if weights[name] <= 0.0:
            yield f"{name} should speak for {asked['cause']}, got {weights[name]:+.2f} bits"
    for name in expect.get("speaks_against", ()):
        if weights[name] >= 0.0:
            yield f"{name} should speak against {asked['cause']}, got {weights[name]:+.2f} bits"
    order = expect.get("in_order", [])
    if [weights[name] for name in order] != sorted((weights[name] for name in order), reverse=True):
        yield f"the weights should fall in the order {order}, got {weights}"


def moved(shifts: Mapping[str, tuple[float, float]], expect: Mapping[str, Any]) -> Iterator[str]:
    for word, holds in (
        ("falls", lambda before, after: after < before - SAME),
        ("rises", lambda before, after: after > before + SAME),
        ("same", lambda before, after: abs(after - before) <= SAME),
    ):
        for name in expect.get(word, ()):
            before, after = shifts[name]
            if not holds(before, after):
                yield f"{name}: {word} was expected, got {before:.4f} to {after:.4f}"
    if "falls_most" in expect:
        causes = {name: before - after for name, (before, after) in shifts.items() if name != "back_pain"}
        most = max(causes, key=causes.__getitem__)
        if most != expect["falls_most"] or causes[most] <= SAME:
            yield f"{expect['falls_most']} should fall most, got {causes}"


def what_if(back: Reasoner, asked: Mapping[str, Any], expect: Mapping[str, Any]) -> Iterator[str]:
    found = back.what_if(asked["findings"], do=asked.get("do"), draws=0)
    shifts = {name: (each.before, each.after) for name, each in found.causes.items()}
    assert found.outcome is not None
    shifts["back_pain"] = found.outcome.before, found.outcome.after
    yield from moved(shifts, expect)
    for word, told in (("dropped", found.dropped), ("carried", found.carried)):
        missing = set(expect.get(word, ())) - {each.variable for each in told}
        if missing:
            yield f"{word} should name {sorted(missing)}, got {[each.variable for each in told]}"
    ranking = [each.variable for each in found.ranking]
    if not set(expect.get("helps_most", ())) <= set(ranking[:3]):
        yield f"the best three changes should hold {expect['helps_most']}, got {ranking}"
    if set(expect.get("cannot_change", ())) & set(ranking):
        yield f"no ranking should hold {expect['cannot_change']}, got {ranking}"


def would_have(back: Reasoner, asked: Mapping[str, Any], expect: Mapping[str, Any]) -> Iterator[str]:
    found = back.would_have(asked["findings"], do=asked["do"])
    yield from moved({name: (each.actual, each.otherwise) for name, each in found.causes.items()}, expect)
    low, high = expect.get("avoided_at_least", 0.0), expect.get("avoided_at_most", 1.0)
    if not low <= found.avoided <= high:
        yield f"avoided should be from {low} to {high}, got {found.avoided:.3f}"
    for word, share in (("necessity", found.necessity), ("sufficiency", found.sufficiency)):
        if word in expect:  # "none": a share of nothing
            if share is not None:
                yield f"there should be no {word}, got {share:.3f}"
        elif {f"{word}_at_least", f"{word}_at_most"} & expect.keys():
            low, high = expect.get(f"{word}_at_least", 0.0), expect.get(f"{word}_at_most", 1.0)
            if share is None or not low <= share <= high:
                yield f"{word} should be from {low} to {high}, got {share}"


def monitor(back: Reasoner, asked: Mapping[str, Any], _: Mapping[str, Any]) -> Iterator[str]:
    now = back.monitor(asked["findings"])
    for minute, step in enumerate(asked["steps"], 1):
        now = now.observe(minute, step["findings"])
        word, *more = step["action"].split(" or ")
        holds = now.action >= SessionAction[word] if more else now.action is SessionAction[word]
        if not holds:
            yield f"after {step['findings']} it should be {step['action']}, got {now.action.name}"


def ask(back: Reasoner, asked: Mapping[str, Any], expect: Mapping[str, Any]) -> Iterator[str]:
    record = back.ask(asked["findings"], top=100).to_dict()
    safety = {name for group in record["safety"] for name in group["variables"]}
    missing = set(expect["safety"]) - safety
    if missing:
        yield f"the safety questions should hold {sorted(missing)}, got {sorted(safety)}"
    every = safety | {each["variable"] for each in record["questions"]}
    if every & set(expect["never"]):
        yield f"not to be asked again: {sorted(every & set(expect['never']))}"


def interview(back: Reasoner, asked: Mapping[str, Any], expect: Mapping[str, Any]) -> Iterator[str]:
    now = back.interview(asked["findings"])
    questions = 0
    put: set[str] = set()
    while now.question is not None:
        put.update(now.question.variables)
        questions += not now.question.safety
        answers = {name: asked["truth"].get(name) or denied(back, name) for name in now.question.variables}
        now = now.answer(answers)
    if questions > expect.get("questions_at_most", questions):
        yield f"at most {expect['questions_at_most']} questions were expected, got {questions}"
    if not set(expect.get("asked", ())) <= put:
        yield f"asked should be {expect['asked']}, got {sorted(put)}"
    if set(expect.get("not_asked", ())) & put:
        yield f"not asked should be {expect['not_asked']}, got {sorted(put)}"
    word, *more = expect["ends_with"].split(" or ")
    ends = now.assessment.urgency
    assert ends is not None
    if not (ends >= mp.Urgency[word] if more else ends is mp.Urgency[word]):
        yield f"it should end with {expect['ends_with']}, got {ends.name}"


def denied(back: Reasoner, name: str) -> str | float:
    """The lowest state, or the age of forty."""
    variable = back.network.variable(name)
    return 40.0 if variable.numeric else variable.states[0]


def conflict(back: Reasoner, asked: Mapping[str, Any], expect: Mapping[str, Any]) -> Iterator[str]:
    found = back.conflict(asked["findings"], draws=100)
    if "fits" in expect and (found.poor is expect["fits"] or (found.bits < 0.0) is not expect["fits"]):
        yield f"fits should be {expect['fits']}, got {found.bits:+.2f} bits, misfit {found.misfit:.2f}"
    against = {frozenset(each.variables) for each in found.pairs}
    for pair in expect.get("speak_against_each_other", ()):
        if frozenset(pair) not in against:
            yield f"{pair} should speak against each other, got {found.bits:+.2f} bits"


def most_probable(back: Reasoner, asked: Mapping[str, Any], expect: Mapping[str, Any]) -> Iterator[str]:
    best = back.most_probable(asked["findings"]).joint_states[0].states
    there = {name for name, state in best.items() if state == "present"}
    if not set(expect["there"]) <= there or set(expect["not_there"]) & there:
        yield f"there should be {expect['there']} and not {expect['not_there']}, got {sorted(there)}"


def sensitivity(back: Reasoner, asked: Mapping[str, Any], expect: Mapping[str, Any]) -> Iterator[str]:
    record = back.sensitivity(asked["findings"], asked["cause"]).to_dict()
    first = [each["key"] for each in record["parameters"][:5]]
    for name in expect.get("matters", ()):
        if name not in {key[0] for key in first}:
            yield f"one of the first five numbers should be of {name}, got {first}"
    least = expect.get("never_below")
    if least is not None:
        levels = {each["urgency_becomes"] for each in record["parameters"]} - {""} | {record["urgency"]}
        below = {each for each in levels if mp.Urgency[each] < mp.Urgency[least]}
        if below:
            yield f"no number should bring the urgency below {least}, got {sorted(below)}"


def intervals(back: Reasoner, asked: Mapping[str, Any], expect: Mapping[str, Any]) -> Iterator[str]:
    found = back.intervals(asked["findings"], draws=400)
    first = dict(zip(found.causes, found.ranks_first.tolist(), strict=True))
    for word, sign in (("ranks_first_at_least", 1.0), ("ranks_first_at_most", -1.0)):
        for cause, share in expect.get(word, {}).items():
            if sign * first[cause] < sign * share:
                yield f"{word} {share} was expected of {cause}, got {first}"
    assert found.same_urgency is not None
    if found.same_urgency < expect.get("same_urgency_at_least", 0.0):
        yield f"the same urgency was expected in most draws, got {found.same_urgency}"


SERVICES: dict[str, tuple[Callable[..., Iterator[str]], set[str]]] = {
    "explain": (explain, {"speaks_for", "speaks_against", "in_order"}),
    "what_if": (
        what_if,
        {"falls", "rises", "same", "falls_most", "dropped", "carried", "helps_most", "cannot_change"},
    ),
    "would_have": (
        would_have,
        {"falls", "rises", "same", "falls_most", "avoided_at_least", "avoided_at_most"}
        | {"necessity", "necessity_at_least", "necessity_at_most"}
        | {"sufficiency", "sufficiency_at_least", "sufficiency_at_most"},
    ),
    "monitor": (monitor, set()),
    "ask": (ask, {"safety", "never"}),
    "interview": (interview, {"questions_at_most", "asked", "not_asked", "ends_with"}),
    "conflict": (conflict, {"fits", "speak_against_each_other"}),
    "most_probable": (most_probable, {"there", "not_there"}),
    "sensitivity": (sensitivity, {"matters", "never_below"}),
    "intervals": (intervals, {"ranks_first_at_least", "ranks_first_at_most", "same_urgency_at_least"}),
}


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked["id"])
def test_the_sentence_holds(back: Reasoner, asked: dict[str, Any]) -> None:
    answered, _ = SERVICES[asked["service"]]
    wrong = list(answered(back, asked, asked.get("expect", {})))
    assert not wrong, "\n  ".join([f"{asked['sentence']}  [{asked['because']}]", *wrong])


def test_every_question_is_complete_and_its_words_are_known() -> None:
    known = set(read(NETWORKS / "sources.toml")["sources"])
    for asked in QUESTIONS:
        _, words = SERVICES[asked["service"]]
        assert REQUIRED <= set(asked) <= REQUIRED | {"cause", "do", "steps", "truth", "expect"}, asked["id"]
        assert set(asked.get("expect", {})) <= words, asked["id"]
        assert asked.get("expect") or asked.get("steps"), f"{asked['id']} expects nothing"
        assert set(asked["source"]) <= known, asked["id"]
        assert asked["sentence"].endswith("."), asked["id"]
    assert {asked["service"] for asked in QUESTIONS} == set(SERVICES)
    for key in ("id", "sentence"):
        assert not [text for text, times in Counter(each[key] for each in QUESTIONS).items() if times > 1]
