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
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from massage_pain.advice.assessor import Assessor
from massage_pain.advice.truth import Outcome
from massage_pain.advice.urgency import Urgency
from massage_pain.inference.evidence import NOT_ASKED, Codes, Evidence
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.hypotheses import repeated
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


def open_safety(assessor: Assessor, one: Evidence, flags: Outcome, urgency: int) -> OpenSafety:
    """The open safety questions of one case; `flags` are those of `flags_now_and_denied`."""
    assert assessor.counsellor is not None
    reach = assessor.counsellor.judge.open_flags
    now, denied = reach.levels(flags, urgency)
    asked_before = {name for name in now if name in one.codes and one.codes[name][0] != NOT_ASKED}
    variable = assessor.network.variable
    open_now = {
        name: level
        for name, level in now.items()
        if name not in asked_before and (name in denied or variable(name).role == "screening")
    }
    unsure = (
        [each.id for each in assessor.network.variables if each.id in asked_before] if asked_before else []
    )
    return OpenSafety(open_now, tuple(unsure))


def flags_now_and_denied(assessor: Assessor, one: Evidence) -> Outcome:
    """The red flags of one case, and of it with every open screening answer a no."""
    assert assessor.counsellor is not None
    return assessor.counsellor.judge.flags(_now_and_denied(assessor.network, one))


def _now_and_denied(network: Network, one: Evidence) -> Evidence:
    """The case as it is, and with every screening answer that is open a no (where a no can be said)."""
    found = repeated(one, 2)
    codes = dict(found.codes)
    for name, column in _denials(network):
        known = codes.get(name)
        if known is None or known[0] == NOT_ASKED:
            codes[name] = column
    return replace(found, codes=codes)


@lru_cache(maxsize=8)
def _denials(network: Network) -> tuple[tuple[str, Codes], ...]:
    """Screening answer -> not asked, then a no; of those that can be denied."""
    states = [(each, denial(each)) for each in network.screening]
    return tuple(
        (each.id, np.array([NOT_ASKED, each.states.index(state)], dtype=np.int16))
        for each, state in states
        if state is not None
    )


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
