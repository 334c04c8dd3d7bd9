"""Nothing heavy is imported before it is asked for, and a result does not import what draws it.

The order of the floors is import-linter's (pyproject.toml); it cannot tell an import inside a function from
one at the top of a module, and that difference is what is checked here.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGE = CHECKOUT / "massage_pain"
MODULES = sorted(PACKAGE.rglob("*.py"))
DRAWN = ("advice", "reasoning")
LATE = ("pandas", "networkx", "pgmpy", "scipy", "IPython", "ipywidgets", "matplotlib", "resvg_py")
HEAVY = (
    "pandas networkx pgmpy scipy sklearn statsmodels matplotlib IPython ipywidgets ipykernel resvg_py "
    "pyarrow dask asyncio unittest"
)


@pytest.mark.parametrize(
    "code",
    [
        "import massage_pain as mp; mp.load().assess({'focal_pressure': 'present'})._repr_html_()",
        "import massage_pain as mp; mp.load().draw({'focal_pressure': 'present'}).to_svg()",
        "import massage_pain as mp; print(mp.load().assess({'focal_pressure': 'present'}))",
        "import massage_pain as mp; print(mp.load().screen({'massage_pressure': 'firm'}).to_dict())",
        "from massage_pain.cli import main; main(['assess', 'saddle_numbness=present', '--json'])",
        "from massage_pain.cli import main; main(['network', 'show', 'back_pain', 'fasciitis'])",
    ],
    ids=["card", "drawing", "assess", "screen", "assess --json", "network show"],
)
def test_nothing_heavy_is_imported_for_an_answer(code: str) -> None:
    code += f"\nimport sys; print('loaded:', *[each for each in {HEAVY!r}.split() if each in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", env=environment, check=True
    )
    assert done.stdout.splitlines()[-1] == "loaded:"


def imported_at_the_top(module: Path) -> Iterator[str]:
    """What a module imports when it is imported itself; imports for types alone do not count."""
    waiting: list[ast.AST] = [ast.parse(module.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting.extend(node.orelse)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_at_the_top_of_a_module(module: Path) -> None:
    names = list(imported_at_the_top(module))
    assert not [each for each in names if each.partition(".")[0] in LATE]
    if module.relative_to(PACKAGE).parts[0] in DRAWN:
        assert not [each for each in names if each.startswith("massage_pain.display")]


def test_only_the_root_speaks_of_the_root() -> None:
    """A module that imports the package itself would import every floor."""
    for module in MODULES:
        if module.parent != PACKAGE and module.parent.name != "command_line":
            assert "massage_pain" not in list(imported_at_the_top(module)), module
