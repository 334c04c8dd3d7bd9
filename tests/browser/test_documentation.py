"""The documentation in a browser: no error, nothing from outside, nothing grave for axe, no sideways scroll.

The search, too, works without another host.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.browser.accessibility import grave_violations
from tests.browser.conftest import Watched


class Quiet(SimpleHTTPRequestHandler):
    """A server that does not write down what it is asked."""

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def address(browser: Any, axe_source: str, site: Path) -> Iterator[str]:
    """Where the built pages are served: this machine only. Built last, when all else is there."""
    handler = functools.partial(Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 400)])
def test_every_page(
    address: str, site: Path, page: Any, watched: Watched, axe_source: str, scheme: str, width: int
) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("response", lambda got: complaints.append(got.url) if got.status >= 400 else None)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    found = {}
    names = [each.relative_to(site).as_posix() for each in sorted(site.rglob("*.html"))]
    for name in names:
        if name.startswith(("_static", "_modules")):
            continue
        page.goto(address + name)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        grave = grave_violations(page, axe_source, "html")
        if wide > 0 or grave or complaints:
            found[name] = (f"{wide} px too wide", grave, list(complaints))
            complaints.clear()
    assert found == {}
    assert watched.outside == []
    assert watched.errors == []


def test_the_search_finds_a_page(address: str, page: Any, watched: Watched) -> None:
    page.goto(f"{address}search.html?q=counterfactual")
    # hits are shown one by one: the first to be seen need not be this one
    page.locator('ul.search li a[href*="would_have"]').first.wait_for()
    assert watched.outside == []
