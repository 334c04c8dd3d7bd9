"""An interview so far, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.display import wording
from massage_pain.display.tables import Report, Table


def report(summary: Mapping[str, Any]) -> Report:
    """The next question is the title; the transcript is the table."""
    steps = summary["steps"]
    title = summary["next"] if summary["next"] is not None else "The interview is done"
    lead = [summary["why"]]
    if summary["urgency"] is not None:
        meaning = wording.URGENCIES[summary["urgency"]].meaning
        lead.append(f"With what is known now: {meaning}{'' if summary['done'] else ', for now'}.")
    tables = []
    if steps:
        tables.append(
            Table(
                ("Asked", "Answered"),
                tuple((each["text"], each["words"]) for each in steps),
                heading=f"{wording.counted(len(steps), 'question')} answered",
                shown=100,
            )
        )
    return Report("Interview", title, tuple(lead), tuple(tables))
