"""Records of an interview or a session: checked before they are replayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from massage_pain.advice.assessor import Assessor
from massage_pain.errors import EvidenceError, printable, shown


def check_record(assessor: Assessor, record: object, kind: str, keys: Sequence[str]) -> None:
    """Raise `EvidenceError` unless `record` is of this kind, complete, and of this network and rules."""
    if not isinstance(record, Mapping) or record.get("kind") != kind:
        found = record.get("kind") if isinstance(record, Mapping) else record
        raise EvidenceError(
            f"A record of kind '{kind}' (to_dict() of an {kind} or its JSON) is needed, got {shown(found)}."
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
