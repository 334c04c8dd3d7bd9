"""Watching over a massage while it is given: continue, ease off, stop, or stop and call for help.

What is observed, and when, comes from the caller; there is no clock here. After every observation all that is
known is judged anew (`session_reasons`), and the gravest reason says what to do.

**What was once a reason to stop stays one.** Numbness that has gone, a chest pain that is denied a minute
later: the reason stands until somebody clears it by name, and that is only possible once it no longer
holds. Reasons to ease off come and go with what they rest on.

A `Monitor` is a value: each observation gives a new one. Its log is plain JSON and gives the monitor again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from massage_pain.advice.answers import said_in_words
from massage_pain.advice.assessor import Assessor
from massage_pain.advice.record import network_record
from massage_pain.errors import EvidenceError, printable, shown, unknown_name
from massage_pain.inference.case import Case
from massage_pain.inference.evidence import evidence_of
from massage_pain.knowledge.network import Network
from massage_pain.reasoning.records import check_record, taken
from massage_pain.reasoning.session_reasons import SessionAction, SessionReason, SessionReasons
from massage_pain.reasoning.session_times import Time, check_order, plain_time

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True)
class Standing:
    """A reason as it stands: since when, and whether what it rests on still holds."""

    reason: SessionReason
    since: Time | None
    holds: bool

    @property
    def id(self) -> str:
        """The name to clear it by."""
        return self.reason.id

    @property
    def action(self) -> SessionAction:
        """What it asks for."""
        return self.reason.action


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log: an observation with its `findings`, or the clearing of `cleared` by `by`.

    `action` and `reasons` are what held after it.
    """

    time: Time
    findings: Mapping[str, Any]
    action: SessionAction
    reasons: tuple[str, ...]
    cleared: str = ""
    by: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        what: dict[str, Any] = {"kind": "observe", "findings": Case(self.findings).to_dict()}
        if self.cleared:
            what = {"kind": "clear", "reason": self.cleared, "by": self.by}
        return {"time": self.time, **what, "action": self.action.name, "reasons": list(self.reasons)}


