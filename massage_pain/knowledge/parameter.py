"""A number and what it rests on.

A probability in a network is never bare: it has a range, the sources it comes from and a grade that
says how well they support it.

* A   a literature figure that fits the quantity,
* A-  a literature figure from a neighbouring population or with a biased design,
* B   a guideline, textbook or narrative review,
* C   judgement,
* ART the article the shipped network starts from,
* U   unstated: the number came in a file that names no sources (BIF, pgmpy).
"""

from __future__ import annotations

from dataclasses import dataclass

from massage_pain.errors import InvalidNetworkError, shown

GRADES: dict[str, str] = {
    "A": "literature figure that fits the quantity",
    "A-": "literature figure from a neighbouring population or with a biased design",
    "B": "guideline, textbook or narrative review",
    "C": "judgement",
    "ART": "the article",
    "U": "unstated by the file it came from",
}


@dataclass(frozen=True, slots=True)
class Source:
    """One reference: where a number, a rule or a piece of advice comes from."""

    key: str
    citation: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A probability with its plausible range (`low` <= `value` <= `high`), sources and grade.

    Raises `InvalidNetworkError` when the three are not probabilities in that order, when no source
    is named, or when the grade is not one of `GRADES`.
    """

    value: float
    low: float
    high: float
    source: tuple[str, ...]
    grade: str
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("low", "value", "high"):
            number = getattr(self, name)
            if isinstance(number, bool) or not isinstance(number, (int, float)):
                raise InvalidNetworkError(f"{name} must be a number from 0 to 1, got {shown(number)}.")
            if not 0.0 <= number <= 1.0:  # also refuses NaN
                percent = " Is it a percentage?" if 1.0 < number <= 100.0 else ""
                raise InvalidNetworkError(
                    f"{name} must be a probability from 0 to 1, got {number!r}.{percent}"
                )
            object.__setattr__(self, name, float(number))
        if not self.low <= self.value <= self.high:
            raise InvalidNetworkError(
                f"low <= value <= high must hold, got {self.low!r}, {self.value!r}, {self.high!r}."
            )
        source: object = self.source
        grade: object = self.grade
        if isinstance(source, str):
            source = (source,)
        if not isinstance(source, (tuple, list)) or not source or not all(map(_is_text, source)):
            raise InvalidNetworkError(
                f"every number needs a source: one key or several, got {shown(source)}."
            )
        object.__setattr__(self, "source", tuple(source))
        if not _is_text(grade) or grade not in GRADES:
            raise InvalidNetworkError(f"grade must be one of {', '.join(GRADES)}, got {shown(grade)}.")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
