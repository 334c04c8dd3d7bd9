"""A sensitivity analysis in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.display import row_marks, scales, wording
from massage_pain.display.tables import Drawn, Report, Table


def report(summary: Mapping[str, Any]) -> Report:
    """The largest effects first; the title says whether a single number could change the answer."""
    rows = summary["parameters"]
    if rows and not ranged(rows):
        return _without_ranges(summary, rows)
    leader_flips = [each for each in rows if each["leader_flips_at"] is not None]
    urgency_flips = [each for each in rows if each["urgency_flips_at"] is not None]
    turns = []
    if leader_flips:
        turns.append(_leader_sentence(summary, leader_flips[0]))
    if urgency_flips:
        turns.append(_urgency_sentence(summary, urgency_flips[0]))
    elif summary["urgency"] is not None:
        turns.append("No single number, anywhere in its stated range, would change the urgency.")
    unmoved = summary["numbers"] - len(rows)
    notes = ["One number is changed at a time; the others of its row make room."]
    if unmoved:
        notes.append(f"{unmoved:,} other numbers have no effect: nothing that depends on them was answered.")
    return Report(
        "How much single numbers matter",
        _title(summary, leader_flips),
        (_span(summary, rows),),
        (_table(summary, rows),) if rows else (),
        tuple(notes),
        (("What would turn it round.", " ".join(turns)),) if turns else (),
    )


def ranged(rows: list[Mapping[str, Any]]) -> bool:
    """Whether any number is stated with a range; most files of other programs state none."""
    return any(each["low"] < each["high"] for each in rows)


def _without_ranges(summary: Mapping[str, Any], rows: list[Mapping[str, Any]]) -> Report:
    """No number can be varied over its range, so the slopes are the answer."""
    label, now = summary["cause"]["label"], wording.chance(summary["probability"])
    table = Table(
        ("Number", "Value", "Grade", "If it were 0.01 higher"),
        tuple(
            (each["words"], wording.two_figures(each["value"]), f"grade {each['grade']}", step(each))
            for each in rows
        ),
        caption=f"How far the chance of “{label}” would move. The strongest first.",
        numbers=(1, 3),
        heading="The numbers that matter most",
        tags=(2,),
    )
    return Report(
        "How much single numbers matter",
        f"{label}: {now}; its numbers are stated without ranges",
        ("So none can be moved over its range. A TOML network can state a range for every number.",),
        (table,),
        ("One number is changed at a time; the others of its row make room.",),
    )


def step(row: Mapping[str, Any]) -> str:
    """How far the chance moves with a hundredth of the number, in points of a hundred."""
    return f"{wording.signed(row['slope'], 2)} in 100"


def _title(summary: Mapping[str, Any], flips: list[Mapping[str, Any]]) -> str:
    leading = summary["leading"]["label"]
    if not flips:
        return f"{leading} stays first whichever single number is changed within its range"
    count = wording.counted(len(flips), "number")
    return f"{leading} comes first, but {count[0].lower()}{count[1:]} could change that"


def _span(summary: Mapping[str, Any], rows: list[Mapping[str, Any]]) -> str:
    label, now = summary["cause"]["label"], wording.chance(summary["probability"])
    ends = [each for row in rows[:1] for each in (row["at_low"], row["at_high"]) if each is not None]
    if not ends:
        return f"{label}: {now}. No single number moves it."
    span = wording.interval(min(ends), max(ends))
    return f"{label}: {now}. The number that matters most moves it over {span}: {rows[0]['words']}."


def _leader_sentence(summary: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    at, label = wording.two_figures(row["leader_flips_at"]), row["leader_label"]
    return f"{label} would come first where this is {at} instead of {_now(row)}: {row['words']}."


def _urgency_sentence(summary: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    at = wording.two_figures(row["urgency_flips_at"])
    becomes = wording.URGENCIES[row["urgency_becomes"]].meaning
    return f"The advice would be “{becomes}” where this is {at} instead of {_now(row)}: {row['words']}."


def _now(row: Mapping[str, Any]) -> str:
    return wording.two_figures(row["value"])


def _table(summary: Mapping[str, Any], rows: list[Mapping[str, Any]]) -> Table:
    return Table(
        ("Number", "Value and range", "Grade", "Chance over it"),
        tuple((each["words"], _range(each), f"grade {each['grade']}", _effect(each)) for each in rows),
        caption=f"How far the chance of “{summary['cause']['label']}” moves when one number does.",
        numbers=(1, 3),
        heading="The numbers that matter most",
        drawn=_tornado(summary["probability"], rows),
        under=((1, 0), (2, 0)),
        tags=(2,),
    )


def _tornado(now: float, rows: list[Mapping[str, Any]]) -> Drawn:
    ends = [each[end] for each in rows for end in ("at_low", "at_high") if each[end] is not None]
    scale = scales.around([now, *ends])
    return Drawn(
        tuple(row_marks.reach(scale, now, each["at_low"], each["at_high"]) for each in rows),
        row_marks.axis(scale, now),
        (
            (row_marks.LOW_KEY, "the number at its low end. "),
            (row_marks.HIGH_KEY, "at its high end. "),
            (row_marks.NOW_KEY, "the chance now."),
        ),
        "Drawing, the chance in percent",
    )


def _range(row: Mapping[str, Any]) -> str:
    return wording.parameter(row["value"], row["low"], row["high"])


def _effect(row: Mapping[str, Any]) -> str:
    low, high = row["at_low"], row["at_high"]
    if low is None or high is None:
        return "not defined"
    return f"{wording.chance(low)} → {wording.chance(high)}"
