"""The warning on top of every result about a case that a doctor should see.

An explanation, a what-if or a drawing speaks of chances and says nothing of what to do; under an emergency it
would look reassuring. So the urgency stands first, in the words and the colours of the assessment's own card.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from massage_pain.display import icons, wording
from massage_pain.display.escape import escape
from massage_pain.display.safety import you_answered

LEAST = 3
"""The urgency of seeing a doctor: below it a result stands alone."""


class Warned(NamedTuple):
    """How urgent it is: the level from 3 to 5, its word, what to do, and why."""

    level: int
    kicker: str
    title: str
    why: str = ""

    @property
    def line(self) -> str:
        """The warning in one line of our own words."""
        return f"{self.kicker}: {self.title[0].lower()}{self.title[1:]}" if self.level > LEAST else self.title


def warned(summary: Mapping[str, Any]) -> Warned | None:
    """The warning of a summary; None where nothing is known to need a doctor."""
    found = summary.get("warning")
    urgency = summary.get("urgency") if found is None else found["urgency"]
    name = urgency["name"] if isinstance(urgency, Mapping) else urgency
    words = wording.URGENCIES.get(name or "")
    if words is None or words.level < LEAST:
        return None
    return Warned(words.level, words.kicker, words.title, "" if found is None else _why(found))


def _why(found: Mapping[str, Any]) -> str:
    flags = found["red_flags"]
    said = ["If the assumed answers are so."] if found["assumed"] else []
    if not flags:
        return " ".join([*said, *(each["because"] for each in found["advice"][:1])])
    answers = dict.fromkeys(clause for each in flags for clause in each["because"])
    # the answers raise it: no figure can take it back, and only other answers could
    return " ".join([*said, you_answered(answers), "While that is so, nothing below makes it less urgent."])


def banner(found: Warned | None) -> str:
    """The warning as HTML, to stand first in a card."""
    if found is None:
        return ""
    icon = icons.OF_LOOK[f"u{found.level}"]
    kicker, title = escape(f"{found.kicker} · urgency {found.level} of 5"), escape(found.title)
    why = f'<p class="w">{escape(found.why)}</p>' if found.why else ""
    return f'<div class="hd warn">{icon}<p class="k">{kicker}</p><p class="go"><b>{title}</b></p>{why}</div>'


def look(found: Warned | None) -> str:
    """The class that gives a card the frame and the colours of its warning."""
    return "" if found is None else f" w{found.level}"


def spoken(found: Warned | None, label: str) -> str:
    """The name of a card for a screen reader, the warning first."""
    return label if found is None else f"{found.line}. {label}"
