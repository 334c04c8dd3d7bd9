"""What axe-core finds on a page."""

from __future__ import annotations

from typing import Any

GRAVE = ("serious", "critical")


def grave_violations(page: Any, axe_source: str, within: str) -> list[str]:
    """The serious and critical violations inside what the selector finds, a line each."""
    # Lab forbids scripts from elsewhere, not those the tester brings along
    page.evaluate(f"{axe_source}; null")
    found = page.evaluate(
        "within => axe.run(within, {resultTypes: ['violations']}).then(result => result.violations)", within
    )
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}"
        for each in found
        if each["impact"] in GRAVE
        for node in each["nodes"][:3]
    ]
