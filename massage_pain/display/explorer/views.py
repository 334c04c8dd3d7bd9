"""What the tabs of an explorer show, each as a piece of HTML made from a case. No widgets.

A tab asks one verb of the reasoner. A verb that a reasoner lacks, or that fails, is a sentence in its own
tab and never costs the card.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from massage_pain.advice.answers import answer_words
from massage_pain.display import sentences, wording
from massage_pain.display.card import assessment_card, style_tag
from massage_pain.display.escape import escape
from massage_pain.display.explorer.scenario import NAMES
from massage_pain.display.icons import INFORMATION
from massage_pain.display.tables import Report, Table, as_html
from massage_pain.errors import MassagePainError

if TYPE_CHECKING:
    from massage_pain.knowledge.network import Network
    from massage_pain.reasoner import Reasoner

TABS: tuple[str, ...] = ("Assessment", "Why", "Questions", "What if", "Sensitivity", "Network")
WITH_CAUSE: tuple[str, ...] = ("Why", "Sensitivity", "Network")
"""The tabs that are about one cause."""

DRAWS = 200
"""Draws for the live intervals: fewer than `intervals` takes, so that a click is answered at once."""


class Seen(NamedTuple):
    """One scenario as it was assessed: the summary, or None and the sentence that says what is wrong."""

    summary: dict[str, Any] | None
    problem: str = ""

    @property
    def level(self) -> int:
        """The urgency from 0 to 5."""
        return 0 if self.summary is None else sentences.level(self.summary)


def seen(reasoner: Reasoner, case: Mapping[str, Any]) -> Seen:
    """The assessment of a case with its intervals, as plain values."""
    try:
        summary = reasoner.assess(case).to_dict()
    except MassagePainError as error:
        return Seen(None, str(error))
    return Seen(_with_intervals(reasoner, case, summary))


def _with_intervals(reasoner: Reasoner, case: Mapping[str, Any], summary: dict[str, Any]) -> dict[str, Any]:
    ask = getattr(reasoner, "intervals", None)
    if ask is None or sentences.level(summary) >= sentences.EMERGENCY:
        return summary
    try:
        found = ask(case, draws=DRAWS).to_dict()
        ends = {each["id"]: {"low": each["low"], "high": each["high"]} for each in found["causes"]}
        none = {key: found["none_of_these"][key] for key in ("low", "high")}
        causes = [{**each, **ends[each["id"]]} for each in summary["causes"]]
        return {
            **summary,
            "level": found["level"],
            "causes": causes,
            "none_of_these": {**summary["none_of_these"], **none},
        }
    except Exception:  # an interval is an extra: without it the card says "interval not computed"
        return summary


def order_of(found: Seen) -> tuple[str, ...]:
    """The causes as they rank now; the rows keep this order while answers change."""
    return () if found.summary is None else tuple(each["id"] for each in found.summary["causes"])


def announcement(found: Seen, before: int) -> str:
    """One sentence for a screen reader; an emergency that was none before is said at once."""
    if found.summary is None:
        return f'<p class="mpx-vh" role="alert">{escape(found.problem)}</p>'
    top = sentences.header(found.summary)
    if found.level >= sentences.EMERGENCY > before:
        return f'<p class="mpx-vh" role="alert" aria-live="assertive">Emergency. {escape(top.title)}.</p>'
    words = "".join(text for text, _ in sentences.likeliest(found.summary)[:2])
    return f'<p class="mpx-vh" role="status">{escape(top.title)}. {escape(words)}</p>'


# -- the card ----------------------------------------------------------------------------------------------


def card(found: Seen, order: Sequence[str] = ()) -> str:
    """The assessment, or what is wrong with the case."""
    if found.summary is None:
        return message("These answers cannot be assessed", found.problem)
    return assessment_card({**found.summary, "row_order": list(order)}, style=False)


def message(title: str, words: str) -> str:
    """A card that only says something."""
    return as_html(Report("Explorer", title, (words,)), style=False)


def two_cards(network: Network, found: Sequence[Seen], order: Sequence[str] = ()) -> str:
    """Two scenarios side by side, with what differs between them on top."""
    cards = "".join(
        f'<div><p class="mpx-name">Scenario {name}</p>{card(each, order)}</div>'
        for name, each in zip(NAMES, found, strict=False)
    )
    return f'{differences(network, found)}<div class="mpx-two">{cards}</div>'


def differences(network: Network, found: Sequence[Seen]) -> str:
    """Which answers differ, and what that does to the urgency and the chances."""
    one, other = (each.summary for each in found)
    if one is None or other is None:
        return ""
    said = [{each["variable"]: each["answer"] for each in summary["said"]} for summary in (one, other)]
    names = [each.id for each in network.variables if said[0].get(each.id) != said[1].get(each.id)]
    answers = tuple(
        (network.variable(name).label, *(each.get(name, "not asked") for each in said)) for name in names
    )
    if not names:
        words = "The two are the same so far: change an answer, and it is scenario B that changes."
        return as_html(Report("Two scenarios", "No difference yet", (words,)), style=False)
    chances = {each["id"]: each for each in other["causes"]}
    rows = tuple(
        (
            each["label"],
            wording.hundreds(each["probability"]),
            wording.hundreds(chances[each["id"]]["probability"]),
        )
        for each in one["causes"]
    )
    titles = [sentences.header(each).title for each in (one, other)]
    same = titles[0] == titles[1]
    title = f"Both: {titles[0]}" if same else f"A: {titles[0]}. B: {titles[1]}"
    tables = [
        Table(("Answer that differs", "A", "B"), answers),
        Table(("Cause", "A", "B"), rows, numbers=(1, 2)),
    ]
    return as_html(Report("Two scenarios", title, (), tuple(tables)), style=False)


# -- the other tabs -----------------------------------------------------------------------------------------


def tab(
    name: str,
    reasoner: Reasoner,
    case: Mapping[str, Any],
    *,
    cause: str | None = None,
    change: Mapping[str, str] | None = None,
) -> str:
    """What a tab other than the first shows."""
    try:
        if name == "Network":
            return _network(reasoner, case, cause)
        verb, given = _call(name, cause, change)
        ask = getattr(reasoner, verb, None)
        if ask is None:
            return message(f"{name}: not available", f"This reasoner has no {verb}.")
        return _without_style(ask(case, **given)._repr_html_())
    except MassagePainError as error:
        return message(f"{name}: no answer for this case", str(error))
    except Exception as error:  # a tab that fails says so; the card beside it stays
        words = f"{type(error).__name__}: {error}. The assessment does not depend on it."
        return message(f"{name}: something went wrong here", words)


def _call(name: str, cause: str | None, change: Mapping[str, str] | None) -> tuple[str, dict[str, Any]]:
    if name == "Why":
        return "explain", {"cause": cause}
    if name == "Questions":
        return "ask", {"top": 8}
    if name == "What if":
        return "what_if", {"do": dict(change) if change else None, "draws": DRAWS}
    return "sensitivity", {"cause": cause}


def _without_style(html: str) -> str:
    """The page has the sheet already."""
    return html.replace(style_tag(), "", 1)


def _network(reasoner: Reasoner, case: Mapping[str, Any], cause: str | None) -> str:
    draw = getattr(reasoner, "draw", None)
    if draw is not None:
        return _without_style(str(draw(case, cause)._repr_html_()))
    from massage_pain.display.network_drawing import network_svg

    now = reasoner.assess(case)
    svg = network_svg(
        reasoner.network,
        posterior=now.posterior.probabilities,
        before=now.before.probabilities,
        focus=cause,
    )
    return f'<div class="mpx-wide" role="region" aria-label="The network" tabindex="0">{svg}</div>'


def changes(network: Network, case: Mapping[str, Any]) -> tuple[tuple[str, dict[str, str]], ...]:
    """What the tab "What if" can set: a sentence and the setting; the first one sets nothing."""
    found: list[tuple[str, dict[str, str]]] = [("each change alone, the most helpful first", {})]
    for each in network.variables:
        if each.modifiable and each.role != "screening":
            for state, words in zip(each.states, each.state_labels, strict=True):
                if case.get(each.id) != state:
                    now = f" (now: {answer_words(each, case[each.id])})" if each.id in case else ""
                    found.append((f"{each.label}: {words}{now}", {each.id: state}))
    return tuple(found)


def fallback(found: Seen) -> str:
    """What a page without a kernel shows: the card, and how to go on."""
    words = "The explorer needs a running kernel: run this cell in JupyterLab or Jupyter Notebook to answer."
    note = f'<article class="mp u0"><div class="sec">{INFORMATION} {words}</div></article>'
    return f"{style_tag()}{note}{card(found)}"
