"""`massage-pain ask`: the interview in the terminal, fed line by line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import massage_pain as mp
from massage_pain.cli import main


class Ran(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(*typed: str, answers: list[str]) -> Ran:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{each}\n" for each in answers)))
        try:
            code = main(["ask", *typed])
        except SystemExit as left:
            code = int(left.code or 0)
        return Ran(code, *capsys.readouterr())

    return run


def test_an_emergency_ends_the_interview_at_once(ask: Any, back: mp.Reasoner) -> None:
    ran = ask("--exit-code", answers=["1"])
    assert ran.code == 30
    case = dict.fromkeys(back.interview().question.variables, "absent")  # type: ignore[union-attr]
    assert ran.out.rstrip() == str(back.assess({**case, "saddle_numbness": "present"})).rstrip()
    assert "*** Call emergency services now. ***" in ran.err
    assert "Question 2" not in ran.err


def test_what_is_grave_is_said_before_the_interview_ends(ask: Any) -> None:
    ran = ask(answers=["0", "0", "5", "q"])  # unsteady
    assert "*** Get medical help today. ***" in ran.err
    assert "Question 4." in ran.err
    assert "You stopped here; this is what can be said so far." in ran.err
    assert "Get medical help today" in ran.out


def test_a_whole_interview_ends_and_says_why(ask: Any, back: mp.Reasoner) -> None:
    now = back.interview({"local_numbness": "present"})
    answers = []
    while not now.done:
        question = now.question
        assert question is not None
        if question.numeric is not None:
            answers.append("40")
            now = now.answer(40)
        elif question.options:
            answers.append("1")
            now = now.answer(next(iter(question.options)))
        else:
            answers.append("0")
            now = now.none()
    ran = ask("local_numbness=present", "--json", answers=answers)
    assert ran.code == 0
    assert json.loads(ran.out) == now.assessment.to_dict()
    assert "Done: " in ran.err
    assert "1 answer is known already." in ran.err
    assert max(map(len, ran.err.splitlines())) <= 80


def test_back_unsure_and_what_makes_no_sense(ask: Any, tmp_path: Path) -> None:
    place = tmp_path / "kept.json"
    ran = ask("--save", str(place), answers=["x", "0", "9 9", "b", "?", "", "b", "b", "1 3"])
    assert ran.err.count("Type numbers from 1 to") == 3
    assert "This is the beginning of the interview: there is no answer to take back." in ran.err
    record = json.loads(place.read_text(encoding="utf-8"))
    assert record["steps"][0]["answers"]["saddle_numbness"] == "present"
    assert record["steps"][0]["answers"]["bladder_or_bowel_change"] == "absent"


def test_one_thing_is_answered_by_number_or_word(ask: Any, tmp_path: Path) -> None:
    network = tmp_path / "coin.bif"
    network.write_text(
        "network coin {}\nvariable a { type discrete [ 2 ] { no, yes }; }\n"
        "variable b { type discrete [ 2 ] { no, yes }; }\n"
        "probability ( a ) { table 0.6, 0.4; }\n"
        "probability ( b | a ) { (no) 0.9, 0.1; (yes) 0.2, 0.8; }\n",
        encoding="utf-8",
    )
    for typed in ("2", "yes", "y", "YES"):
        ran = ask("--network", str(network), "--cause", "a=yes", "--json", answers=["3", "?x", typed])
        assert ran.code == 0
        assert json.loads(ran.out)["findings"] == {"b": "yes"}
        assert ran.err.count("Type a number from 1 to 2.") == 2


def test_an_interview_is_resumed(ask: Any, tmp_path: Path, back: mp.Reasoner) -> None:
    place = tmp_path / "kept.json"
    first = ask("aching=present", "--save", str(place), answers=["0", "0", "q"])
    assert f"The interview is kept in {place}." in first.err.replace("\n", " ")
    kept = back.interview(record=json.loads(place.read_text(encoding="utf-8")))
    assert len(kept.steps) == 2
    second = ask("--resume", str(place), answers=["0"])
    assert "Question 3." in second.err
    assert len(json.loads(place.read_text(encoding="utf-8"))["steps"]) == 3


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (["--save", "{kept}"], "the file exists already; --resume goes on with it."),
        (["--resume", "{kept}", "aching=present"], "With --resume the findings come from the record"),
        (["--resume", "{bad}"], "this is no JSON."),
        (["--resume", "{other}"], "A record of kind 'interview'"),
        (["--resume", "{none}"], "there is no such file"),
        (["achng=present"], "Did you mean"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(
    ask: Any, tmp_path: Path, typed: list[str], sentence: str
) -> None:
    places = {name: tmp_path / f"{name}.json" for name in ("kept", "bad", "other", "none")}
    places["kept"].write_text("{}", encoding="utf-8")
    places["bad"].write_text("{", encoding="utf-8")
    places["other"].write_text("[]", encoding="utf-8")
    ran = ask(*(each.format(**places) for each in typed), answers=[])
    assert ran.code == 2
    assert ran.out == ""
    assert sentence in ran.err


def test_help_tells_of_the_record(ask: Any) -> None:
    ran = ask("--help", answers=[])
    assert ran.code == 0
    assert "--resume FILE" in ran.out
