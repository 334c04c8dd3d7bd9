"""What to ask next, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.display import row_marks, scales, wording
from massage_pain.display.tables import Drawn, Report, Table


def report(summary: Mapping[str, Any]) -> Report:
    """Safety questions first, without chances; then the others by what their answer would change.

    An emergency stands alone: nothing is left to ask, and no question is shown.
    """
    if summary["urgency"] == "EMERGENCY":
        return Report("What to ask next", _title(summary), (why(summary),), icon="QUESTION")
    tables = []
    if summary["safety"]:
        tables.append(_safety(summary["safety"]))
    if summary["questions"]:
        tables.append(_others(summary))
    notes = []
    if summary["questions"]:
        what = "the likeliest cause" if summary["urgency"] is None else "the urgency or what to do now"
        notes.append(
            f"“Would change” is the chance that the answer changes {what}; bits are what it is expected to "
            "tell about the causes."
        )
    return Report(
        "What to ask next", _title(summary), (why(summary),), tuple(tables), tuple(notes), icon="QUESTION"
    )


def why(summary: Mapping[str, Any]) -> str:
    """Why to go on asking, or to stop."""
    if summary["urgency"] == "EMERGENCY":
        return "Nothing more is asked in an emergency: call emergency services now."
    if summary["safety"]:
        still = sum(len(each["variables"]) for each in summary["safety"])
        are = "is" if still == 1 else "are"
        count = _small(wording.counted(still, "safety question"))
        return f"Not done: {count} that could raise the urgency {are} still open."
    unsure = ""
    if summary["unsure"]:
        names = wording.joined(summary["unsure"])
        unsure = f" What could not be told stays open, and the advice provisional: {names}."
    if summary["changing"]:
        count = _small(wording.counted(summary["changing"], "answer"))
        each = "" if summary["changing"] == 1 else " each"
        more = f" {_ahead(summary)}" if summary["same_decision"] else ""
        return f"Not done: {count} could{each} change {_decision(summary)}.{more}{unsure}"
    if not summary["remaining"]:
        return f"Done: nothing is left to ask.{unsure}"
    ahead = summary["same_decision"]
    if ahead is not None and ahead["probability"] < summary["enough"]:
        but = f"but {_small(_ahead(summary))}"
        return f"Not done: no single answer would change {_decision(summary)}, {but}{unsure}"
    if ahead is None and not summary["done"]:
        wide = "but the network is too wide to tell what all remaining answers together would do."
        return f"Not done: no single answer would change {_decision(summary)}, {wide}{unsure}"
    told = f" {_ahead(summary)}" if ahead is not None else ""
    return f"Done: no single answer would change {_decision(summary)}.{told}{unsure}"


def _decision(summary: Mapping[str, Any]) -> str:
    # without rules: which cause comes first, and whether it is more likely there than not
    return "the answer" if summary["urgency"] is None else "what to do"


def _ahead(summary: Mapping[str, Any]) -> str:
    """The same-decision probability, told as its opposite."""
    ahead = summary["same_decision"]
    changes = 1.0 - ahead["probability"]
    if not ahead["exact"]:
        changes = max(changes, 1.0 / (ahead["cases"] + 1))  # none of the cases drawn is not yet none at all
    about = "" if ahead["exact"] else f" (drawn, give or take {wording.hundreds(1.96 * ahead['error'])})"
    return f"All remaining answers together would change it in {wording.hundreds(changes)}{about}."


def _title(summary: Mapping[str, Any]) -> str:
    if summary["urgency"] == "EMERGENCY":
        return "Nothing: this is an emergency"
    if summary["done"]:
        return "Nothing more: enough is known"
    if summary["safety"]:
        count = len(summary["safety"])
        groups = f"{wording.counted(count, 'safety question')} first"
        best = f", then “{summary['questions'][0]['question']}”" if summary["questions"] else ""
        return groups + best
    return summary["questions"][0]["question"] if summary["questions"] else "Nothing is left to ask"


def _safety(groups: list[Mapping[str, Any]]) -> Table:
    return Table(
        ("Ask", "Could mean"),
        tuple(
            (f"{at}. {each['text']}", wording.URGENCIES[each["urgency"]].meaning)
            for at, each in enumerate(groups, 1)
        ),
        caption="These count whatever the other answers say, so they are not ranked by chance.",
        heading="Safety first",
        shown=20,
        tags=(1,),
    )


def _others(summary: Mapping[str, Any]) -> Table:
    """A bar shows what the list is sorted by: a change of what to do, or else what an answer tells."""
    asked = summary["questions"]
    best = max(each["information"] for each in asked)
    most = max(each["changes"] for each in asked)
    by_change = most > 0
    what = "what to do" if summary["urgency"] is not None else "the likeliest cause"
    by = f"the chance that the answer changes {what}" if by_change else "what the answer tells of the causes"
    effort = any(each["cost"] != 1 for each in asked)
    kind = "changes" if by_change else "information"
    scale = scales.from_zero(most) if by_change else scales.from_zero(best)._replace(ticks=())
    key = (("", "Pale: before it is divided by the effort of asking."),) if effort else ()
    change = [f"{wording.hundreds(each['changes'])}" for each in asked]
    tells = [f"{_tells(each['information'], best)} ({each['information']:.2f} bits)" for each in asked]
    columns = ("Would change", "Tells") if by_change else ("Tells", "Would change")
    pairs = zip(change, tells, strict=True) if by_change else zip(tells, change, strict=True)
    return Table(
        ("Question", "What an answer would do", *columns),
        tuple(
            (each["question"], _would_do(each, summary["urgency"]), *pair)
            for each, pair in zip(asked, pairs, strict=True)
        ),
        numbers=(2,),
        heading=f"{'Then, by' if summary['safety'] else 'By'} {by}{', for its effort' if effort else ''}",
        drawn=Drawn(
            tuple(row_marks.amount(scale, each[kind], each[kind] / each["cost"]) for each in asked),
            row_marks.axis(scale) if by_change else "",
            key,
            "Drawing, of 100 cases" if by_change else "Drawing, how much it tells",
        ),
        under=((1, 0), (3, 2)),
    )


def _tells(information: float, best: float) -> str:
    """Scaled to the best question on offer."""
    if information < 0.005:
        return "nothing"
    if information >= 2 / 3 * best:
        return "a lot"
    return "something" if information >= best / 3 else "a little"


def _would_do(question: Mapping[str, Any], urgency: str | None) -> str:
    """The answer that would do most, in words."""
    changing = [each for each in question["answers"] if each["changes"]]
    if not changing:
        return "Only sharpens the list of causes."
    words = []
    for each in changing:
        if each["urgency"] is not None and each["urgency"] != urgency:
            would = f"mean: {wording.URGENCIES[each['urgency']].meaning}"
        elif urgency is None:
            would = f"bring {each['leading_label']} to {wording.chance(each['chance'])}, the likeliest"
        else:
            would = "change what to do now"
        words.append(f"“{each['label']}” would {would}")
    return wording.sentence("; ".join(words))


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]
