"""Before and after a change, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from massage_pain.advice.reasons import inside
from massage_pain.display import row_marks, scales, wording
from massage_pain.display.tables import Drawn, Report, Table


def report(summary: Mapping[str, Any]) -> Report:
    """The title is the complaint before and after; without a change, the best single change."""
    changed = [*summary["do"], *summary["assume"]]
    tables = []
    if changed:
        tables.append(_chances(summary))
    if summary["ranking"]:
        tables.append(_ranking(summary))
    return Report(
        "Next time" if summary["do"] or not changed else "With other answers",
        _title(summary, changed),
        tuple(_lead(summary)),
        tuple(tables),
        tuple(_notes(summary)),
    )


def _title(summary: Mapping[str, Any], changed: list[Mapping[str, Any]]) -> str:
    if not changed:
        return _best(summary)
    complaint = summary["complaint"]
    moved = complaint or summary["causes"][0]
    if complaint is not None and summary["assume"] and complaint["before"] == complaint["after"] == 1.0:
        # taken for granted before and after: what moves is the causes
        moved = max(summary["causes"], key=lambda each: abs(each["after"] - each["before"]))
    return f"With “{_said(changed)}”: {moved['label']} {wording.from_to(moved['before'], moved['after'])}"


def _said(found: list[Mapping[str, Any]]) -> str:
    return wording.joined([f"{each['label']}: {each['answer']}" for each in found])


def _best(summary: Mapping[str, Any]) -> str:
    helpful = [each for each in summary["ranking"] if each["after"] < each["before"]]
    if not helpful:
        return "No single change would make it less likely"
    best = helpful[0]
    return (
        f"The change that helps most: {best['label']}: {best['becomes']} "
        f"({wording.from_to(best['before'], best['after'])})"
    )


def _lead(summary: Mapping[str, Any]) -> list[str]:
    lead = []
    if summary["do"] and summary["carried"]:
        lead.append(f"Taken over, because the change cannot affect it: {_said(summary['carried'])}.")
    if summary["dropped"]:
        lead.append(f"Left open, because the change may affect it: {_said(summary['dropped'])}.")
    complaint = summary["complaint"]
    if complaint is not None and complaint["low"] is not None and summary["do"]:
        lead.append(f"The change to “{complaint['label']}” is likely {_range(complaint)}.")
    return lead


def _range(row: Mapping[str, Any]) -> str:
    """The likely range of a difference, in a hundred."""
    if row["low"] is None:
        return "not computed"
    ends = [_count(row["low"]), _count(row["high"])]
    if ends[0] == ends[1]:
        return _in_words(ends[0])
    if ends[1] <= 0:
        return f"{-ends[1]} to {-ends[0]} fewer in 100"
    if ends[0] >= 0:
        return f"{ends[0]} to {ends[1]} more in 100"
    return f"between {-ends[0]} fewer and {ends[1]} more in 100"


def _count(difference: float) -> int:
    whole = wording.whole_percent(abs(difference))
    return whole if difference > 0 else -whole


def _in_words(count: int) -> str:
    return "under 1 in 100" if not count else f"{abs(count)} {'more' if count > 0 else 'fewer'} in 100"


def _chances(summary: Mapping[str, Any]) -> Table:
    complaint = summary["complaint"]
    # a complaint that is taken for granted before and after moves nothing, and would flatten the scale
    moved = complaint is not None and not complaint["before"] == complaint["after"] == 1.0
    rows = [*([complaint] if moved else []), *summary["causes"]]
    heading = "Before and after"
    return _moves("Outcome", heading, [each["label"] for each in rows], rows, summary)._replace(
        strong=(0,) if moved else (), heading=heading
    )


def _ranking(summary: Mapping[str, Any]) -> Table:
    label = "any cause" if summary["complaint"] is None else inside(summary["complaint"]["label"])
    rows = summary["ranking"]
    names = [f"{each['label']}: {each['becomes']}" for each in rows]
    return _moves("Change", f"Chance of {label}", names, rows, summary)._replace(
        caption="Of 100 people in the same circumstances next time, if this one thing were different.",
        heading="What one could change next time",
    )


def _moves(
    what: str,
    chance: str,
    names: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    summary: Mapping[str, Any],
) -> Table:
    """A row for each chance: a ring where it was, an arrow head where it comes to."""
    ranged = summary["draws"] > 0
    scale = scales.from_zero(max((max(each["before"], each["after"]) for each in rows), default=0.1))
    return Table(
        (what, "Effect", chance, *(["Likely range of the effect"] if ranged else [])),
        tuple(
            (
                name,
                wording.fewer_or_more(each["before"], each["after"]),
                wording.from_to(each["before"], each["after"]),
                *([_range(each)] if ranged else []),
            )
            for name, each in zip(names, rows, strict=True)
        ),
        numbers=(2,),
        drawn=Drawn(
            tuple(row_marks.before_after(scale, each["before"], each["after"]) for each in rows),
            row_marks.axis(scale),
            ((row_marks.BEFORE_KEY, "before. "), (row_marks.AFTER_KEY, "after (an arrow head).")),
            "Drawing, the chance in percent",
        ),
        under=((1, 0), (3, 2))[: 2 if ranged else 1],
    )


def _notes(summary: Mapping[str, Any]) -> list[str]:
    none = summary["none_of_these"]
    notes = []
    if summary["do"] or summary["assume"]:
        notes.append(f"None of these causes: {wording.from_to(none['before'], none['after'])}.")
    if not summary["draws"]:
        return notes
    return [
        *notes,
        f"Likely ranges hold {wording.chance(summary['level'])} of {summary['draws']:,} draws of the numbers "
        "the answer rests on.",
    ]
