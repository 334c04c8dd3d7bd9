"""Everything that can be answered, as widgets: search, chips, and the groups with their rows.

The rows of a group are made when it is opened for the first time, those of a search when it finds them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from massage_pain.display.escape import escape
from massage_pain.display.explorer import asking
from massage_pain.display.explorer.asking import Group
from massage_pain.display.explorer.pieces import Buttons, Press, Row, box, button, html, toolkit
from massage_pain.display.explorer.scenario import Scenario
from massage_pain.errors import printable
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable

Answer = Callable[[Mapping[str, Any]], None]


class GroupBox:
    """A group under its heading; closed, it has no rows."""

    def __init__(self, group: Group, row: Callable[[Variable], Row], answer: Answer) -> None:
        self.group = group
        self._row, self._answer = row, answer
        self._case: Mapping[str, Any] = {}
        self._opened = False
        self._head = button("", self.toggle)
        self._rows = box((), "mpx-rows")
        self._none: Any = None
        self.widget = box((self._head,), "mpx-group")

    def toggle(self) -> None:
        """Open it, or close it."""
        self._opened = not self._opened
        (self._head.add_class if self._opened else self._head.remove_class)("mpx-open")
        if self._opened and not self._rows.children:
            self._build()
        self.widget.children = (self._head, self._rows) if self._opened else (self._head,)
        self.show(self._case)

    def _build(self) -> None:
        rows = [self._row(each).widget for each in self.group.variables]
        if self.group.block == asking.BLOCKS["screening"]:
            self._none = button("None of these", self._deny)
            rows.append(self._none)
        self._rows.children = tuple(rows)

    def _deny(self) -> None:
        denied = asking.denials(self.group, self._case)
        if denied:
            self._answer(denied)

    def show(self, case: Mapping[str, Any]) -> None:
        """Show the count of answers."""
        self._case = case
        count, total = asking.count_answered(self.group, case), len(self.group.variables)
        words = f"{'▾' if self._opened else '▸'} {printable(self.group.label)} · {count} of {total}"
        if self._head.description != words:
            self._head.description = words
            self._head.tooltip = "Close this group" if self._opened else "Open this group"
        if self._none is not None:
            left = asking.denials(self.group, case)
            fresh = count == 0
            self._none.description = "None of these" if fresh else "None of the others"
            self._none.disabled = not left


class Board:
    """Search, chips and groups."""

    def __init__(self, network: Network, answer: Answer) -> None:
        self._network, self._answer = network, answer
        self._case: Mapping[str, Any] = {}
        self._made: dict[str, Row] = {}
        self._search = toolkit().Text(
            description="Find a question", placeholder="numb, cold, blood thinner ..."
        )
        self._search.add_class("mpx-field")
        self._search.observe(self._searched, "value")
        self._found = box((), "mpx-rows")
        self._chips_head = html()
        self._chips = Buttons("mpx-chips")
        self._groups = [GroupBox(each, self.row, answer) for each in asking.groups(network)]
        self._all = box(self._in_blocks())
        self.widget = box(
            (self._search, self._found, self._chips_head, self._chips.widget, self._all), "mpx-groups"
        )

    def _in_blocks(self) -> tuple[Any, ...]:
        children: list[Any] = []
        block = ""
        for each in self._groups:
            if each.group.block != block:
                block = each.group.block
                children.append(html(f'<h4 class="mpx-h">{escape(block)}</h4>'))
            children.append(each.widget)
        return tuple(children)

    @property
    def groups(self) -> list[GroupBox]:
        """The groups, in the order they are shown."""
        return self._groups

    def row(self, variable: Variable) -> Row:
        """The row of a variable; there is one, wherever it is shown."""
        if variable.id not in self._made:
            made = Row(variable, partial(self._answered, variable.id))
            made.show(self._case.get(variable.id))
            self._made[variable.id] = made
        return self._made[variable.id]

    def _answered(self, name: str, finding: Any) -> None:
        self._answer({name: finding})

    def show(self, scenario: Scenario) -> None:
        """Show what is said: in rows, counts and chips."""
        self._case = scenario.case
        for name, row in self._made.items():
            row.show(self._case.get(name))
        for group in self._groups:
            group.show(self._case)
        chips = asking.chips(self._network, self._case)
        count = len(self._case)
        self._chips_head.value = f'<h4 class="mpx-h">You said ({count})</h4>' if count else ""
        self._chips.show(
            [
                Press(
                    f"{each.text} ×",
                    partial(self._answer, dict.fromkeys(each.variables)),
                    () if each.denies else ("mpx-yes",),
                    "Take this back",
                )
                for each in chips
            ]
        )

    def _searched(self, change: Any) -> None:
        words = str(change["new"])
        found = asking.found(self._network, words)
        shown = [self.row(each).widget for each in found[: asking.MOST_FOUND]]
        if words.strip():
            more = len(found) - len(shown)
            note = f"{len(found)} found" + (f", {more} not shown" if more > 0 else "")
            shown.insert(0, html(f'<p class="mpx-s" role="status">{note}</p>'))
        self._found.children = tuple(shown)
