"""The services by their definitions: every complete world of a small network, one after the other.

Written from the books and not from the library: nothing here uses its engine. A world is a dictionary of
state positions; what is asked is a predicate of worlds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations, product
from math import factorial, log2

from massage_pain.inference.case import UNSURE, Likelihood
from massage_pain.knowledge.network import Network

World = Mapping[str, int]
Findings = Mapping[str, object]


class Worlds:
    """All complete worlds of a network and their chances; `do` cuts variables off and sets them."""

    def __init__(self, network: Network, do: Mapping[str, str] | None = None) -> None:
        self.network = network
        self.worlds: list[tuple[dict[str, int], float]] = [({}, 1.0)]
        for name in network.topological_order:
            states, parents, table = (
                network.variable(name).states,
                network.parents(name),
                network.cpd(name),
            )
            longer = []
            for world, chance in self.worlds:
                if do and name in do:
                    longer.append(({**world, name: states.index(do[name])}, chance))
                    continue
                row = table[tuple(world[each] for each in parents)]
                longer += [
                    ({**world, name: at}, chance * float(p) / float(row.sum()))
                    for at, p in enumerate(row)
                    if p > 0.0
                ]
            self.worlds = longer

    def weight(self, world: World, findings: Findings) -> float:
        """How likely the findings are in a world."""
        found = 1.0
        for name, said in findings.items():
            if name not in world or said is UNSURE:
                continue
            state = self.network.variable(name).states[world[name]]
            found *= said[state] if isinstance(said, Likelihood) else float(said == state)
        return found

    def evidence(self, findings: Findings) -> float:
        """P(findings)."""
        return sum(chance * self.weight(world, findings) for world, chance in self.worlds)

    def share(self, findings: Findings, event: Callable[[World], bool]) -> float:
        """P(event | findings)."""
        above = sum(chance * self.weight(world, findings) for world, chance in self.worlds if event(world))
        return above / self.evidence(findings)

    def present(self, findings: Findings, cause: str) -> float:
        """P(cause present | findings)."""
        variable = self.network.variable(cause)
        return self.share(findings, lambda world: world[cause] == variable.present_index)

    def best_story(self, findings: Findings) -> float:
        """The probability of the likeliest complete world, given the findings."""
        best = max(chance * self.weight(world, findings) for world, chance in self.worlds)
        return best / self.evidence(findings)


def shapley(names: list[str], worth: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """Shapley 1953, equation 13: the average over all coalitions that a player can join."""
    n = len(names)
    found = dict.fromkeys(names, 0.0)
    for name in names:
        others = [each for each in names if each != name]
        for size in range(n):
            share = factorial(size) * factorial(n - size - 1) / factorial(n)
            for some in combinations(others, size):
                kept = frozenset(some)
                found[name] += share * (worth(kept | {name}) - worth(kept))
    return found


def smallest_flips(
    worlds: Worlds, findings: Findings, options: Mapping[str, list[str | None]], largest: int
) -> set[tuple[frozenset[tuple[str, str | None]], str]] | None:
    """The smallest sets of changes after which another cause leads; None where two causes are level."""
    causes = [each.id for each in worlds.network.causes]

    def leading(case: Findings) -> str | None:
        chances = [worlds.present(case, each) for each in causes]
        first = max(chances)
        level = [each for each, p in zip(causes, chances, strict=True) if first - p < 1e-9]
        return level[0] if len(level) == 1 else None

    now = leading(findings)
    for size in range(1, largest + 1):
        found = set()
        for names in combinations(options, size):
            for states in product(*(options[name] for name in names)):
                case = {**findings, **dict(zip(names, states, strict=True))}
                case = {name: said for name, said in case.items() if said is not None}
                if worlds.evidence(case) < 1e-13:
                    continue
                then = leading(case)
                if now is None or then is None:
                    return None
                if then != now:
                    found.add((frozenset(zip(names, states, strict=True)), then))
        if found:
            return found
    return set()


def conflict_bits(worlds: Worlds, findings: Findings, given: Findings) -> float:
    """Jensen et al. 1991: log2 of the product of the findings' chances over that of all, given the rest."""
    whole = worlds.evidence(given) if given else 1.0
    apart = sum(log2(worlds.evidence({**given, name: said}) / whole) for name, said in findings.items())
    return apart - log2(worlds.evidence({**given, **findings}) / whole)
