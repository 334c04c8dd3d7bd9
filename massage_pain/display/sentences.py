"""What an assessment or a screening says, before it is set as text or as a card.

Both renderings take their words from here, so they cannot drift apart. Everything is read from the plain
`to_dict()` summary. Nothing is escaped yet; that is the renderer's last step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from massage_pain.display import wording

Summary: TypeAlias = Mapping[str, Any]
Piece: TypeAlias = tuple[str, bool]
"""Some words, and whether they are set strong."""

EMERGENCY = 5

OVERLAP = (
    "Of people with the same answers, how many would have each cause. "
    "More than one can be true, so these do not add up to 100%."
)


class Header(NamedTuple):
    """The top of a card: what to do first, and how urgent it is."""

    kicker: str
    title: str
    level: int
    of: int
    look: str
    provisional: bool
    ansi: str = ""


class Chance(NamedTuple):
    """One row of the table of chances."""

    label: str
    probability: float
    before: float | None
    low: float | None
    high: float | None
    first: bool


# -- urgency ---------------------------------------------------------------------------------------------


def level(summary: Summary) -> int:
    """The urgency from 1 to 5, or 0 where the network has no rules."""
    urgency = summary.get("urgency")
    return wording.URGENCIES[urgency["name"]].level if urgency else 0


def level_named(name: str | None) -> int:
    """The urgency of that name from 1 to 5, or 0 for any other."""
    words = wording.URGENCIES.get(name or "")
    return words.level if words else 0


def header(summary: Summary) -> Header:
    """The kicker, the title and the look of the top."""
    if summary["kind"] == "screening" and level(summary) < EMERGENCY:
        return _screening_header(summary)
    if not level(summary):
        return Header(_network_title(summary), leading_title(summary), 0, 0, "u0", False)
    words = wording.URGENCIES[summary["urgency"]["name"]]
    provisional = bool(summary["provisional"]) and words.level < EMERGENCY
    return Header(
        f"{words.provisional if provisional else words.kicker} · urgency {words.level} of 5",
        wording.while_open(words.title, words.level) if provisional else words.title,
        words.level,
        5,
        f"u{words.level}",
        provisional,
        words.ansi,
    )


def _screening_header(summary: Summary) -> Header:
    found = summary.get("contraindication")
    if not found:
        likely = summary["complaint_probability"]
        title = f"{likely['label']}: {wording.hundreds(likely['probability'])}" if likely else ""
        return Header(_network_title(summary), title or leading_title(summary), 0, 0, "u0", False)
    words = wording.CONTRAINDICATIONS[found["name"]]
    urgent = level(summary)
    provisional = bool(summary["provisional"]) and words.level < 3
    title = words.title
    if urgent >= level_named("SEE_DOCTOR"):
        urgency = wording.URGENCIES[summary["urgency"]["name"]].title
        if words.level == 3:
            title = f"{title}. {urgency}"
        else:
            title = f"{urgency} before a massage" if urgent == level_named("SEE_DOCTOR") else urgency
    looks = {1: 1, 2: 3, 3: 4}
    look = max(looks[words.level], urgent if urgent >= 3 else 0)
    return Header(
        f"Before a massage · {words.provisional.lower() if provisional else words.kicker.lower()}",
        wording.while_open(title, urgent) if provisional else title,
        words.level,
        3,
        f"u{look}",
        provisional,
        words.ansi,
    )


def _network_title(summary: Summary) -> str:
    network = summary["network"]
    return f"{network.get('title') or network['name']} · no advice rules"


def leading_title(summary: Summary) -> str:
    """The first cause and how its chance moved, where no urgency takes the title."""
    causes = summary["causes"]
    if not causes:
        return "No causes to weigh"
    if none_first(summary):
        return f"None of these: {wording.hundreds(summary['none_of_these']['probability'])}"
    tied = tied_labels(summary)
    if tied:
        return f"{wording.joined(tied)}: {wording.hundreds(causes[0]['probability'])} each"
    first = causes[0]
    if first.get("before") is None:
        return f"{first['label']}: {wording.hundreds(first['probability'])}"
    return f"{first['label']}: {wording.from_to(first['before'], first['probability'])}"


# -- causes ----------------------------------------------------------------------------------------------


def none_first(summary: Summary) -> bool:
    """Whether "none of these" is likelier than every cause."""
    none, causes = summary.get("none_of_these"), summary["causes"]
    if not none or not causes or summary["kind"] != "assessment":
        return False
    return bool(none["probability"] > causes[0]["probability"])


def tied_labels(summary: Summary) -> list[str]:
    """The labels of the causes that share the first place."""
    tied = set(summary.get("tie") or ())
    return [each["label"] for each in summary["causes"] if each["id"] in tied]


def chances(summary: Summary) -> list[Chance]:
    """The rows of the table: causes, highest first, and "none of these" where it belongs."""
    tied = set(summary.get("tie") or ())
    none_leads = none_first(summary)
    rows = [
        Chance(
            each["label"],
            each["probability"],
            each.get("before"),
            each.get("low"),
            each.get("high"),
            not none_leads and (position == 0 or each["id"] in tied),
        )
        for position, each in enumerate(summary["causes"])
    ]
    place = {cause: at for at, cause in enumerate(summary.get("row_order") or ())}
    if place:  # an explorer keeps the rows where they are, so that bars move and names do not
        order = [place.get(each["id"], len(place)) for each in summary["causes"]]
        rows = [row for _, row in sorted(zip(order, rows, strict=True), key=lambda pair: pair[0])]
    none = summary.get("none_of_these")
    warned = level(summary) >= level_named("SAME_DAY")  # "none of these 1%" would sound like "no danger"
    if none and len(rows) > 1 and summary["kind"] == "assessment" and not warned:
        label = f"None of these {wording.number_word(len(rows))}"
        row = Chance(
            label, none["probability"], none.get("before"), none.get("low"), none.get("high"), none_leads
        )
        rows.insert(0 if none_leads else len(rows), row)
    return rows


def likeliest(summary: Summary) -> list[Piece]:
    """The sentences about the causes."""
    causes = summary["causes"]
    if not causes:
        return [("This network names no causes.", False)]
    if level(summary) >= level_named("SAME_DAY"):
        apart = "The causes below do not include what the warning is about and cannot make it less urgent. "
        return [(apart, True), *_likeliest(summary, causes)]
    if (summary.get("fit") or {}).get("poor"):
        warning = "These findings fit poorly together: trust the answers, and not the list of causes. "
        return [(warning, True), *_likeliest(summary, causes)]
    return _likeliest(summary, causes)


def _likeliest(summary: Summary, causes: Sequence[Mapping[str, Any]]) -> list[Piece]:
    tied = tied_labels(summary)
    first = causes[0]
    share = wording.tenths(first["probability"])
    if none_first(summary):
        none = wording.tenths(summary["none_of_these"]["probability"])
        count = wording.number_word(len(causes))
        return [
            ("None of the causes this model knows fits well.", True),
            (f" For {none} people with these answers, none of the {count} would be present.", False),
        ]
    if tied:
        return [
            (f"{wording.counted(len(tied), 'cause')} share the first place: ", False),
            (f"{wording.joined(tied)}, {share} each.", True),
        ]
    if first["probability"] < 0.5:
        return [
            ("No cause stands out. First comes: ", False),
            (f"{first['label']}, {share}.", True),
            *_second(causes[1:]),
        ]
    return [("Most likely: ", False), (f"{first['label']}, {share}.", True), *_second(causes[1:])]


def _second(others: Sequence[Mapping[str, Any]]) -> list[Piece]:
    if not others:
        return []
    share = wording.tenths(others[0]["probability"])
    if share.startswith("fewer"):
        return [(f" {'Each other cause' if len(others) > 1 else others[0]['label']}: {share}.", False)]
    return [(f" Next: {others[0]['label']}, {share}.", False)]


# -- before a massage ------------------------------------------------------------------------------------


def forbids(summary: Summary) -> bool:
    """Whether there should be no massage for now, whatever the chances are."""
    found = summary.get("contraindication")
    forbidden = found is not None and found["name"] == "DO_NOT_MASSAGE"
    return forbidden or level(summary) >= level_named("SAME_DAY")


def rare(summary: Summary) -> str:
    """What the chances of a screening count; a network without a complaint may be about anything."""
    what = " of pain around a massage" if summary["complaint_probability"] else ""
    return (
        f"Of 100 people with the same answers, how many would have each cause{what}. "
        "More than one can be true, so these do not add up."
    )


def rare_heading(summary: Summary) -> str:
    """The heading over them."""
    return "What could bring it on" if summary["complaint_probability"] else "The chances"


def complaint_chance(summary: Summary) -> list[Piece]:
    """How likely the complaint is, and how likely it is with none of the factors; nothing without one."""
    found = summary["complaint_probability"]
    if not found:
        return []
    pieces = [
        (f"{found['label']} around a massage: ", False),
        (f"{wording.hundreds(found['probability'])}", True),
        (" people with the same answers.", False),
    ]
    if found.get("no_factor") is not None:
        pieces.append((f" With none of the known factors: {wording.hundreds(found['no_factor'])}.", False))
    return pieces


_PLAIN_STATES = {"present": "yes", "absent": "no"}


def _state(name: str) -> str:
    return _PLAIN_STATES.get(name, name.replace("_", " "))


def changes(summary: Summary) -> list[tuple[str, str, str, str]]:
    """What could be changed: name, from what to what, the effect, and the figures behind it."""
    if not summary["complaint_probability"]:
        return []
    now = summary["complaint_probability"]["probability"]
    answers = {each["variable"]: each["answer"] for each in summary["said"]}
    return [
        (
            each["label"],
            f"{answers.get(each['variable']) or _state(each['from'])} → {_state(each['to'])}",
            wording.fewer_or_more(now, each["probability"]),
            wording.from_to(now, each["probability"]),
        )
        for each in summary.get("change") or ()
    ]
