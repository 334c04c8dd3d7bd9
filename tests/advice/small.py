"""A small network with rules of its own: two causes, a complaint, a graded symptom, safety questions."""

from __future__ import annotations

from pathlib import Path

from massage_pain.advice.rule_reader import read_rules
from massage_pain.advice.rules import Rules
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.toml_reader import read_toml_network

NETWORK = """\
format = 1
[network]
name = "small"
version = "0.1"
title = "A small network"
[sources.book]
citation = "A book."
[sources.paper]
citation = "A paper."
url = "https://example.org/paper"
[variables.press]
role = "factor"
label = "Pressure of the massage"
states = ["light", "firm", "hard"]
modifiable = true
prior.firm = { value = 0.4, low = 0.2, high = 0.6, source = "book", grade = "B" }
prior.hard = { value = 0.1, low = 0.05, high = 0.2, source = "book", grade = "B" }
[variables.cold]
role = "factor"
label = "Was cold"
modifiable = true
prior.present = { value = 0.2, low = 0.1, high = 0.3, source = "book", grade = "B" }
[variables.before]
role = "factor"
label = "Had it before"
prior.present = { value = 0.3, low = 0.1, high = 0.5, source = "book", grade = "B" }
[variables.strain]
role = "cause"
label = "Muscle strain"
form = "noisy-or"
leak = { value = 0.05, low = 0.02, high = 0.1, source = "book", grade = "C" }
links.press.firm = { value = 0.1, low = 0.05, high = 0.2, source = "book", grade = "C" }
links.press.hard = { value = 0.5, low = 0.3, high = 0.7, source = "paper", grade = "A", note = "a trial" }
links.cold.present = { value = 0.1, low = 0.05, high = 0.2, source = "book", grade = "C" }
[variables.nerve]
role = "cause"
label = "Nerve trouble"
form = "noisy-or"
leak = { value = 0.01, low = 0.005, high = 0.02, source = "book", grade = "C" }
links.press.hard = { value = 0.1, low = 0.05, high = 0.2, source = "book", grade = "C" }
[variables.pain]
role = "complaint"
label = "Back pain"
form = "noisy-or"
leak = { value = 0.02, low = 0.01, high = 0.04, source = "book", grade = "C" }
links.strain.present = { value = 0.9, low = 0.8, high = 0.95, source = "book", grade = "C" }
links.nerve.present = { value = 0.9, low = 0.8, high = 0.95, source = "book", grade = "C" }
[variables.stiff]
role = "symptom"
label = "Stiff muscles"
form = "noisy-or"
leak = { value = 0.05, low = 0.02, high = 0.1, source = "book", grade = "C" }
links.strain.present = { value = 0.7, low = 0.5, high = 0.9, source = "paper", grade = "A" }
[variables.radiates]
role = "symptom"
label = "Pain down a limb"
form = "noisy-max"
states = ["none", "thigh", "foot"]
leak.thigh = { value = 0.02, low = 0.01, high = 0.04, source = "book", grade = "C" }
leak.foot = { value = 0.01, low = 0.005, high = 0.02, source = "book", grade = "C" }
links.nerve.present.thigh = { value = 0.2, low = 0.1, high = 0.3, source = "book", grade = "C" }
links.nerve.present.foot = { value = 0.5, low = 0.3, high = 0.7, source = "book", grade = "C" }
[variables.began]
role = "symptom"
label = "When it began"
states = ["during", "later"]
present = "later"
prior.later = { value = 0.5, low = 0.3, high = 0.7, source = "book", grade = "C" }
[variables.age]
role = "screening"
numeric = [0, 120]
unit = "years"
label = "Age"
question = "How old are you?"
[variables.fever]
role = "screening"
label = "Fever"
question = "Do you have a fever?"
[variables.numb]
role = "screening"
label = "Numb between the legs"
question = "Are you numb between the legs?"
[variables.thinner]
role = "screening"
label = "Takes a blood thinner"
question = "Do you take a blood thinner?"
[variables.ulcer]
role = "screening"
label = "Stomach ulcer"
question = "Have you had a stomach ulcer?"
"""

