"""The smallest changes of the findings that would change the answer.

Two kinds of change: *removal* (it was never said) and *reversal* (another state was said). Two answers: the
leading cause, and the urgency. Sets are tried size by size, all sets of one size in one batch, so those
found first have the fewest findings (cardinality-minimal). The search ends where the next size would bring
the sets tried over `MOST`; how far it came is said.

Only findings of the network can change the leading cause; screening answers can change the urgency as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import prod
from typing import Any

import numpy as np

from massage_pain.advice.assessor import Assessor
from massage_pain.advice.judgement import Judge
from massage_pain.advice.urgency import Urgency
from massage_pain.inference.evidence import ASKED_UNSURE, NOT_ASKED, SOFT, Evidence
from massage_pain.knowledge.network import Network
from massage_pain.reasoning.hypotheses import KEEP, changed
from massage_pain.reasoning.prospects import Prospects, prospects

MOST = 600
"""The most sets of changes tried for removal, and for reversal."""

LEADING, URGENCY = "leading cause", "urgency"
REMOVAL, REVERSAL = "removal", "reversal"


@dataclass(frozen=True, slots=True)
class Flip:
    """Findings that together change the answer: variable -> the other state, None where it is removed."""

    findings: Mapping[str, str | None]
    becomes: str


@dataclass(frozen=True, slots=True)
class Flips:
    """The smallest sets whose `how` (removal or reversal) changes `what`; empty if none was found.

    `searched` is the largest size of which every set was tried, `complete` whether that is all there are.
    """

    what: str
    how: str
    sets: tuple[Flip, ...]
    searched: int
    complete: bool


def flips(assessor: Assessor, one: Evidence, names: Sequence[str], now: Prospects) -> tuple[Flips, ...]:
    """The smallest removals and reversals that change the leading cause, then the urgency.

    `names` are the findings that bear on the chances, `now` what is said of the case as it is.
    """
    answers = _answers(assessor.network, one) if now.urgency is not None else []
    read = _read(assessor.counsellor.judge, one, now) if assessor.counsellor is not None else set()
    removals: dict[str, Sequence[int]] = dict.fromkeys([*names, *(n for n in answers if n in read)], (-1,))
    reversals: dict[str, Sequence[int]] = {}
    for name in (*names, *answers):
        states = _others(one, name, len(assessor.network.variable(name).states))
        if states:
            reversals[name] = states
    inside = set(names)
    return (
        *_search(assessor, one, removals, inside, now, REMOVAL),
        *_search(assessor, one, reversals, inside, now, REVERSAL),
    )


def _answers(network: Network, one: Evidence) -> list[str]:
    """The screening answers that say something."""
    return [
        each.id
        for each in network.screening
        if each.id in one.codes and one.codes[each.id][0] not in (NOT_ASKED, ASKED_UNSURE)
    ]


def _read(judge: Judge, one: Evidence, now: Prospects) -> set[str]:
    """The variables whose answers make some clause of a rule true: only their removal can matter."""
    look = judge.look(one, now.chances[:1])
    found = set()
    for table, outcome in ((judge.flag_table, look.flags), (judge.advice_table, look.advice)):
        for row in np.flatnonzero(outcome.marks[0, :, 0]).tolist():
            found.add(getattr(table.atoms[row], "variable", ""))
    return found


def _others(one: Evidence, name: str, states: int) -> list[int]:
    """The states it could have been instead; of soft evidence those that are not the likeliest."""
    code = int(one.codes[name][0])
    if code == SOFT:
        code = int(one.likelihoods[name][0].argmax())
    return [state for state in range(states) if state != code]


def _search(
    assessor: Assessor,
    one: Evidence,
    options: Mapping[str, Sequence[int]],
    inside: set[str],
    now: Prospects,
    how: str,
) -> tuple[Flips, Flips]:
    """Sets of changes size by size, until both answers have changed or the limit is reached."""
    found: dict[str, tuple[Flip, ...]] = {}
    reach: dict[str, tuple[int, bool]] = {}
    sizes = {LEADING: sum(name in inside for name in options), URGENCY: len(options)}
    wanted = [LEADING] if now.urgency is None else [LEADING, URGENCY]
    tried, size = 0, 0
    while size < len(options) and len(found) < len(wanted):
        count = sum(prod(len(options[name]) for name in names) for names in combinations(options, size + 1))
        if tried + count > MOST:
            break
        tried, size = tried + count, size + 1
        changes = list(_changes(options, size))
        then = prospects(assessor, _table(one, changes))
        for what in wanted:
            if what not in found:
                sets = _that_change(assessor.network, changes, then, now, what, inside)
                reach[what] = size, size >= sizes[what]
                if sets:
                    found[what] = sets
    return tuple(  # type: ignore[return-value]
        Flips(what, how, found.get(what, ()), *reach.get(what, (0, sizes[what] == 0 or what not in wanted)))
        for what in (LEADING, URGENCY)
    )


def _changes(options: Mapping[str, Sequence[int]], size: int) -> Iterator[dict[str, int]]:
    for names in combinations(options, size):
        for states in product(*(options[name] for name in names)):
            yield dict(zip(names, states, strict=True))


def _table(one: Evidence, changes: Sequence[Mapping[str, int]]) -> Evidence:
    names = {name for each in changes for name in each}
    columns = {name: np.array([each.get(name, KEEP) for each in changes], dtype=np.int16) for name in names}
    return changed(one, columns, len(changes))


def _that_change(
    network: Network,
    changes: Sequence[Mapping[str, int]],
    then: Prospects,
    now: Prospects,
    what: str,
    inside: set[str],
) -> tuple[Flip, ...]:
    if what == LEADING:
        after: Any = then.leading
        different = (after != now.leading[0]) & then.possible
    else:
        assert then.urgency is not None
        assert now.urgency is not None
        after = then.urgency
        different = (after != now.urgency[0]) & then.possible
    found = []
    for row in np.flatnonzero(different).tolist():
        if what == LEADING and not inside.issuperset(changes[row]):
            continue
        becomes = network.causes[after[row]].id if what == LEADING else Urgency(int(after[row])).name
        states = {
            name: None if code == NOT_ASKED else network.variable(name).states[code]
            for name, code in changes[row].items()
        }
        found.append(Flip(states, becomes))
    return tuple(found)
