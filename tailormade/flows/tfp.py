"""``MaskedAutoregressiveFlow``: TensorFlow Probability's bijector, argument for argument, as a torch transform.

Its forward direction is that of sampling, and the callable reads the *output* y, as in TFP:

    y_i = x_i exp(s_i(y_<i)) + m_i(y_<i)                                                     (1)
    x_i = (y_i - m_i(y_<i)) exp(-s_i(y_<i)),    log |dy/dx| = Σ_i s_i(y_<i)                  (2)

So (2), what densities need, is one call, while (1) is the fixed point of D calls that start from zeros. Where the
callable is an :class:`~tailormade.nn.AutoregressiveNetwork`, (1) runs on the schedule of the sampling engines instead.
A ``bijector_fn`` puts any transform of single numbers in place of (1). The clean way to write new code is
:class:`~tailormade.flows.autoregressive.MaskedAutoregressive`; this one is for code that exists.

George Papamakarios, Theo Pavlakou, Iain Murray, "Masked Autoregressive Flow for Density Estimation", 2017.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Transform, constraints
from torch.distributions.constraints import Constraint

from tailormade.flows.arguments import check_callable, whole
from tailormade.flows.inverse import invert
from tailormade.flows.network_conditionals import runs_as_ours
from tailormade.flows.shift_and_log_scale import ShiftAndLogScale, Shifted, Unshift, as_raw
from tailormade.nn import AutoregressiveNetwork
from tailormade.nn.validation import check_batches, check_last


class MaskedAutoregressiveFlow(Transform):
    """Map noise x to values y by (1), with TFP's arguments and directions.

    A context is given by keyword: :meth:`condition` binds it, and the methods with TFP's names (:meth:`forward`,
    :meth:`inverse`, ...) take it directly.

    Args:
        shift_and_log_scale_fn: Maps y ``(*, D)``, and the condition by keyword, to a tensor ``(*, D, 2)`` of shifts
            and log-scales, or to a pair, either of which may be ``None`` for 0.
        bijector_fn: Maps the same to a transform of single numbers. Exactly one of the two is given.
        is_constant_jacobian: Whether log-scales do not depend on y; TFP's hint, kept and not needed.
        validate_args: Check that the ``bijector_fn`` returns transforms of single numbers.
        unroll_loop: TFP's choice of loop, kept and without effect.
        event_ndims: How many of the last dimensions are the event.
        name: TFP's name of the bijector.
        cache_size: torch's: 1 to give the last x back when its y is inverted.

    Raises:
        ValueError: If none or both callables are given, or ``event_ndims`` is below 1.

    References:
        Joshua V. Dillon et al., "TensorFlow Distributions", 2017; the class is
        ``tfp.bijectors.MaskedAutoregressiveFlow``.

    Example:
        >>> network = AutoregressiveNetwork(2, event_shape=[3], hidden_units=[16], activation="relu")
        >>> flow = MaskedAutoregressiveFlow(network)
        >>> noise = torch.distributions.Independent(torch.distributions.Normal(torch.zeros(3), 1.0), 1)
        >>> density = torch.distributions.TransformedDistribution(noise, [flow])
        >>> density.log_prob(density.sample((5,))).shape
        torch.Size([5])
    """

    bijective = True

    def __init__(
        self,
        shift_and_log_scale_fn: Callable[..., ShiftAndLogScale] | None = None,
        bijector_fn: Callable[..., Transform] | None = None,
        is_constant_jacobian: bool = False,
        validate_args: bool = False,
        unroll_loop: bool = False,
        event_ndims: int = 1,
        name: str | None = None,
        *,
        cache_size: int = 0,
    ) -> None:
        if (shift_and_log_scale_fn is None) == (bijector_fn is None):
            got = "both" if bijector_fn is not None else "neither"
            raise ValueError(
                "Exactly one of `shift_and_log_scale_fn` and `bijector_fn` should be specified: expected one, got "
                f"{got}; leave one out."
            )
        name_of_given = "shift_and_log_scale_fn" if bijector_fn is None else "bijector_fn"
        check_callable(name_of_given, shift_and_log_scale_fn if bijector_fn is None else bijector_fn)
        if whole("event_ndims", event_ndims) < 1:
            raise ValueError(f"event_ndims: expected at least 1, got {event_ndims}; 1 for events that are vectors.")
        super().__init__(cache_size=cache_size)
        self.shift_and_log_scale_fn, self.bijector_fn = shift_and_log_scale_fn, bijector_fn
        self.is_constant_jacobian, self.validate_args, self.unroll_loop = (
            is_constant_jacobian,
            validate_args,
            unroll_loop,
        )
        self.event_ndims, self.name = event_ndims, name
        self.conditions: dict[str, Any] = {}
        self._last: tuple[Tensor, Tensor, Tensor, bool] | None = None

    @property
    def domain(self) -> Constraint:  # type: ignore[override]  # an attribute in torch
        """Real events."""
        return constraints.independent(constraints.real, self.event_ndims)

    codomain = domain

    def condition(self, **conditions: Any) -> "MaskedAutoregressiveFlow":  # noqa: ANN401 - the callable's own
        """Return the transform with keyword arguments of the callable bound, such as ``conditional_input=c``."""
        return self._copy(self._cache_size, {**self.conditions, **conditions})

    def with_cache(self, cache_size: int = 1) -> "MaskedAutoregressiveFlow":
        """Return this transform with another size of torch's cache."""
        return self if cache_size == self._cache_size else self._copy(cache_size, self.conditions)

    def _copy(self, cache_size: int, conditions: dict[str, Any]) -> "MaskedAutoregressiveFlow":
        copy = MaskedAutoregressiveFlow(
            self.shift_and_log_scale_fn, self.bijector_fn, self.is_constant_jacobian, self.validate_args,
            self.unroll_loop, self.event_ndims, self.name, cache_size=cache_size,
        )  # fmt: skip
        copy.conditions = conditions
        return copy

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy needs: nothing remembered."""
        state = {**super().__getstate__(), "_last": None}  # type: ignore[no-untyped-call]  # torch's
        return {**state, "_cached_x_y": (None, None)} if self._cache_size else state

    def forward(self, x: Tensor, **conditions: Any) -> Tensor:  # noqa: ANN401 - the callable's own
        """Return y by (1), as TFP's method of this name."""
        return self.condition(**conditions)(x)

    def inverse(self, y: Tensor, **conditions: Any) -> Tensor:  # noqa: ANN401 - the callable's own
        """Return x by (2), as TFP's method of this name."""
        return self.condition(**conditions)._inverse(y)

    def inverse_log_det_jacobian(self, y: Tensor, **conditions: Any) -> Tensor:  # noqa: ANN401 - the callable's own
        """Return ``log |dx/dy|``, shape ``(*)``, as TFP's method of this name."""
        return -self.condition(**conditions).inverse_and_ladj(y)[1]

    def forward_log_det_jacobian(self, x: Tensor, **conditions: Any) -> Tensor:  # noqa: ANN401 - the callable's own
        """Return ``log |dy/dx|``, shape ``(*)``, as TFP's method of this name; it takes y, so all of (1)."""
        flow = self.condition(**conditions)
        return flow.inverse_and_ladj(flow(x))[1]

    def inverse_and_ladj(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return x and ``log |dy/dx|`` (2) from one call, shapes ``(*, *event)`` and ``(*)``."""
        bijector = self._bijector(y)
        x = bijector.inv(y)
        return x, bijector.log_abs_det_jacobian(x, y).expand_as(x).sum(tuple(range(-self.event_ndims, 0)))

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """Return ``log |dy/dx|`` (2), shape ``(*)``; for an x that the inverse has just made of y, without a call."""
        if self._last is not None:
            last_x, last_y, ladj, with_grad = self._last
            if x is last_x and y is last_y and with_grad == torch.is_grad_enabled():
                return ladj
        return self.inverse_and_ladj(y)[1]

    def _inverse(self, y: Tensor) -> Tensor:
        x, ladj = self.inverse_and_ladj(y)
        self._last = (x, y, ladj, torch.is_grad_enabled())
        return x

    def _call(self, x: Tensor) -> Tensor:
        network = self.shift_and_log_scale_fn
        if self.event_ndims == 1 and isinstance(network, AutoregressiveNetwork) and _is_known(network):
            return _solved(network, x, **self.conditions)
        y = torch.zeros_like(x)
        for _ in range(x.shape[x.ndim - self.event_ndims :].numel()):
            y = self._bijector(y)(x)
        return y

    def _bijector(self, y: Tensor) -> Transform:
        if self.bijector_fn is None:
            assert self.shift_and_log_scale_fn is not None
            return Shifted(as_raw(self.shift_and_log_scale_fn(y, **self.conditions), y))
        bijector = self.bijector_fn(y, **self.conditions)
        if not isinstance(bijector, Transform):
            raise TypeError(f"bijector_fn: expected one that returns a torch transform, got {type(bijector).__name__}.")
        if self.validate_args and (bijector.domain.event_dim or bijector.codomain.event_dim):
            raise ValueError(
                "bijector_fn: expected transforms of single numbers (event_dim 0), got "
                f"{type(bijector).__name__} with event_dim {bijector.domain.event_dim}; a flow of vectors is composed "
                "by torch.distributions.ComposeTransform."
            )
        return bijector


def _is_known(network: AutoregressiveNetwork) -> bool:
    """Whether a network's own way through its weights is also the caller's, and gives shifts and log-scales."""
    return runs_as_ours(network) and network.event_shape is not None and network.params == 2


def _solved(network: AutoregressiveNetwork, x: Tensor, conditional_input: Tensor | None = None) -> Tensor:
    """Return (1) by the schedule of the sampling engines."""
    check_last("x", x, len(network.degrees.inputs))
    check_batches(x, conditional_input, network.context)
    network.apply_constraints()
    assert network.network is not None
    return invert(network.network, network.degrees, Unshift(), x, conditional_input)
