"""The numbers of the network that a finding's contribution rests on.

Those between the finding and the causes: its links, the cause in question first; and what it is without
any of them, its prior or leak. They are what one would have to dispute to dispute the contribution.
"""

from __future__ import annotations

from massage_pain.advice.rests_on import MOST, Basis, rests_on
from massage_pain.inference.case import Case
from massage_pain.knowledge.network import Network
from massage_pain.reasoning.wording import finding_words


def grounds(network: Network, cause: str, finding: str, case: Case) -> tuple[Basis, ...]:
    """The numbers between `finding` and the causes, `cause` first, at most `MOST`."""
    alone = Case({finding: case[finding]})
    causes = sorted(network.causes, key=lambda each: each.id != cause)
    found: dict[tuple[str, ...], Basis] = {}
    for each in causes:
        for basis in rests_on(network, each.id, alone):
            if _speaks_of(basis.parameter, finding):
                found.setdefault(basis.parameter, basis)
    for basis in _own(network, finding):
        found.setdefault(basis.parameter, basis)
    return tuple(found.values())[:MOST]


def _speaks_of(parameter: tuple[str, ...], finding: str) -> bool:
    """Whether the number is the finding's own, or that of a link from it."""
    return parameter[0] == finding or (parameter[1] == "link" and parameter[2] == finding)


def _own(network: Network, finding: str) -> list[Basis]:
    """Its prior or leak."""
    stated = network.distribution(finding).stated({each.id: each for each in network.nodes})
    found = []
    for key, p in stated.items():
        if key[1] == "prior":
            words = f"how common it is: {finding_words(network, finding, key[2])}"
        elif key[1] == "leak":
            words = f"{finding_words(network, finding, key[2])} with none of the causes named"
        else:
            continue
        found.append(Basis(words, key, p.value, p.low, p.high, p.grade, p.source, p.note))
    return found
