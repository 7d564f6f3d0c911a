r"""Normal scores: the y with ``Φ(y) = F``, exact far into both tails.

As 1 - F rounds to 0 long before F is 1, a score is computed from whichever tail is the smaller, as a logarithm:

    y = q(log F) if F <= 1/2, else -q(log(1 - F)),    q(l) = Φ⁻¹(exp l)                      (1)

q starts from Φ⁻¹ or, where ``exp l`` is nearly 0, from ``y² ≈ -2l - log(2π y²)`` (2), and takes Newton's steps on
``log Φ(y) = l``:

    y' = y - (log Φ(y) - l) m(y),    dq/dl = m(y) = Φ(y) / φ(y) = √(π/2) erfcx(-y/√2)        (3)

with Mills's ratio m, which does not cancel.
"""

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor

_DEEP = -20.0  # log probability below which Φ⁻¹ gives way to (2)
_STEPS = 3


class Score(NamedTuple):
    """A normal score y, log of Mills's ratio at ``-|y|``, and log of the smaller tail, each of shape ``(*)``."""

    y: Tensor
    log_mills: Tensor
    log_tail: Tensor


def normal_score(log_below: Tensor, log_above: Tensor) -> Score:
    """Return (1), log m at ``-|y|`` and the log of the smaller tail.

    Args:
        log_below: ``log F``, shape ``(*)``.
        log_above: ``log(1 - F)``, shape ``(*)``.

    Example:
        >>> normal_score(torch.tensor(0.5).log(), torch.tensor(0.5).log()).y.abs() < 1e-6
        tensor(True)
        >>> normal_score(torch.tensor(0.0), torch.special.log_ndtr(torch.tensor(-100.0))).y  # F rounds to 1
        tensor(100.)
    """
    lower = log_below <= log_above
    log_tail = torch.where(lower, log_below, log_above)
    score: Tensor = _LowerScore.apply(log_tail)  # type: ignore[no-untyped-call]  # torch's own
    return Score(torch.where(lower, score, -score), mills(score).log(), log_tail)


def mills(y: Tensor) -> Tensor:
    """Return ``m(y) = Φ(y) / φ(y)``, elementwise."""
    return math.sqrt(math.pi / 2) * torch.special.erfcx(-y * math.sqrt(0.5))


def log_normal_cdf(y: Tensor) -> Tensor:
    """Return ``log Φ(y)``, elementwise; unlike torch's own, it has a batching rule."""
    lower, upper = y.clamp(max=0), y.clamp(min=0)
    below = torch.log(torch.special.erfcx(-lower * math.sqrt(0.5)) / 2) - lower.square() / 2
    return torch.where(y < 0, below, torch.log1p(-torch.special.erfc(upper * math.sqrt(0.5)) / 2))


class _LowerScore(torch.autograd.Function):
    """The q of (1), with the derivative of (3), differentiable again."""

    generate_vmap_rule = True

    @staticmethod
    def forward(log_tail: Tensor) -> Tensor:
        """Return q."""
        square = -2 * log_tail.clamp(max=_DEEP)
        y = -torch.sqrt(square - torch.log(2 * math.pi * square))
        y = torch.where(log_tail > _DEEP, torch.special.ndtri(log_tail.exp()), y)
        for _ in range(_STEPS):
            y = y - (log_normal_cdf(y) - log_tail) * mills(y)
        return y

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:  # noqa: ANN401 - torch's own
        """Keep the score."""
        ctx.save_for_backward(output)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:  # noqa: ANN401 - torch's own
        """Return the gradient with respect to l."""
        (y,) = ctx.saved_tensors
        return grad * mills(y)
