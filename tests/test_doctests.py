"""Every example in a docstring runs."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import massage_pain

MODULES = [
    "massage_pain",
    *(
        each.name
        for each in pkgutil.walk_packages(massage_pain.__path__, "massage_pain.")
        if not each.name.endswith("__main__")
    ),
]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=FLAGS)
    assert failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    assert any(each.examples for name in MODULES for each in finder.find(importlib.import_module(name)))
