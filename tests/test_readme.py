"""What the README shows is what happens."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

import massage_pain as mp
from massage_pain.cli import main
from massage_pain.command_line.exit_codes import ExitCode

CHECKOUT = Path(__file__).resolve().parents[1]
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
COMMANDS = re.findall(r"^python3 -m venv .*$", README, flags=re.MULTILINE)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def test_the_python_runs_and_prints_what_is_shown() -> None:
    (code,) = blocks("python")
    line = README[: README.index(code)].count("\n")
    examples = doctest.DocTestParser().get_doctest(code, {}, "README.md", "README.md", line)
    assert len(examples.examples) >= 10
    assert doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(examples).failed == 0


def test_there_are_two_commands() -> None:
    first, second = COMMANDS
    # .ci/run finds and runs them word for word, each in a fresh copy of the checkout.
    assert re.fullmatch(
        r"python3 -m venv \.venv && \.venv/bin/pip install -q \. && \.venv/bin/massage-pain assess .*", first
    )
    assert second == 'python3 -m venv .venv && .venv/bin/pip install -q -e ".[test]" && .venv/bin/pytest'


def test_the_first_command_prints_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    typed = shlex.split(COMMANDS[0].rpartition("&&")[2])
    assert main(typed[1:]) == 0
    printed = capsys.readouterr().out
    (shown,) = blocks("text")
    beginning, cut, rest = shown.partition("[...]\n")
    assert cut
    assert rest == ""
    assert printed.startswith(beginning)
    assert len(beginning.splitlines()) > 10


def test_ci_runs_the_commands_of_the_readme() -> None:
    script = (CHECKOUT / ".ci" / "run").read_text(encoding="utf-8")
    patterns = re.findall(r"readme_line '(.*)'", script)
    assert [[bool(re.search(each, line)) for line in COMMANDS] for each in patterns] == [
        [False, True],
        [True, False],
    ]


def test_the_exit_codes_are_right() -> None:
    table = re.findall(r"^\| (\d+) \|", README, flags=re.MULTILINE)
    assert {int(each) for each in table} <= set(ExitCode)
    assert {0, 1, 2, 10, 20, 30} <= {int(each) for each in table}


def test_the_picture_is_the_network_drawn_by_the_library() -> None:
    from massage_pain.display.network_drawing import network_svg

    assert "](docs/network.svg)" in README
    stored = (CHECKOUT / "docs" / "network.svg").read_text(encoding="utf-8")
    assert stored == network_svg(mp.load().network), (
        "docs/network.svg is out of date: massage-pain network export back_pain docs/network.svg --overwrite"
    )


def test_links_of_the_readme_lead_somewhere() -> None:
    """Those between pages of docs/ are checked in test_docs."""
    for target in re.findall(r"\]\((?!https?://)([^)#]*)(?:#[^)]*)?\)", README):
        if target:
            assert (CHECKOUT / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda each: each.name)
def test_anchors_lead_to_a_heading(page: Path) -> None:
    for target, anchor in re.findall(
        r"\]\((?!https?://)([^)#]*)#([^)]*)\)", page.read_text(encoding="utf-8")
    ):
        text = ((page.parent / target) if target else page).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
        assert anchor in {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}
