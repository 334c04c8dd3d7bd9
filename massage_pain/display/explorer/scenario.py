"""What was answered in an explorer, and every step of the way back: frozen values, no widgets.

A `Scenario` is a case and the questions put aside. A `Desk` holds one scenario, or two to compare. A
`History` is the desk as it is, as it was and, after an undo, as it will be again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from massage_pain.inference.case import Case, is_missing

NAMES: tuple[str, ...] = ("A", "B")
"""What two scenarios are called."""

STEPS = 500
"""How many steps can be taken back."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A case, and the questions that were skipped: not answered, and not asked again for now."""

    case: Case = field(default_factory=Case)
    skipped: frozenset[str] = frozenset()

    def answered(self, findings: Mapping[str, Any]) -> Scenario:
        """With these findings in the place of what was said before; None takes a finding back."""
        kept = {name: value for name, value in self.case.items() if name not in findings}
        new = {name: value for name, value in findings.items() if not is_missing(value)}
        return Scenario(Case({**kept, **new}), self.skipped - set(findings))

    def skip(self, names: Iterable[str]) -> Scenario:
        """With these questions put aside."""
        return replace(self, skipped=self.skipped | set(names))

    def ask_again(self) -> Scenario:
        """With no question put aside."""
        return replace(self, skipped=frozenset())


@dataclass(frozen=True, slots=True)
class Desk:
    """One scenario, or two side by side; `at` is the position of the one being answered."""

    scenarios: tuple[Scenario, ...] = (Scenario(),)
    at: int = 0

    @property
    def scenario(self) -> Scenario:
        """The scenario being answered."""
        return self.scenarios[self.at]

    @property
    def compares(self) -> bool:
        """Whether there are two."""
        return len(self.scenarios) > 1

    def with_scenario(self, scenario: Scenario) -> Desk:
        """With another scenario in the place of the one being answered."""
        held = list(self.scenarios)
        held[self.at] = scenario
        return Desk(tuple(held), self.at)

    def doubled(self) -> Desk:
        """With a copy beside it, which is the one to change now."""
        return Desk((self.scenario, self.scenario), 1)

    def single(self) -> Desk:
        """With only the scenario being answered."""
        return Desk((self.scenario,), 0)

    def turned(self, at: int) -> Desk:
        """With the other scenario being answered."""
        return replace(self, at=min(max(at, 0), len(self.scenarios) - 1))


@dataclass(frozen=True, slots=True)
class History:
    """The desk now, the desks before it (the last one last), and those taken back (the next one last)."""

    present: Desk = field(default_factory=Desk)
    past: tuple[Desk, ...] = ()
    future: tuple[Desk, ...] = ()

    def then(self, desk: Desk) -> History:
        """After a step; a step that changes nothing is none."""
        if desk == self.present:
            return self
        return History(desk, (*self.past, self.present)[-STEPS:])

    def undo(self) -> History:
        """Before the last step; at the beginning, the same."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (*self.future, self.present))

    def redo(self) -> History:
        """The last step taken back, taken again."""
        if not self.future:
            return self
        return History(self.future[-1], (*self.past, self.present), self.future[:-1])
