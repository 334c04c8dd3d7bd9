"""`batch`: a file of cases in, a file of answers out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from massage_pain.errors import QueryError, shown

if TYPE_CHECKING:
    import os

    from massage_pain.batches.progress import Progress
    from massage_pain.batches.summary import BatchSummary
    from massage_pain.reasoner import Reasoner

ROWS_PER_BLOCK = 65_536
"""Rows answered and kept together."""


def batch(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    reasoner: Reasoner | None = None,
    index: str | Sequence[str] | None = None,
    ignore: str | Sequence[str] = (),
    columns: Sequence[str] | None = None,
    missing: Sequence[str] | None = None,
    guard: bool = True,
    overwrite: bool = False,
    resume: bool = False,
    rows_per_block: int = ROWS_PER_BLOCK,
    threads: int | None = None,
    scheduler: Any = None,
    progress: bool | Callable[[Progress], None] | None = None,
) -> BatchSummary:
    """Assess every row of a file of cases: one line of answers for each, in the same order.

    `source` is a .csv or .parquet file or a folder of .parquet files, a column a variable; `target` the
    same (a name without an ending is a folder). A row that is wrong gets its error in its own line and
    costs no other. The answers are those of `reasoner.assess_many` (`reasoner` None: `load()`), the target
    appears whole or not at all, and neither depends on `rows_per_block`, `threads` or `scheduler`.

    `index` names the columns that name the rows, `ignore` further ones to carry along unread; both stand
    first in the target. `columns` chooses among the answers (None: all). `missing` are the texts that mean
    "not asked" (None: empty, NA, NaN, nan, <NA>, NULL, null). `guard` keeps texts of a CSV target from
    being taken for formulas by a spreadsheet. `resume` goes on with a run that was cut short. `scheduler`
    is the address of a Dask cluster, or its client. `progress`: a function that is told how far it is; True
    or False to draw a bar or not; None for a bar where standard error is a terminal.

    Raises `CaseFileError` for a file that cannot be read or written, `UnknownVariableError`,
    `ConflictingEvidenceError`, `EvidenceError` and `QueryError` for a wrong column, all before anything is
    written; and `MissingExtraError` where pyarrow (for Parquet) or Dask (for a cluster) is not installed.
    """
    from massage_pain.batches.run import Run

    counts: tuple[tuple[str, object], ...] = (("rows_per_block", rows_per_block), ("threads", threads))
    for name, value in counts:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise QueryError(f"{name} must be a whole number from 1, got {shown(value)}.")
    run = Run(source, target, reasoner)
    run.choose(index=index, ignore=ignore, answers=columns, missing=missing, guard=guard)
    return run.go(
        overwrite=overwrite,
        resume=resume,
        rows_per_block=rows_per_block,
        threads=threads,
        scheduler=scheduler,
        progress=progress,
    )
