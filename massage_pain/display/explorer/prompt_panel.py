"""The pinned question as widgets: its words, a button an answer, and "Unsure" and "Skip" beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from massage_pain.display.escape import escape
from massage_pain.display.explorer.pieces import Buttons, Press, Row, box, html
from massage_pain.display.explorer.prompt import Prompt
from massage_pain.inference.case import UNSURE
from massage_pain.knowledge.network import Network


class PromptPanel:
    """Shows a `Prompt`; its buttons stay the same widgets from question to question."""

    def __init__(
        self,
        answer: Callable[[Mapping[str, Any]], None],
        skip: Callable[[tuple[str, ...]], None],
        ask_again: Callable[[], None],
        network: Network,
    ) -> None:
        self._answer, self._skip, self._ask_again = answer, skip, ask_again
        self._network = network
        self._words = html()
        self._answers = Buttons("mpx-answers")
        self._aside = Buttons("mpx-aside")
        self._why = html()
        self._numbers: dict[str, Row] = {}
        self._box = box((self._words, self._answers.widget, self._aside.widget, self._why), "mpx-ask")
        self.widget = box((self._box,), "mpx-next")

    def show(self, prompt: Prompt) -> None:
        """Show this question."""
        self._words.value = (
            f'<p class="mpx-s">{escape(prompt.kicker)}</p><p class="mpx-q">{escape(prompt.text)}</p>'
        )
        self._why.value = f'<p class="mpx-s">{escape(prompt.why)}</p>' if prompt.why else ""
        presses = [
            Press(
                each.label,
                partial(self._answer, each.finding),
                ("mpx-none",) if prompt.several and at == len(prompt.answers) - 1 else (),
            )
            for at, each in enumerate(prompt.answers)
        ]
        self._answers.show(presses)
        css = ("mpx-answers", "mpx-several") if prompt.several else ("mpx-answers",)
        if tuple(self._answers.widget._dom_classes) != css:
            self._answers.widget._dom_classes = css
        self._aside.show(self._beside(prompt))
        self._show_number(prompt.number)

    def _beside(self, prompt: Prompt) -> list[Press]:
        presses = []
        if prompt.several:
            unsure = dict.fromkeys(prompt.skippable, UNSURE)
            presses.append(Press("Unsure about all", partial(self._answer, unsure), ("mpx-plain",)))
        if prompt.skippable:
            presses.append(Press("Skip", partial(self._skip, prompt.skippable), ("mpx-plain",)))
        if prompt.skipped:
            words = f"Ask the {prompt.skipped} skipped again"
            presses.append(Press(words, self._ask_again, ("mpx-plain",)))
        return presses

    def _show_number(self, name: str) -> None:
        children = [self._words, self._answers.widget, self._aside.widget, self._why]
        if name:
            if name not in self._numbers:
                variable = self._network.variable(name)
                self._numbers[name] = Row(variable, lambda value: self._answer({name: value}))
            self._numbers[name].show(None)
            children.insert(1, self._numbers[name].widget)
        if self._box.children != tuple(children):
            self._box.children = tuple(children)
