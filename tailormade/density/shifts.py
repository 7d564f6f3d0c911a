r"""Images that are shifted in training, and a network that is told by how much.

An image one pixel to the right is as good an image, so a few thousand rows are many times as many for nothing. But a
density of all of them spreads its probability over places that no image of the data takes. Here the shift
``a = (a_1, a_2)``, ``|a_k| ≤ A`` pixels down and to the right, enters the network by degree 0, as context does,

    maximise Σ_n E_a log p(T_a x_n | s(a)),   s(0) = 0,                                                  (1)

and the density is ``p(x) = p(x | s = 0)`` (2): an exact one, of images as they are, from weights that all places
share as far as what is learnt at one holds for the others. The code s(a) has 2A numbers for each axis, of which that of
a shift other than 0 is 1. Two rows in five are shown as they are; pixels that come in from outside are 0.

Heewoo Jun, Rewon Child, Mark Chen, John Schulman, Aditya Ramesh, Alec Radford, Ilya Sutskever, "Distribution
Augmentation for Generative Modeling", 2020, tell a network how a row was changed.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

_AS_THEY_ARE = 0.4  # share of rows that are not shifted on purpose: the density asked for is theirs


def check_shifts(shifts: int, shape: Sequence[int] | None, missing: bool) -> int:
    """Return by how many pixels images are shifted in training.

    Raises:
        ValueError: If it is negative, the shape of an image is not known, or it is too small, or rows are incomplete.
    """
    if isinstance(shifts, bool) or not isinstance(shifts, int) or shifts < 0:
        raise ValueError(f"shifts: expected a number of pixels, at least 0, got {shifts!r}.")
    if shifts and (shape is None or shifts >= min(shape)):
        raise ValueError(
            f"shifts: expected images of more than {shifts} rows and columns, got image_shape={shape}; say how their "
            "pixels lie."
        )
    if shifts and missing:
        raise ValueError("shifts: expected 0 for a model of incomplete rows (missing=True).")
    return shifts


def training_shifts(
    x: Tensor, shape: Sequence[int], most: int, generator: torch.Generator | None
) -> tuple[Tensor, Tensor]:
    """Draw shifts for a training batch.

    Args:
        x: Images, shape ``(n, rows * columns)``.
        shape: Rows and columns.
        most: A of (1).
        generator: Source of the shifts, on the CPU.

    Returns:
        The shifted images and the codes s(a), shape ``(n, 4 * most)``.

    Example:
        >>> x, code = training_shifts(torch.ones(50, 6), (2, 3), 1, torch.Generator().manual_seed(0))
        >>> x.shape, code.shape, (code.sum(1) == 0).sum().item()         # which are as they were
        (torch.Size([50, 6]), torch.Size([50, 4]), 27)
    """
    by = torch.randint(-most, most + 1, (len(x), 2), generator=generator)
    by[torch.rand(len(x), generator=generator) < _AS_THEY_ARE] = 0
    by = by.to(x.device)
    return shifted(x, shape, by), shift_code(by, most)


def shift_code(by: Tensor, most: int) -> Tensor:
    """Return s(a) of (1), shape ``(n, 4 * most)``, of shifts ``(n, 2)``.

    Example:
        >>> shift_code(torch.tensor([[0, 0], [-1, 1]]), most=1).tolist()
        [[0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 1.0]]
    """
    every = functional.one_hot(by + most, 2 * most + 1).float()  # (n, 2, 2A + 1)
    return torch.cat([every[..., :most], every[..., most + 1 :]], -1).flatten(1)


def shifted(x: Tensor, shape: Sequence[int], by: Tensor) -> Tensor:
    """Return images ``(n, rows * columns)`` moved down and to the right by ``by`` ``(n, 2)``, filled with zeros.

    Example:
        >>> shifted(torch.tensor([[1, 2, 3, 4]]), (2, 2), torch.tensor([[1, 0]])).tolist()
        [[0, 0, 1, 2]]
    """
    height, width = shape
    row = torch.arange(height, device=x.device) - by[:, :1]
    column = torch.arange(width, device=x.device) - by[:, 1:]
    inside = ((row >= 0) & (row < height))[:, :, None] & ((column >= 0) & (column < width))[:, None, :]
    source = row.clamp(0, height - 1)[:, :, None] * width + column.clamp(0, width - 1)[:, None, :]
    return torch.where(inside.flatten(1), x.gather(1, source.flatten(1)), 0)
