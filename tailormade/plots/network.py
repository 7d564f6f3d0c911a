r"""A small network drawn unit by unit, as in the figures of the MADE paper.

Each unit is a circle with its degree in it, and only the connections that the masks allow are drawn: into a hidden
unit of degree ``m`` from degrees ``<= m``, into an output of degree ``d`` from degrees ``< d``. Following the lines
back from an output leads to its predecessors alone, which is ``p(x) = Π_i p(x_i | x_<i)``; ``highlight`` does that in
colour for one of them.

Mathieu Germain, Karol Gregor, Iain Murray, Hugo Larochelle, "MADE: Masked Autoencoder for Distribution
Estimation", ICML 2015, figure 1.
"""

from collections.abc import Collection, Sequence

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from tailormade.masks.audit import Auditable
from tailormade.plots.captions import findings, heading, order_line
from tailormade.plots.framing import frame
from tailormade.plots.labels import conditional, variable
from tailormade.plots.placement import Placement, place
from tailormade.plots.style import BLUE, FAINT, GREEN, INK, LABEL, MUTED, PAPER, VERMILION, new_figure
from tailormade.plots.wiring import Edge, Unit, Wiring, read_wiring

MAX_UNITS = 24  # in a layer: more circles than that are neither legible nor instructive

KEY = "Numbers are degrees. A hidden unit sees degrees up to its own, an output only lower ones."

STYLES = {  # colour, line style and name of each kind of connection
    "masked": ("#8c8c8c", "solid", "allowed by the masks"),
    "context": (GREEN, "solid", "from the context"),
    "direct": ("#8c8c8c", (0, (5, 2)), "direct connection"),
    "skip": (VERMILION, (0, (1, 1.5)), "residual skip (identity)"),
}


def draw_network(model: Auditable, order: int = 0, highlight: int | None = None) -> Figure:
    """Draw every unit and every allowed connection of a small network, inputs left and outputs right.

    Args:
        model: A ``MADE``, ``AutoregressiveNetwork`` or ``MaskedSequential`` with at most 24 units in a layer.
        order: Which of the model's orders.
        highlight: Index, from 0, of a variable whose output's paths back to the inputs are drawn in colour.

    Raises:
        ValueError: If a layer is too wide to be drawn, or ``highlight`` is no variable.

    Example:
        >>> from tailormade import MADE
        >>> figure = draw_network(MADE(3, hidden_units=(4, 4)), highlight=2)
        >>> [lines.get_gid() for lines in figure.axes[0].collections]
        ['masked', 'masked on path']
    """
    wiring = read_wiring(model, order)
    _check(wiring, highlight)
    placement = place(wiring)
    figure = new_figure(1.0, 1.0, arrange=False)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    if highlight is None:
        _draw_edges(axes, placement, wiring.edges())
        _draw_units(axes, wiring, placement)
    else:
        on_path, units = wiring.paths_to(highlight)
        _draw_edges(axes, placement, wiring.edges(), on_path)
        _draw_units(axes, wiring, placement, units)
    titles = (heading(model, wiring, highlight), order_line(wiring, order))
    frame(axes, placement, wiring.names, titles, [KEY, *findings(model, wiring, order)])
    return figure


def _check(wiring: Wiring, highlight: int | None) -> None:
    if max(wiring.widths) > MAX_UNITS:
        raise ValueError(
            f"model: expected at most {MAX_UNITS} units in a layer to draw each of them, got layers of "
            f"{list(wiring.widths)}; draw_masks shows networks of any size."
        )
    if highlight is not None and not 0 <= highlight < len(wiring.inputs):
        raise ValueError(f"highlight: expected a variable in 0..{len(wiring.inputs) - 1}, got {highlight}.")


def _draw_edges(
    axes: Axes, placement: Placement, edges: Sequence[Edge], on_path: Collection[Edge] | None = None
) -> None:
    """Add one collection of lines for each kind of connection, and one more for those of the kind on a path."""
    for kind, (colour, _, name) in STYLES.items():
        own = [edge for edge in edges if edge.kind == kind]
        if on_path is None:
            _add_lines(axes, placement, own, kind, colour, 1.0, name)
        else:
            _add_lines(axes, placement, [e for e in own if e not in on_path], kind, FAINT, 0.6, "_")
            path = [e for e in own if e in on_path]
            _add_lines(
                axes, placement, path, f"{kind} on path", _path_colour(kind == "context"), 1.5, f"on a path: {name}"
            )


def _add_lines(
    axes: Axes, placement: Placement, edges: Sequence[Edge], gid: str, colour: str, width: float, label: str
) -> None:
    if edges:
        lines = LineCollection([placement.route(edge) for edge in edges], colors=colour, linewidths=width, zorder=width)
        lines.set(gid=gid, label=label, linestyle=STYLES[edges[0].kind][1])
        axes.add_collection(lines, autolim=False)


def _draw_units(axes: Axes, wiring: Wiring, placement: Placement, on_path: Collection[Unit] | None = None) -> None:
    """Add a circle with its degree for every unit, and the names of variables and conditionals."""
    last = len(wiring.masks)
    for unit, (x, y) in placement.centres.items():
        is_context = unit.layer == 0 and unit.place >= len(wiring.inputs)
        face, edge, ink = ("#e0f2ec" if is_context else "#efefef" if unit.layer in (0, last) else PAPER), INK, INK
        if on_path is not None:
            path = _path_colour(is_context)
            face, edge, ink = (path, path, PAPER) if unit in on_path else (PAPER, FAINT, "#a0a0a0")
        axes.add_patch(Circle((x, y), placement.radius, facecolor=face, edgecolor=edge, linewidth=1.0, zorder=5))
        degree = _degree(wiring, unit, is_context)
        size = min(LABEL, 44 * placement.radius)
        axes.text(x, y, degree, ha="center", va="center_baseline", fontsize=size, color=ink, zorder=6)
        if unit.layer in (0, last):
            side = -1 if unit.layer == 0 else 1
            colour = INK if on_path is None or unit in on_path else MUTED
            axes.text(
                x + side * (placement.radius + 0.1), y, _name(wiring, unit, is_context), fontsize=LABEL, color=colour,
                ha="right" if side < 0 else "left", va="center_baseline",
            )  # fmt: skip


def _path_colour(is_context: bool) -> str:
    return GREEN if is_context else BLUE


def _degree(wiring: Wiring, unit: Unit, is_context: bool) -> str:
    degrees = wiring.degrees[unit.layer]
    return "0" if is_context else "" if degrees is None else str(degrees[unit.place])


def _name(wiring: Wiring, unit: Unit, is_context: bool) -> str:
    if is_context:
        return variable(unit.place - len(wiring.inputs), "c")
    if unit.layer == 0:
        return variable(unit.place)
    return conditional(wiring.inputs, unit.place, context=bool(wiring.context))
