"""A network from a BIF file: a strict reader of our own.

The format is the Interchange Format for Bayesian Networks (Cozman 1998, version 0.15) as bnlearn, pgmpy,
aGrUM and JavaBayes write it::

    network asia { }
    variable tub { type discrete [ 2 ] { yes, no }; }
    variable asia { type discrete [ 2 ] { yes, no }; }
    probability ( asia ) { table 0.01, 0.99; }
    probability ( tub | asia ) { (yes) 0.05, 0.95; default 0.01, 0.99; }

Blocks may stand in any order, rows too; states and parents are found by name, and states keep the order in
which they are declared. A head without a bar, `probability ( tub asia )`, names the child first. The
numbers of a `table` with parents run through the first variable of the head slowest, so through the child.
Properties are read past and not kept. Whatever the file leaves open or says twice is an error with file,
line and variable: nothing is guessed, skipped or filled with zeros.

The format has no place for roles, labels or sources: every variable has the role "other", and every number
names one source, the network itself, with grade U.
"""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePath

from massage_pain.errors import ComplexityError, InvalidNetworkError, printable, shown, unknown_name
from massage_pain.knowledge import limits
from massage_pain.knowledge.bif_scanner import Place, Scanner
from massage_pain.knowledge.bif_tables import Block, TableBuilder
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import Source
from massage_pain.knowledge.variable import Variable, checked_name

UNNAMED = "unknown"
"""What bnlearn calls every network; without quotes it counts as no name."""

_COUNT = re.compile(r"[1-9][0-9]{0,8}")
_BLOCKS = ("network", "variable", "probability")


def read_bif(
    text: str,
    *,
    file: str,
    name: str,
    normalize: bool = False,
    table_cells: int = limits.TABLE_CELLS,
    seconds: float = limits.READ_SECONDS,
) -> Network:
    """The network that `text` describes; `file` is what errors call it.

    `name` is the network's name where the file gives none. Rows must sum to one within 1e-6; with
    `normalize` each is divided by its sum. Raises `NetworkFileError` (file, line, and the variable as
    key) for whatever is wrong, also when reading takes longer than `seconds`; `ComplexityError` for a
    table over `table_cells` or a name that is too long.
    """
    scanner = Scanner(text, file, seconds=seconds)
    if not scanner.at(*_BLOCKS):
        what = "it is empty" if scanner.kind == "end" else f"it begins with {shown(scanner.value, most=40)}"
        raise scanner.refuse(f"this is not a BIF file: {what}, where 'network NAME {{' is expected.")
    document = _Document(scanner, table_cells)
    document.read()
    return document.network(name, normalize=normalize)


