"""The safety questions still open, grouped so that one sentence asks several.

They come before everything else: a red flag does not wait for a chance to be worked out. Open is what the
advice floor calls unscreened: an answer to it could raise a red flag above the present urgency. Screening
answers come first. A finding of the network (weakness of a limb, brittle bones) is among the safety questions
if it could raise a flag even when every open screening answer is a no; what could only raise one together
with a yes waits for that yes.

What a person could not tell is not asked again; it stays unscreened, and the advice stays provisional.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from massage_pain.advice.answer_counts import Counted, Counts
from massage_pain.advice.assessor import Assessor
from massage_pain.advice.judgement import Judge
from massage_pain.advice.urgency import Urgency
from massage_pain.inference.evidence import ASKED_UNSURE, NOT_ASKED, SOFT, Evidence
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.wording import asked, denial


@dataclass(frozen=True, slots=True)
class SafetyQuestion:
    """One sentence that asks after several things at once.

    `variables`, `labels` and `questions` go together. `urgency` is the highest any of them could raise.
    With `none_of_these` one answer denies them all; a number or a graded answer stands alone.
    """

    group: str
    label: str
    text: str
    variables: tuple[str, ...]
    labels: tuple[str, ...]
    questions: tuple[str, ...]
    urgency: Urgency
    none_of_these: bool

    def to_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {
            "group": self.group,
            "label": self.label,
            "text": self.text,
            "variables": list(self.variables),
            "labels": list(self.labels),
            "questions": list(self.questions),
            "urgency": self.urgency.name,
            "none_of_these": self.none_of_these,
        }


class OpenSafety(NamedTuple):
    """What is open of one case: question -> the level it could raise; and what nobody could tell."""

    levels: Mapping[str, int]
    unsure: tuple[str, ...]


def open_safety(assessor: Assessor, one: Evidence, counted: Counted, urgency: int) -> OpenSafety:
    """The open safety questions of one case; `counted` are its answers by `Judge.counts`."""
    assert assessor.counsellor is not None
    judge = assessor.counsellor.judge
    asking = _asking.get(judge)
    if asking is None:
        asking = _asking[judge] = _Asking.of(judge, assessor.network)
    false = np.empty((2, len(asking.denied)), dtype=np.int16)  # of the case, then with what is open denied
    false[0] = counted.false[: len(asking.denied)]
    np.add(false[0], asking.denied, out=false[1])
    settled: list[int] = []
    undecided: list[str] = []
    for name, code in one.code_of.items():
        if code == NOT_ASKED:
            continue
        if name in asking.denial:
            false[1] -= asking.denial[name]
        if name in asking.place:
            settled.append(asking.place[name])
            if code in (ASKED_UNSURE, SOFT):
                undecided.append(name)
    unknown = None
    if one.likelihoods:
        marks = judge.flag_table.marks_of_answers(one)[:, :, 0]
        unknown = marks[1] & ~marks[0]
    levels = judge.open_flags.levels(false == 0, unknown)
    raising = levels > urgency
    unsure = {name for name in undecided if raising[0, asking.place[name]]}
    now = raising[0] & (raising[1] | asking.screening)
    now[settled] = False
    at = now.nonzero()[0]
    names = [judge.open_flags.variables[each] for each in at.tolist()]
    return OpenSafety(
        dict(zip(names, levels[0].take(at).tolist(), strict=True)),
        tuple(each.id for each in assessor.network.variables if each.id in unsure) if unsure else (),
    )


class _Asking(NamedTuple):
    """What the safety questions of a judge are, whatever the case.

    `place` of each among `Judge.open_flags`; `screening` (questions,): whether it is a screening answer.
    `denial`: screening answer -> how many atoms of each conjunction of the flags its no makes false, for
    those that take one; `denied` (conjunctions,) is their sum.
    """

    place: Mapping[str, int]
    screening: NDArray[np.bool_]
    denial: Mapping[str, Counts]
    denied: Counts

    @classmethod
    def of(cls, judge: Judge, network: Network) -> _Asking:
        names, count = judge.open_flags.variables, len(judge.flag_table.conjunctions)
        counts = judge.counts
        denial_of = {each: denial(each) for each in network.screening if each.id in counts.first}
        by_name = {
            each.id: counts.false[counts.first[each.id] + each.states.index(state), :count]
            for each, state in denial_of.items()
            if state is not None
        }
        return cls(
            {name: at for at, name in enumerate(names)},
            np.array([network.variable(name).role == "screening" for name in names], dtype=bool),
            by_name,
            np.sum(list(by_name.values()), axis=0, dtype=np.int16) if by_name else np.zeros(count, np.int16),
        )


# A judge never changes, so this is found once.
_asking: WeakKeyDictionary[Judge, _Asking] = WeakKeyDictionary()


def grouped(network: Network, levels: Mapping[str, int]) -> tuple[SafetyQuestion, ...]:
    """The open questions (name -> the level each could raise) in sentences, the most urgent first."""
    members: dict[tuple[str, str, int], list[Variable]] = {}
    order = {group: at for at, group in enumerate(network.groups)}
    for variable in network.variables:
        if variable.id in levels:
            together = denial(variable) is not None
            own = "" if together else variable.id  # what takes no plain no is asked by itself
            key = (variable.group, own, 0 if variable.role == "screening" else 1)
            members.setdefault(key, []).append(variable)
    found = [
        _question(network, group, variables, max(levels[each.id] for each in variables), not own)
        for (group, own, _), variables in members.items()
    ]
    roles = [0 if network.variable(each.variables[0]).role == "screening" else 1 for each in found]
    ranked = sorted(
        range(len(found)),
        key=lambda at: (roles[at], -found[at].urgency, order.get(found[at].group, len(order)), at),
    )
    return tuple(found[at] for at in ranked)


def _question(
    network: Network, group: str, variables: list[Variable], level: int, together: bool
) -> SafetyQuestion:
    label = network.groups.get(group, "") or group.replace("_", " ")
    if len(variables) == 1:
        text = asked(variables[0])
    else:
        text = f"Is any of these so: {'; '.join(each.label for each in variables)}?"
    return SafetyQuestion(
        group,
        label,
        text,
        tuple(each.id for each in variables),
        tuple(each.label for each in variables),
        tuple(asked(each) for each in variables),
        Urgency(level),
        together,
    )
