"""Networks from files and to files: which format it is, and the limits for what comes from outside.

TOML and BIF only. Nothing is ever unpickled, evaluated or unpacked, and XML is not read.
"""

from __future__ import annotations

import os
import time
import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from massage_pain.errors import NetworkWarning, UnsupportedModelError, printable, shown
from massage_pain.knowledge import limits
from massage_pain.knowledge.text_file import as_path, read_text, write_text
from massage_pain.knowledge.toml_reader import read_toml_network

if TYPE_CHECKING:
    from massage_pain.knowledge.network import Network

NETWORK_FILE = "network.toml"
"""The file read when the path is a folder."""

_FORMATS = "Networks are read from .toml and .bif files"

_REFUSED = {
    **dict.fromkeys((".pkl", ".pickle", ".joblib", ".dill", ".pt", ".npy"), "pickle is never loaded"),
    **dict.fromkeys((".xml", ".xmlbif", ".xbif", ".bifxml", ".xdsl", ".xbn", ".pmml"), "XML is not read"),
    **dict.fromkeys((".gz", ".bz2", ".xz", ".zst", ".zip", ".7z", ".tar"), "nothing is unpacked"),
    **dict.fromkeys((".json", ".yaml", ".yml", ".uai", ".net", ".dsl", ".csv"), "that format is not read"),
}


def read_network(
    path: str | Path,
    *,
    normalize: bool = False,
    table_cells: int = limits.TABLE_CELLS,
    file_bytes: int = limits.FILE_BYTES,
) -> Network:
    """The network in a .toml or .bif file, or in a folder with a network.toml.

    Rows must sum to one within 1e-6; with `normalize=True` each is divided by its sum. Raises
    `NetworkFileError` (file, line, key), `UnsupportedModelError` for any other format and
    `ComplexityError` for a table over `table_cells`.
    """
    place = as_path(path)
    if os.path.isdir(place):  # Path.is_dir raises for some paths
        place /= NETWORK_FILE
    suffix = _suffix(place, "read")
    deadline = time.monotonic() + limits.READ_SECONDS
    text = read_text(place, file_bytes=file_bytes)
    file = printable(str(place))
    if suffix == ".toml":
        network = read_toml_network(
            text,
            file=file,
            folder=place.parent,
            normalize=normalize,
            table_cells=table_cells,
            deadline=deadline,
            read=partial(read_text, file_bytes=file_bytes),
        )
    else:
        from massage_pain.knowledge.bif_reader import read_bif

        network = read_bif(
            text,
            file=file,
            name=place.stem,
            normalize=normalize,
            table_cells=table_cells,
            seconds=max(0.0, deadline - time.monotonic()),
        )
    for each in network.nodes:
        if len(each.states) == 1:
            warnings.warn(
                f"{file}: {shown(each.id)} has one state only, so it says nothing.",
                NetworkWarning,
                stacklevel=2,
            )
    return network


def write_network(network: Network, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a network to a .toml or .bif file, whole or not at all; returns the path.

    Raises `NetworkFileError` when the file exists or the path leads upwards, unless
    `overwrite=True`, or when the format cannot say what the network holds; and
    `UnsupportedModelError` for any other format.
    """
    place = as_path(path)
    if _suffix(place, "written") == ".toml":
        from massage_pain.knowledge.toml_writer import toml_text

        text = toml_text(network)
    else:
        from massage_pain.knowledge.bif_writer import bif_text

        text = bif_text(network)
    return write_text(place, text, overwrite=overwrite)


def _suffix(path: Path, verb: str) -> str:
    suffix = path.suffix.lower()
    if suffix not in (".toml", ".bif"):
        why = f": {_REFUSED[suffix]}" if suffix in _REFUSED else ""
        ending = f"a {printable(suffix)} file" if suffix else "a file without an ending"
        raise UnsupportedModelError(
            f"{printable(str(path))}: {ending} is not {verb}{why}. "
            f"{_FORMATS if verb == 'read' else 'Networks are written to .toml and .bif files'}."
        )
    return suffix