class _Document:
    """What the blocks of a file declare, gathered before anything is looked up."""

    def __init__(self, scanner: Scanner, table_cells: int) -> None:
        self._scanner, self._table_cells = scanner, table_cells
        self._name: str | None = None
        self._network_offset: int | None = None
        self._variables: dict[str, Variable] = {}
        self._declared: dict[str, int] = {}
        self._blocks: dict[str, Block] = {}

    # -- blocks --------------------------------------------------------------------------------

    def read(self) -> None:
        """Read the whole file."""
        readers = {
            "network": self._read_network,
            "variable": self._read_variable,
            "probability": self._read_probability,
        }
        scanner = self._scanner
        while scanner.kind != "end":
            if not scanner.at(*_BLOCKS):
                raise scanner.refuse(unknown_name("block", scanner.value, _BLOCKS))
            readers[scanner.value]()

    def _read_network(self) -> None:
        scanner, offset = self._scanner, self._scanner.start
        if self._network_offset is not None:
            raise scanner.refuse(
                f"a second network begins here; the first is on line {scanner.line_of(self._network_offset)}."
            )
        self._network_offset = offset
        scanner.advance()
        if not scanner.at("{"):
            quoted = scanner.kind == "quoted"
            self._name = self._one_name("network")
            if self._name == UNNAMED and not quoted:
                self._name = None
        scanner.take("{")
        self._read_properties("network")
        scanner.take("}")

    def _read_variable(self) -> None:
        scanner, offset = self._scanner, self._scanner.start
        scanner.advance()
        id = self._one_name("variable")
        if id in self._declared:
            raise scanner.refuse(
                f"the variable {shown(id)} is declared twice; the first time is on line "
                f"{scanner.line_of(self._declared[id])}.",
                Place(offset, id),
            )
        self._declared[id] = offset
        scanner.take("{", id)
        states: tuple[str, ...] | None = None
        while not scanner.at("}"):
            if scanner.at("type") and states is None:
                states = self._read_states(id)
            elif scanner.at("property"):
                scanner.skip_property()
            else:
                raise scanner.refuse(
                    f"one 'type' and then 'property' or '}}' are expected in this variable; "
                    f"{scanner.here()}.",
                    Place(scanner.start, id),
                )
        if states is None:
            raise scanner.refuse(
                f"the variable {shown(id)} has no 'type discrete [ N ] {{ ... }};'.", Place(offset, id)
            )
        scanner.advance()
        try:
            self._variables[id] = Variable(id=id, states=states)
        except InvalidNetworkError as error:
            raise scanner.refuse(str(error), Place(offset, id)) from None
        except ComplexityError as error:
            raise scanner.too_complex(error, offset) from None

    def _read_states(self, variable: str) -> tuple[str, ...]:
        scanner, offset = self._scanner, self._scanner.start
        scanner.advance()
        if scanner.kind == "word" and not scanner.at("discrete"):
            raise scanner.refuse(
                f"only discrete variables are read; the type of {shown(variable)} is {shown(scanner.value)}.",
                Place(scanner.start, variable),
            )
        scanner.take("discrete", variable)
        scanner.take("[", variable)
        count = int(scanner.value) if _COUNT.fullmatch(scanner.value) else 0
        if not count:
            raise scanner.refuse(
                f"the number of states is expected here; {scanner.here()}.", Place(scanner.start, variable)
            )
        scanner.advance()
        scanner.take("]", variable)
        scanner.take("{", variable)
        states = scanner.names(until=("}",), expected=count, key=variable)
        if len(states) != count:
            listed = ", ".join(map(printable, states[:12])) + (", ..." if len(states) > 12 else "")
            comment = "//" in scanner.text[offset : scanner.start]
            hint = " Two slashes begin a comment; quote a name that holds them." if comment else ""
            raise scanner.refuse(
                f"{shown(variable)} declares {count} states but lists {len(states)}: "
                f"{listed or 'none'}.{hint}",
                Place(offset, variable),
            )
        scanner.advance()
        scanner.take(";", variable)
        return states

    def _read_probability(self) -> None:
        scanner, offset = self._scanner, self._scanner.start
        scanner.advance()
        scanner.take("(")
        names = self._known(scanner.names(until=("|", ")"), expected=None, key=None))
        if scanner.at("|"):
            scanner.advance()
            parents = self._known(scanner.names(until=(")",), expected=None, key=None))
            names = (" ".join(names), *parents)
        if not names or not names[0]:
            raise scanner.refuse("this probability block names no variable.", Place(offset))
        scanner.take(")")
        block = Block(names[0], names[1:], offset)
        earlier = self._blocks.get(block.variable)
        if earlier is not None:
            raise scanner.refuse(
                f"{shown(block.variable)} has a second probability block; the first is on line "
                f"{scanner.line_of(earlier.offset)}.",
                Place(offset, block.variable),
            )
        self._blocks[block.variable] = block
        scanner.take("{", block.variable)
        while not scanner.at("}"):
            self._read_entry(block)
        if block.table is not None and (block.rows or block.default is not None):
            raise scanner.refuse(
                "a table stands beside rows or a default; give one or the other.",
                Place(block.table[0], block.variable),
            )
        scanner.advance()

    def _known(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The words as names, or as the one name of several words that is declared above."""
        together = " ".join(words)
        return (together,) if together in self._declared and words[0] not in self._declared else words

    def _read_entry(self, block: Block) -> None:
        scanner, offset = self._scanner, self._scanner.start
        if scanner.at("("):
            self._read_row(block)
        elif scanner.at("table", "default"):
            kind = scanner.value
            if (block.table if kind == "table" else block.default) is not None:
                raise scanner.refuse(f"this {kind} stands here twice.", Place(offset, block.variable))
            scanner.advance()
            entry = (offset, scanner.numbers(block.variable, most=self._table_cells))
            if kind == "table":
                block.table = entry
            else:
                block.default = entry
        elif scanner.at("property"):
            scanner.skip_property()
        else:
            raise scanner.refuse(
                f"'(parent states) numbers;', 'table', 'default' or '}}' is expected here; {scanner.here()}.",
                Place(offset, block.variable),
            )

    def _read_row(self, block: Block) -> None:
        scanner, offset = self._scanner, self._scanner.start
        count = len(block.parents)
        names = scanner.plain_names(count)
        if names is None:
            scanner.advance()
            names = scanner.names(until=(")",), expected=count, key=block.variable)
            scanner.take(")", block.variable)
        numbers = scanner.numbers(block.variable, most=self._table_cells)
        block.rows.append((offset, names, len(numbers)))
        block.numbers.fromlist(numbers)

    def _read_properties(self, what: str) -> None:
        while not self._scanner.at("}"):
            if not self._scanner.at("property"):
                raise self._scanner.refuse(
                    f"'property' or '}}' is expected in this {what}; {self._scanner.here()}."
                )
            self._scanner.skip_property()

    def _one_name(self, what: str) -> str:
        """A name before an opening brace; of several words where it is written without quotes."""
        scanner, offset = self._scanner, self._scanner.start
        names = scanner.names(until=("{",), expected=1, key=None)
        if len(names) != 1:
            raise scanner.refuse(
                f"one name for this {what} is expected here, got "
                f"{', '.join(map(shown, names[:3])) or 'none'}.",
                Place(offset),
            )
        return names[0]

    # -- the whole -----------------------------------------------------------------------------

    def network(self, name: str, *, normalize: bool) -> Network:
        """The network that the blocks describe, once they are found to fit together."""
        scanner = self._scanner
        if not self._variables:
            raise scanner.refuse("the file declares no variables.")
        name = self._checked_name(name)
        missing = [id for id in self._variables if id not in self._blocks]
        tables = TableBuilder(
            scanner,
            {id: each.states for id, each in self._variables.items()},
            origin=name,
            normalize=normalize,
            table_cells=self._table_cells,
        )
        built = {block.variable: tables.build(block) for block in self._blocks.values()}
        if missing:
            more = ", ..." if len(missing) > 12 else ""
            raise scanner.refuse(
                f"no probability block is given for {', '.join(map(shown, missing[:12]))}{more}. "
                "Is the file cut off?",
                Place(self._declared[missing[0]], missing[0]),
            )
        self._check_acyclic()
        source = Source(
            name, f"The network {shown(name)}, read from a BIF file, which names no source for its numbers."
        )
        return Network(
            name=name,
            variables=tuple(self._variables.values()),
            distributions=tuple(built[id] for id in self._variables),
            sources={name: source},
            description=f"Read from {printable(PurePath(scanner.file).name)}.",
            table_cells=self._table_cells,
        )

    def _checked_name(self, otherwise: str) -> str:
        offset = self._network_offset or 0
        try:
            return checked_name(otherwise if self._name is None else self._name, "The network's name")
        except (InvalidNetworkError, ComplexityError) as error:
            if self._name is None:
                return "network"  # a file may be called what no network can be
            if isinstance(error, ComplexityError):
                raise self._scanner.too_complex(error, offset) from None
            raise self._scanner.refuse(str(error), Place(offset)) from None

    def _check_acyclic(self) -> None:
        parents = {block.variable: block.parents for block in self._blocks.values()}
        try:
            TopologicalSorter(parents).prepare()
        except CycleError as error:
            path = list(reversed(error.args[1]))
            block = self._blocks[path[0]]
            raise self._scanner.refuse(
                f"the links form a cycle: {' -> '.join(map(printable, path))}.",
                Place(block.offset, block.variable),
            ) from None
