"""A reasoner goes to another process as network and rules, and is the same there."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import massage_pain as mp
from massage_pain.reasoner import _received
from tests.conftest import CHECKOUT

CASES: list[dict[str, object]] = [
    {},
    {"focal_pressure": True, "local_numbness": "present"},
    {"saddle_numbness": "present", "age": 70},
    {"muscle_stiffness": mp.Likelihood(present=0.8, absent=0.2)},
]


def test_what_arrives_says_the_same(back: mp.Reasoner) -> None:
    back.assess({})  # compiled, so there is something to leave behind
    sent = pickle.dumps(back)
    assert len(sent) < 40_000
    _received.cache_clear()
    again = pickle.loads(sent)
    assert again is not back
    assert again.network.content_hash == back.network.content_hash
    assert again.rules.content_hash == back.rules.content_hash  # type: ignore[union-attr]
    for case in CASES:
        assert again.assess(case).to_dict() == back.assess(case).to_dict()
    assert pickle.loads(sent) is again  # compiled once a process


def test_another_process_says_the_same(back: mp.Reasoner, tmp_path: Path) -> None:
    code = f"""
import pickle, sys
sys.path.insert(0, {str(CHECKOUT)!r})
reasoner, cases = pickle.loads(sys.stdin.buffer.read())
sys.stdout.buffer.write(pickle.dumps([reasoner.assess(case).to_dict() for case in cases]))
"""
    data = pickle.dumps((back, CASES))
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True)
    assert pickle.loads(done.stdout) == [back.assess(case).to_dict() for case in CASES]


def test_a_copy_is_itself_because_it_never_changes(back: mp.Reasoner) -> None:
    assert copy.copy(back) is back
    assert copy.deepcopy([back])[0] is back


def test_a_network_is_made_and_checked_again(back: mp.Reasoner, shared: Path) -> None:
    networks = [
        back.network,
        *(mp.read_network(each) for each in sorted(shared.glob("corpus/**/asia*.bif"))[:1]),
    ]
    for network in networks:
        again = pickle.loads(pickle.dumps(network))
        assert again.content_hash == network.content_hash
        assert [each.id for each in again.variables] == [each.id for each in network.variables]
        assert again.parameters == network.parameters
        for each in again.distributions:
            with pytest.raises((TypeError, AttributeError)):
                each.leak["x"] = 1  # as frozen as the first


def test_threads_may_send_and_receive_at_once(back: mp.Reasoner) -> None:
    _received.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(lambda _: pickle.loads(pickle.dumps(back)).assess(CASES[1]).to_dict(), range(16))
        )
    assert all(each == found[0] for each in found)


def test_the_engine_of_pgmpy_stays_that(back: mp.Reasoner) -> None:
    again = pickle.loads(pickle.dumps(mp.Reasoner(back.network, engine="pgmpy")))
    assert type(again.engine).__name__ == "PgmpyEngine"
    assert again.rules is None
