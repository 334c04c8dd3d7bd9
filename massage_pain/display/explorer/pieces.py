"""The small widgets of an explorer: buttons that are reused, rows to answer in, a choice of one.

Widgets are kept and their words changed, so that the keyboard's focus stays where it is when an answer
changes what is around it. ipywidgets is imported here, when an explorer is opened, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from massage_pain.display.escape import plain
from massage_pain.display.explorer.asking import Choice, choices, number_said
from massage_pain.errors import MissingExtraError
from massage_pain.inference.case import UNSURE
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.wording import asked


def toolkit() -> Any:
    """The module ipywidgets. Raises `MissingExtraError` when it is not installed."""
    try:
        import ipywidgets
    except ImportError as error:
        raise MissingExtraError(
            f'The explorer needs ipywidgets: pip install "massage-pain[notebook]" ({error}).'
        ) from None
    return ipywidgets


def html(words: str = "", css: str = "") -> Any:
    """A piece of HTML; whoever gives the words has escaped them."""
    made = toolkit().HTML(words)
    if css:
        made.add_class(css)
    return made


def box(children: Sequence[Any], *css: str) -> Any:
    """Widgets below each other, laid out by the style sheet."""
    made = toolkit().Box(children)
    for each in css:
        made.add_class(each)
    return made


def button(words: str, do: Callable[[], None], *css: str, hint: str = "") -> Any:
    """A button that does one thing."""
    made = toolkit().Button(description=plain(words), tooltip=hint)
    for each in css:
        made.add_class(each)
    made.on_click(lambda _: do())
    return made


class Press(NamedTuple):
    """One button of a row of buttons: its words, what it does, its classes and a hint."""

    words: str
    do: Callable[[], None]
    css: tuple[str, ...] = ()
    hint: str = ""


class Buttons:
    """A row of buttons whose number and words change while the buttons stay the same.

    The keyboard's focus follows the words that were pressed. Without that, "None of these" pressed twice
    could be a yes to whatever stands in its place in the next, longer list; in a shorter one the focus would
    be lost, so there it goes to the last button.
    """

    def __init__(self, *css: str) -> None:
        self.widget = box((), *css)
        self._made: list[Any] = []
        self._does: list[Callable[[], None]] = []
        self._pressed: int | None = None

    def _press(self, at: int) -> None:
        self._pressed = at
        try:
            self._does[at]()
        finally:
            self._pressed = None

    def show(self, presses: Sequence[Press]) -> None:
        """Show these."""
        pressed = None if self._pressed is None else self._made[self._pressed].description
        while len(self._made) < len(presses):
            at = len(self._made)
            self._does.append(lambda: None)
            self._made.append(button("", lambda at=at: self._press(at)))  # type: ignore[misc]
        for at, each in enumerate(presses):
            made = self._made[at]
            self._does[at] = each.do
            made.description, made.tooltip = plain(each.words), plain(each.hint)
            wanted = tuple(each.css)
            if tuple(made._dom_classes) != wanted:
                made._dom_classes = wanted
        shown = tuple(self._made[: len(presses)])
        if self.widget.children != shown:
            self.widget.children = shown
        if self._pressed is not None and shown:
            words = [each.description for each in shown]
            at = words.index(pressed) if pressed in words else min(self._pressed, len(words) - 1)
            if at != self._pressed:
                shown[at].focus()


class OneOf:
    """A choice of one, as radio buttons."""

    def __init__(self, label: str, options: Sequence[str], chosen: Callable[[int], None], css: str) -> None:
        self.widget = toolkit().RadioButtons(
            options=[plain(each) for each in options],
            index=0,
            description=plain(label),
            orientation="horizontal",
        )
        self.widget.add_class(css)
        self._silent = False
        self._chosen = chosen
        self.widget.observe(self._changed, "index")

    def show(self, at: int | None) -> None:
        """Show which one is chosen, without calling back."""
        self._silent = True
        try:
            if self.widget.index != at:
                self.widget.index = at
        finally:
            self._silent = False

    def _changed(self, change: Any) -> None:
        if not self._silent and change["new"] is not None:
            self._chosen(int(change["new"]))


class Row:
    """A question and its answers in one line; a number is typed."""

    def __init__(self, variable: Variable, answer: Callable[[Any], None]) -> None:
        self.variable = variable
        self._answer = answer
        self._choices: tuple[Choice, ...] = ()
        self._number: Any = None
        if variable.numeric is None:
            self._choices = choices(variable)
            self._radio = OneOf(
                variable.label, [each.label for each in self._choices], self._picked, "mpx-row"
            )
            self.widget = self._radio.widget
            self.widget.tooltip = plain(asked(variable))
        else:
            self._make_number()

    def _make_number(self) -> None:
        unit = f" ({self.variable.unit})" if self.variable.unit else ""
        self._number = toolkit().Text(
            description=plain(f"{self.variable.label}{unit}"),
            continuous_update=False,
            tooltip=plain(asked(self.variable)),
        )
        self._number.add_class("mpx-row")
        self._number.observe(self._typed, "value")
        self._problem = html()
        self._silent = False
        self.widget = box((self._number, self._problem))

    def show(self, finding: Any) -> None:
        """Show what is said, without calling back."""
        if self._number is None:
            at = next((at for at, each in enumerate(self._choices) if each.finding == finding), None)
            self._radio.show(at)
            said, marked = finding is not None, "mpx-said" in self.widget._dom_classes
            if said != marked:
                (self.widget.add_class if said else self.widget.remove_class)("mpx-said")
            return
        self._silent = True
        try:
            self._problem.value = ""
            is_number = isinstance(finding, (int, float))
            self._number.value = f"{finding:g}" if is_number else "unsure" if finding is UNSURE else ""
        finally:
            self._silent = False

    def _picked(self, at: int) -> None:
        self._answer(self._choices[at].finding)

    def _typed(self, change: Any) -> None:
        if self._silent:
            return
        words = str(change["new"])
        if words.strip().casefold() == "unsure":
            self._answer(UNSURE)
            return
        try:
            number = number_said(self.variable, words)
        except ValueError as error:
            # our own sentence: it holds numbers and a unit
            from massage_pain.display.escape import escape

            self._problem.value = f'<p class="mpx-bad" role="alert">{escape(error)}</p>'
            return
        self._answer(number)
