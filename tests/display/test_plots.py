"""Plots: axes in, axes out, no setting touched, names never read as mathematics."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

import massage_pain as mp
from massage_pain.display.style import TOKENS

matplotlib = pytest.importorskip("matplotlib", reason="plots need matplotlib")

CASE = {"limb_numbness": "present", "muscle_stiffness": "present", "local_swelling": "absent"}
BEFORE = {"massage_pressure": "excessive", "focal_pressure": "present"}
RESULTS: dict[str, Callable[[mp.Reasoner], Any]] = {
    "assessment": lambda back: back.assess(CASE),
    "explanation": lambda back: back.explain(CASE),
    "questions": lambda back: back.ask(CASE),
    "intervals": lambda back: back.intervals(CASE, draws=50),
    "sensitivity": lambda back: back.sensitivity(CASE),
    "what_if": lambda back: back.what_if(BEFORE, do={"massage_pressure": "light"}, draws=0),
    "ranking": lambda back: back.what_if(BEFORE, draws=0),
    "calibration": lambda back: back.calibration(back.simulate(300, seed=1)),
}
ALL = pytest.mark.parametrize("kind", RESULTS)


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    import matplotlib.pyplot as plt

    plt.switch_backend("Agg")
    yield
    plt.close("all")


@ALL
def test_it_draws_on_the_axes_given_and_returns_them(
    kind: str, back: mp.Reasoner, monkeypatch: pytest.MonkeyPatch
) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2)
    settings = dict(matplotlib.rcParams)
    monkeypatch.setattr(plt, "show", lambda *_: pytest.fail("show was called"))
    result = RESULTS[kind](back)
    assert result.plot(axes[0]) is axes[0]
    assert result.plot(ax=axes[1]) is axes[1]
    assert plt.get_fignums() == [figure.number]
    assert axes[0].get_title(loc="left")
    assert axes[0].get_xlabel()
    figure.canvas.draw()
    assert dict(matplotlib.rcParams) == settings


@ALL
def test_without_axes_it_makes_its_own(kind: str, back: mp.Reasoner) -> None:
    import matplotlib.pyplot as plt

    ax = RESULTS[kind](back).plot()
    ax.figure.canvas.draw()
    assert plt.get_fignums() == [ax.figure.number]


def test_the_bars_are_the_chances(back: mp.Reasoner) -> None:
    found = back.intervals(CASE, draws=50)
    bars = [each.get_width() for each in found.plot().patches]  # type: ignore[attr-defined]
    assert bars[0] == pytest.approx(found.low[0])
    assert bars[1] == pytest.approx(found.high[0] - found.low[0])


def test_the_title_of_an_emergency_is_the_call(back: mp.Reasoner) -> None:
    ax = back.assess({"saddle_numbness": "present"}).plot()
    assert ax.get_title(loc="left") == "Call emergency services now"


def test_one_number_has_a_curve(back: mp.Reasoner) -> None:
    found = back.sensitivity(CASE)
    key = found.keys[0]
    line = found.plot(key=key).lines[0]
    x, y = line.get_data()
    assert y[0] == pytest.approx(found.curve(key).at(0.0))
    assert x[-1] == found.curve(key).highest
    with pytest.raises(mp.UnknownVariableError):
        found.plot(key=("nothing", "prior", "present"))


def test_colours_follow_the_background(back: mp.Reasoner) -> None:
    import matplotlib.pyplot as plt
    from matplotlib.colors import to_hex

    for at, style in enumerate(("default", "dark_background")):
        with plt.style.context(style):
            bar = back.assess(CASE).plot().patches[0]
        assert to_hex(bar.get_facecolor()) == TOKENS["solid"][at]


@pytest.mark.parametrize("name", ["$x^2$ costs $5", "$\\frac{1}{", "100% \\textbf{no}", "a\x1b[31m b", "_^{"])
def test_a_name_is_never_mathematics(name: str, back: mp.Reasoner) -> None:
    changed = tuple(replace(each, label=name, question=name) for each in back.network.variables)
    reasoner = mp.Reasoner(replace(back.network, variables=changed))
    for kind, make in RESULTS.items():
        figure = make(reasoner).plot().figure
        figure.canvas.draw()
        words = [each.get_text() for each in figure.findobj(matplotlib.text.Text)]
        assert not any("\x1b" in each for each in words), kind


def test_it_says_what_to_install(back: mp.Reasoner, monkeypatch: pytest.MonkeyPatch) -> None:
    result = back.assess(CASE)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(mp.MissingExtraError, match=r'matplotlib .*pip install "massage-pain\[notebook\]"'):
        result.plot()


def test_nothing_but_a_plot_imports_matplotlib() -> None:
    code = (
        "import massage_pain as mp, sys; back = mp.load()\n"
        "for shown in back.assess({}), back.explain({}), back.draw({}): shown._repr_html_()\n"
        "print('matplotlib' in sys.modules, 'resvg_py' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("kind", [kind for kind in RESULTS if kind != "calibration"])
def test_a_plot_of_an_emergency_says_so_first(kind: str, back: mp.Reasoner) -> None:
    case = {**BEFORE, "saddle_numbness": "present"}
    of_case: dict[str, Callable[[], Any]] = {
        "assessment": lambda: back.assess(case),
        "explanation": lambda: back.explain(case),
        "questions": lambda: back.ask(case),
        "intervals": lambda: back.intervals(case, draws=50),
        "sensitivity": lambda: back.sensitivity(case),
        "what_if": lambda: back.what_if(case, do={"massage_pressure": "light"}, draws=0),
        "ranking": lambda: back.what_if(case, draws=0),
    }
    title = of_case[kind]().plot().get_title(loc="left")
    assert "call emergency services now" in title.splitlines()[0].lower()


@ALL
def test_no_word_is_cut_off_at_the_edge(kind: str, back: mp.Reasoner) -> None:
    ax = RESULTS[kind](back).plot()
    ax.figure.canvas.draw()
    width = ax.figure.bbox.width
    for words in (ax.title, ax._left_title, ax.xaxis.label, *ax.texts, *ax.get_yticklabels()):
        if words.get_text():
            box = words.get_window_extent()
            assert box.x0 >= -1
            assert box.x1 <= width + 1, words.get_text()
