r"""Normal scores of mixtures, and back.

Of a mixture of K bells, in units of z (see :mod:`tailormade.conditionals.numeric`),

    log F = log Σ_k w_k F_0(t_k),   log(1 - F) = log Σ_k w_k F_0(-t_k),   t_k = (z - μ_k) / σ_k     (1)

as bells are symmetric; from (1) comes the normal score y, with ``dy/dz = p(z) / φ(y)`` (2). The z of a score lies
between the least and the greatest of the components' own, ``μ_k + σ_k F_0⁻¹(Φ(y))`` (3), and is found by Newton's
method on y, on whose scale both tails are gentle.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from tailormade.conditionals.arithmetic import inside_unit
from tailormade.conditionals.kernels import FAR, Kernel, LogisticKernel, NormalKernel
from tailormade.conditionals.numeric import Numeric
from tailormade.flows.bijections.normal_scores import log_normal_cdf, normal_score
from tailormade.flows.bijections.solve import solve


def score_of(family: Numeric, raw: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    """Return the normal score and ``log dy/dz`` (2), both of shape ``(*)``."""
    weights, locations, scales = family.mixture(raw)
    t = ((z.unsqueeze(-1) - locations) / scales).clamp(-FAR, FAR)
    below, above = (torch.logsumexp(weights + _log_cdf(family.kernel, side), -1) for side in (t, -t))
    score = normal_score(below, above)
    log_density = torch.logsumexp(weights + family.kernel.log_density(t) - scales.log(), -1)
    return score.y, log_density - score.log_tail + score.log_mills


def z_of_score(family: Numeric, raw: Tensor, y: Tensor) -> Tensor:
    """Return the z whose score is y, shape ``(*)``."""
    z: Tensor = _Solution.apply(family, raw, y)  # type: ignore[no-untyped-call]  # torch's own
    for _ in range(2):  # a step carries the derivatives of first order, two those of the second
        reached, log_slope = score_of(family, raw, z)
        z = z - (reached - y) * torch.exp(-log_slope)
    return z


def _log_cdf(kernel: Kernel, t: Tensor) -> Tensor:
    if isinstance(kernel, NormalKernel):
        return log_normal_cdf(t)
    if isinstance(kernel, LogisticKernel):
        return functional.logsigmoid(t)
    tiny = torch.finfo(t.dtype).tiny
    t = t + tiny * (t == 0).to(t.dtype)  # at exactly 0, the derivative of the absolute value in Student's cdf is 0
    return kernel.cdf(t).clamp(min=tiny).log()


def _bell_quantile(kernel: Kernel, y: Tensor) -> Tensor:
    """``F_0⁻¹(Φ(y))``, elementwise."""
    if isinstance(kernel, NormalKernel):
        return y
    if isinstance(kernel, LogisticKernel):
        return log_normal_cdf(y) - log_normal_cdf(-y)
    tail = kernel.quantile(inside_unit(NormalKernel().cdf(-y.abs())))
    return torch.where(y < 0, tail, -tail).clamp(-FAR, FAR)


class _Solution(torch.autograd.Function):
    """The z of a score as a number without derivatives; the search stops when all have been found."""

    @staticmethod
    def forward(family: Numeric, raw: Tensor, y: Tensor) -> Tensor:
        """Return z."""
        _, locations, scales = family.mixture(raw)
        ends = locations + scales * _bell_quantile(family.kernel, y).unsqueeze(-1)
        return solve(lambda z: score_of(family, raw, z), y, ends.amin(-1), ends.amax(-1))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ANN401 - torch's own
        """Say that there are no derivatives."""
        ctx.mark_non_differentiable(output)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[None, None, None]:  # noqa: ANN401 - autograd's
        """Return nothing."""
        return None, None, None

    @staticmethod
    def vmap(
        info: Any,  # noqa: ANN401 - torch's own
        in_dims: tuple[int | None, ...],
        family: Numeric,
        raw: Tensor,
        y: Tensor,
    ) -> tuple[Tensor, int]:
        """Solve for the whole batch at once, brought to the front."""
        raw, y = (t.unsqueeze(0) if d is None else t.movedim(d, 0) for t, d in zip((raw, y), in_dims[1:], strict=True))
        rank = max(raw.ndim - 1, y.ndim)
        raw, y = (t.reshape(len(t), *[1] * (rank - n), *t.shape[1:]) for t, n in ((raw, raw.ndim - 1), (y, y.ndim)))
        return _Solution.apply(family, raw, y), 0  # type: ignore[no-untyped-call]  # torch's own
