"""How many questions an interview takes, and whether it ends where full information would.

    python -m tests.benchmarks.interviews --cases 2000 --write

Cases are drawn from the shipped network among those whose back hurts. The person first tells of up to two
symptoms they have; every safety question is answered by "none of these" and an age of 40, everything else
truthfully. The interview's end is compared with the advice on the complete case. `--write` renews the
table in docs/interview.md.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import massage_pain as mp
from massage_pain.reasoning.hypotheses import accepted_case
from massage_pain.reasoning.interview import Interview
from massage_pain.reasoning.prospects import prospects
from massage_pain.reasoning.simulation import draw

if TYPE_CHECKING:
    from massage_pain import Reasoner

PAGE = Path(__file__).resolve().parents[2] / "docs" / "interview.md"
BEGIN, END = "<!-- interviews: begin -->", "<!-- interviews: end -->"
AGE = 40
PART = 50
"""Interviews that one process takes at a time."""


class Outcome(NamedTuple):
    """One interview: questions asked, and its end against full information.

    `missed`: where the interview's urgency was too low, the rules that raise it with full information.
    """

    safety: int
    others: int
    urgency: str
    same_urgency: bool
    too_low: bool
    same_decision: bool
    same_cause: bool
    missed: tuple[str, ...]


def cases(back: Reasoner, count: int, seed: int) -> list[dict[str, str]]:
    """Complete truths of people whose back hurts: factors and symptoms by state."""
    network = back.network
    complaint = network.complaint
    assert complaint is not None
    rng = np.random.default_rng(seed)
    found: list[dict[str, str]] = []
    names = [each for each in network.nodes if each.role in ("factor", "symptom")]
    while len(found) < count:
        drawn = draw(network, 4 * count, rng)
        rows = np.flatnonzero(drawn[complaint.id] == complaint.present_index)
        for row in rows.tolist()[: count - len(found)]:
            found.append({each.id: each.states[int(drawn[each.id][row])] for each in names})
    return found


def told_first(back: Reasoner, truth: dict[str, str], rng: np.random.Generator, most: int) -> dict[str, str]:
    """Up to `most` symptoms the person has, told without being asked."""
    has = [each.id for each in back.network.symptoms if truth[each.id] != each.states[0]]
    chosen = rng.permutation(len(has))[:most].tolist()
    return {has[at]: truth[has[at]] for at in chosen}


def interviewed(back: Reasoner, truth: dict[str, str], start: dict[str, str]) -> tuple[Interview, int, int]:
    """The interview with truthful answers, and how many questions it took: on safety, others."""
    now = back.interview(start)
    safety = others = 0
    while now.question is not None:
        safety += now.question.safety
        others += not now.question.safety
        now = now.answer({name: truth.get(name, "absent") for name in now.question.variables})
    return now, safety, others


def outcome(back: Reasoner, truth: dict[str, str], start: dict[str, str]) -> Outcome:
    """One interview against full information."""
    screened: dict[str, object] = {
        each.id: AGE if each.numeric is not None else "absent" for each in back.network.screening
    }
    whole = {**truth, **screened}
    ended, safety, others = interviewed(back, whole, start)  # type: ignore[arg-type]
    seen, full = ended.assessment, back.assess(whole)
    assert seen.urgency is not None
    assert full.urgency is not None
    decision = [
        int(prospects(back._assessor, accepted_case(back._assessor, each)[1]).decision[0])
        for each in (ended.case, whole)
    ]
    rules = [(each.id, each.urgency) for found in (full.red_flags, full.advice) for each in found]
    too_low = seen.urgency < full.urgency
    return Outcome(
        safety,
        others,
        full.urgency.name,
        seen.urgency == full.urgency,
        too_low,
        decision[0] == decision[1],
        seen.top_cause == full.top_cause,
        tuple(name for name, level in rules if too_low and level == full.urgency),
    )


def table(found: list[Outcome], told: int) -> str:
    """The page's section: the distribution and the agreement, by urgency."""
    lines = [
        f"{len(found):,} simulated cases; up to {told} symptoms told before the first question; every safety "
        "answer a no.",
        "",
        "| full information says | cases | safety questions | other questions: median | 75% | 90% | most "
        "| at most 12 | same urgency | too low | same advice | same first cause |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    counts = Counter(each.urgency for each in found)
    for level in [*(each.name for each in mp.Urgency if counts[each.name]), "all"]:
        rows = [each for each in found if level in (each.urgency, "all")]
        others = np.array([each.others for each in rows])
        safety = np.array([each.safety for each in rows])
        quantiles = " | ".join(f"{q:.0f}" for q in np.percentile(others, [50, 75, 90, 100]))
        shares = " | ".join(
            f"{100 * np.mean(each):.1f}%"
            for each in (
                others <= 12,
                [r.same_urgency for r in rows],
                [r.too_low for r in rows],
                [r.same_decision for r in rows],
                [r.same_cause for r in rows],
            )
        )
        spread = f"{np.percentile(safety, 5):.0f} to {np.percentile(safety, 95):.0f}"
        lines.append(f"| {level} | {len(rows):,} | {spread} | {quantiles} | {shares} |")
    missed = Counter(" and ".join(each.missed) for each in found if each.too_low)
    if missed:
        said = "; ".join(f"`{rules}` {count}" for rules, count in missed.most_common())
        lines += [
            "",
            f"Urgency too low, and the rules that raise it with full information: {said}.",
        ]
    return "\n".join(lines)


def outcomes(chosen: Sequence[tuple[dict[str, str], dict[str, str]]]) -> list[Outcome]:
    """The interviews of some cases: what is true of each, and what is told first."""
    back = mp.load()
    return [outcome(back, truth, start) for truth, start in chosen]


def main() -> None:
    """Run, print, and with --write renew the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--told", type=int, default=2, help="symptoms told before the first question")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    back = mp.load()
    rng = np.random.default_rng(chosen.seed)
    people = [
        (truth, told_first(back, truth, rng, chosen.told)) for truth in cases(back, chosen.cases, chosen.seed)
    ]
    with ProcessPoolExecutor(chosen.workers) as pool:
        parts = pool.map(outcomes, [people[at : at + PART] for at in range(0, len(people), PART)])
        found = [each for part in parts for each in part]
    text = table(found, chosen.told)
    print(text)
    if chosen.write:
        page = PAGE.read_text(encoding="utf-8")
        head, rest = page.split(BEGIN)
        tail = rest.split(END)[1]
        PAGE.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
