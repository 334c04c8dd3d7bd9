"""The page of every number."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given, settings

from massage_pain.knowledge.catalogue import folder_of
from massage_pain.knowledge.files import read_network
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter_table import parameter_table
from tests.strategies import described_networks

PAGE = Path(__file__).resolve().parents[2] / "docs" / "parameters.md"


def rows(page: str) -> list[list[str]]:
    """The cells of every row of every table, without the heads."""
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in page.splitlines() if line.startswith("|")]
    return [row for row in cells if row[0].strip() not in ("Number", "---")]


def test_every_number_of_the_shipped_network_has_a_row() -> None:
    network = read_network(folder_of("back_pain"))
    page = parameter_table(network)
    found = rows(page)
    assert len(found) == len(network.parameters)
    for row, parameter in zip(
        sorted((each[1].strip(), each[3].strip()) for each in found),
        sorted((f"{each.value:.6g}", each.grade) for each in network.parameters.values()),
        strict=True,
    ):
        assert row == parameter
    assert f"There are {len(network.parameters):,}." in page
    for heading in ("## Factors", "## Causes", "## Complaint", "## Symptoms", "## Sources"):
        assert page.count(f"{heading}\n") == 1
    for source in network.sources.values():
        assert source.url in page
    assert parameter_table(read_network(folder_of("back_pain"))) == page


def test_one_variable_in_full() -> None:
    page = parameter_table(read_network(folder_of("back_pain")))
    head = "| Number | Value | Range | Grade | Sources | Note |\n|---|---|---|---|---|---|\n"
    start = "### Awkward posture\n\n`awkward_posture` (absent, present)\n\n"
    assert f"{start}{head}| prior: present | 0.15 |" in page


def test_the_page_in_the_documentation_is_up_to_date() -> None:
    """Written again by `massage-pain network export back_pain docs/parameters.md --overwrite`."""
    assert PAGE.read_text(encoding="utf-8") == parameter_table(read_network(folder_of("back_pain")))


@settings(max_examples=40)
@given(described_networks())
def test_no_name_breaks_the_page(network: Network) -> None:
    page = parameter_table(network)
    assert page.isascii() or page.replace("\n", "").isprintable()
    assert "<script" not in page
    found = rows(page)
    assert len(found) == len(network.parameters)
    assert {len(row) for row in found} == {6}
