"""What the pages show but what stands beside docs/: copies and lists, made anew whenever they are built."""

from __future__ import annotations

import inspect
import pkgutil
from pathlib import Path
from types import ModuleType

FLOORS = ("errors", "knowledge", "inference", "advice", "reasoning", "reasoner", "display", "batches")
"""The floors of the house, bottom to top; what is none of them stands at the end of the list."""


def notebooks(there: Path, here: Path) -> None:
    """The notebooks, for Sphinx reads only what lies under docs/."""
    here.mkdir(exist_ok=True)
    books = {each.name: each.read_text(encoding="utf-8") for each in there.glob("*.ipynb")}
    for old in here.glob("*.ipynb"):
        if old.name not in books:
            old.unlink()
    for name, book in books.items():
        _write(here / name, book.replace("](../docs/", "](../"))  # a link to a page, seen from its new place


def functions(package: ModuleType, page: Path) -> None:
    """A page with every public function."""
    found = [name for name in package.__all__ if inspect.isfunction(getattr(package, name))]
    _write(page, _page("Functions", "", [f".. autofunction:: {name}" for name in found]))


def errors(package: ModuleType, page: Path) -> None:
    """A page with every public error and warning."""
    found = [
        name
        for name in package.__all__
        if inspect.isclass(getattr(package, name)) and issubclass(getattr(package, name), Exception)
    ]
    found.sort(
        key=lambda name: (issubclass(getattr(package, name), Warning), name != "MassagePainError", name)
    )
    intro = (
        "Every error is a `MassagePainError` and the built-in that fits it. Its sentence says what is\n"
        "wrong, where, the value that was given, and what is allowed."
    )
    _write(
        page, _page("Errors", intro, [f".. autoexception:: {name}\n   :show-inheritance:" for name in found])
    )


def rooms(package: ModuleType, page: Path) -> None:
    """A page with the docstring of every module, which holds its theory."""
    names = [each.name for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    of_floor = {floor: [name for name in names if name.split(".")[1] == floor] for floor in FLOORS}
    rest = [package.__name__, *(name for name in names if name.split(".")[1] not in FLOORS)]
    parts = []
    for floor, members in {**of_floor, "and the rest": rest}.items():
        if members:
            parts.append(_title(floor, "-"))
        for name in members:
            if name.count(".") > 1:
                parts.append(_title(name.partition(".")[2], "~"))
            parts.append(f".. automodule:: {name}\n   :no-members:\n   :no-index:")
    intro = (
        "Every module, floor by floor from the bottom. Imports point one way, down. What a room does and\n"
        "the theory it rests on stand in its docstring; this page is nothing else."
    )
    _write(page, _page("The rooms", intro, parts))


def _page(title: str, intro: str, parts: list[str]) -> str:
    return "\n\n".join([_title(title, "="), ".. currentmodule:: massage_pain", intro, *parts]) + "\n"


def _title(words: str, underline: str) -> str:
    return f"{words}\n{underline * len(words)}"


def _write(path: Path, text: str) -> None:
    """Only what has changed, so that Sphinx need not read the rest again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
