"""Why a cause is as likely as it is, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from massage_pain.display import row_marks, scales, wording
from massage_pain.display.tables import Drawn, Report, Table
from massage_pain.display.urgent import LEAST, warned

GRADES: dict[str, tuple[str, str]] = {
    "C": ("judgement", "judgements"),
    "A": ("study", "studies"),
    "A-": ("study of other people", "studies of other people"),
    "B": ("guideline or review", "guidelines or reviews"),
    "ART": ("statement of the article", "statements of the article"),
    "U": ("number without a source", "numbers without a source"),
}
"""What a contribution rests on, by grade: one, several."""


def report(summary: Mapping[str, Any]) -> Report:
    """The answer is where the findings bring the cause; the table says by which steps."""
    label = summary["cause"]["label"]
    found = summary["contributions"]
    moved = wording.from_to(summary["before"], summary["after"])
    lead = _lead(summary)
    tables = [_steps(summary)] if found else []
    if found:
        tables.append(_grounds(found, summary["cause"]["id"]))
    flips = summary["flips"]
    found_urgent = warned(summary)
    if found_urgent is not None and found_urgent.level > LEAST:
        # under a red flag no sentence may read like a way round it
        flips = [each for each in flips if each["what"] == "leading cause"]
    turns = " ".join(_flips(flips, label))
    remarks = (("What would turn it round.", turns),) if turns else ()
    return Report(
        "Why this answer",
        f"{label}: {moved}",
        tuple(lead),
        tuple(tables),
        tuple(_notes(summary)),
        remarks,
    )


def sentences(summary: Mapping[str, Any]) -> tuple[str, ...]:
    """Each contribution as a sentence."""
    label = _inside(summary["cause"]["label"])
    return tuple(_sentence(each, label, summary["scale"]) for each in summary["contributions"])


def _sentence(each: Mapping[str, Any], label: str, scale: str) -> str:
    told = f"{each['label']}: {each['answer']}"
    if each["state"] == "present":
        told = each["label"]
    if abs(each["weight"]) < 0.005:
        says = f"says nothing of {label}"
    else:
        says = f"speaks {'for' if each['weight'] > 0 else 'against'} {label}"
    rests = f"; rests on {rests_on(each['rests_on'])}" if each["rests_on"] else ""
    return f"{told} {says} ({_weight(each, scale)}{rests})."


def rests_on(numbers: Sequence[Mapping[str, Any]]) -> str:
    """What numbers rest on, counted by grade: "2 judgements and 1 study"."""
    counts = Counter(each["grade"] for each in numbers)
    return wording.joined([f"{counts[g]} {GRADES[g][counts[g] > 1]}" for g in GRADES if counts[g]])


def _weight(each: Mapping[str, Any], scale: str) -> str:
    """A weight as it is shown: bits, or points of a hundred where the odds are infinite."""
    if scale == "bits":
        # a drawn weight that could as well be zero is not told with a sign alone
        error = f" ± {each['error']:.1f}" if each["error"] >= 0.05 else ""
        return f"{wording.signed(each['weight'])}{error} bits"
    return f"{wording.signed(100 * each['weight'], 0)} in 100"


def _lead(summary: Mapping[str, Any]) -> list[str]:
    found, label = summary["contributions"], _inside(summary["cause"]["label"])
    if not found:
        return [f"Nothing that was said bears on the chance of {label}."]
    if summary["scale"] == "chance":
        how = "certain" if summary["after"] > 0.5 else "impossible"
        return [
            f"The answers make {label} {how}: its odds are infinite, so weights are given in hundreds of the "
            "chance instead of bits."
        ]
    most = [each for each in found if each["weight"] > 1 / 3][:1]
    least = [each for each in reversed(found) if each["weight"] < -1 / 3]
    least = sorted(least, key=lambda each: each["weight"])[:1]
    lead = [f"{_told(each)} speaks {wording.weight_in_words(each['weight'])} it." for each in (*most, *least)]
    return lead or [f"No single answer weighs much for or against {label}."]


def _told(each: Mapping[str, Any]) -> str:
    return f"“{each['label']}: {each['answer']}”"


def _steps(summary: Mapping[str, Any]) -> Table:
    """The waterfall: from the chance before, by every answer, to the chance with all of them."""
    before, after = summary["before"], summary["after"]
    rows: list[tuple[str, ...]] = [
        ("Before the answers", wording.hundreds(before), wording.chance(before), "")
    ]
    for each in summary["contributions"]:
        if summary["scale"] == "bits":
            error = f" ± {each['error']:.1f}" if each["error"] >= 0.05 else ""
            weight, odds = wording.bits(each["weight"]).replace(" bits", f"{error} bits", 1).split(", ")
            words = wording.weight_in_words(each["weight"])
        else:
            weight, odds = _weight(each, "chance"), ""
            words = "for" if each["weight"] > 0 else "against"
        rows.append((f"{each['label']}: {each['answer']}", words, weight, odds))
    rows.append(("With all of them", wording.hundreds(after), wording.chance(after), ""))
    if summary["scale"] != "bits":
        rows = [row[:3] for row in rows]
    return Table(
        ("Answer", "Speaks", "Weight", "Odds")[: len(rows[0])],
        tuple(rows),
        caption="Each answer moves the chance. First what speaks for it, the heaviest first; then what "
        "speaks against.",
        numbers=(2, 3),
        strong=(0, len(rows) - 1),
        shown=40,
        drawn=_waterfall(summary),
        under=((1, 0), (3, 2))[: len(rows[0]) - 2],
    )


def _waterfall(summary: Mapping[str, Any]) -> Drawn:
    bits = summary["scale"] == "bits"
    weights = [each["weight"] for each in summary["contributions"]]
    passed = row_marks.running(summary["before"], weights, bits=bits)
    scale = scales.odds(passed) if bits else scales.chance()
    arrows = [row_marks.arrow(scale, start, stop) for start, stop in pairwise(passed)]
    dots = row_marks.dot(scale, passed[0]), row_marks.dot(scale, summary["after"])
    key = [(row_marks.FOR_KEY, "speaks for. "), (row_marks.AGAINST_KEY, "speaks against. ")]
    key += [("", "Scale: percent, spaced by odds.")] if bits else []
    return Drawn(
        (dots[0], *arrows, dots[1]), row_marks.axis(scale), tuple(key), "Drawing, the chance in percent"
    )


def _grounds(found: Sequence[Mapping[str, Any]], cause: str) -> Table:
    """The numbers between each finding and the cause, and the finding's own; the record has them all."""
    rows = [
        (
            f"{each['label']}: {each['answer']}",
            one["key"],
            wording.parameter(one["value"], one["low"], one["high"]),
            f"{wording.GRADE_WORDS[one['grade']]} ({one['grade']})",
        )
        for each in found
        for one in each["rests_on"]
        if cause in one["parameter"] or one["parameter"][1] in ("prior", "leak")
    ]
    return Table(
        ("Answer", "Number", "Value", "Rests on"),
        tuple(rows),
        numbers=(2,),
        shown=8,
        heading="Where the weights come from",
        folded=True,
    )


