"""Independent variables, each of its own conditional: what a network's raw parameters mean at given values.

``log p(x | θ) = Σ_i log p(x_i | θ_i)`` (1), and ``x_i = F_i⁻¹(u_i | θ_i)`` (2) with uniform noise ``u``, as many
numbers for every θ: the same noise gives the same values wherever the parameters are the same.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.distributions import Distribution
from torch.distributions.constraints import Constraint

from tailormade.conditionals import Layout
from tailormade.conditionals.arithmetic import as_number
from tailormade.conditionals.support import EventSupport, check_values


class ProductDistribution(Distribution):
    """Be independent variables, each of its own conditional, at given raw parameters.

    Args:
        layout: The conditionals of the D variables.
        raw: Shape ``(*, sum(param_sizes))``; ``(*)`` is the batch shape.
        validate_args: Check values against the support; torch's default if ``None``.

    Example:
        >>> from tailormade.conditionals import Bernoulli
        >>> d = ProductDistribution(Layout([Bernoulli()] * 3), torch.zeros(5, 3))
        >>> d.log_prob(torch.ones(3)).exp()
        tensor([0.1250, 0.1250, 0.1250, 0.1250, 0.1250])
    """

    arg_constraints = {}  # noqa: RUF012 - the name and type are torch's

    def __init__(self, layout: Layout, raw: Tensor, validate_args: bool | None = None) -> None:
        self.layout, self.raw = layout, raw
        event = torch.Size([len(layout.conditionals)])
        super().__init__(raw.shape[:-1], event, validate_args=validate_args)

    @property
    def support(self) -> Constraint:
        """Every variable within the support of its conditional."""
        return EventSupport(self.layout)

    def expand(self, batch_shape: Sequence[int], _instance: Distribution | None = None) -> "ProductDistribution":
        """Return the distribution with a larger batch shape."""
        return ProductDistribution(self.layout, self.raw.expand(*batch_shape, -1), self._validate_args)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return ``Σ_i log p(x_i | θ_i)`` in nats, shape ``(*)``.

        Raises:
            ValueError: If a value is outside the support or the event has another size.
        """
        if value.ndim < 1 or value.shape[-1:] != self.event_shape:
            raise ValueError(f"value: expected event_shape {tuple(self.event_shape)}, got shape {tuple(value.shape)}.")
        if self._validate_args:
            check_values(self.layout, "value", value)
        batch = torch.broadcast_shapes(value.shape[:-1], self.batch_shape)
        raw, value = self.raw.expand(*batch, -1), value.expand(*batch, -1)
        return self.layout.log_prob(as_number(raw), value).sum(-1)

    @torch.no_grad()
    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw samples, shape ``sample_shape + batch_shape + (D,)``."""
        shape = self._extended_shape(torch.Size(sample_shape))
        noise = draw_noise(self.layout, shape, as_number(self.raw))
        return self.layout.sample(self.raw.to(noise.dtype).expand(*shape[:-1], -1), noise)


def draw_noise(layout: Layout, shape: Sequence[int], like: Tensor) -> Tensor:
    """Draw the uniform noise of events ``(*, D)`` from torch's default generator, shape ``(*, D, layout.noise)``.

    It is float64 where some variables are numbers, which may need it, and else of the type of ``like``.
    """
    states = all(c.cardinality for c in layout.conditionals)
    return torch.rand(*shape, layout.noise, dtype=like.dtype if states else torch.float64, device=like.device)
