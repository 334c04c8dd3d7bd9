"""The networks that come with the library, and where their files are.

In an installed wheel they lie inside the package; in a checkout (plain or editable) beside it.
"""

from __future__ import annotations

from pathlib import Path

from massage_pain.errors import NetworkFileError, unknown_name

_PACKAGE = Path(__file__).resolve().parent.parent


def networks_folder() -> Path:
    """The folder that holds a folder for every shipped network."""
    inside = _PACKAGE / "networks"
    return inside if inside.is_dir() else _PACKAGE.parent / "networks"


def networks() -> tuple[str, ...]:
    """The names of the shipped networks, in alphabetical order."""
    return tuple(sorted(each.parent.name for each in networks_folder().glob("*/network.toml")))


def folder_of(name: str) -> Path:
    """The folder of a shipped network. Raises `NetworkFileError` with near misses."""
    known = networks()
    if name not in known:
        raise NetworkFileError(unknown_name("network", name, known))
    return networks_folder() / name
