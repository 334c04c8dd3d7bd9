"""A case as the Python that makes it, to copy into a cell. No widgets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massage_pain.inference.case import UNSURE, Likelihood
from massage_pain.knowledge.catalogue import networks
from massage_pain.knowledge.network import Network

WIDTH = 88


def as_python(network: Network, *cases: Mapping[str, Any]) -> str:
    """A program that assesses the cases; a shipped network is loaded by its name."""
    lines = ["import massage_pain as mp", ""]
    reasoner = "reasoner"
    if network.name in networks():
        lines.append(f"reasoner = mp.load({network.name!r})")
    else:
        lines.append("# reasoner is the one that was explored")
    for at, case in enumerate(cases):
        name = "case" if len(cases) == 1 else f"case_{'ab'[at]}"
        lines.append(f"{name} = {case_in_python(case)}")
    names = ["case"] if len(cases) == 1 else ["case_a", "case_b"]
    lines += [
        f"{reasoner}.assess({name})" if at == len(names) - 1 else f"display({reasoner}.assess({name}))"
        for at, name in enumerate(names)
    ]
    return "\n".join(lines) + "\n"


def case_in_python(case: Mapping[str, Any]) -> str:
    """The expression for a case, on one line where it fits."""
    pairs = [(name, _value(value)) for name, value in case.items()]
    if all(name.isidentifier() and name.isascii() and not _reserved(name) for name, _ in pairs):
        parts, opening, closing = [f"{name}={value}" for name, value in pairs], "mp.Case(", ")"
    else:
        parts, opening, closing = [f"{name!a}: {value}" for name, value in pairs], "mp.Case({", "})"
    line = f"{opening}{', '.join(parts)}{closing}"
    if len(line) + len("case = ") <= WIDTH:
        return line
    return "\n".join([opening, *(f"    {part}," for part in parts), closing])


def _value(value: Any) -> str:
    if value is UNSURE:
        return "mp.UNSURE"
    if isinstance(value, Likelihood):
        return f"mp.Likelihood({{{', '.join(f'{s!a}: {w!r}' for s, w in value.items())}}})"
    return ascii(value)


def _reserved(name: str) -> bool:
    import keyword

    return keyword.iskeyword(name)
