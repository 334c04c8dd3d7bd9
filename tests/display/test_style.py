"""Contrast, computed from the tokens (WCAG 2.2, relative luminance)."""

from __future__ import annotations

import re

import pytest

from massage_pain.display.style import SHEET, TOKENS

WHITE = ("#ffffff", "#ffffff")


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_formula() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


TEXT = [
    *((ink, ground) for ink in ("ink", "ink2") for ground in ("bg", "bg2")),
    *(("ink", tint) for tint in ("t2", "t3")),
    *((word, ground) for word in ("for", "against", "a1") for ground in ("bg", "bg2")),
    ("a2", "t2"),
    ("a3", "t3"),
    ("solid", "bg"),
]
OUTLINES = [("edge", "bg"), ("edge", "bg2"), ("solid", "pale"), ("a4", "bg"), ("a5", "bg"), ("ink", "pale")]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("word", "ground"), TEXT)
def test_words_can_be_read(word: str, ground: str, theme: int) -> None:
    assert contrast(TOKENS[word][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), OUTLINES)
def test_outlines_can_be_seen(line: str, ground: str, theme: int) -> None:
    assert contrast(TOKENS[line][theme], TOKENS[ground][theme]) >= 3


@pytest.mark.parametrize("fill", ["f4", "f5"])
def test_white_words_on_the_urgent_headers(fill: str) -> None:
    assert all(contrast(colour, "#ffffff") >= 4.5 for colour in TOKENS[fill])


def test_the_words_in_the_white_pill() -> None:
    pill = re.search(r"\.u5 \.k\{background:#fff;color:(#\w{6})", SHEET)
    assert pill
    assert contrast(pill[1], "#ffffff") >= 4.5


def test_every_colour_used_is_a_token_and_every_token_has_a_light_fallback() -> None:
    used = set(re.findall(r"var\(--([\w]+)\)", SHEET)) - {"u", "uh", "ut", "ui"}
    assert used <= set(TOKENS)
    fallback = SHEET.split("@supports not", 1)[1]
    assert all(f"--{name}:{light};" in fallback for name, (light, _) in TOKENS.items())


def test_the_sheet_reaches_nothing_but_cards_and_nothing_smaller_than_12_px() -> None:
    assert SHEET.count("{") == SHEET.count("}")
    assert all(int(size) >= 12 for size in re.findall(r"font-size:(\d+)px", SHEET))
    rules = re.sub(r"@[^{]+\{", "", SHEET)
    for selector in re.findall(r"([^{}]+)\{", rules):
        assert all(".mp.mp" in each for each in selector.split(",")), selector


def test_the_hosts_say_what_is_dark_and_the_operating_system_does_not() -> None:
    assert "prefers-color-scheme" not in SHEET
    for host in ("body[data-jp-theme-light=false]", "body.vscode-dark", "html[data-theme=dark]"):
        assert f"{host} .mp.mp" in SHEET


def test_the_light_high_contrast_of_vs_code_is_light() -> None:
    """It bears the class of the dark one as well."""
    dark = SHEET.split("{color-scheme:dark}")[0].split("{color-scheme:light}")[1]
    assert "body.vscode-high-contrast:not(.vscode-high-contrast-light) .mp.mp" in dark
    assert "body.vscode-high-contrast-light .mp.mp" in SHEET.split("{color-scheme:light}")[0]
