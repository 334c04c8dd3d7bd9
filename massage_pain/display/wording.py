"""Numbers and words as people read them.

The rules come from studies of how people read risk. One denominator in a comparison, since people compare
numerators (Yamagishi 1997: 1,286 in 10,000 was judged riskier than 24 in 100); never "1 in X" with a changing
X (Pighin et al. 2011). A chance is a whole percent, and the tenths beside it are taken from that percent, so
the two never disagree. Halves round up, as readers round. Bits follow I. J. Good's weight of evidence; a
deciban, a third of a bit, is about the smallest change a person can feel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

MINUS = "\N{MINUS SIGN}"

EMERGENCY_NUMBERS: tuple[str, ...] = ("112", "999", "911")
"""Shown unless the caller names others."""


class UrgencyWords(NamedTuple):
    """How one level of urgency is spoken."""

    level: int
    title: str
    kicker: str
    provisional: str
    meaning: str
    ansi: str


URGENCIES: dict[str, UrgencyWords] = {
    "SELF_CARE": UrgencyWords(
        1, "Look after it at home", "Self-care", "Self-care, provisional", "self-care", "36"
    ),
    "STOP_AND_REST": UrgencyWords(
        2, "Stop the massage and rest", "Stop and rest", "Stop and rest, provisional", "stop and rest", "34"
    ),
    "SEE_DOCTOR": UrgencyWords(
        3, "See a doctor", "See a doctor", "See a doctor, provisional", "see a doctor", "33"
    ),
    "SAME_DAY": UrgencyWords(
        4, "Get medical help today", "Same day", "Same day, provisional", "medical help today", "97;41"
    ),
    "EMERGENCY": UrgencyWords(
        5, "Call emergency services now", "EMERGENCY", "EMERGENCY", "emergency", "97;41"
    ),
}
"""Title, kicker and the rest by the name of the urgency; `meaning` is what a yes would mean."""

CONTRAINDICATIONS: dict[str, UrgencyWords] = {
    "NONE": UrgencyWords(
        1,
        "No reason found against a massage",
        "No reason found",
        "No reason found so far",
        "no objection",
        "36",
    ),
    "ASK_DOCTOR_FIRST": UrgencyWords(
        2, "Ask a doctor first", "Ask first", "Ask first, provisional", "ask a doctor first", "33"
    ),
    "DO_NOT_MASSAGE": UrgencyWords(
        3, "Do not massage", "Do not massage", "Do not massage", "do not massage", "97;41"
    ),
}
"""The same for the screening before a massage."""

GRADE_WORDS: dict[str, str] = {
    "A": "literature",
    "A-": "literature on other people",
    "B": "guideline, textbook or review",
    "C": "judgement",
    "ART": "the article",
    "U": "unstated",
}
"""What stands behind a number, in a word or two. A grade C is always called judgement."""


def while_open(words: str, level: int) -> str:
    """What to do while a safety question could still make it more urgent.

    "Today, for now" would sound as if it might pass; from the doctor on, it can only get more urgent.

    >>> while_open("Look after it at home", 1), while_open("See a doctor", 3)
    ('Look after it at home, for now', 'See a doctor, at least')
    >>> while_open("Get medical help today", 4)
    'Get medical help today or sooner'
    """
    return f"{words}{', for now' if level < 3 else ', at least' if level == 3 else ' or sooner'}"


# -- chances -----------------------------------------------------------------------------------------


def whole_percent(probability: float) -> int:
    """The nearest whole percent, halves up.

    >>> [whole_percent(p) for p in (0.025, 0.125, 0.145, 1.0)]
    [3, 13, 15, 100]
    """
    # the slack undoes binary noise: 0.145 * 100 is 14.499999999999998
    return math.floor(min(max(probability, 0.0), 1.0) * 100 + 0.5 + 1e-9)


def chance(probability: float) -> str:
    """A whole percent; 0% and 100% only for what is impossible or observed.

    >>> chance(0.62), chance(0.003), chance(0.997), chance(0.0), chance(1.0)
    ('62%', '<1%', '>99%', '0%', '100%')
    """
    whole = whole_percent(probability)
    if whole == 0 and probability > 0:
        return "<1%"
    if whole == 100 and probability < 1:
        return ">99%"
    return f"{whole}%"


def tenths(probability: float) -> str:
    """The chance as a count of ten people, taken from the whole percent so that the two agree.

    >>> tenths(0.62), tenths(0.25), tenths(0.03), tenths(0.97), tenths(1.0)
    ('about 6 in 10', 'about 3 in 10', 'fewer than 1 in 10', 'more than 9 in 10', '10 in 10')
    """
    whole = whole_percent(probability)
    if probability <= 0 or probability >= 1:
        return "10 in 10" if probability >= 1 else "0 in 10"
    if whole < 10:
        return "fewer than 1 in 10"
    if whole > 95:
        return "more than 9 in 10"
    return f"about {min((whole + 5) // 10, 9)} in 10"


def interval(low: float, high: float) -> str:
    """A likely range in whole percents.

    >>> interval(0.48, 0.74), interval(0.001, 0.04), interval(0.93, 0.999), interval(0.026, 0.034)
    ('48 to 74%', 'under 4%', 'over 93%', 'about 3%')
    """
    least, most = whole_percent(low), whole_percent(high)
    if least == 0 and most == 100:
        return "0 to 100%"
    if least == 0:
        return f"under {max(most, 1)}%"
    if most == 100 and high < 1:
        return f"over {min(least, 99)}%"
    if least == most:
        return f"about {least}%"
    return f"{least} to {most}%"


# -- hundreds: before and after, and what is rare --------------------------------------------------------


def _count(probability: float) -> str:
    whole = whole_percent(probability)
    if whole == 0 and probability > 0:
        return "fewer than 1"
    if whole == 100 and probability < 1:
        return "more than 99"
    return str(whole)


def hundreds(probability: float) -> str:
    """The chance as a count of a hundred people.

    >>> hundreds(0.152), hundreds(0.002)
    ('15 in 100', 'fewer than 1 in 100')
    """
    return f"{_count(probability)} in 100"


def from_to(before: float, after: float) -> str:
    """Before and after, in hundreds on both sides.

    >>> from_to(0.07, 0.704), from_to(0.152, 0.149), from_to(0.07, 0.002)
    ('from 7 to 70 in 100', 'still 15 in 100', 'from 7 to fewer than 1 in 100')
    """
    if _count(before) == _count(after):
        return f"still {hundreds(after)}"
    return f"from {_count(before)} to {hundreds(after)}"


def fewer_or_more(before: float, after: float) -> str:
    """The difference of the two counts as they are shown.

    >>> fewer_or_more(0.152, 0.03), fewer_or_more(0.03, 0.05), fewer_or_more(0.03, 0.031)
    ('12 fewer in 100', '2 more in 100', 'hardly any change')
    """
    difference = whole_percent(before) - whole_percent(after)
    if difference == 0:
        return "hardly any change"
    return f"{abs(difference)} {'fewer' if difference > 0 else 'more'} in 100"


# -- evidence and parameters -----------------------------------------------------------------------------


def signed(number: float, digits: int = 1) -> str:
    """A number with its sign and a real minus.

    >>> signed(3.81), signed(-1.25, 2), signed(-0.01)
    ('+3.8', '−1.25', '0.0')
    """
    text = f"{abs(number):.{digits}f}"
    if not float(text):
        return text
    return ("+" if number > 0 else MINUS) + text


def bits(weight: float) -> str:
    """A weight of evidence and its factor on the odds.

    >>> bits(3.8), bits(-0.85), bits(0.01)
    ('+3.8 bits, odds × 14', '−0.9 bits, odds ÷ 1.8', '0.0 bits, odds hardly change')
    """
    tenth = math.floor(abs(weight) * 10 + 0.5 + 1e-9) / 10
    if not tenth:
        return "0.0 bits, odds hardly change"
    factor = 2.0 ** abs(weight)
    written = f"{factor:.2g}" if factor < 9.95 else f"{factor:.0f}" if factor < 1e6 else f"{factor:.0e}"
    return f"{signed(math.copysign(tenth, weight))} bits, odds {'×' if weight > 0 else '÷'} {written}"


def weight_in_words(weight: float) -> str:
    """A weight of evidence (bits) in words.

    >>> weight_in_words(3.8), weight_in_words(-0.8), weight_in_words(0.2)
    ('very strongly for', 'slightly against', 'hardly matters')
    """
    size = abs(weight)
    if size < 1 / 3:
        return "hardly matters"
    steps = ((1.0, "slightly"), (2.0, "moderately"), (10 / 3, "strongly"))
    how = next((word for limit, word in steps if size < limit), "very strongly")
    return f"{how} {'for' if weight > 0 else 'against'}"


def two_figures(number: float) -> str:
    """A probability to two figures, at least two places; close to one, two figures of what is missing.

    >>> [two_figures(p) for p in (0.65, 0.1, 0.06, 0.0125, 0.996, 1.0, 0.0)]
    ['0.65', '0.10', '0.06', '0.013', '0.996', '1', '0']
    """
    if number in (0, 1):
        return f"{number:.0f}"
    missing = 1 - number
    small = missing if missing < 0.0095 else number
    places = max(2, 1 - math.floor(math.log10(small)))
    scale = 10.0**places
    whole, _, decimals = f"{math.floor(number * scale + 0.5 + 1e-9) / scale:.{places}f}".partition(".")
    return f"{whole}.{decimals.rstrip('0'):0<2}"


def parameter(value: float, low: float, high: float) -> str:
    """A number of the network with its plausible range.

    >>> parameter(0.65, 0.35, 0.9), parameter(0.1, 0.1, 0.1)
    ('0.65 (0.35 to 0.90)', '0.10')
    """
    if low == value == high:
        return two_figures(value)
    return f"{two_figures(value)} ({two_figures(low)} to {two_figures(high)})"


# -- joining words ---------------------------------------------------------------------------------------

_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number_word(number: int) -> str:
    """A count in words up to ten.

    >>> number_word(3), number_word(46)
    ('three', '46')
    """
    return _COUNTS[number] if 0 <= number < len(_COUNTS) else f"{number:,}"


def counted(number: int, thing: str, things: str = "") -> str:
    """A count that opens a sentence, in words up to ten.

    >>> counted(3, "safety question"), counted(1, "cause"), counted(12, "cause")
    ('Three safety questions', 'One cause', '12 causes')
    """
    return f"{number_word(number).capitalize()} {thing if number == 1 else things or thing + 's'}"


def joined(words: Sequence[str], last: str = "and") -> str:
    """A list in words, without a comma before the last.

    >>> joined(["one"]), joined(["one", "two"]), joined(["one", "two", "three"], "or")
    ('one', 'one and two', 'one, two or three')
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def sentence(text: str) -> str:
    """`text` with a full stop, unless it ends its sentence itself.

    >>> sentence("Hours matter"), sentence("Is it dark?")
    ('Hours matter.', 'Is it dark?')
    """
    text = text.rstrip()
    return text if not text or text[-1] in ".?!:…”" else text + "."


def asks_yes_or_no(question: str) -> bool:
    """Whether a question is answered by yes or no, judged by its first word.

    >>> asks_yes_or_no("Do you have a fever?"), asks_yes_or_no("How old are you?")
    (True, False)
    """
    first = question.split(" ", 1)[0].lower()
    return first not in {"how", "what", "which", "when", "where", "who", "why"}
