"""`notebooks`: the five stories, put into a folder of one's own to be opened and changed.

In an installed wheel they lie inside the package, out of a reader's sight; in a checkout beside it.
"""

from __future__ import annotations

import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from massage_pain.errors import NetworkFileError, printable

if TYPE_CHECKING:
    import argparse

_PACKAGE = Path(__file__).resolve().parent.parent


def stories() -> tuple[Path, ...]:
    """The files of the notebooks that come with the library, in the order they are read."""
    inside = _PACKAGE / "notebooks"
    return tuple(sorted((inside if inside.is_dir() else _PACKAGE.parent / "notebooks").glob("*.ipynb")))


def answer(arguments: argparse.Namespace) -> str:
    """Copy them, and say how to open the first. What is there already may hold somebody's work, and stays.

    Raises `NetworkFileError` where nothing can be written.
    """
    folder = Path(arguments.folder)
    lines = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for each in stories():
            target = folder / each.name
            kept = target.exists()
            if not kept:
                target.write_bytes(each.read_bytes())
            lines.append(f"{'Kept as it is' if kept else 'Written'}: {printable(str(target))}")
    except OSError as error:
        raise NetworkFileError(
            f"the notebooks cannot be written there ({error.strerror}).", file=printable(str(folder))
        ) from None
    first = shlex.quote(str(folder / stories()[0].name))
    if find_spec("jupyterlab") is None:
        lines.append('JupyterLab is not installed: pip install "massage-pain[notebook]"')
    lines.append(f"Open the first with: jupyter lab {printable(first)}")
    return "\n".join(lines)
