"""Summaries as `to_dict()` gives them, one for every variant of the card. The numbers are invented."""

from __future__ import annotations

import copy
from typing import Any

NASTY = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "\"quoted\" 'and' & <b>",
    "right-to-left \u202edesrever\u202c and \u200bhidden",
    "\x1b[31mred\x1b[0m \x00 \x07",
    "x" * 250,
    "a name of many words " * 12,
)
"""Names that must never get through as what they are."""

CAUSES = {
    "muscle_strain": ("Muscle strain", 0.25),
    "impaired_circulation": ("Impaired circulation", 0.10),
    "back_injury": ("Back injury (bruise or worse)", 0.07),
    "fasciitis": ("Fasciitis (irritated tissue around the muscles)", 0.12),
    "nerve_compression": ("Nerve compression", 0.08),
    "ordinary_soreness": ("Ordinary soreness", 0.40),
}

SAFETY = (
    (
        "saddle_numbness",
        "Numbness between the legs",
        "Is it numb between the legs or around the back passage?",
        5,
    ),
    (
        "bladder_or_bowel_change",
        "Bladder or bowel change",
        "Is passing water or stool different from before?",
        5,
    ),
    ("spreading_weakness", "Spreading weakness", "Is weakness in the arms or legs getting worse?", 5),
    ("chest_pain", "Chest pain", "Do you have pain or pressure in the chest?", 5),
    ("tearing_pain", "Tearing pain", "Did a tearing pain come on suddenly?", 5),
    ("breathless_or_collapse", "Breathless or collapsed", "Are you short of breath, or did you collapse?", 5),
    ("dark_urine", "Dark urine", "Is your urine dark, like tea or cola?", 5),
    ("fever", "Fever", "Do you have a fever?", 4),
    ("age", "Age", "How old are you?", 4),
    ("growing_swelling", "Growing swelling", "Is a swelling growing larger?", 4),
    ("drug_injection", "Injected drugs", "Have you ever injected drugs?", 4),
    ("weight_loss", "Weight loss", "Have you lost weight without trying?", 3),
    ("night_pain", "Night pain", "Does the pain wake you and stay, whatever the position?", 3),
    ("lasts_over_two_weeks", "Over two weeks", "Has it lasted for more than two weeks?", 3),
)
NAMES = {1: "SELF_CARE", 2: "STOP_AND_REST", 3: "SEE_DOCTOR", 4: "SAME_DAY", 5: "EMERGENCY"}

SOURCES = {
    "article": {
        "citation": "Zhang X. 2025. A painful back massage indicates what? Cainiu Health.",
        "url": "",
    },
    "coenen_2018": {
        "citation": "Coenen P, et al. 2018. Occupational standing and musculoskeletal symptoms: "
        "a systematic review. Br J Sports Med 52:176.",
        "url": "https://doi.org/10.1136/bjsports-2016-096795",
    },
    "finucane_2020": {
        "citation": "Finucane LM, et al. 2020. International framework for red flags. JOSPT.",
        "url": "https://doi.org/10.2519/jospt.2020.9971",
    },
}

RESTS_ON = [
    {
        "key": "Pressure held on one spot leads to impaired circulation",
        "value": 0.06,
        "low": 0.03,
        "high": 0.09,
        "grade": "C",
        "sources": ["article"],
        "note": "",
    },
    {
        "key": "Numb patch on the back when circulation is impaired",
        "value": 0.65,
        "low": 0.35,
        "high": 0.9,
        "grade": "C",
        "sources": ["article"],
        "note": "",
    },
    {
        "key": "Stayed in one posture",
        "value": 0.25,
        "low": 0.15,
        "high": 0.4,
        "grade": "A-",
        "sources": ["coenen_2018"],
        "note": "raised for a session",
    },
]


