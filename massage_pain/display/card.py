"""The cards a notebook shows: one for an assessment, one for the screening before a massage.

Urgency first, then what to do, then why, then the chances, then (folded) what it rests on. An emergency
stands alone: no bars and no other advice, the chances in a closed fold marked as teaching.
"""

from __future__ import annotations

from collections.abc import Sequence

from massage_pain.display import parts, safety, sentences, wording
from massage_pain.display.escape import escape
from massage_pain.display.icons import WARNING
from massage_pain.display.sentences import Summary
from massage_pain.display.style import SHEET


def style_tag() -> str:
    """The style sheet as a tag; a page with several cards needs it once."""
    return f"<style>{SHEET}</style>"


def assessment_card(
    summary: Summary,
    *,
    numbers: Sequence[str] = wording.EMERGENCY_NUMBERS,
    style: bool = True,
) -> str:
    """The card of an assessment, from its `to_dict()`: HTML without scripts, addresses or ids.

    `numbers` are the emergency numbers to name; `style=False` leaves out the style sheet.
    """
    if sentences.level(summary) >= sentences.EMERGENCY:
        body = _emergency(summary, numbers)
    elif sentences.level(summary):
        body = _urgent_first(summary)
    else:
        body = _chances_only(summary)
    return (style_tag() if style else "") + parts.article(summary, body)


def screening_card(
    summary: Summary,
    *,
    numbers: Sequence[str] = wording.EMERGENCY_NUMBERS,
    style: bool = True,
) -> str:
    """The card of a screening before a massage, from its `to_dict()`."""
    if sentences.level(summary) >= sentences.EMERGENCY:
        body = _emergency(summary, numbers)
    else:
        body = _before_a_massage(summary)
    return (style_tag() if style else "") + parts.article(summary, body)


def _urgent_first(summary: Summary) -> str:
    open_questions = safety.open_questions(summary)
    do = parts.actions(safety.actions(summary))
    flagged = safety.flag_lead(summary)
    likeliest = sentences.likeliest(summary)
    if open_questions and sentences.level(summary) == 1:
        body = (
            parts.lead(safety.open_lead(summary))
            + parts.section("Answer these first", parts.questions(open_questions))
            + parts.section(safety.if_all_no(open_questions), do)
        )
        likeliest_below = likeliest
    else:
        body = parts.lead(flagged or likeliest) + parts.section("What to do", do)
        likeliest_below = likeliest if flagged else []
        if open_questions:
            words = f'<p class="s then">{parts.prose(safety.open_lead(summary))}</p>'
            body += parts.section("Still to answer", words + parts.questions(open_questions))
    return body + _causes(summary, likeliest_below) + _grounds(summary) + parts.safety_questions(summary)


def _causes(summary: Summary, pieces: Sequence[sentences.Piece]) -> str:
    table = parts.chances(summary, sentences.OVERLAP)
    words = f'<p class="then">{parts.prose(pieces)}</p>' if pieces else ""
    unsure = sentences.none_first(summary)
    heading = "The causes, for what they are worth" if unsure else "What could be causing it"
    return parts.section(heading, words + table) if table else ""


def _chances_only(summary: Summary) -> str:
    return (
        parts.lead(sentences.likeliest(summary))
        + parts.section("The chances", parts.chances(summary, sentences.OVERLAP))
        + _grounds(summary)
        + parts.safety_questions(summary)
    )


def _grounds(summary: Summary) -> str:
    return parts.folded(
        "What this rests on",
        parts.answers(summary)
        + parts.numbers(summary)
        + parts.advice_grounds(summary)
        + parts.sources(summary)
        + parts.fingerprint(summary),
    )


def _emergency(summary: Summary, numbers: Sequence[str]) -> str:
    call = f'<p class="call">{escape(safety.emergency_call(summary, numbers))}</p>'
    orders = "".join(f'<p class="then">{escape(each)}</p>' for each in safety.emergency_orders(summary))
    reasons = "".join(
        f"<li>{WARNING}<div><b>{escape(what)}</b><br><small>{escape(why)}</small></div></li>"
        for what, why in safety.emergency_reasons(summary)
    )
    said, missing = safety.read_out(summary)
    unknown = f" <b>{escape(missing)}</b>" if missing else ""
    teaching = parts.chances(summary, sentences.OVERLAP)
    keys = dict.fromkeys(key for each in safety.raised(summary) for key in each["sources"])
    return (
        f'<div class="sec">{call}{orders}</div>'
        + parts.section("Why", f'<ul class="acts">{reasons}</ul>' if reasons else "")
        + parts.section("To read out or show", f"<p>{escape(said)}{unknown}</p>")
        + (
            parts.folded("Show the probabilities (for teaching; they cannot change this advice)", teaching)
            if teaching
            else ""
        )
        + parts.folded("What this rests on", parts.sources(summary, keys) + parts.fingerprint(summary))
    )


def _before_a_massage(summary: Summary) -> str:
    asked = safety.open_questions(summary)
    do = parts.actions(safety.actions(summary))
    questions = parts.questions(asked)
    body = parts.lead(safety.open_lead(summary)) if asked else ""
    if asked and sentences.header(summary).level == 1 and not safety.raised(summary):
        body += parts.section("Answer these first", questions)
        body += parts.section(safety.if_all_no(asked), do)
    else:
        body += parts.section("What to do", do) + parts.section("Still to answer", questions)
    return body + _risk(summary) + _grounds(summary) + parts.safety_questions(summary)


def _risk(summary: Summary) -> str:
    likely = parts.lead(sentences.complaint_chance(summary))
    table = parts.chances(summary, sentences.rare(summary), in_hundreds=True)
    if sentences.forbids(summary):
        # how to make a massage less painful is no question while there should be none
        return parts.folded("The chances, if there were a massage", likely + table)
    changes = parts.section("What you could change", _changes(summary))
    return likely + changes + parts.section(sentences.rare_heading(summary), table)


def _changes(summary: Summary) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(label)}<br><small>{escape(move)}</small></th>'
        f'<td class="n"><b>{escape(effect)}</b><br><small>{escape(figures)}</small></td></tr>'
        for label, move, effect, figures in sentences.changes(summary)
    )
    if not rows:
        return ""
    caption = "Of 100 people with the same answers, how many would have pain if this one thing changed."
    return (
        f'<table><caption>{caption}</caption><thead><tr><th scope="col">Change</th>'
        f'<th scope="col" class="n">Effect</th></tr></thead><tbody>{rows}</tbody></table>'
    )
