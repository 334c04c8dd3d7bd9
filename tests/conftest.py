"""What every test can ask for: one seed, the shipped reasoner, the shared corpus where there is one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from massage_pain import Reasoner

CHECKOUT = Path(__file__).resolve().parents[1]
SEED = 20250121  # the date of the article the shipped network starts from

# A busy machine is no failure, so no example has a deadline. In CI the examples are the same every
# time: a red run there can be run again by anyone. Elsewhere they differ, and so find more.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers, the same in every run and in every test."""
    return np.random.default_rng(SEED)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the checkout with the corpus of networks and reference answers."""
    folder = CHECKOUT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no ../shared beside the checkout: the reference corpus is not here")
    return folder


@pytest.fixture(scope="session")
def back() -> Reasoner:
    """The shipped reasoner, loaded once: nothing can change it."""
    import massage_pain as mp

    return mp.load()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built documentation; skips with a reason where the docs extra is not installed."""
    from tests.documentation import built_in

    return built_in(tmp_path_factory.mktemp("site"))
