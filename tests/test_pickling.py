"""Every result goes to another process and comes back the same; so do the engines and the errors."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import massage_pain as mp
from massage_pain import errors

CASE = {"back_pain": "present", "bruising": "present", "massage_pressure": "firm"}

RESULTS: dict[str, Callable[[mp.Reasoner], Any]] = {
    "assess": lambda back: back.assess(CASE),
    "screen": lambda back: back.screen({"anticoagulant": "present"}),
    "explain": lambda back: back.explain(CASE),
    "ask": lambda back: back.ask(CASE),
    "interview": lambda back: back.interview(CASE),
    "monitor": lambda back: back.monitor(CASE).observe(1, aching=True),
    "what_if": lambda back: back.what_if(CASE, do={"massage_pressure": "light"}, draws=20),
    "would_have": lambda back: back.would_have(CASE, do={"massage_pressure": "light"}),
    "sensitivity": lambda back: back.sensitivity(CASE),
    "intervals": lambda back: back.intervals(CASE, draws=20),
    "most_probable": lambda back: back.most_probable(CASE),
    "conflict": lambda back: back.conflict(CASE, draws=20),
    "draw": lambda back: back.draw(CASE),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_sent_and_copied(back: mp.Reasoner, name: str) -> None:
    result = RESULTS[name](back)
    for again in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert again.to_dict() == result.to_dict()
        assert str(again) == str(result)


def test_an_interview_goes_on_where_it_arrives(back: mp.Reasoner) -> None:
    begun = back.interview(CASE)
    arrived = pickle.loads(pickle.dumps(begun))
    assert arrived.none().to_dict() == begun.none().to_dict()


def test_engines_answer_the_same_where_they_arrive(back: mp.Reasoner) -> None:
    engine = mp.CompiledNetwork(back.network, limit=1e7)
    arrived = pickle.loads(pickle.dumps(engine))
    before, after = engine.marginals(CASE), arrived.marginals(CASE)
    assert all((before[name] == after[name]).all() for name in before)
    with pytest.raises(mp.ComplexityError, match="the limit is 5"):
        pickle.loads(pickle.dumps(mp.CompiledNetwork(back.network, limit=5))).marginals(CASE)


def test_a_batch_summary_is_sent(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text("aching\npresent\nwrong\n")
    summary = mp.batch(tmp_path / "cases.csv", tmp_path / "answers.csv")
    again = pickle.loads(pickle.dumps(summary))
    assert again.to_dict() == summary.to_dict()
    with pytest.raises(TypeError):
        again.errors["more"] = 1


@pytest.mark.parametrize("name", errors.__all__)
def test_an_error_arrives_as_it_was(name: str) -> None:
    kind = getattr(errors, name)
    extra = {"estimate": 5.0, "limit": 2.0} if kind is mp.ComplexityError else {}
    if kind in (mp.NetworkFileError, mp.CaseFileError):
        extra = {"file": "a.csv", "line": 3}
    error = kind("what is wrong", **extra)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == str(error)
    assert vars(again) == vars(error)
