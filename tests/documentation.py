"""The documentation, built once for all tests that look at its pages."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
DOCS = CHECKOUT / "docs"
NEEDED = ("sphinx", "myst_nb", "pydata_sphinx_theme", "latex2mathml", "ipykernel", "matplotlib", "ipywidgets")


def built_in(folder: Path) -> Path:
    """The pages, built as the first line of docs/conf.py says, warnings as errors."""
    missing = [each for each in NEEDED if importlib.util.find_spec(each) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (the docs extra has them)")
    pages = folder / "pages"
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-d", str(folder / "trees")]
    done = subprocess.run(
        [*command, str(DOCS), str(pages)], capture_output=True, encoding="utf-8", cwd=CHECKOUT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return pages