def _flips(found: Sequence[Mapping[str, Any]], label: str) -> list[str]:
    """What would turn the answer round, a sentence each."""
    told = []
    for each in found:
        removed = each["how"] == "removal"
        if each["sets"]:
            best = each["sets"][0]
            findings = wording.joined([_change(one, removed) for one in best["findings"]])
            case = f"If {findings} were not known" if removed else f"If the answer were {findings}"
            becomes = (
                f"{_inside(best['becomes_label'])} would come first"
                if each["what"] == "leading cause"
                else f"the advice would be “{wording.URGENCIES[best['becomes']].meaning}”"
            )
            more = len(each["sets"]) - 1
            sets = "set" if more == 1 else "sets"
            others = f" ({wording.number_word(more)} other {sets} as small)" if more else ""
            told.append(f"{case}, {becomes}{others}.")
        elif each["searched"]:
            size = each["searched"]
            most = "any" if each["complete"] else f"up to {wording.number_word(size)}"
            how = "Leaving out" if removed else "Reversing"
            what = "the likeliest cause" if each["what"] == "leading cause" else "the urgency"
            told.append(f"{how} {most} of the answers would not change {what}.")
    return told


def _change(finding: Mapping[str, Any], removed: bool) -> str:
    return f"“{finding['label']}”" if removed else f"“{finding['label']}: {finding['words']}”"


def _notes(summary: Mapping[str, Any]) -> list[str]:
    notes = []
    if summary["weightless"]:
        by_reason: dict[str, list[str]] = {}
        for each in summary["weightless"]:
            by_reason.setdefault(each["why"], []).append(each["label"])
        for reason, names in by_reason.items():
            notes.append(f"Without a weight ({reason}): {wording.joined(names)}.")
    if summary["contributions"] and summary["scale"] == "bits":
        notes.append(
            "One bit doubles the odds, two make them four times as large, a minus divides. The weights add "
            "up from the first chance to the last. Each is the average over every order of them (Shapley)."
        )
    if not summary["exact"]:
        notes.append(
            f"With so many answers the orders were drawn ({summary['orders']:,}); ± is the standard error."
        )
    return notes


def _inside(label: str) -> str:
    return label[:1].lower() + label[1:] if label[1:2].islower() or label[1:2] == " " else label
