"""A Dask cluster of two processes: the same answers, also when one of them is killed in the middle."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import massage_pain as mp
from tests.batches.tables import NAMES, rows, write

pd = pytest.importorskip("pandas")
pytest.importorskip("pyarrow.parquet")
pytest.importorskip("dask.dataframe")
distributed = pytest.importorskip("distributed")

# Dask speaks up about workers that are lost, which is what these tests are about.
pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning", "ignore::ResourceWarning", "ignore::DeprecationWarning"
)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as found:
        yield found


@pytest.fixture(scope="module")
def table(back: mp.Reasoner) -> Any:
    return pd.DataFrame(rows(back.network, 1200), columns=list(NAMES))


def test_files_are_answered_the_same(cluster: Any, back: mp.Reasoner, table: Any, tmp_path: Path) -> None:
    folder = tmp_path / "cases"
    folder.mkdir()
    for at in range(6):
        table.iloc[at * 200 : at * 200 + 200].to_parquet(folder / f"part.{at}.parquet", index=False)
    write(tmp_path / "cases.csv", list(NAMES), table.to_numpy().tolist())
    here = {"reasoner": back, "progress": False}
    for source, target in (("cases", "parquet"), ("cases.csv", "parquet"), ("cases.csv", "csv")):
        mp.batch(tmp_path / source, tmp_path / f"here.{target}", **here, overwrite=True)  # type: ignore[arg-type]
        there = mp.batch(
            tmp_path / source,
            tmp_path / f"there.{target}",
            scheduler=cluster.scheduler_address,
            rows_per_block=70,
            overwrite=True,
            **here,  # type: ignore[arg-type]
        )
        assert there.rows == 1200
        assert (tmp_path / f"here.{target}").exists()
        if target == "csv":
            assert (tmp_path / "here.csv").read_bytes() == (tmp_path / "there.csv").read_bytes()
        else:
            pd.testing.assert_frame_equal(
                pd.read_parquet(tmp_path / "here.parquet"), pd.read_parquet(tmp_path / "there.parquet")
            )


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a process is killed without being asked")
def test_a_worker_that_is_killed_costs_nothing(
    cluster: Any, back: mp.Reasoner, table: Any, tmp_path: Path
) -> None:
    lines = [[f"p{at}", *each] for at, each in enumerate(table.to_numpy().tolist())]
    source = write(tmp_path / "cases.csv", ["id", *NAMES], lines)
    options: dict[str, Any] = {"reasoner": back, "index": "id"}
    mp.batch(source, tmp_path / "whole.csv", progress=False, **options)
    killed = []
    with distributed.Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2)
        workers = client.run(os.getpid)

        def kill_one(progress: Any) -> None:
            if not killed and progress.rows >= 100:
                killed.append(next(iter(workers.values())))
                os.kill(killed[0], signal.SIGKILL)

        summary = mp.batch(
            source,
            tmp_path / "answers.csv",
            scheduler=client,
            rows_per_block=20,
            progress=kill_one,
            **options,
        )
    assert killed
    assert summary.rows == 1200
    assert summary.resumed == 0
    assert (tmp_path / "answers.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_run_on_a_cluster_goes_on_where_it_was(
    cluster: Any, back: mp.Reasoner, table: Any, tmp_path: Path
) -> None:
    source = tmp_path / "cases.parquet"
    table.to_parquet(source, index=False, row_group_size=100)
    options: dict[str, Any] = {"reasoner": back, "rows_per_block": 50, "scheduler": cluster.scheduler_address}

    def stop(progress: Any) -> None:
        if progress.rows > 300:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mp.batch(source, tmp_path / "answers.parquet", progress=stop, **options)
    assert not (tmp_path / "answers.parquet").exists()
    summary = mp.batch(source, tmp_path / "answers.parquet", progress=False, resume=True, **options)
    assert 300 < summary.resumed < 1200
    assert summary.rows == 1200
    mp.batch(source, tmp_path / "whole.parquet", reasoner=back, progress=False)
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "answers.parquet"), pd.read_parquet(tmp_path / "whole.parquet")
    )


def test_an_error_in_a_worker_is_told(cluster: Any, back: mp.Reasoner, table: Any, tmp_path: Path) -> None:
    source = write(tmp_path / "cases.csv", list(NAMES), table.to_numpy().tolist())
    seen = []

    def gone(progress: Any) -> None:
        seen.append(progress)
        source.unlink(missing_ok=True)

    with pytest.raises(mp.CaseFileError, match=r"cases.csv: there is no such file"):
        mp.batch(
            source,
            tmp_path / "answers.csv",
            reasoner=back,
            rows_per_block=5,
            scheduler=cluster.scheduler_address,
            progress=gone,
        )
    assert seen
    assert not (tmp_path / "answers.csv").exists()


def test_a_scheduler_that_does_not_answer(
    back: mp.Reasoner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("massage_pain.batches.cluster._SECONDS", 1)
    source = write(tmp_path / "cases.csv", ["fever"], [["present"]])
    for wrong, piece in (
        ("tcp://127.0.0.1:9", "No Dask scheduler answers at 'tcp://127.0.0.1:9'"),
        ("nonsense://x", "No Dask scheduler answers at 'nonsense://x'"),
        (7, "scheduler must be the address of a Dask scheduler or a distributed.Client, got 7."),
    ):
        with pytest.raises(mp.QueryError, match=piece.replace(".", "[.]")):
            mp.batch(source, tmp_path / "answers.csv", reasoner=back, scheduler=wrong)
        assert sorted(each.name for each in tmp_path.iterdir()) == ["cases.csv"]


def test_a_dask_frame_gives_a_dask_frame(cluster: Any, back: mp.Reasoner, table: Any) -> None:
    import dask.dataframe as dd

    plain = table[["fever", "course", "focal_pressure"]].replace(
        {"": None, "NA": None, "NaN": None, "null": None}
    )
    plain = plain.where(plain.isin(["absent", "present", "improving", "unchanged", "worsening"]), None)
    plain.index = pd.Index(range(5000, 5000 + len(plain)), name="who")
    frame = dd.from_pandas(plain, npartitions=5)
    with distributed.Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2)
        for ask in (back.assess_many, back.posteriors):
            found = ask(frame)
            right = ask(plain)
            assert isinstance(found, dd.DataFrame)
            assert found.dtypes.to_dict() == right.dtypes.to_dict()
            assert found.npartitions == 5
            pd.testing.assert_frame_equal(client.compute(found).result(), right)
    with pytest.raises(mp.UnknownVariableError, match="Did you mean 'fever'"):
        back.assess_many(frame.rename(columns={"fever": "fevr"}))


def test_the_reasoner_is_compiled_once_a_worker(cluster: Any, back: mp.Reasoner) -> None:
    with distributed.Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2)
        futures = [client.submit(_identity, back, at, pure=False) for at in range(12)]
        found = {(process, address) for process, address in client.gather(futures)}
    assert len(found) <= 2
    assert len(pickle.dumps(back)) < 40_000


def _identity(reasoner: mp.Reasoner, at: int) -> tuple[int, int]:
    return os.getpid(), id(reasoner)
