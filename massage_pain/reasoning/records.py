"""Records of an interview or a session: checked before they are replayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from massage_pain.advice.assessor import Assessor
from massage_pain.errors import EvidenceError, printable, shown


def taken(entry: object, key: str, kind: type | tuple[type, ...], where: str) -> Any:
    """`entry[key]`, of this kind. Raises `EvidenceError` that says where the record is damaged."""
    if not isinstance(entry, Mapping):
        raise EvidenceError(f"{where} of the record must be a mapping, got {shown(entry)}.")
    if key not in entry:
        raise EvidenceError(f"{where} of the record lacks {shown(key)}.")
    value = entry[key]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise EvidenceError(f"{where} of the record has a wrong {shown(key)}: {shown(value)}.")
    return value


def check_record(assessor: Assessor, record: object, kind: str, keys: Sequence[str]) -> None:
    """Raise `EvidenceError` unless `record` is of this kind, complete, and of this network and rules."""
    if not isinstance(record, Mapping) or record.get("kind") != kind:
        found = record.get("kind") if isinstance(record, Mapping) else record
        raise EvidenceError(
            f"A record of kind '{kind}' (what to_dict() of the {kind} gave) is needed, got {shown(found)}."
        )
    missing = [each for each in ("network", *keys) if each not in record]
    if missing:
        raise EvidenceError(f"The record lacks {', '.join(map(printable, missing))}.")
    theirs = record["network"]
    network, rules = assessor.network, assessor.rules
    ours = {
        "content_hash": network.content_hash,
        "rules_hash": "" if rules is None else rules.content_hash,
    }
    for key, what in (("content_hash", "network"), ("rules_hash", "rules")):
        other = theirs.get(key) if isinstance(theirs, Mapping) else None
        if other != ours[key]:
            raise EvidenceError(
                f"The record was kept with other {what}: {key} {shown(other, most=20)}, "
                f"here {shown(ours[key], most=20)} ({printable(network.name)} {printable(network.version)}). "
                "Replay it with those it was kept with."
            )
