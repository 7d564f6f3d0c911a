r"""Random orders of the pixels of an image, such as are asked for when part of it is missing.

Uniformly random orders hardly ever put one half of an image first, and a network trained on them alone is poor at
completing halves. An order here ranks pixels by ``r cos θ + s sin θ + τ u`` (1): a sweep in the direction θ, mostly
along rows or columns, blurred by uniform noise ``u``. The blur τ is mostly zero and at most the size of the image; one
order in five is uniformly random.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from tailormade.masks.orders import OrderLike
from tailormade.random import generator

_UNIFORM = 0.2  # share of uniformly random orders
_SHARP = 0.6  # share of the others without blur
_ALONG_AXES = 0.7  # share of the others along rows or columns


def check_image(shape: Sequence[int] | None, features: int, order: OrderLike) -> list[int] | None:
    """Return the shape of an image as a list.

    Raises:
        ValueError: If it is not that of ``features`` pixels, or variables of a given order form groups.
    """
    if shape is None:
        return None
    sizes = [int(size) for size in shape]
    if len(sizes) != 2 or min(sizes) < 1 or math.prod(sizes) != features:
        raise ValueError(f"image_shape: expected (rows, columns) of {features} pixels in all, got {tuple(shape)}.")
    if not isinstance(order, str) and len({int(degree) for degree in order}) < features:
        raise ValueError("image_shape: expected an input_order without groups, got equal degrees.")
    return sizes


def sweep(shape: Sequence[int], source: torch.Generator | None = None) -> Tensor:
    """Draw an order of the pixels of an image.

    Args:
        shape: Rows and columns.
        source: Source of the draw.

    Returns:
        The degree of each pixel, shape ``(rows * columns,)``.

    Example:
        >>> order = sweep((4, 5), torch.Generator().manual_seed(0))
        >>> order.sort().values.tolist() == list(range(1, 21))
        True
    """
    uniform, along_axes, sharp, angle, blur, side = torch.rand(6, generator=source, dtype=torch.float64).tolist()
    pixels = math.prod(shape)
    noise = torch.rand(pixels, generator=source, dtype=torch.float64)
    if uniform < _UNIFORM:
        return rank(noise)
    turn = math.floor(4 * angle) / 4 if along_axes < _ALONG_AXES else angle
    cos, sin = math.cos(2 * math.pi * turn), math.sin(2 * math.pi * turn)
    rows, columns = (grid.flatten().double() for grid in torch.meshgrid(*map(torch.arange, shape), indexing="ij"))
    across = 1e-3 * (rows * sin - columns * cos) * (1 if side < 0.5 else -1)  # decides within a row of pixels
    tau = 0.0 if sharp < _SHARP else max(shape) * blur**2
    return rank(cos * rows + sin * columns + tau * noise + across)


def outwards(shape: Sequence[int], observed: Tensor, turn: int = 0) -> Tensor:
    """Return the order that begins with the evidence farthest from anything missing, and goes on outwards from it.

    Args:
        shape: Rows and columns.
        observed: Boolean, shape ``(rows * columns,)``.
        turn: Which of many such orders; see :func:`rank`.

    Example:
        >>> outwards((3, 2), torch.tensor([False, False, False, False, True, True])).tolist()
        [5, 6, 3, 4, 1, 2]
    """
    from scipy.ndimage import distance_transform_edt

    seen = observed.reshape(*shape).numpy()
    if seen.all() or not seen.any():
        return torch.arange(1, seen.size + 1)
    signed = distance_transform_edt(~seen) - distance_transform_edt(seen)
    return rank(torch.from_numpy(signed).flatten(), turn)


def rank(priority: Tensor, turn: int = 0) -> Tensor:
    """Return the place, from 1, of each element when they are sorted.

    Args:
        priority: Shape ``(n,)``.
        turn: How equal ones are placed: 0 in sequence, 1 backwards, from 2 on at random, the same way each time.

    Example:
        >>> [rank(torch.tensor([5, 0, 5, 5]), turn).tolist() for turn in (0, 1)]
        [[2, 1, 3, 4], [4, 1, 3, 2]]
    """
    number = len(priority)
    sequence = torch.randperm(number, generator=generator(0, "ties", turn)) if turn > 1 else torch.arange(number)
    sequence = (sequence.flip(0) if turn == 1 else sequence).to(priority.device)
    order = torch.empty(number, dtype=torch.long, device=priority.device)
    order[sequence[priority[sequence].argsort(stable=True)]] = torch.arange(1, number + 1, device=priority.device)
    return order
