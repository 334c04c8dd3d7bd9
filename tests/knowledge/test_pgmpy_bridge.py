"""To pgmpy and back: the same bits, the same posteriors, and every way in which a model is not whole."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from massage_pain.errors import (
    ComplexityError,
    EvidenceError,
    InvalidNetworkError,
    MissingExtraError,
    UnsupportedModelError,
)
from massage_pain.inference.case import Likelihood
from massage_pain.knowledge.distributions import NoisyMax, Table
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.pgmpy_bridge import PgmpyElimination, from_pgmpy, to_pgmpy
from massage_pain.knowledge.variable import Variable
from tests.conftest import SEED
from tests.strategies import Enumeration, chain_of_three, parameter, random_findings, random_network

models = pytest.importorskip("pgmpy.models")
factors = pytest.importorskip("pgmpy.factors.discrete")


def rain_model(**replaced: Any) -> Any:
    """A network of three variables as a pgmpy user writes it, with some CPDs replaced or left out."""
    model = models.DiscreteBayesianNetwork([("rain", "wet"), ("sprinkler", "wet")])
    states = {"rain": ["no", "yes"], "sprinkler": ["off", "on"], "wet": ["dry", "damp", "soaked"]}
    cpds = {
        "rain": factors.TabularCPD("rain", 2, [[0.8], [0.2]], state_names={"rain": states["rain"]}),
        "sprinkler": factors.TabularCPD(
            "sprinkler", 2, [[0.6], [0.4]], state_names={"sprinkler": states["sprinkler"]}
        ),
        "wet": factors.TabularCPD(
            "wet",
            3,
            [[1.0, 0.5, 0.2, 0.1], [0.0, 0.25, 0.3, 0.2], [0.0, 0.25, 0.5, 0.7]],
            evidence=["rain", "sprinkler"],
            evidence_card=[2, 2],
            state_names=states,
        ),
    } | replaced
    model.cpds = [each for each in cpds.values() if each is not None]
    return model


WET = [
    [[1.0, 0.0, 0.0], [0.5, 0.25, 0.25]],
    [[0.2, 0.3, 0.5], [0.1, 0.2, 0.7]],
]


# -- there -----------------------------------------------------------------------------------------


def test_to_pgmpy_keeps_names_states_links_and_bits() -> None:
    generator = np.random.default_rng(SEED)
    for _ in range(50):
        network = random_network(generator, int(generator.integers(1, 8)))
        model = to_pgmpy(network)
        assert model.check_model()
        assert model.name == network.name
        assert list(model.nodes()) == [each.id for each in network.nodes]
        for each in network.nodes:
            cpd = model.get_cpds(each.id)
            assert tuple(cpd.variables[1:]) == network.parents(each.id)
            assert cpd.state_names[each.id] == list(each.states)
            assert np.array_equal(np.moveaxis(cpd.values, 0, -1), network.cpd(each.id))
            # pgmpy's columns: the last parent fastest.
            columns = network.cpd(each.id).reshape(-1, len(each.states)).T
            assert np.array_equal(cpd.get_values(), columns)


def test_to_pgmpy_leaves_screening_answers_out() -> None:
    network = Network(
        "n",
        (Variable(id="a"), Variable(id="fever", role="screening")),
        (Table("a", (), np.array([0.7, 0.3])),),
    )
    assert list(network.to_pgmpy().nodes()) == ["a"]


def test_to_pgmpy_refuses_a_table_too_large_to_write_out() -> None:
    names = [f"p{i}" for i in range(20)]
    links = {each: {"present": {"present": parameter(0.5)}} for each in names}
    network = Network(
        "n",
        tuple(Variable(id=each) for each in [*names, "c"]),
        (
            *(Table(each, (), np.array([0.5, 0.5])) for each in names),
            NoisyMax("c", {"present": parameter(0.1)}, links),
        ),
    )
    with pytest.raises(ComplexityError, match="'c' with 20 parents would have 2,097,152 cells"):
        to_pgmpy(network)


# -- and back --------------------------------------------------------------------------------------


def test_there_and_back_is_the_same_to_the_last_bit() -> None:
    generator = np.random.default_rng(SEED + 1)
    for _ in range(50):
        network = random_network(generator, int(generator.integers(1, 8)))
        again = from_pgmpy(to_pgmpy(network), name=network.name)
        assert [each.id for each in again.nodes] == [each.id for each in network.nodes]
        for each in network.nodes:
            assert again.variable(each.id).states == each.states
            assert again.parents(each.id) == network.parents(each.id)
            assert again.cpd(each.id).tobytes() == np.ascontiguousarray(network.cpd(each.id)).tobytes()


def test_from_pgmpy_reads_columns_in_pgmpys_order() -> None:
    model = rain_model()
    assert model.check_model()
    network = Network.from_pgmpy(model, name="lawn")
    assert network.name == "lawn"
    assert network.parents("wet") == ("rain", "sprinkler")
    assert network.cpd("wet").tolist() == WET
    number = network.parameters["wet", "table", "yes", "off", "damp"]
    assert (number.value, number.source, number.grade) == (0.3, ("lawn",), "U")
    assert network.sources["lawn"].citation == (
        "The pgmpy model 'lawn', which names no source for its numbers."
    )


def test_from_pgmpy_changes_nothing_in_the_model() -> None:
    model = rain_model()
    before = [each.copy() for each in model.cpds]
    from_pgmpy(model)
    assert model.cpds == before
    assert model.check_model()


def test_a_childs_copy_of_its_parents_states_is_matched_by_name() -> None:
    wet = factors.TabularCPD(
        "wet",
        3,
        [[0.2, 0.1, 1.0, 0.5], [0.3, 0.2, 0.0, 0.25], [0.5, 0.7, 0.0, 0.25]],
        evidence=["rain", "sprinkler"],
        evidence_card=[2, 2],
        state_names={
            "wet": ["dry", "damp", "soaked"],
            "rain": ["yes", "no"],
            "sprinkler": ["off", "on"],
        },
    )
    assert from_pgmpy(rain_model(wet=wet)).cpd("wet").tolist() == WET


def test_the_order_of_parents_is_that_of_the_cpd() -> None:
    wet = rain_model().get_cpds("wet").copy()
    wet = wet.reorder_parents(["sprinkler", "rain"], inplace=False)
    cpd = factors.TabularCPD(
        "wet",
        3,
        wet,
        evidence=["sprinkler", "rain"],
        evidence_card=[2, 2],
        state_names=rain_model().get_cpds("wet").state_names,
    )
    network = from_pgmpy(rain_model(wet=cpd))
    assert network.parents("wet") == ("sprinkler", "rain")
    assert network.cpd("wet").transpose(1, 0, 2).tolist() == WET


@pytest.mark.parametrize(
    ("states", "text"),
    [
        ([0, 1], ("0", "1")),
        ([False, True], ("False", "True")),
        ([np.int64(3), 1.5], ("3", "1.5")),
        (["a", 1], ("a", "1")),
    ],
)
def test_states_that_are_not_text_become_text(states: list[Any], text: tuple[str, str]) -> None:
    cpd = factors.TabularCPD("a", 2, [[0.25], [0.75]], state_names={"a": states})
    model = models.DiscreteBayesianNetwork()
    model.add_node("a")
    model.add_cpds(cpd)
    assert from_pgmpy(model).variable("a").states == text


def test_cpds_without_state_names_have_numbered_states() -> None:
    model = models.DiscreteBayesianNetwork([(1, "b")])
    model.add_cpds(
        factors.TabularCPD(1, 2, [[0.25], [0.75]]),
        factors.TabularCPD("b", 2, [[0.1, 0.2], [0.9, 0.8]], evidence=[1], evidence_card=[2]),
    )
    network = from_pgmpy(model)
    assert [each.id for each in network.nodes] == ["1", "b"]
    assert network.variable("1").states == ("0", "1")
    assert network.cpd("b").tolist() == [[0.1, 0.9], [0.2, 0.8]]


def test_a_naive_bayes_model_is_a_discrete_network_too() -> None:
    model = models.NaiveBayes(["x"], "c")
    model.add_cpds(
        factors.TabularCPD("c", 2, [[0.25], [0.75]]),
        factors.TabularCPD("x", 2, [[0.1, 0.2], [0.9, 0.8]], evidence=["c"], evidence_card=[2]),
    )
    assert from_pgmpy(model).parents("x") == ("c",)


def test_a_table_over_the_limit_is_taken_in_since_it_is_in_memory_already() -> None:
    names = [f"p{i}" for i in range(20)]
    model = models.DiscreteBayesianNetwork([(each, "c") for each in names])
    model.cpds = [factors.TabularCPD(each, 2, [[0.5], [0.5]]) for each in names]
    model.cpds.append(
        factors.TabularCPD("c", 2, np.full((2, 2**20), 0.5), evidence=names, evidence_card=[2] * len(names))
    )
    assert from_pgmpy(model).cpd("c").size == 2**21


# -- models that are not whole ---------------------------------------------------------------------


def cpd(variable: str, rows: list[list[float]], **states: list[Any]) -> Any:
    parents = [each for each in states if each != variable]
    return factors.TabularCPD(
        variable,
        len(rows),
        rows,
        evidence=parents,
        evidence_card=[len(states[each]) for each in parents],
        state_names=states,
    )


HALF = [[0.5], [0.5]]
REFUSED = {
    "missing CPDs, all of them": (
        lambda: rain_model(rain=None, wet=None),
        "The model has no CPD for: rain, wet.",
    ),
    "two CPDs": (
        lambda: rain_model(more=cpd("rain", HALF, rain=["no", "yes"])),
        "The model has two CPDs for 'rain'.",
    ),
    "a CPD for a stranger": (
        lambda: rain_model(more=cpd("snow", HALF, snow=["no", "yes"])),
        "There is a CPD for 'snow', which is no variable of the model.",
    ),
    "other parents": (
        lambda: rain_model(wet=cpd("wet", [[0.5, 0.5], [0.5, 0.5]], wet=["dry", "damp"], rain=["no", "yes"])),
        "The parents of 'wet' are rain, sprinkler in the graph but rain in its CPD.",
    ),
    "no parents": (
        lambda: rain_model(wet=cpd("wet", HALF, wet=["dry", "damp"])),
        "The parents of 'wet' are rain, sprinkler in the graph but none in its CPD.",
    ),
    "other states of a parent": (
        lambda: rain_model(rain=cpd("rain", HALF, rain=["no", "maybe"])),
        "The CPD of 'wet' lists the states of 'rain' as no, yes; its own CPD lists no, maybe.",
    ),
    "another count of states": (
        lambda: rain_model(rain=cpd("rain", [[0.5], [0.25], [0.25]], rain=["no", "yes", "hail"])),
        "The CPD of 'wet' lists the states of 'rain' as no, yes; its own CPD lists no, yes, hail.",
    ),
    "states that read the same": (
        lambda: rain_model(rain=cpd("rain", HALF, rain=[1, "1"])),
        "Two states of 'rain' read the same when written: 1 (int) and '1' (str).",
    ),
    "states without names": (
        lambda: rain_model(
            wet=factors.TabularCPD(
                "wet",
                2,
                [[0.5] * 4, [0.5] * 4],
                evidence=["rain", "sprinkler"],
                evidence_card=[2, 2],
                state_names={"wet": ["dry", "damp"]},
            )
        ),
        "The CPD of 'wet' names no states for 'rain'; give it state_names for the variable and all its "
        "parents.",
    ),
    "too few state names": (
        lambda: rain_model(
            rain=factors.TabularCPD("rain", 2, HALF, state_names={"rain": ["no"]}),
        ),
        "The CPD of 'rain' has 2 states for 'rain' but names 1: no.",
    ),
    "blank state": (
        lambda: rain_model(rain=cpd("rain", HALF, rain=["", "yes"])),
        "A state of 'rain' must not be blank, got ''.",
    ),
    "columns that do not sum to one": (
        lambda: rain_model(sprinkler=cpd("sprinkler", [[0.6], [0.395]], sprinkler=["off", "on"])),
        "A column of the CPD of 'sprinkler' sums to 0.995; it must sum to 1 within 1e-06. "
        "TabularCPD.normalize() divides each column by its sum.",
    ),
    "NaN": (
        lambda: rain_model(rain=cpd("rain", [[math.nan], [0.5]], rain=["no", "yes"])),
        "P(rain = no) must be a probability from 0 to 1, got nan.",
    ),
    "empty": (
        lambda: models.DiscreteBayesianNetwork(),
        "The pgmpy model is empty: it needs at least one variable.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_model_that_is_not_whole_is_refused(case: str) -> None:
    make, sentence = REFUSED[case]
    with pytest.raises(InvalidNetworkError) as caught:
        from_pgmpy(make())
    assert str(caught.value) == sentence


def test_a_column_that_does_not_sum_to_one_is_named_by_its_parents() -> None:
    wet = rain_model().get_cpds("wet")
    wet.values[0, 1, 0] += 0.001
    with pytest.raises(InvalidNetworkError, match=r"'wet' sums to 1.001 \(given rain=yes, sprinkler=off\)"):
        from_pgmpy(rain_model(wet=wet))


def test_variables_that_read_the_same_are_refused() -> None:
    model = models.DiscreteBayesianNetwork()
    model.add_nodes_from([1, "1"])
    with pytest.raises(InvalidNetworkError) as caught:
        from_pgmpy(model)
    assert str(caught.value) == (
        "Two variables of the model read the same when written: 1 (int) and '1' (str)."
    )


def test_a_cycle_is_refused_with_its_path() -> None:
    networkx = pytest.importorskip("networkx")
    model = models.DiscreteBayesianNetwork([("a", "b")])
    networkx.DiGraph.add_edge(model, "b", "a")  # pgmpy's own method would notice
    states = {"a": ["0", "1"], "b": ["0", "1"]}
    half = [[0.5, 0.5], [0.5, 0.5]]
    model.cpds = [cpd("a", half, **states), cpd("b", half, **dict(reversed(states.items())))]
    with pytest.raises(InvalidNetworkError, match=r"The links form a cycle: (a -> b -> a|b -> a -> b)\."):
        from_pgmpy(model)


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("asia.bif", "got str."),
        (None, "got NoneType."),
        ({}, "got dict."),
        (models.DiscreteBayesianNetwork, "got type: it is a class; pass an instance."),
        (models.LinearGaussianBayesianNetwork(), "discretise them first."),
        (models.DynamicBayesianNetwork(), "write the slices out as one discrete network."),
        (models.DiscreteMarkovNetwork(), "it has no directions; use to_bayesian_model() first."),
        (models.FactorGraph(), "got FactorGraph: it has no directions."),
    ],
)
def test_what_is_no_discrete_network_is_refused(model: object, sentence: str) -> None:
    with pytest.raises(UnsupportedModelError) as caught:
        from_pgmpy(model)
    assert str(caught.value).startswith("from_pgmpy takes a pgmpy DiscreteBayesianNetwork, got ")
    assert str(caught.value).endswith(sentence)


def test_a_cpd_that_is_no_table_is_refused() -> None:
    with pytest.raises(UnsupportedModelError, match="Only TabularCPDs can be taken in, got DiscreteFactor"):
        from_pgmpy(rain_model(more=factors.DiscreteFactor(["rain"], [2], [0.5, 0.5])))


# -- when pgmpy is not there, or not yet -------------------------------------------------------------


def test_without_pgmpy_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    network = chain_of_three()
    monkeypatch.setitem(sys.modules, "pgmpy", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'pgmpy>=1\.1\.2,<1\.2'"):
        to_pgmpy(network)


def test_a_backend_that_rounds_is_refused() -> None:
    from pgmpy import config

    config.set_dtype("float32")
    try:
        with pytest.raises(UnsupportedModelError, match="float32"):
            to_pgmpy(chain_of_three())
    finally:
        config.set_dtype("float64")


def test_pgmpy_is_imported_only_when_it_is_needed() -> None:
    """Not even to say that something is no model of pgmpy's."""
    code = (
        "import sys, massage_pain.knowledge.pgmpy_bridge as bridge\n"
        "try: bridge.from_pgmpy('asia.bif')\n"
        "except TypeError: pass\n"
        "print(sorted({each.split('.')[0] for each in sys.modules} & {'pgmpy', 'pandas', 'networkx'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# -- pgmpy's own inference ---------------------------------------------------------------------------


def split(findings: dict[str, Any], network: Network) -> tuple[dict[str, str], dict[str, list[float]]]:
    hard = {name: said for name, said in findings.items() if isinstance(said, str)}
    soft = {
        name: [said[state] for state in network.variable(name).states]
        for name, said in findings.items()
        if isinstance(said, Likelihood)
    }
    return hard, soft


def test_posteriors_and_evidence_agree_with_enumeration() -> None:
    generator = np.random.default_rng(SEED + 2)
    possible = impossible = 0
    for _ in range(60):
        network = random_network(generator, int(generator.integers(2, 7)))
        elimination = PgmpyElimination(to_pgmpy(network))
        whole = Enumeration(network)
        for _ in range(4):
            findings = random_findings(generator, network, soft=0.4)
            hard, soft = split(findings, network)
            table = whole.with_findings(findings)
            log_evidence = elimination.log_evidence(hard, soft)
            if table.sum() == 0.0:
                assert log_evidence == -math.inf
                impossible += 1
                continue
            possible += 1
            assert log_evidence == pytest.approx(math.log(table.sum()), abs=1e-11)
            count = int(generator.integers(1, 3))
            names = [each.id for each in network.nodes]
            targets = tuple(names[i] for i in generator.permutation(len(names))[:count])
            answer = elimination.query(targets, hard, soft)
            np.testing.assert_allclose(answer, whole.posterior(table, targets), atol=1e-12)
    assert possible > 50
    assert impossible > 20


def test_impossible_findings_are_noticed_wherever_they_are() -> None:
    """pgmpy's own query about D answers [1, 0] here: it never looks at B and C."""
    elimination = PgmpyElimination(to_pgmpy(chain_of_three()))
    assert elimination.log_evidence({"A": "0", "B": "1", "C": "0"}) == -math.inf
    assert elimination.log_evidence({"A": "0", "B": "1", "C": "1"}) == pytest.approx(math.log(0.25))
    assert elimination.log_evidence({}) == 0.0


def test_an_observed_target_has_all_its_probability_on_what_was_said() -> None:
    elimination = PgmpyElimination(to_pgmpy(chain_of_three()))
    joint = elimination.query(("D", "A", "B"), {"A": "1", "C": "1"})
    assert joint.shape == (2, 2, 2)
    np.testing.assert_allclose(joint, [[[0, 0], [0.3, 0]], [[0, 0], [0.7, 0]]], atol=1e-15)


def test_soft_findings_leave_nothing_behind() -> None:
    elimination = PgmpyElimination(to_pgmpy(chain_of_three()))
    before = elimination.query(("A",), {})
    soft = {"C": [1e-5, 2e-5]}
    assert elimination.log_evidence({}, soft) == pytest.approx(math.log(1.5e-5))
    assert elimination.query(("C",), {}, soft) == pytest.approx([1 / 3, 2 / 3])
    assert np.array_equal(elimination.query(("A",), {}), before)
    assert sorted(elimination.model.nodes()) == ["A", "B", "C", "D"]


def test_findings_too_unlikely_for_pgmpy_are_refused_and_not_answered_wrongly() -> None:
    """pgmpy answers 107 findings of 1e-3 with 0.0053646 where 0.0053753 is right, and 108 with NaN."""
    names = [f"f{i}" for i in range(20)]
    rare = np.array([[1 - 1e-15, 1e-15], [1 - 1.5e-15, 1.5e-15]])
    network = Network(
        "unlikely",
        tuple(Variable(id=each) for each in ["c", *names]),
        (
            Table("c", (), np.array([0.5, 0.5])),
            *(Table(each, ("c",), rare) for each in names),
        ),
    )
    elimination = PgmpyElimination(to_pgmpy(network))
    few = dict.fromkeys(names[:18], "present")
    ratio = 1.5**18
    assert elimination.log_evidence(few) == pytest.approx(
        18 * math.log(1e-15) + math.log((1 + ratio) / 2), abs=1e-9
    )
    assert elimination.query(("c",), few) == pytest.approx([1 / (1 + ratio), ratio / (1 + ratio)])
    with pytest.raises(EvidenceError) as caught:
        elimination.log_evidence(dict.fromkeys(names, "present"))
    assert str(caught.value) == (
        "The findings together have a probability below 1e-282, too small for pgmpy to be right about; "
        "the library's own engine can do it."
    )
