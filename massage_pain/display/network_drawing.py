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

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from massage_pain.display.escape import escape, plain
from massage_pain.display.network_layout import Layout, Link, Point, layered
from massage_pain.display.network_links import ranks_by_role
from massage_pain.display.network_painting import (
    FLAG,
    LEAST_FELT,
    LIGHT_SHEET,
    LINE_HEIGHT,
    MARGIN,
    SHEET,
    WARNING_HEIGHT,
    Drawn,
    Frame,
    Told,
    coloured,
    column_headings,
    legend,
    links,
    node,
    tipped,
    warning,
)
from massage_pain.display.svg_words import text_width, wrapped
from massage_pain.display.urgent import Warned, spoken
from massage_pain.errors import UnknownVariableError, unknown_name
from massage_pain.reasoning.link_strength import relative, strengths

if TYPE_CHECKING:
    from massage_pain.knowledge.network import Network
    from massage_pain.knowledge.variable import Variable

NODE_WIDTH = 196.0
CAUSE_HEIGHT = 58.0
LEAST_IN_FOCUS = 0.2
LEAST_HINTED = 0.35
COMPLAINT_SHARE = 0.3
MOST_LINKS = 240
MOST_ACROSS = 6


def network_svg(
    network: Network,
    *,
    posterior: Mapping[str, float] | None = None,
    before: Mapping[str, float] | None = None,
    focus: str | None = None,
    title: str = "",
    states: Mapping[str, str] | None = None,
    answers: Mapping[str, Told] | None = None,
    weights: Mapping[str, float] | None = None,
    without: Collection[str] = (),
    tips: Mapping[str | Link, str] | None = None,
    warned: Warned | None = None,
    bare: bool = False,
    colors: bool = True,
) -> str:
    """Draw `network` with the cause `focus` in front.

    `posterior` gives chances by variable id; nodes that have one show it as a percent and a bar, with a tick
    at `before`; they are of the state in `states`, by default the one that counts as present. `focus` is by
    default the likeliest cause, or the first one. `answers` are the nodes something was said of, `weights`
    the bits each adds for the cause in focus. Nodes in `without` are left out; `tips` are words shown on
    hovering a node or a link; `warned` stands on top. A `bare` picture has no heading and no frame, and one
    without `colors` for dark pages suits programs that know light ones only. Raises `UnknownVariableError`
    where `focus` is no node of the network.
    """
    posterior, before, answers = posterior or {}, before or {}, answers or {}
    weights, tips = weights or {}, tips or {}
    focus = _focus(network, posterior, focus)
    ranks = ranks_by_role(network)
    strength = strengths(network)
    share = {
        link: value for link, value in relative(network, strength).items() if not set(link) & set(without)
    }
    drawn = chosen_links(network, share, focus, weights) if ranks else _strongest(share)
    labels, sizes = _sizes(
        network, posterior, answers, states or {}, columns=ranks is not None, without=without
    )
    frame = _frame(network, share, sizes, ranks)
    heading = title or _title(network, focus, ranks is not None)
    width = max(frame.width, 2 * NODE_WIDTH)
    caption: list[str] = []
    if not bare:
        width = max(width, 2 * MARGIN + text_width(plain(heading)) * 19 / 13)
        if warned is not None:
            width = max(width, 2 * MARGIN + text_width(warned.line) * 19 / 13)
        way = "top to bottom" if frame.down else "left to right"
        caption = wrapped(f"{_sentences(network, drawn)} Links run from {way}.", width - 2 * MARGIN)
    top = (4 if bare else MARGIN + 26 + LINE_HEIGHT * len(caption)) + (34 if ranks else 14)
    place = {name: (MARGIN + x, top + y) for name, (x, y) in frame.positions.items()}
    weighing = any(map(coloured, drawn))
    key = legend(top + frame.height + 30, focus=focus if ranks else None, bars=bool(before), answers=weighing)
    height = top + frame.height + MARGIN + (22 if key else 0)
    above = 0 if warned is None else WARNING_HEIGHT  # over the picture: it moves no node
    edges = f'width="{width:.0f}" height="{height + above:.0f}"'
    frame_line = f'<rect class="bg" x=".5" y=".5" width="{width - 1:.0f}" height="{height - 1:.0f}" rx="6"/>'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="mpn" viewBox="0 {-above:g} {width:.0f} '
        f'{height + above:.0f}" {edges} role="img"><title>{escape(spoken(warned, heading))}</title>',
        f"<desc>{escape(_description(network, drawn, focus))}</desc>",
        f"<style>{SHEET if colors else LIGHT_SHEET}</style>",
        "" if bare else frame_line,
        "" if warned is None else warning(warned, width),
        "" if bare else f'<text class="h" x="{MARGIN:g}" y="{MARGIN + 16:g}">{escape(heading)}</text>',
        *(
            f'<text class="s" x="{MARGIN:g}" y="{MARGIN + 36 + LINE_HEIGHT * at:g}">{escape(line)}</text>'
            for at, line in enumerate(caption)
        ),
        *(column_headings(frame.layers, place, top - 12) if ranks else ()),
        links(drawn, frame, place, sizes, top, tips),
        *(
            tipped(
                tips.get(each.id, ""),
                node(
                    each.id,
                    labels[each.id],
                    place[each.id],
                    sizes[each.id],
                    posterior,
                    before,
                    focus,
                    answers.get(each.id),
                ),
            )
            for each in network.nodes
            if each.id in sizes
        ),
        key,
        "</svg>",
    ]
    return "".join(parts)


