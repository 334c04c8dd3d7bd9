"""Why a rule applies, in words: the clauses that were satisfied, with the answers and the figures.

Whole percents, halves up; 0% and 100% only for what is impossible or observed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from massage_pain.advice.conditions import (
    Atom,
    ChanceIs,
    Conjunction,
    FindingIs,
    FlagIs,
    MisfitIs,
    NumberIs,
    RanksFirst,
)
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable


def percent(probability: float) -> str:
    """A whole percent.

    >>> percent(0.625), percent(0.004), percent(0.996), percent(1.0)
    ('63%', '<1%', '>99%', '100%')
    """
    # 0.145 * 100 is 14.499999999999998: the slack undoes binary noise
    whole = math.floor(probability * 100 + 0.5 + 1e-9)
    if whole == 0 and probability > 0:
        return "<1%"
    return ">99%" if whole == 100 and probability < 1 else f"{whole}%"


def inside(label: str) -> str:
    """A label as it stands inside a sentence: "Muscle strain" but "MRI scan".

    >>> inside("Muscle strain"), inside("MRI scan")
    ('muscle strain', 'MRI scan')
    """
    return label[:1].lower() + label[1:] if label[1:2].islower() or label[1:2] == " " else label


def joined(clauses: Sequence[str]) -> str:
    """Clauses as one: "a, b and c"."""
    if len(clauses) < 2:
        return "".join(clauses)
    return f"{', '.join(clauses[:-1])} and {clauses[-1]}"


def because(
    conjunction: Conjunction,
    network: Network,
    answers: Mapping[str, str],
    chances: Mapping[str | None, float],
    flags: Mapping[str, str],
) -> str:
    """The sentence for a satisfied conjunction.

    `answers`: variable -> the answer in words. `chances`: cause -> P(cause | case), None -> P(no cause).
    `flags`: red flag -> its label.

    "Because impaired circulation is likely (87%) and pressure held on one spot: yes." Empty for advice
    that always applies.
    """
    if not conjunction:
        return ""
    first = {each.cause for each in conjunction if isinstance(each, RanksFirst) and each.holds}
    clauses = [
        _clause(each, network, answers, chances, flags)
        for each in conjunction
        if not (isinstance(each, ChanceIs) and each.cause in first)  # the rank says it, with the figure
        and not (isinstance(each, (FindingIs, NumberIs)) and each.variable not in answers)
    ]
    if not clauses:  # only the complaint, taken for granted
        return f"Because there is {inside(network.complaint.label if network.complaint else 'pain')}."
    return f"Because {joined(clauses)}."


def answer_clauses(
    conjunctions: Iterable[Conjunction], network: Network, answers: Mapping[str, str]
) -> tuple[str, ...]:
    """The answers that satisfied them, each once: "Numbness between the legs: yes".

    What is not among the `answers` was taken for granted and is left out.
    """
    variables = dict.fromkeys(
        atom.variable
        for each in conjunctions
        for atom in each
        if isinstance(atom, (FindingIs, NumberIs)) and atom.variable in answers
    )
    return tuple(f"{network.variable(each).label}: {answers[each]}" for each in variables)


def _clause(
    atom: Atom,
    network: Network,
    answers: Mapping[str, str],
    chances: Mapping[str | None, float],
    flags: Mapping[str, str],
) -> str:
    if isinstance(atom, (FindingIs, NumberIs)):
        return f"{inside(network.variable(atom.variable).label)}: {answers[atom.variable]}"
    if isinstance(atom, FlagIs):
        label = inside(flags[atom.flag])
        return f"there is a warning sign ({label})" if atom.raised else f"no warning sign was found ({label})"
    if isinstance(atom, MisfitIs):
        return f"these findings fit {'poorly together' if atom.at_least > -math.inf else 'together'}"
    figure = percent(chances[atom.cause])
    if isinstance(atom, RanksFirst):
        rank = "is the most likely cause" if atom.holds else "is not the most likely cause"
        return f"{inside(network.variable(atom.cause).label)} {rank} ({figure})"
    if atom.cause is not None:
        return (
            f"{inside(network.variable(atom.cause).label)} is {_how_likely(chances[atom.cause])} ({figure})"
        )
    if atom.at_least > -math.inf:
        return f"none of the causes this model knows fits well ({figure})"
    return f"the causes this model knows fit (chance that none is present: {figure})"


def _how_likely(chance: float) -> str:
    if chance >= 0.5:
        return "likely"
    return "possible" if chance >= 0.1 else "unlikely"


def raising_answer(atom: FindingIs | NumberIs, variable: Variable) -> str:
    """The answer that makes an atom true, in words: "yes", "unchanged or worsening", "70 years or more"."""
    if isinstance(atom, FindingIs):
        return " or ".join(variable.answer(each) for each in variable.states if each in atom.states)
    unit = f" {variable.unit}" if variable.unit else ""
    if atom.below == math.inf:
        return f"{atom.at_least:g}{unit} or more"
    low = f"{atom.at_least:g} to " if atom.at_least > -math.inf else ""
    return f"{low}under {atom.below:g}{unit}"
