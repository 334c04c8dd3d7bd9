"""Parquet in and out: every type of column, folders of many files, what is carried keeps its type."""

from __future__ import annotations

import builtins
import datetime
from pathlib import Path
from typing import Any

import pytest

import massage_pain as mp
from massage_pain.batches.parquet_source import look_at_parquet
from massage_pain.batches.places import tables_in
from tests.batches.tables import NAMES, case, read, rows, write

pd = pytest.importorskip("pandas")
pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


@pytest.fixture(scope="module")
def frame(back: mp.Reasoner) -> Any:
    """Cases as a DataFrame of objects, with soft evidence and everything else a case may hold."""
    found = [case(back.network, NAMES, row) for row in rows(back.network, 80)]
    return pd.DataFrame([{name: each.get(name) for name in NAMES} for each in found], dtype=object)


@pytest.fixture(scope="module")
def texts(back: mp.Reasoner) -> Any:
    """The same cases as texts."""
    return pd.DataFrame(rows(back.network, 80), columns=list(NAMES))


def run(source: Path, target: str = "answers.parquet", **options: Any) -> Any:
    mp.batch(source, source.parent / target, **{"progress": False, **options})
    return pd.read_parquet(source.parent / target)


def test_the_answers_are_those_of_assess_many(
    back: mp.Reasoner, frame: Any, texts: Any, tmp_path: Path
) -> None:
    right = back.assess_many(frame)
    texts.to_parquet(tmp_path / "texts.parquet")
    texts.astype("category").to_parquet(tmp_path / "categories.parquet")
    write(tmp_path / "texts.csv", list(NAMES), texts.to_numpy().tolist())
    for name in ("texts.parquet", "categories.parquet", "texts.csv"):
        for rows_per_block in (1, 7, 1000):
            found = run(tmp_path / name, reasoner=back, rows_per_block=rows_per_block, overwrite=True)
            pd.testing.assert_frame_equal(found, right, check_categorical=True)


def test_the_types_of_columns(back: mp.Reasoner, tmp_path: Path) -> None:
    table = pa.table(
        {
            "fever": pa.array([True, False, None, True]),
            "age": pa.array([70, None, 51, 200], pa.int64()),
            "focal_pressure": pa.array(["present", None, "absent", "present"]).dictionary_encode(),
            "muscle_stiffness": pa.array([{"present": 0.8, "absent": 0.2}, None, None, None]),
            "course": pa.array(["improving", "unchanged", None, "unsure"], pa.large_string()),
            "limb_weakness": pa.nulls(4),
            "massage_pressure": pa.array([None, None, 2, None], pa.float64()),
        }
    )
    parquet.write_table(table, tmp_path / "cases.parquet")
    found = run(tmp_path / "cases.parquet", reasoner=back)
    first = back.assess(
        {
            "fever": True,
            "age": 70,
            "focal_pressure": "present",
            "muscle_stiffness": mp.Likelihood(present=0.8, absent=0.2),
            "course": "improving",
        }
    )
    assert found.fasciitis[0] == pytest.approx(first.posterior.probabilities["fasciitis"], abs=1e-15)
    assert found.urgency[0] == first.urgency.name  # type: ignore[union-attr]
    assert found.error.tolist()[:2] == ["", ""]
    assert found.error[2].startswith(
        "Unknown state 2.0 for massage_pressure. Available: light, firm, excessive."
    )
    assert found.error[3] == "age must be a number from 0 to 120 years, got 200."
    assert found.urgency.isna().tolist() == [False, False, True, False]
    assert (found.urgency[3], found.red_flags[3]) == ("SAME_DAY", "fever")  # the rest of the row is right


