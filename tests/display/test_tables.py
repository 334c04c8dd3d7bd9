"""Reports as text and as a card: they fit, nothing is lost, nothing gets through."""

from __future__ import annotations

import pytest

from massage_pain.display.tables import Report, Table, as_html, as_text, columns, report_of, wrapped

EVIL = '<img src=x onerror="alert(1)">'


def a_report(
    rows: int = 3, name: str = "Pressure held on one spot, when nothing else is the cause"
) -> Report:
    return Report(
        "How sure",
        "Nerve compression stays first: 70%, between 55% and 78%",
        ("One sentence that is long enough to be broken over two lines of a terminal, or even of three.",),
        (
            Table(
                ("Cause", "Value and range", "Share"),
                tuple((f"{name} {at}", "0.65 (0.35 to 0.90)", f"{at}%") for at in range(rows)),
                caption="What carries most.",
                numbers=(1, 2),
                strong=(0,),
                shown=2,
                heading="What to study next",
            ),
        ),
        ("A note at the foot.",),
    )


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_text_fits_the_width_and_loses_no_word(width: int) -> None:
    text = as_text(a_report(), width, encoding="utf-8")
    assert max(map(columns, text.splitlines())) <= width
    words = " ".join(text.split())
    for said in (
        "How sure",
        "What to study next",
        "What carries most.",
        "A note at the foot.",
        "0.65 (0.35 to",
    ):
        assert said in words
    assert "and 1 more; to_frame() has them all." in words


def test_numbers_stand_to_the_right() -> None:
    table = Table(("Name", "Chance"), (("a", "5%"), ("b", "100%")), numbers=(1,))
    lines = as_text(Report("k", "t", tables=(table,)), encoding="utf-8").splitlines()
    assert lines[-2:] == ["a         5%", "b       100%"] or lines[-2].endswith("  5%")


def test_html_shows_every_row() -> None:
    html = as_html(a_report(rows=5))
    for at in range(5):
        assert f"nothing else is the cause {at}" in html
    assert "0.65 (0.35 to 0.90)" in html
    assert "<style>" in html
    assert "<style>" not in as_html(a_report(), style=False)


def test_what_comes_from_outside_is_escaped_everywhere() -> None:
    evil = Report(EVIL, EVIL, (EVIL,), (Table((EVIL,), ((EVIL,),), EVIL, heading=EVIL),), (EVIL,))
    html = as_html(evil)
    assert "<img" not in html
    assert html.count("&lt;img") >= 8
    hidden = "back\u202epain\x1b[31m"
    for text in (as_text(Report(hidden, hidden), encoding="utf-8"), as_html(Report(hidden, hidden))):
        assert "\u202e" not in text
        assert "\x1b" not in text


def test_an_old_terminal_gets_plain_letters() -> None:
    report = Report("k", "odds × 14, −0.9 bits → “less” · 痛み")
    text = as_text(report, encoding="ascii")
    assert 'odds x 14, -0.9 bits -> "less" - ' in text
    assert text.isascii()
    assert as_text(report, encoding="no-such-encoding").isascii()


def test_words_are_never_broken() -> None:
    assert wrapped("a " + "x" * 50, 10) == ["a", "x" * 50]
    assert wrapped("", 10) == [""]
    assert wrapped("about 6 in 10 people", 12) == ["about", "6 in 10", "people"]


def test_a_kind_without_a_room_is_a_mistake_of_ours() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_kind"):
        report_of({"kind": "no_such_kind"})
