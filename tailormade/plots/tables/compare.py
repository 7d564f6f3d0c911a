"""One call from a fitted density and a table to a picture of how they compare.

Of more rows than are drawn, some are taken at random, without replacement. As many are sampled, each at its row's
context where the density is conditional (1), so that what differs is the density and not what it is conditioned on.
"""

from typing import Any, Protocol

import torch
from matplotlib.figure import Figure
from torch import Tensor

from tailormade.density import MADE
from tailormade.plots.tables.calibration import draw_calibration
from tailormade.plots.tables.choice import RowChoice
from tailormade.plots.tables.dependence import draw_dependence
from tailormade.plots.tables.marginals import draw_marginals
from tailormade.plots.tables.transforms import integral_transforms
from tailormade.random import generator
from tailormade.tables import Schema

KINDS = ("marginals", "dependence", "calibration")
ROWS = 5000


class TableLike(Protocol):
    """A density of the rows of a table, such as ``DensityEstimator().fit(frame).density_``."""

    @property
    def model(self) -> MADE:
        """The density of encoded rows."""

    @property
    def schema(self) -> Schema:
        """What its variables mean."""

    def encode(self, frame: Any) -> tuple[Tensor, Tensor | None]:  # noqa: ANN401 - any data frame
        """Return rows as the model sees them, ``(n, D)``, and their context, ``(n, C)`` or ``None``."""


def draw_table(
    density: TableLike,
    frame: Any,  # noqa: ANN401 - any data frame
    kind: str = "marginals",
    *,
    rows: int = ROWS,
    seed: int = 0,
) -> Figure:
    """Draw how a density compares with a table, best of rows it was not fitted to.

    Args:
        density: Of a table.
        frame: Rows with its columns.
        kind: ``'marginals'`` (:func:`draw_marginals`), ``'dependence'`` (:func:`draw_dependence`) or ``'calibration'``
            (:func:`draw_calibration`).
        rows: How many rows are drawn at most.
        seed: Fixes which, and what is sampled.

    Raises:
        ValueError: If the kind is unknown, rows is below 1, or the frame does not fit.

    Example:
        >>> from tailormade import DensityEstimator
        >>> frame = {"a": [1.5, 2.5, 3.1, 2.2] * 20, "b": ["x", "y", "x", "x"] * 20}
        >>> fitted = DensityEstimator(max_epochs=1, random_state=0).fit(frame)
        >>> draw_table(fitted.density_, frame, "calibration", rows=50).texts[0].get_text()
        'Calibration on 50 rows'
    """
    if kind not in KINDS:
        raise ValueError(f"kind: expected one of {', '.join(KINDS)}, got {kind!r}.")
    chosen = RowChoice(rows, seed)
    chosen.add(*density.encode(frame))
    return draw_encoded(density.model, density.schema, chosen, kind=kind, seed=seed)


def draw_encoded(model: MADE, schema: Schema, rows: RowChoice, *, kind: str, seed: int) -> Figure:
    """Draw the same of rows that were chosen before; other arguments as for :func:`draw_table`."""
    columns, x, context = schema.variables, rows.x, rows.context
    if kind == "calibration":
        return draw_calibration(integral_transforms(model, x, context, seed=seed), columns)
    batch = (len(x),) if context is None else ()
    with torch.no_grad():
        sampled = model(context).sample(batch, generator=generator(seed, "sample")).double().numpy()
    draw = draw_marginals if kind == "marginals" else draw_dependence
    return draw(x.double().numpy(), sampled, columns)
