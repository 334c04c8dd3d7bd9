"""The notebooks run from top to bottom, say what is true, and are stored without outputs."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((CHECKOUT / "notebooks").glob("*.ipynb"))

# What the prose of a notebook claims, checked in its own kernel after its last cell.
CLAIMS = {
    "01_first_case": """
first, second = seen.posterior.marginals.index[:2]
assert first == "impaired_circulation"
assert seen.posterior.marginals[first] > 2 * seen.posterior.marginals[second]
assert seen.urgency is mp.Urgency.STOP_AND_REST
assert "saddle_numbness" in {each.variable for each in seen.unscreened}
assert alarm.urgency is mp.Urgency.EMERGENCY
assert alarm.posterior.marginals.equals(seen.posterior.marginals)
assert back.screen(client).contraindication > mp.Contraindication.NONE
fallen = seen.posterior.marginals.lt(back.assess({}).posterior.marginals.reindex_like(seen.posterior.marginals))
assert set(fallen[fallen].index) == set(seen.posterior.marginals.index) - {first}
""",
}


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def sources(path: Path, kind: str) -> list[str]:
    return ["".join(cell["source"]) for cell in read(path)["cells"] if cell["cell_type"] == kind]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_there_are_notebooks() -> None:
    assert [each.stem for each in NOTEBOOKS][:1] == ["01_first_case"]


def test_stored_without_outputs(notebook: Path) -> None:
    for cell in read(notebook)["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


def test_opens_with_a_question_and_ends_with_its_answer(notebook: Path) -> None:
    prose = sources(notebook, "markdown")
    assert prose[0].startswith("# ")
    assert "?" in prose[0]
    assert "## The answer" in prose[-1]
    assert "## Exercises" in prose[-1]


def test_thin(notebook: Path) -> None:
    """A notebook calls the library; what needs a function belongs into the library."""
    for code in sources(notebook, "code"):
        assert not any(line.lstrip().startswith(("def ", "class ", "async ")) for line in code.splitlines())
        assert "lambda" not in code


@pytest.mark.skipif(
    any(importlib.util.find_spec(each) is None for each in ("nbclient", "nbformat", "ipykernel")),
    reason="nbclient and ipykernel are not installed (the test extra has them)",
)
def test_runs(notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbclient
    import nbformat

    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))
    book = nbformat.read(notebook, as_version=4)
    book.cells.append(nbformat.v4.new_code_cell(CLAIMS[notebook.stem]))
    folder = {"metadata": {"path": str(notebook.parent)}}
    nbclient.NotebookClient(book, timeout=300, kernel_name="python3", resources=folder).execute()
    for cell in book.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text
