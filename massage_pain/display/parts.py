"""The parts of a card, each a piece of HTML from a summary.

Every word from a summary goes through `escape`; no name reaches a class, a style or an address, and no part
has an id, so two equal cards can stand on one page. What matters survives a sanitiser that drops styles,
drawings and roles (an untrusted notebook): the table is the chart, line breaks stand before small print, and
the chance before the answers is hidden text in the drawing's own cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from massage_pain.display import icons, marks, safety, sentences, wording
from massage_pain.display.escape import escape
from massage_pain.display.sentences import Chance, Piece, Summary

SHOWN_QUESTIONS = 5
SHOWN_NUMBERS = 30


def article(summary: Summary, body: str, *, network_class: str = "") -> str:
    """The card around its parts."""
    top = sentences.header(summary)
    classes = f"mp {top.look}{' prov' if top.provisional else ''}{network_class}"
    label = f"{top.kicker}: {top.title}"
    foot = f'<div class="foot">{escape(summary["disclaimer"])}</div>'
    return f'<article class="{classes}" aria-label="{escape(label)}">{header(summary)}{body}{foot}</article>'


def header(summary: Summary) -> str:
    """The icon, the kicker, the title and the steps."""
    top = sentences.header(summary)
    icon = icons.OF_LOOK[top.look]
    if top.provisional and top.look == "u1":
        icon = icons.QUESTION
    elif summary["kind"] == "screening" and top.look != "u5":
        icon = {"u4": icons.BARRED, "u1": icons.LIST}.get(top.look, icon)
    steps = "".join(f'<i class="{"on" if at < top.level else "off"}"></i>' for at in range(top.of))
    bar = f'<div class="steps" aria-hidden="true">{steps}</div>' if top.of else ""
    kicker, title = escape(top.kicker), escape(top.title)
    return f'<div class="hd">{icon}<p class="k">{kicker}</p><h3>{title}</h3>{bar}</div>'


def prose(pieces: Iterable[Piece]) -> str:
    """Sentences, the strong ones bold."""
    words = "".join(f"<b>{_kept(text)}</b>" if strong else _kept(text) for text, strong in pieces)
    return words.replace(" in 10", "&nbsp;in&nbsp;10")  # a figure does not break over two lines


def _kept(text: str) -> str:
    # a blank at either end keeps two pieces apart
    lead, tail = " " * text.startswith(" "), " " * text.endswith(" ")
    return f"{lead}{escape(text.strip())}{tail}"


def lead(pieces: Sequence[Piece]) -> str:
    """The opening paragraph."""
    return f'<p class="lead">{prose(pieces)}</p>' if pieces else ""


def section(heading: str, body: str) -> str:
    """A headed part; nothing where there is nothing to say."""
    return f'<div class="sec"><h4>{escape(heading)}</h4>{body}</div>' if body else ""


def folded(summary_line: str, body: str, *, opened: bool = False) -> str:
    """A part that opens on demand."""
    state = " open" if opened else ""
    return f"<details{state}><summary>{escape(summary_line)}</summary><div>{body}</div></details>"


def actions(found: Iterable[safety.Action]) -> str:
    """What to do, one action a line, the reasons under it."""
    items = "".join(
        f"<li>{icons.OF_KIND.get(each.kind, icons.DOT)}<div><b>{escape(each.text)}</b>"
        + "".join(f"<br><small>{escape(reason)}</small>" for reason in each.reasons)
        + "</div></li>"
        for each in found
    )
    return f'<ul class="acts">{items}</ul>' if items else ""


def _question(each: Mapping[str, Any]) -> str:
    words = escape(each["question"] or each["label"])
    return f"<li>{words} <small>{escape(safety.what_it_could_mean(each))}</small></li>"


def questions(found: Sequence[Mapping[str, Any]]) -> str:
    """The most urgent open safety questions, the rest folded."""
    first = "".join(map(_question, found[:SHOWN_QUESTIONS]))
    rest = found[SHOWN_QUESTIONS:]
    if not rest:
        return f'<ol class="ask">{first}</ol>' if first else ""
    more = f'<ul class="ask">{"".join(map(_question, rest))}</ul>'
    line = wording.counted(len(rest), "more safety question")
    return f'<ol class="ask">{first}</ol>{folded(line, more)}'


# -- chances ---------------------------------------------------------------------------------------------


def _cells(row: Chance, *, in_hundreds: bool, ranged: bool) -> str:
    if in_hundreds:
        before = "" if row.before is None else wording.hundreds(row.before)
        under = f"{before} before the answers" if before else ""
        figure = wording.hundreds(row.probability)
    else:
        before = "" if row.before is None else wording.chance(row.before)
        under = wording.tenths(row.probability)
        figure = wording.chance(row.probability)
    span = ""
    if ranged:
        known = row.low is not None and row.high is not None
        span = wording.interval(row.low or 0.0, row.high or 0.0) if known else "not computed"
        span = f"<br><small>{span}</small>"
    name = f"{escape(row.label)}<br><small>{under}</small>" if under else escape(row.label)
    bar = marks.chance_bar(row.probability, before=row.before, low=row.low, high=row.high)
    hidden = f'<span class="vh">{before}</span>' if before else ""
    return (
        f'<tr role="row"{" class=top" if row.first else ""}><th role="rowheader" scope="row">{name}</th>'
        f'<td role="cell" class="bar">{bar}{hidden}</td>'
        f'<td role="cell" class="n"><b>{escape(figure)}</b>{span}</td></tr>'
    )


def chances(summary: Summary, caption: str, *, in_hundreds: bool = False) -> str:
    """The table that is the chart, with its key."""
    rows = sentences.chances(summary)
    if not rows:
        return ""
    ranged = any(row.low is not None and row.high is not None for row in rows)
    before = any(row.before is not None for row in rows)
    heading = "Chance<br><small>likely range</small>" if ranged else "Chance"
    hidden = '<span class="vh">Before the answers</span>' if before else ""
    body = "".join(_cells(row, in_hundreds=in_hundreds, ranged=ranged) for row in rows)
    return (
        f'<table role="table" class="stack"><caption>{escape(caption)}</caption>'
        '<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Cause</th>'
        f'<th role="columnheader" scope="col" class="bar">{marks.AXIS}{hidden}</th>'
        f'<th role="columnheader" scope="col" class="n">{heading}</th></tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table>{_key(summary, ranged=ranged, before=before)}'
    )


def _key(summary: Summary, *, ranged: bool, before: bool) -> str:
    parts = []
    if ranged:
        share = summary.get("level")
        words = f" ({wording.chance(share)} range)" if share else ""
        parts.append(f"{marks.INTERVAL_KEY}Solid: at least. Pale: up to{words}. ")
    single = "Line: best single figure." if ranged else "Line: best single figure; interval not computed."
    parts.append(f"{marks.FIGURE_KEY}{single} ")
    if before:
        parts.append(f"{marks.BEFORE_KEY}Triangle: before your answers.")
    return f'<p class="key">{"".join(f"<span>{each}</span>" for each in parts)}</p>'


# -- what it rests on ------------------------------------------------------------------------------------


def answers(summary: Summary) -> str:
    """Everything that was said, in words."""
    said = " ".join(wording.sentence(f"{each['label']}: {each['answer']}") for each in summary["said"])
    return f"<p><b>Your answers.</b> {escape(said or 'None yet.')}</p>"


def numbers(summary: Summary) -> str:
    """The numbers behind the first cause, with their grades."""
    found = summary.get("rests_on") or []
    rows = "".join(
        f'<tr><th scope="row">{escape(each["key"])}</th>'
        f"<td>{wording.parameter(each['value'], each['low'], each['high'])}</td>"
        f"<td>{escape(wording.GRADE_WORDS.get(each['grade'], ''))} "
        f'<span class="tag">grade {escape(each["grade"])}</span></td></tr>'
        for each in found[:SHOWN_NUMBERS]
    )
    if not rows:
        return ""
    left = len(found) - SHOWN_NUMBERS
    more = f"<p>{wording.counted(left, 'more number')} not shown.</p>" if left > 0 else ""
    return (
        '<table class="rests"><caption>Numbers behind the first cause, and how good their sources are.'
        '</caption><thead><tr><th scope="col">Number</th><th scope="col">Value</th>'
        f'<th scope="col">Source</th></tr></thead><tbody>{rows}</tbody></table>{more}'
    )


def advice_grounds(summary: Summary) -> str:
    """What the article says, and where each piece of advice comes from."""
    items = []
    for each in summary["advice"]:
        words = [f"The article says: “{each['article']}”."] if each.get("article") else []
        words += [wording.sentence(each["provenance"])] if each.get("provenance") else []
        keys = each.get("sources") or ()
        words += [f"{'Source' if len(keys) == 1 else 'Sources'}: {', '.join(keys)}."] if keys else []
        if words:
            items.append(f"<li><b>{escape(each['action'])}</b> {escape(' '.join(words))}</li>")
    listed = f'<ul class="src">{"".join(items)}</ul>'
    return f"<p><b>Where the advice comes from</b></p>{listed}" if items else ""


def sources(summary: Summary, keys: Iterable[str] | None = None) -> str:
    """The references, their addresses as text."""
    chosen = summary["sources"] if keys is None else [key for key in keys if key in summary["sources"]]
    items = "".join(
        f"<li><b>{escape(key)}</b> {escape(summary['sources'][key]['citation'])} "
        f"{escape(summary['sources'][key].get('url', ''))}</li>"
        for key in chosen
    )
    return f'<p><b>References</b></p><ul class="src">{items}</ul>' if items else ""


def fingerprint(summary: Summary) -> str:
    """Which network and which rules answered."""
    network = summary["network"]
    words = [f"Network {network['name']}"]
    if network.get("version"):
        words.append(f"version {network['version']}")
    if network.get("content_hash"):
        words.append(f"fingerprint {network['content_hash'][:12]}")
    if network.get("rules_hash"):
        words.append(f"rules {network['rules_hash'][:12]}")
    return f"<p><small>{escape(', '.join(words))}.</small></p>"


def safety_questions(summary: Summary) -> str:
    """The safety questions that were answered, and those that are left and cannot raise the urgency."""
    given = [each for each in summary["said"] if each["role"] == "screening"]
    left = safety.other_questions(summary)
    if not given and not left:
        return ""
    words = " ".join(wording.sentence(f"{each['label']}: {each['answer']}") for each in given)
    body = f"<p>{escape(words)}</p>" if words else ""
    if left:
        body += f'<ul class="ask">{"".join(map(_question, left))}</ul>'
    line = f"Safety questions: {wording.number_word(len(given)) if given else 'none'} answered"
    if left:
        line += f", {wording.number_word(len(left))} left that cannot make this more urgent"
    return folded(line, body)
