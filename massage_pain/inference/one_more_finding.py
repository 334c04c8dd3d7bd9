"""What would be believed of one case if one more thing were known of it: every state of every variable asked.

Each is a case of its own and any engine answers them as a batch. A compiled network whose core separates it
needs one propagation for all of them (`layered_one_more`); the numbers are the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from massage_pain.inference.cause_beliefs import CauseBeliefs, cause_beliefs, from_joint
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import NOT_ASKED, Evidence
from massage_pain.inference.propagation import Engine
from massage_pain.knowledge.network import Network


def beliefs_with_one_more(engine: Engine, one: Evidence, names: Sequence[str]) -> CauseBeliefs:
    """P(causes | findings) of one case, then with each state of each of `names` added, in turn.

    Of `names` nothing may be known. Raises what `cause_beliefs` raises.
    """
    network = engine.network
    causes = tuple(each.id for each in network.causes)
    found = (
        engine.with_one_more(one, names, causes) if isinstance(engine, CompiledNetwork) and causes else None
    )
    if found is None:
        return cause_beliefs(engine, cases_with_one_more(network, one, names))
    return from_joint(network, *found)


def cases_with_one_more(network: Network, one: Evidence, names: Sequence[str]) -> Evidence:
    """One case as it is, then with each state of each of `names`, in turn."""
    sizes = [len(network.variable(name).states) for name in names]
    count = 1 + sum(sizes)
    found = one.take(np.zeros(count, dtype=np.intp))
    codes = np.full((len(names), count), NOT_ASKED, dtype=np.int16)
    start = 1
    for column, size in zip(codes, sizes, strict=True):
        column[start : start + size] = np.arange(size)
        start += size
    return found.with_codes({**found.codes, **dict(zip(names, codes, strict=True))})
