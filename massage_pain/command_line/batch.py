"""`batch IN OUT`: a file of cases in, a file of answers out, a summary printed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from massage_pain.command_line.exit_codes import ExitCode

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Assess every row of a table: one line of answers for each, in the same order.

IN is a .csv file (UTF-8, commas) or a .parquet file, or a folder of .parquet
files: a column a variable, an empty cell where nothing was asked. OUT is the
same; without an ending it is a folder. A row that is wrong gets its error in
its own line and costs no other. OUT appears whole or not at all; a run that
was cut short goes on with --resume."""


def take_files(parser: argparse.ArgumentParser) -> None:
    """The arguments of `batch` beside those that choose a network."""
    parser.description = DESCRIPTION
    parser.add_argument("source", metavar="IN", help="the cases")
    parser.add_argument("target", metavar="OUT", help="where the answers go")
    parser.add_argument(
        "--index",
        action="append",
        default=[],
        metavar="COLUMN",
        help="the column that names the rows; it comes first",
    )
    parser.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="COLUMN",
        help="a further column to carry along unread; may be repeated",
    )
    parser.add_argument(
        "--columns",
        metavar="NAME,NAME",
        help="only these answers: causes by name, top_cause, urgency, red_flags, ...",
    )
    parser.add_argument(
        "--missing",
        action="append",
        metavar="TEXT",
        help="a text that means 'not asked', beside an empty cell (default: NA NaN nan <NA> NULL null); "
        "may be repeated",
    )
    parser.add_argument("--resume", action="store_true", help="go on with a run that was cut short")
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")
    parser.add_argument(
        "--no-guard",
        action="store_true",
        help="in a .csv OUT leave texts that a spreadsheet would take for a formula as they are (they get "
        "an apostrophe in front)",
    )
    parser.add_argument(
        "--rows-per-block", type=int, metavar="N", help="rows answered and kept together (default: 65536)"
    )
    parser.add_argument(
        "--threads", type=int, metavar="N", help="blocks answered at once (default: a processor each)"
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="do the work on this Dask cluster: tcp://host:8786"
    )
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress bar, not even on a terminal")


def answer(arguments: argparse.Namespace) -> tuple[str, ExitCode]:
    """Answer the file and say what came of it."""
    from massage_pain.batches.batch import ROWS_PER_BLOCK, batch
    from massage_pain.command_line.cases import reasoner_of, with_causes
    from massage_pain.command_line.findings import causes_of

    reasoner = with_causes(reasoner_of(arguments.network), causes_of(arguments.cause))
    try:
        summary = batch(
            arguments.source,
            arguments.target,
            reasoner=reasoner,
            index=arguments.index or None,
            ignore=arguments.ignore,
            columns=arguments.columns.split(",") if arguments.columns else None,
            missing=["", *arguments.missing] if arguments.missing else None,
            guard=not arguments.no_guard,
            overwrite=arguments.overwrite,
            resume=arguments.resume,
            rows_per_block=ROWS_PER_BLOCK if arguments.rows_per_block is None else arguments.rows_per_block,
            threads=arguments.threads,
            scheduler=arguments.scheduler,
            progress=False if arguments.quiet else None,
        )
    except KeyboardInterrupt:
        if Path(f"{arguments.target}.parts").exists():
            print("massage-pain: stopped; the same command with --resume goes on from here.", file=sys.stderr)
        raise
    if arguments.json:
        import json

        return json.dumps(summary.to_dict(), indent=2), ExitCode.ANSWERED
    return str(summary), ExitCode.ANSWERED
