"""Which pixels of an image are observed: a half of it, a random share, or a mask from a file.

Two opposite halves make up the image; the middle row or column of an odd number belongs to the bottom or the right.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailormade.random import derive

BoolArray = NDArray[np.bool_]

HALVES = ("top", "bottom", "left", "right")

_EXPECTED = f"{', '.join(HALVES)}, random:FRACTION such as random:0.5, or a mask in an .npy or .csv file"


def observed_pixels(region: str, shape: Sequence[int], seed: int = 0) -> BoolArray:
    """Return which pixels a region observes.

    Args:
        region: ``'top'``, ``'bottom'``, ``'left'``, ``'right'``, ``'random:FRACTION'``, or the name of an ``.npy`` or
            ``.csv`` with a mask of 0 (missing) and 1 (observed), as the image or as one row or column.
        shape: Rows and columns of the image.
        seed: Fixes which pixels are observed at random.

    Returns:
        Shape ``(rows * columns,)``, pixels row by row.

    Raises:
        ValueError: If it is no region, or leaves nothing to observe or nothing to complete.

    Example:
        >>> observed_pixels("left", (2, 3)).astype(int).tolist()
        [1, 0, 0, 1, 0, 0]
    """
    kind, _, rest = region.partition(":")
    if region in HALVES:
        observed = _half(region, shape)
    elif kind == "random":
        observed = _share(_fraction(region, rest), math.prod(shape), seed)
    elif Path(region).suffix in (".npy", ".csv"):
        observed = _mask(Path(region), shape)
    else:
        raise ValueError(f"observe: expected {_EXPECTED}, got '{region}'.")
    if observed.all() or not observed.any():
        found = "all" if observed.all() else "none"
        raise ValueError(f"observe: expected some pixels observed and some missing, but '{region}' observes {found}.")
    return observed


def _half(region: str, shape: Sequence[int]) -> BoolArray:
    row, column = np.indices(tuple(shape))
    before = row < shape[0] // 2 if region in ("top", "bottom") else column < shape[1] // 2
    return (before if region in ("top", "left") else ~before).ravel()


def _fraction(region: str, text: str) -> float:
    try:
        fraction = float(text)
    except ValueError:
        fraction = math.nan
    if not 0 < fraction < 1:
        raise ValueError(f"observe: expected random:FRACTION with a fraction in (0, 1), got '{region}'.")
    return fraction


def _share(fraction: float, pixels: int, seed: int) -> BoolArray:
    ranks = np.random.default_rng(derive(seed, "observe")).permutation(pixels)
    return np.asarray(ranks < round(fraction * pixels))


def _mask(path: Path, shape: Sequence[int]) -> BoolArray:
    values, pixels = _read(path), math.prod(shape)
    if values.shape not in ((pixels,), (pixels, 1), (1, pixels), tuple(shape)):
        raise ValueError(
            f"observe: {path} has shape {values.shape}, expected {tuple(shape)} or ({pixels},), as images have these "
            "pixels."
        )
    wrong = ~np.isin(values, (0, 1))
    if wrong.any():
        raise ValueError(f"observe: {path} has {values[wrong][0]:g}, expected 0 (missing) and 1 (observed).")
    return np.asarray(values.ravel() == 1)


def _read(path: Path) -> NDArray[Any]:
    if not path.is_file():
        raise ValueError(f"observe: {path}: expected a file with a mask, found nothing.")
    if path.suffix == ".csv":
        from tailormade.csvfile import read_csv

        return read_csv(path)[1]
    with path.open("rb") as file:
        try:
            values = np.load(file, allow_pickle=False)
        except (ValueError, EOFError, OSError):
            values = None
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "biuf":
        raise ValueError(f"observe: {path}: expected an array of 0 (missing) and 1 (observed), got something else.")
    return values
