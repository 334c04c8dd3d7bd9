"""Hidden roots drawn together, given which of the noisy-OR children under them are present.

Backwards, then forwards. Let S be the children triggered so far. B(S, x) is the chance that the roots still
to come, the known ones and the leaks trigger what is missing from S to x and nothing outside x; it is
computed from the last root to the first, one child at a time, over all S and x at once. Then each case draws
a state for the first root and which children that triggers, with the chances that B gives, and so on. Each
draw is a fair one from the joint posterior of all hidden roots. Everything is positive.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from massage_pain.inference.trigger_layer import TriggerLayer
from massage_pain.knowledge.distributions import FloatArray

MOST_CELLS = 128
"""Joint states of the children up to which roots are drawn like this: every step keeps their square."""


def drawn_roots(
    layer: TriggerLayer,
    hidden: Sequence[int],
    known: tuple[Sequence[float], Sequence[float]],
    present: NDArray[np.intp],
    rng: np.random.Generator,
) -> dict[int, NDArray[np.int16]]:
    """A state of every hidden root for each case, root -> (n,).

    `known`: for each child, that nothing known (nor its leak) triggers it and that something does; `present`
    (n,): the joint state of the children, which must be possible.
    """
    cells, count = layer.cells, len(present)
    bits = [1 << (layer.children - 1 - child) for child in range(layer.children)]
    ahead = np.eye(cells)
    absent, triggered = (np.array(each)[:, None] for each in known)
    layer.untrigger(ahead, absent, triggered, range(layer.children))
    steps: list[list[list[tuple[int, float, FloatArray]]]] = []  # by root, state and child: what was before
    totals: list[FloatArray] = []
    for root in reversed(hidden):
        mine, ends = [], []
        for link in layer.links[root]:
            now, path = ahead, []
            for child in np.flatnonzero(link).tolist():
                path.append((child, float(link[child]), now))
                now = now.copy()
                layer.untrigger(now, 1.0 - link[:, None], link[:, None], (child,))
            mine.append(path)
            ends.append(now)
        total = np.multiply(layer.priors[root][:, None, None], ends)
        ahead = total.sum(axis=0)
        steps.append(mine)
        totals.append(total.cumsum(axis=0))
    found = {}
    so_far = np.zeros(count, dtype=np.intp)
    for root, mine, total in zip(hidden, reversed(steps), reversed(totals), strict=True):
        chance = total[:, so_far, present]
        points = np.minimum(rng.random(count) * chance[-1], np.nextafter(chance[-1], 0.0))
        states = (points >= chance[:-1]).sum(axis=0)
        found[root] = states.astype(np.int16)
        for state, path in enumerate(mine):
            rows = np.flatnonzero(states == state) if path else ()
            for child, link, before in reversed(path):
                here, goal = so_far[rows], present[rows]
                without = (1.0 - link) * before[here, goal]
                triggers = link * before[here | bits[child], goal]
                hit = rng.random(len(rows)) * (without + triggers) >= without
                so_far[rows] = np.where(hit & (triggers > 0.0), here | bits[child], here)
    return found
