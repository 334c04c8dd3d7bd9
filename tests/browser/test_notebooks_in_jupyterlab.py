"""Every notebook opens and runs in JupyterLab without an error, and asks for nothing outside."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Watched
from tests.browser.laboratory import CHECKOUT, Laboratory, errors_on, run_all

NOTEBOOKS = sorted((CHECKOUT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs(notebook: Path, page: Any, watched: Watched, lab: Laboratory) -> None:
    shutil.copy(notebook, lab.folder)
    page.goto(lab.page_of(notebook.name))
    run_all(page)
    assert errors_on(page) == []
    assert page.locator(".jp-OutputArea-output").count() > 0
    assert watched.outside == []
    assert watched.dialogs == []
