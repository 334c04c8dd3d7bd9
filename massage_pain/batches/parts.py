"""The answers that are ready, on disk beside the target until all are.

A run keeps its parts in `TARGET.parts/`: a file of answers for each block, and beside it a record of what
it answers and what it counted. A part is written under another name and moved into place, and its record
after it, so a record speaks of a whole part. At the end the parts are put together in the order of the
source and the whole is moved to the target; only then are they removed. A run that was cut short can be
taken up again: a part whose record fits the same rows, and whose bytes fit the record, is not made again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from massage_pain.batches.lock import Lock
from massage_pain.batches.places import Kind, cannot_write
from massage_pain.batches.plan import Plan
from massage_pain.batches.summary import Tally
from massage_pain.errors import CaseFileError, printable, shown

_RUN, _LOCK, _ANSWERS, _WHOLE, _OLD = "run.json", "lock", "answers", "whole", "old"
_ENDING: Mapping[Kind, str] = {"csv": ".csv", "parquet": ".arrow", "folder": ".parquet"}


class Part(NamedTuple):
    """The answers to one block. `data` None: they are among the parts already."""

    name: str
    key: str
    amount: int
    data: Any
    tally: Tally | None


class Parts:
    """The parts of one run; use it in a `with` statement. Nobody else may write to them meanwhile."""

    def __init__(self, target: Path, kind: Kind) -> None:
        self.target, self.kind = target, kind
        self.folder = target.with_name(f"{target.name}.parts")
        self._answers = self.folder / _ANSWERS
        self._lock = Lock(self.folder / _LOCK)
        self._tallies: dict[str, Tally] = {}

    def begin(self, run: Mapping[str, Any], *, resume: bool, overwrite: bool) -> None:
        """Make room for the parts of a run that is described by `run`, or find those of the run before.

        Raises `CaseFileError` when parts are there and nobody said what to do with them, when they are
        those of another run, or when another run is writing them now.
        """
        file = printable(str(self.folder))
        try:
            there = self.folder.exists()
            if there and not (self.folder / _RUN).is_file() and any(self.folder.iterdir()):
                raise CaseFileError("this is in the way: parts of answers are to be kept there.", file=file)
            if there and not resume and not overwrite:
                raise CaseFileError(
                    "a run that was cut short has left its parts here: say resume to go on with it, or "
                    "overwrite to begin again.",
                    file=file,
                )
            self.folder.mkdir(exist_ok=True)
            self._lock.take()
            if there and resume:
                self._check(run, file)
            elif there:
                self._empty()
            self._answers.mkdir(exist_ok=True)
            _write(self.folder / _RUN, json.dumps(run, indent=1, sort_keys=True).encode())
        except OSError as error:
            self._lock.free()
            raise cannot_write(self.folder, error) from None
        except BaseException:
            self._lock.free()
            raise

    def known(self) -> dict[str, str]:
        """The parts that are whole: name -> key."""
        found: dict[str, str] = {}
        for path in sorted(self.folder.glob("*.json")):
            if path.name == _RUN:
                continue
            try:
                record = json.loads(path.read_bytes())
                data = self._path(path.stem).read_bytes()
                if hashlib.sha256(data).hexdigest() != record["digest"]:
                    continue
                tally = Tally(**record["tally"])
                tally = tally._replace(examples=[(row, text) for row, text in tally.examples])
                found[path.stem], self._tallies[path.stem] = record["key"], tally
            except (OSError, ValueError, KeyError, TypeError):
                continue  # it was cut short, and is made again
        return found

    def put(self, part: Part) -> None:
        """Keep a part. Raises `CaseFileError` where it cannot be written."""
        if part.tally is None:
            return
        record = {
            "key": part.key,
            "digest": hashlib.sha256(part.data).hexdigest(),
            "tally": part.tally._asdict(),
        }
        try:
            _write(self._path(part.name), part.data)
            _write(self.folder / f"{part.name}.json", json.dumps(record).encode())
        except OSError as error:
            raise cannot_write(self.folder, error) from None
        self._tallies[part.name] = part.tally

    def rows(self, name: str) -> int:
        """How many rows a part answers."""
        return self._tallies[name].rows

    def finish(self, names: Sequence[str], plan: Plan) -> list[Tally]:
        """Put the parts together, in this order, as the target, and remove them; their counts."""
        try:
            tallies = [self._tallies[each] for each in names]
            self._drop_others(set(names))
            if self.kind == "folder":
                self._finish_folder()
            else:
                whole = self.folder / _WHOLE
                if self.kind == "csv":
                    self._join_csv(whole, names, plan)
                else:
                    self._join_parquet(whole, names)
                with open(whole, "rb+") as opened:
                    os.fsync(opened.fileno())
                os.replace(whole, self.target)
            self._remove()
        except OSError as error:
            raise cannot_write(self.target, error) from None
        return tallies

    def __enter__(self) -> Parts:
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock.taken and not self._tallies:
            with suppress(OSError):
                self._remove()  # nothing was made: nothing to go on with
        self._lock.free()

    def _path(self, name: str) -> Path:
        return self._answers / f"{name}{_ENDING[self.kind]}"

    def _check(self, run: Mapping[str, Any], file: str) -> None:
        """Raise `CaseFileError` unless the parts are those of the same run."""
        try:
            before = json.loads((self.folder / _RUN).read_bytes())
        except (OSError, ValueError):
            before = {}
        for name, value in run.items():
            if before.get(name) != json.loads(json.dumps(value)):
                was = shown(before.get(name, "nothing"), most=60)
                raise CaseFileError(
                    f"the run that was cut short had another {name.replace('_', ' ')} ({was}, now "
                    f"{shown(value, most=60)}), so its answers do not fit; say overwrite to begin again.",
                    file=file,
                )

    def _drop_others(self, names: set[str]) -> None:
        """Remove what an earlier run left of rows that are no longer there."""
        for path in self._answers.iterdir():
            if path.stem not in names:
                path.unlink()

    def _join_csv(self, whole: Path, names: Sequence[str], plan: Plan) -> None:
        from massage_pain.batches.csv_target import csv_header

        with open(whole, "wb") as joined:
            joined.write(csv_header(plan))
            for name in names:
                with open(self._path(name), "rb") as part:
                    shutil.copyfileobj(part, joined, 2**20)

    def _join_parquet(self, whole: Path, names: Sequence[str]) -> None:
        from massage_pain.batches.parquet_target import read_arrow, write_tables

        schema = read_arrow(self._path(names[0])).schema
        write_tables(whole, schema, (read_arrow(self._path(each)) for each in names))

    def _finish_folder(self) -> None:
        self._settle()
        if self.target.exists():
            os.replace(self.target, self.folder / _OLD)
        os.replace(self._answers, self.target)
        self._settle()

    def _settle(self) -> None:
        """Of the answers that stood where the new ones go: gone once these are there, else back again."""
        old = self.folder / _OLD
        if old.exists() and not self.target.exists():
            os.replace(old, self.target)
        elif old.exists():
            for path in old.iterdir():
                path.unlink()
            old.rmdir()

    def _remove(self) -> None:
        self._empty()
        self._lock.free()
        (self.folder / _LOCK).unlink(missing_ok=True)
        self.folder.rmdir()

    def _empty(self) -> None:
        """Remove parts and records, and nothing that is not ours."""
        self._settle()
        for path in self._answers.glob("*") if self._answers.exists() else ():
            if path.suffix in (*_ENDING.values(), ".tmp"):
                path.unlink()
        if self._answers.exists():
            self._answers.rmdir()
        for path in self.folder.iterdir():
            if path.suffix in (".json", ".tmp") or path.name == _WHOLE:
                path.unlink()


def _write(path: Path, data: bytes) -> None:
    """Write under another name and move into place: a reader never meets half of it."""
    temporary = path.with_name(f"{path.name}.tmp")
    with open(temporary, "wb") as opened:
        opened.write(data)
    os.replace(temporary, path)
