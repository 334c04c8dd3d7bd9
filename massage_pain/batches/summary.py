"""What came of a run: rows, errors by kind, urgencies; told in numbers and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from massage_pain.advice.urgency import Urgency
from massage_pain.errors import printable
from massage_pain.knowledge.rebuilding import rebuilt

EXAMPLES = 3
"""So many wrong rows are shown in the summary; every row's error stands in its own line of the answers."""


class Tally(NamedTuple):
    """The counts of one part, as plain JSON values. `examples`: (row within the part from 0, sentence)."""

    rows: int
    urgency: dict[str, int]
    provisional: int
    top_cause: dict[str, int]
    red_flags: dict[str, int]
    errors: dict[str, int]
    examples: list[tuple[int, str]]


@dataclass(frozen=True)
class BatchSummary:
    """What came of a run. `urgency`, `top_cause`, `red_flags` and `errors` count rows by name.

    `urgency` has "none" for rows without an answer. `examples`: (row of the source from 1, sentence) of the
    first rows in error. `resumed` rows were answered by an earlier run; `rows_per_second` speaks of the
    others.
    """

    source: str
    target: str
    rows: int
    answered: int
    errors: Mapping[str, int]
    examples: tuple[tuple[int, str], ...]
    urgency: Mapping[str, int]
    provisional: int
    top_cause: Mapping[str, int]
    red_flags: Mapping[str, int]
    resumed: int
    seconds: float

    def __post_init__(self) -> None:
        for name in ("errors", "urgency", "top_cause", "red_flags"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __reduce__(self) -> tuple[Any, ...]:
        return rebuilt(self)

    @classmethod
    def of(
        cls, tallies: Iterable[Tally], *, source: str, target: str, resumed: int, seconds: float
    ) -> BatchSummary:
        """The summary of all parts, in the order of the source."""
        rows = provisional = 0
        counted = {name: Counter[str]() for name in ("urgency", "top_cause", "red_flags", "errors")}
        examples: list[tuple[int, str]] = []
        for each in tallies:
            for name, counter in counted.items():
                counter.update(getattr(each, name))
            examples += [(rows + row + 1, text) for row, text in each.examples][: EXAMPLES - len(examples)]
            rows += each.rows
            provisional += each.provisional
        found = {name: dict(each.most_common()) for name, each in counted.items()}
        levels = [*(each.name for each in reversed(Urgency)), "none"]  # the most urgent first
        urgency = counted["urgency"]
        found["urgency"] = {each: urgency[each] for each in levels if each in urgency}
        return cls(
            source=source,
            target=target,
            rows=rows,
            answered=rows - counted["errors"].total(),
            examples=tuple(examples),
            provisional=provisional,
            resumed=resumed,
            seconds=seconds,
            **found,
        )

    @property
    def rows_per_second(self) -> float:
        """How many rows were answered in a second, those of an earlier run left out."""
        return (self.rows - self.resumed) / self.seconds if self.seconds > 0 else 0.0

    def to_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {
            "kind": "batch",
            "source": self.source,
            "target": self.target,
            "rows": self.rows,
            "answered": self.answered,
            "errors": dict(self.errors),
            "examples": [{"row": row, "error": text} for row, text in self.examples],
            "urgency": dict(self.urgency),
            "provisional": self.provisional,
            "top_cause": dict(self.top_cause),
            "red_flags": dict(self.red_flags),
            "resumed": self.resumed,
            "seconds": round(self.seconds, 3),
            "rows_per_second": round(self.rows_per_second),
        }

    def __str__(self) -> str:
        title = f"{self.rows:,} row{'' if self.rows == 1 else 's'} answered in {printable(self.target)}"
        if self.errors:
            title += f", {self.rows - self.answered:,} of them with an error instead"
        rate = round(self.rows_per_second)
        title += f";\n{rate:,} row{'' if rate == 1 else 's'} a second"
        if self.resumed:
            title += f", {self.resumed:,} rows were answered by the run before"
        sections = [
            ("urgency", self.urgency),
            ("", {"provisional": self.provisional} if self.provisional else {}),
            ("likeliest cause", self.top_cause),
            ("red flags", self.red_flags),
            ("errors", self.errors),
        ]
        names = [printable(name) for _, counts in sections for name in counts]
        width = max([16, *map(len, names)])
        lines = [title]
        for heading, counts in sections:
            lines += [f"{heading}:"] if heading and counts else []
            lines += [f"  {printable(name):<{width}}  {count:>14,}" for name, count in counts.items()]
        lines += [f"  row {row:,}: {text}" for row, text in self.examples]
        return "\n".join(lines)