def _frame(
    network: Network, share: Mapping[Link, float], sizes: Mapping[str, Point], ranks: Mapping[str, int] | None
) -> Frame:
    first = network.complaint.id if network.complaint else ""
    placed = None if ranks is None else tuple((name, ranks[name]) for name in sizes)
    return _laid_out(tuple(sizes.items()), tuple(share.items()), placed, first)


@lru_cache(maxsize=16)
def _laid_out(
    sized: tuple[tuple[str, Point], ...],
    weighted: tuple[tuple[Link, float], ...],
    ranked: tuple[tuple[str, int], ...] | None,
    first: str,
) -> Frame:
    """Columns from left to right; from top to bottom when there are many layers.

    It depends on its arguments alone, so it is kept: an explorer draws one network again and again.
    """
    sizes, share = dict(sized), dict(weighted)
    if ranked is not None:
        layout = layered(sizes, share, dict(ranked), even=True, first=(first,) if first in sizes else ())
        return Frame(*_parts(layout), layout.depth + 2 * MARGIN, layout.across, False)
    layout = _better(sizes, share, between=90)
    if len(layout.layers) <= MOST_ACROSS:
        return Frame(*_parts(layout), layout.depth + 2 * MARGIN, layout.across, False)
    turned = {name: (high, wide) for name, (wide, high) in sizes.items()}
    layout = _better(turned, share, between=44, beside=14)
    positions = {name: (x, y) for name, (y, x) in layout.positions.items()}
    bends = {link: tuple((x, y) for y, x in points) for link, points in layout.bends.items()}
    return Frame(positions, bends, layout.layers, layout.across + 2 * MARGIN, layout.depth, True)


def _better(
    sizes: Mapping[str, Point], share: Mapping[Link, float], *, between: float, beside: float = 8.0
) -> Layout:
    """Of two orders, one that spares strong links and one that counts all alike, that which crosses less."""
    found = [
        layered(sizes, links, between=between, beside=beside) for links in (share, dict.fromkeys(share, 1.0))
    ]
    return min(found, key=lambda layout: layout.crossings)


def _parts(
    layout: Layout,
) -> tuple[Mapping[str, Point], Mapping[Link, tuple[Point, ...]], tuple[tuple[str, ...], ...]]:
    return layout.positions, layout.bends, layout.layers


def _sizes(
    network: Network,
    posterior: Mapping[str, float],
    answers: Mapping[str, Told],
    states: Mapping[str, str],
    *,
    columns: bool,
    without: Collection[str] = (),
) -> tuple[dict[str, list[str]], dict[str, Point]]:
    """The lines of every label, and the size of every node.

    A size has room for whatever may be said of the node, so that answers move nothing.
    """
    figure = 42.0 if posterior else 0.0
    nodes = [each for each in network.nodes if each.id not in without]
    written = {each.id: plain(_label(each, posterior, states)) for each in nodes}
    widest = max((text_width(each) for each in written.values()), default=0.0) + 22 + figure
    wide = NODE_WIDTH if columns else min(NODE_WIDTH, max(widest, 84.0))
    labels, sizes = {}, {}
    for each in nodes:
        told = answers.get(each.id)
        labels[each.id] = wrapped(written[each.id], wide - 18 - figure)
        most = len(labels[each.id])
        if posterior:
            said = [each.label]
            if not is_yes_or_no(each):
                said += [f"{each.label}: {each.answer(state)}" for state in each.states]
            room = wide - 18 - FLAG
            most = max(most, *(len(wrapped(plain(words), room)) for words in said))
            most = max(most, len(wrapped(plain(each.label), room - figure)))
        if told is not None:
            labels[each.id] = wrapped(plain(told.label), wide - 18 - FLAG - (0.0 if told.settled else figure))
            most = max(most, len(labels[each.id]))
        high = 14.0 + LINE_HEIGHT * most + (6.0 if posterior else 0.0)
        # the links of a cause need room along its side, or they knot
        sizes[each.id] = wide, max(high, CAUSE_HEIGHT) if columns and each.role == "cause" else high
    return labels, sizes


