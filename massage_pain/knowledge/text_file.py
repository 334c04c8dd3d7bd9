"""Text in from a file and out to one: the only place that opens a knowledge file.

A path comes from outside, so it is looked at before it is trusted: only a regular file of bounded size
is read, a pipe or a device never is, and what is not UTF-8 is refused with the offset. A file is
written beside its target and moved into place, so that it is there whole or not at all.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from massage_pain.errors import NetworkFileError, UnsupportedModelError, near_misses, printable, shown
from massage_pain.knowledge import limits

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OTHER_ENCODINGS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


def as_path(path: object) -> Path:
    """`path` as a `Path`. Raises `UnsupportedModelError` when it is no path at all."""
    if isinstance(path, (str, os.PathLike)):
        text = os.fspath(path)
        if isinstance(text, str):
            if "\0" in text:
                raise NetworkFileError(f"The path {shown(text)} holds a NUL character.")
            return Path(text)
    raise UnsupportedModelError(
        f"A network is read from a path (text or pathlib.Path), got {type(path).__name__} {shown(path)}."
    )


def read_text(path: Path, *, file_bytes: int = limits.FILE_BYTES) -> str:
    """The text of a regular UTF-8 file of at most `file_bytes`; a byte order mark is left out.

    Raises `NetworkFileError` for anything else, saying what is there instead.
    """
    file = printable(str(path))
    data = _read_bytes(path, file, file_bytes)
    for mark, encoding in _OTHER_ENCODINGS.items():
        if data.startswith(mark):
            raise NetworkFileError(
                f"the file begins like {encoding} (offset 0); save it as UTF-8.", file=file
            )
    start = len(_BYTE_ORDER_MARK) if data.startswith(_BYTE_ORDER_MARK) else 0
    nul = data.find(b"\0")
    if nul >= 0:
        raise NetworkFileError(
            f"there is a NUL byte at offset {nul}; this is no UTF-8 text file.",
            file=file,
            line=data.count(b"\n", 0, nul) + 1,
        )
    try:
        return data[start:].decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start + start
        raise NetworkFileError(
            f"byte 0x{data[offset]:02x} at offset {offset} is not UTF-8; save the file as UTF-8.",
            file=file,
            line=data.count(b"\n", 0, offset) + 1,
        ) from None


def _read_bytes(path: Path, file: str, limit: int) -> bytes:
    try:
        # Looked at before it is opened: opening a device may already do something.
        _refuse_special(os.stat(path).st_mode, file)
        # Non-blocking, in case it has become a pipe since.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(handle, "rb") as opened:
            status = os.fstat(handle)
            _refuse_special(status.st_mode, file)
            _refuse_size(status.st_size, limit, file)
            data = opened.read(limit + 1)
    except OSError as error:
        raise NetworkFileError(_reason(error, path), file=file) from None
    _refuse_size(len(data), limit, file)  # it may have grown
    return data


def _reason(error: OSError, path: Path) -> str:
    if isinstance(error, FileNotFoundError):
        try:
            close = near_misses(path.name, os.listdir(path.parent))
        except OSError:
            return "there is no such file, nor its folder."
        hint = f" Did you mean {' or '.join(map(shown, close))}?" if close else ""
        return f"there is no such file.{hint}"
    if isinstance(error, PermissionError):
        return "the file may not be read (permission denied)."
    return f"the file cannot be read ({error.strerror})."


def _refuse_special(mode: int, file: str) -> None:
    if stat.S_ISREG(mode):
        return
    kinds = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a pipe",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFSOCK: "a socket",
    }
    what = kinds.get(stat.S_IFMT(mode), "no regular file")
    raise NetworkFileError(f"this is {what}; only regular files are read.", file=file)


def _refuse_size(size: int, limit: int, file: str) -> None:
    if size > limit:
        raise NetworkFileError(
            f"the file has {size:,} bytes or more; the limit is {limit:,} (raise it with file_bytes=...).",
            file=file,
        )


def write_text(path: Path, text: str, *, overwrite: bool = False) -> Path:
    """Write `text` as UTF-8, whole or not at all; returns the path.

    Raises `NetworkFileError` when the path leads upwards ("..") or something is there already, unless
    `overwrite=True`; a folder, pipe or device is never replaced.
    """
    file = printable(str(path))
    _refuse_target(path, file, overwrite)
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NetworkFileError(
            f"the text holds {shown(text[error.start])}, which UTF-8 cannot write.", file=file
        ) from None
    return write_bytes(path, data, overwrite=overwrite)


def write_bytes(path: Path, data: bytes, *, overwrite: bool = False) -> Path:
    """Write `data`, whole or not at all; returns the path. Raises what `write_text` raises."""
    file = printable(str(path))
    _refuse_target(path, file, overwrite)
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}-{os.urandom(4).hex()}.tmp")
    try:
        try:
            with open(temporary, "xb") as opened:
                opened.write(data)
                opened.flush()
                os.fsync(opened.fileno())
            if os.path.exists(path):
                os.chmod(temporary, stat.S_IMODE(os.stat(path).st_mode))
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise NetworkFileError(f"the file cannot be written ({error.strerror}).", file=file) from None
    return path


def _refuse_target(path: Path, file: str, overwrite: bool) -> None:
    if ".." in path.parts and not overwrite:
        raise NetworkFileError(
            "the path leads upwards ('..'); write to a plain path, or say overwrite=True.", file=file
        )
    if not os.path.isdir(path.parent):  # unlike the methods of Path, these never raise
        raise NetworkFileError("its folder does not exist; make it first.", file=file)
    if os.path.lexists(path):
        if os.path.exists(path) and not os.path.isfile(path):
            raise NetworkFileError("this is no regular file, so it is not replaced.", file=file)
        if not overwrite:
            raise NetworkFileError("the file exists already; say overwrite=True to replace it.", file=file)
