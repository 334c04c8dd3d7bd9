"""A network as TOML text, such that reading it back gives the same content and the same bits.

The text is composed here, line by line, rather than by a TOML library: those keep the layout of a text
that exists, and there is none; what is needed is three rules (how a key, a text and a number are
written). Numbers are written by `repr`, which gives back the same float in every locale. Before the
text is handed out it is read back and compared, so that a file which says something else is never
written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from massage_pain.errors import MassagePainError, NetworkFileError, printable, shown
from massage_pain.knowledge.distributions import Distribution, NoisyMax, Table
from massage_pain.knowledge.parameter import Parameter
from massage_pain.knowledge.toml_entry import FORMAT
from massage_pain.knowledge.toml_reader import read_toml_network
from massage_pain.knowledge.toml_tables import GIVEN, UNSTATED
from massage_pain.knowledge.variable import BINARY, Variable

if TYPE_CHECKING:
    from massage_pain.knowledge.network import Network

_READ_BACK = "the text"

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def toml_text(network: Network) -> str:
    """The network as TOML; `read_toml_network` makes the same network of it.

    Raises `NetworkFileError` (key: the variable) for what the format cannot say, such as a number
    whose source is not among the network's sources.
    """
    text = "\n".join(_lines(network)) + "\n"
    try:
        again = read_toml_network(text, file=_READ_BACK, table_cells=network.table_cells)
    except MassagePainError as error:
        what, key = str(error), getattr(error, "key", None)
        if what.startswith(_READ_BACK):  # a line of a text that nobody has seen helps nobody
            what = what.partition(": ")[2]
        raise NetworkFileError(f"the network cannot be written as TOML: {what}", key=key) from None
    for each in network.distributions:
        other = again.distribution(each.variable)
        if not _same_numbers(each, other):
            raise NetworkFileError(
                "the cells of the table are not those that its stated numbers give, so it cannot be "
                "written as TOML.",
                key=printable(each.variable),
            )
    if again.content_hash != network.content_hash:
        raise NetworkFileError("the network cannot be written as TOML without changing it.")
    return text


def _same_numbers(one: Distribution, other: Distribution) -> bool:
    if isinstance(one, Table) and isinstance(other, Table):
        return np.array_equal(one.values, other.values)
    return isinstance(one, NoisyMax) and isinstance(other, NoisyMax)


def _lines(network: Network) -> Iterator[str]:
    yield f"format = {FORMAT}"
    yield from ("", "[network]", f"name = {_text(network.name)}")
    yield from _stated_texts(network, ("version", "title", "description"))
    if network.groups:
        yield from ("", "[groups]")
        yield from (f"{_key(id)} = {_text(label)}" for id, label in network.groups.items())
    for key, source in network.sources.items():
        yield from ("", f"[sources.{_key(key)}]", f"citation = {_text(source.citation)}")
        yield from _stated_texts(source, ("url", "note"))
    given = {each.variable: each for each in network.distributions}
    for variable in network.variables:
        yield from ("", f"[variables.{_key(variable.id)}]")
        yield from _variable(variable)
        if variable.id in given:
            yield from _distribution(network, variable, given[variable.id])


def _stated_texts(holder: object, names: Iterable[str]) -> Iterator[str]:
    """A line for each of these texts that is not empty."""
    for name in names:
        if text := getattr(holder, name):
            yield f"{name} = {_text(text)}"


def _variable(variable: Variable) -> Iterator[str]:
    plain = Variable(id=variable.id, states=variable.states or BINARY)  # what need not be said
    if variable.role != plain.role:
        yield f"role = {_text(variable.role)}"
    if variable.label != plain.label:
        yield f"label = {_text(variable.label)}"
    yield from _stated_texts(variable, ("question", "group"))
    if variable.modifiable:
        yield "modifiable = true"
    if variable.cost != plain.cost:
        yield f"cost = {_number(variable.cost)}"
    if variable.numeric is not None:
        yield f"numeric = {_list(map(_number, variable.numeric))}"
    else:
        if variable.states != BINARY:
            yield f"states = {_list(map(_text, variable.states))}"
        if variable.state_labels != plain.state_labels:
            yield f"state_labels = {_list(map(_text, variable.state_labels))}"
        if variable.present != plain.present:
            yield f"present = {_text(variable.present)}"
    yield from _stated_texts(variable, ("unit", "icd10"))
    if variable.benign:
        yield "benign = true"
    yield from _stated_texts(variable, ("note",))


# -- distributions -----------------------------------------------------------------------------


def _distribution(network: Network, variable: Variable, given: Distribution) -> Iterator[str]:
    if isinstance(given, NoisyMax):
        yield from _noisy_max(variable, given)
    elif given.parameters is not None and not given.parents:
        for (state,), each in given.parameters.items():
            yield f"prior.{_key(state)} = {_parameter(each)}"
    else:
        yield 'form = "table"'
        if given.parents:
            yield f"parents = {_list(map(_text, given.parents))}"
        if given.parameters is None:
            yield from _compact(network, variable, given)
        else:
            yield from _rows(network, variable, given)


def _noisy_max(variable: Variable, given: NoisyMax) -> Iterator[str]:
    binary = len(variable.states) == 2
    yield f'form = "noisy-{"or" if binary else "max"}"'
    yield from _strengths("leak", given.leak, binary)
    for parent, by_state in given.links.items():
        for state, strengths in by_state.items():
            yield from _strengths(f"links.{_key(parent)}.{_key(state)}", strengths, binary)


def _strengths(key: str, strengths: Mapping[str, Parameter], binary: bool) -> Iterator[str]:
    for state, each in strengths.items():
        yield f"{key if binary else f'{key}.{_key(state)}'} = {_parameter(each)}"


def _compact(network: Network, variable: Variable, given: Table) -> Iterator[str]:
    yield from ("", f"[variables.{_key(variable.id)}.table]")
    yield f"source = {_text(given.origin if given.origin in network.sources else UNSTATED)}"
    yield 'grade = "U"'
    yield "rows = ["
    for row in given.values.reshape(-1, len(variable.states)).tolist():
        yield f"  {_list(map(repr, row))},"
    yield "]"


def _rows(network: Network, variable: Variable, given: Table) -> Iterator[str]:
    if GIVEN in variable.states:
        raise NetworkFileError(
            f"a state called {shown(GIVEN)} cannot stand in a table with stated numbers; TOML keeps that "
            "word for the states of the parents.",
            key=printable(variable.id),
        )
    stated = given.parameters or {}
    for names in product(*(network.variable(each).states for each in given.parents)):
        pairs = zip(given.parents, names, strict=True)
        yield from ("", f"[[variables.{_key(variable.id)}.rows]]")
        yield f"given = {{ {', '.join(f'{_key(p)} = {_text(s)}' for p, s in pairs)} }}"
        for state in variable.states:
            if (*names, state) in stated:
                yield f"{_key(state)} = {_parameter(stated[*names, state])}"


def _parameter(each: Parameter) -> str:
    sources = tuple(map(_text, each.source))
    note = f", note = {_text(each.note)}" if each.note else ""
    return (
        f"{{ value = {each.value!r}, low = {each.low!r}, high = {each.high!r}, "
        f"source = {sources[0] if len(sources) == 1 else _list(sources)}, "
        f"grade = {_text(each.grade)}{note} }}"
    )


# -- keys, texts, numbers ----------------------------------------------------------------------


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if bare else _text(name)


def _text(text: str) -> str:
    return f'"{"".join(map(_letter, text))}"'


def _letter(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _number(number: float) -> str:
    """A number of any size; whole ones without a decimal point."""
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else repr(float(number))


def _list(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"