def said(
    variable: str, label: str, answer: str, role: str = "symptom", state: str = "present"
) -> dict[str, Any]:
    return {
        "variable": variable,
        "label": label,
        "question": f"{label}?",
        "answer": answer,
        "state": state,
        "role": role,
        "group": "",
    }


def advice(
    action: str, because: str, kind: str = "rest", urgency: str = "SELF_CARE", **more: Any
) -> dict[str, Any]:
    return {
        "id": action[:12],
        "action": action,
        "kind": kind,
        "urgency": urgency,
        "because": because,
        "cautions": "",
        "article": "",
        "provenance": "",
        "sources": ["article"],
        **more,
    }


def unscreened(count: int | None = None, *, least: int = 1, unsure: str = "") -> list[dict[str, Any]]:
    found = [
        {
            "variable": id,
            "label": label,
            "question": question,
            "urgency": NAMES[level],
            "contraindication": None,
            "raised_by": "70 years or more" if id == "age" else "yes",
            "unsure": id == unsure,
        }
        for id, label, question, level in SAFETY
        if level >= least
    ]
    return found if count is None else found[:count]


def causes(*, intervals: bool = False, **probabilities: float) -> list[dict[str, Any]]:
    found = []
    for id, probability in sorted(probabilities.items(), key=lambda pair: -pair[1]):
        label, before = CAUSES[id]
        row = {
            "id": id,
            "label": label,
            "probability": probability,
            "before": before,
            "benign": id == "ordinary_soreness",
        }
        if intervals:
            spread = 0.35 * probability * (1 - probability) + 0.01
            row |= {"low": max(0.0, probability - spread), "high": min(1.0, probability + spread)}
        found.append(row)
    return found


def _assessment(urgency: int | None, found: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "kind": "assessment",
        "network": {
            "name": "back_pain",
            "version": "1.0.0",
            "title": "Pain at a back massage",
            "content_hash": "3f9a12ab34cd56ef" * 4,
            "rules_hash": "77ab12ab34cd56ef" * 4,
        },
        "findings": {},
        "said": [],
        "urgency": None if urgency is None else {"name": NAMES[urgency], "level": urgency},
        "provisional": False,
        "complaint": {"variable": "back_pain", "label": "Back pain", "assumed": True},
        "causes": found,
        "tie": [],
        "none_of_these": {"probability": 0.02, "before": 0.06},
        "evidence": {"probability": 0.0123, "log_probability": -4.4},
        "advice": [],
        "red_flags": [],
        "unscreened": [],
        "rests_on": copy.deepcopy(RESTS_ON),
        "sources": copy.deepcopy(SOURCES),
        "disclaimer": "For learning and decision support. Not a medical device.",
        **more,
    }


def stop_and_rest(*, intervals: bool = False) -> dict[str, Any]:
    found = causes(
        intervals=intervals,
        impaired_circulation=0.873,
        ordinary_soreness=0.132,
        muscle_strain=0.098,
        fasciitis=0.052,
        back_injury=0.028,
        nerve_compression=0.018,
    )
    more: dict[str, Any] = {"level": 0.9} if intervals else {}
    return _assessment(
        2,
        found,
        said=[
            said("focal_pressure", "Pressure held on one spot", "yes", "factor"),
            said("local_numbness", "Numb patch on the back", "yes"),
            said("limb_numbness", "Numb arm or leg", "no", state="absent"),
            *(
                said(id, label, "no", "screening", "absent")
                for id, label, _, level in SAFETY
                if level > 3 and id != "age"
            ),
            said("age", "Age", "41 years", "screening", ""),
        ],
        advice=[
            advice(
                "Stop the massage and take the pressure off.",
                "Because impaired circulation is likely (87%) and you said pressure was held on one spot.",
                "stop",
                "STOP_AND_REST",
                article="It is recommended to stop the massage temporarily and rest the back",
            ),
            advice(
                "Rest the back. Expect it to ease within minutes to hours.",
                "Because impaired circulation is first.",
            ),
            advice(
                "No pressure held on one spot.",
                "Because you said pressure was held on one spot, and that can be changed.",
                "prevention",
            ),
        ],
        unscreened=unscreened(least=3)[-3:],
        **more,
    )


