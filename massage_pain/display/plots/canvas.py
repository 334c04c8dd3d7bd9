"""What every plot shares: axes, colours that suit their background, and words that stay words."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple

from massage_pain.display.escape import plain
from massage_pain.display.scales import Scale
from massage_pain.display.style import TOKENS
from massage_pain.display.urgent import Warned
from massage_pain.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WORDS: dict[str, Any] = {"parse_math": False, "usetex": False}
"""Given to every text: a name with two dollar signs is a name."""
_WIDTH = 8.0
_NAME, _TITLE, _LABEL = 32, 46, 62


class Canvas(NamedTuple):
    """Axes to draw on, and whether their background is dark."""

    ax: Axes
    dark: bool

    def color(self, name: str) -> str:
        """A colour of the look by its name."""
        return TOKENS[name][self.dark]

    def title(self, words: str) -> None:
        """The answer, over the axes."""
        self.ax.set_title("\n".join(wrap(plain(words), _TITLE)), loc="left", fontweight="bold", **WORDS)

    def warn(self, found: Warned) -> None:
        """How urgent the case is, before the title."""
        title = self.ax.get_title(loc="left")
        first = "\n".join(wrap(plain(found.line), _TITLE))
        words = title if title == found.title else f"{first}\n{title}"
        color = self.color(f"a{found.level}")
        self.ax.set_title(words, loc="left", fontweight="bold", color=color, **WORDS)

    def names(self, names: Sequence[str]) -> None:
        """The names of the rows, the first on top."""
        lines = [_lines(each) for each in names]
        self.ax.set_yticks(range(len(lines)), labels=lines, **WORDS)
        self.ax.set_ylim(len(lines) - 0.4, -0.6)
        self.ax.tick_params(axis="y", length=0)

    def numbers(self, places: Sequence[float], words: Sequence[str]) -> None:
        """A number for every row, at the right edge."""
        over = self.ax.get_yaxis_transform()
        for at, each in enumerate(words):
            self.ax.text(1.01, places[at], plain(each), transform=over, va="center", **WORDS)

    def across(self, scale: Scale, label: str) -> None:
        """The scale below, in percent."""
        from massage_pain.display.row_marks import percents

        places = [_place(scale, each) for each in scale.ticks]
        self.ax.set_xlim(_place(scale, scale.low), _place(scale, scale.high))
        self.ax.set_xticks(places, labels=[f"{percents(each)}%" for each in scale.ticks], **WORDS)
        self.label(label)
        self.grid()

    def label(self, words: str) -> None:
        """What the scale below means."""
        self.ax.set_xlabel("\n".join(wrap(plain(words), _LABEL)), **WORDS)

    def grid(self) -> None:
        """Quiet lines behind the bars, and no frame."""
        self.ax.grid(visible=True, axis="x", color=self.color("line"), linewidth=0.8)
        self.ax.set_axisbelow(True)
        for side in ("top", "right", "left"):
            self.ax.spines[side].set_visible(False)


def _lines(name: str) -> str:
    return "\n".join(line for part in name.split("\n") for line in wrap(plain(part), _NAME))


def _place(scale: Scale, value: float) -> float:
    from massage_pain.display.scales import log_odds

    return log_odds(value) if scale.odds else value


def canvas(ax: Axes | None, rows: int) -> Canvas:
    """The axes given, or new ones as high as `rows` rows need. Raises `MissingExtraError`."""
    try:
        from matplotlib import colors, pyplot
    except ImportError as error:
        raise MissingExtraError(
            f'A plot needs matplotlib ({error}): pip install "massage-pain[notebook]".'
        ) from None
    if ax is None:
        _, ax = pyplot.subplots(figsize=(_WIDTH, 1.6 + 0.45 * rows), layout="constrained")
    red, green, blue, opaque = colors.to_rgba(ax.get_facecolor())
    # a transparent background lies on an unknown page, and unknown pages are taken as light
    dark = opaque > 0 and 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.5
    return Canvas(ax, dark)