def is_yes_or_no(variable: Variable) -> bool:
    """Whether its two states are simply having it and not having it."""
    return {each.lower() for each in variable.state_labels} in ({"no", "yes"}, {"absent", "present"})


def answered_label(variable: Variable, state: str) -> str:
    """A node's label once the state is known."""
    return variable.label if is_yes_or_no(variable) else f"{variable.label}: {variable.answer(state)}"


def _label(variable: Variable, posterior: Mapping[str, float], states: Mapping[str, str]) -> str:
    if variable.id not in posterior:
        return variable.label
    return stated_label(variable, states.get(variable.id, variable.present))


def stated_label(variable: Variable, state: str) -> str:
    """A node's label beside the chance of this state: a percent needs to say of what."""
    if is_yes_or_no(variable) and variable.answer(state).lower() in ("yes", "present"):
        return variable.label
    return f"{variable.label}: {variable.answer(state)}"


def order_of(
    network: Network, posterior: Mapping[str, float], states: Mapping[str, str], without: Collection[str]
) -> list[str]:
    """The nodes in the order of the picture: column after column, each from top to bottom."""
    ranks, strength = ranks_by_role(network), relative(network, strengths(network))
    share = {link: value for link, value in strength.items() if not set(link) & set(without)}
    _, sizes = _sizes(network, posterior, {}, states, columns=ranks is not None, without=without)
    frame = _frame(network, share, sizes, ranks)
    return [name for layer in frame.layers for name in layer]


# -- what is drawn ---------------------------------------------------------------------------------------


def _focus(network: Network, posterior: Mapping[str, float], focus: str | None) -> str | None:
    nodes = [each.id for each in network.nodes]
    if focus is not None:
        if focus not in nodes:
            raise UnknownVariableError(unknown_name("variable", focus, nodes))
        return focus
    causes = [each.id for each in network.causes]
    return max(causes, key=lambda id: posterior.get(id, 0.0)) if causes else None


def chosen_links(
    network: Network, share: Mapping[Link, float], focus: str | None, weights: Mapping[str, float]
) -> list[Drawn]:
    """The links that matter for the cause in focus, hints of the others, one for every node that has any."""
    found = {}
    complaint = network.complaint.id if network.complaint else None
    for link, value in share.items():
        focused = focus in link
        weight = weights.get(link[0] if link[1] == focus else link[1]) if focused else None
        felt = weight is not None and abs(weight) >= LEAST_FELT
        if felt or value >= (LEAST_IN_FOCUS if focused else LEAST_HINTED):
            # every cause leads to the complaint: that must not outshine what tells them apart
            shown = min(value, COMPLAINT_SHARE) if link[1] == complaint else value
            found[link] = Drawn(link, shown, focused, weight)
    for each in network.nodes:  # nothing stands alone that is not
        mine = [link for link in share if each.id in link]
        if mine and not any(link in found for link in mine):
            link = max(mine, key=share.__getitem__)
            found[link] = Drawn(link, share[link], False)
    return _most(list(found.values()))


def _strongest(share: Mapping[Link, float]) -> list[Drawn]:
    return _most([Drawn(link, value, True) for link, value in share.items()])


def _most(found: list[Drawn]) -> list[Drawn]:
    kept = sorted(found, key=lambda each: (not each.focused, -each.share))[:MOST_LINKS]
    return sorted(kept, key=lambda each: (each.focused, each.share))  # the strongest on top


def _count(network: Network) -> str:
    links = sum(len(each.parents) for each in network.distributions)
    nodes = len(network.nodes)
    return f"{nodes} {'variable' if nodes == 1 else 'variables'}, {links} {'link' if links == 1 else 'links'}"


def _title(network: Network, focus: str | None, columns: bool) -> str:
    name = network.title or network.name
    return f"{name}: {network.variable(focus).label} in focus" if focus and columns else name


def _sentences(network: Network, drawn: Sequence[Drawn]) -> str:
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


def _description(network: Network, drawn: Sequence[Drawn], focus: str | None) -> str:
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
