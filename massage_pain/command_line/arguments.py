"""What may be typed: verbs, options and their help."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from typing import NoReturn

from massage_pain import __version__
from massage_pain.command_line.batch import take_files
from massage_pain.command_line.exit_codes import ExitCode

PROGRAM = "massage-pain"

TOUR = f"""\
examples:
  {PROGRAM} assess focal_pressure=present local_numbness=present
  {PROGRAM} assess age=71 recent_fall=present --json
  {PROGRAM} assess limb_numbness=unsure aching=present:0.8,absent:0.2
  {PROGRAM} screen massage_pressure=excessive osteoporosis=present
  {PROGRAM} network show back_pain
  {PROGRAM} network show back_pain limb_numbness
  {PROGRAM} notebooks

exit codes:
  0 answered    2 cannot be answered as typed    1 a fault of the program
  With --exit-code an answer exits with 10 (see a doctor), 20 (today) or
  30 (emergency) when it calls for one.

For learning and decision support. Not a medical device."""

FINDINGS = f"""\
NAME=STATE    a state as the network writes it: massage_pressure=firm
              (true and false also stand for present and absent)
NAME=NUMBER   where the question asks for one: age=71
NAME=unsure   asked, but the person cannot tell
NAME=present:0.8,absent:0.2
              soft evidence: how likely what was noticed is in each state
What was not asked is left out.
'{PROGRAM} network show back_pain' lists the names and their states."""

EXIT_CODES = """\
exit codes:
  0 answered    2 cannot be answered as typed    1 a fault of the program
  with --exit-code also:
  10 see a doctor; before a massage, ask one first
  20 medical help today; before a massage, do not massage
  30 call emergency services now"""

SOURCE = "a shipped network, a .toml or .bif file, or a folder with network.toml and its rules"


def parse(typed: Sequence[str]) -> argparse.Namespace:
    """The arguments as typed. Leaves with code 2 and one sentence when they make no sense."""
    parser = _parser()
    if not typed:
        parser.error("say what to do: assess, ask, screen, batch, network or notebooks")
    if "=" in typed[0] and not typed[0].startswith("-"):
        parser.error(f"the verb is missing; did you mean '{PROGRAM} assess {typed[0]}'?")
    arguments, rest = parser.parse_known_args(typed)
    # argparse takes only the first run of findings; those after an option come back as the rest.
    if rest and (not hasattr(arguments, "findings") or any(each.startswith("-") for each in rest)):
        wrong = next((each for each in rest if each.startswith("-")), rest[0])
        parser.error(f"unknown argument {wrong!r}")
    if rest:
        arguments.findings = [*arguments.findings, *rest]
    return arguments


class _Parser(argparse.ArgumentParser):
    """An error is one sentence and where to read on, not the whole usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(ExitCode.REFUSED, f"{self.prog}: {message}. Try '{self.prog} --help'.\n")


class _Help(argparse.RawDescriptionHelpFormatter):
    """Examples stay as they are written, and nothing is wider than 80 columns."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=min(shutil.get_terminal_size().columns, 80) - 2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM,
        description="Why does it hurt after a back massage, and what is sensible to do now?",
        epilog=TOUR,
        formatter_class=_Help,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    parser.add_argument("--traceback", action="store_true", help="show where a fault of the program happened")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=_Parser)
    assess = _verb(verbs, "assess", "it hurts: causes, urgency, advice, red flags", "Assess one case.")
    _take_findings(assess)
    assess.add_argument(
        "--screen", action="store_true", help="before a massage instead: the same as 'screen'"
    )
    ask = _verb(verbs, "ask", "an interview: one question after the other", "Be asked what matters.")
    _take_findings(ask)
    ask.add_argument("--save", metavar="FILE", help="keep the interview there, after every answer")
    ask.add_argument("--resume", metavar="FILE", help="go on with an interview that was kept")
    screen = _verb(
        verbs, "screen", "before a massage: what may go wrong, who should ask a doctor", "Screen one client."
    )
    _take_findings(screen)
    batch = _verb(verbs, "batch", "a file of cases in, a file of answers out", "Assess every row of a table.")
    take_files(batch)
    _take_network(batch)
    _network_verbs(_verb(verbs, "network", "list, check, show or write out networks", "Look after networks."))
    notebooks = _verb(
        verbs,
        "notebooks",
        "put the notebooks into a folder, to open and change",
        "Put the notebooks into a folder.",
    )
    notebooks.add_argument(
        "folder", nargs="?", default="notebooks", metavar="FOLDER", help="where to (default: notebooks)"
    )
    return parser


def _verb(
    verbs: argparse._SubParsersAction[_Parser], name: str, short: str, description: str, epilog: str = ""
) -> _Parser:
    return verbs.add_parser(
        name,
        help=short,
        description=description,
        epilog=epilog,
        formatter_class=_Help,
        allow_abbrev=False,
    )


def _take_findings(parser: _Parser) -> None:
    parser.description = f"{parser.description}\n\n{FINDINGS}"
    parser.epilog = EXIT_CODES
    parser.add_argument("findings", nargs="*", metavar="NAME=STATE", help="what is known")
    parser.add_argument("--json", action="store_true", help="print the whole answer as JSON")
    _take_network(parser)
    parser.add_argument("--exit-code", action="store_true", help="tell the urgency by the exit code as well")
    parser.add_argument(
        "--no-color", action="store_true", help="no colour; so does NO_COLOR, and any output but a terminal"
    )


def _take_network(parser: _Parser) -> None:
    parser.add_argument(
        "--network",
        default="back_pain",
        metavar="NAME_OR_FILE",
        help=f"{SOURCE} (default: back_pain)",
    )
    parser.add_argument(
        "--cause",
        action="append",
        default=[],
        metavar="NAME[=STATE]",
        help="in a network that names no causes: what to reason about, and the state that counts as "
        "present; may be repeated",
    )


def _network_verbs(parser: _Parser) -> None:
    verbs = parser.add_subparsers(dest="network_verb", metavar="VERB", parser_class=_Parser, required=True)
    _verb(verbs, "list", "the shipped networks", "List the shipped networks.")
    for name, short, description in (
        ("check", "read a network and say what is odd in it", "Read a network and say what is odd in it."),
        ("show", "its variables, or one of them with its numbers", "Show a network, or one variable of it."),
        (
            "export",
            "write it as another file",
            "Write a network as .toml, .bif, .svg (a drawing) or .md (its numbers).",
        ),
    ):
        verb = _verb(verbs, name, short, description)
        verb.add_argument("source", metavar="NAME_OR_FILE", help=SOURCE)
        if name == "show":
            verb.add_argument("variable", nargs="?", metavar="VARIABLE", help="show this one in full")
        if name == "export":
            verb.add_argument("target", metavar="OUT", help="the file to write")
            verb.add_argument("--overwrite", action="store_true", help="replace the file if it exists")
