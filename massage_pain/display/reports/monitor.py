"""A massage being watched over, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.display import wording
from massage_pain.display.tables import Report, Table

ACTIONS: dict[str, str] = {
    "CONTINUE": "Continue",
    "EASE_OFF": "Ease off",
    "STOP": "Stop the massage",
    "STOP_AND_GET_HELP_TODAY": "Stop the massage and get medical help today",
    "STOP_AND_CALL_FOR_HELP": "Stop the massage and call emergency services now",
}
"""What to do, said to whoever gives the massage."""


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
    title = ACTIONS[summary["action"]["name"]]
    return Report("During the massage", title, tuple(lead), tuple(tables), tuple(notes))


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
            found = ", ".join(f"{name} = {value}" for name, value in each["findings"].items())
            what = found or "looked, nothing new"
        rows.append((str(each["time"]), what, ACTIONS[each["action"]]))
    return Table(("Time", "What", "So"), tuple(rows), heading="Log", shown=30)
