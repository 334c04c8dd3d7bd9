"""The explorer: a case answered by clicking, with the card beside it, in a notebook.

Its rooms, from the bottom: `scenario` (what was answered, and the way back), `asking` (groups, choices,
search, chips), `prompt` (the next question), `golden` (cases to load), `as_python` (the case to copy),
`views` (what each tab shows, as HTML), `sheet` (the style sheet), `pieces` (rows, buttons and the other
small widgets), `explorer` (what holds them together). Only the last two speak of widgets, and only when an
explorer is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from massage_pain.display.explorer.explorer import Explorer
    from massage_pain.reasoner import Reasoner


def explore(reasoner: Reasoner | None = None, case: Mapping[str, Any] | None = None) -> Explorer:
    """Explore a case in a notebook: questions on the left, the assessment on the right, live.

    `reasoner` is the shipped one where none is given; `case` is where to begin. Needs ipywidgets. Raises
    `MissingExtraError` without it, `UnsupportedModelError` for what is no reasoner, and what
    `Reasoner.assess` raises for a wrong case.
    """
    from massage_pain.display.explorer.explorer import Explorer
    from massage_pain.display.explorer.pieces import toolkit
    from massage_pain.errors import UnsupportedModelError, shown
    from massage_pain.reasoner import Reasoner, load

    toolkit()
    if reasoner is not None and not isinstance(reasoner, Reasoner):
        raise UnsupportedModelError(
            "explore takes a Reasoner (load(...) gives one), "
            f"got {type(reasoner).__name__} {shown(reasoner)}."
        )
    return Explorer(load() if reasoner is None else reasoner, case)
