"""A fresh process that imports, loads, and prints its first posteriors, beside bare numpy and the peers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.benchmarks.report import FRESH
from tests.benchmarks.timing import CHECKOUT, alternating

if TYPE_CHECKING:
    from massage_pain import Reasoner
    from tests.benchmarks.report import Report

CASE = {"focal_pressure": "present", "local_numbness": "present", "limb_numbness": "absent"}

OURS = f"""
import json
import massage_pain as mp
back = mp.load()
network = back.network
evidence = {{**{CASE!r}, network.complaint.id: network.complaint.present}}
causes = [each.id for each in network.causes]
found = back.engine.marginals(evidence, causes)
print(json.dumps({{each: found[each][0, network.variable(each).present_index] for each in causes}}))
"""

ASSESSED = f"""
import massage_pain as mp
print(mp.load().assess({CASE!r}))
"""

PYAGRUM = """
import json, sys
import pyagrum as gum
about = json.loads(open(sys.argv[1] + "/about.json").read())
model = gum.loadBN(sys.argv[1] + "/network.bif")
engine = gum.LazyPropagation(model)
for cause in about["causes"]:
    engine.addTarget(cause)
engine.setEvidence(about["evidence"])
engine.makeInference()
found = {}
for cause, present in about["causes"].items():
    at = model.variable(cause).labels().index(present)
    found[cause] = float(engine.posterior(cause).toarray()[at])
print(json.dumps(found))
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


def written_for_peers(back: Reasoner, folder: Path) -> None:
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
    network.write(folder / "network.bif")
    tables = {each.id: network.cpd(each.id).reshape(-1, len(each.states)).T for each in network.nodes}
    np.savez(folder / "tables.npz", **tables)


class Fresh:
    """Processes that find their modules compiled, as installed ones are: the first run of each compiles."""

    def __init__(self, folder: Path) -> None:
        without = ("PYTHONDONTWRITEBYTECODE",)
        self.environment = {name: value for name, value in os.environ.items() if name not in without}
        self.environment |= {"PYTHONPYCACHEPREFIX": str(folder / "compiled"), "PYTHONIOENCODING": "utf-8"}
        self.environment["PYTHONPATH"] = str(CHECKOUT)

    def __call__(self, code: str, *arguments: str) -> str:
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", env=self.environment, check=True
        )
        return done.stdout


def test_fresh_process(back: Reasoner, report: Report, tmp_path: Path) -> None:
    pytest.importorskip("pgmpy")
    pytest.importorskip("pyagrum")
    written_for_peers(back, tmp_path)
    fresh = Fresh(tmp_path)
    ours = json.loads(fresh(OURS).splitlines()[-1])
    by_pgmpy = json.loads(fresh(PGMPY, str(tmp_path)).splitlines()[-1])
    by_pyagrum = json.loads(fresh(PYAGRUM, str(tmp_path)).splitlines()[-1])
    assert ours == pytest.approx(by_pgmpy, abs=1e-9)
    assert ours == pytest.approx(by_pyagrum, abs=1e-5)  # its reader keeps floats of 24 bits
    for code in ("import numpy", ASSESSED):
        fresh(code)

    times = alternating(
        15,
        {
            "pgmpy": lambda: fresh(PGMPY, str(tmp_path)),
            "pyAgrum": lambda: fresh(PYAGRUM, str(tmp_path)),
            "ours": lambda: fresh(OURS),
            "numpy": lambda: fresh("import numpy"),
            "assessed": lambda: fresh(ASSESSED),
        },
        limit=30.0,
    )
    peers = {name: times[name] for name in ("pyAgrum", "pgmpy")}
    work = "fresh process: import, load, first posteriors"
    report.add(FRESH, work, "pgmpy", times["pgmpy"], note="tables from a file of plain arrays")
    report.add(FRESH, work, "pyAgrum", times["pyAgrum"], note="built from a BIF file")
    slower = times["ours"].median / times["pyAgrum"].median
    report.add(
        FRESH,
        work,
        "massage_pain",
        times["ours"],
        against=peers,
        least={"pgmpy": 10.0},
        goals=[("at most 1.3 times the time of pyAgrum", slower <= 1.3)],
        note=f"{times['ours'].median / times['numpy'].median:.2f} times bare `import numpy`",
    )
    report.add(FRESH, "bare `import numpy`", "numpy", times["numpy"])
    report.add(FRESH, "import, load, one assessment printed", "massage_pain", times["assessed"])
