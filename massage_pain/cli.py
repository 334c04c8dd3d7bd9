"""The command line: `massage-pain`, the same as `python -m massage_pain`.

An answer goes to standard output, everything else to standard error. An error is one sentence and an exit
code; nothing is half printed. What is imported beyond the engine is imported by the verb that needs it.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from massage_pain.command_line.arguments import PROGRAM, parse
from massage_pain.command_line.exit_codes import ExitCode
from massage_pain.errors import MassagePainError, printable

if TYPE_CHECKING:
    import argparse


def main(typed: Sequence[str] | None = None) -> int:
    """Do what was typed (`sys.argv` unless given) and return the exit code of `ExitCode`.

    Raises `SystemExit` for `--help`, `--version` and arguments that make no sense.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without Unicode shows a mark instead of failing
            stream.reconfigure(errors="replace")
    arguments = parse(sys.argv[1:] if typed is None else typed)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = _note
            text, code = _answer(arguments)
        return _print(text, code)
    except MassagePainError as error:
        _say(str(error))
        return ExitCode.REFUSED
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:
        if arguments.traceback:
            raise
        _say(
            f"a fault of the program or the machine ({type(error).__name__}: {printable(str(error))}). "
            f"'{PROGRAM} --traceback ...' shows where."
        )
        return ExitCode.FAULT


def _answer(arguments: argparse.Namespace) -> tuple[str, ExitCode]:
    """What to print, and the exit code it comes with."""
    if arguments.verb == "network":
        from massage_pain.command_line import networks

        return networks.answer(arguments), ExitCode.ANSWERED
    if arguments.verb == "batch":
        from massage_pain.command_line import batch

        return batch.answer(arguments)
    if arguments.verb == "ask":
        from massage_pain.command_line import interview

        return interview.answer(arguments)
    if arguments.verb == "notebooks":
        from massage_pain.command_line import notebooks

        return notebooks.answer(arguments), ExitCode.ANSWERED
    from massage_pain.command_line import cases

    return cases.answer(arguments)


def _print(text: str, code: ExitCode) -> ExitCode:
    try:
        print(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more as it leaves, and would complain: let it flush into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.BROKEN_PIPE
    return code


def _say(sentence: str) -> None:
    print(f"{PROGRAM}: {sentence}", file=sys.stderr)


def _note(message: Warning | str, *_: object, **__: object) -> None:
    _say(f"note: {message}")