RED_FLAGS = """\
format = 1
[[red_flag]]
id = "numbness"
label = "Nerves may be squeezed"
urgency = "EMERGENCY"
action = "Call emergency services now."
why = "Hours matter."
when = { any = ["numb", { all = ["fever", { radiates = "foot" }] }] }
source = ["book"]
[[red_flag]]
id = "fever"
label = "Fever with pain"
urgency = "SAME_DAY"
action = "Get medical help today."
why = "It can be an infection."
when = { all = ["fever", "pain"] }
source = "paper"
[[red_flag]]
id = "old_and_new"
label = "First pain at this age"
urgency = "SEE_DOCTOR"
action = "See a doctor within days."
why = "It wants an examination."
when = { all = [{ age = { at_least = 50 } }, { before = "absent" }] }
source = "book"
[[contraindication]]
id = "bleeding"
label = "Bleeds easily"
level = "ASK_DOCTOR_FIRST"
action = "Ask a doctor first."
why = "Pressure can cause bleeding."
when = "thinner"
source = "book"
[[contraindication]]
id = "sore_already"
label = "Hurts already, with pain down a limb"
level = "DO_NOT_MASSAGE"
action = "No massage now."
why = "It could make a nerve worse."
when = { all = ["pain", { radiates = ["thigh", "foot"] }] }
source = "book"
"""

ADVICE = """\
format = 1
[[advice]]
id = "stop"
action = "Stop the massage."
kind = "stop"
urgency = "STOP_AND_REST"
when = { any = [
    { posterior = "nerve", at_least = 0.3 },
    { all = [{ first = "strain" }, { press = "hard" }] },
] }
article = "Stop promptly."
source = "book"
[[advice]]
id = "warm"
action = "Keep it warm."
kind = "warmth"
urgency = "SELF_CARE"
when = { all = [{ posterior = "strain", at_least = 0.3 }, { not = "fever" }] }
source = "book"
[[advice]]
id = "move"
action = "Keep moving gently."
kind = "exercise"
urgency = "SELF_CARE"
when = { posterior = "strain", at_least = 0.2, below = 0.9 }
source = "book"
[[advice]]
id = "medicine"
action = "The article mentions, under a doctor's guidance: an anti-inflammatory."
kind = "medicine_note"
urgency = "SELF_CARE"
when = { posterior = "strain", at_least = 0.3 }
withheld_when = { any = ["thinner", "ulcer"] }
cautions = "Only one of its kind; ask a pharmacist."
provenance = "The article names three of one class."
source = ["paper", "book"]
[[advice]]
id = "passes"
action = "It usually passes within days."
kind = "reassurance"
urgency = "SELF_CARE"
when = { first = "strain" }
source = "paper"
[[advice]]
id = "look"
action = "See a doctor within days."
kind = "seek_care"
urgency = "SEE_DOCTOR"
when = { any = [{ none_of_these = 0.6 }, { posterior = "nerve", at_least = 0.5 }] }
source = "paper"
[[advice]]
id = "flagged"
action = "Write down when it began."
kind = "information"
urgency = "SELF_CARE"
when = { flag = "fever" }
source = "book"
[[advice]]
id = "lighter"
action = "Next time: lighter pressure."
kind = "prevention"
urgency = "SELF_CARE"
moment = ["assess", "screen"]
when = { press = ["firm", "hard"] }
source = "book"
[[advice]]
id = "tell"
action = "Tell the therapist what you take."
kind = "information"
urgency = "SELF_CARE"
moment = "screen"
source = "book"
"""


def small_network() -> Network:
    """The network alone."""
    return read_toml_network(NETWORK, file="network.toml", folder=Path())


def small_rules(
    folder: Path, network: Network, red_flags: str | None = RED_FLAGS, advice: str | None = ADVICE
) -> Rules:
    """Its rules, or others, read from files in `folder`."""
    paths = {}
    for name, text in (("red_flags", red_flags), ("advice", advice)):
        if text is not None:
            paths[name] = folder / f"{name}.toml"
            paths[name].write_text(text, encoding="utf-8")
    return read_rules(network, **paths)


def small_folder(folder: Path) -> Path:
    """A folder that `load` takes."""
    for name, text in (("network", NETWORK), ("red_flags", RED_FLAGS), ("advice", ADVICE)):
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder
