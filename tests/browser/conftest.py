"""A browser and a JupyterLab for the tests of this folder, or the reason why there are none.

`MASSAGE_PAIN_CHROMIUM` names the browser where it is not on the path, `MASSAGE_PAIN_AXE` the file axe.min.js.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.laboratory import CHECKOUT, Laboratory, laboratory

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """The browser, if there is one."""
    named = os.environ.get("MASSAGE_PAIN_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser")


def axe() -> Path | None:
    """The file axe.min.js of the npm package axe-core, if there is one."""
    named = os.environ.get("MASSAGE_PAIN_AXE")
    if named:
        return Path(named)
    found = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"
    return found if found.is_file() else None


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed (extra browser)"
    )
    path = chromium()
    if path is None:
        pytest.skip("there is no chromium on the path (apt-get install chromium)")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=path, args=OPTIONS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """A JupyterLab."""
    for each in ("jupyterlab", "ipywidgets"):
        if importlib.util.find_spec(each) is None:
            pytest.skip(f"{each} is not installed (extra notebook)")
    with laboratory(tmp_path_factory.mktemp("lab")) as running:
        yield running


class Watched:
    """What happened on a page behind the scenes."""

    def __init__(self) -> None:
        self.outside: list[str] = []
        self.dialogs: list[str] = []
        self.errors: list[str] = []


@pytest.fixture
def watched() -> Watched:
    """What the page of this test did behind the scenes."""
    return Watched()


def new_page(browser: Any, watched: Watched) -> Any:
    """A page that may speak to the loopback only; whatever else it asks for is noted and refused."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    opened = context.new_page()

    def let_through(route: Any) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in ("data", "blob") or address.hostname == "127.0.0.1":
            route.continue_()
        else:
            watched.outside.append(route.request.url)
            route.abort()

    def dismiss(dialog: Any) -> None:
        if dialog.type == "beforeunload":  # JupyterLab's own, about a notebook that is not saved
            dialog.accept()
            return
        watched.dialogs.append(dialog.message)
        dialog.dismiss()

    context.route("**/*", let_through)
    opened.on("dialog", dismiss)
    opened.on("pageerror", lambda each: watched.errors.append(str(each)))
    return opened


@pytest.fixture
def page(browser: Any, watched: Watched) -> Iterator[Any]:
    """A page that is watched."""
    opened = new_page(browser, watched)
    yield opened
    opened.context.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The source of axe-core."""
    path = axe()
    if path is None or not path.is_file():
        pytest.skip("axe-core is not here (npm install axe-core, or MASSAGE_PAIN_AXE)")
    return path.read_text(encoding="utf-8")
