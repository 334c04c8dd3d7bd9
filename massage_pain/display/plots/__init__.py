"""Results drawn with matplotlib, for figures one goes on working with: a room for each kind of result.

`plot(summary, ax)` draws a result's plain summary on the axes given, or on new ones, and returns the axes. It
never calls show, changes no setting, and imports matplotlib only when it is called. Names are never read as
mathematics or TeX.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from massage_pain.display.urgent import warned

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOMS: dict[str, str] = {
    "assessment": "chances",
    "intervals": "chances",
    "explanation": "waterfall",
    "sensitivity": "tornado",
    "curve": "curve",
    "questions": "ranking",
    "what_if": "before_after",
    "calibration": "calibration",
}
"""The room that draws each kind of summary."""


def plot(summary: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """The axes with the summary drawn on them. Raises `MissingExtraError` without matplotlib."""
    from massage_pain.display.plots.canvas import canvas

    room = importlib.import_module(f"massage_pain.display.plots.{ROOMS[summary['kind']]}")
    drawn = canvas(ax, room.rows(summary))
    room.draw(drawn, summary)
    found = warned(summary)
    if found is not None:
        drawn.warn(found)
    return drawn.ax
