"""Pictures of densities of tables: each column, each pair of columns, and whether probabilities are what they claim."""

from tailormade.plots.tables.calibration import draw_calibration
from tailormade.plots.tables.choice import RowChoice
from tailormade.plots.tables.compare import KINDS, ROWS, draw_encoded, draw_table
from tailormade.plots.tables.dependence import draw_dependence
from tailormade.plots.tables.marginals import draw_marginals
from tailormade.plots.tables.transforms import integral_transforms

__all__ = [
    "KINDS",
    "ROWS",
    "RowChoice",
    "draw_calibration",
    "draw_dependence",
    "draw_encoded",
    "draw_marginals",
    "draw_table",
    "integral_transforms",
]
