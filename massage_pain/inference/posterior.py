"""What the findings of one case say about the causes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from massage_pain.errors import ComplexityError, printable
from massage_pain.knowledge.distributions import FloatArray, cell_count
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.rebuilding import rebuilt

if TYPE_CHECKING:
    import pandas

JOINT_CELLS = 4096
"""The largest joint distribution over the causes that is written out."""

TIE = 1e-9
"""Chances closer than this are taken as equal: they differ by rounding, which depends on how many cases
are computed together."""


def by_chance(chances: Sequence[float]) -> list[int]:
    """Positions by chance, highest first; those that tie stay in order."""
    order = sorted(range(len(chances)), key=lambda at: -chances[at])
    if all(chances[one] - chances[other] > TIE for one, other in pairwise(order)):
        return order
    found: list[int] = []
    while order:  # of all that tie with the highest the first, again and again
        first = min(at for at in order if not chances[at] < chances[order[0]] - TIE)
        found.append(first)
        order.remove(first)
    return found


def likeliest(chances: FloatArray) -> NDArray[np.intp]:
    """The position of the highest chance in each row (n, n_causes), the first of those that tie, (n,)."""
    with np.errstate(invalid="ignore"):
        found: NDArray[np.intp] = (chances >= chances.max(axis=1, keepdims=True) - TIE).argmax(axis=1)
    return found


@dataclass(frozen=True, eq=False)
class Posterior:
    """P(cause | findings) for the causes of one network and one case; everything exact.

    `present` is the state of each cause that counts as having it. `probabilities` maps a cause to
    P(present | findings), highest first; equal ones stay in the network's order. `log_evidence` is the
    natural logarithm of P(findings). `none_of_these` is P(no cause is present | findings).
    `joint_values` has one axis a cause, in the order of `causes`, and sums to one; None where it would
    have more than 4,096 cells.
    """

    network: Network = field(repr=False)
    causes: tuple[str, ...]
    present: tuple[str, ...]
    probabilities: Mapping[str, float]
    log_evidence: float
    none_of_these: float
    joint_values: FloatArray | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "probabilities", MappingProxyType(dict(self.probabilities)))
        if self.joint_values is not None:
            self.joint_values.setflags(write=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return rebuilt(self)

    @property
    def evidence_probability(self) -> float:
        """P(findings); 0.0 where it is too small for a float, `log_evidence` still holds then."""
        return math.exp(self.log_evidence)

    @cached_property
    def marginals(self) -> pandas.Series[float]:
        """P(present | findings) by cause, highest first, as a Series named "probability"."""
        import pandas as pd

        return pd.Series(
            list(self.probabilities.values()),
            index=pd.Index(list(self.probabilities), name="cause"),
            name="probability",
            dtype="float64",
        )

    @cached_property
    def joint(self) -> pandas.Series[float]:
        """P(states of all causes | findings) as a Series over the joint states; sums to one.

        Raises `ComplexityError` past 4,096 joint states.
        """
        import pandas as pd

        states = [self.network.variable(each).states for each in self.causes]
        if self.joint_values is None:
            cells = cell_count([len(each) for each in states])
            raise ComplexityError(
                f"The joint distribution of {len(self.causes)} causes would have {cells:,} cells; the "
                f"limit is {JOINT_CELLS:,}. CompiledNetwork(network).joint(case, targets) gives it "
                "for some of them.",
                estimate=cells,
                limit=JOINT_CELLS,
            )
        if len(self.causes) == 1:
            index = pd.Index(states[0], name=self.causes[0])
        else:
            index = pd.MultiIndex.from_product(states, names=list(self.causes))
        return pd.Series(self.joint_values.ravel(), index=index, name="probability")

    def __str__(self) -> str:
        lines = [f"{value:7.4f}  {printable(cause)}" for cause, value in self.probabilities.items()]
        return "\n".join([*lines, f"{self.none_of_these:7.4f}  none of these"])
