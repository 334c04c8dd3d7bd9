"""Paths, kinds of file, encodings and limits: what is read, what is refused, how files are written."""

from __future__ import annotations

import os
import pickle
import re
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from massage_pain.errors import (
    ComplexityError,
    MassagePainError,
    NetworkFileError,
    NetworkWarning,
    UnsupportedModelError,
)
from massage_pain.knowledge import limits
from massage_pain.knowledge.catalogue import folder_of
from massage_pain.knowledge.files import read_network
from massage_pain.knowledge.network import Network

TEXT = """\
format = 1
[network]
name = "café"
[sources.me]
citation = "Me."
[variables.a]
prior.present = { value = 0.25, low = 0.1, high = 0.5, source = "me", grade = "C" }
"""
BIF = """\
network n { }
variable a { type discrete [ 2 ] { no, yes }; }
probability ( a ) { table 0.75, 0.25; }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def network(file: Path) -> Network:
    return read_network(file)


def refused(
    path: object, sentence: str, error: type[MassagePainError] = NetworkFileError, **more: int
) -> str:
    with pytest.raises(error, match=re.escape(sentence)) as caught:
        read_network(path, **more)  # type: ignore[arg-type]
    assert caught.value.__cause__ is None
    return str(caught.value)


# -- what is read -------------------------------------------------------------------------------------


def test_a_toml_file_by_text_or_path(file: Path) -> None:
    assert read_network(file).name == "café"
    assert read_network(str(file)).content_hash == read_network(file).content_hash


def test_a_folder_with_a_network(file: Path, tmp_path: Path) -> None:
    file.rename(tmp_path / "network.toml")
    assert read_network(tmp_path).name == "café"


def test_a_bif_file(tmp_path: Path) -> None:
    (tmp_path / "small.BIF").write_text(BIF, encoding="utf-8")
    assert read_network(tmp_path / "small.BIF").cpd("a").tolist() == [0.75, 0.25]


def test_normalize_reaches_both_formats(tmp_path: Path) -> None:
    bif, toml = tmp_path / "n.bif", tmp_path / "n.toml"
    bif.write_text(BIF.replace("0.75", "0.7"), encoding="utf-8")
    rows = '[variables.b]\nform = "table"\ntable = { source = "me", grade = "U", rows = [[0.7, 0.25]] }\n'
    toml.write_text(TEXT + rows, encoding="utf-8")
    for path in (bif, toml):
        refused(path, "sum to 0.95")
    assert read_network(bif, normalize=True).cpd("a").tolist() == [0.7 / 0.95, 0.25 / 0.95]
    assert read_network(toml, normalize=True).cpd("b").tolist() == [0.7 / 0.95, 0.25 / 0.95]


def test_a_byte_order_mark_is_left_out(file: Path, network: Network) -> None:
    """Row 85."""
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert read_network(file).content_hash == network.content_hash


def test_windows_line_ends(file: Path, network: Network) -> None:
    file.write_bytes(TEXT.replace("\n", "\r\n").encode())
    assert read_network(file).content_hash == network.content_hash


def test_one_state_is_worth_a_warning(file: Path) -> None:
    """Row 44."""
    sure = '{ value = 1, low = 1, high = 1, source = "me", grade = "C" }'
    one = f'[variables.b]\nstates = ["only"]\nprior.only = {sure}\n'
    file.write_text(TEXT + one, encoding="utf-8")
    with pytest.warns(NetworkWarning, match=re.escape("mine.toml: 'b' has one state only")) as caught:
        assert read_network(file).cpd("b").tolist() == [1.0]
    assert caught[0].filename == __file__


# -- paths: row 95 --------------------------------------------------------------------------------------


def test_a_missing_file(file: Path) -> None:
    message = refused(file.with_name("mime.toml"), "there is no such file. Did you mean 'mine.toml'?")
    assert message.startswith(str(file.with_name("mime.toml")))
    refused(file.parent / "no" / "mine.toml", "there is no such file, nor its folder.")


def test_a_folder_without_a_network(tmp_path: Path) -> None:
    refused(tmp_path, "network.toml: there is no such file.")
    (tmp_path / "folder.toml").mkdir()
    refused(tmp_path / "folder.toml", "folder.toml/network.toml: there is no such file.")
    (tmp_path / "network.toml").mkdir()
    refused(tmp_path, "network.toml: this is a folder; only regular files are read.")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    started = time.monotonic()
    refused(tmp_path / "pipe.toml", "this is a pipe; only regular files are read.")
    assert time.monotonic() - started < limits.READ_SECONDS


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no /dev/zero")
def test_a_device_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "zero.toml").symlink_to("/dev/zero")
    refused(tmp_path / "zero.toml", "this is a device; only regular files are read.")


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no sockets in folders")
def test_a_socket_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("s.bif")
        refused("s.bif", "s.bif: this is a socket; only regular files are read.")


def test_a_file_that_may_not_be_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(path: object, flags: int) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", deny)
    refused(file, "mine.toml: the file may not be read (permission denied).")


def test_a_file_that_fails_while_it_is_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: object, flags: int) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "open", fail)
    refused(file, "mine.toml: the file cannot be read (Input/output error).")


def test_a_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "loop.toml").symlink_to(tmp_path / "loop.toml")
    refused(tmp_path / "loop.toml", "the file cannot be read")


def test_a_path_that_is_none(tmp_path: Path) -> None:
    refused("a\0.toml", "The path 'a\\x00.toml' holds a NUL character.")
    refused(tmp_path / ("x" * 300 + ".toml"), "the file cannot be read")
    for path in (5, None, b"a.toml", ["a.toml"], {"a": 1}):
        refused(path, "A network is read from a path (text or pathlib.Path), got", UnsupportedModelError)


def test_a_path_with_an_escape_is_shown_escaped(tmp_path: Path) -> None:
    message = refused(tmp_path / "\x1b[31m\u202e.toml", "\\x1b[31m\\u202e.toml: there is no such file.")
    assert "\x1b" not in message


# -- kinds of file: rows 86 to 91, 96 to 99, 118 -----------------------------------------------------

KINDS = {
    "model.pkl": "a .pkl file is not read: pickle is never loaded.",
    "model.pickle": "pickle is never loaded.",
    "model.joblib": "pickle is never loaded.",
    "model.xml": "a .xml file is not read: XML is not read.",
    "model.xmlbif": "XML is not read.",
    "model.xdsl": "XML is not read.",
    "model.bif.gz": "a .gz file is not read: nothing is unpacked.",
    "model.zip": "nothing is unpacked.",
    "model.json": "a .json file is not read: that format is not read.",
    "model.yaml": "a .yaml file is not read",
    "model.uai": "a .uai file is not read",
    "model.net": "a .net file is not read",
    "model.odd\x1b": "a .odd\\x1b file is not read.",
    "hostname": "a file without an ending is not read.",
    ".toml": "a file without an ending is not read.",
}


@pytest.mark.parametrize("name", KINDS)
def test_other_kinds_of_file_are_refused_unopened(name: str, tmp_path: Path) -> None:
    """By their name alone: whether they are there makes no difference."""
    for make in (False, True):
        if make:
            (tmp_path / name).write_bytes(pickle.dumps(Trap()))
        message = refused(tmp_path / name, KINDS[name], UnsupportedModelError)
        assert message.endswith("Networks are read from .toml and .bif files.")


class Trap:
    """Unpickling it would be noticed."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return pytest.fail, ("it was unpickled",)