def self_care() -> dict[str, Any]:
    """Nothing open: every safety question was answered."""
    found = causes(
        ordinary_soreness=0.734,
        muscle_strain=0.217,
        fasciitis=0.081,
        impaired_circulation=0.059,
        back_injury=0.057,
        nerve_compression=0.018,
    )
    return _assessment(
        1,
        found,
        said=[
            said("aching", "Aching", "yes"),
            said("age", "Age", "41 years", "screening", ""),
            *(said(id, label, "no", "screening", "absent") for id, label, _, _ in SAFETY if id != "age"),
        ],
        advice=[
            advice(
                "Rest, and keep moving gently. Keep the back warm.",
                "Because ordinary soreness is most likely (73%).",
                article="Appropriate rest, avoiding overexertion, and keeping warm are recommended",
            ),
            advice(
                "It should be gone within about three days.",
                "Because soreness after a massage usually is. If it is not, answer again.",
                "watch",
            ),
            advice(
                "The article mentions a pain reliever, under a doctor's guidance.",
                "Because fasciitis is one of the causes considered (8%).",
                "medicine_note",
                cautions="only one such medicine at a time, and not with a stomach ulcer or kidney disease.",
                provenance="The article names three medicines of one class. None is recommended here",
            ),
        ],
    )


def provisional(count: int | None = 3, *, unsure: str = "") -> dict[str, Any]:
    seen = self_care()
    seen["said"] = [said("aching", "Aching", "yes"), said("muscle_stiffness", "Stiff muscles", "yes")]
    seen["provisional"] = True
    seen["unscreened"] = unscreened(count, unsure=unsure)
    return seen


def see_doctor() -> dict[str, Any]:
    """A red flag of level three, with safety questions still open."""
    found = causes(
        nerve_compression=0.704,
        muscle_strain=0.33,
        ordinary_soreness=0.153,
        fasciitis=0.11,
        impaired_circulation=0.05,
        back_injury=0.02,
    )
    return _assessment(
        3,
        found,
        provisional=True,
        said=[
            said("limb_numbness", "Numb arm or leg", "yes"),
            said("restricted_movement", "Cannot move freely", "yes"),
        ],
        red_flags=[
            {
                "id": "limb_numbness",
                "label": "Possible pressure on a nerve",
                "urgency": "SEE_DOCTOR",
                "action": "See a doctor within a few days.",
                "why": "Numbness that stays can mean that a nerve is pressed on.",
                "because": ["Numb arm or leg: yes"],
                "sources": ["finucane_2020"],
            }
        ],
        advice=[
            advice(
                "No massage until it has been looked at.",
                "Because nerve compression is likely (70%).",
                "stop",
                "STOP_AND_REST",
            ),
            advice("Keep moving within what is comfortable.", "Because nerve compression is likely (70%)."),
        ],
        unscreened=unscreened(),
    )


def same_day() -> dict[str, Any]:
    seen = see_doctor()
    seen["urgency"] = {"name": "SAME_DAY", "level": 4}
    seen["provisional"] = False
    seen["unscreened"] = unscreened(least=3)[-3:]
    seen["said"].append(said("fever", "Fever", "yes", "screening"))
    seen["red_flags"].insert(
        0,
        {
            "id": "fever",
            "label": "Possible infection",
            "urgency": "SAME_DAY",
            "action": "Get medical help today, by phone or in person.",
            "why": "Fever with back pain can mean an infection near the spine.",
            "because": ["Fever: yes"],
            "sources": ["finucane_2020"],
        },
    )
    return seen


