"""Where the units of a small network go, and how its connections run, in inches.

Layers run from left to right, units from top to bottom, context above the inputs. Connections between neighbouring
layers are straight; residual skips bend over the unit they skip; direct connections run in lanes below all layers,
one for each input, and context that enters later layers in lanes above them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailormade.plots.wiring import Edge, Unit, Wiring

Point = tuple[float, float]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Placement:
    """Hold the centre of every unit, relative to the centre of the inputs' column.

    Attributes:
        centres: Place of each unit.
        radius: Radius of a unit.
        spacing: Distance of neighbouring units in a layer.
        gap: Distance of neighbouring layers.
    """

    centres: dict[Unit, Point]
    radius: float
    spacing: float
    gap: float

    @property
    def widths(self) -> list[int]:
        """Number of units of each layer."""
        layers = [unit.layer for unit in self.centres]
        return [layers.count(layer) for layer in range(max(layers) + 1)]

    @property
    def top(self) -> float:
        """Height of the highest unit's centre."""
        return max(y for _, y in self.centres.values())

    @property
    def bottom(self) -> float:
        """Height of the lowest unit's centre."""
        return min(y for _, y in self.centres.values())

    @property
    def right(self) -> float:
        """Place of the outputs."""
        return max(x for x, _ in self.centres.values())

    def route(self, edge: Edge) -> FloatArray:
        """Return the points through which a connection is drawn, shape ``(n, 2)``."""
        start, end = self.centres[edge.below], self.centres[edge.above]
        if edge.kind == "skip":
            rise = 2 / 3 * self.spacing  # the curve rises to 3/4 of that: midway between two units
            over, reach = start[1] + rise, 0.5 * self.gap
            return _bend(start, (start[0] + reach, over), (end[0] - reach, over), end)
        if edge.kind == "direct":
            return self._along(self.bottom - self._lane(edge.below.place), start, end)
        if edge.kind == "context" and edge.above.layer > 1:
            return self._along(self.top + self._lane(self.widths[0] - 1 - edge.below.place), start, end)
        return np.array([start, end])

    def _lane(self, place: int) -> float:
        """How far outside the drawing the lane of one input runs, so that lanes do not coincide."""
        return 0.8 * self.spacing + place * min(0.12, 1.2 / self.widths[0])

    def _along(self, lane: float, start: Point, end: Point) -> FloatArray:
        """Leave for a lane outside the layers, follow it, and come back to the end."""
        turn = 0.62 * self.gap if end[0] - start[0] > 1.5 * self.gap else 0.5 * self.gap
        on, off = start[0] + turn, end[0] - turn
        out = _bend(start, (on - 0.3 * turn, start[1]), (start[0] + 0.3 * turn, lane), (on, lane))
        back = _bend((off, lane), (end[0] - 0.3 * turn, lane), (off + 0.3 * turn, end[1]), end)
        return np.concatenate([out, back])


def place(wiring: Wiring) -> Placement:
    """Lay out the units of a network.

    Example:
        >>> from tailormade import MADE
        >>> from tailormade.plots.wiring import read_wiring
        >>> len(place(read_wiring(MADE(3, hidden_units=(4,)))).centres)
        10
    """
    tallest = max(wiring.widths)
    spacing = min(0.56, 8.4 / tallest)
    gap = max(1.45, 0.3 * spacing * tallest)
    centres: dict[Unit, Point] = {}
    for layer, width in enumerate(wiring.widths):
        heights = _heights(width, len(wiring.inputs) if layer == 0 else width, spacing)
        centres.update({Unit(layer, k): (layer * gap, y) for k, y in enumerate(heights)})
    return Placement(centres, 0.36 * spacing, spacing, gap)


def _heights(width: int, below: int, spacing: float) -> Sequence[float]:
    """Heights of a column centred on 0; what comes after the first ``below`` units goes above them, a little apart."""
    extra = width - below
    apart = 0.3 if extra else 0.0
    places = [*(-float(extra) - apart - k for k in range(below)), *(-float(k) for k in range(extra))]
    middle = (places[0] if not extra else 0.0, min(places))
    return [spacing * (y - (middle[0] + middle[1]) / 2) for y in places]


def _bend(*corners: Point) -> FloatArray:
    """Points on the cubic Bézier curve with these control points."""
    t = np.linspace(0.0, 1.0, 33)[:, None]
    a, b, c, d = np.array(corners)
    return (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
