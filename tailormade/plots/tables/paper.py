"""The paper of a picture of a table: its heading, what explains it below, and room between them, all in inches."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.textpath import TextPath

from tailormade.plots.style import INK, MUTED, SMALL, TITLE, new_figure

MARGIN = 0.2
_HEADING, _LINE, _APART = 0.5, 0.16, 0.1


def paper(wide: float, high: float, heading: str, caption: Sequence[str]) -> tuple[Figure, float]:
    """Return a figure with a heading, lines below, and so much room, and where the room ends below.

    Example:
        >>> figure, bottom = paper(4.0, 3.0, "A heading", ["One line."])
        >>> figure.get_size_inches().round(2).tolist(), round(bottom, 2)
        ([4.4, 3.96], 0.46)
    """
    below = MARGIN + _LINE * len(caption) + _APART
    lines = max((text_width(line, SMALL) for line in caption), default=0.0)
    wide, high = max(wide, lines) + 2 * MARGIN, high + _HEADING + below
    figure = new_figure(wide, high, arrange=False)
    figure.text(MARGIN / wide, 1 - 0.3 / high, heading, fontsize=TITLE, color=INK)
    for k, line in enumerate(reversed(caption)):
        figure.text(MARGIN / wide, (MARGIN + k * _LINE) / high, line, fontsize=SMALL, color=MUTED)
    return figure, below


def text_width(text: str, size: float) -> float:
    """Return how wide a text of so many points is, in inches."""
    return float(TextPath((0, 0), text, size=size).get_extents().width) / 72 if text.strip() else 0.0


def shortened(text: str, most: int) -> str:
    r"""Return a text of at most so many characters, in which a dollar sign is no more than that.

    Example:
        >>> shortened("size", 6), shortened("capital-gain", 6), shortened("$", 6)
        ('size', 'capit…', '\\$')
    """
    short = text if len(text) <= most else f"{text[: most - 1]}…"
    return short.replace("$", r"\$")