@dataclass(frozen=True, eq=False, repr=False)
class Monitor:
    """One moment of a session: what is known, what to do and why.

    `start` is what was known before it, `case` all that is known now, `reported` what was said during it.
    `standing` are the reasons, the gravest first.
    """

    _reasons: SessionReasons = field(repr=False)
    _assessor: Assessor = field(repr=False)
    start: Case
    case: Case
    reported: Case
    standing: tuple[Standing, ...]
    log: tuple[Entry, ...] = ()

    @property
    def network(self) -> Network:
        """What it reasons with."""
        return self._assessor.network

    @property
    def action(self) -> SessionAction:
        """What to do now."""
        return self.standing[0].action if self.standing else SessionAction.CONTINUE

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, in words, the gravest first."""
        return tuple(each.reason.words for each in self.standing)

    @cached_property
    def risk(self) -> float:
        """P(complaint) now; where the network has none, P(any cause)."""
        return self._reasons.risk(evidence_of(self.network, self.case))

    @cached_property
    def risk_at_start(self) -> float:
        """The same with what was known before the session."""
        return self._reasons.risk(evidence_of(self.network, self.start))

    def observe(self, time: Any, findings: Mapping[str, Any] | None = None, /, **by_name: Any) -> Monitor:
        """The monitor after an observation at `time`; without findings, after a look that found nothing new.

        A newer word on a variable replaces the older. Raises `EvidenceError` for a time that goes back or
        is none, the error of a wrong finding, `ImpossibleEvidenceError`; the monitor is then as it was.
        """
        now = self._later(time)
        new, _ = self._assessor.accepted(Case(findings, **by_name))
        case, reported = Case({**self.case, **new}), Case({**self.reported, **new})
        holding = self._reasons.at(case, reported, self.risk_at_start)
        standing = _standing(self.standing, holding, now)
        entry = Entry(now, new, _gravest(standing), tuple(each.id for each in standing))
        return replace(self, case=case, reported=reported, standing=standing, log=(*self.log, entry))

    def clear(self, reason: str, time: Any, by: str) -> Monitor:
        """The monitor after somebody took a reason back, by its id.

        Raises `EvidenceError` for a reason that does not stand or still holds, for a blank `by` and for a
        wrong time.
        """
        now = self._later(time)
        if not str(by or "").strip():
            raise EvidenceError(f"Who clears a reason must be said (by=...), got {shown(by)}.")
        known = {each.id: each for each in self.standing}
        named: object = reason
        if not isinstance(named, str) or named not in known:
            raise EvidenceError(unknown_name("reason", reason, known))
        if known[reason].holds:
            raise EvidenceError(
                f"{shown(reason)} still holds: {printable(known[reason].reason.words)} Observe first that "
                "it is no longer so."
            )
        rest = tuple(each for each in self.standing if each.id != reason)
        holding = self._reasons.at(self.case, self.reported, self.risk_at_start)
        standing = _standing(rest, holding, now)  # in a milder form it may hold all the same
        ids = tuple(each.id for each in standing)
        entry = Entry(now, {}, _gravest(standing), ids, cleared=reason, by=str(by).strip())
        return replace(self, standing=standing, log=(*self.log, entry))

    def _later(self, time: Any) -> Time:
        now = plain_time(time)
        check_order(self.log[-1].time if self.log else None, now)
        return now

    # -- keeping -------------------------------------------------------------------------------

    def to_frame(self) -> pandas.DataFrame:
        """The log: a row an entry, with what was done and why."""
        import pandas as pd

        rows = [
            (
                each.time,
                ", ".join(f"{name}={value}" for name, value in Case(each.findings).to_dict().items()),
                each.cleared,
                each.by,
                each.action.name,
                ";".join(each.reasons),
            )
            for each in self.log
        ]
        return pd.DataFrame(rows, columns=["time", "findings", "cleared", "by", "action", "reasons"])

    def to_dict(self) -> dict[str, Any]:
        """A record as plain JSON values; `replay` gives the monitor again."""
        return {
            "kind": "monitor",
            "network": network_record(self.network, self._assessor.rules),
            "start": self.start.to_dict(),
            "action": {"name": self.action.name, "level": int(self.action)},
            "reasons": [
                {
                    "id": each.id,
                    "action": each.action.name,
                    "words": each.reason.words,
                    "do": each.reason.do,
                    "since": each.since,
                    "holds": each.holds,
                }
                for each in self.standing
            ],
            "risk": {"now": self.risk, "start": self.risk_at_start},
            "log": [{**each.to_dict(), "said": self._said(each)} for each in self.log],
        }

    def _said(self, entry: Entry) -> list[str]:
        """What an entry of the log brought, in words."""
        found = said_in_words(self.network, Case(entry.findings))
        return [f"{each.label}: {each.answer}" for each in found]

    def __str__(self) -> str:
        from massage_pain.display.tables import text_of

        return text_of(self.to_dict())

    def _repr_html_(self) -> str:
        from massage_pain.display.tables import html_of

        return html_of(self.to_dict())

    def __repr__(self) -> str:
        return f"<Monitor: {self.action.name}; {len(self.standing)} reasons, {len(self.log)} entries>"


def monitor(assessor: Assessor, case: Mapping[str, Any]) -> Monitor:
    """A session that begins with what the case says. Raises the error of a wrong finding."""
    start, evidence = assessor.accepted(case)
    reasons = SessionReasons(assessor)
    holding = reasons.at(start, Case(), reasons.risk(evidence))
    return Monitor(reasons, assessor, start, start, Case(), _standing((), holding, None))


def replay(assessor: Assessor, record: Mapping[str, Any]) -> Monitor:
    """The monitor that a record (`Monitor.to_dict()`) describes.

    Raises `EvidenceError` for what is no such record, was kept with another network or other rules, or
    says something else than what its observations lead to.
    """
    check_record(assessor, record, "monitor", ("start", "action", "reasons", "log"))
    found = monitor(assessor, Case(record["start"]))
    for position, each in enumerate(taken(record, "log", list, "The whole")):
        where = f"Entry {position}"
        kind, time = taken(each, "kind", str, where), taken(each, "time", (str, int, float), where)
        if kind == "clear":
            found = found.clear(taken(each, "reason", str, where), time, taken(each, "by", str, where))
        elif kind == "observe":
            found = found.observe(time, taken(each, "findings", Mapping, where))
        else:
            raise EvidenceError(f"{where} of the record must be of kind observe or clear, got {shown(kind)}.")
        if taken(each, "action", str, where) != found.action.name:
            raise EvidenceError(
                f"Entry {position} of the log says {shown(each['action'])}, but what was observed by then "
                f"leads to {found.action.name}: the log was changed."
            )
        if taken(each, "reasons", list, where) != list(found.log[-1].reasons):
            raise EvidenceError(f"Entry {position} of the log gives other reasons: the log was changed.")
    # what the record says by itself: without it a log that lost its end would look like a calmer session
    ends = found.to_dict()
    for key in ("action", "reasons"):
        if record[key] != ends[key]:
            raise EvidenceError(
                f"The record ends with other {shown(key)} than its log leads to ({found.action.name}): "
                "the log was changed or cut."
            )
    return found


def _standing(
    before: tuple[Standing, ...], holding: list[SessionReason], now: Time | None
) -> tuple[Standing, ...]:
    """The reasons that hold, and those to stop that once did."""
    since = {each.id: each.since for each in before}
    found = {each.id: Standing(each, since.get(each.id, now), True) for each in holding}
    for each in before:
        if each.action >= SessionAction.STOP:
            if each.id not in found:
                found[each.id] = replace(each, holds=False)
            elif found[each.id].action < each.action:
                found[each.id] = replace(each, holds=False)  # it weighs less now, but it did weigh more
    return tuple(sorted(found.values(), key=lambda each: (-each.action, not each.holds)))


def _gravest(standing: tuple[Standing, ...]) -> SessionAction:
    return standing[0].action if standing else SessionAction.CONTINUE
