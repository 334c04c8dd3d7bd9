"""Conditions as a file gives them: checked, and brought to the form that is computed with.

Everything is refused that cannot have been meant: an unknown name, a chance that is none, an empty list,
a condition that can never be true or that says nothing. What the language means is said in `conditions`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, NoReturn, TypeAlias

from massage_pain.advice.conditions import (
    ChanceIs,
    Condition,
    Conjunction,
    FindingIs,
    FlagIs,
    MisfitIs,
    NumberIs,
    RanksFirst,
    merged,
    outside,
    without_longer,
)
from massage_pain.errors import InvalidNetworkError, printable, shown, unknown_name
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable

MOST_CONJUNCTIONS = 512
"""The most ways one condition may become true; a longer one is a mistake, or should be several rules."""

DEEPEST = 16
"""How deep conditions may be nested."""

WORDS: tuple[str, ...] = (
    *("any", "all", "not", "posterior", "at_least", "below"),
    *("first", "none_of_these", "misfit", "flag"),
)
"""The words of the language; a variable called by one of them cannot be named in a condition."""

DENIALS: frozenset[str] = frozenset({"absent", "none", "no", "never"})
"""Lowest states that say the thing is not there."""

Path: TypeAlias = tuple[str | int, ...]
Refuse: TypeAlias = Callable[[Path, str], NoReturn]


def _raise(path: Path, message: str) -> NoReturn:
    raise InvalidNetworkError(message)


def parse_condition(
    raw: object,
    network: Network,
    *,
    flags: Collection[str] = (),
    only_rising: bool = False,
    refuse: Refuse = _raise,
) -> Condition:
    """The condition that `raw` (strings, tables and lists, as TOML gives them) says.

    `flags` are the ids of the red flags it may name. `refuse` is called with the path inside `raw` and
    a sentence; it must raise (`InvalidNetworkError` unless told otherwise).
    """
    return Condition(_Reader(network, tuple(flags), only_rising, refuse).read(raw, (), False))


class _Reader(NamedTuple):
    network: Network
    flags: tuple[str, ...]
    only_rising: bool
    refuse: Refuse

    def read(self, raw: object, path: Path, negated: bool) -> tuple[Conjunction, ...]:
        found = tuple(each for each in self._read(raw, path, negated) if self._can_be(each))
        if not found:
            self.refuse(path, "This can never be true: its parts exclude each other.")
        return found

    def _read(self, raw: object, path: Path, negated: bool) -> tuple[Conjunction, ...]:
        if len(path) > 2 * DEEPEST:
            self.refuse(path, f"Conditions may be nested {DEEPEST} deep, not more.")
        if isinstance(raw, str):
            return self._answer(raw, None, path, negated)
        if not isinstance(raw, Mapping):
            self.refuse(
                path,
                f"A condition must be a variable's name or a table, got {type(raw).__name__} {shown(raw)}.",
            )
        if "posterior" in raw:
            return self._posterior(raw, path, negated)
        if len(raw) != 1:
            self.refuse(
                path,
                f"A condition says one thing, got {len(raw)} keys ({_listed(raw) or 'none'}); "
                "join several with all = [...] or any = [...].",
            )
        ((word, value),) = raw.items()
        if word in ("any", "all"):
            return self._joined(word, value, (*path, word), negated)
        if word == "not":
            self._not_rising(path, "`not`")
            return self.read(value, (*path, word), not negated)
        if word == "first":
            self._not_rising(path, "`first`")
            return ((RanksFirst(self._cause(value, (*path, word)), not negated),),)
        if word == "none_of_these":
            self._not_rising(path, "`none_of_these`")
            return self._or_outside(ChanceIs(None, self._chance(value, (*path, word))), negated)
        if word == "misfit":
            self._not_rising(path, "`misfit`")
            return self._or_outside(MisfitIs(self._misfit(value, (*path, word))), negated)
        if word == "flag":
            self._not_rising(path, "`flag`")
            if value not in self.flags:
                self.refuse((*path, word), unknown_name("red flag", value, self.flags))
            return ((FlagIs(str(value), not negated),),)
        if word in WORDS:
            self.refuse(path, f"{shown(word)} stands beside posterior = ..., not alone.")
        return self._answer(word, value, path, negated)

    def _joined(self, word: str, parts: object, path: Path, negated: bool) -> tuple[Conjunction, ...]:
        if not isinstance(parts, list) or not parts:
            self.refuse(path, f"{word} needs a list of at least one condition, got {shown(parts)}.")
        read = [self.read(each, (*path, at), negated) for at, each in enumerate(parts)]
        if (word == "any") != negated:
            found = tuple(dict.fromkeys(conjunction for each in read for conjunction in each))
        else:
            found = read[0]
            for each in read[1:]:
                if len(found) * len(each) > MOST_CONJUNCTIONS:
                    self._too_long(path)
                pairs = (merged(one, other) for one in found for other in each)
                found = tuple(dict.fromkeys(pair for pair in pairs if pair is not None))
        if len(found) > MOST_CONJUNCTIONS:
            self._too_long(path)
        return without_longer(found)

    def _too_long(self, path: Path) -> NoReturn:
        self.refuse(
            path, f"This can become true in more than {MOST_CONJUNCTIONS} ways; make it several rules."
        )

    def _can_be(self, conjunction: Conjunction) -> bool:
        """Whether the chances can hold together; answers were looked at in merging."""
        if self.only_rising:
            return True
        chances = [each for each in conjunction if isinstance(each, ChanceIs)]
        none = max((each.at_least for each in chances if each.cause is None), default=0.0)
        some = max((each.at_least for each in chances if each.cause is not None), default=0.0)
        ranks = [each for each in conjunction if isinstance(each, RanksFirst)]
        return (
            none + some <= 1.0  # a cause and no cause cannot both be likely
            and all(each.below > 0.0 for each in chances)
            and sum(each.holds for each in ranks) <= 1
            and sum(not each.holds for each in ranks) < len(self.network.causes)
        )

    def _or_outside(self, atom: NumberIs | ChanceIs | MisfitIs, negated: bool) -> tuple[Conjunction, ...]:
        return outside(atom) if negated else ((atom,),)

    def _answer(self, name: object, value: object, path: Path, negated: bool) -> tuple[Conjunction, ...]:
        if name in WORDS:
            self.refuse(path, f"{shown(name)} is a word of the condition language, not a variable.")
        if name not in self.network:
            known = [each.id for each in self.network.variables]
            self.refuse(path, unknown_name("variable", name, known))
        variable = self.network.variable(str(name))
        here = path if value is None else (*path, variable.id)
        if variable.numeric is not None:
            return self._number(variable, value, here, negated)
        states = self._states(variable, value, here)
        if self.only_rising:
            self._check_rising(variable, states, here)
        if negated:
            return ((FindingIs(variable.id, frozenset(variable.states) - states, strictly=True),),)
        return ((FindingIs(variable.id, states),),)

    def _states(self, variable: Variable, value: object, path: Path) -> frozenset[str]:
        if value is None:
            return frozenset({variable.present})
        if isinstance(value, Mapping):
            self.refuse(
                path,
                f"{shown(variable.id)} is no number; name one of its states: {_listed(variable.states)}.",
            )
        named = value if isinstance(value, list) else [value]
        if not named:
            self.refuse(
                path, f"The list of states is empty; {shown(variable.id)} has {_listed(variable.states)}."
            )
        for each in named:
            if each not in variable.states or not isinstance(each, str):
                where = f" for {printable(variable.id)}"
                self.refuse(path, unknown_name("state", each, variable.states, where=where))
        states = frozenset(named)
        if len(states) < len(named):
            self.refuse(path, f"A state of {shown(variable.id)} is named twice: {_listed(named)}.")
        if len(states) == len(variable.states):
            self.refuse(path, f"This says nothing: it names every state of {shown(variable.id)}.")
        return states

    def _check_rising(self, variable: Variable, states: frozenset[str], path: Path) -> None:
        if variable.role == "factor":
            return
        lowest = variable.states[0]
        if len(variable.states) == 2:
            denied = next(each for each in variable.states if each != variable.present)
        else:
            denied = lowest if lowest in DENIALS else ""
        if denied in states:
            allowed = [each for each in variable.states if each != denied]
            self.refuse(
                path,
                f"A red flag or contraindication names what is there, and {shown(denied)} denies "
                f"{shown(variable.id)}. Allowed: {_listed(allowed)}.",
            )

    def _number(
        self, variable: Variable, value: object, path: Path, negated: bool
    ) -> tuple[Conjunction, ...]:
        assert variable.numeric is not None
        low, high = variable.numeric
        form = "{ at_least = ... }, { below = ... } or both"
        if not isinstance(value, Mapping) or not value or set(value) - {"at_least", "below"}:
            self.refuse(path, f"{shown(variable.id)} is a number: write {form}, got {shown(value)}.")
        for key, bound in value.items():
            if isinstance(bound, bool) or not isinstance(bound, (int, float)) or not low <= bound <= high:
                self.refuse(
                    (*path, key),
                    f"{key} must be a number from {low:g} to {high:g}, the range of {shown(variable.id)}, "
                    f"got {shown(bound)}.",
                )
        atom = NumberIs(
            variable.id, float(value.get("at_least", -math.inf)), float(value.get("below", math.inf))
        )
        if atom.at_least >= atom.below or atom.below <= low:
            self.refuse(path, f"This can never be true: no {shown(variable.id)} is {_bounds(atom)}.")
        if atom.at_least <= low and atom.below > high:
            self.refuse(path, f"This says nothing: every {shown(variable.id)} is {_bounds(atom)}.")
        return self._or_outside(atom, negated)

    def _posterior(self, raw: Mapping[str, Any], path: Path, negated: bool) -> tuple[Conjunction, ...]:
        self._not_rising(path, "`posterior`")
        extra = [key for key in raw if key not in ("posterior", "at_least", "below")]
        if extra or len(raw) == 1:
            self.refuse(
                path,
                'Write { posterior = "cause", at_least = 0.3 }, with below = ... instead or as well; '
                f"got {_listed(raw)}.",
            )
        cause = self._cause(raw["posterior"], (*path, "posterior"))
        at_least, below = (
            self._chance(raw[key], (*path, key)) if key in raw else default
            for key, default in (("at_least", -math.inf), ("below", math.inf))
        )
        atom = ChanceIs(cause, at_least, below)
        if at_least >= below or below <= 0.0:
            self.refuse(path, f"This can never be true: no chance is {_bounds(atom)}.")
        return self._or_outside(atom, negated)

    def _chance(self, value: object, path: Path) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 <= value <= 1.0:
            percent = (
                " Is it a percentage?"
                if isinstance(value, (int, float)) and not isinstance(value, bool) and 1.0 < value <= 100.0
                else ""
            )
            self.refuse(path, f"A chance must be a number from 0 to 1, got {shown(value)}.{percent}")
        return float(value)

    def _misfit(self, value: object, path: Path) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 < value < math.inf:
            self.refuse(path, f"misfit must be a number above 0 (1 and more: poorly), got {shown(value)}.")
        return float(value)

    def _cause(self, value: object, path: Path) -> str:
        causes = [each.id for each in self.network.causes]
        if value not in causes:
            self.refuse(path, unknown_name("cause", value, causes))
        return str(value)

    def _not_rising(self, path: Path, word: str) -> None:
        if self.only_rising:
            self.refuse(
                path,
                f"{word} has no place in a red flag or contraindication: it is raised by answers alone, "
                "and no answer may lower it.",
            )


def _bounds(atom: NumberIs | ChanceIs) -> str:
    low = f"at least {atom.at_least:g}" if atom.at_least > -math.inf else ""
    high = f"below {atom.below:g}" if atom.below < math.inf else ""
    return " and ".join(part for part in (low, high) if part)


def _listed(names: Any) -> str:
    return ", ".join(printable(str(each)) for each in names)
