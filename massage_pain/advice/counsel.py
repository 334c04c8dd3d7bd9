"""The rules' word on one case, in words: urgency, warning signs, what to do and why.

Made from the same judgement that serves many cases; only what is shown is put into words.

**What is shown at an urgency.** In an emergency only the call for help: what the flags (or rules) of that
urgency ask for. At every level the kinds of `rules.WITHHELD` are kept back; from `SAME_DAY` on, so is the
advice to seek care later than now. A note on a medicine is kept back where an answer forbids it, and
always carries its cautions. An answer "cannot tell" keeps it back as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from massage_pain.advice.answers import answer_words
from massage_pain.advice.judgement import CloseLook, Judge
from massage_pain.advice.open_questions import Screen, Unscreened
from massage_pain.advice.reasons import because, inside, joined
from massage_pain.advice.red_flags import Reason, RedFlag, raised_flags, reasons_against
from massage_pain.advice.rules import WITHHELD, AdviceRule, Rules
from massage_pain.advice.urgency import Contraindication, Urgency
from massage_pain.inference.case import UNSURE, Case
from massage_pain.inference.evidence import Evidence
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network


class Advice(NamedTuple):
    """One thing to do. `because` names the answers and figures that satisfied its rule.

    `kind` is one of `rules.KINDS`; `urgency` what it raises the case to. `article` are the article's own
    words, `provenance` what is said of them where the sources are shown.
    """

    id: str
    action: str
    kind: str
    urgency: Urgency
    because: str
    sources: tuple[str, ...]
    cautions: str = ""
    article: str = ""
    provenance: str = ""


class Counsel(NamedTuple):
    """What the rules say of one case; `urgency` and `contraindication` None where there are no rules."""

    urgency: Urgency | None = None
    contraindication: Contraindication | None = None
    red_flags: tuple[RedFlag, ...] = ()
    reasons: tuple[Reason, ...] = ()
    unscreened: tuple[Unscreened, ...] = ()
    advice: tuple[Advice, ...] = ()


class Counsellor:
    """The rules of a network ready to speak of one case, for one moment ("assess" or "screen")."""

    def __init__(self, rules: Rules, network: Network, moment: str) -> None:
        self.judge = Judge(rules, network, moment)
        self._network = network
        self._screen = Screen(self.judge, network)
        self._causes = tuple(each.id for each in network.causes)
        self._complaint = "" if network.complaint is None else network.complaint.id
        self._flag_labels = {each.id: each.label for each in rules.red_flags}

    def counsel(
        self, case: Case, evidence: Evidence, chances: FloatArray, misfit: FloatArray | None = None
    ) -> Counsel:
        """The rules' word on `case` in one form (`answers.in_one_form`), whose evidence is one row.

        `chances` (1, n_causes + 1): P(cause | case) in the network's order, then P(no cause). `misfit` (1,):
        how poorly the findings fit together.
        """
        look = self.judge.look(evidence, chances, misfit)
        answers = {name: answer_words(self._network.variable(name), value) for name, value in case.items()}
        urgency = Urgency(int(look.judgement.urgency[0]))
        heard = answers
        if not self.judge.before:  # the complaint is why the case is assessed, and no reason to be given
            heard = {name: words for name, words in answers.items() if name != self._complaint}
        flags = raised_flags(self.judge, look, self._network, heard)
        reasons: tuple[Reason, ...] = ()
        contraindication = None
        if self.judge.before:
            contraindication = Contraindication(int(look.judgement.contraindication[0]))
            reasons = reasons_against(self.judge, look, flags, self._network, answers)
        return Counsel(
            urgency,
            contraindication,
            flags,
            reasons,
            self._screen.unscreened(look, evidence),
            self._advice(urgency, flags, look, answers, chances, case),
        )

    def _advice(
        self,
        urgency: Urgency,
        flags: tuple[RedFlag, ...],
        look: CloseLook,
        answers: Mapping[str, str],
        chances: FloatArray,
        case: Case,
    ) -> tuple[Advice, ...]:
        figures: dict[str | None, float] = dict(zip((*self._causes, None), chances[0].tolist(), strict=True))
        unsure = {name for name, answer in case.items() if answer is UNSURE}
        found = [_of_a_flag(each) for each in flags]
        for row in np.flatnonzero(look.judgement.applying[:, 0]).tolist():
            rule = self.judge.advice[row]
            if urgency > rule.up_to or self._is_withheld(rule, look, unsure):
                continue
            satisfied = next(
                self.judge.advice_table.conjunctions[at]
                for at in self.judge.advice_table.spans[row]
                if look.advice.holding[0, at, 0]
            )
            why = because(satisfied, self._network, answers, figures, self._flag_labels)
            found.append(_of_a_rule(rule, why))
        shown = [each for each in found if _is_shown(each, urgency)]
        shown.sort(key=lambda each: -each.urgency)  # equal ones stay: flags first, then the file's order
        return _each_action_once(shown)

    def _is_withheld(self, rule: AdviceRule, look: CloseLook, unsure: set[str]) -> bool:
        """Whether an answer forbids it; "cannot tell" forbids too, since it may be so."""
        row = self.judge.withheld_row.get(rule.id)
        if row is None or rule.withheld_when is None:
            return False
        if unsure and not unsure.isdisjoint(rule.withheld_when.variables):
            return True
        return bool(look.advice.true[row, 0])


def _of_a_flag(flag: RedFlag) -> Advice:
    why = f"Because {joined([inside(each) for each in flag.because])}."
    return Advice(flag.id, flag.action, "seek_care", flag.urgency, why, flag.sources)


def _of_a_rule(rule: AdviceRule, why: str) -> Advice:
    return Advice(
        rule.id,
        rule.action,
        rule.kind,
        rule.urgency,
        why,
        rule.sources,
        rule.cautions,
        rule.article,
        rule.provenance,
    )


def _is_shown(advice: Advice, urgency: Urgency) -> bool:
    if urgency >= Urgency.SAME_DAY and advice.kind == "seek_care":
        return advice.urgency == urgency
    return advice.kind not in WITHHELD[urgency]


def _each_action_once(found: list[Advice]) -> tuple[Advice, ...]:
    """Several rules may ask for the same: it is said once, with every reason and source."""
    by_action: dict[str, Advice] = {}
    for each in found:
        known = by_action.get(each.action)
        if known is None:
            by_action[each.action] = each
            continue
        reasons = known.because if each.because in known.because else f"{known.because} {each.because}"
        by_action[each.action] = Advice(
            known.id,
            known.action,
            known.kind,
            known.urgency,
            reasons,
            tuple(dict.fromkeys((*known.sources, *each.sources))),
            known.cautions or each.cautions,
            known.article or each.article,
            known.provenance or each.provenance,
        )
    return tuple(by_action.values())
