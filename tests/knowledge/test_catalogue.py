"""The shipped networks, wherever they lie."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from massage_pain.errors import NetworkFileError
from massage_pain.knowledge import catalogue
from massage_pain.knowledge.files import read_network


def test_every_shipped_network_loads_without_a_warning() -> None:
    assert "back_pain" in catalogue.networks()
    for name in catalogue.networks():
        assert read_network(catalogue.folder_of(name)).name == name


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("back_pian", "Unknown network 'back_pian'. Did you mean 'back_pain'? Available: back_pain."),
        ("Back Pain", "Did you mean 'back_pain'?"),
        ("", "Unknown network ''."),
        ("../back_pain", "Unknown network '../back_pain'."),
        ("/etc", "Unknown network '/etc'."),
        ("back_pain\0", "Unknown network 'back_pain\\x00'."),
        (5, "Unknown network 5."),
        (None, "Unknown network None."),
    ],
)
def test_unknown_names(name: str, sentence: str) -> None:
    with pytest.raises(NetworkFileError, match=re.escape(sentence)):
        catalogue.folder_of(name)


def test_a_folder_inside_the_package_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a wheel; without it the folder beside the package is used, as in a checkout."""
    shipped = catalogue.networks_folder()
    package = tmp_path / "massage_pain"
    for place in (tmp_path, package):
        shutil.copytree(shipped, place / "networks")
    monkeypatch.setattr(catalogue, "_PACKAGE", package)
    assert catalogue.networks_folder() == package / "networks"
    assert read_network(catalogue.folder_of("back_pain")).name == "back_pain"
    shutil.rmtree(package / "networks")
    assert catalogue.networks_folder() == tmp_path / "networks"
    assert read_network(catalogue.folder_of("back_pain")).name == "back_pain"
