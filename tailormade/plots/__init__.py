"""Pictures of networks, training and samples; each function returns a matplotlib ``Figure``.

``draw_network`` shows why the masks work, unit by unit; ``draw_masks`` shows the same of large networks as matrices;
``draw_model`` picks. ``training_curves``, ``image_grid``, ``sample_matrix`` and ``draw_completions`` show what came of
it. ``draw_table`` compares a density of a table with rows: column by column, pair by pair, and as to whether its
probabilities are what they claim. ``draw_contours`` and ``draw_pairs`` show densities of continuous
numbers. No function touches ``pyplot`` or needs a display: show a figure in a notebook by naming it, or write it with
``save_figure``.
"""

from tailormade.plots.completions import draw_completions
from tailormade.plots.contours import draw_contours, draw_pairs
from tailormade.plots.curves import training_curves
from tailormade.plots.images import image_grid, sample_matrix
from tailormade.plots.masks import draw_masks
from tailormade.plots.model import draw_model
from tailormade.plots.network import draw_network
from tailormade.plots.rows import draw_rows
from tailormade.plots.saving import save_figure
from tailormade.plots.tables import draw_calibration, draw_dependence, draw_marginals, draw_table, integral_transforms

__all__ = [
    "draw_calibration",
    "draw_completions",
    "draw_contours",
    "draw_dependence",
    "draw_marginals",
    "draw_masks",
    "draw_model",
    "draw_network",
    "draw_pairs",
    "draw_rows",
    "draw_table",
    "image_grid",
    "integral_transforms",
    "sample_matrix",
    "save_figure",
    "training_curves",
]