@pytest.mark.parametrize("suffix", ["toml", "bif"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!DOCTYPE html><html><body>Not found</body></html>",
        b"<?xml version='1.0'?><!DOCTYPE b [<!ENTITY a 'aaaa'>]><b>&a;</b>",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\x80\x04\x95\x10\0\0\0\0\0\0\0",
        b"\x1f\x8b\x08\0\0\0\0\0",
        b"PK\x03\x04",
        b'{"a": 1, "a": NaN}',
        b"[" * 100_000,
        b"!!python/object/apply:os.system ['true']",
    ],
    ids=["empty", "html", "entity bomb", "png", "pickle", "gzip", "zip", "json", "brackets", "yaml"],
)
def test_other_content_under_a_good_name(suffix: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"n.{suffix}"
    path.write_bytes(content)
    with pytest.raises(NetworkFileError) as caught:
        read_network(path)
    assert caught.value.file == str(path)
    assert len(str(caught.value)) < 500


# -- encodings: row 84, and NUL -----------------------------------------------------------------------

ENCODINGS = {
    "latin-1": (TEXT.encode("latin-1"), 3, "byte 0xe9 at offset 32 is not UTF-8; save the file as UTF-8."),
    "latin-1 after a mark": (
        b"\xef\xbb\xbf" + TEXT.encode("latin-1"),
        3,
        "byte 0xe9 at offset 35 is not UTF-8",
    ),
    "UTF-16": (TEXT.encode("utf-16"), None, "the file begins like UTF-16 (offset 0); save it as UTF-8."),
    "UTF-16 without a mark": (
        TEXT.encode("utf-16-le"),
        1,
        "there is a NUL byte at offset 1; this is no UTF-8",
    ),
    "UTF-32": (TEXT.encode("utf-32"), None, "the file begins like UTF-32"),
    "NUL": (TEXT.encode().replace(b"Me.", b"M\0."), 5, "there is a NUL byte at offset 62"),
    "half a letter": ("é".encode()[:1], 1, "byte 0xc3 at offset 0 is not UTF-8"),
    "a surrogate": (b"a = '\xed\xa0\x80'", 1, "byte 0xed at offset 5 is not UTF-8"),
}


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("suffix", ["toml", "bif"])
def test_encodings(name: str, suffix: str, tmp_path: Path) -> None:
    content, line, sentence = ENCODINGS[name]
    path = tmp_path / f"n.{suffix}"
    path.write_bytes(content)
    with pytest.raises(NetworkFileError, match=re.escape(sentence)) as caught:
        read_network(path)
    assert (caught.value.file, caught.value.line) == (str(path), line)


def test_the_locale_does_not_choose_the_encoding(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setattr("locale.getpreferredencoding", lambda *_: "ascii")
    assert read_network(file).name == "café"


# -- limits: row 92 ---------------------------------------------------------------------------------


def test_a_file_over_the_limit_is_not_opened(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(TEXT.encode())
    assert read_network(file, file_bytes=size).name == "café"
    refused(
        file,
        f"the file has {size} bytes or more; the limit is {size - 1} (raise it with file_bytes=...).",
        file_bytes=size - 1,
    )
    with open(file, "r+b") as opened:
        opened.truncate(limits.FILE_BYTES + 1)  # sparse: it takes no room
    refused(file, "the file has 33,554,433 bytes or more; the limit is 33,554,432")


def test_a_file_that_grows_while_it_is_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fstat

    def small(handle: int) -> os.stat_result:
        found = list(real(handle))
        found[6] = 10
        return os.stat_result(found)

    monkeypatch.setattr(os, "fstat", small)
    refused(file, "bytes or more; the limit is 20", file_bytes=20)


def test_the_limit_of_cells_reaches_both_formats(tmp_path: Path) -> None:
    (tmp_path / "n.bif").write_text(BIF, encoding="utf-8")
    table = '[variables.b]\nform = "table"\ntable = { source = "me", grade = "U", rows = [[0.7, 0.3]] }\n'
    (tmp_path / "n.toml").write_text(TEXT + table, encoding="utf-8")
    for name in ("n.bif", "n.toml"):
        refused(tmp_path / name, "would have 2 cells; the limit is 1", ComplexityError, table_cells=1)


# Python may be in a callback (hypothesis has one for the collector) when it is told to stop; it says so then.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("suffix", ["toml", "bif"])
def test_a_file_that_takes_too_long(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "READ_SECONDS", 0.02)
    path = tmp_path / f"n.{suffix}"
    many = 30_000
    if suffix == "toml":
        path.write_text(TEXT + "".join(f"[variables.v{i}]\nrole = 'screening'\n" for i in range(many)))
    else:
        path.write_text(
            "network n { }\n"
            + "".join(f"variable v{i} {{ type discrete [ 2 ] {{ a, b }}; }}\n" for i in range(many))
        )
    started = time.monotonic()
    message = refused(path, str(path))
    assert "seconds" in message
    assert time.monotonic() - started < 5
    assert threading.active_count() < 10


# -- writing: row 100 -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["new.toml", "new.bif", "new.TOML"])
def test_a_file_is_written_and_read_back(name: str, network: Network, tmp_path: Path) -> None:
    assert network.write(tmp_path / name) == tmp_path / name
    assert read_network(tmp_path / name).cpd("a").tolist() == network.cpd("a").tolist()
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(["mine.toml", name])


def test_an_existing_file_is_kept(file: Path, network: Network) -> None:
    before = file.read_bytes()
    with pytest.raises(NetworkFileError, match="exists already; say overwrite=True to replace it"):
        network.write(file)
    assert file.read_bytes() == before
    file.chmod(0o600)
    network.write(file, overwrite=True)
    assert file.read_bytes() != before
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_network(file).content_hash == network.content_hash


def test_a_link_to_nowhere_is_kept(network: Network, tmp_path: Path) -> None:
    (tmp_path / "link.toml").symlink_to(tmp_path / "nowhere.toml")
    with pytest.raises(NetworkFileError, match="exists already"):
        network.write(tmp_path / "link.toml")
    assert not (tmp_path / "nowhere.toml").exists()


def test_a_path_that_leads_upwards(network: Network, tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    with pytest.raises(NetworkFileError, match=re.escape("the path leads upwards ('..')")):
        network.write(below / ".." / ".." / "x.toml")
    with pytest.raises(NetworkFileError, match="leads upwards"):
        network.write("../../x.toml")
    network.write(below / ".." / "x.toml", overwrite=True)
    assert (tmp_path / "x.toml").is_file()


def test_places_where_nothing_is_written(network: Network, tmp_path: Path) -> None:
    with pytest.raises(NetworkFileError, match="its folder does not exist; make it first"):
        network.write(tmp_path / "no" / "x.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(NetworkFileError, match="this is no regular file, so it is not replaced"):
        network.write(tmp_path / "folder.toml", overwrite=True)
    for name, why in KINDS.items():
        if "\x1b" not in name:
            with pytest.raises(
                UnsupportedModelError, match=re.escape("Networks are written to .toml and .bif files")
            ):
                network.write(tmp_path / name)
            assert why
    with pytest.raises(NetworkFileError, match="the file cannot be written"):
        network.write(tmp_path / ("x" * 300 + ".toml"))
    with pytest.raises(UnsupportedModelError, match="a path"):
        network.write(5)  # type: ignore[arg-type]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder.toml", "mine.toml"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_fails_leaves_what_was_there(
    step: str, file: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = file.read_bytes()
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(NetworkFileError, match=re.escape("cannot be written (No space left on device).")):
        network.write(file, overwrite=True)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_an_interrupted_write_leaves_what_was_there(
    file: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        network.write(file.with_name("new.toml"))
    assert list(file.parent.iterdir()) == [file]


def test_a_folder_that_may_not_be_written(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", deny)
    with pytest.raises(NetworkFileError, match=re.escape("cannot be written (Permission denied).")):
        network.write(tmp_path / "x.toml")


def test_the_shipped_network_to_a_file_and_back(tmp_path: Path) -> None:
    network = read_network(folder_of("back_pain"))
    network.write(tmp_path / "copy.toml")
    assert read_network(tmp_path / "copy.toml").content_hash == network.content_hash
