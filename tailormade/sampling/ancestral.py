r"""Ancestral sampling by a plain loop: the reference.

``x_i = F_i⁻¹(u_i | θ_i(x_<i))`` (1), for the degrees 1..G in turn. Each step runs the whole network and keeps the
values of one degree; values of higher degrees cannot influence them, by the masks. That is G passes where one
pass's arithmetic would do, but it is the definition, and what any faster engine is compared with.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from tailormade.masks import Degrees
from tailormade.sampling.event import EventLayout
from tailormade.sampling.source import Evidence


def sample_ancestral(
    params: Callable[[Tensor], Tensor],
    layout: EventLayout,
    degrees: Degrees,
    noise: Tensor,
    evidence: Evidence | None = None,
) -> Tensor:
    """Turn noise into samples.

    Args:
        params: Maps values ``(n, D)`` to raw parameters ``(n, sum(param_sizes))``.
        layout: The conditionals.
        degrees: The order to generate in.
        noise: Uniform in [0, 1), shape ``(n, D, layout.noise)``.
        evidence: Values to keep instead of drawing them.

    Returns:
        Values of shape ``(n, D)``.
    """
    x = noise.new_zeros(noise.shape[:-1])
    x = x if evidence is None else evidence.clamp(x)
    for degree in range(1, degrees.groups + 1):
        values = layout.sample(params(x).to(noise.dtype), noise)
        x = torch.where(degrees.inputs == degree, values, x)
        x = x if evidence is None else evidence.clamp(x)
    return x
