"""Small drawings beside words: 32 x 32, in the colour of the text, hidden from screen readers.

An icon never stands alone. Nothing in here comes from a file or a caller.
"""

from __future__ import annotations


def _icon(body: str) -> str:
    return f'<svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">{body}</svg>'


def _line(path: str, width: float = 2.5, extra: str = "") -> str:
    return (
        f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="{width:g}" '
        f'stroke-linejoin="round" stroke-linecap="round"{extra}/>'
    )


def _dot(x: float, y: float, radius: float) -> str:
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="currentColor"/>'


_RING = '<circle cx="16" cy="16" r="12.5" fill="none" stroke="currentColor" stroke-width="2.5"{}/>'
_CALENDAR = _line("M6 6h20a2 2 0 0 1 2 2v18a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2z") + _line(
    "M4 13h24M10 3v6M22 3v6M16 16v8M12 20h8"
)

QUESTION = _icon(
    _RING.format(' stroke-dasharray="4 3"')
    + _line("M12 13a4 4 0 1 1 5.5 3.7c-1 .5-1.5 1.2-1.5 2.3")
    + _dot(16, 23, 1.7)
)
HOUSE = _icon(_line("M4 15 16 5l12 10M8 13v13h16V13M13 26v-7h6v7"))
PAUSE = _icon(
    _line("M10.6 3h10.8L29 10.6v10.8L21.4 29H10.6L3 21.4V10.6z") + _line("M12.5 11v10M19.5 11v10", 3.2)
)
CALENDAR = _icon(_CALENDAR)
CLOCK = _icon(_RING.format("") + _line("M16 8.5V16l5 4"))
WARNING = _icon(_line("M16 3 30 28H2z") + _line("M16 12v8", 3) + _dot(16, 24, 1.8))
BARRED = _icon(_RING.format("") + _line("M7.5 7.5l17 17"))
LIST = _icon(_line("M6 4h20v24H6z") + _line("M11 11h10M11 16h10M11 21h6"))
CHANCES = _icon(_line("M4 4v24h24") + _line("M10 23v-7M17 23V8M24 23v-4", 3.5))

CROSS = _icon(_line("M8 8l16 16M24 8 8 24", 3.5))
DOT = _icon(_dot(16, 16, 6))
INFORMATION = _icon(_RING.format("") + _line("M16 15v8", 3) + _dot(16, 10, 1.8))

OF_LOOK: dict[str, str] = {
    "u0": CHANCES,
    "u1": HOUSE,
    "u2": PAUSE,
    "u3": CALENDAR,
    "u4": CLOCK,
    "u5": WARNING,
}
"""The icon of the header by its look."""

OF_KIND: dict[str, str] = {
    "stop": CROSS,
    "seek_care": CALENDAR,
    "information": INFORMATION,
    "prevention": INFORMATION,
    "reassurance": INFORMATION,
    "watch": CLOCK,
    "medicine_note": INFORMATION,
}
"""The icon of a piece of advice by its kind; any other kind has a dot."""
