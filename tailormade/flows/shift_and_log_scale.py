"""TFP's affine map of one variable: what a ``shift_and_log_scale_fn`` returns, and what is made of it.

    y = x exp(s) + m   (the direction of sampling),    x = (y - m) exp(-s),    log dy/dx = s             (1)

Unlike :class:`~tailormade.flows.bijections.Affine`, shift and log-scale belong to the direction of sampling, and the
log-scale is not bounded, as in TFP.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Transform, constraints

from tailormade.flows.bijections import Bijection

ShiftAndLogScale = Tensor | tuple[Tensor | None, Tensor | None]


@dataclass(frozen=True)
class Unshift(Bijection):
    """Map y to x by (1), with two raw parameters: shift m, then log-scale s.

    Example:
        >>> x, log_slope = Unshift().forward(torch.tensor([1.0, 0.0]), torch.tensor(3.0))
        >>> x, log_slope
        (tensor(2.), tensor(-0.))
    """

    @property
    def params(self) -> int:
        """Shift and log-scale."""
        return 2

    def forward(self, raw: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return what (1) makes of y, here called x as in all bijections, and ``-s``; shape ``(*)``."""
        y = (x - raw[..., 0]) * torch.exp(-raw[..., 1])
        return y, -raw[..., 1].expand_as(y)

    def inverse(self, raw: Tensor, y: Tensor) -> Tensor:
        """Return ``y exp(s) + m``, shape ``(*)``."""
        return y * raw[..., 1].exp() + raw[..., 0]


class Shifted(Transform):
    """Map x to y by (1), one number at a time.

    Args:
        raw: Shifts and log-scales, shape ``(*, 2)``.

    Example:
        >>> Shifted(torch.tensor([1.0, 0.0]))(torch.tensor(2.0))
        tensor(3.)
    """

    domain = codomain = constraints.real
    bijective = True
    sign = 1

    def __init__(self, raw: Tensor) -> None:
        super().__init__()
        self.raw = raw

    def _call(self, x: Tensor) -> Tensor:
        return Unshift().inverse(self.raw, x)

    def _inverse(self, y: Tensor) -> Tensor:
        return Unshift().forward(self.raw, y)[0]

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """Return s, shape ``(*)``."""
        return self.raw[..., 1].expand(torch.broadcast_shapes(x.shape, self.raw.shape[:-1]))


def as_raw(found: ShiftAndLogScale, y: Tensor) -> Tensor:
    """Return shifts and log-scales as one tensor.

    Args:
        found: What the callable returned: a tensor ``(*, 2)``, or a pair of tensors that broadcast with y or are
            ``None``, for 0.
        y: Shape ``(*)``.

    Returns:
        Shape ``(*, 2)``.

    Raises:
        ValueError: If it is neither.

    Example:
        >>> as_raw((None, torch.tensor(1.0)), torch.zeros(2)).tolist()
        [[0.0, 1.0], [0.0, 1.0]]
    """
    pair = found.unbind(-1) if isinstance(found, Tensor) and found.ndim else found
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        got = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
        raise ValueError(
            "shift_and_log_scale_fn: expected one that returns a tensor of shape (*, D, 2) or a pair of shift and "
            f"log-scale, got {got}."
        )
    parts = torch.broadcast_tensors(y, *(torch.zeros_like(y) if part is None else part for part in pair))
    return torch.stack(parts[1:], -1)
