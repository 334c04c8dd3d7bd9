"""What a network speaks of: variables, their states and how to ask for them."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from massage_pain.errors import ComplexityError, InvalidNetworkError, shown
from massage_pain.knowledge import limits

ROLES: tuple[str, ...] = ("factor", "cause", "complaint", "symptom", "screening", "other")
"""factor -> cause -> complaint and symptom; `screening` answers carry no probability (red flags and
contraindications read them); `other` is anything in a network that names no roles."""

BINARY: tuple[str, str] = ("absent", "present")
"""The states of a plain yes-or-no variable; True and False stand for them in a case."""


def checked_name(name: object, what: str) -> str:
    """`name` in Unicode NFC, or an error: text, not blank, printable, at most 256 characters.

    Raises `InvalidNetworkError`, or `ComplexityError` when the name is too long.
    """
    if not isinstance(name, str):
        raise InvalidNetworkError(f"{what} must be text, got {shown(name)} ({type(name).__name__}).")
    if len(name) > limits.NAME_CHARACTERS:
        raise ComplexityError(
            f"{what} {shown(name, most=40)} has {len(name):,} characters; "
            f"the limit is {limits.NAME_CHARACTERS}.",
            estimate=len(name),
            limit=limits.NAME_CHARACTERS,
        )
    if not name.strip():
        raise InvalidNetworkError(f"{what} must not be blank, got {shown(name)}.")
    if name != name.strip():
        raise InvalidNetworkError(f"{what} must not begin or end with space, got {shown(name)}.")
    for letter in name:
        if letter != " " and not letter.isprintable():
            raise InvalidNetworkError(
                f"{what} {shown(name)} holds a control or invisible character "
                f"(U+{ord(letter):04X}); use printable ones."
            )
    return unicodedata.normalize("NFC", name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One thing that is so or not so, and how a person is asked about it.

    `states` are ordered, lowest first. `present` is the state that counts as having it (the last one
    unless said otherwise). A `numeric` variable (age) has no states but a range of allowed numbers
    and a `unit`; only screening answers may be numeric. `cost` is the effort of asking, 1 for a
    plain question. `icd10` is a proposal, to be confirmed by a clinician.
    """

    id: str
    states: tuple[str, ...] = BINARY
    role: str = "other"
    label: str = ""
    question: str = ""
    state_labels: tuple[str, ...] = ()
    present: str = ""
    modifiable: bool = False
    cost: float = 1.0
    group: str = ""
    icd10: str = ""
    note: str = ""
    benign: bool = False
    numeric: tuple[float, float] | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        def put(name: str, value: object) -> None:
            object.__setattr__(self, name, value)

        put("id", checked_name(self.id, "A variable's name"))
        here = shown(self.id)
        if self.role not in ROLES:
            raise InvalidNetworkError(
                f"{here}: role must be one of {', '.join(ROLES)}, got {shown(self.role)}."
            )
        for name in ("label", "question", "group", "icd10", "note", "unit"):
            if not isinstance(getattr(self, name), str):
                raise InvalidNetworkError(f"{here}: {name} must be text, got {shown(getattr(self, name))}.")
        if self.numeric is not None:
            self._check_numeric(here)
            put("states", ())
            put("state_labels", ())
            put("present", "")
        else:
            given: object = self.states
            if isinstance(given, str) or not isinstance(given, Iterable):
                raise InvalidNetworkError(f"{here}: states must be a list, got {shown(given)}.")
            states = tuple(checked_name(each, f"A state of {here}") for each in given)
            if not states:
                raise InvalidNetworkError(f"{here} has no states; a variable needs at least one.")
            if len(set(states)) < len(states):
                twice = next(each for each in states if states.count(each) > 1)
                raise InvalidNetworkError(f"{here} has the state {shown(twice)} twice.")
            put("states", states)
            words: object = self.state_labels
            if not isinstance(words, (tuple, list)) or not all(isinstance(each, str) for each in words):
                raise InvalidNetworkError(
                    f"{here}: state_labels must be a list of texts, got {shown(words)}."
                )
            labels = tuple(words) or (
                ("no", "yes") if states == BINARY else tuple(s.replace("_", " ") for s in states)
            )
            if len(labels) != len(states):
                raise InvalidNetworkError(
                    f"{here}: state_labels needs {len(states)} entries, one a state, got {len(labels)}."
                )
            put("state_labels", labels)
            put("present", self.present or states[-1])
            if self.present not in states:
                raise InvalidNetworkError(
                    f"{here}: present must be one of its states "
                    f"({', '.join(states)}), got {shown(self.present)}."
                )
        cost: object = self.cost
        if isinstance(cost, bool) or not (
            isinstance(cost, (int, float)) and math.isfinite(cost) and cost > 0
        ):
            raise InvalidNetworkError(f"{here}: cost must be above 0, got {shown(cost)}.")
        put("cost", float(cost))
        put("label", self.label or self.id.replace("_", " "))

    def _check_numeric(self, here: str) -> None:
        if self.role != "screening":
            raise InvalidNetworkError(f"{here}: only a screening answer may be a number.")
        assert self.numeric is not None
        try:
            low, high = map(float, self.numeric)
            in_order = math.isfinite(low) and math.isfinite(high) and low < high
        except (TypeError, ValueError):
            in_order = False
        if not in_order:
            raise InvalidNetworkError(
                f"{here}: numeric must be a range [low, high], got {shown(self.numeric)}."
            )
        object.__setattr__(self, "numeric", (low, high))

    @property
    def is_binary(self) -> bool:
        """Whether True and False may stand for the states: they are absent and present."""
        return self.states == BINARY

    @property
    def present_index(self) -> int:
        """The position of the state that counts as present."""
        return self.states.index(self.present)

    def answer(self, state: str) -> str:
        """The words for a state, as a person would say it."""
        return self.state_labels[self.states.index(state)]
