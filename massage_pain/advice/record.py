"""The plain parts that an assessment and a screening share in their records.

A record is JSON-ready and replayable: it names the network and the rules by their fingerprints and holds
the findings in a form that `assess` and `screen` take back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from massage_pain.advice.answers import Said
from massage_pain.advice.counsel import Advice
from massage_pain.advice.open_questions import Unscreened
from massage_pain.advice.red_flags import RedFlag
from massage_pain.advice.rules import Rules
from massage_pain.advice.urgency import Contraindication, Urgency
from massage_pain.inference.posterior import Posterior
from massage_pain.knowledge.network import Network

DISCLAIMER = "For learning and decision support. Not a medical device."


def network_record(network: Network, rules: Rules | None) -> dict[str, Any]:
    """Which network and rules gave the answer; `rules_hash` is empty where there are none."""
    return {
        "name": network.name,
        "version": network.version,
        "title": network.title,
        "content_hash": network.content_hash,
        "rules_hash": "" if rules is None else rules.content_hash,
    }


def level_record(level: Urgency | Contraindication | None) -> dict[str, Any] | None:
    """A level by name and number; None where the network has no rules."""
    return None if level is None else {"name": level.name, "level": int(level)}


def said_record(said: Iterable[Said]) -> list[dict[str, Any]]:
    """The answers in words."""
    return [each._asdict() for each in said]


def causes_record(network: Network, posterior: Posterior, before: Posterior) -> list[dict[str, Any]]:
    """The causes, highest first, each with its chance before the findings."""
    return [
        {
            "id": cause,
            "label": network.variable(cause).label,
            "probability": probability,
            "before": before.probabilities[cause],
            "benign": network.variable(cause).benign,
        }
        for cause, probability in posterior.probabilities.items()
    ]


def advice_record(advice: Iterable[Advice]) -> list[dict[str, Any]]:
    """The advice, most urgent first."""
    return [
        {
            "id": each.id,
            "action": each.action,
            "kind": each.kind,
            "urgency": each.urgency.name,
            "because": each.because,
            "cautions": each.cautions,
            "article": each.article,
            "provenance": each.provenance,
            "sources": list(each.sources),
        }
        for each in advice
    ]


def red_flags_record(flags: Iterable[RedFlag]) -> list[dict[str, Any]]:
    """The red flags raised, most urgent first."""
    return [
        {
            "id": each.id,
            "label": each.label,
            "urgency": each.urgency.name,
            "action": each.action,
            "why": each.why,
            "because": list(each.because),
            "sources": list(each.sources),
        }
        for each in flags
    ]


def unscreened_record(questions: Iterable[Unscreened]) -> list[dict[str, Any]]:
    """The open safety questions; `contraindication` is None unless asked before a massage."""
    return [
        {
            "variable": each.variable,
            "label": each.label,
            "question": each.question,
            "urgency": None if each.urgency is None else each.urgency.name,
            "contraindication": None if each.contraindication is None else each.contraindication.name,
            "alone": None if each.alone is None else each.alone.name,
            "raised_by": each.raised_by,
            "unsure": each.unsure,
        }
        for each in questions
    ]


def sources_record(network: Network, *used: Iterable[str]) -> dict[str, dict[str, str]]:
    """Citation and address of every source used, each once."""
    found: dict[str, dict[str, str]] = {}
    for keys in used:
        for key in keys:
            source = network.sources.get(key)
            if source is not None and key not in found:
                found[key] = {"citation": source.citation, "url": source.url}
    return found
