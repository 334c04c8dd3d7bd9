"""A fresh process that imports, loads, and prints one assessment, beside bare numpy and beside pgmpy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.benchmarks.report import CHECKOUT, best_of

if TYPE_CHECKING:
    from massage_pain import Reasoner
    from tests.benchmarks.report import Report

CASE = {"focal_pressure": "present", "local_numbness": "present", "limb_numbness": "absent"}

OURS = f"""
import json, sys
sys.path.insert(0, {str(CHECKOUT)!r})
import massage_pain as mp
seen = mp.load().assess(mp.Case({CASE!r}))
print(seen)
print(json.dumps(dict(seen.posterior.probabilities)))
"""

# pgmpy gets its tables from a file of plain arrays, which is quicker to read than any format of its own, and
# is asked cause by cause, which is the quickest way to ask it.
PGMPY = """
import json, sys, warnings
warnings.simplefilter("ignore")
import numpy as np
from pgmpy.factors.discrete import TabularCPD
from pgmpy.inference import VariableElimination
from pgmpy.models import DiscreteBayesianNetwork
about = json.loads(open(sys.argv[1] + "/about.json").read())
tables = np.load(sys.argv[1] + "/tables.npz")
states, parents = about["states"], about["parents"]
model = DiscreteBayesianNetwork([(p, v) for v in states for p in parents[v]])
model.add_nodes_from(states)
for v in states:
    model.add_cpds(TabularCPD(v, len(states[v]), tables[v], parents[v] or None,
                              [len(states[p]) for p in parents[v]] or None,
                              state_names={each: states[each] for each in [v, *parents[v]]}))
engine = VariableElimination(model)
found = {}
for cause, present in about["causes"].items():
    answer = engine.query([cause], about["evidence"], show_progress=False)
    found[cause] = float(answer.values[answer.state_names[cause].index(present)])
print(json.dumps(found))
"""


def written_for_pgmpy(back: Reasoner, folder: Path) -> None:
    network = back.network
    evidence = dict(CASE)
    if network.complaint is not None:
        evidence[network.complaint.id] = network.complaint.present
    about = {
        "states": {each.id: list(each.states) for each in network.nodes},
        "parents": {each.id: list(network.parents(each.id)) for each in network.nodes},
        "causes": {each.id: each.present for each in network.causes},
        "evidence": evidence,
    }
    (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")
    tables = {each.id: network.cpd(each.id).reshape(-1, len(each.states)).T for each in network.nodes}
    np.savez(folder / "tables.npz", **tables)


class Fresh:
    """Processes that find their modules compiled, as installed ones are: the first run of each compiles."""

    def __init__(self, folder: Path) -> None:
        without = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
        self.environment = {name: value for name, value in os.environ.items() if name not in without}
        self.environment |= {"PYTHONPYCACHEPREFIX": str(folder / "compiled"), "PYTHONIOENCODING": "utf-8"}

    def __call__(self, code: str, *arguments: str) -> str:
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", env=self.environment, check=True
        )
        return done.stdout


def test_fresh_process(back: Reasoner, report: Report, tmp_path: Path) -> None:
    pytest.importorskip("pgmpy")
    written_for_pgmpy(back, tmp_path)
    fresh = Fresh(tmp_path)
    ours = json.loads(fresh(OURS).splitlines()[-1])
    theirs = json.loads(fresh(PGMPY, str(tmp_path)).splitlines()[-1])
    assert ours == pytest.approx(theirs, abs=1e-9)

    work = "fresh process: import, load, one assessment printed"
    fresh("import numpy")
    pgmpy = best_of(3, lambda: fresh(PGMPY, str(tmp_path)))
    numpy = best_of(7, lambda: fresh("import numpy"))
    us = best_of(7, lambda: fresh(OURS))
    report.add(work, "pgmpy, the posteriors alone (peer)", pgmpy)
    report.add(work, "bare `import numpy`", numpy, against=pgmpy)
    report.add(work, "massage_pain", us, against=pgmpy, note=f"{us / numpy:.2f} times bare numpy")