def test_what_is_carried_keeps_its_type(back: mp.Reasoner, tmp_path: Path) -> None:
    when = [datetime.datetime(2025, 1, day, 12, tzinfo=datetime.UTC) for day in (1, 2, 3)]
    table = pa.table(
        {
            "number": pa.array([-3, 0, 7], pa.int32()),
            "when": pa.array(when, pa.timestamp("us", "UTC")),
            "who": pa.array(["=x", None, "z"]).dictionary_encode(),
            "fever": pa.array(["present", "absent", None]),
        }
    )
    parquet.write_table(table, tmp_path / "cases.parquet")
    options: dict[str, Any] = {"index": ["number"], "ignore": ["when", "who"], "columns": ["urgency"]}
    mp.batch(tmp_path / "cases.parquet", tmp_path / "out.parquet", reasoner=back, rows_per_block=2, **options)
    found = parquet.read_table(tmp_path / "out.parquet")
    assert found.schema.names == ["number", "when", "who", "urgency"]
    assert found.schema.types[:3] == table.schema.types[:3]
    assert found.select([0, 1, 2]).to_pylist() == table.select([0, 1, 2]).to_pylist()
    mp.batch(tmp_path / "cases.parquet", tmp_path / "out.csv", reasoner=back, **options)
    lines = read(tmp_path / "out.csv")
    assert [each["number"] for each in lines] == ["-3", "0", "7"]  # a number is no text
    assert [each["who"] for each in lines] == ["'=x", "", "z"]
    assert lines[0]["when"].startswith("2025-01-01 12:00:00")


def test_the_index_of_a_frame_is_carried_by_itself(back: mp.Reasoner, texts: Any, tmp_path: Path) -> None:
    texts.set_axis([f"p{at}" for at in range(len(texts))]).rename_axis("id").to_parquet(
        tmp_path / "cases.parquet"
    )
    found = run(tmp_path / "cases.parquet", reasoner=back)
    assert found["id"].tolist() == [f"p{at}" for at in range(len(texts))]


def test_a_folder_of_files(back: mp.Reasoner, frame: Any, texts: Any, tmp_path: Path) -> None:
    folder = tmp_path / "cases"
    folder.mkdir()
    for at in range(11):  # part.10 comes after part.9
        texts.iloc[at * 8 : at * 8 + 8].to_parquet(
            folder / f"part.{at}.parquet", index=False, row_group_size=3
        )
    (folder / "_SUCCESS").touch()
    assert [each.name for each in tables_in(folder)] == [f"part.{at}.parquet" for at in range(11)]
    right = back.assess_many(frame)
    found = run(folder, reasoner=back, rows_per_block=2)
    pd.testing.assert_frame_equal(found, right)
    mp.batch(folder, tmp_path / "answers", reasoner=back)
    parts = [pd.read_parquet(each) for each in tables_in(tmp_path / "answers")]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), right)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "answers"), right)
    with pytest.raises(mp.CaseFileError, match="the folder exists already"):
        mp.batch(folder, tmp_path / "answers", reasoner=back)
    mp.batch(folder, tmp_path / "answers", reasoner=back, overwrite=True, columns=["urgency"])
    assert pd.read_parquet(tmp_path / "answers").columns.tolist() == ["urgency"]
    (tmp_path / "answers" / "mine.txt").touch()
    with pytest.raises(mp.CaseFileError, match=r"the folder holds 'mine.txt'; only a folder of nothing but"):
        mp.batch(folder, tmp_path / "answers", reasoner=back, overwrite=True)
    with pytest.raises(mp.CaseFileError, match="written over the cases"):
        mp.batch(folder, folder / "answers.parquet", reasoner=back)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["answers", "answers.parquet", "cases"]


def test_files_that_do_not_belong_together(texts: Any, tmp_path: Path) -> None:
    texts.to_parquet(tmp_path / "a.parquet")
    texts.drop(columns="fever").to_parquet(tmp_path / "b.parquet")
    with pytest.raises(
        mp.CaseFileError, match=r"b.parquet: its columns differ from those of a.parquet: 'fever'"
    ):
        look_at_parquet([tmp_path / "a.parquet", tmp_path / "b.parquet"])
    (tmp_path / "notes.txt").touch()
    with pytest.raises(mp.CaseFileError, match=r"the folder holds 'notes.txt'; only .parquet files are read"):
        tables_in(tmp_path)


