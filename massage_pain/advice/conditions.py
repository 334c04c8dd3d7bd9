"""The language of conditions: when a rule applies.

A condition is written in TOML::

    "fever"                                          the answer is the state that counts as present
    { radiating_pain = "below_knee_or_elbow" }       the answer is this state, or one of a list
    { age = { at_least = 70 } }                      a number at least, or below
    { any = [...] }   { all = [...] }                one of them, every one of them
    { posterior = "nerve_compression", at_least = 0.3 }    a chance at least, or below
    { first = "ordinary_soreness" }                  no cause is more likely
    { none_of_these = 0.4 }                          the chance that no cause is present is at least this
    { misfit = 1.0 }                                 the findings fit together this poorly (1: poorly)
    { flag = "cauda_equina" }                        this red flag is raised
    { not = ... }                                    known not to be so

It becomes a disjunction of conjunctions of *atoms* (disjunctive normal form), so that many conditions
over many cases are a few array operations (`truth`). Atoms of one conjunction that speak of the same
thing are merged; a conjunction that contradicts itself is dropped, and a condition left without any can
never be true: it is refused, and so is one that says nothing.

**What is not known.** An unanswered question makes its atom neither true nor false: not true, but
possible (Kleene 1938). `not` is strict accordingly: `{ not = "fever" }` is true once fever was denied,
not while nobody asked. Chances and raised flags are always known.

**Red flags only rise.** In a red flag or contraindication (`only_rising=True`) an atom names what *is*
there: no `not`, nothing about chances, ranks or other flags, and of a symptom or a safety question not the
answer that denies it: of two states the one that does not count as present, of more the lowest if it is
called "absent", "none", "no" or "never". (A lowest state such as "during" denies nothing; and of a factor,
which is no sign but a circumstance, a no may count: the first back pain ever.) Then a further answer can
raise a flag or leave it, and none, least of all a no, can take back one that is raised.

The complaint is taken for granted when a case is assessed, for red flags even if it is denied; before a
massage it is a question like any other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class FindingIs:
    """The answer to `variable` is one of `states`.

    `strictly` only matters for soft evidence: then the likelihood of these states must be above that of
    every other, otherwise it suffices that none of the others is above.
    """

    variable: str
    states: frozenset[str]
    strictly: bool = False


@dataclass(frozen=True, slots=True)
class NumberIs:
    """The number given for `variable` is at least `at_least` and below `below`."""

    variable: str
    at_least: float = -math.inf
    below: float = math.inf


@dataclass(frozen=True, slots=True)
class ChanceIs:
    """P(cause | case) is at least `at_least` and below `below`; cause None: that of no cause at all."""

    cause: str | None
    at_least: float = -math.inf
    below: float = math.inf


@dataclass(frozen=True, slots=True)
class MisfitIs:
    """How poorly the findings fit together (`inference.conflict_measure`) is at least, and below."""

    at_least: float = -math.inf
    below: float = math.inf


@dataclass(frozen=True, slots=True)
class RanksFirst:
    """No cause is more likely than `cause` (`holds`), or one is (not `holds`)."""

    cause: str
    holds: bool = True


@dataclass(frozen=True, slots=True)
class FlagIs:
    """The red flag is raised (`raised`), or it is not."""

    flag: str
    raised: bool = True


Atom: TypeAlias = FindingIs | NumberIs | ChanceIs | MisfitIs | RanksFirst | FlagIs
Conjunction: TypeAlias = tuple[Atom, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """True when every atom of one of its conjunctions is; never empty."""

    conjunctions: tuple[Conjunction, ...]

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """Every atom once, in the order they were written."""
        return tuple(dict.fromkeys(atom for each in self.conjunctions for atom in each))

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables whose answers it reads."""
        found = (a.variable for a in self.atoms if isinstance(a, (FindingIs, NumberIs)))
        return tuple(dict.fromkeys(found))


ALWAYS = Condition(((),))
"""True for every case: what advice without a `when` has."""


def outside(atom: NumberIs | ChanceIs | MisfitIs) -> tuple[Conjunction, ...]:
    """The intervals beside the atom's own: what its negation says."""
    found: list[Conjunction] = []
    if isinstance(atom, NumberIs):
        if atom.at_least > -math.inf:
            found.append((NumberIs(atom.variable, below=atom.at_least),))
        if atom.below < math.inf:
            found.append((NumberIs(atom.variable, at_least=atom.below),))
    elif isinstance(atom, MisfitIs):
        if atom.at_least > -math.inf:
            found.append((MisfitIs(below=atom.at_least),))
        if atom.below < math.inf:
            found.append((MisfitIs(at_least=atom.below),))
    else:
        if atom.at_least > -math.inf:
            found.append((ChanceIs(atom.cause, below=atom.at_least),))
        if atom.below < math.inf:
            found.append((ChanceIs(atom.cause, at_least=atom.below),))
    return tuple(found)


def _subject(atom: Atom) -> tuple[object, ...]:
    """What an atom speaks of: two atoms of one subject merge into one."""
    if isinstance(atom, (FindingIs, NumberIs)):
        return ("answer", atom.variable)
    if isinstance(atom, ChanceIs):
        return ("chance", atom.cause)
    if isinstance(atom, MisfitIs):
        return ("misfit",)
    return ("first", atom.cause) if isinstance(atom, RanksFirst) else ("flag", atom.flag)


def merged(one: Conjunction, other: Conjunction) -> Conjunction | None:
    """Both, or None where they contradict each other."""
    found: dict[tuple[object, ...], Atom] = {_subject(each): each for each in one}
    for atom in other:
        subject = _subject(atom)
        known = found.get(subject)
        both = atom if known is None else _both(known, atom)
        if both is None:
            return None
        found[subject] = both
    return tuple(found.values())


def _both(one: Atom, other: Atom) -> Atom | None:
    if isinstance(one, FindingIs) and isinstance(other, FindingIs):
        states = one.states & other.states
        return FindingIs(one.variable, states, one.strictly or other.strictly) if states else None
    if isinstance(one, NumberIs) and isinstance(other, NumberIs):
        low, high = max(one.at_least, other.at_least), min(one.below, other.below)
        return NumberIs(one.variable, low, high) if low < high else None
    if isinstance(one, ChanceIs) and isinstance(other, ChanceIs):
        low, high = max(one.at_least, other.at_least), min(one.below, other.below)
        return ChanceIs(one.cause, low, high) if low < high and high > 0 else None
    if isinstance(one, MisfitIs) and isinstance(other, MisfitIs):
        low, high = max(one.at_least, other.at_least), min(one.below, other.below)
        return MisfitIs(low, high) if low < high else None
    return one if one == other else None


def without_longer(found: tuple[Conjunction, ...]) -> tuple[Conjunction, ...]:
    """Without the conjunctions that another one makes superfluous."""
    sets = [frozenset(each) for each in found]
    return tuple(
        each
        for at, each in enumerate(found)
        if not any(
            other < sets[at] or (other == sets[at] and before < at) for before, other in enumerate(sets)
        )
    )
