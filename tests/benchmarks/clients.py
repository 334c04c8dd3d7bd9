"""Cases to time with: complete cases drawn from the shipped network, then answers struck out at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from massage_pain.knowledge.network import Network

SEED = 7
AT_ONCE = 200_000


def drawn(network: Network, cases: int, *, missing: float, given: tuple[str, ...] = ()) -> pd.DataFrame:
    """`cases` rows of categories drawn from the network; a share `missing` of them is not asked.

    Causes are left out (nobody observes them). Rows are kept only where the complaint is present, as
    in those who come to be assessed; `given` names columns that are never struck out.
    """
    rng = np.random.default_rng(SEED)
    parts: list[dict[str, np.ndarray]] = []
    kept = 0
    while kept < cases:
        codes = draw(network, min(2 * cases, AT_ONCE), rng)
        if network.complaint is not None:
            present = codes[network.complaint.id] == network.complaint.present_index
            codes = {name: each[present] for name, each in codes.items()}
        kept += len(next(iter(codes.values())))
        parts.append({name: each.astype(np.int8) for name, each in codes.items()})
    frame = {}
    for variable in network.nodes:
        if variable.role in ("factor", "symptom"):
            rows = np.concatenate([each[variable.id] for each in parts])[:cases]
            if variable.id not in given:
                rows = np.where(rng.random(cases) < missing, -1, rows)
            frame[variable.id] = pd.Categorical.from_codes(rows, list(variable.states))
    return pd.DataFrame(frame)


def draw(network: Network, cases: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Ancestral sampling: every variable after its parents. Codes, shape (cases,)."""
    codes: dict[str, np.ndarray] = {}
    for name in network.topological_order:
        rows = network.cpd(name)[tuple(codes[each] for each in network.parents(name))]
        ends = np.broadcast_to(np.cumsum(rows, axis=-1), (cases, rows.shape[-1]))
        codes[name] = np.minimum((rng.random((cases, 1)) >= ends).sum(axis=1), rows.shape[-1] - 1)
    return codes


def findings(frame: pd.DataFrame, row: int, network: Network) -> dict[str, str]:
    """One row as plain evidence, with the complaint that an assessment takes for granted."""
    found = {name: state for name, state in frame.iloc[row].items() if isinstance(state, str)}
    if network.complaint is not None:
        found[network.complaint.id] = network.complaint.present
    return found