def test_a_rotten_page_is_told(back: mp.Reasoner, texts: Any, tmp_path: Path) -> None:
    texts.to_parquet(tmp_path / "whole.parquet")
    data = bytearray((tmp_path / "whole.parquet").read_bytes())
    data[4:200] = b"\xff" * 196  # the footer is whole
    (tmp_path / "cases.parquet").write_bytes(data)
    with pytest.raises(mp.CaseFileError, match=r"cases.parquet: ") as error:
        run(tmp_path / "cases.parquet", reasoner=back)
    assert "None" not in str(error.value)
    assert not (tmp_path / "answers.parquet").exists()


def test_what_is_no_parquet_file(back: mp.Reasoner, texts: Any, tmp_path: Path) -> None:
    texts.to_parquet(tmp_path / "whole.parquet")
    data = (tmp_path / "whole.parquet").read_bytes()
    for wrong in (b"", b"PAR1", data[:-9], data[: len(data) // 2], b"id,fever\n"):
        (tmp_path / "cases.parquet").write_bytes(wrong)
        with pytest.raises(mp.CaseFileError, match=r"cases.parquet: this is no whole Parquet file"):
            run(tmp_path / "cases.parquet", reasoner=back)
    damaged = bytearray(data)
    damaged[4:200] = bytes(196)
    (tmp_path / "cases.parquet").write_bytes(damaged)
    with pytest.raises(mp.MassagePainError):
        run(tmp_path / "cases.parquet", reasoner=back)
    assert not (tmp_path / "answers.parquet").exists()


def test_no_rows(back: mp.Reasoner, texts: Any, tmp_path: Path) -> None:
    texts.iloc[:0].to_parquet(tmp_path / "cases.parquet", index=False)
    texts.iloc[:0].to_csv(tmp_path / "cases.csv", index=False)
    for name in ("cases.parquet", "cases.csv"):
        found = run(tmp_path / name, reasoner=back, overwrite=True)
        assert found.columns.tolist() == back.assess_many(pd.DataFrame()).columns.tolist()
        assert len(found) == 0


def test_what_to_install_is_said(tmp_path: Path, texts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    texts.to_parquet(tmp_path / "cases.parquet")
    write(tmp_path / "cases.csv", list(NAMES), texts.to_numpy().tolist())
    honest = builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name.partition(".")[0] == "pyarrow":
            raise ImportError(name)
        return honest(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    for source, target in (("cases.parquet", "a.csv"), ("cases.csv", "a.parquet"), ("cases.csv", "a")):
        with pytest.raises(mp.MissingExtraError, match=r'pip install "massage_pain\[distributed\]"'):
            mp.batch(tmp_path / source, tmp_path / target)
    assert mp.batch(tmp_path / "cases.csv", tmp_path / "a.csv").rows == 80  # CSV needs nothing more


def test_what_is_carried_has_one_type_in_all_files(back: mp.Reasoner, tmp_path: Path) -> None:
    folder = tmp_path / "cases"
    folder.mkdir()
    for at, ids in enumerate(([1, 2], ["a", "b"])):
        pd.DataFrame({"id": ids, "fever": ["present", "absent"]}).to_parquet(
            folder / f"{at}.parquet", index=False
        )
    with pytest.raises(
        mp.CaseFileError, match=r"1\.parquet: the column 'id' is to be carried along, but is .* int64"
    ):
        mp.batch(folder, tmp_path / "answers.parquet", reasoner=back, index="id")
    # How many categories there are is another matter: pandas counts them in as few bytes as will do.
    for at, count in enumerate((3, 300)):
        names = pd.Categorical([f"p{each}" for each in range(count)])
        frame = pd.DataFrame({"id": names, "fever": ["present"] * count})
        frame.to_parquet(folder / f"{at}.parquet", index=False)
    found = run(folder, reasoner=back, index="id")
    assert found["id"].tolist() == [f"p{each}" for count in (3, 300) for each in range(count)]
    assert found["id"].dtype == "category"