def emergency() -> dict[str, Any]:
    """A red flag of level five; the advice it carries here must not be shown."""
    seen = see_doctor()
    seen["urgency"] = {"name": "EMERGENCY", "level": 5}
    seen["provisional"] = False
    seen["said"] += [
        said("local_swelling", "Swelling", "no", state="absent"),
        said("saddle_numbness", "Numbness between the legs or around the back passage", "yes", "screening"),
    ]
    seen["red_flags"].insert(
        0,
        {
            "id": "cauda_equina",
            "label": "Possible pressure on the nerves at the base of the spine",
            "urgency": "EMERGENCY",
            "action": "Call emergency services now.",
            "why": "Together with back pain this can mean the nerves at the base of the spine are "
            "being crushed. Hours matter.",
            "because": ["Numbness between the legs or around the back passage: yes"],
            "sources": ["finucane_2020"],
        },
    )
    seen["unscreened"] = unscreened()[1:]
    seen["advice"].append(advice("Keep the back warm.", "Because it may help.", "warmth"))
    return seen


def none_of_these() -> dict[str, Any]:
    found = causes(
        ordinary_soreness=0.213,
        fasciitis=0.207,
        nerve_compression=0.09,
        muscle_strain=0.067,
        impaired_circulation=0.064,
        back_injury=0.012,
    )
    return _assessment(
        3,
        found,
        none_of_these={"probability": 0.352, "before": 0.06},
        said=[
            said("aching", "Aching", "no", state="absent"),
            said("worse_in_cold", "Worse in the cold", "yes"),
        ],
        advice=[
            advice(
                "Have it looked at by a doctor or physiotherapist.",
                "Because none of the causes fits well (35%).",
                "seek_care",
                "SEE_DOCTOR",
            )
        ],
    )


def tie() -> dict[str, Any]:
    found = causes(
        muscle_strain=0.42,
        fasciitis=0.42,
        ordinary_soreness=0.31,
        impaired_circulation=0.05,
        back_injury=0.04,
        nerve_compression=0.02,
    )
    return _assessment(2, found, tie=["muscle_strain", "fasciitis"], advice=stop_and_rest()["advice"][:1])


def without_rules() -> dict[str, Any]:
    """A network from a file that brings no rules, no sources and no questions."""
    found = [
        {"id": "lung", "label": "lung", "probability": 0.62, "before": 0.055, "benign": False},
        {"id": "tub", "label": "tub", "probability": 0.13, "before": 0.0104, "benign": False},
    ]
    return _assessment(
        None,
        found,
        network={"name": "asia", "version": "", "title": "", "content_hash": "ab12" * 16, "rules_hash": ""},
        complaint=None,
        said=[said("xray", "xray", "yes", "symptom", "yes")],
        none_of_these={"probability": 0.28, "before": 0.93},
        rests_on=[],
        sources={},
    )


def _screening(contraindication: str | None, level: int | None = 1, **more: Any) -> dict[str, Any]:
    seen = _assessment(level, causes(**{id: before * 0.16 for id, (_, before) in CAUSES.items()}), **more)
    for each in seen["causes"]:
        each["before"] = each["probability"] * 0.8
    for key in ("complaint", "tie", "evidence", "rests_on", "none_of_these"):
        del seen[key]
    ranks = ("NONE", "ASK_DOCTOR_FIRST", "DO_NOT_MASSAGE")
    seen |= {
        "kind": "screening",
        "contraindication": contraindication
        and {"name": contraindication, "level": ranks.index(contraindication)},
        "complaint_probability": {
            "label": "Back pain",
            "probability": 0.221,
            "before": 0.149,
            "no_factor": 0.083,
        },
        "change": [
            {
                "variable": "massage_pressure",
                "label": "Pressure of the massage",
                "from": "excessive",
                "to": "light",
                "probability": 0.16,
                "fewer_in_100": 6.1,
            },
            {
                "variable": "long_session",
                "label": "Session over an hour",
                "from": "present",
                "to": "absent",
                "probability": 0.205,
                "fewer_in_100": 1.6,
            },
        ],
    }
    seen.setdefault("reasons", [])
    return seen


