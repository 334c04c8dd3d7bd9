"""One run from the first look at the files to the summary."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from massage_pain.batches.codebook import MISSING
from massage_pain.batches.parts import Part, Parts
from massage_pain.batches.places import (
    Kind,
    as_place,
    check_target,
    need_pyarrow,
    source_kind,
    tables_in,
    target_kind,
)
from massage_pain.batches.plan import Plan, planned
from massage_pain.batches.progress import Bar, Clock, on_a_terminal
from massage_pain.batches.summary import BatchSummary
from massage_pain.batches.work import Source, Work
from massage_pain.errors import InvalidNetworkError, UnsupportedModelError, printable, shown
from massage_pain.inference.blocks import processors
from massage_pain.reasoner import Reasoner, load

if TYPE_CHECKING:
    from pathlib import Path

    from massage_pain.batches.progress import Progress


class Run:
    """A source looked at, a target thought of. Nothing is written before `go`."""

    def __init__(self, source: object, target: object, reasoner: Reasoner | None) -> None:
        self.source_path = as_place(source, "source")
        self.target_path = as_place(target, "target")
        self.reasoner = load() if reasoner is None else reasoner
        if not isinstance(self.reasoner, Reasoner):
            raise UnsupportedModelError(
                f"reasoner must be a Reasoner (see load), got {type(reasoner).__name__} {shown(reasoner)}."
            )
        if not self.reasoner.network.causes:
            raise InvalidNetworkError(
                f"The network {shown(self.reasoner.network.name)} does not say which variables are causes."
            )
        self.kind: Kind = target_kind(self.target_path)
        self.source = _look_at(self.source_path)
        if self.kind != "csv":
            need_pyarrow()
        self.plan: Plan | None = None

    def choose(
        self,
        *,
        index: str | Sequence[str] | None,
        ignore: str | Sequence[str],
        answers: Sequence[str] | None,
        missing: Sequence[str] | None,
        guard: bool,
    ) -> None:
        """Decide what is done with each column; raises what `planned` raises."""
        if index is None:
            index = getattr(self.source, "index", ())  # a DataFrame's own
        self.plan = planned(
            self.reasoner.network,
            self.source.columns,
            index=index,
            ignore=ignore,
            answers=answers,
            missing=MISSING if missing is None else missing,
            guard=guard,
            file=printable(str(self.source_path)),
        )
        self.source.check(self.plan)

    def go(
        self,
        *,
        overwrite: bool,
        resume: bool,
        rows_per_block: int,
        threads: int | None,
        scheduler: Any,
        progress: bool | Callable[[Progress], None] | None,
    ) -> BatchSummary:
        """Answer every row and put the answers in place."""
        assert self.plan is not None
        check_target(self.target_path, self.kind, self.source_path, overwrite=overwrite)
        work = Work(self.reasoner, self.plan, self.kind)
        bar = Bar() if progress is True or (progress is None and on_a_terminal()) else None
        clock = Clock(self.source.total, bar if bar else progress if callable(progress) else None)
        names: list[str] = []
        with _workers(scheduler, threads) as run, Parts(self.target_path, self.kind) as parts:
            parts.begin(self._described(rows_per_block), resume=resume, overwrite=overwrite)
            known = parts.known() if resume else {}

            def done(part: Part) -> None:
                names.append(part.name)
                kept = part.tally is None
                clock.add(part.amount, parts.rows(part.name), kept=kept)

            try:
                run(work, self.source.pieces(rows_per_block), parts, known, done=done)
            finally:
                if bar:
                    bar.close()
            tallies = parts.finish(sorted(names), self.plan)
        return BatchSummary.of(
            tallies,
            source=str(self.source_path),
            target=str(self.target_path),
            resumed=clock.kept_rows,
            seconds=clock.seconds,
        )

    def _described(self, rows_per_block: int) -> dict[str, Any]:
        """What an answer depends on beside the rows; two runs that agree in it may share parts."""
        assert self.plan is not None
        rules = self.reasoner.rules
        return {
            "version": sys.modules["massage_pain"].__version__,  # imported already, or this would not run
            "network": self.reasoner.network.content_hash,
            "rules": rules.content_hash if rules else "",
            "engine": type(self.reasoner.engine).__name__,
            "columns": list(self.plan.columns),
            "columns_carried": [name for _, name in self.plan.carried],
            "columns_of_answers": list(self.plan.answers),
            "missing": list(self.plan.missing),
            "guard": self.plan.guard,
            "rows_per_block": rows_per_block,
            "kind_of_target": self.kind,
        }


@contextmanager
def _workers(scheduler: Any, threads: int | None) -> Iterator[Callable[..., None]]:
    """Who makes the parts: threads of this process, or a cluster that answers."""
    if scheduler is None:
        from massage_pain.batches.local import run_here

        yield partial(run_here, threads=threads or processors())
        return
    from massage_pain.batches.cluster import client_of, run_there

    with client_of(scheduler) as client:
        yield partial(run_there, client=client)


def _look_at(path: Path) -> Source:
    kind = source_kind(path)
    if kind == "csv":
        from massage_pain.batches.csv_source import look_at_csv

        return look_at_csv(path)
    from massage_pain.batches.parquet_source import look_at_parquet

    return look_at_parquet(tables_in(path) if kind == "folder" else [path])
