"""`assess` and `screen`: one case in, one answer out, as text or as JSON."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from massage_pain.advice.assessment import Assessment
from massage_pain.advice.screening import Screening
from massage_pain.command_line.exit_codes import ExitCode, exit_code_of
from massage_pain.command_line.findings import case_of, causes_of
from massage_pain.errors import InvalidNetworkError, printable, shown
from massage_pain.knowledge.files import NETWORK_FILE, read_network
from massage_pain.reasoner import Reasoner, load

if TYPE_CHECKING:
    import argparse

LEAST_WIDTH, WIDTH = 40, 80


def answer(arguments: argparse.Namespace) -> tuple[str, ExitCode]:
    """The assessment or screening of the case that was typed, and its exit code."""
    reasoner = with_causes(reasoner_of(arguments.network), causes_of(arguments.cause))
    case = case_of(arguments.findings, reasoner.network)
    before = arguments.verb == "screen" or arguments.screen
    found = reasoner.screen(case) if before else reasoner.assess(case)
    text = as_json(found) if arguments.json else as_text(found, colour=wants_colour(arguments.no_color))
    return text, exit_code_of(found) if arguments.exit_code else ExitCode.ANSWERED


def reasoner_of(source: str) -> Reasoner:
    """The reasoner for a shipped network, for a folder, or for a file; `./back_pain` is a path.

    A folder, or the network.toml in it, brings the rules that lie beside it; any other file has none.
    """
    place = Path(source)
    if place.is_dir() and not is_name(source):
        return load(place)
    if place.name == NETWORK_FILE and place.is_file():
        return load(place.parent)
    return load(source) if is_name(source) else Reasoner(read_network(place))


def is_name(source: str) -> bool:
    """Whether this is a name as shipped networks have them, and no path."""
    return source.replace("_", "").isalnum()


def with_causes(reasoner: Reasoner, chosen: dict[str, str]) -> Reasoner:
    """The same with these variables as causes, for a network that does not say which are."""
    network = reasoner.network
    named = [printable(each.id) for each in network.causes]
    if not named and not chosen:
        example = network.nodes[0]
        raise InvalidNetworkError(
            f"The network {shown(network.name)} does not say which variables are causes. "
            f"Say so, for instance: --cause {shown(f'{example.id}={example.present}')}."
        )
    if named and chosen:
        raise InvalidNetworkError(
            f"The network {shown(network.name)} says itself which variables are causes "
            f"({', '.join(named)}); --cause is for one that does not."
        )
    return Reasoner(network, causes=chosen) if chosen else reasoner


def as_json(found: Assessment | Screening) -> str:
    """The whole answer as JSON, in ASCII: the same bytes in every locale."""
    import json

    return json.dumps(found.to_dict(), indent=2, allow_nan=False)


def as_text(found: Assessment | Screening, *, colour: bool) -> str:
    """The answer as it is read: 80 columns wide, or as wide as a narrower terminal."""
    from massage_pain.display.text import assessment_text, screening_text

    width = width_of(sys.stdout)
    if isinstance(found, Screening):
        return screening_text(found.to_dict(), width, colour)
    return assessment_text(found.to_dict(), width, colour)


def width_of(stream: TextIO) -> int:
    """80 columns, or as many as a narrower terminal has, but not fewer than 40."""
    if not stream.isatty():
        return WIDTH
    return max(LEAST_WIDTH, min(shutil.get_terminal_size().columns, WIDTH))


def wants_colour(refused: bool) -> bool:
    """Whether to colour: a terminal that can, and nobody said no (https://no-color.org)."""
    return (
        not refused
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
        and sys.stdout.isatty()
    )
