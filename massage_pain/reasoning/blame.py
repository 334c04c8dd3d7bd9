"""How far each cause is to blame for an outcome: its necessity and sufficiency (Pearl 2009, section 9.2).

Necessity: the cause was there and the outcome happened; the chance that without the cause it would not have.
Sufficiency: neither was there; the chance that with the cause the outcome would have happened.

Where causes bring about the outcome directly, and by no way round, nothing but the outcome's own mechanism is
in two worlds. Given the actual state of all causes that mechanism has nothing to do with anything else, so
the posterior of the causes together and one table for the network do it. Everywhere else a twin network does,
a row a cause.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np

from massage_pain.inference.evidence import SOFT, Evidence
from massage_pain.inference.propagation import Engine
from massage_pain.inference.twin_network import TwinAnswer, pairs_given_parents, twin_answer
from massage_pain.knowledge.distributions import FloatArray
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.variable import Variable
from massage_pain.reasoning.derivatives import findings_of
from massage_pain.reasoning.surgery import below, without_findings

Blame = tuple[float | None, float | None]
"""Necessity and sufficiency; None where it would be a share of nothing."""


def blame_of_causes(engine: Engine, happened: Evidence, effect: Variable) -> list[Blame]:
    """Of each cause for `effect`, in the network's order, in a case where it `happened`."""
    pairs = _direct_pairs(engine.network, effect)
    if pairs is None:
        return _by_twin(engine.network, happened, effect)
    without = _with_likelihood(
        circumstances(engine.network, happened, effect), effect.id, did_not_happen(effect)[:, 0]
    )
    did = np.arange(len(effect.states)) == effect.present_index
    stays = _happening(engine, happened, effect, pairs, did, present=True)
    comes = _happening(engine, without, effect, pairs, ~did, present=False)
    return [(None if a is None else 1.0 - a, b) for a, b in zip(stays, comes, strict=True)]


def circumstances(
    network: Network, happened: Evidence, effect: Variable, changed: Collection[str] = ()
) -> Evidence:
    """The case without what a cause (or something `changed`) is, brings about, or shows as."""
    names = {each.id for each in network.causes} | {effect.id} | set(changed)
    return without_findings(happened, names | below(network, sorted(names)))


def did_not_happen(effect: Variable) -> FloatArray:
    """The likelihood of its states when it did not happen, (states, 1)."""
    found = np.ones((len(effect.states), 1))
    found[effect.present_index] = 0.0
    return found


def happens(answer: TwinAnswer, effect: Variable, row: int) -> float | None:
    """P(the outcome happens in the other world); None where the findings of the row are impossible."""
    if np.isneginf(answer.log_evidence[row]):
        return None
    return float(min(1.0, answer.pairs[effect.id][:, effect.present_index, row].sum()))


# -- where causes bring about the outcome directly -----------------------------------------------------

_kept: WeakKeyDictionary[Network, dict[str, FloatArray | None]] = WeakKeyDictionary()


def _direct_pairs(network: Network, effect: Variable) -> FloatArray | None:
    """P(actual, other | parents), its row i for another state of cause i; None where there are other ways.

    (parent states..., states, states, 2 n_causes): first without each cause, then with each.
    """
    kept = _kept.setdefault(network, {})
    if effect.id not in kept:
        causes = network.causes
        names = [each.id for each in causes]  # another state of a cause may be what is judged
        apart = all(len(each.states) == 2 for each in causes) and effect.id not in names
        changes = [
            *({each.id: 1 - each.present_index} for each in causes if apart),
            *({each.id: each.present_index} for each in causes if apart),
        ]
        inside = set(names).issuperset(network.parents(effect.id))
        kept[effect.id] = pairs_given_parents(network, effect.id, changes) if apart and inside else None
    return kept[effect.id]


def _happening(
    engine: Engine, evidence: Evidence, effect: Variable, pairs: FloatArray, did: FloatArray, *, present: bool
) -> list[float | None]:
    """For each cause P(the outcome happens in the other world), had the cause not been as it was.

    Given the evidence, that the cause was there (`present`) or not, and that the outcome was in one of the
    states `did`, which the evidence says as well.
    """
    network = engine.network
    causes = [each.id for each in network.causes]
    joint = engine.propagate(evidence, tuple(causes), joint=True).joint
    assert joint is not None
    parents = network.parents(effect.id)
    actual = pairs[..., did, :, :].sum(axis=-3)  # (parents..., other states, rows)
    known = actual.sum(axis=-2)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(known > 0.0, actual[..., effect.present_index, :] / known, 0.0)
    order = sorted(range(len(parents)), key=lambda at: causes.index(parents[at]))
    shape = [2 if each in parents else 1 for each in causes]
    share = share.transpose(*order, -1).reshape(*shape, -1)
    found: list[float | None] = []
    for at, cause in enumerate(network.causes):
        state = cause.present_index if present else 1 - cause.present_index
        there = joint[0].take(state, axis=at)
        total = there.sum()
        row = share[..., at if present else at + len(causes)].take(min(state, shape[at] - 1), axis=at)
        found.append(float(min(1.0, (there * row).sum() / total)) if total > 0.0 else None)
    return found


def _with_likelihood(one: Evidence, name: str, likelihood: FloatArray) -> Evidence:
    return replace(
        one,
        codes={**one.codes, name: np.full(1, SOFT, dtype=np.int16)},
        likelihoods={**one.likelihoods, name: likelihood[None, :]},
    )


# -- everywhere else -----------------------------------------------------------------------------------


def _by_twin(network: Network, happened: Evidence, effect: Variable) -> list[Blame]:
    causes = network.causes
    names = {each.id for each in causes} - {effect.id}  # that the outcome happened stays known of it
    fixed, soft = findings_of(network, happened)
    there = twin_answer(
        network,
        {name: state for name, state in fixed.items() if name not in names},
        {**soft, **_rows(network, effect, fixed, soft, present=True)},
        [{each.id: _without(each)} for each in causes],
        [effect.id],
    )
    known, likely = findings_of(network, circumstances(network, happened, effect))
    likely[effect.id] = did_not_happen(effect)
    not_there = twin_answer(
        network,
        known,
        {**likely, **_rows(network, effect, {}, likely, present=False)},
        [{each.id: each.present_index} for each in causes],
        [effect.id],
    )
    found: list[Blame] = []
    for row, each in enumerate(causes):
        if each.id == effect.id or len(each.states) < 2:
            found.append((None, None))
            continue
        stays = happens(there, effect, row)
        found.append((None if stays is None else 1.0 - stays, happens(not_there, effect, row)))
    return found


def _rows(
    network: Network,
    effect: Variable,
    fixed: Mapping[str, int],
    soft: Mapping[str, FloatArray],
    *,
    present: bool,
) -> dict[str, FloatArray]:
    """Each cause's likelihood, row by row: what is known, and in row i that cause i is there (or not).

    Not of the outcome, where that is a cause itself.
    """
    found = {}
    for row, each in enumerate(network.causes):
        if each.id == effect.id:
            continue
        known = soft.get(each.id, np.ones((len(each.states), 1)))
        if each.id in fixed:
            known = np.eye(len(each.states))[fixed[each.id]][:, None]
        likelihood = np.repeat(known, len(network.causes), axis=1)
        there = np.arange(len(each.states)) == each.present_index
        likelihood[there != present, row] = 0.0
        found[each.id] = likelihood
    return found


def _without(cause: Variable) -> int:
    """The state of a cause that is not there: its lowest, unless that is the one that counts as present."""
    return 0 if cause.present_index else min(1, len(cause.states) - 1)
