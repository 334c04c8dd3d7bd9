"""Where cases come from and answers go: what a path may be, looked at before anything is read or written.

Cases: a `.csv` or `.parquet` file, or a folder of `.parquet` files. Answers: the same. A target that is there
already is kept unless the caller says otherwise, and nothing but a regular file, or a folder of nothing but
`.parquet` files, is ever replaced.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Literal

from massage_pain.errors import CaseFileError, MissingExtraError, near_misses, printable, shown

Kind = Literal["csv", "parquet", "folder"]

_KINDS: dict[str, Kind] = {".csv": "csv", ".parquet": "parquet", ".pq": "parquet"}
_REFUSED = {
    **dict.fromkeys(
        (".gz", ".bz2", ".xz", ".zst", ".zip", ".7z", ".tar"), "nothing is unpacked; unpack it first"
    ),
    **dict.fromkeys((".xlsx", ".xls", ".ods"), "save the sheet as CSV (UTF-8, commas)"),
    **dict.fromkeys((".pkl", ".pickle", ".joblib"), "pickle is never loaded"),
    **dict.fromkeys((".tsv", ".tab"), "tables are separated by commas"),
}
_KNOWN = "Tables of cases are .csv and .parquet files, or folders of .parquet files"
_SPECIAL = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def as_place(path: object, what: str) -> Path:
    """`path` as a `Path`. Raises `CaseFileError` when it is none."""
    if isinstance(path, (str, os.PathLike)):
        text = os.fspath(path)
        if isinstance(text, str) and text and "\0" not in text:
            return Path(text)
    raise CaseFileError(
        f"The {what} must be a path (text or pathlib.Path), got {type(path).__name__} {shown(path)}."
    )


def source_kind(path: Path) -> Kind:
    """What kind of source this is. Raises `CaseFileError` for what is not there or no table of cases."""
    file = printable(str(path))
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        raise cannot_read(path, error) from None
    if stat.S_ISDIR(mode):
        return "folder"
    if not stat.S_ISREG(mode):
        what = _SPECIAL.get(stat.S_IFMT(mode), "no regular file")
        raise CaseFileError(f"this is {what}; only regular files are read.", file=file)
    return _kind_of(path, "read")


def target_kind(path: Path) -> Kind:
    """What kind of target this is by its name; without an ending it is a folder of .parquet files."""
    return "folder" if not path.suffix else _kind_of(path, "written")


def check_target(path: Path, kind: Kind, source: Path, *, overwrite: bool) -> None:
    """Raise `CaseFileError` unless the target may be written."""
    file = printable(str(path))
    if ".." in path.parts and not overwrite:
        raise CaseFileError(
            "the path leads upwards ('..'); write to a plain path, or say overwrite.", file=file
        )
    if not path.parent.is_dir():
        raise CaseFileError("its folder does not exist; make it first.", file=file)
    here, there = path.resolve(), source.resolve()
    if here == there or there in here.parents or here in there.parents:
        raise CaseFileError("the answers would be written over the cases; choose another target.", file=file)
    if not (path.is_symlink() or path.exists()):
        return
    if kind == "folder":
        if not path.is_dir() or path.is_symlink():
            raise CaseFileError("this is no folder, so it is not replaced by one.", file=file)
        other = [each.name for each in os.scandir(path) if not _is_answer(each)]
        if other:
            raise CaseFileError(
                f"the folder holds {shown(other[0])}; only a folder of nothing but .parquet files is "
                "replaced.",
                file=file,
            )
    elif path.exists() and not path.is_file():
        raise CaseFileError("this is no regular file, so it is not replaced.", file=file)
    if not overwrite:
        what = "folder" if kind == "folder" else "file"
        raise CaseFileError(f"the {what} exists already; say overwrite to replace it.", file=file)


def tables_in(folder: Path) -> list[Path]:
    """The .parquet files of a folder, part.2 before part.10. Raises `CaseFileError` where there are none."""
    file = printable(str(folder))
    try:
        entries = [each for each in os.scandir(folder) if not each.name.startswith((".", "_"))]
    except OSError as error:
        raise cannot_read(folder, error) from None
    inner = sorted(each.name for each in entries if each.is_dir())
    if inner:
        raise CaseFileError(
            f"the folder holds the folder {shown(inner[0])}; only folders of files are read, because what "
            "the name of a folder says of its rows would be lost.",
            file=file,
        )
    other = sorted(each.name for each in entries if _KINDS.get(Path(each.name).suffix.lower()) != "parquet")
    if other:
        raise CaseFileError(
            f"the folder holds {shown(other[0])}; only .parquet files are read from one.", file=file
        )
    if not entries:
        raise CaseFileError("the folder holds no .parquet file.", file=file)
    return [folder / name for name in sorted((each.name for each in entries), key=_natural)]


def cannot_read(path: Path, error: OSError) -> CaseFileError:
    """Why a file cannot be read, in words."""
    file = printable(str(path))
    if isinstance(error, FileNotFoundError):
        try:
            close = near_misses(path.name, os.listdir(path.parent))
        except OSError:
            return CaseFileError("there is no such file, nor its folder.", file=file)
        hint = f" Did you mean {' or '.join(map(shown, close))}?" if close else ""
        return CaseFileError(f"there is no such file.{hint}", file=file)
    if isinstance(error, PermissionError):
        return CaseFileError("it may not be read (permission denied).", file=file)
    why = error.strerror or printable(str(error).partition("\n")[0])  # pyarrow's have no number of the system
    return CaseFileError(f"it cannot be read ({why}).", file=file)


def changed(path: Path) -> CaseFileError:
    """For a file that is not what it was when it was looked at."""
    return CaseFileError("the file changed while it was read; run again.", file=printable(str(path)))


def cannot_write(path: Path, error: OSError) -> CaseFileError:
    """Why a file cannot be written, in words."""
    return CaseFileError(f"it cannot be written ({error.strerror}).", file=printable(str(path)))


def need_pyarrow() -> None:
    """Raise `MissingExtraError` where pyarrow is missing."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise MissingExtraError(
            "Parquet is read and written with pyarrow, which is not installed: "
            'pip install "massage_pain[distributed]" (or pip install pyarrow). CSV needs nothing more.'
        ) from None


def _kind_of(path: Path, verb: str) -> Kind:
    suffix = path.suffix.lower()
    if suffix in _KINDS:
        return _KINDS[suffix]
    why = f": {_REFUSED[suffix]}" if suffix in _REFUSED else ""
    ending = f"a {printable(suffix)} file" if suffix else "a file without an ending"
    raise CaseFileError(f"{ending} is not {verb}{why}. {_KNOWN}.", file=printable(str(path)))


def _is_answer(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False) and entry.name.lower().endswith(".parquet")


def _natural(name: str) -> list[tuple[int, str]]:
    parts = re.split(r"(\d+)", name)  # every second part is a number
    return [(int(part), "") if at % 2 else (-1, part) for at, part in enumerate(parts)]
