"""Benchmarks: `python -m pytest tests/benchmarks`, and `--write-benchmarks` to renew docs/benchmarks.md.

A timing says as much about the machine as about the code, so none decides a test. What counts is the ratio
to a peer in the same run: the answers are checked equal first, then the contenders take turns. A target that
was missed is on the page, and fails nothing.
"""

from __future__ import annotations

import pytest

from tests.benchmarks.report import PAGE, Report, page


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-benchmarks", action="store_true", help=f"write docs/{PAGE.name}")


REPORT = pytest.StashKey[Report]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[REPORT] = Report()


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Report:
    """Where timings are written down."""
    return request.config.stash[REPORT]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash[REPORT].rows
    if not rows:
        return
    writes = config.getoption("--write-benchmarks")
    table = page(rows, PAGE.read_text(encoding="utf-8") if writes and PAGE.exists() else "")
    terminalreporter.write_line("")
    terminalreporter.write_line(table)
    if writes:
        PAGE.write_text(table, encoding="utf-8")
        terminalreporter.write_line(f"written: docs/{PAGE.name}")
