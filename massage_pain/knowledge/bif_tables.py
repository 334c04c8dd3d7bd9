"""From the rows of a BIF probability block to a table, with every mistake named at its line."""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from massage_pain.errors import ComplexityError, NetworkFileError, printable, shown, unknown_name
from massage_pain.knowledge import limits
from massage_pain.knowledge.bif_scanner import Place, Scanner
from massage_pain.knowledge.distributions import FloatArray, Table, cell_count, too_many_cells

MOST_PARENTS = 63
"""numpy has no arrays of more than 64 axes."""

_DECIMAL_COMMA = re.compile(r"[0-9],[0-9]")


@dataclass
class Block:
    """A probability block as it is written: nothing in it has been looked up yet.

    `rows` holds the offset, the parent states and the count of numbers of every row; `numbers` the
    numbers of all rows, one after the other.
    """

    variable: str
    parents: tuple[str, ...]
    offset: int
    rows: list[tuple[int, tuple[str, ...], int]] = field(default_factory=list)
    numbers: array[float] = field(default_factory=lambda: array("d"))
    table: tuple[int, list[float]] | None = None
    default: tuple[int, list[float]] | None = None


class TableBuilder:
    """Makes tables of blocks, knowing the states of every variable.

    All tables together are bounded too, at 20 times what one may have: no file of 32 MB writes so many
    numbers, but a few bytes of `default` rows could ask for them.
    """

    def __init__(
        self,
        scanner: Scanner,
        states: Mapping[str, tuple[str, ...]],
        *,
        origin: str,
        normalize: bool,
        table_cells: int,
    ) -> None:
        self._scanner, self._states, self._origin = scanner, states, origin
        self._normalize, self._table_cells = normalize, table_cells
        self._most_cells = self._cells_left = 20 * table_cells
        self._positions = {
            id: {state: position for position, state in enumerate(each)} for id, each in states.items()
        }

    def build(self, block: Block) -> Table:
        """The table of a block. Raises `NetworkFileError`, and `ComplexityError` before it is allocated."""
        shape = self._shape(block)
        self._reserve(block, shape)
        configurations = cell_count(shape[:-1])
        offsets: dict[int, int] = {}
        if block.table is not None:
            rows = self._from_table(block, block.table, shape)
        else:
            rows = self._from_rows(block, shape, configurations, offsets)
        self._check(block, rows, shape, offsets)
        return Table(block.variable, block.parents, rows.reshape(shape), origin=self._origin)

    def _shape(self, block: Block) -> tuple[int, ...]:
        place = Place(block.offset, block.variable)
        for name in (block.variable, *block.parents):
            if name not in self._states:
                what = "variable" if name == block.variable else "parent"
                raise self._scanner.refuse(unknown_name(what, name, self._states), place)
        if len(set(block.parents)) < len(block.parents):
            raise self._scanner.refuse(
                f"a parent is named twice: {', '.join(map(printable, block.parents))}.", place
            )
        return tuple(len(self._states[name]) for name in (*block.parents, block.variable))

    def _reserve(self, block: Block, shape: tuple[int, ...]) -> None:
        cells, parents = cell_count(shape), len(block.parents)
        if cells > self._table_cells:
            error = too_many_cells(block.variable, parents, cells, self._table_cells)
            raise self._scanner.too_complex(error, block.offset)
        if parents > MOST_PARENTS:
            error = ComplexityError(
                f"{shown(block.variable)} has {parents} parents; the limit is {MOST_PARENTS}.",
                estimate=parents,
                limit=MOST_PARENTS,
            )
            raise self._scanner.too_complex(error, block.offset)
        self._cells_left -= cells
        if self._cells_left < 0:
            error = ComplexityError(
                f"the tables up to {shown(block.variable)} have more than {self._most_cells:,} cells "
                "together, 20 times what one table may have (raise it with table_cells=...).",
                estimate=self._most_cells - self._cells_left,
                limit=self._most_cells,
            )
            raise self._scanner.too_complex(error, block.offset)

    # -- the numbers ---------------------------------------------------------------------------

    def _from_table(self, block: Block, table: tuple[int, list[float]], shape: tuple[int, ...]) -> FloatArray:
        """The first variable of the block's head varies slowest (version 0.15), so the child does."""
        offset, numbers = table
        self._check_count(block, offset, len(numbers), cell_count(shape))
        values: FloatArray = np.array(numbers).reshape(shape[-1], -1).T.copy()
        return values

    def _from_rows(
        self, block: Block, shape: tuple[int, ...], configurations: int, offsets: dict[int, int]
    ) -> FloatArray:
        for offset, names, count in block.rows:
            self._check_count(block, offset, count, shape[-1])
            index = self._index(block, offset, names)
            if index in offsets:
                raise self._scanner.refuse(
                    f"the row{self._given(block, index, shape)} stands here twice; the first is on "
                    f"line {self._scanner.line_of(offsets[index])}.",
                    Place(offset, block.variable),
                )
            offsets[index] = offset
        if len(offsets) < configurations and block.default is None:
            missing = next(index for index in range(configurations) if index not in offsets)
            raise self._scanner.refuse(
                f"there is no row{self._given(block, missing, shape)} "
                f"({configurations - len(offsets):,} of {configurations:,} rows are missing).",
                Place(block.offset, block.variable),
            )
        values: FloatArray = np.empty((configurations, shape[-1]))
        if block.default is not None:
            self._check_count(block, block.default[0], len(block.default[1]), shape[-1])
            values[:] = block.default[1]
        if offsets:
            values[list(offsets)] = np.frombuffer(block.numbers).reshape(-1, shape[-1])
        return values

    def _index(self, block: Block, offset: int, names: tuple[str, ...]) -> int:
        if len(names) != len(block.parents):
            parents = _counted(len(block.parents), "parent")
            named = f" ({', '.join(map(printable, block.parents))})" if block.parents else ""
            raise self._scanner.refuse(
                f"the row names {_counted(len(names), 'parent state')}; {shown(block.variable)} has "
                f"{parents}{named}.",
                Place(offset, block.variable),
            )
        index = 0
        for parent, name in zip(block.parents, names, strict=True):
            positions = self._positions[parent]
            at = positions.get(name)
            if at is None and name.isascii():
                at = positions.get(" ".join(name.split()))
            if at is None:
                raise self._scanner.refuse(
                    unknown_name(
                        "state", name, self._states[parent], where=f" for the parent {printable(parent)}"
                    ),
                    Place(offset, block.variable),
                )
            index = index * len(positions) + at
        return index

    # -- what can be wrong with them -----------------------------------------------------------

    def _check_count(self, block: Block, offset: int, count: int, needed: int) -> None:
        if count == needed:
            return
        text = self._scanner.text
        written = text[offset : text.find(";", offset)]
        hint = ""
        if count > needed and len(_DECIMAL_COMMA.findall(written)) >= needed:
            hint = " Numbers need a decimal point, not a comma."
        raise self._scanner.refuse(
            f"{_counted(count, 'number')} where {needed:,} "
            f"{'are' if needed != 1 else 'is'} needed (the states of {shown(block.variable)} are "
            f"{self._states_of(block.variable)}).{hint}",
            Place(offset, block.variable),
        )

    def _states_of(self, variable: str) -> str:
        states = self._states[variable]
        return ", ".join(map(printable, states[:8])) + (", ..." if len(states) > 8 else "")

    def _check(
        self, block: Block, rows: FloatArray, shape: tuple[int, ...], offsets: Mapping[int, int]
    ) -> None:
        """Rows must be distributions; with `normalize` they are made so here, in place."""

        def refuse(index: int, message: str) -> NetworkFileError:
            whole = block.table or block.default
            offset = offsets.get(index, whole[0] if whole else block.offset)
            return self._scanner.refuse(message, Place(offset, block.variable))

        highest = sys.float_info.max if self._normalize else 1.0
        wrong = ~((rows >= 0.0) & (rows <= highest))  # also true for NaN
        if wrong.any():
            index, state = (int(each) for each in np.argwhere(wrong)[0])
            value = float(rows[index, state])
            percent = " Is it a percentage?" if 1.0 < value <= 100.0 else ""
            raise refuse(
                index,
                f"P({printable(block.variable)} = "
                f"{printable(self._states[block.variable][state])}"
                f"{self._given(block, index, shape, ' | ')}) must be a probability from 0 to 1, "
                f"got {value!r}.{percent}",
            )
        with np.errstate(over="ignore"):
            sums = rows.sum(axis=-1)
        if self._normalize:
            empty = ~((sums > 0.0) & np.isfinite(sums))
            if empty.any():
                index = int(np.argmax(empty))
                raise refuse(
                    index,
                    f"the probabilities of {shown(block.variable)}"
                    f"{self._given(block, index, shape)} sum to {sums[index]:g}, so they cannot be "
                    "divided by their sum.",
                )
            rows /= sums[:, np.newaxis]
            return
        off = np.abs(sums - 1.0) > limits.ROW_SUM_TOLERANCE
        if off.any():
            index = int(np.argmax(off))
            raise refuse(
                index,
                f"the probabilities of {shown(block.variable)}{self._given(block, index, shape)} sum "
                f"to {sums[index]:.9g}, off by {sums[index] - 1.0:+.2g}; they must sum to 1 within "
                f"{limits.ROW_SUM_TOLERANCE:g} (normalize=True divides each row by its sum)."
                f"{self._turned(block, shape)}",
            )

    def _turned(self, block: Block, shape: tuple[int, ...]) -> str:
        """A hint for a table that is right when its numbers are taken in the other order."""
        if block.table is None or not block.parents:
            return ""
        sums = np.array(block.table[1]).reshape(-1, shape[-1]).sum(axis=-1)
        if (np.abs(sums - 1.0) > limits.ROW_SUM_TOLERANCE).any():
            return ""
        return (
            " In a table with parents the child varies slowest; these numbers look as if it varied "
            "fastest. Write them as rows."
        )

    def _given(self, block: Block, index: int, shape: tuple[int, ...], before: str = " given ") -> str:
        if not block.parents:
            return ""
        at = np.unravel_index(index, shape[:-1])
        return before + ", ".join(
            f"{printable(parent)}={printable(self._states[parent][int(position)])}"
            for parent, position in zip(block.parents, at, strict=True)
        )


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"
