"""The explorer itself: what was answered, the widgets that show it, and the way from a click to the card.

Every click makes a new `Scenario`; everything on screen is then shown anew from it, the card first. So undo
is showing an older one, and no widget holds anything that is not in the scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from massage_pain.display.explorer import golden, views
from massage_pain.display.explorer.as_python import as_python
from massage_pain.display.explorer.board import Board
from massage_pain.display.explorer.pieces import OneOf, box, button, html, toolkit
from massage_pain.display.explorer.prompt import next_prompt
from massage_pain.display.explorer.prompt_panel import PromptPanel
from massage_pain.display.explorer.scenario import NAMES, Desk, History, Scenario
from massage_pain.display.explorer.sheet import style_tag
from massage_pain.errors import UnknownVariableError, unknown_name
from massage_pain.inference.case import Case

if TYPE_CHECKING:
    from massage_pain.reasoner import Reasoner


class Explorer:
    """A case answered by clicking, with the card beside it.

    In a notebook it shows itself. `case` is what was answered so far; `answer`, `undo`, `redo`, `reset`,
    `load` and `compare` do what the buttons do.
    """

    def __init__(self, reasoner: Reasoner, case: Mapping[str, Any] | None = None) -> None:
        self.reasoner = reasoner
        begun = reasoner.assess(case).case
        self._history = History(Desk((Scenario(begun),)))
        self._order: tuple[str, ...] = ()
        self._seen: tuple[views.Seen, ...] = ()
        self._spoken = 0
        self._tab = views.TABS[0]
        self._change: Mapping[str, str] = {}
        self._changes: tuple[tuple[str, dict[str, str]], ...] = ()
        self._quiet = False
        self._build()
        self._show(sort=True)

    # -- what it holds -------------------------------------------------------------------------

    @property
    def desk(self) -> Desk:
        """One scenario, or two to compare."""
        return self._history.present

    @property
    def case(self) -> Case:
        """What was answered so far, in the scenario being answered."""
        return self.desk.scenario.case

    @cached_property
    def _golden(self) -> tuple[golden.GoldenCase, ...]:
        return golden.golden_cases(self.reasoner.network)

    @property
    def python(self) -> str:
        """The case as Python."""
        return as_python(self.reasoner.network, *(each.case for each in self.desk.scenarios))

    # -- what the buttons do -------------------------------------------------------------------

    def answer(self, findings: Mapping[str, Any]) -> None:
        """Say this, in the place of what was said before; None takes an answer back.

        Raises `UnknownVariableError`, `UnknownStateError` and `EvidenceError` for what is no finding; then
        nothing changes.
        """
        new = self.desk.scenario.answered(findings)
        self._check(findings)
        self._go(self.desk.with_scenario(new))

    def undo(self) -> None:
        """Take the last step back."""
        self._turn(self._history.undo())

    def redo(self) -> None:
        """Take the step again that was taken back."""
        self._turn(self._history.redo())

    def reset(self) -> None:
        """Begin with nothing known; this can be undone too."""
        self._go(Desk(), sort=True)

    def load(self, id: str) -> None:
        """Begin with a golden case. Raises `UnknownVariableError` for an unknown one."""
        found = next((each for each in self._golden if each.id == id), None)
        if found is None:
            raise UnknownVariableError(unknown_name("case", id, [each.id for each in self._golden]))
        case = golden.findings_of(self.reasoner, found)
        self._go(self.desk.with_scenario(Scenario(case)), sort=True)

    def compare(self) -> None:
        """Put a copy beside the scenario, to change; or, with two, keep the one being answered."""
        self._go(self.desk.single() if self.desk.compares else self.desk.doubled())

    def turn_to(self, at: int) -> None:
        """Answer the other scenario: 0 for A, 1 for B."""
        self._go(self.desk.turned(at))

    def skip(self, names: tuple[str, ...]) -> None:
        """Put questions aside."""
        self._go(self.desk.with_scenario(self.desk.scenario.skip(names)))

    def ask_again(self) -> None:
        """Ask what was put aside."""
        self._go(self.desk.with_scenario(self.desk.scenario.ask_again()))

    def _check(self, findings: Mapping[str, Any]) -> None:
        from massage_pain.inference.evidence import evidence_of

        evidence_of(self.reasoner.network, Case(findings))

    def _go(self, desk: Desk, *, sort: bool = False) -> None:
        self._turn(self._history.then(desk), sort=sort)

    def _turn(self, history: History, *, sort: bool = False) -> None:
        if history is not self._history:
            self._history = history
            self._show(sort=sort)

    # -- showing -------------------------------------------------------------------------------

    def _show(self, *, sort: bool = False) -> None:
        """Everything anew from the desk, the card first."""
        self._seen = tuple(views.seen(self.reasoner, each.case) for each in self.desk.scenarios)
        now = self._seen[self.desk.at]
        if sort or not self._order:
            self._order = views.order_of(now)
        self._show_tab()
        self._spoken_html.value = views.announcement(now, self._spoken)
        self._spoken = now.level
        self._board.show(self.desk.scenario)
        self._show_bar()
        self._panel.show(next_prompt(self.reasoner, self.desk.scenario))

    def _show_bar(self) -> None:
        self._undo.disabled, self._redo.disabled = not self._history.past, not self._history.future
        self._compare.description = (
            f"Keep only {NAMES[self.desk.at]}" if self.desk.compares else "Compare two"
        )
        shown = (self._which.widget,) if self.desk.compares else ()
        if self._which_box.children != shown:
            self._which_box.children = shown
        self._which.show(self.desk.at)
        if self._python_box in self._panels.children:
            self._python_text.value = self.python

    def _show_tab(self) -> None:
        name = self._tab
        if name == views.TABS[0]:
            cards = (
                views.two_cards(self.reasoner.network, self._seen, self._order)
                if self.desk.compares
                else views.card(self._seen[0], self._order)
            )
            self._controls.children = ()
            self._card.value = cards
            return
        controls: tuple[Any, ...] = ()
        if name in views.WITH_CAUSE:
            controls = (self._cause,)
        elif name == "What if":
            self._fill_changes()
            controls = (self._change_list,)
        if self._controls.children != controls:
            self._controls.children = controls
        self._card.value = views.tab(
            name, self.reasoner, self.case, cause=self._cause.value or None, change=self._change
        )

    def _fill_changes(self) -> None:
        self._changes = views.changes(self.reasoner.network, self.case)
        if self._change not in [setting for _, setting in self._changes]:
            self._change = {}
        labels = [words for words, _ in self._changes]
        at = [setting for _, setting in self._changes].index(dict(self._change))
        if list(self._change_list.options) != labels or self._change_list.index != at:
            self._quiet = True
            try:
                self._change_list.options = labels
                self._change_list.index = at
            finally:
                self._quiet = False

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        kit: Any = toolkit()
        network = self.reasoner.network
        self._spoken_html = html(css="mpx-quiet")
        self._undo = button("Undo", self.undo, hint="Take the last step back")
        self._redo = button("Redo", self.redo, hint="Take the step again that was taken back")
        self._compare = button("Compare two", self.compare, hint="Put a second scenario beside this one")
        bar = [
            self._undo,
            self._redo,
            button("Reset", self.reset, hint="Begin again with nothing known"),
            button("Copy as Python", self._toggle_python, hint="Show the case as Python, to copy"),
            self._compare,
        ]
        if golden.has_cases(network):
            bar.insert(3, button("Load a case", self._toggle_cases, hint="Begin with an example"))
        self._python_text = kit.Textarea(description="Select all and copy", rows=8)
        self._python_text.add_class("mpx-field")
        self._python_box = box((self._python_text,), "mpx-panel")
        self._cases_box: Any = None
        self._panels = box((), "mpx-panels")
        self._panel = PromptPanel(self.answer, self.skip, self.ask_again, network)
        self._board = Board(network, self.answer)
        self._tabs = OneOf("", views.TABS, self._open_tab, "mpx-tabs")
        self._which = OneOf(
            "You are answering", [f"Scenario {each}" for each in NAMES], self.turn_to, "mpx-which"
        )
        self._which_box = box(())
        self._cause = kit.Dropdown(
            description="Cause",
            options=[("the likeliest one", ""), *((each.label, each.id) for each in network.causes)],
        )
        self._cause.observe(lambda _: self._show_tab(), "value")
        self._change_list: Any = kit.Dropdown(description="What if", options=["each change alone"])
        self._change_list.observe(self._change_chosen, "index")
        for each in (self._cause, self._change_list):
            each.add_class("mpx-field")
        self._controls = box(())
        self._card = html()
        show = box((self._which_box, self._tabs.widget, self._controls, self._card), "mpx-show")
        body = box((self._panel.widget, self._board.widget, show), "mpx-body")
        self.widget = box(
            (html(style_tag(), "mpx-quiet"), self._spoken_html, box(bar, "mpx-bar"), self._panels, body),
            "mpx",
        )

    def _open_tab(self, at: int) -> None:
        self._tab = views.TABS[at]
        self._show_tab()

    def _change_chosen(self, change: Any) -> None:
        if not self._quiet and change["new"] is not None:
            self._change = self._changes[change["new"]][1]
            self._show_tab()

    def _toggle(self, panel: Any) -> None:
        held = self._panels.children
        self._panels.children = (
            tuple(each for each in held if each is not panel) if panel in held else (*held, panel)
        )

    def _toggle_python(self) -> None:
        self._python_text.value = self.python
        self._toggle(self._python_box)

    def _toggle_cases(self) -> None:
        if self._cases_box is None:
            self._build_cases()
        self._toggle(self._cases_box)

    def _build_cases(self) -> None:
        kit = toolkit()
        search = kit.Text(description="Find a case", placeholder="strain, fever, 70 years ...")
        listed = kit.Select(description=f"{len(self._golden)} cases", rows=7)
        for each in (search, listed):
            each.add_class("mpx-field")

        def fill(_: Any = None) -> None:
            matches = golden.matching(self._golden, search.value)
            listed.options = [(f"{each.group}: {each.sentence}", each.id) for each in matches]
            listed.description = f"{len(matches)} cases"

        search.observe(fill, "value")
        fill()
        take = button("Load this case", lambda: self.load(listed.value) if listed.value else None)
        self._cases_box = box((search, listed, take), "mpx-panel")

    # -- in a notebook -------------------------------------------------------------------------

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """The widget, and for pages without a kernel the card as it is now."""
        bundle = dict(self.widget._repr_mimebundle_(include=include, exclude=exclude) or {})
        bundle["text/html"] = views.fallback(self._seen[self.desk.at])
        bundle["text/plain"] = repr(self)
        return bundle

    def __repr__(self) -> str:
        return f"<Explorer: {self.reasoner.network.name}; {len(self.case)} answered>"
