"""What every open question is worth: the chance that its answer changes the decision, and what it tells.

Numbers are worked out for all questions at once; they are put into words only where somebody looks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massage_pain.advice.urgency import Urgency
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.prospects import Prospects
from massage_pain.reasoning.wording import asked


class PossibleAnswer(NamedTuple):
    """What one answer would do: `probability` of it now, then urgency and likeliest cause.

    `changes` says whether the urgency or what to do now would be different.
    """

    state: str
    label: str
    probability: float
    urgency: Urgency | None
    leading: str
    chance: float
    changes: bool


class Question(NamedTuple):
    """An unanswered finding and what asking for it is worth.

    `information` is the expected information about the causes (bits), `changes` the probability that the
    answer changes the urgency or what to do now.
    """

    variable: str
    label: str
    text: str
    group: str
    cost: float
    information: float
    changes: float
    answers: tuple[PossibleAnswer, ...]

    @property
    def changes_per_cost(self) -> float:
        """The chance of a change for the effort of asking."""
        return self.changes / self.cost

    @property
    def information_per_cost(self) -> float:
        """Expected bits for the effort of asking."""
        return self.information / self.cost


@dataclass(frozen=True, eq=False)
class Ranking:
    """The open questions that have more than one possible answer, best first.

    `variables` are all that were asked about, `order` the positions in it of those that are ranked; `starts`
    is the first row of each in `then`, whose row 0 is the case itself. `probability` (rows,): of each answer.
    `information` and `changes` (variables,).
    """

    variables: Sequence[Variable]
    starts: NDArray[np.intp]
    order: Sequence[int]
    then: Prospects
    probability: FloatArray
    information: FloatArray
    changes: FloatArray

    def without(self, names: Collection[str]) -> Ranking:
        """The same without some variables."""
        if not names:
            return self
        order = [at for at in self.order if self.variables[at].id not in names]
        return Ranking(
            self.variables,
            self.starts,
            order,
            self.then,
            self.probability,
            self.information,
            self.changes,
        )

    @property
    def names(self) -> list[str]:
        """The variables, best first."""
        return [self.variables[at].id for at in self.order]

    @property
    def changing(self) -> int:
        """How many of the questions have an answer that changes the decision."""
        return int(np.count_nonzero(self.changes.take(self.order) > 0.0)) if self.order else 0

    @property
    def soonest(self) -> int:
        """The place in the ranking of the question after which asking should end soonest.

        That with the highest chance of a change times information, per cost: an answer counts that could
        change the decision and also tells something. What would change it without telling anything (such as
        one more finding that dilutes how poorly the others fit) is likely to be changed back by the next.
        """
        order = np.array(self.order, dtype=np.intp)
        cost = np.array([self.variables[at].cost for at in self.order])
        both = self.changes.take(order) * self.information.take(order) / cost
        return int(np.round(both, 9).argmax())  # of equal ones the first in the ranking

    def questions(self, network: Network) -> tuple[Question, ...]:
        """All of it in words."""
        then, causes = self.then, [each.id for each in network.causes]
        leading, different = then.leading.tolist(), (then.decision != then.decision[0]).tolist()
        urgency: list[Urgency | None] = [None] * len(leading)
        if then.urgency is not None:
            urgency = [_URGENCIES.get(level) for level in then.urgency.tolist()]
        probability, starts = self.probability.tolist(), self.starts.tolist()
        found = []
        for at in self.order:
            variable = self.variables[at]
            answers = tuple(
                PossibleAnswer(
                    state,
                    label,
                    probability[row],
                    urgency[row],
                    causes[leading[row]],
                    float(then.chances[row, leading[row]]),
                    different[row],
                )
                for row, (state, label) in enumerate(
                    zip(variable.states, variable.state_labels, strict=True), starts[at]
                )
                if probability[row] > 0.0
            )
            found.append(
                Question(
                    variable.id,
                    variable.label,
                    asked(variable),
                    variable.group,
                    variable.cost,
                    float(self.information[at]),
                    float(self.changes[at]),
                    answers,
                )
            )
        return tuple(found)


def ranked(variables: Sequence[Variable], then: Prospects) -> Ranking:
    """Every question by the chance of a change per cost, then by information per cost.

    `then` holds the case as it is, then with every answer to every one of `variables`, in turn.
    """
    sizes = [len(each.states) for each in variables]
    starts = np.array(list(accumulate(sizes[:-1], initial=1)) if sizes else [], dtype=np.intp)
    probability = np.exp(then.log_evidence - then.log_evidence[0])
    if not variables:
        nothing = np.zeros(0)
        return Ranking(variables, starts, (), then, probability, nothing, nothing)
    able, uncertainty = probability > 0.0, entropy(then)
    worth = np.empty((3, len(probability)))
    worth[0] = np.where(able, probability * uncertainty, 0.0)
    worth[1] = probability * (then.decision != then.decision[0])
    worth[2] = able
    # from the uncertainty expected to what is expected to be learnt
    information, changes, answers = worth = np.add.reduceat(worth, starts, axis=1)
    np.maximum(uncertainty[0] - information, 0.0, out=information)
    cost = np.array([each.cost for each in variables])
    # rounded: what differs by rounding alone stays in the network's order
    order = np.lexsort(-np.rint(worth[:2] * (1e9 / cost)))
    order = order[answers.take(order) > 1.0]  # with one answer nothing is learnt
    return Ranking(variables, starts, order.tolist(), then, probability, information, changes)


_URGENCIES = {int(each): each for each in Urgency}


def entropy(then: Prospects) -> FloatArray:
    """The uncertainty about the causes in each case (bits).

    Of their joint state; where that is too large to write out, the sum of their own: an upper bound, so
    that differences count what the causes share more than once.
    """
    if then.joint is not None:
        p = then.joint
    else:
        own = then.chances[:, :-1]
        p = np.concatenate([own, 1.0 - own], axis=1)
    found: FloatArray = -np.einsum("ij,ij->i", p, np.log2(np.maximum(p, _TINY)))
    return found


_TINY = float(np.finfo(np.float64).tiny)
