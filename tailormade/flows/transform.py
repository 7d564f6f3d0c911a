r"""The masked autoregressive transform: one network pass gives values and log-determinant.

    y_i = B(x_i; θ_i(x_<i, c)),    log |dy/dx| = Σ_i log B'(x_i; θ_i(x_<i, c))               (1)

The Jacobian of (1) is triangular once variables are sorted by degree, as the network's masks let ``θ_i`` see variables
of lower degree alone; context c has degree 0 and reaches every variable, the first one included. The forward direction
of (1) is parallel, the inverse sequential: ``x_i = B⁻¹(y_i; θ_i(x_<i, c))`` (2). A MAF runs (1) from data to noise,
which makes densities fast, an IAF from noise to data, which makes samples fast.

George Papamakarios, Theo Pavlakou, Iain Murray, "Masked Autoregressive Flow for Density Estimation", 2017; Diederik P.
Kingma et al., "Improved Variational Inference with Inverse Autoregressive Flow", 2016.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.distributions import Transform, constraints
from torch.distributions.constraints import Constraint

from tailormade.flows.inverse import invert
from tailormade.nn.validation import check_last

if TYPE_CHECKING:
    from tailormade.flows.autoregressive import MaskedAutoregressive


class AutoregressiveTransform(Transform):
    """Map x to y by (1), at one context; what calling :class:`~tailormade.flows.MaskedAutoregressive` returns.

    A ``torch.distributions`` transform of vectors. ``log_abs_det_jacobian(x, t(x))`` takes no second pass through the
    network. The context's batch shape broadcasts with that of x, and the larger of the two is that of y.

    Args:
        module: The network and the bijection.
        context: Shape ``(*, C)``, ``None`` for none.
        cache_size: torch's: 1 to give the last x back when its y is inverted.

    Raises:
        TypeError: If the module is another one.

    Example:
        >>> from tailormade.flows import MaskedAutoregressive
        >>> t = MaskedAutoregressive(3, seed=0)()
        >>> x = torch.tensor([0.5, -1.0, 2.0])
        >>> bool(torch.allclose(t.inv(t(x)), x, atol=1e-5)), t.log_abs_det_jacobian(x, t(x)).shape
        (True, torch.Size([]))
    """

    bijective = True

    def __init__(self, module: "MaskedAutoregressive", context: Tensor | None = None, cache_size: int = 0) -> None:
        if not hasattr(module, "bijection"):  # its class stands above this one, and cannot be imported here
            raise TypeError(
                f"module: expected a MaskedAutoregressive, got {type(module).__name__}; "
                "tm.flows.MaskedAutoregressiveFlow makes a transform of any other network or function."
            )
        super().__init__(cache_size=cache_size)
        self.module, self.context = module, context
        self._last: tuple[Tensor, Tensor, Tensor, bool] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy needs: nothing remembered."""
        state = {**super().__getstate__(), "_last": None}  # type: ignore[no-untyped-call]  # torch's own
        return {**state, "_cached_x_y": (None, None)} if self._cache_size else state

    @property
    def domain(self) -> Constraint:  # type: ignore[override]  # an attribute in torch
        """Vectors of values that the bijection takes."""
        return constraints.independent(self.module.bijection.support, 1)

    @property
    def codomain(self) -> Constraint:  # type: ignore[override]  # an attribute in torch
        """Vectors of values that the bijection reaches."""
        return constraints.independent(self.module.bijection.codomain, 1)

    def with_cache(self, cache_size: int = 1) -> "AutoregressiveTransform":
        """Return this transform with another size of torch's cache."""
        if cache_size == self._cache_size:
            return self
        return AutoregressiveTransform(self.module, self.context, cache_size)

    def call_and_ladj(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return y and ``log |dy/dx|`` (1) from one pass through the network.

        Args:
            x: Shape ``(*, D)``.

        Returns:
            Shapes ``(*, D)`` and ``(*)``.
        """
        y, log_slopes = self.call_and_log_slopes(x)
        return y, log_slopes.sum(-1)

    def call_and_log_slopes(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return y and ``log |dy_i/dx_i|`` of each variable, ``(*, D)`` both."""
        return self.module.bijection.forward(self.module.params(x, self.context), x)

    def _call(self, x: Tensor) -> Tensor:
        y, ladj = self.call_and_ladj(x)
        self._last = (x, y, ladj, torch.is_grad_enabled())
        return y

    def _inverse(self, y: Tensor) -> Tensor:
        module = self.module
        check_last("y", y, module.features)
        return invert(module.network, module.degrees, module.bijection, y, self.context)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """Return ``log |dy/dx|``, shape ``(*)``; y is not needed, but known to come from x it spares a pass."""
        if self._last is not None:
            last_x, last_y, ladj, with_grad = self._last
            if x is last_x and y is last_y and with_grad == torch.is_grad_enabled():
                return ladj
        return self.call_and_ladj(x)[1]

    def forward_shape(self, shape: Sequence[int]) -> torch.Size:
        """Return the shape of y for one of x."""
        return self._shape(shape)

    def inverse_shape(self, shape: Sequence[int]) -> torch.Size:
        """Return the shape of x for one of y."""
        return self._shape(shape)

    def _shape(self, shape: Sequence[int]) -> torch.Size:
        batch = () if self.context is None else self.context.shape[:-1]
        return torch.Size((*torch.broadcast_shapes(batch, tuple(shape[:-1])), shape[-1]))
