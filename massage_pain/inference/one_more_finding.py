"""What would be believed of one case if one more thing were known of it: every state of every variable asked.

Each is a case of its own and any engine answers them as a batch. A compiled network whose core separates it
needs one propagation for all of them (`layered_one_more`). For any other the question may be turned round
(Bayes' rule): P(cause, answer | findings) is also what is left of each answer once the cause is supposed, so
there is a case for every state of the causes instead of one for every answer. The numbers are the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from massage_pain.errors import ComplexityError
from massage_pain.inference.cause_beliefs import (
    KEPT_CELLS,
    CauseBeliefs,
    cause_beliefs,
    from_joint,
    with_causes_among,
)
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import NOT_ASKED, Evidence
from massage_pain.inference.posterior import JOINT_CELLS
from massage_pain.inference.propagation import Engine
from massage_pain.knowledge.distributions import FloatArray, cell_count
from massage_pain.knowledge.network import Network

WORTH_TURNING = 2
"""How many times fewer cases must be: each then asks for every answer, not for the causes alone."""


def beliefs_with_one_more(engine: Engine, one: Evidence, names: Sequence[str]) -> CauseBeliefs:
    """P(causes | findings) of one case, then with each state of each of `names` added, in turn.

    Of `names` nothing may be known. Raises what `cause_beliefs` raises.
    """
    network = engine.network
    causes = tuple(each.id for each in network.causes)
    if isinstance(engine, CompiledNetwork) and causes:
        quick = engine.with_one_more(one, names, causes)
        if quick is not None:
            return from_joint(network, *quick)
        turned = _turned(engine, one, names)
        if turned is not None:
            return turned
    return cause_beliefs(engine, cases_with_one_more(network, one, names))


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


def _turned(engine: CompiledNetwork, one: Evidence, names: Sequence[str]) -> CauseBeliefs | None:
    """From a case for every joint state of the causes, or where those are too many for every cause.

    None where that would be more work, or more than the engine takes.
    """
    network = engine.network
    sizes = [len(each.states) for each in network.causes]
    answers = 1 + sum(len(network.variable(name).states) for name in names)
    cells = cell_count(sizes)
    together = cells <= JOINT_CELLS
    events = cells if together else len(sizes) + 2
    if events * WORTH_TURNING > answers or (together and cells * answers > KEPT_CELLS):
        return None
    rows = with_causes_among(
        network,
        one.take(np.zeros(events, dtype=np.intp)),
        _joint_states(sizes) if together else _events(network),
    )
    try:
        found = engine.propagate(rows, tuple(names))
    except ComplexityError:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        chances = np.hstack([np.ones((events, 1)), *(found.marginals[name] for name in names)])
        logs = found.log_evidence[:, None] + np.log(chances)  # of P(findings, event, answer)
        logs[found.log_evidence == -np.inf] = -np.inf
        highest = logs.max(axis=0)
        weights = np.exp(logs - np.where(highest == -np.inf, 0.0, highest))
        if together:
            total = weights.sum(axis=0)
            joint = (weights / total).T.reshape(answers, *sizes)
            return from_joint(network, np.log(total) + highest, joint)
        causes = tuple(each.id for each in network.causes)
        return CauseBeliefs(causes, (weights[1:] / weights[0]).T, logs[0], None)


def _joint_states(sizes: Sequence[int]) -> list[FloatArray]:
    """For each cause which of its states every joint state of all has, (joint states, states)."""
    states = np.indices(sizes).reshape(len(sizes), -1)
    return [np.eye(size)[mine] for size, mine in zip(sizes, states, strict=True)]


def _events(network: Network) -> list[FloatArray]:
    """The same for: anything at all, each cause present, no cause present; (n_causes + 2, states)."""
    found = []
    for at, cause in enumerate(network.causes, 1):
        allowed = np.ones((len(network.causes) + 2, len(cause.states)))
        allowed[at] = np.arange(len(cause.states)) == cause.present_index
        allowed[-1, cause.present_index] = 0.0
        found.append(allowed)
    return found
