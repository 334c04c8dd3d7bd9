"""The cards where VS Code puts them, as far as that can be had without VS Code.

The page is laid out as its built-in notebook renderer does: the HTML goes in as `innerHTML`, unsanitised,
below `#container`; the body says which theme; the frame's security policy forbids what comes from outside.
In a workspace that is not trusted that renderer leaves HTML out, and nothing of a card remains to be seen.
Not had: the widgets of the explorer, which the Jupyter extension draws with its own copy of ipywidgets.
"""

from __future__ import annotations

from typing import Any

import pytest

import massage_pain as mp
from tests.browser.accessibility import grave_violations
from tests.browser.conftest import Watched
from tests.browser.test_cards import results

PAGE = """<!doctype html><html lang="en"><head><title>Notebook</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none';
script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:">
<style>
body {{ background: {ground}; color: {ink}; font: 13px system-ui; padding: 0 20px; margin: 0 }}
#container div.output > div {{ box-sizing: border-box; border: 1px solid transparent; padding: 0 8px }}
table {{ border-collapse: collapse; border-spacing: 0 }}
table, thead, tr, th, td, tbody {{ border: none }}
table th, table td {{ text-align: right; padding: .5em; white-space: normal }}
tbody tr:nth-child(even) {{ background: #00f3 }}
a {{ color: red }} code {{ color: red }}
</style></head>
<body class="{theme}"><main id="container"><h1>Notebook</h1><h2>A result</h2><div class="cell_container">
<div class="output_container"><div class="output"></div></div></div></main></body></html>"""

THEMES = {
    "vscode-light": ("#ffffff", "#333333"),
    "vscode-dark": ("#1e1e1e", "#cccccc"),
    "vscode-high-contrast": ("#000000", "#ffffff"),
    "vscode-high-contrast vscode-high-contrast-light": ("#ffffff", "#292929"),
}

PUT = """html => {
    window.refused = [];
    document.addEventListener("securitypolicyviolation", each => window.refused.push(each.violatedDirective));
    const made = document.createElement("div");
    made.innerHTML = html;
    document.querySelector(".output").replaceChildren(made);
}"""


def brightness(colour: str) -> float:
    """From 0 to 1, of a colour as the browser writes it."""
    red, green, blue = (int(each) for each in colour.partition("(")[2].rstrip(")").split(",")[:3])
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


@pytest.mark.parametrize("theme", THEMES)
def test_cards(back: mp.Reasoner, page: Any, watched: Watched, axe_source: str, theme: str) -> None:
    page.set_viewport_size({"width": 700, "height": 900})
    ground, ink = THEMES[theme]
    page.set_content(PAGE.format(theme=theme, ground=ground, ink=ink))
    found = {}
    for name, html in results(back).items():
        page.evaluate(PUT, html)
        page.eval_on_selector_all("details", "found => found.forEach(each => { each.open = true })")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        grave = grave_violations(page, axe_source, "#container")
        painted = page.eval_on_selector("article.mp", "card => getComputedStyle(card).backgroundColor")
        fits = (brightness(painted) > 0.5) == (ground == "#ffffff")
        striped = page.eval_on_selector_all(
            "article.mp tbody tr",
            "rows => new Set(rows.map(each => getComputedStyle(each).backgroundColor)).size",
        )
        refused = page.evaluate("window.refused")
        if wide > 0 or grave or refused or not fits or striped > 2:
            found[name] = (f"{wide} px too wide", grave, refused, painted, striped)
    assert found == {}
    assert watched.outside == []
    assert watched.errors == []
