"""What is done with each column: read as findings, carried along unread, or written as an answer.

The plan is made from the header alone, before anything is written, so that a misspelt column refuses the
whole file and not row after row of it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from massage_pain.advice.answer_table import COLUMNS
from massage_pain.batches.codebook import MISSING
from massage_pain.errors import (
    ConflictingEvidenceError,
    EvidenceError,
    QueryError,
    UnknownVariableError,
    printable,
    shown,
    unknown_name,
)
from massage_pain.knowledge.network import Network


@dataclass(frozen=True)
class Plan:
    """The columns of a run. `used`: (position in the source, variable); `carried`: (position, name)."""

    columns: tuple[str, ...]
    used: tuple[tuple[int, str], ...]
    carried: tuple[tuple[int, str], ...]
    answers: tuple[str, ...]
    missing: tuple[str, ...] = MISSING
    guard: bool = True

    @property
    def header(self) -> tuple[str, ...]:
        """The columns of the target: what is carried, then the answers."""
        return (*(name for _, name in self.carried), *self.answers)


def planned(
    network: Network,
    columns: Sequence[str],
    *,
    index: str | Sequence[str] | None = None,
    ignore: str | Sequence[str] = (),
    answers: Sequence[str] | None = None,
    missing: Sequence[str] = MISSING,
    guard: bool = True,
    file: str = "",
) -> Plan:
    """The plan for a table with these columns.

    Raises `UnknownVariableError` for a column that is no variable and is not carried,
    `ConflictingEvidenceError` for one that occurs twice, `EvidenceError` for a column to carry that is not
    there, `QueryError` for an answer there is not or a name that would occur twice in the target.
    """
    names = [unicodedata.normalize("NFC", each) for each in columns]
    first = [] if index is None else _texts(index, "index")
    carry = list(dict.fromkeys([*first, *_texts(ignore, "ignore")]))
    where = f" of {file}" if file else ""
    for name in carry:
        if name not in names:
            raise EvidenceError(unknown_name("column", name, names, where=f" to carry{where}"))
    twice = next((each for at, each in enumerate(names) if each in names[:at]), None)
    if twice is not None:
        raise ConflictingEvidenceError(
            f"The column {shown(twice)} occurs twice{where or ' in the table'}; keep one."
        )
    unknown = [each for each in names if each not in carry and each not in network]
    if unknown:
        raise UnknownVariableError(_unknown(unknown, network, where))
    known = [*(each.id for each in network.causes), *COLUMNS]
    if len(set(known)) < len(known):
        same = next(each for each in COLUMNS if known.count(each) > 1)
        raise QueryError(
            f"The cause {shown(same)} has the name of a column of the answer; rename it. "
            f"Reserved are: {', '.join(COLUMNS)}."
        )
    chosen = known if answers is None else _texts(answers, "columns")
    for name in chosen:
        if name not in known:
            raise QueryError(unknown_name("column", name, known, where=" of answers"))
    if not chosen:
        raise QueryError(f"No column of answers is asked for; there are: {', '.join(map(printable, known))}.")
    header = [*(each for each in carry), *chosen]
    clash = next((each for at, each in enumerate(header) if each in header[:at]), None)
    if clash is not None:
        raise QueryError(
            f"{shown(clash)} would be two columns of the target; rename the column that is carried, or say "
            "columns=... without it."
        )
    return Plan(
        tuple(names),
        tuple((at, each) for at, each in enumerate(names) if each not in carry),
        tuple((names.index(each), each) for each in carry),
        tuple(chosen),
        tuple(dict.fromkeys(_texts(missing, "missing"))),
        guard,
    )


def _texts(given: object, what: str) -> list[str]:
    found = [given] if isinstance(given, str) else list(given) if isinstance(given, (list, tuple)) else None
    if found is None or not all(isinstance(each, str) for each in found):
        raise QueryError(f"{what} must be a name or a list of names, got {shown(given)}.")
    return [unicodedata.normalize("NFC", each) for each in found]


def _unknown(names: Sequence[str], network: Network, where: str) -> str:
    sentence = unknown_name(
        "variable", names[0], [each.id for each in network.variables], where=f" as a column{where}"
    )
    if len(names) > 1:
        more = ", ".join(shown(each) for each in names[1:6])
        sentence += f" Unknown too: {more}{' and others' if len(names) > 6 else ''}."
    if not names[0]:
        sentence += " A column without a name is mostly an index."
    return (
        f"{sentence} Nothing was read. A column to carry along unread is named with ignore "
        f"(--ignore {shown(names[0])}), one that names the rows with index (--index {shown(names[0])})."
    )
