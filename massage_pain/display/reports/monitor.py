"""A massage being watched over, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.display import row_marks, wording
from massage_pain.display.tables import Drawn, Report, Table

ACTIONS: dict[str, str] = {
    "CONTINUE": "Continue",
    "EASE_OFF": "Ease off",
    "STOP": "Stop the massage",
    "STOP_AND_GET_HELP_TODAY": "Stop the massage and get medical help today",
    "STOP_AND_CALL_FOR_HELP": "Stop the massage and call emergency services now",
}
"""What to do, said to whoever gives the massage; each one more urgent than the one before."""

_LOOKS: tuple[tuple[str, str], ...] = (
    ("u0", "CLOCK"),
    ("u1", "INFORMATION"),
    ("u2", ""),
    ("u4", ""),
    ("u5", ""),
)
"""The look of each action, and its icon where the look's own does not fit."""


def report(summary: Mapping[str, Any]) -> Report:
    """What to do now is the title; then why, and the log."""
    reasons, log = summary["reasons"], summary["log"]
    lead = []
    if not reasons:
        lead.append("Nothing that was said speaks against going on. Ask again every few minutes.")
    elif not any(each["holds"] for each in reasons if each["action"] == summary["action"]["name"]):
        lead.append("The reason no longer holds, but it stands until somebody clears it.")
    tables = [_reasons(reasons)] if reasons else []
    if log:
        tables.append(_log(log))
    risk = summary["risk"]
    notes = [
        f"The chance of pain by what is known: {wording.from_to(risk['start'], risk['now'])} since it began.",
        "What was once a reason to stop stays one until it is cleared by name.",
    ]
    level = _level(summary["action"]["name"])
    look, icon = _LOOKS[level]
    return Report(
        "During the massage",
        ACTIONS[summary["action"]["name"]],
        tuple(lead),
        tuple(tables),
        tuple(notes),
        look=look,
        icon=icon,
        steps=(level + 1, len(ACTIONS)),
    )


def _level(action: str) -> int:
    return list(ACTIONS).index(action)


def _reasons(reasons: list[Mapping[str, Any]]) -> Table:
    return Table(
        ("Because", "So", "Since", "Still so"),
        tuple(
            (
                each["words"],
                ACTIONS[each["action"]],
                "the start" if each["since"] is None else str(each["since"]),
                "yes" if each["holds"] else "no, not cleared",
            )
            for each in reasons
        ),
    )


def _log(log: list[Mapping[str, Any]]) -> Table:
    rows = []
    for each in log:
        if each["kind"] == "clear":
            what = f"{each['by']} cleared {each['reason']}"
        else:
            what = "; ".join(each["said"]) or "looked, nothing new"
        rows.append((str(each["time"]), what, ACTIONS[each["action"]]))
    return Table(
        ("Time", "What", "So"),
        tuple(rows),
        heading="Log",
        shown=30,
        look="time",
        drawn=Drawn(
            tuple(row_marks.steps(_level(each["action"]) + 1, len(ACTIONS)) for each in log),
            heading="Drawing, how urgent of five steps",
        ),
    )
