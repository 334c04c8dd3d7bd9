"""The network as a picture: an SVG that stands alone, for a page, a notebook or the README.

Links are what makes such pictures unreadable, and no layout helps against hundreds of them. So one cause is
in focus: its links that matter are drawn, wider where stronger; the strong links of other causes are
hairlines; the rest is left out and counted in the caption. Nodes stand in columns by role, in an order that
depends on the network alone, so two pictures of one network can be compared. A network without roles is
drawn in layers, every link by its strength.

The picture paints its own background. Every colour is written twice, plain for any renderer and as
`light-dark()` for browsers, and follows the page's `color-scheme`, not the operating system.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from massage_pain.display import wording
from massage_pain.display.escape import escape, plain
from massage_pain.display.network_layout import Layout, Link, Point, layered
from massage_pain.display.network_links import ranks_by_role, relative, strengths
from massage_pain.display.style import TOKENS, host_rules, light_dark
from massage_pain.display.svg_words import text_width, wrapped
from massage_pain.errors import UnknownVariableError, unknown_name

if TYPE_CHECKING:
    from massage_pain.knowledge.network import Network

NODE_WIDTH = 196.0
CAUSE_HEIGHT = 58.0
LINE_HEIGHT = 16.0
MARGIN = 20.0
LEAST_IN_FOCUS = 0.2
LEAST_HINTED = 0.35
COMPLAINT_SHARE = 0.3
MOST_LINKS = 240
MOST_ACROSS = 6
_HEADINGS = ("Before and during", "Causes", "What is noticed")


class _Drawn(NamedTuple):
    link: Link
    share: float
    focused: bool


def network_svg(
    network: Network,
    *,
    posterior: Mapping[str, float] | None = None,
    before: Mapping[str, float] | None = None,
    focus: str | None = None,
    title: str = "",
) -> str:
    """Draw `network` with the cause `focus` in front.

    `posterior` gives chances by variable id; nodes that have one show it as a percent and a bar, with a tick
    at `before`. `focus` is by default the likeliest cause, or the first one. Raises `UnknownVariableError`
    where `focus` is no node of the network.
    """
    posterior, before = posterior or {}, before or {}
    focus = _focus(network, posterior, focus)
    ranks = ranks_by_role(network)
    share = relative(network, strengths(network))
    drawn = _chosen(network, share, focus) if ranks else _strongest(share)
    labels, sizes = _sizes(network, posterior, columns=ranks is not None)
    frame = _frame(network, share, sizes, ranks)
    heading = title or _title(network, focus, ranks is not None)
    width = max(frame.width, 2 * NODE_WIDTH, 2 * MARGIN + text_width(plain(heading)) * 19 / 13)
    way = "top to bottom" if frame.down else "left to right"
    caption = wrapped(f"{_sentences(network, drawn)} Links run from {way}.", width - 2 * MARGIN)
    top = MARGIN + 26 + LINE_HEIGHT * len(caption) + (34 if ranks else 14)
    place = {name: (MARGIN + x, top + y) for name, (x, y) in frame.positions.items()}
    legend = _legend(top + frame.height + 30, focus=focus if ranks else None, bars=bool(before))
    height = top + frame.height + MARGIN + (22 if legend else 0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="mpn" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img">',
        f"<title>{escape(heading)}</title><desc>{escape(_description(network, drawn, focus))}</desc>",
        f"<style>{_SHEET}</style>",
        f'<rect class="bg" x=".5" y=".5" width="{width - 1:.0f}" height="{height - 1:.0f}" rx="6"/>',
        f'<text class="h" x="{MARGIN:g}" y="{MARGIN + 16:g}">{escape(heading)}</text>',
        *(
            f'<text class="s" x="{MARGIN:g}" y="{MARGIN + 36 + LINE_HEIGHT * at:g}">{escape(line)}</text>'
            for at, line in enumerate(caption)
        ),
        *(_column_headings(frame.layers, place, top - 12) if ranks else ()),
        _links(drawn, frame, place, sizes, top),
        *(
            _node(each.id, labels[each.id], place[each.id], sizes[each.id], posterior, before, focus)
            for each in network.nodes
        ),
        legend,
        "</svg>",
    ]
    return "".join(parts)


class _Frame(NamedTuple):
    """A layout turned the way it is drawn: x to the right, y down."""

    positions: Mapping[str, Point]
    bends: Mapping[Link, tuple[Point, ...]]
    layers: tuple[tuple[str, ...], ...]
    width: float
    height: float
    down: bool


def _frame(
    network: Network, share: Mapping[Link, float], sizes: Mapping[str, Point], ranks: Mapping[str, int] | None
) -> _Frame:
    """Columns from left to right; from top to bottom when there are many layers."""
    if ranks is not None:
        first = (network.complaint.id,) if network.complaint else ()
        layout = layered(sizes, share, ranks, even=True, first=first)
        return _Frame(*_parts(layout), layout.depth + 2 * MARGIN, layout.across, False)
    layout = layered(sizes, share, between=90)
    if len(layout.layers) <= MOST_ACROSS:
        return _Frame(*_parts(layout), layout.depth + 2 * MARGIN, layout.across, False)
    turned = {name: (high, wide) for name, (wide, high) in sizes.items()}
    layout = layered(turned, share, between=44, beside=14)
    positions = {name: (x, y) for name, (y, x) in layout.positions.items()}
    bends = {link: tuple((x, y) for y, x in points) for link, points in layout.bends.items()}
    return _Frame(positions, bends, layout.layers, layout.across + 2 * MARGIN, layout.depth, True)


def _parts(
    layout: Layout,
) -> tuple[Mapping[str, Point], Mapping[Link, tuple[Point, ...]], tuple[tuple[str, ...], ...]]:
    return layout.positions, layout.bends, layout.layers


def _sizes(
    network: Network, posterior: Mapping[str, float], *, columns: bool
) -> tuple[dict[str, list[str]], dict[str, Point]]:
    """The lines of every label, and the size of every node."""
    figure = 42.0 if posterior else 0.0
    widest = max((text_width(plain(each.label)) for each in network.nodes), default=0.0) + 22 + figure
    wide = NODE_WIDTH if columns else min(NODE_WIDTH, max(widest, 84.0))
    labels = {each.id: wrapped(plain(each.label), wide - 18 - figure) for each in network.nodes}
    sizes = {}
    for each in network.nodes:
        high = 14.0 + LINE_HEIGHT * len(labels[each.id]) + (6.0 if posterior else 0.0)
        # the links of a cause need room along its side, or they knot
        sizes[each.id] = wide, max(high, CAUSE_HEIGHT) if columns and each.role == "cause" else high
    return labels, sizes


# -- what is drawn ---------------------------------------------------------------------------------------


def _focus(network: Network, posterior: Mapping[str, float], focus: str | None) -> str | None:
    nodes = [each.id for each in network.nodes]
    if focus is not None:
        if focus not in nodes:
            raise UnknownVariableError(unknown_name("variable", focus, nodes))
        return focus
    causes = [each.id for each in network.causes]
    return max(causes, key=lambda id: posterior.get(id, 0.0)) if causes else None


def _chosen(network: Network, share: Mapping[Link, float], focus: str | None) -> list[_Drawn]:
    found = {}
    complaint = network.complaint.id if network.complaint else None
    for link, value in share.items():
        focused = focus in link
        if value >= (LEAST_IN_FOCUS if focused else LEAST_HINTED):
            # every cause leads to the complaint: that must not outshine what tells them apart
            shown = min(value, COMPLAINT_SHARE) if link[1] == complaint else value
            found[link] = _Drawn(link, shown, focused)
    for each in network.nodes:  # nothing stands alone that is not
        mine = [link for link in share if each.id in link]
        if mine and not any(link in found for link in mine):
            link = max(mine, key=share.__getitem__)
            found[link] = _Drawn(link, share[link], False)
    return _most(list(found.values()))


def _strongest(share: Mapping[Link, float]) -> list[_Drawn]:
    return _most([_Drawn(link, value, True) for link, value in share.items()])


def _most(found: list[_Drawn]) -> list[_Drawn]:
    kept = sorted(found, key=lambda each: (not each.focused, -each.share))[:MOST_LINKS]
    return sorted(kept, key=lambda each: (each.focused, each.share))  # the strongest on top


def _count(network: Network) -> str:
    links = sum(len(each.parents) for each in network.distributions)
    variables = len(network.nodes)
    return (
        f"{variables} {'variable' if variables == 1 else 'variables'}, "
        f"{links} {'link' if links == 1 else 'links'}"
    )


def _title(network: Network, focus: str | None, columns: bool) -> str:
    name = network.title or network.name
    return f"{name}: {network.variable(focus).label} in focus" if focus and columns else name


def _sentences(network: Network, drawn: Sequence[_Drawn]) -> str:
    total = sum(len(each.parents) for each in network.distributions)
    focused = sum(each.focused for each in drawn)
    if focused == len(drawn):
        left = total - focused
        more = f" {left} weak ones are left out." if left > 0 else ""
        return f"{_count(network)}. Wider is stronger.{more}"
    left = total - len(drawn)
    return (
        f"{_count(network)}. Drawn: the {focused} that matter for the cause in focus, and as hairlines "
        f"{len(drawn) - focused} strong ones of other causes; {left} weak ones are left out."
    )


def _description(network: Network, drawn: Sequence[_Drawn], focus: str | None) -> str:
    """The picture in words: the counts, and the links of the cause in focus, strongest first."""
    words = [_sentences(network, drawn)]
    if focus is not None:
        label = {each.id: each.label for each in network.nodes}
        mine = [each for each in reversed(drawn) if focus in each.link][:20]
        brought = [label[each.link[0]] for each in mine if each.link[1] == focus]
        shown = [label[each.link[1]] for each in mine if each.link[0] == focus]
        if brought:
            words.append(f"{label[focus]} is brought about by: {'; '.join(brought)}.")
        if shown:
            words.append(f"{label[focus]} shows as: {'; '.join(shown)}.")
    return " ".join(words)


# -- painting --------------------------------------------------------------------------------------------


def _column_headings(layers: Sequence[Sequence[str]], place: Mapping[str, Point], y: float) -> list[str]:
    headings = _HEADINGS if len(layers) == 3 else ()
    return [
        f'<text class="c" x="{place[layer[0]][0] + 1:.0f}" y="{y:.0f}">{words}</text>'
        for layer, words in zip(layers, headings, strict=False)
    ]


def _links(
    drawn: Sequence[_Drawn],
    frame: _Frame,
    place: Mapping[str, Point],
    sizes: Mapping[str, Point],
    top: float,
) -> str:
    most = 4.7 if any(not each.focused for each in drawn) else 3.2
    widths = {each.link: 0.8 + most * each.share if each.focused else 1.0 for each in drawn}
    side = 0 if frame.down else 1
    out = _ports(widths, place, sizes, end=0, side=side)
    into = _ports(widths, place, sizes, end=1, side=side)
    paths = []
    for each in drawn:
        parent, child = each.link
        start = place[parent][1 - side] + sizes[parent][1 - side], out[each.link]
        stop = place[child][1 - side], into[each.link]
        points = [start, *((x, y) if side else (y, x) for x, y in _moved(frame.bends[each.link], top)), stop]
        path = _curve(points, down=frame.down)
        if each.focused:
            paths.append(f'<path class="l" stroke-width="{widths[each.link]:.1f}" d="{path}"/>')
        else:
            paths.append(f'<path class="g" d="{path}"/>')
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


def _node(
    id: str,
    lines: Sequence[str],
    place: Point,
    size: Point,
    posterior: Mapping[str, float],
    before: Mapping[str, float],
    focus: str | None,
) -> str:
    x, y = place
    chosen = id == focus
    parts = [
        f'<rect class="{"n f" if chosen else "n"}" x="{x + 0.5:.1f}" y="{y + 0.5:.1f}" '
        f'width="{size[0] - 1:.0f}" height="{size[1] - 1:.0f}" rx="4"/>'
    ]
    strong = " b" if chosen else ""
    first = y + (size[1] - LINE_HEIGHT * len(lines) - (6 if id in posterior else 0)) / 2 + 12
    for at, line in enumerate(lines):
        parts.append(
            f'<text class="t{strong}" x="{x + 9:.0f}" y="{first + LINE_HEIGHT * at:.1f}">'
            f"{escape(line)}</text>"
        )
    if id in posterior:
        chance, low = posterior[id], y + size[1] - 9
        room = size[0] - 18
        figure = escape(wording.chance(chance))
        parts.append(
            f'<text class="t e{strong}" x="{x + size[0] - 9:.0f}" y="{first:.1f}">{figure}</text>'
            f'<rect class="k" x="{x + 9:.0f}" y="{low:.1f}" width="{room:.0f}" height="4"/>'
            f'<rect class="o" x="{x + 9:.0f}" y="{low:.1f}" width="{room * chance:.1f}" height="4"/>'
        )
        if id in before:
            tick = x + 9 + room * before[id] - 0.75
            parts.append(f'<rect class="i" x="{tick:.1f}" y="{low - 1:.1f}" width="1.5" height="7"/>')
    return "".join(parts)


def _legend(y: float, *, focus: str | None, bars: bool) -> str:
    entries: list[tuple[str, str]] = []
    if focus is not None:
        entries = [
            ('<path class="l" stroke-width="4" d="M0 -4h26"/>', "the cause in focus; wider is stronger"),
            ('<path class="g" d="M0 -4h26"/>', "other causes"),
        ]
    if bars:
        entries.append(('<rect class="i" x="12" y="-10" width="1.5" height="11"/>', "before your answers"))
    x, parts = MARGIN, []
    for mark, words in entries:
        parts.append(
            f'<g transform="translate({x:.0f} {y:.0f})">{mark}<text class="s" x="34">{words}</text></g>'
        )
        x += 34 + text_width(words) + 24
    return "".join(parts)


# -- colours --------------------------------------------------------------------------------------------


def _paint(rule: str, name: str) -> str:
    return f"{rule}:{TOKENS[name][0]};{rule}:{light_dark(name)}"


_FONT = 'font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Arial,sans-serif'
_SHEET = (
    f".mpn{{max-width:100%;height:auto;{_FONT};font-variant-numeric:tabular-nums}}"
    f".mpn .bg{{{_paint('fill', 'bg')};{_paint('stroke', 'line')}}}"
    f".mpn text{{font-size:13px;{_paint('fill', 'ink')}}}.mpn .h{{font-size:19px;font-weight:650}}"
    f".mpn .s{{{_paint('fill', 'ink2')}}}.mpn .c{{font-weight:600;{_paint('fill', 'ink2')}}}"
    f".mpn .b{{font-weight:650}}.mpn .e{{text-anchor:end}}"
    f".mpn .n{{{_paint('fill', 'bg')};{_paint('stroke', 'edge')}}}"
    f".mpn .f{{{_paint('stroke', 'for')};stroke-width:2.5}}"
    f".mpn .g{{fill:none;{_paint('stroke', 'line')}}}"
    f".mpn .l{{fill:none;{_paint('stroke', 'edge')};stroke-opacity:.8}}"
    f".mpn .k{{{_paint('fill', 'bg2')}}}.mpn .o{{{_paint('fill', 'solid')}}}"
    f".mpn .i{{{_paint('fill', 'ink')}}}{host_rules('.mpn')}"
)
