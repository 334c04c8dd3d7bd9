"""The command line: what it answers, how it refuses, and what a script learns from its exit code."""

from __future__ import annotations

import functools
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import massage_pain as mp
from massage_pain.advice.urgency import Contraindication, Urgency
from massage_pain.cli import main
from massage_pain.command_line.exit_codes import OF_CONTRAINDICATION, OF_URGENCY, ExitCode

CHECKOUT = Path(__file__).resolve().parents[1]
FIRST = ["focal_pressure=present", "local_numbness=present", "limb_numbness=absent"]
BIF = """network tub { }
variable tub { type discrete [ 2 ] { yes, no }; }
variable xray { type discrete [ 2 ] { yes, no }; }
probability ( tub ) { table 0.1, 0.9; }
probability ( xray | tub ) { (yes) 0.9, 0.1; (no) 0.2, 0.8; }
"""


class Ran:
    """What one run printed and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


load_once = functools.cache(mp.load)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Type a command line. A reasoner never changes, so it is loaded once for all of them."""
    monkeypatch.setattr("massage_pain.command_line.cases.load", load_once)

    def run(*typed: str) -> Ran:
        try:
            code = main(typed)
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 0
        printed = capsys.readouterr()
        return Ran(int(code), printed.out, printed.err)

    return run


@pytest.fixture
def bif(tmp_path: Path) -> str:
    path = tmp_path / "tub.bif"
    path.write_text(BIF, encoding="utf-8")
    return str(path)


def refused(ran: Ran, *pieces: str) -> None:
    """One sentence on standard error, code 2, nothing on standard output."""
    assert ran.code == ExitCode.REFUSED == 2
    assert ran.out == ""
    assert ran.err.startswith("massage-pain")
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err
    for each in pieces:
        assert each in ran.err


# -- answers ---------------------------------------------------------------------------------------------


def test_assess_prints_what_python_prints(run: Any, back: mp.Reasoner) -> None:
    ran = run("assess", *FIRST)
    assert (ran.code, ran.err) == (0, "")
    case = mp.Case(focal_pressure="present", local_numbness="present", limb_numbness="absent")
    assert ran.out.rstrip() == str(back.assess(case)).rstrip()


@pytest.mark.parametrize("verb", [("screen",), ("assess", "--screen")])
def test_screen_prints_what_python_prints(run: Any, back: mp.Reasoner, verb: tuple[str, ...]) -> None:
    ran = run(*verb, "osteoporosis=present", "massage_pressure=firm")
    assert (ran.code, ran.err) == (0, "")
    assert (
        ran.out.rstrip() == str(back.screen({"osteoporosis": "present", "massage_pressure": "firm"})).rstrip()
    )


def test_text_is_at_most_80_columns_wide_and_has_no_colour(run: Any) -> None:
    for typed in (
        ["assess", *FIRST],
        ["assess", "saddle_numbness=present"],
        ["assess"],
        ["screen", "age=80"],
    ):
        out = run(*typed).out
        assert "\x1b" not in out
        assert max(map(len, out.splitlines())) <= 80


def test_json_is_the_whole_answer_in_ascii(run: Any, back: mp.Reasoner) -> None:
    ran = run("assess", "--json", *FIRST)
    assert ran.out.isascii()
    assert ran.json == back.assess(dict(each.split("=") for each in FIRST)).to_dict()
    assert run("screen", "--json", "age=80").json["kind"] == "screening"


def test_json_record_can_be_typed_again(run: Any) -> None:
    typed = ["age=71", "limb_numbness=unsure", "muscle_stiffness=present:0.8,absent:0.2", "fever=false"]
    first = run("assess", "--json", *typed).json
    assert first["findings"]["age"] == 71
    assert first["findings"]["limb_numbness"] == "unsure"
    assert first["findings"]["muscle_stiffness"] == {"present": 0.8, "absent": 0.2}
    seen = mp.load().assess(first["findings"])
    assert seen.to_dict()["causes"] == first["causes"]
    assert run("assess", "--json", *reversed(typed)).json["urgency"] == first["urgency"]


