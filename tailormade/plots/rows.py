"""Rows of data as a picture: as images where the variables form one, as a matrix elsewhere."""

import math
from typing import Any

from matplotlib.figure import Figure

from tailormade.plots.images import image_grid, sample_matrix

_SMALLEST_IMAGE = 16  # a 4 x 4 square; fewer variables are a table


def draw_rows(rows: Any) -> Figure:  # noqa: ANN401 - a tensor or an array
    """Draw rows ``(n, D)`` as a grid of square images if D is a square of at least 16, else as a matrix.

    Example:
        >>> import numpy as np
        >>> draw_rows(np.zeros((4, 5))).axes[0].get_xlabel() != ""
        True
    """
    return image_grid(rows) if is_image(rows.shape[1]) else sample_matrix(rows)


def is_image(features: int) -> bool:
    """Return whether so many variables form a square image.

    Example:
        >>> is_image(64), is_image(4), is_image(63)
        (True, False, False)
    """
    return math.isqrt(features) ** 2 == features and features >= _SMALLEST_IMAGE
