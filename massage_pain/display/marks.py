"""The mark for a chance: one row of the table is one row of the chart.

Solid from zero to the low end, pale from the low to the high end, a line at the figure and a hollow triangle
at the chance before the answers; always on 0 to 100%. The bar ends where the interval ends and has no edge at
the figure, because a bar drawn up to a figure makes values inside it seem likelier than values outside
(Newman and Scholl 2012). Coordinates are percentages of the cell, so nothing is scaled and no text shrinks.
"""

from __future__ import annotations


def _at(probability: float) -> str:
    return f"{min(max(probability, 0.0), 1.0) * 100:.4g}%"


def chance_bar(
    probability: float, *, before: float | None = None, low: float | None = None, high: float | None = None
) -> str:
    """The drawing of one chance; without an interval it is solid up to the figure."""
    solid = probability if low is None else low
    parts = [
        '<rect class="tr" y="8" width="100%" height="14" rx="2"/>',
        '<line class="ax" x1="50%" x2="50%" y1="5" y2="22"/>',
        f'<rect class="so" y="8" width="{_at(solid)}" height="14"/>',
    ]
    if low is not None and high is not None:
        place = f'x="{_at(low)}" width="{_at(high - low)}"'
        parts.append(f'<rect class="pa" y="8" {place} height="14"/>')
        parts.append(f'<rect class="ou" y="8.5" {place} height="13"/>')
    parts.append(
        f'<svg x="{_at(probability)}" overflow="visible">'
        '<rect class="mk" x="-1.5" y="5" width="3" height="17"/></svg>'
    )
    if before is not None:
        parts.append(
            f'<svg x="{_at(before)}" overflow="visible">'
            '<line class="li" y1="7" y2="22" stroke-dasharray="2 2"/>'
            '<path class="pt" d="M-4.5 .5h9L0 7z"/></svg>'
        )
    return f'<svg height="22" aria-hidden="true" focusable="false">{"".join(parts)}</svg>'


AXIS: str = (
    '<svg height="14" aria-hidden="true" focusable="false"><text class="t" y="11">0</text>'
    '<text class="t" x="50%" y="11" text-anchor="middle">50</text>'
    '<text class="t" x="100%" y="11" text-anchor="end">100%</text></svg>'
)
"""The numbers above the bars."""

INTERVAL_KEY: str = (
    '<svg width="26" height="12" aria-hidden="true"><rect class="so" y="1" width="14" height="10"/>'
    '<rect class="pa" x="14" y="1" width="12" height="10"/>'
    '<rect class="ou" x="14" y="1.5" width="11.5" height="9"/></svg>'
)
FIGURE_KEY: str = (
    '<svg width="6" height="14" aria-hidden="true"><rect class="mk" x="1" width="3" height="14"/></svg>'
)
BEFORE_KEY: str = '<svg width="12" height="10" aria-hidden="true"><path class="pt" d="M1.5 1h9L6 8z"/></svg>'