def test_options_may_stand_anywhere(run: Any) -> None:
    one = run("assess", "--json", *FIRST).out
    assert run("assess", FIRST[0], "--json", *FIRST[1:]).out == one
    assert run("assess", FIRST[0], "--network", "back_pain", FIRST[1], "--json", FIRST[2]).out == one


def test_no_finding_at_all_is_a_case(run: Any) -> None:
    assert run("assess").code == 0


def test_same_finding_twice_is_one(run: Any) -> None:
    assert run("assess", "--json", "fever=present", "fever=true").json["findings"] == {"fever": "present"}


# -- refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "pieces"),
    [
        (["focal_presure=present"], ["Unknown variable 'focal_presure'", "Did you mean 'focal_pressure'"]),
        (["focal_pressure=presnt"], ["Unknown state 'presnt' for focal_pressure", "Did you mean 'present'?"]),
        (["focal_pressure=yes"], ["Unknown state 'yes'", "Did you mean 'present'?", "absent, present"]),
        (["focal_pressure=Present"], ["Unknown state 'Present'", "Did you mean 'present'"]),
        (["focal_pressure=1"], ["Unknown state '1'", "absent, present"]),
        (["massage_pressure=true"], ["Unknown state 'true' for massage_pressure", "light, firm, excessive"]),
        (["focal_pressure"], ["'focal_pressure' has no state", "focal_pressure=present", "left out"]),
        (["focal_pressure="], ["'focal_pressure' has no state"]),
        (["age"], ["'age' has no state", "age=NUMBER, from 0 to 120"]),
        (["present"], ["A finding is written NAME=STATE", "Unknown variable 'present'"]),
        (["=present"], ["Unknown variable ''"]),
        (["age=old"], ["age must be a number", "'old'"]),
        (["age=nan"], ["age must be a number", "'nan'"]),
        (["age=inf"], ["age must be a number", "'inf'"]),
        (["age=200"], ["age must be a number from 0 to 120", "200"]),
        (["age=70", "age=71"], ["'age' disagree", "70", "71"]),
        (["fever=present", "fever=absent"], ["'fever' disagree", "'present'", "'absent'"]),
        (["fever=unsure", "fever=absent"], ["'fever' disagree"]),
        (["aching=present", "aching=present:0.5,absent:0.5"], ["'aching' disagree"]),
        (["aching=present:0.5"], ["needs a weight for every state", "absent"]),
        (["aching=present:1.5,absent:0.5"], ["from 0 to 1", "1.5"]),
        (["aching=present:nan,absent:0.5"], ["from 0 to 1"]),
        (["aching=present:0,absent:0"], ["zero for every state"]),
        (["aching=present:x,absent:0.5"], ["Soft evidence for 'aching' is written", "present:x"]),
        (["aching=present:0.2,present:0.3"], ["names 'present' twice"]),
        (["aching=present:0.2,maybe:0.3"], ["Unknown state 'maybe'"]),
        (["f\x1b[31mever=present"], ["\\x1b"]),
        (["--network", "bak_pain"], ["Unknown network 'bak_pain'", "Did you mean 'back_pain'?"]),
        (["--network", "nowhere.toml"], ["nowhere.toml"]),
        (["--network", "model.pkl"], ["pickle is never loaded"]),
        (["--network", "/dev/zero.toml"], ["/dev/zero.toml"]),
        (["--cause", "fever"], ["says itself which variables are causes", "fasciitis"]),
        (["--cause", "=yes"], ["--cause takes NAME or NAME=STATE"]),
        (["--cause", "fasciitis=present", "--cause", "fasciitis=absent"], ["names 'fasciitis' twice"]),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else None,
)
def test_refusals(run: Any, typed: list[str], pieces: list[str]) -> None:
    refused(run("assess", *typed), *pieces)
    refused(run("screen", *typed), *pieces)


