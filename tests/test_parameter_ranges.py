"""The shipped numbers stay where the evidence puts them.

`pytest -s tests/test_parameter_ranges.py` prints the table: P(back pain), every cause given back pain
beside its anchor, and the article's five pictures, each with what brings it about and with its two
symptoms alone. The ranges are judgement bounded by Cambron et al. 2007 (one in ten uncomfortable after a
gentle professional massage, Wilson interval 5 to 18%) and by the figures for people who complain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

import massage_pain as mp

if TYPE_CHECKING:
    from massage_pain import Reasoner

GIVEN_BACK_PAIN = {
    "muscle_strain": 0.25,
    "impaired_circulation": 0.10,
    "back_injury": 0.07,
    "fasciitis": 0.12,
    "nerve_compression": 0.08,
    "ordinary_soreness": 0.40,
}
PICTURES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "muscle_strain": (
        {"static_posture": "present"},
        {"muscle_stiffness": "present", "local_tenderness": "present"},
    ),
    "impaired_circulation": (
        {"focal_pressure": "present"},
        {"local_numbness": "present", "aching": "present"},
    ),
    "back_injury": (
        {"prior_trauma": "present"},
        {"local_swelling": "present", "local_tenderness": "present"},
    ),
    "fasciitis": (
        {"cold_exposure": "present"},
        {"continuous_dull_pain": "present", "muscle_spasm": "present"},
    ),
    "nerve_compression": (
        {"massage_pressure": "excessive", "poor_technique": "present"},
        {"limb_numbness": "present", "restricted_movement": "present"},
    ),
}
MARGIN = 0.15


@pytest.fixture(scope="module")
def engine(back: Reasoner) -> mp.CompiledNetwork:
    return mp.CompiledNetwork(back.network)


def chance(engine: mp.CompiledNetwork, findings: Mapping[str, str], target: str) -> float:
    """P(target is present | findings)."""
    answers = engine.marginals(mp.Case(findings), targets=[target])
    return float(answers[target][0, engine.network.variable(target).present_index])


def causes(engine: mp.CompiledNetwork, findings: Mapping[str, str]) -> dict[str, float]:
    """P(cause | back pain, findings) for the six causes, highest first."""
    found = {cause: chance(engine, {"back_pain": "present", **findings}, cause) for cause in GIVEN_BACK_PAIN}
    return dict(sorted(found.items(), key=lambda each: -each[1]))


def test_the_chance_of_back_pain(engine: mp.CompiledNetwork) -> None:
    found = chance(engine, {}, "back_pain")
    print(f"\nP(back pain)                     {found:.3f}  (0.10 to 0.22)")
    assert 0.10 <= found <= 0.22


def test_the_chance_of_back_pain_without_any_factor(engine: mp.CompiledNetwork) -> None:
    lowest = {factor.id: factor.states[0] for factor in engine.network.factors}
    found = chance(engine, lowest, "back_pain")
    print(f"\nP(back pain | no factor)         {found:.3f}  (0.05 to 0.12)")
    assert 0.05 <= found <= 0.12


@pytest.mark.parametrize(("cause", "anchor"), GIVEN_BACK_PAIN.items())
def test_each_cause_given_back_pain(engine: mp.CompiledNetwork, cause: str, anchor: float) -> None:
    found = chance(engine, {"back_pain": "present"}, cause)
    print(f"\nP({cause} | back pain) {found:.3f}  ({anchor} and a third either way)")
    assert anchor * 2 / 3 <= found <= anchor * 4 / 3


@pytest.mark.parametrize("with_factors", [True, False], ids=["with_factors", "symptoms_alone"])
@pytest.mark.parametrize("cause", PICTURES)
def test_each_picture_of_the_article_puts_its_own_cause_first(
    engine: mp.CompiledNetwork, cause: str, with_factors: bool
) -> None:
    factors, symptoms = PICTURES[cause]
    found = causes(engine, {**(factors if with_factors else {}), **symptoms})
    rival = max(value for name, value in found.items() if name != cause)
    ranking = ", ".join(f"{name} {value:.2f}" for name, value in found.items())
    print(f"\n{cause}, {'with factors' if with_factors else 'symptoms alone'}: {ranking}")
    assert found[cause] - rival >= MARGIN, ranking
