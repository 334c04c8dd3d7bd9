"""Every link of a network in one table: bigger dot, stronger link.

Where the roles make columns, the causes are the columns, factors and symptoms the rows, all in the order of
the picture. Any other network is a list of its links.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from massage_pain.display import wording
from massage_pain.display.escape import escape
from massage_pain.display.report_card import table_html
from massage_pain.display.tables import Table

MOST_ROWS = 400


def matrix(summary: Mapping[str, Any], order: Sequence[str] = ()) -> str:
    """The links as a table of dots, its rows and columns in this order, or as a list."""
    place = {name: at for at, name in enumerate(order)}
    nodes = sorted(summary["nodes"], key=lambda each: place.get(each["id"], len(place)))
    causes = [each for each in nodes if each["role"] == "cause"]
    names = {each["id"] for each in causes}
    between = all((link["from"] in names) != (link["to"] in names) for link in summary["links"])
    if not causes or not between or len(causes) > 10:
        return _listed(summary)
    strength = {(link["from"], link["to"]): link for link in summary["links"]}
    above = [each for each in nodes if any((each["id"], cause) in strength for cause in names)]
    below = [each for each in nodes if any((cause, each["id"]) in strength for cause in names)]
    heads = "".join(f'<th scope="col">{escape(each["label"])}</th>' for each in causes)
    parts = []
    for heading, rows, outward in (("Brings about", above, False), ("Shows as", below, True)):
        if not rows:
            continue
        most = max(link["strength"] for link in summary["links"] if (link["from"] in names) is outward)
        body = "".join(_row(each, causes, strength, most, outward=outward) for each in rows)
        parts.append(
            f'<table class="dots"><thead><tr><th scope="col">{heading}</th>{heads}</tr></thead>'
            f"<tbody>{body}</tbody></table>"
        )
    words = "Bigger dot: stronger link. Columns and rows keep the order of the picture."
    return (
        f'<p class="s">{words}</p><div class="scroll" tabindex="0" role="region" aria-label="All links">'
        f"{''.join(parts)}</div>"
    )


def _row(
    node: Mapping[str, Any],
    causes: Sequence[Mapping[str, Any]],
    strength: Mapping[tuple[str, str], Mapping[str, Any]],
    most: float,
    *,
    outward: bool,
) -> str:
    cells = []
    for cause in causes:
        link = strength.get((cause["id"], node["id"]) if outward else (node["id"], cause["id"]))
        if link is None:
            cells.append("<td></td>")
            continue
        # the area tells the strength
        radius = 9 * (link["strength"] / (most or 1.0)) ** 0.5
        circle = f'<circle class="so" cx="10" cy="10" r="{radius:.1f}"/>'
        dot = f'<svg width="20" height="20" aria-hidden="true">{circle}</svg>'
        cells.append(f"<td>{dot}{wording.two_figures(link['strength'])}</td>")
    return f'<tr><th scope="row">{escape(node["label"])}</th>{"".join(cells)}</tr>'


def _listed(summary: Mapping[str, Any]) -> str:
    label = {each["id"]: each["label"] for each in summary["nodes"]}
    links = sorted(summary["links"], key=lambda link: -link["strength"])
    table = Table(
        ("From", "To", "Strength"),
        tuple(
            (label[link["from"]], label[link["to"]], wording.two_figures(link["strength"]))
            for link in links[:MOST_ROWS]
        ),
        caption="The most that the first can change the second by itself. The strongest first.",
        numbers=(2,),
        shown=MOST_ROWS,
    )
    left = len(links) - MOST_ROWS
    return table_html(table) + (f"<p>{left:,} weaker ones are not shown.</p>" if left > 0 else "")
