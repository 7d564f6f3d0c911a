"""What all pictures share: ink, paper and size, without any global state.

Figures are made through matplotlib's object-oriented interface on an Agg canvas of their own, so that they need
no display, leave ``pyplot`` and ``rcParams`` alone, and can be drawn in threads (labels are plain text with
Unicode subscripts for the same reason: the parser of mathematical text is shared). Colours are those of Okabe and
Ito, which remain distinct under all common forms of colour blindness.

Masataka Okabe, Kei Ito, "Color Universal Design", 2008.
"""

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

DPI = 150

INK, MUTED, FAINT, PAPER = "#222222", "#666666", "#cfcfcf", "#ffffff"
BLUE, VERMILION, GREEN, PURPLE, SKY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9"

TITLE, LABEL, SMALL = 11.0, 9.5, 8.0  # font sizes in points


def new_figure(width: float, height: float, *, arrange: bool = True) -> Figure:
    """Return an empty white figure on an Agg canvas.

    Args:
        width: In inches.
        height: In inches.
        arrange: Let matplotlib make room for titles and labels; not where axes are placed by hand.

    Example:
        >>> figure = new_figure(4.0, 3.0)
        >>> figure.get_size_inches().tolist(), len(figure.axes)
        ([4.0, 3.0], 0)
    """
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor=PAPER)
    # Inches at the edges of the paper, and shares of an axes between them.
    engine = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1, wspace=0.03, hspace=0.03)
    figure.set_layout_engine(engine if arrange else "none")
    FigureCanvasAgg(figure)
    return figure


def quiet_frame(axes: Axes) -> None:
    """Leave only the left and lower spine, thin, and small grey tick labels, whatever ``rcParams`` say."""
    axes.set_facecolor(PAPER)
    axes.grid(False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set(color=MUTED, linewidth=0.8)
    axes.tick_params(colors=MUTED, labelsize=SMALL, width=0.8)
