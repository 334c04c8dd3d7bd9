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
before = back.assess({}).posterior.marginals.reindex_like(seen.posterior.marginals)
fallen = seen.posterior.marginals < before
assert set(fallen[fallen].index) == set(seen.posterior.marginals.index) - {first}
""",
    "02_next_question": """
assert list(seen.posterior.marginals.index[:2]) == ["fasciitis", "muscle_strain"]
assert why.contributions[0].variable == "continuous_dull_pain"
assert abs(why.prior + weights.sum() - why.posterior) < 1e-9
assert best["for the decision"] != best["for knowing the causes"] == "tender_bands"
assert table.loc["tender_bands", "changes"] == 0 < table["changes"].max()
assert np.allclose(after.loc["weighed together"], after.loc["now"])
assert len(now.transcript) < (len(client) - len(case)) / 3
assert everything.urgency is now.assessment.urgency
assert everything.top_cause == now.assessment.top_cause
assert back.conflict(record).poor
""",
    "03_what_if": """
assert seen.urgency is mp.Urgency.SEE_DOCTOR
assert lighter.ranking[0].variable == "massage_pressure"
assert lighter.ranking[1].variable == "poor_technique"
assert round(100 * (lighter.outcome.before - lighter.outcome.after)) == 7
assert lighter.outcome.high < 0
import numpy as np
others = [each.id for each in back.network.causes if each.id != "nerve_compression"]
assert np.allclose(chances.loc[others, "squeezed by hand"], chances.loc[others, "before"])
assert (chances.loc[others, "found squeezed, and it hurts"] > chances.loc[others, "before"]).all()
assert 0.25 < would.avoided < 0.35
assert 0.55 < both_then.avoided < 0.65
low, high = sure.of("nerve_compression")
assert round(low, 2) == 0.65 and round(high, 2) == 0.87
assert sure.ranks_first[0] == 1.0 and sure.same_urgency == 1.0
""",
    "04_many_cases": """
assert 1 / 8 < ask_first.mean() < 1 / 6
assert 0.45 < doctor.mean() < 0.55
assert 1 / 12 < (answers["urgency"] >= "SAME_DAY").sum() / doctor.sum() < 1 / 8
assert flags.value_counts().index[0] == "first_pain_after_50"
assert answers["provisional"].mean() > 0.95
assert (calibration["predicted"] - calibration["happened"]).abs().max() < 0.02
assert checked.error < 0.02
assert spared.index[-1] == network.variable("massage_pressure").label
assert spared.iloc[-2] < spared.iloc[-1] / 2
assert back.what_if(ada).ranking[0].variable == "cold_exposure"
""",
    "05_your_own_network": """
assert bread.assess(case).urgency is None
assert bread.ask({"cold_kitchen": "present"}).questions[0].variable == "bubbles"
assert lungs.ask(patient).questions[0].variable == "x_ray"
assert abs(ours - float(theirs.get_value(lung_cancer="yes"))) < 1e-12
rain = lawn.explain({"wet": "yes", "sprinkler": "on"}, "rain")
assert [each.variable for each in rain.speaks_against] == ["sprinkler"]
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
    assert [each.stem for each in NOTEBOOKS] == list(CLAIMS)


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
    book.cells.append(nbformat.v4.new_code_cell(CLAIMS.get(notebook.stem, "")))
    folder = {"metadata": {"path": str(notebook.parent)}}
    nbclient.NotebookClient(book, timeout=300, kernel_name="python3", resources=folder).execute()
    for cell in book.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text
