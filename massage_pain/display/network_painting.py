"""The marks of a drawn network: links, nodes, headings, the key and the colours.

Every colour is written twice, plain for any renderer and as `light-dark()` for browsers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from massage_pain.display import wording
from massage_pain.display.escape import escape
from massage_pain.display.network_layout import Link, Point
from massage_pain.display.style import TOKENS, host_rules, light_dark
from massage_pain.display.svg_words import text_width
from massage_pain.display.urgent import Warned

LINE_HEIGHT = 16.0
MARGIN = 20.0
LEAST_FELT = 1 / 3
"""Bits: an answer that weighs less does not colour its link."""
FLAG = 36.0
WARNING_HEIGHT = 44.0
_HEADINGS = ("Before and during", "Causes", "What is noticed")


class Drawn(NamedTuple):
    """A link of the picture: its share of the strongest, and what the answer at it weighs (bits)."""

    link: Link
    share: float
    focused: bool
    weight: float | None = None


class Told(NamedTuple):
    """What was said of a node: the word of its flag, whether that is a state, its label in the picture."""

    flag: str
    settled: bool
    label: str


class Frame(NamedTuple):
    """A layout turned the way it is drawn: x to the right, y down."""

    positions: Mapping[str, Point]
    bends: Mapping[Link, tuple[Point, ...]]
    layers: tuple[tuple[str, ...], ...]
    width: float
    height: float
    down: bool


def coloured(each: Drawn) -> bool:
    """Whether an answer speaks through this link."""
    return each.weight is not None and abs(each.weight) >= LEAST_FELT


def tipped(words: str, body: str) -> str:
    """A piece with words to be shown on hovering it."""
    return f"<g><title>{escape(words)}</title>{body}</g>" if words else body


def warning(found: Warned, width: float) -> str:
    """How urgent the case is, over the whole width."""
    return (
        f'<rect class="u{found.level}" x="1" y="{1 - WARNING_HEIGHT:g}" width="{width - 2:.0f}" '
        f'height="{WARNING_HEIGHT - 2:g}"/>'
        f'<text class="h v{found.level}" x="{MARGIN:g}" y="{-WARNING_HEIGHT / 2 + 7:g}">'
        f"{escape(found.line)}</text>"
    )


def column_headings(layers: Sequence[Sequence[str]], place: Mapping[str, Point], y: float) -> list[str]:
    """What the columns are."""
    headings = _HEADINGS if len(layers) == 3 else ()
    return [
        f'<text class="c" x="{place[layer[0]][0] + 1:.0f}" y="{y:.0f}">{words}</text>'
        for layer, words in zip(layers, headings, strict=False)
    ]


def links(
    drawn: Sequence[Drawn],
    frame: Frame,
    place: Mapping[str, Point],
    sizes: Mapping[str, Point],
    top: float,
    tips: Mapping[str | Link, str],
) -> str:
    """The links, what answers say on top of everything else."""
    most = 4.7 if any(not each.focused for each in drawn) else 3.2
    widths = {each.link: 0.8 + most * each.share if each.focused else 1.0 for each in drawn}
    side = 0 if frame.down else 1
    out = _ports(widths, place, sizes, end=0, side=side)
    into = _ports(widths, place, sizes, end=1, side=side)
    paths = []
    for each in sorted(drawn, key=coloured):
        parent, child = each.link
        start = place[parent][1 - side] + sizes[parent][1 - side], out[each.link]
        stop = place[child][1 - side], into[each.link]
        points = [start, *((x, y) if side else (y, x) for x, y in _moved(frame.bends[each.link], top)), stop]
        path = _curve(points, down=frame.down)
        tip = tips.get(each.link, "")
        end = f"><title>{escape(tip)}</title></path>" if tip else "/>"
        if each.focused:
            name = "l"
            if each.weight is not None and coloured(each):
                name = "l lf" if each.weight > 0 else "l la"
            paths.append(f'<path class="{name}" stroke-width="{widths[each.link]:.1f}" d="{path}"{end}')
        else:
            paths.append(f'<path class="g" d="{path}"{end}')
    return "".join(paths)


def _moved(points: Sequence[Point], top: float) -> list[Point]:
    return [(MARGIN + x, top + y) for x, y in points]


def _ports(
    widths: Mapping[Link, float],
    place: Mapping[str, Point],
    sizes: Mapping[str, Point],
    *,
    end: int,
    side: int,
) -> dict[Link, float]:
    """Where each link meets its node: along the side by their widths, in the order of the other ends."""
    at_node: dict[str, list[Link]] = {}
    for link in widths:
        at_node.setdefault(link[end], []).append(link)
    found: dict[Link, float] = {}
    for name, mine in at_node.items():
        mine.sort(key=lambda link: (place[link[1 - end]][side] + sizes[link[1 - end]][side] / 2, link))
        wanted = sum(widths[link] + 2 for link in mine)
        scale = min(1.0, (sizes[name][side] - 8) / wanted)
        at = place[name][side] + (sizes[name][side] - wanted * scale) / 2
        for link in mine:
            step = (widths[link] + 2) * scale
            found[link] = at + step / 2
            at += step
    return found


def _curve(points: Sequence[Point], *, down: bool) -> str:
    """A curve that leaves and enters along the depth; straight where two points lie level."""

    def written(depth: float, across: float) -> str:
        return f"{across:.0f} {depth:.0f}" if down else f"{depth:.0f} {across:.1f}"

    path = f"M{written(*points[0])}"
    for (depth, across), (deeper, there) in pairwise(points):
        half = (depth + deeper) / 2
        if across == there:
            path += f"L{written(deeper, there)}"
        else:
            path += f"C{written(half, across)} {written(half, there)} {written(deeper, there)}"
    return path


def node(
    id: str,
    lines: Sequence[str],
    place: Point,
    size: Point,
    posterior: Mapping[str, float],
    before: Mapping[str, float],
    focus: str | None,
    told: Told | None,
) -> str:
    """A node: its label, its percent and bar, or the flag of what was said."""
    x, y = place
    settled = told is not None and told.settled
    frame = "n f" if id == focus else "n y" if told else "n"
    parts = [
        f'<rect class="{frame}" x="{x + 0.5:.1f}" y="{y + 0.5:.1f}" '
        f'width="{size[0] - 1:.0f}" height="{size[1] - 1:.0f}" rx="4"/>'
    ]
    left = x + 9
    if told is not None:
        left += FLAG
        parts.append(
            f'<path class="i" d="M{x + FLAG:.0f} {y:.1f}h{4 - FLAG:.0f}a4 4 0 0 0-4 4v{size[1] - 8:.1f}'
            "a4 4 0 0 0 4 4"
            f'h{FLAG - 4:.0f}z"/><text class="w" x="{x + FLAG / 2:.0f}" y="{y + size[1] / 2 + 4.5:.1f}">'
            f"{escape(told.flag)}</text>"
        )
    strong = " b" if id == focus else ""
    shown = id in posterior and not settled
    first = y + (size[1] - LINE_HEIGHT * len(lines) - (6 if shown else 0)) / 2 + 12
    for at, line in enumerate(lines):
        parts.append(
            f'<text class="p{strong}" x="{left:.0f}" y="{first + LINE_HEIGHT * at:.1f}">{escape(line)}</text>'
        )
    if shown:
        chance, low = posterior[id], y + size[1] - 9
        room = size[0] - 9 - (left - x)
        figure = escape(wording.chance(chance))
        parts.append(
            f'<text class="p e{strong}" x="{x + size[0] - 9:.0f}" y="{first:.1f}">{figure}</text>'
            f'<rect class="k" x="{left:.0f}" y="{low:.1f}" width="{room:.0f}" height="4"/>'
            f'<rect class="o" x="{left:.0f}" y="{low:.1f}" width="{room * chance:.1f}" height="4"/>'
        )
        if id in before:
            tick = left + room * before[id] - 0.75
            parts.append(f'<rect class="i" x="{tick:.1f}" y="{low - 1:.1f}" width="1.5" height="7"/>')
    return "".join(parts)


def legend(y: float, *, focus: str | None, bars: bool, answers: bool) -> str:
    """The key at the foot of the picture."""
    entries: list[tuple[str, str]] = []
    if answers:
        entries = [
            ('<path class="l lf" stroke-width="4" d="M0 -4h26"/>', "speaks for it"),
            ('<path class="l la" stroke-width="4" d="M0 -4h26"/>', "speaks against it"),
        ]
    if focus is not None:
        words = "not answered" if answers else "the cause in focus; wider is stronger"
        entries += [
            ('<path class="l" stroke-width="4" d="M0 -4h26"/>', words),
            ('<path class="g" d="M0 -4h26"/>', "other causes"),
        ]
    if bars:
        entries.append(('<rect class="i" x="12" y="-10" width="1.5" height="11"/>', "before your answers"))
    x, parts = MARGIN, []
    for mark, words in entries:
        parts.append(
            f'<g transform="translate({x:.0f} {y:.0f})">{mark}<text class="s" x="34">{words}</text></g>'
        )
        x += 34 + text_width(words) * 0.93 + 16
    return "".join(parts)


# -- colours --------------------------------------------------------------------------------------------


_FONT = 'font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Arial,sans-serif'
_RULES = (
    (".bg", "fill:bg;stroke:line"),
    ("text", "fill:ink"),
    (".s", "fill:ink2"),
    (".c", "font-weight:600;fill:ink2"),
    (".n", "fill:bg;stroke:edge"),
    (".y", "stroke:ink;stroke-width:2"),
    (".f", "stroke:for;stroke-width:2.5"),
    (".g", "fill:none;stroke:line"),
    (".l", "fill:none;stroke:edge;stroke-opacity:.8"),
    (".lf", "stroke:for;stroke-opacity:1"),
    (".la", "stroke:against;stroke-opacity:1;stroke-dasharray:6 3"),
    (".k", "fill:bg2"),
    (".o", "fill:solid"),
    (".i", "fill:ink"),
    (".u3", "fill:t3;stroke:a3;stroke-width:2"),
    (".u4", "fill:f4"),
    (".u5", "fill:f5"),
    (".v4,.mpn .v5", "fill:#ffffff"),
    (".w", "fill:bg;font-size:12px;font-weight:700;text-anchor:middle"),
)


_FORCED = (
    "@media(forced-colors:active){.mpn text,.mpn .o,.mpn .i{fill:CanvasText}.mpn .n{fill:Canvas;"
    "stroke:CanvasText}.mpn .l,.mpn .g{stroke:CanvasText}.mpn .w{fill:Canvas}"
    ".mpn .u3,.mpn .u4,.mpn .u5{fill:Canvas;stroke:CanvasText}.mpn .bg,.mpn .k{fill:Canvas}}"
)


def _sheet(*, colors: bool) -> str:
    """The style sheet; every colour plain, and with `colors` once more as `light-dark()`."""
    rules = ""
    for name, painted in _RULES:
        each = []
        for rule in painted.split(";"):
            key, _, value = rule.partition(":")
            each.append(f"{key}:{TOKENS[value][0] if value in TOKENS else value}")
            if colors and value in TOKENS:
                each.append(f"{key}:{light_dark(value)}")
        rules += f".mpn {name}{{{';'.join(each)}}}"
    return (
        f".mpn{{max-width:100%;height:auto;{_FONT};font-variant-numeric:tabular-nums}}"
        ".mpn text{font-size:13px}.mpn .h{font-size:19px;font-weight:650}.mpn .b{font-weight:650}"
        f".mpn .e{{text-anchor:end}}{rules}{host_rules('.mpn') + _FORCED if colors else ''}"
    )


SHEET: str = _sheet(colors=True)
LIGHT_SHEET: str = _sheet(colors=False)
