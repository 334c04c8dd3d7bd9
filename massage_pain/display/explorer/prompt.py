"""The next question, as it is pinned on top of an explorer. No widgets.

It is the question `Reasoner.ask` puts first, but for those that were skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from massage_pain.display import wording
from massage_pain.display.explorer.asking import NOT_ASKED, Choice, choices
from massage_pain.display.explorer.scenario import Scenario
from massage_pain.errors import MassagePainError
from massage_pain.inference.case import UNSURE
from massage_pain.reasoning.wording import asked, denial

if TYPE_CHECKING:
    from massage_pain.reasoner import Reasoner
    from massage_pain.reasoning.questions import Questions
    from massage_pain.reasoning.ranking import Question
    from massage_pain.reasoning.safety_questions import SafetyQuestion


class Prompt(NamedTuple):
    """One question: small words over it, the question, why it is asked now, and the answers it takes.

    The finding of a `Choice` here is a mapping of variable to finding. `number` names a variable that is
    answered by a number. `skippable` are the variables a skip puts aside; none where nothing is asked.
    """

    kicker: str
    text: str
    why: str
    answers: tuple[Choice, ...] = ()
    number: str = ""
    skippable: tuple[str, ...] = ()
    several: bool = False
    skipped: int = 0


def next_prompt(reasoner: Reasoner, scenario: Scenario) -> Prompt:
    """What to ask now; never raises for a case that cannot be: the card says what is wrong."""
    try:
        found = reasoner.ask(scenario.case, 1)
        skipped = len(scenario.skipped)
        for each in found.safety:
            left = tuple(name for name in each.variables if name not in scenario.skipped)
            if left:
                return _safety(reasoner, each, left, len(found.safety), skipped)
        ranked = [each for each in found.ranked if each.variable not in scenario.skipped]
        if ranked and not found.done:
            return _ranked(reasoner, ranked[0], skipped)
        return _nothing(found, skipped)
    except MassagePainError as error:
        return Prompt("Next question", "No question fits these answers", str(error))


def _safety(
    reasoner: Reasoner, each: SafetyQuestion, left: tuple[str, ...], number: int, skipped: int
) -> Prompt:
    network = reasoner.network
    kicker = f"Safety · {each.label} · {number} to go"
    meaning = wording.URGENCIES[each.urgency.name].meaning
    why = f"Why now: an answer here could mean: {meaning}."
    first = network.variable(left[0])
    if len(left) == 1:
        return Prompt(kicker, asked(first), why, *_single(reasoner, left[0]), left, False, skipped)
    answers = [Choice(network.variable(name).label, {name: network.variable(name).present}) for name in left]
    denied = {name: denial(network.variable(name)) for name in left}
    answers.append(Choice("None of these", denied))
    return Prompt(kicker, "Is any of these so?", why, tuple(answers), "", left, True, skipped)


def _ranked(reasoner: Reasoner, best: Question, skipped: int) -> Prompt:
    why = "Why now: it tells most about the causes."
    if best.changes > 0:
        why = f"Why now: with {wording.hundreds(best.changes)} answers the advice would change."
    return Prompt(
        "Next question", best.text, why, *_single(reasoner, best.variable), (best.variable,), False, skipped
    )


def _single(reasoner: Reasoner, name: str) -> tuple[tuple[Choice, ...], str]:
    variable = reasoner.network.variable(name)
    if variable.numeric is not None:
        return (Choice("Unsure", {name: UNSURE}),), name
    return tuple(
        Choice(each.label, {name: each.finding}) for each in choices(variable) if each.label != NOT_ASKED
    ), ""


def _nothing(found: Questions, skipped: int) -> Prompt:
    if found.urgency is not None and found.urgency.name == "EMERGENCY":
        return Prompt(
            "Next question",
            "Call for help first",
            "Nothing more is asked in an emergency. Tell the service what you answered here.",
            skipped=skipped,
        )
    if found.done:
        return Prompt("Next question", "Enough is known", found.why, skipped=skipped)
    if skipped:
        return Prompt("Next question", "The questions left were skipped", found.why, skipped=skipped)
    return Prompt("Next question", "Nothing is left to ask", found.why, skipped=skipped)
