"""The engine against enumeration (and pgmpy) on as many random networks as one has patience for.

    python -m tests.inference.soak --networks 100000 --seed 1 --pgmpy 200

Prints what it did; exit code 1 and the seed of the network at the first disagreement. The ordinary tests
run a small share of the same.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.evidence import evidence_of
from massage_pain.knowledge.network import Network
from tests.inference.test_against_enumeration import check
from tests.strategies import layered_network, random_findings, random_network


def a_network(generator: np.random.Generator) -> Network:
    """One of five kinds; variables of one to four states, often in several unconnected parts."""
    kind = generator.integers(5)
    if kind == 0:  # the shape of the shipped network
        roots, causes, findings = (int(generator.integers(1, most)) for most in (5, 4, 4))
        return layered_network(generator, roots, causes, findings, zeros=float(generator.choice([0.0, 0.3])))
    if kind == 1:  # mostly noisy-OR and noisy-MAX
        nodes = int(generator.integers(4, 8))
        return random_network(generator, nodes, most_parents=4, most_states=3, noisy=0.9)
    if kind == 2:  # almost every row is certain
        return random_network(generator, int(generator.integers(2, 7)), zeros=0.8, noisy=0.2)
    if kind == 3:  # more variables, of which a joint distribution is never kept
        return random_network(generator, int(generator.integers(9, 13)), most_states=2)
    return random_network(
        generator, int(generator.integers(1, 7)), zeros=float(generator.choice([0, 0.25, 0.5]))
    )


def against_pgmpy(network: Network, generator: np.random.Generator) -> None:
    """The same three cases by both engines. Raises AssertionError where they differ."""
    from massage_pain.inference.pgmpy_engine import PgmpyEngine

    targets = tuple(each.id for each in network.nodes)[:3]
    evidence = evidence_of(network, [random_findings(generator, network, soft=0.2) for _ in range(3)])
    ours = CompiledNetwork(network).propagate(evidence, targets)
    theirs = PgmpyEngine(network).propagate(evidence, targets)
    np.testing.assert_allclose(ours.log_evidence, theirs.log_evidence, rtol=0, atol=1e-11)
    for name in targets:
        np.testing.assert_allclose(ours.marginals[name], theirs.marginals[name], rtol=0, atol=1e-12)


def main(arguments: list[str] | None = None) -> int:
    """Run and report; 0 when everything agreed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--networks", type=int, default=10_000)
    parser.add_argument("--pgmpy", type=int, default=0, help="how many of them pgmpy answers as well")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first, to see one again")
    chosen = parser.parse_args(arguments)
    spent = time.process_time()
    impossible = 0
    for number in range(chosen.first, chosen.first + chosen.networks):
        generator = np.random.default_rng([chosen.seed, number])
        network = a_network(generator)
        try:
            impossible += check(network, generator)
            if number - chosen.first < chosen.pgmpy:
                against_pgmpy(network, generator)
        except AssertionError as error:
            print(f"network {number} of seed {chosen.seed} disagrees:\n{error}", file=sys.stderr)
            return 1
    print(
        f"seed {chosen.seed}: {chosen.networks:,} networks, {3 * chosen.networks:,} cases ({impossible:,} "
        f"impossible, none answered), {min(chosen.pgmpy, chosen.networks)} networks by pgmpy as well: "
        f"all agree within 1e-12; {time.process_time() - spent:.0f} s of processor"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
