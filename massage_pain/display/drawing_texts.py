"""A drawing in the languages of other programs: Graphviz's DOT and Mermaid.

Names go in as labels only, quoted as each language wants it; nodes are numbered, so no name is ever read as
syntax.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeAlias

from massage_pain.display import wording
from massage_pain.display.escape import plain
from massage_pain.display.style import TOKENS
from massage_pain.display.urgent import warned

Link: TypeAlias = tuple[str, str]


def _numbered(summary: Mapping[str, Any]) -> dict[str, str]:
    return {each["id"]: f"n{at}" for at, each in enumerate(summary["nodes"])}


def _second_line(node: Mapping[str, Any]) -> str:
    return node["answer"] or wording.chance(node["chance"])


# -- Graphviz ----------------------------------------------------------------------------------------------


def dot(summary: Mapping[str, Any]) -> str:
    """Every link, as wide as it is strong."""
    number = _numbered(summary)
    focus = summary["cause"]["id"] if summary["cause"] else None
    ink, edge, blue = (TOKENS[name][0] for name in ("ink", "edge", "for"))
    lines = [
        f"digraph {_quoted(summary['network']['name'])} {{",
        "  rankdir=LR;",
        f'  node [shape=box, style=rounded, fontname="sans-serif", color="{edge}"];',
        f'  edge [color="{edge}", arrowsize=0.6];',
    ]
    found = warned(summary)
    if found is not None:
        lines.append(f'  label={_quoted(found.line)}; labelloc=t; fontsize=24; fontname="sans-serif";')
    for each in summary["nodes"]:
        look = f', color="{ink}", penwidth=2' if each["answer"] else ""
        look = f', color="{blue}", penwidth=2.5' if each["id"] == focus else look
        label = _quoted(each["label"], _second_line(each))
        lines.append(f"  {number[each['id']]} [label={label}{look}];")
    for role in ("factor", "cause", "symptom"):
        column = [number[each["id"]] for each in summary["nodes"] if each["role"] == role]
        if column:
            lines.append(f"  {{ rank=same; {'; '.join(column)} }}")
    for each in summary["links"]:
        ends = f"{number[each['from']]} -> {number[each['to']]}"
        lines.append(f"  {ends} [penwidth={0.5 + 4 * each['share']:.2f}];")
    return "\n".join([*lines, "}", ""])


def _quoted(*lines: str) -> str:
    words = [plain(each).replace("\\", "\\\\").replace('"', '\\"') for each in lines]
    return '"' + "\\n".join(words) + '"'


# -- Mermaid -----------------------------------------------------------------------------------------------

_CODES = str.maketrans({letter: f"#{ord(letter)};" for letter in '"#&<>`*_~[](){}|;\\$@%:'})


def mermaid(summary: Mapping[str, Any], shown: Collection[Link]) -> str:
    """The links shown, and the nodes at their ends."""
    number = _numbered(summary)
    focus = summary["cause"]["id"] if summary["cause"] else None
    ends = {name for link in shown for name in link}
    found = warned(summary)
    heading = [] if found is None else ["---", f'title: "{_coded(found.line)}"', "---"]
    lines = [*heading, "flowchart LR"]
    for each in summary["nodes"]:
        if each["id"] in ends or not shown:
            words = f"{_coded(each['label'])}<br/>{_coded(_second_line(each))}"
            lines.append(f'  {number[each["id"]]}["{words}"]')
    strong = {(each["from"], each["to"]): each["share"] > 0.5 for each in summary["links"]}
    lines += [
        f"  {number[parent]} {'==>' if strong[parent, child] else '-->'} {number[child]}"
        for parent, child in strong
        if (parent, child) in shown
    ]
    if focus in ends:
        lines.append(f"  style {number[focus]} stroke:{TOKENS['for'][0]},stroke-width:3px")
    said = [number[each["id"]] for each in summary["nodes"] if each["answer"] and each["id"] in ends]
    lines += [f"  style {name} stroke:{TOKENS['ink'][0]},stroke-width:3px" for name in said]
    return "\n".join([*lines, ""])


def _coded(words: str) -> str:
    return plain(words).translate(_CODES)
