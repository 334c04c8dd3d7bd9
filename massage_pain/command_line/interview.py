"""`ask`: an interview in the terminal.

Questions and progress go to standard error, the assessment at the end to standard output, so the answer can
be redirected and an interview can be fed from a file. Every answer can be taken back. With `--save` the
record is written after each answer, whole or not at all; `--resume` goes on from such a record.

What can be typed is said at every question. A list of safety questions is answered by the numbers of
all that are so, which denies the others, or by 0 for none of them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from massage_pain.advice.urgency import Urgency
from massage_pain.command_line.cases import as_json, as_text, reasoner_of, wants_colour, width_of, with_causes
from massage_pain.command_line.exit_codes import ExitCode, exit_code_of
from massage_pain.command_line.findings import case_of, causes_of
from massage_pain.display.tables import wrapped
from massage_pain.display.wording import URGENCIES
from massage_pain.errors import EvidenceError, MassagePainError, NetworkFileError, printable
from massage_pain.knowledge.text_file import as_path, read_text, write_text

if TYPE_CHECKING:
    import argparse

    from massage_pain.reasoner import Reasoner
    from massage_pain.reasoning.interview import Asked, Interview

QUIT, BACK, UNSURE = "q", "b", "?"


def answer(arguments: argparse.Namespace) -> tuple[str, ExitCode]:
    """Ask until enough is known or the person leaves; then the assessment and its exit code."""
    reasoner = with_causes(reasoner_of(arguments.network), causes_of(arguments.cause))
    place = _place(arguments)
    now = _begin(arguments, reasoner)
    _say(_greeting(now))
    while not now.done:
        typed = _put(now)
        if typed is None or typed.lower() == QUIT:
            _say("You stopped here; this is what can be said so far.")
            break
        try:
            now = _after(now, typed)
        except MassagePainError as error:
            _say(str(error))
            continue
        if place is not None:
            write_text(place, json.dumps(now.to_dict(), indent=2, allow_nan=False) + "\n", overwrite=True)
        _warn(now)
    else:
        _say(now.why)
    if place is not None:
        _say(f"The interview is kept in {printable(str(place))}.")
    found = now.assessment
    text = as_json(found) if arguments.json else as_text(found, colour=wants_colour(arguments.no_color))
    return text, exit_code_of(found) if arguments.exit_code else ExitCode.ANSWERED


def _place(arguments: argparse.Namespace) -> Path | None:
    """Where to keep the record. Raises `NetworkFileError` rather than replace a file not resumed from."""
    name = arguments.save or arguments.resume
    if name is None:
        return None
    place = as_path(name)
    if place.exists() and name != arguments.resume:
        raise NetworkFileError("the file exists already; --resume goes on with it.", file=printable(name))
    return place


def _begin(arguments: argparse.Namespace, reasoner: Reasoner) -> Interview:
    if arguments.resume is None:
        return reasoner.interview(case_of(arguments.findings, reasoner.network))
    if arguments.findings:
        raise EvidenceError("With --resume the findings come from the record; type none beside it.")
    text = read_text(as_path(arguments.resume))
    try:
        record: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise NetworkFileError("this is no JSON.", file=printable(arguments.resume)) from None
    return reasoner.interview(record=record)


def _greeting(now: Interview) -> str:
    known = len(now.case)
    begun = f"{known} {'answer is' if known == 1 else 'answers are'} known already. " if known else ""
    return (
        f"{begun}Type the number of your answer; {UNSURE} cannot tell, {BACK} back, {QUIT} quit. "
        "In an emergency do not go on here: call emergency services."
    )


def _put(now: Interview) -> str | None:
    """Put the question and read what is typed; None at the end of the input."""
    question = now.question
    assert question is not None
    _say("")
    _say(f"{_progress(now)}")
    if question.options or question.numeric is not None:
        _say(question.text)
        for number, label in enumerate(question.options.values(), 1):
            _item(number, label)
        if question.numeric is not None:
            low, high = question.numeric
            _say(f"A number from {low:g} to {high:g} {question.unit}".rstrip())
        prompt = "Your answer: "
    else:
        _say("Is any of these so?")
        for number, label in enumerate(question.labels, 1):
            _item(number, label)
        _item(0, "none of these")
        prompt = "The numbers of all that are so, or 0: "
    print(prompt, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not sys.stdin.isatty():
        print(file=sys.stderr)
    return line.strip() if line else None


def _progress(now: Interview) -> str:
    """Where one is: how much is behind, how many safety questions are ahead."""
    left = len(now.questions.safety)
    count = len(now.steps) + 1
    if left:
        return (
            f"Question {count}. Safety: {left} to go."
            if left > 1
            else f"Question {count}. The last on safety."
        )
    return f"Question {count}. Safety is done; now what could change the advice."


def _after(now: Interview, typed: str) -> Interview:
    """The interview after what was typed. Raises a `MassagePainError` that says what may be typed."""
    question = now.question
    assert question is not None
    if typed.lower() == BACK:
        return now.back()
    if typed == UNSURE:
        return now.unsure()
    if not question.options and question.numeric is None:
        return _after_a_list(now, question, typed)
    return now.answer(_one(question, typed))


def _one(question: Asked, typed: str) -> Any:
    """The answer to a question after one thing."""
    if question.numeric is not None:
        try:
            return float(typed)
        except ValueError:
            raise EvidenceError(f"'{printable(typed)}' is no number. {_help()}") from None
    states, labels = list(question.options), [each.lower() for each in question.options.values()]
    if typed.isdecimal() and 1 <= int(typed) <= len(states):
        return states[int(typed) - 1]
    same = [each for each in range(len(labels)) if typed and labels[each].startswith(typed.lower())]
    if len(same) == 1:
        return states[same[0]]
    raise EvidenceError(f"Type a number from 1 to {len(states)}. {_help()}")


def _after_a_list(now: Interview, question: Asked, typed: str) -> Interview:
    """The answer to a list: the numbers of what is so, or 0."""
    pieces = typed.replace(",", " ").split()
    if " ".join(pieces).lower() in ("0", "none", "none of these"):
        return now.none()
    if not pieces or not all(
        each.isdecimal() and 1 <= int(each) <= len(question.variables) for each in pieces
    ):
        raise EvidenceError(
            f"Type numbers from 1 to {len(question.variables)} with spaces between, or 0 for none. {_help()}"
        )
    chosen = {question.variables[int(each) - 1] for each in pieces}
    return now.answer(dict.fromkeys(sorted(chosen), True), others="absent")


def _help() -> str:
    return f"({UNSURE} cannot tell, {BACK} back, {QUIT} quit)"


def _warn(now: Interview) -> None:
    """What cannot wait for the end of the interview."""
    urgency = now.questions.urgency
    if urgency is not None and urgency >= Urgency.SAME_DAY:
        _say(f"*** {URGENCIES[urgency.name].title}. ***")


def _item(number: int, label: str) -> None:
    lines = wrapped(label, width_of(sys.stderr) - 8)
    for line, mark in zip(lines, [f"{number:>3}", *("   " for _ in lines[1:])], strict=True):
        print(f"{mark}  {line}", file=sys.stderr)


def _say(words: str) -> None:
    print("\n".join(wrapped(words, width_of(sys.stderr) - 2)) if words else "", file=sys.stderr)
