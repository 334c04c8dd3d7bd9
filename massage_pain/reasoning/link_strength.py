"""How strong each link of a network is.

The strength of a link is the most that its parent can do to its child by itself: for a noisy-MAX the chance
that the parent alone brings the child above its lowest state, in its most active state; for a table the
largest change of any cell as only that parent changes. Strengths are then compared within one kind of link
(factor to cause, cause to symptom), since the chance of a cause is small and that of a symptom is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from massage_pain.knowledge.network import Network

Link: TypeAlias = tuple[str, str]
"""Parent and child."""


def strengths(network: Network) -> dict[Link, float]:
    """The strength of every link, from 0 to 1."""
    found: dict[Link, float] = {}
    for distribution in network.distributions:
        for axis, parent in enumerate(distribution.parents):
            found[parent, distribution.variable] = _strength(distribution, parent, axis)
    return found


def _strength(distribution: Any, parent: str, axis: int) -> float:
    if hasattr(distribution, "links"):
        by_state = distribution.links[parent].values()
        return float(max(sum(each.value for each in state.values()) for state in by_state))
    values = distribution.values
    return float((values.max(axis=axis) - values.min(axis=axis)).max())


def relative(network: Network, strength: Mapping[Link, float]) -> dict[Link, float]:
    """Each strength as a share of the strongest link between the same two roles."""
    roles = {each.id: each.role for each in network.nodes}
    most: dict[Link, float] = {}
    for (parent, child), value in strength.items():
        kind = roles[parent], roles[child]
        most[kind] = max(most.get(kind, 0.0), value)
    return {
        (parent, child): value / (most[roles[parent], roles[child]] or 1.0)
        for (parent, child), value in strength.items()
    }