@pytest.mark.parametrize(
    ("typed", "pieces"),
    [
        ([], ["say what to do", "--help"]),
        (["asess", "fever=present"], ["asess", "assess"]),
        (["fever=present"], ["did you mean 'massage-pain assess fever=present'?"]),
        (["assess", "--jsn"], ["--jsn"]),
        (["assess", "--json=1"], ["--json"]),
        (["network"], ["network"]),
        (["network", "chek", "back_pain"], ["chek", "check"]),
        (["network", "show", "back_pain", "focal_presure"], ["Did you mean 'focal_pressure'"]),
        (["network", "list", "more"], ["more"]),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else None,
)
def test_arguments_that_make_no_sense(run: Any, typed: list[str], pieces: list[str]) -> None:
    refused(run(*typed), *pieces)


def test_impossible_findings_are_named(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "never.bif"
    path.write_text(BIF.replace("0.9, 0.1", "1.0, 0.0"), encoding="utf-8")
    refused(
        run("assess", "--network", str(path), "--cause", "tub=yes", "tub=yes", "xray=no"),
        "tub",
        "xray",
        "cannot",
    )


# -- any network -----------------------------------------------------------------------------------------


def test_foreign_network_with_a_cause(run: Any, bif: str) -> None:
    ran = run("assess", "--json", "--network", bif, "--cause", "tub=yes", "xray=yes")
    assert ran.code == 0
    assert ran.json["urgency"] is None
    (cause,) = ran.json["causes"]
    assert cause["id"] == "tub"
    assert cause["probability"] == pytest.approx(0.09 / (0.09 + 0.18))


def test_without_a_cause_it_says_how_to_name_one(run: Any, bif: str) -> None:
    refused(run("assess", "--network", bif, "xray=yes"), "--cause")


def test_a_wrong_cause_is_named(run: Any, bif: str) -> None:
    refused(run("assess", "--network", bif, "--cause", "tubb=yes"), "Unknown variable 'tubb'", "'tub'")
    refused(run("assess", "--network", bif, "--cause", "tub=maybe"), "Unknown state 'maybe'", "yes, no")


def test_a_name_may_hold_the_equals_sign(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "odd.bif"
    path.write_text(BIF.replace("xray", '"x=ray"'), encoding="utf-8")
    ran = run("assess", "--json", "--network", str(path), "--cause", "tub=yes", "x=ray=yes")
    assert ran.json["findings"] == {"x=ray": "yes"}


def test_notebooks_are_put_where_they_can_be_opened(run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "with space"
    ran = run("notebooks", str(folder))
    assert (ran.code, ran.err) == (0, "")
    shipped = {each.name: each.read_bytes() for each in (CHECKOUT / "notebooks").glob("*.ipynb")}
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == shipped
    assert ran.out.splitlines()[-1].endswith(f"jupyter lab '{folder / min(shipped)}'")


def test_a_notebook_that_is_there_is_somebodys_work(run: Any, tmp_path: Path) -> None:
    first = tmp_path / "01_first_case.ipynb"
    first.write_text("mine", encoding="utf-8")
    ran = run("notebooks", str(tmp_path))
    assert first.read_text(encoding="utf-8") == "mine"
    assert f"Kept as it is: {first}" in ran.out
    assert f"Written: {tmp_path / '02_next_question.ipynb'}" in ran.out


def test_notebooks_say_what_is_missing(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("massage_pain.command_line.notebooks.find_spec", lambda name: None)
    assert 'pip install "massage-pain[notebook]"' in run("notebooks", str(tmp_path)).out


def test_notebooks_into_a_file_are_refused(run: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused(run("notebooks", str(tmp_path / "file")), "cannot be written there")


def test_network_list(run: Any) -> None:
    out = run("network", "list").out
    for each in mp.networks():
        assert re.search(rf"^{each}\b", out, flags=re.MULTILINE)


def test_network_check(run: Any, bif: str) -> None:
    for each in ("back_pain", bif):
        ran = run("network", "check", each)
        assert ran.code == 0
        assert "variables" in ran.out
    assert "2 variables, 1 link" in run("network", "check", bif).out


def test_network_check_says_file_line_and_what_is_wrong(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "bad.bif"
    path.write_text(BIF.replace("0.1, 0.9", "0.1, 0.8"), encoding="utf-8")
    refused(run("network", "check", str(path)), "bad.bif:4", "tub", "0.9")


def test_network_show(run: Any, back: mp.Reasoner) -> None:
    out = run("network", "show", "back_pain").out
    for each in back.network.variables:
        assert each.id in out
    assert max(map(len, out.splitlines())) <= 80


def test_network_show_every_variable(run: Any, back: mp.Reasoner) -> None:
    for each in back.network.variables:
        ran = run("network", "show", "back_pain", each.id)
        assert ran.code == 0
        assert max(map(len, ran.out.splitlines())) <= 80
        assert each.question.split()[0] in ran.out
        for key, parameter in back.network.parameters.items():
            if key[0] == each.id:
                assert f"{parameter.value:g}" in ran.out
                assert all(source in ran.out for source in parameter.source)


@pytest.mark.parametrize("suffix", ["toml", "bif", "svg", "md"])
def test_network_export(run: Any, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"out.{suffix}"
    ran = run("network", "export", "back_pain", str(target))
    assert ran.code == 0
    assert str(target) in ran.out
    before = target.read_bytes()
    refused(run("network", "export", "back_pain", str(target)), "out.", "--overwrite")
    assert target.read_bytes() == before
    assert run("network", "export", "back_pain", str(target), "--overwrite").code == 0
    if suffix in ("toml", "bif"):
        assert len(mp.read_network(target).nodes) == len(mp.load().network.nodes)


def test_network_export_refuses_other_formats(run: Any, tmp_path: Path) -> None:
    refused(run("network", "export", "back_pain", str(tmp_path / "out.xml")), ".toml", ".bif", ".svg", ".md")
    assert list(tmp_path.iterdir()) == []


# -- exit codes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "urgency", "code"),
    [
        (FIRST, Urgency.STOP_AND_REST, 0),
        (["saddle_numbness=present"], Urgency.EMERGENCY, 30),
    ],
)
def test_exit_code_tells_the_urgency_when_asked(
    run: Any, typed: list[str], urgency: Urgency, code: int
) -> None:
    assert run("assess", "--json", *typed).json["urgency"]["name"] == urgency.name
    assert run("assess", *typed).code == 0
    assert run("assess", "--exit-code", *typed).code == code


def test_exit_code_agrees_with_the_answer_for_every_safety_question(run: Any, back: mp.Reasoner) -> None:
    met = set()
    for each in back.network.screening:
        if each.numeric is None:
            urgency = back.assess({each.id: each.present}).urgency
            met.add(urgency)
            assert run("assess", "--exit-code", f"{each.id}={each.present}").code == OF_URGENCY[urgency]
    assert len(met) > 2


def test_exit_code_of_screening(run: Any, back: mp.Reasoner) -> None:
    met = set()
    for each in back.network.screening:
        if each.numeric is None:
            found = back.screen({each.id: each.present})
            met.add(found.contraindication)
            code = run("screen", "--exit-code", f"{each.id}={each.present}").code
            assert code >= OF_CONTRAINDICATION[found.contraindication]
            assert code >= OF_URGENCY[found.urgency]
    assert met == set(Contraindication)


def test_exit_codes_rise_with_urgency_and_cover_it() -> None:
    assert list(OF_URGENCY) == sorted(Urgency)
    assert list(OF_URGENCY.values()) == sorted(OF_URGENCY.values())
    assert list(OF_CONTRAINDICATION) == sorted(Contraindication)
    assert list(OF_CONTRAINDICATION.values()) == sorted(OF_CONTRAINDICATION.values())


def test_exit_codes_are_documented() -> None:
    page = (CHECKOUT / "docs" / "command_line.md").read_text(encoding="utf-8")
    assert {int(each) for each in re.findall(r"^\| (\d+) \|", page, flags=re.MULTILINE)} == set(ExitCode)


def test_a_fault_is_one_sentence(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken\ninside")

    monkeypatch.setattr("massage_pain.command_line.cases.answer", fail)
    ran = run("assess")
    assert ran.code == ExitCode.FAULT == 1
    assert ran.err.count("\n") == 1
    assert "RuntimeError: broken\\ninside" in ran.err
    assert "--traceback" in ran.err
    with pytest.raises(RuntimeError):
        main(["--traceback", "assess"])


# -- as a program ----------------------------------------------------------------------------------------

PROGRAM = [sys.executable, "-m", "massage_pain"]


def here(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONIOENCODING": "utf-8", **more}


def program(*typed: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *typed], capture_output=True, text=True, encoding="utf-8", env=here(**more), timeout=120
    )


def test_python_m_is_the_same_program(run: Any) -> None:
    done = program("assess", *FIRST)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == run("assess", *FIRST).out


def test_exit_code_reaches_the_shell() -> None:
    assert program("assess", "--exit-code", "saddle_numbness=present").returncode == 30
    assert program("assess", "fever=maybe").returncode == 2
    assert program("asess").returncode == 2


def test_terminal_without_unicode() -> None:
    done = program("assess", *FIRST, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()


@pytest.mark.parametrize(
    "typed", [["--help"], ["assess", "--help"], ["screen", "--help"], ["network", "--help"]]
)
def test_help_fits_80_columns_and_has_examples(typed: list[str]) -> None:
    done = program(*typed, COLUMNS="200")
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 80
    if typed != ["network", "--help"]:
        assert "exit codes" in done.stdout


def test_examples_of_the_help_work(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    out = run("--help").out
    examples = re.findall(r"^  massage-pain (.*)$", out, flags=re.MULTILINE)
    assert len(examples) >= 5
    for each in examples:
        ran = run(*each.split())
        assert (ran.code, ran.err) == (0, ""), each


def test_version(run: Any) -> None:
    assert run("--version").out == f"massage-pain {mp.__version__}\n"


@pytest.mark.skipif(os.name == "nt", reason="pipes break differently on Windows")
def test_broken_pipe_is_quiet() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [*PROGRAM, "assess"], stdout=writer, stderr=subprocess.PIPE, env=here(), timeout=120
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (ExitCode.BROKEN_PIPE, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_full_disk_is_one_sentence() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*PROGRAM, "assess"], stdout=full, stderr=subprocess.PIPE, env=here(), timeout=120
        )
    assert done.returncode == ExitCode.FAULT
    assert done.stderr.count(b"\n") == 1


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "mkfifo"), reason="needs a named pipe")
def test_interrupt_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stop(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)

    monkeypatch.setattr("massage_pain.command_line.cases.answer", stop)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    try:
        assert main(["assess"]) == ExitCode.INTERRUPTED
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().err == ""


# -- colour ----------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(
    ("options", "environment", "coloured"),
    [
        ([], {"TERM": "xterm"}, True),
        (["--no-color"], {"TERM": "xterm"}, False),
        ([], {"NO_COLOR": "1", "TERM": "xterm"}, False),
        ([], {"TERM": "dumb"}, False),
        (["--json"], {"TERM": "xterm"}, False),
    ],
    ids=["terminal", "--no-color", "NO_COLOR", "TERM=dumb", "--json"],
)
def test_colour_only_on_a_terminal(options: list[str], environment: dict[str, str], coloured: bool) -> None:
    import pty

    ours, theirs = pty.openpty()
    environment = {name: value for name, value in here().items() if name != "NO_COLOR"} | environment
    process = subprocess.Popen([*PROGRAM, "assess", *options, *FIRST], stdout=theirs, env=environment)
    os.close(theirs)
    out = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        out += piece
    os.close(ours)
    assert process.wait(timeout=120) == 0
    assert (b"\x1b[" in out) == coloured
    plain = re.sub(rb"\x1b\[[0-9;]*m", b"", out).replace(b"\r\n", b"\n").decode()
    if not options:
        assert plain == program("assess", *FIRST).stdout


@pytest.mark.parametrize(("columns", "width"), [(200, 80), (80, 80), (60, 60), (40, 40), (10, 40)])
def test_a_network_keeps_to_the_terminal(
    columns: int, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((columns, 24)))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert main(["network", "show", "back_pain", "limb_numbness"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= width
    assert max(map(len, lines)) > width - 12
