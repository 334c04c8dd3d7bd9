"""In which column of a picture each node of a network stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from massage_pain.reasoning.link_strength import relative, strengths

if TYPE_CHECKING:
    from massage_pain.knowledge.network import Network

__all__ = ["RANK_OF_ROLE", "ranks_by_role", "relative", "strengths"]

RANK_OF_ROLE: dict[str, int] = {"factor": 0, "cause": 1, "complaint": 2, "symptom": 2}


def ranks_by_role(network: Network) -> dict[str, int] | None:
    """The column of every node by its role, or None where the roles do not make columns."""
    ranks: dict[str, int] = {}
    for each in network.nodes:
        if each.role not in RANK_OF_ROLE:
            return None
        ranks[each.id] = RANK_OF_ROLE[each.role]
    forward = all(ranks[p] < ranks[d.variable] for d in network.distributions for p in d.parents)
    return ranks if forward and len(set(ranks.values())) > 1 else None
