"""The networks are found in a wheel, an editable install and a bare checkout, and nothing else is shipped.

Each install goes into a fresh virtual environment outside the checkout and is asked from an empty folder.
It borrows the dependencies of the environment that runs the tests (a `.pth` file), so it is quick and
needs no network; `.ci/run` installs once more with nothing borrowed.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

ASK = """
import massage_pain as mp, pathlib, sys
print(pathlib.Path(mp.__file__).resolve().parent)
seen = mp.load().assess({"focal_pressure": "present", "local_numbness": "present"})
print(",".join(mp.networks()), seen.urgency.name)
"""

pytestmark = pytest.mark.skipif(not (CHECKOUT / "pyproject.toml").is_file(), reason="not run from a checkout")
needs_hatchling = pytest.mark.skipif(
    importlib.util.find_spec("hatchling") is None, reason="hatchling is not installed (the test extra has it)"
)
needs_pip = pytest.mark.skipif(
    importlib.util.find_spec("pip") is None, reason="pip is not installed in this environment"
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a new user has: the checkout's own files, without what tools left in it."""
    target = tmp_path_factory.mktemp("checkout") / "massage_pain"
    left = shutil.ignore_patterns(
        ".git", ".venv", "venv", "__pycache__", "dist", "build", ".*_cache", ".hypothesis"
    )
    shutil.copytree(CHECKOUT, target, ignore=left)
    return target


@pytest.fixture(scope="module")
def built(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel and the source archive."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-d", str(out), cwd=copy)
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    return {"wheel": wheel, "sdist": sdist}


def run(*command: str, cwd: Path, **environment: str) -> str:
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(
        command,
        cwd=cwd,
        env=clean | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def fresh_environment(folder: Path) -> Path:
    """The python of a new virtual environment that can also see the dependencies installed here.

    A line of a `.pth` file is put on the path as it is: an editable install of this library here is not
    followed from there, so what is found is what was installed.
    """
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    site = run(
        str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
    ).strip()
    here = dict.fromkeys(sysconfig.get_path(each) for each in ("purelib", "platlib"))
    Path(site, "borrowed.pth").write_text("\n".join(here) + "\n", encoding="utf-8")
    return python


def install(python: Path, what: str, cwd: Path, *options: str) -> None:
    run(
        sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index", "--no-deps",
        "--no-build-isolation", "--force-reinstall", "--disable-pip-version-check", *options, what, cwd=cwd,
    )  # fmt: skip


def networks_in(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.suffix in (".toml", ".md")}


@needs_hatchling
@needs_pip
def test_wheel(built: dict[str, Path], tmp_path: Path) -> None:
    python = fresh_environment(tmp_path / "environment")
    install(python, str(built["wheel"]), tmp_path)
    place, answer = run(str(python), "-c", ASK, cwd=tmp_path).splitlines()
    assert Path(place).is_relative_to((tmp_path / "environment").resolve())
    assert answer == "back_pain STOP_AND_REST"


@needs_hatchling
@needs_pip
def test_wheel_installs_the_command(built: dict[str, Path], tmp_path: Path) -> None:
    python = fresh_environment(tmp_path / "environment")
    install(python, str(built["wheel"]), tmp_path)
    (command,) = python.parent.glob("massage-pain*")
    assert PROJECT["name"] == "massage_pain"
    assert run(str(command), "--version", cwd=tmp_path).startswith("massage-pain ")
    run(str(command), "notebooks", "mine", cwd=tmp_path)
    written = {each.name: each.read_bytes() for each in (tmp_path / "mine").iterdir()}
    assert written == {each.name: each.read_bytes() for each in (CHECKOUT / "notebooks").glob("*.ipynb")}


@needs_hatchling
@needs_pip
def test_editable_install(copy: Path, tmp_path: Path) -> None:
    python = fresh_environment(tmp_path / "environment")
    install(python, str(copy), tmp_path, "--editable")
    place, answer = run(str(python), "-c", ASK, cwd=tmp_path).splitlines()
    assert Path(place) == (copy / "massage_pain").resolve()
    assert answer == "back_pain STOP_AND_REST"


def test_bare_checkout(copy: Path, tmp_path: Path) -> None:
    python = fresh_environment(tmp_path / "environment")
    place, answer = run(str(python), "-c", ASK, cwd=tmp_path, PYTHONPATH=str(copy)).splitlines()
    assert Path(place) == (copy / "massage_pain").resolve()
    assert answer == "back_pain STOP_AND_REST"


@needs_hatchling
def test_wheel_holds_every_network_notebook_and_module_and_nothing_else(built: dict[str, Path]) -> None:
    with zipfile.ZipFile(built["wheel"]) as wheel:
        names = {name for name in wheel.namelist() if not name.endswith("/")}
    shipped = {name for name in names if ".dist-info/" not in name}
    modules = {p.relative_to(CHECKOUT).as_posix() for p in (CHECKOUT / "massage_pain").rglob("*.py")}
    networks = {f"massage_pain/networks/{each}" for each in networks_in(CHECKOUT / "networks")}
    notebooks = {f"massage_pain/notebooks/{each.name}" for each in (CHECKOUT / "notebooks").glob("*.ipynb")}
    assert networks
    assert notebooks
    assert shipped == modules | networks | notebooks | {"massage_pain/py.typed"}


@needs_hatchling
def test_wheel_built_from_the_source_archive_is_the_same(built: dict[str, Path], tmp_path: Path) -> None:
    with tarfile.open(built["sdist"]) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "out"), cwd=source)
    (again,) = (tmp_path / "out").glob("*.whl")
    with zipfile.ZipFile(again) as one, zipfile.ZipFile(built["wheel"]) as other:
        assert {n: one.read(n) for n in one.namelist()} == {n: other.read(n) for n in other.namelist()}


@needs_hatchling
def test_source_archive_can_run_its_tests(built: dict[str, Path]) -> None:
    with tarfile.open(built["sdist"]) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "tests/conftest.py", "networks/README.md"} <= inside
    assert not [name for name in inside if "__pycache__" in name or name.startswith((".venv", ".git/"))]


@needs_hatchling
@pytest.mark.skipif(
    importlib.util.find_spec("check_wheel_contents") is None,
    reason="check-wheel-contents is not installed (the test extra has it)",
)
def test_check_wheel_contents(built: dict[str, Path]) -> None:
    assert "OK" in run(sys.executable, "-m", "check_wheel_contents", str(built["wheel"]), cwd=CHECKOUT)


@needs_hatchling
def test_wheel_asks_for_what_the_project_states(built: dict[str, Path]) -> None:
    with zipfile.ZipFile(built["wheel"]) as wheel:
        (name,) = [each for each in wheel.namelist() if each.endswith("METADATA")]
        stated = wheel.read(name).decode()
    for each in PROJECT["dependencies"]:
        assert f"Requires-Dist: {each.partition('>')[0]}" in stated
    assert "License-Expression: MIT" in stated


def test_one_version_everywhere() -> None:
    import massage_pain as mp

    assert f"\nversion: {mp.__version__}\n" in (CHECKOUT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\n## [{mp.__version__}]" in (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
