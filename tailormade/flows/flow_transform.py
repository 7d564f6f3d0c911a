"""A flow as a torch transform, from noise to data."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.distributions import Transform, constraints

if TYPE_CHECKING:
    from tailormade.flows.stacked import Flow


class FlowTransform(Transform):
    """Map noise z to data x at one context: ``f⁻¹`` of all layers of a flow together.

    Args:
        flow: The layers.
        context: Shape ``(*, C)``, or ``None``.
        cache_size: torch's: 1 to give the last z back when its x is inverted.

    Example:
        >>> from tailormade.flows import MAF
        >>> t = MAF(2, hidden_units=(8,), seed=0).transform()
        >>> z = torch.tensor([0.5, -1.0])
        >>> bool(torch.allclose(t.inv(t(z)), z, atol=1e-5))
        True
    """

    bijective = True
    domain = constraints.real_vector
    codomain = constraints.real_vector

    def __init__(self, flow: "Flow", context: Tensor | None = None, cache_size: int = 0) -> None:
        super().__init__(cache_size=cache_size)
        self.flow, self.context = flow, context

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy needs: nothing remembered, which could not be copied with its gradients."""
        state = super().__getstate__()  # type: ignore[no-untyped-call]  # torch's own
        return {**state, "_cached_x_y": (None, None)}

    def with_cache(self, cache_size: int = 1) -> "FlowTransform":
        """Return this transform with another size of torch's cache."""
        return self if cache_size == self._cache_size else FlowTransform(self.flow, self.context, cache_size)

    def _call(self, z: Tensor) -> Tensor:
        return self.flow.to_data(z, self.context)

    def _inverse(self, x: Tensor) -> Tensor:
        return self.flow.to_noise(x, self.context)[0]

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """Return ``log |det dy/dx|``, shape ``(*)``; torch calls the noise x here, and the data y."""
        return self.flow.to_data_and_ladj(x, self.context)[1]

    def forward_shape(self, shape: Sequence[int]) -> torch.Size:
        """Return the shape of x for one of z."""
        batch = () if self.context is None else self.context.shape[:-1]
        return torch.Size((*torch.broadcast_shapes(batch, tuple(shape[:-1])), shape[-1]))

    def inverse_shape(self, shape: Sequence[int]) -> torch.Size:
        """Return the shape of z for one of x."""
        return self.forward_shape(shape)
