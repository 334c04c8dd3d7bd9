"""networks/README.md, the page of the format: its examples load, and it names every key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from massage_pain.advice.rule_reader import read_rules
from massage_pain.advice.urgency import Urgency
from massage_pain.knowledge import toml_reader, toml_tables
from massage_pain.knowledge.catalogue import networks_folder
from massage_pain.knowledge.linter import WARNING, check
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.parameter import GRADES
from massage_pain.knowledge.toml_reader import read_toml_network
from massage_pain.knowledge.variable import ROLES
from massage_pain.reasoner import Reasoner

PAGE = (networks_folder() / "README.md").read_text(encoding="utf-8")
NETWORK, RED_FLAGS, ADVICE = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def network() -> Network:
    return read_toml_network(NETWORK, file="the example")


def test_the_example_is_a_sensible_network(network: Network) -> None:
    assert [str(each) for each in check(network) if each.level == WARNING] == []
    assert {type(each).__name__ for each in network.distributions} == {"Table", "NoisyMax"}
    assert {each.role for each in network.variables} == {"factor", "cause", "symptom", "screening"}


def test_the_example_can_be_assessed_with_its_rules(network: Network, tmp_path: Path) -> None:
    red_flags, advice = tmp_path / "red_flags.toml", tmp_path / "advice.toml"
    red_flags.write_text(RED_FLAGS, encoding="utf-8")
    advice.write_text(ADVICE, encoding="utf-8")
    rules = read_rules(network, red_flags=red_flags, advice=advice)
    reasoner = Reasoner(network, rules=rules)
    seen = reasoner.assess({"tingling": "hand", "overhead_work": "absent"})
    assert next(iter(seen.posterior.probabilities)) == "pinched_nerve"
    assert seen.urgency is Urgency.SEE_DOCTOR
    assert reasoner.assess({"chest_pain": True}).urgency is Urgency.EMERGENCY


def test_the_compact_table_of_the_page(network: Network) -> None:
    table = PAGE[PAGE.index("    [variables.xray.table]") :].split("\n\n")[0]
    lines = [line.removeprefix("    ") for line in table.splitlines()]
    more = '[variables.xray]\nform = "table"\nparents = ["strain"]\n' + "\n".join(lines)
    text = (
        NETWORK.replace("[sources.me]", '[sources.old_file]\ncitation = "An old file."\n[sources.me]') + more
    )
    assert read_toml_network(text, file="the example").cpd("xray").tolist() == [[0.95, 0.05], [0.02, 0.98]]


def test_the_page_names_every_key_role_and_grade() -> None:
    keys = {
        *toml_reader._VARIABLE_KEYS,
        *toml_reader._NETWORK_KEYS,
        *toml_reader._SOURCE_KEYS,
        *toml_reader._PARAMETER_KEYS,
        *toml_tables._COMPACT_KEYS,
    }
    for word in (*keys, *ROLES, *GRADES):
        assert re.search(rf"\b{re.escape(word)}(?![\w])", PAGE), word
    for grade, meaning in GRADES.items():
        assert f"| `{grade}` |" in PAGE, meaning
