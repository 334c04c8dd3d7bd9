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
    if summary["urgency"] not in (None, "EMERGENCY"):
        words = wording.URGENCIES[summary["urgency"]]
        known = words.meaning if summary["done"] else wording.while_open(words.meaning, words.level)
        lead.append(f"With what is known now: {known}.")
    tables = []
    if steps:
        tables.append(
            Table(
                ("Asked", "Answered"),
                tuple((f"{at}. {each['text']}", each["words"]) for at, each in enumerate(steps, 1)),
                heading=f"{wording.counted(len(steps), 'question')} answered",
                shown=100,
                look="talk",
            )
        )
    return Report(
        "Interview, done" if summary["done"] else f"Interview, question {len(steps) + 1}",
        title,
        tuple(lead),
        tuple(tables),
        icon="LIST" if summary["done"] else "QUESTION",
    )
