"""What the safety side of a summary says: open questions, red flags, what to do, an emergency.

Red flags decide by themselves, whatever the chances are, and an emergency silences all other advice: it is
left out here too, even if a summary should carry it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from massage_pain.advice.reasons import inside
from massage_pain.display import wording
from massage_pain.display.escape import plain
from massage_pain.display.sentences import EMERGENCY, Piece, Summary, level, level_named


class Action(NamedTuple):
    """One thing to do, with the reasons under it."""

    text: str
    kind: str
    reasons: tuple[str, ...]


# -- questions --------------------------------------------------------------------------------------------


def open_questions(summary: Summary) -> list[Mapping[str, Any]]:
    """The unanswered safety questions that could raise the urgency, most urgent first."""
    if not summary["provisional"] or level(summary) >= EMERGENCY:
        return []
    now = level(summary)
    # a question that only a contraindication reads has no urgency of its own
    found = [
        each
        for each in summary["unscreened"]
        if each.get("urgency") not in wording.URGENCIES or level_named(each["urgency"]) > now
    ]
    return found or list(summary["unscreened"])


def other_questions(summary: Summary) -> list[Mapping[str, Any]]:
    """The unanswered safety questions that cannot make it more urgent than it is."""
    raising = {each["variable"] for each in open_questions(summary)}
    return [each for each in summary["unscreened"] if each["variable"] not in raising]


def _raising(question: Mapping[str, Any]) -> str:
    asked = question["question"] or question["label"]
    return str(question.get("raised_by") or ("yes" if wording.asks_yes_or_no(asked) else ""))


def what_it_could_mean(question: Mapping[str, Any]) -> str:
    """What an answer to an open safety question could mean, alone or with other answers."""
    urgency, against = question.get("urgency"), question.get("contraindication")
    meanings = [wording.URGENCIES[urgency].meaning] if urgency in wording.URGENCIES else []
    if against in wording.CONTRAINDICATIONS and urgency != "EMERGENCY":
        meanings.append(wording.CONTRAINDICATIONS[against].meaning)
    answer = _raising(question)
    answer = f"“{answer[:1].upper()}{answer[1:]}”" if answer else "It"
    opening = f"{answer} could mean"
    if "alone" in question and not against:
        alone = question["alone"] == urgency
        opening = f"{answer} means" if alone else f"{answer} could mean, together with other signs"
    words = [f"{opening}: {wording.joined(meanings)}."] if meanings else []
    if question.get("unsure"):
        words.append("You said you cannot tell.")
    return " ".join(words)


def open_lead(summary: Summary) -> list[Piece]:
    """The sentences that say what is still open."""
    number = len(open_questions(summary))
    verb = "is" if number == 1 else "are"
    effect = "make this more urgent" if level(summary) > 1 else "change this advice"
    return [
        (f"{wording.counted(number, 'safety question')} {verb} still open.", True),
        (f" A yes could {effect}.", False),
    ]


def if_all_no(questions: Sequence[Mapping[str, Any]]) -> str:
    """The heading of advice that holds only while no answer raises the urgency."""
    if not all(_raising(each) == "yes" for each in questions):
        return "If none of these is a warning sign"
    if len(questions) == 1:
        return "If the answer is no"
    if len(questions) == 2:
        return "If both are no"
    if len(questions) <= 10:
        return f"If all {wording.number_word(len(questions))} are no"
    return "If all of them are no"


def raised(summary: Summary) -> list[Mapping[str, Any]]:
    """The red flags that set the urgency; under an emergency, the emergencies alone."""
    now = level(summary)
    if now >= EMERGENCY:
        return [each for each in summary["red_flags"] if level_named(each["urgency"]) >= EMERGENCY]
    return list(summary["red_flags"])


def flag_lead(summary: Summary) -> list[Piece]:
    """The sentences for an urgency that a warning sign sets, whatever the chances are."""
    now = level(summary)
    labels = list(
        dict.fromkeys(each["label"] for each in raised(summary) if level_named(each["urgency"]) == now)
    )
    if now < 3 or not labels:
        return []
    return [
        (" ".join(wording.sentence(each) for each in labels[:3]), True),
        (" Your answers decide this, not the chances below.", False),
    ]


# -- what to do ------------------------------------------------------------------------------------------


def you_answered(because: Iterable[str]) -> str:
    """The reason in the words of the answers."""
    quoted = [f"“{plain(each)}”" for each in because]
    return f"Because you answered {wording.joined(quoted)}." if quoted else ""


def _reason(each: Mapping[str, Any]) -> str:
    return f"{you_answered(each['because'])} {wording.sentence(each['why'])}".strip()


def actions(summary: Summary) -> list[Action]:
    """What to do, most urgent first: what forbids a massage, red flags, advice. Empty under an emergency.

    What is below the urgency of the case keeps its reason and loses its action: "within a few days" must not
    stand beside "today", nor "ask before a massage" beside "do not massage".
    """
    now = level(summary)
    if now >= EMERGENCY:
        return []
    flags = raised(summary)
    flagged = {(each["id"], each["action"]) for each in flags}  # a flag also speaks against a massage: once
    reasons = [each for each in summary.get("reasons", ()) if (each["id"], each["action"]) not in flagged]
    forbidden = [each for each in reasons if each["level"] == "DO_NOT_MASSAGE"]
    urgent = [each for each in flags if level_named(each["urgency"]) >= now]
    asking = [] if forbidden else list(reasons)
    by_action: dict[tuple[str, str], dict[str, None]] = {}
    for kind, each in [("stop", each) for each in forbidden] + [
        ("seek_care", each) for each in urgent + asking
    ]:
        by_action.setdefault((each["action"], kind), {})[_reason(each)] = None
    found = [Action(text, kind, tuple(given)) for (text, kind), given in by_action.items()]
    lesser = [each for each in (*reasons, *flags) if each not in forbidden + urgent + asking]
    if lesser:
        given = dict.fromkeys(map(_reason, lesser))
        found.append(Action("Mention this too when you are seen.", "information", tuple(given)))
    told = {each.text.casefold() for each in found}
    for each in summary["advice"]:
        if each["action"].casefold() in told:
            continue
        cautions = (f"Take care: {each['cautions']}",) if each.get("cautions") else ()
        because = (each["because"],) if each["because"] else ()
        found.append(Action(_worded(each, summary), each["kind"], (*because, *cautions)))
    return found


def _worded(advice: Mapping[str, Any], summary: Summary) -> str:
    """Advice for the future is marked as such, where there is a past to tell it from."""
    action = str(advice["action"])
    if advice["kind"] != "prevention" or summary["kind"] != "assessment":
        return action
    return f"Next time: {inside(action)}"


def emergency_call(summary: Summary, numbers: Sequence[str]) -> str:
    """Whom to call, and what to say."""
    call = "Call your local emergency number."
    if numbers:
        call = f"Call {', '.join(numbers)} or your local number."
    given = dict.fromkeys(clause for each in raised(summary) for clause in each["because"])
    signs = [inside(plain(each.removesuffix(": yes"))) for each in given]
    title = plain(summary["network"]["title"]) if _complains(summary) else ""
    said = ": ".join(part for part in (title, ", ".join(signs)) if part)
    return f"{call} Say: “{said}”." if signs else call


def _complains(summary: Summary) -> bool:
    """Whether the complaint is there, or taken for granted: whoever is called must hear only what is so."""
    complaint = summary.get("complaint")
    if complaint is None:
        return False
    said = [each["state"] for each in summary["said"] if each["variable"] == complaint["variable"]]
    return bool(complaint["assumed"]) or said not in (["absent"], [])


def emergency_orders(summary: Summary) -> list[str]:
    """What a red flag asks for beyond the call itself."""
    title = wording.URGENCIES["EMERGENCY"].title
    found = dict.fromkeys(each["action"] for each in raised(summary))
    for each in summary["advice"]:
        if level_named(each["urgency"]) >= EMERGENCY:
            found.setdefault(each["action"])
    return [each for each in found if each.rstrip(".").casefold() != title.casefold()]


def emergency_reasons(summary: Summary) -> list[tuple[str, str]]:
    """Why it is an emergency: what was answered, and what it can mean."""
    found = [
        (
            "; ".join(each["because"]) or each["label"],
            " ".join(wording.sentence(part) for part in (each["label"], each["why"]) if part),
        )
        for each in raised(summary)
    ]
    if not found:
        found = [
            (each["action"], each["because"])
            for each in summary["advice"]
            if level_named(each["urgency"]) >= EMERGENCY
        ]
    return found


def read_out(summary: Summary, *, most: int = 5) -> tuple[str, str]:
    """The case in one breath, to read out or show: the answers, and what is not asked yet."""
    complaint = summary.get("complaint")
    opening = [complaint["label"]] if complaint and _complains(summary) else []
    order = {"screening": 0, "symptom": 1, "complaint": 1, "factor": 2}
    said = sorted(summary["said"], key=lambda each: order.get(each["role"], 1))
    said = [each for each in said if not complaint or each["variable"] != complaint["variable"]]
    answers = [f"{each['label']}: {each['answer']}" for each in said]
    missing = [each["label"] for each in summary["unscreened"] if not each.get("unsure")][:most]
    return (
        " ".join(wording.sentence(each) for each in opening + answers),
        f"Not asked yet: {wording.joined(missing)}." if missing else "",
    )