def screening_none(*, open_questions: bool = False) -> dict[str, Any]:
    return _screening(
        "NONE",
        provisional=open_questions,
        unscreened=unscreened() if open_questions else [],
        said=[said("massage_pressure", "Pressure of the massage", "too hard", "factor", "excessive")],
        advice=[advice("Ask for light pressure.", "Because hard pressure brings pain about.", "prevention")],
    )


def screening_ask() -> dict[str, Any]:
    return _screening(
        "ASK_DOCTOR_FIRST",
        provisional=True,
        unscreened=unscreened(6),
        reasons=[
            {
                "id": "anticoagulant",
                "label": "Takes a blood thinner",
                "level": "ASK_DOCTOR_FIRST",
                "action": "Ask your doctor before a massage; light pressure only.",
                "why": "Pressure can cause bleeding under the skin.",
                "because": ["Takes a blood thinner: yes"],
                "sources": ["finucane_2020"],
            }
        ],
        said=[said("anticoagulant", "Takes a blood thinner", "yes", "factor")],
    )


def screening_do_not() -> dict[str, Any]:
    seen = screening_ask()
    seen["contraindication"] = {"name": "DO_NOT_MASSAGE", "level": 2}
    seen["urgency"] = {"name": "SAME_DAY", "level": 4}
    seen["provisional"] = False
    seen["unscreened"] = []
    seen["reasons"].insert(
        0,
        {
            "id": "clot",
            "label": "Possible clot in the leg",
            "level": "DO_NOT_MASSAGE",
            "action": "Do not massage, anywhere.",
            "why": "Massage can loosen a clot.",
            "because": ["Swollen, painful calf: yes"],
            "sources": ["finucane_2020"],
        },
    )
    seen["red_flags"] = [
        {
            "id": "clot",
            "label": "Possible clot in the leg",
            "urgency": "SAME_DAY",
            "action": "Get medical help today.",
            "why": "A clot can travel to the lungs.",
            "because": ["Swollen, painful calf: yes"],
            "sources": ["finucane_2020"],
        }
    ]
    return seen


def screening_emergency() -> dict[str, Any]:
    seen = screening_do_not()
    seen["urgency"] = {"name": "EMERGENCY", "level": 5}
    seen["red_flags"] = emergency()["red_flags"][:1]
    return seen


def screening_without_rules() -> dict[str, Any]:
    return _screening(None, None)


ASSESSMENTS = {
    "self_care": self_care,
    "provisional": provisional,
    "provisional_many": lambda: provisional(None, unsure="dark_urine"),
    "stop_and_rest": stop_and_rest,
    "intervals": lambda: stop_and_rest(intervals=True),
    "see_doctor": see_doctor,
    "same_day": same_day,
    "emergency": emergency,
    "none_of_these": none_of_these,
    "tie": tie,
    "without_rules": without_rules,
}
SCREENINGS = {
    "screening_none": screening_none,
    "screening_provisional": lambda: screening_none(open_questions=True),
    "screening_ask": screening_ask,
    "screening_do_not": screening_do_not,
    "screening_emergency": screening_emergency,
    "screening_without_rules": screening_without_rules,
}


def renamed(summary: Any, name: str) -> Any:
    """The summary with `name` for every word in it that is shown, keys and enumerations kept."""
    kept = {"kind", "grade", "role", "state", "variable", "from", "to", "level"}
    if isinstance(summary, dict):
        return {
            (name if key in SOURCES else key): (
                value
                if key in kept or (key in ("urgency", "contraindication") and value)
                else {"name": value["name"], **renamed({k: v for k, v in value.items() if k != "name"}, name)}
                if key == "network"
                else renamed(value, name)
            )
            for key, value in summary.items()
        }
    if isinstance(summary, list):
        return [renamed(each, name) for each in summary]
    return name if isinstance(summary, str) else summary
