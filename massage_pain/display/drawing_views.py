"""A drawing as a picture, as a file, and as a card with the whole network as a table.

The card shows the picture where there is room; a narrow one shows the two lists of the cause in focus
instead. Below, folded, every link stands in a table whose rows and columns keep the order of the picture:
the one reading of all links at once, and the picture's equal for a screen reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from massage_pain.display import row_marks, scales, urgent, wording
from massage_pain.display.escape import escape
from massage_pain.display.link_matrix import matrix
from massage_pain.display.network_drawing import (
    LEAST_HINTED,
    answered_label,
    chosen_links,
    is_yes_or_no,
    network_svg,
    order_of,
    stated_label,
)
from massage_pain.display.network_links import ranks_by_role
from massage_pain.display.network_painting import Told
from massage_pain.display.report_card import table_html
from massage_pain.display.style import SHEET
from massage_pain.display.tables import Drawn, Table
from massage_pain.errors import MissingExtraError, QueryError, printable, shown
from massage_pain.reasoning.link_strength import Link, relative, strengths

if TYPE_CHECKING:
    from massage_pain.reasoning.drawing import Drawing


def svg(
    drawing: Drawing,
    summary: Mapping[str, Any] | None = None,
    *,
    bare: bool = False,
    colors: bool = True,
) -> str:
    """The picture; `bare` without heading and frame, without `colors` for programs without dark pages."""
    summary = drawing.to_dict() if summary is None else summary
    return network_svg(
        drawing.network,
        posterior=drawing.chances,
        before=drawing.before if drawing.answers else None,
        focus=drawing.cause,
        title=title(summary) if drawing.cause else "",
        warned=None if bare else urgent.warned(summary),
        states=drawing.states,
        answers=_told(drawing),
        weights=drawing.weights,
        without=_left_out(drawing),
        tips=_tips(summary),
        bare=bare,
        colors=colors,
    )


def title(summary: Mapping[str, Any]) -> str:
    """What the picture shows: the cause in focus and how its chance moved."""
    cause = summary["cause"]
    if cause is None:
        return str(summary["network"]["title"] or summary["network"]["name"])
    if not summary["findings"]:
        return f"{cause['label']} in focus: {wording.hundreds(cause['chance'])}"
    return f"{cause['label']} in focus: {wording.from_to(cause['before'], cause['chance'])}"


def shown_links(drawing: Drawing) -> set[Link]:
    """The links that the picture shows; all of them where it has no columns."""
    network = drawing.network
    share = relative(network, strengths(network))
    without = set(_left_out(drawing))
    share = {link: value for link, value in share.items() if not set(link) & without}
    if ranks_by_role(network) is None:
        return {link for link, value in share.items() if value >= LEAST_HINTED / 2} or set(share)
    return {each.link for each in chosen_links(network, share, drawing.cause, drawing.weights)}


def _left_out(drawing: Drawing) -> tuple[str, ...]:
    """A complaint that is taken for granted and that every cause leads to is a sentence, not a node."""
    network, given = drawing.network, drawing.given
    if given is None or ranks_by_role(network) is None or len(network.nodes) < 3:
        return ()
    causes = {each.id for each in network.causes}
    return (given,) if set(network.parents(given)) == causes and not network.children[given] else ()


def _told(drawing: Drawing) -> dict[str, Told]:
    found = {}
    for name, answer in drawing.answers.items():
        variable = drawing.network.variable(name)
        if answer.state is None:
            found[name] = Told("?", False, variable.label)
        elif is_yes_or_no(variable):
            no = variable.answer(answer.state).lower() in ("no", "absent")
            found[name] = Told("NO" if no else "YES", True, variable.label)
        else:
            found[name] = Told("✓", True, answered_label(variable, answer.state))
    return found


def _tips(summary: Mapping[str, Any]) -> dict[str | Link, str]:
    """The words shown on hovering: the numbers, and where they come from."""
    tips: dict[str | Link, str] = {}
    label = {each["id"]: each["label"] for each in summary["nodes"]}
    for node in summary["nodes"]:
        if node["answer"]:
            words = f"{node['label']}: {node['answer']} (answered)"
        else:
            words = f"{node['label']}: {wording.chance(node['chance'])}"
            if summary["findings"]:
                words += f", {wording.chance(node['before'])} before your answers"
        if node["weight"] is not None:
            words += f"; {wording.bits(node['weight'])} for {summary['cause']['label']}"
        tips[node["id"]] = words
    for link in summary["links"]:
        ends = f"{label[link['from']]} → {label[link['to']]}"
        if link["low"] is None:
            tips[link["from"], link["to"]] = f"{ends}: moves it by up to {wording.chance(link['strength'])}"
        else:
            number = wording.parameter(link["strength"], link["low"], link["high"])
            sources = ", ".join(link["sources"])
            tips[link["from"], link["to"]] = f"{ends}: {number}, grade {link['grade']}, {sources}"
    return tips


# -- PNG ---------------------------------------------------------------------------------------------------


def write_png(drawing: Drawing, path: str | Path, scale: object, *, overwrite: bool) -> Path:
    """See `Drawing.to_png`."""
    if isinstance(scale, bool) or not isinstance(scale, (int, float)) or not 0.1 <= scale <= 10:
        raise QueryError(f"scale must be a number from 0.1 to 10, got {shown(scale)}.")
    try:
        import resvg_py
    except ImportError as error:
        raise MissingExtraError(
            f'A PNG needs resvg-py ({printable(str(error))}): pip install "massage-pain[notebook]". '
            "to_svg() needs nothing."
        ) from None
    from massage_pain.knowledge.text_file import as_path, write_bytes

    target = as_path(path)
    picture = resvg_py.svg_to_bytes(
        svg_string=svg(drawing, colors=False),
        zoom=float(scale),
        background="#ffffff",
        font_family="sans-serif",
    )
    return write_bytes(target, bytes(picture), overwrite=overwrite)


# -- the card ----------------------------------------------------------------------------------------------


def card(drawing: Drawing, *, style: bool = True) -> str:
    """The picture or, where it is narrow, the two lists; below, folded, every link."""
    summary = drawing.to_dict()
    heading = title(summary)
    found = urgent.warned(summary)
    label = escape(urgent.spoken(found, f"The network: {heading}"))
    focus = summary["cause"]
    lists = "" if focus is None else f'<div class="narrow">{_lists(drawing, summary)}</div>'
    wide = "wide sec" if lists else "sec"
    picture = svg(drawing, summary, bare=True)
    # a picture in columns fits the card; one in layers may take all the page has
    big = "" if ranks_by_role(drawing.network) is not None else " big"
    order = order_of(drawing.network, drawing.chances, drawing.states, _left_out(drawing))
    count = wording.counted(len(summary["links"]), "link")
    return (
        (f"<style>{SHEET}</style>" if style else "")
        + f'<article class="mp net{big}{urgent.look(found)}" aria-label="{label}">{urgent.banner(found)}'
        + '<div class="sec"><p class="k">The network</p>'
        + f'<h3>{escape(heading)}</h3><p class="s">{_how_to_read(drawing, summary)}</p></div>'
        + f'<div class="{wide}"><div class="scroll" tabindex="0" role="region" aria-label="{label}">{picture}'
        + f"</div></div>{lists}"
        + f"<details><summary>{'The' if len(summary['links']) == 1 else 'All'} {count.lower()} as a table"
        + f"</summary><div>{matrix(summary, order)}</div></details></article>"
    )


def _how_to_read(drawing: Drawing, summary: Mapping[str, Any]) -> str:
    nodes = wording.counted(len(summary["nodes"]), "variable")
    words = f"{nodes}, {len(summary['links']):,} links. "
    given = summary["given"]
    if summary["cause"] is not None and ranks_by_role(drawing.network) is not None:
        words += "Drawn: the links of the cause in focus that matter; other causes are only hinted. "
    else:
        words += "Wider is stronger. It can be scrolled sideways. "
    if given is not None and _left_out(drawing):
        words += f"Every cause leads to {given['label'].lower()} (given), so that is not drawn. "
    other = next((each.id for each in drawing.network.causes if each.id != drawing.cause), None)
    code = f'Another cause: <code>draw(case, cause="{escape(other)}")</code>.' if other else ""
    return f"{escape(words)} {code}"


def _lists(drawing: Drawing, summary: Mapping[str, Any]) -> str:
    """What brings the cause in focus about, and what it shows as, each by strength."""
    focus = summary["cause"]
    nodes = {each["id"]: each for each in summary["nodes"]}
    heading = f"{focus['label']}, {wording.chance(focus['chance'])}"
    brings = [(nodes[each["from"]], each) for each in summary["links"] if each["to"] == focus["id"]]
    given = summary["given"]["id"] if summary["given"] else None
    shows = [
        (nodes[each["to"]], each)
        for each in summary["links"]
        if each["from"] == focus["id"] and each["to"] != given
    ]
    parts = [f"<h4>{escape(heading)}</h4>"]
    for caption, found in (
        ("Brought about by: how strongly each can cause it", brings),
        ("Shows as: how often each appears when it alone is the cause", shows),
    ):
        if found:
            parts.append(table_html(_list(caption, found, drawing)))
    return f'<div class="sec">{"".join(parts)}</div>'


def _named(drawing: Drawing, node: Mapping[str, Any]) -> str:
    """The node's label; beside a chance, with the state it is the chance of."""
    if node["answer"]:
        return str(node["label"])
    return stated_label(drawing.network.variable(node["id"]), node["state"])


def _list(
    caption: str, found: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], drawing: Drawing
) -> Table:
    found = sorted(found, key=lambda pair: -pair[1]["strength"])
    scale = scales.from_zero(max(link["strength"] for _, link in found))
    return Table(
        ("Name", "Chance or answer", "Strength", "Weight"),
        tuple(
            (
                _named(drawing, node),
                f"{node['answer']} (answered)" if node["answer"] else wording.chance(node["chance"]),
                wording.two_figures(link["strength"]),
                "" if node["weight"] is None else f"{wording.signed(node['weight'])} bits",
            )
            for node, link in found
        ),
        caption=caption,
        numbers=(2,),
        shown=12,
        drawn=Drawn(tuple(row_marks.amount(scale, link["strength"]) for _, link in found)),
        under=((1, 0), (3, 2)),
    )
