"""A network as BIF text, such that reading it back gives the same states, parents and bits.

Numbers are written with as many digits as they need to come back exactly, always with a decimal point. A
noisy-OR or noisy-MAX is written out as the table it stands for. The format has no place for roles, labels,
questions, ranges or sources, and none for a variable without a probability: those are left out, screening
answers too. TOML keeps everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import product
from typing import TYPE_CHECKING

from massage_pain.errors import NetworkFileError, printable, shown
from massage_pain.knowledge.bif_reader import UNNAMED

if TYPE_CHECKING:
    from massage_pain.knowledge.network import Network

_BARE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_KEYWORDS = {
    *("network", "variable", "probability", "property"),
    *("type", "discrete", "table", "default", UNNAMED),
}

# The format has no escapes. Quotes and backslashes end or bend a quoted name; and since many readers drop
# the quotes first, a name with braces or semicolons could close a block and open another.
_UNSAFE = '"\\{};'


def bif_text(network: Network) -> str:
    """The network as BIF. Screening answers, which have no probability, are left out.

    Raises `NetworkFileError` (key: the variable) for a name that BIF cannot hold, and `ComplexityError`
    for a noisy-OR or noisy-MAX whose table would be too large to write out.
    """
    return "".join(_pieces(network))


def _pieces(network: Network) -> Iterator[str]:
    yield f"network {_quoted(network.name, network.name, 'The network')} {{\n}}\n"
    states: dict[str, tuple[str, ...]] = {}
    names: dict[str, str] = {}
    for each in network.nodes:
        names[each.id] = _quoted(each.id, each.id, "The variable")
        states[each.id] = tuple(_quoted(state, each.id, "The state") for state in each.states)
        yield (
            f"variable {names[each.id]} {{\n"
            f"  type discrete [ {len(each.states)} ] {{ {', '.join(states[each.id])} }};\n}}\n"
        )
    for each in network.nodes:
        parents = network.parents(each.id)
        head = names[each.id]
        if parents:
            head += f" | {', '.join(names[parent] for parent in parents)}"
        yield f"probability ( {head} ) {{\n"
        rows = network.cpd(each.id).reshape(-1, len(each.states)).tolist()
        if parents:
            for given, row in zip(product(*(states[parent] for parent in parents)), rows, strict=True):
                yield f"  ({', '.join(given)}) {_numbers(row)};\n"
        else:
            yield f"  table {_numbers(rows[0])};\n"
        yield "}\n"


def _numbers(row: Iterable[float]) -> str:
    return ", ".join(map(repr, row))


def _quoted(name: str, key: str, what: str) -> str:
    """A name as it stands in the file: bare if any reader takes it so, else in quotes."""
    if _BARE.fullmatch(name) and name not in _KEYWORDS:
        return name
    for letter in name:
        if letter in _UNSAFE or not letter.isprintable():
            raise NetworkFileError(
                f"{what} {shown(name)} holds {shown(letter)}, which cannot be written to a BIF file and "
                "read back the same. Rename it, or write a .toml file.",
                key=printable(key),
            )
    return f'"{name}"'
