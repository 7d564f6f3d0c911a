"""``Autoregressive``: TensorFlow Probability's general class, for any callable that conditions on the whole event.

The callable maps values to a distribution, ``x ↦ q(· | x)`` (1), in which each variable's own part must depend on
variables before it alone. Then ``log p(x) = log q(x | x)`` (2) is one call. A sample is the fixed point of

    x⁽⁰⁾ ~ q(· | x₀),    x⁽ᵗ⁺¹⁾ = the draw of q(· | x⁽ᵗ⁾) made of the same random numbers               (3)

since after t steps the first t variables no longer change: D steps reach it, and one that changes nothing has reached
it. For this each step starts torch's generators at one seed, so a distribution must use as many random numbers
whatever its parameters; those that reject draws (gamma, von Mises) do not, which is noticed. Where the callable is
one of our networks (:class:`~tailormade.flows.network_conditionals.NetworkConditionals`), the sampling engines find
the same fixed point at the cost of about one pass.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Distribution
from torch.distributions.constraints import Constraint

from tailormade.flows.arguments import check_callable, check_tensor, whole
from tailormade.flows.network_conditionals import NetworkConditionals
from tailormade.flows.seeds import draw_seed
from tailormade.nn.shapes import as_size, expanded
from tailormade.random import seeded


class Autoregressive(Distribution):
    """Be the density ``p(x) = Π_i q_i(x_i | x_<i)`` of a callable that gives all ``q_i`` at once.

    ``distribution_fn`` returns a distribution whose event is that of x. No seed is an argument of it: a draw that
    :meth:`sample` makes is repeated from one seed, and torch's generators are left as they were found.

    Args:
        distribution_fn: Maps values ``(*, *event)`` to a distribution of that event with batch shape ``(*)``.
        sample0: Values to start from, of the event's shape or with a batch shape in front; if ``None``, the callable
            is called without arguments, as TFP does.
        num_steps: How often the callable is composed with its own samples; the size of the event if ``None``. Fewer
            will do where variables come in groups.
        validate_args: Check values, and that sampling with the default ``num_steps`` came to rest; torch's default
            if ``None``.

    Raises:
        TypeError: If ``distribution_fn`` cannot be called or returns no distribution, or ``sample0`` is no tensor.
        ValueError: If ``num_steps`` is negative.

    References:
        Joshua V. Dillon et al., "TensorFlow Distributions", 2017; the class is ``tfp.distributions.Autoregressive``.

    Example:
        >>> from torch.distributions import Independent, Normal
        >>> def walk(x):
        ...     return Independent(Normal(torch.nn.functional.pad(x[..., :-1], (1, 0)), 1.0), 1)
        >>> d = Autoregressive(walk, torch.zeros(4))
        >>> d.sample((3,)).shape, d.log_prob(torch.ones(4))
        (torch.Size([3, 4]), tensor(-4.1758))
    """

    arg_constraints = {}  # noqa: RUF012 - the name and type are torch's

    def __init__(
        self,
        distribution_fn: Callable[..., Distribution],
        sample0: Tensor | None = None,
        num_steps: int | None = None,
        *,
        validate_args: bool | None = None,
    ) -> None:
        check_callable("distribution_fn", distribution_fn)
        if sample0 is not None:
            check_tensor("sample0", sample0)
        if num_steps is not None and whole("num_steps", num_steps) < 0:
            raise ValueError(f"num_steps: expected a number of at least 0, got {num_steps}; None for the event's size.")
        self.distribution_fn, self.sample0, self.num_steps = distribution_fn, sample0, num_steps
        with torch.no_grad():
            first = self._first()
        super().__init__(first.batch_shape, first.event_shape, validate_args=validate_args)

    def _first(self) -> Distribution:
        first = self._without_value() if self.sample0 is None else self.distribution_fn(self.sample0)
        if not isinstance(first, Distribution):
            raise TypeError(
                f"distribution_fn: expected one that returns a torch distribution, got {type(first).__name__}; "
                "tm.flows.NetworkConditionals makes one of a network's outputs."
            )
        return first

    def _without_value(self) -> Distribution:
        try:
            return self.distribution_fn()
        except TypeError as error:
            raise TypeError(
                f"distribution_fn: called without a value, as sample0 is None, it failed ({error}); pass sample0, a "
                "tensor of the event's shape to start from, such as zeros."
            ) from error

    @property
    def support(self) -> Constraint:
        """That of the callable's distribution at ``sample0``; values are checked against the one at the values."""
        return self._first().support  # type: ignore[return-value]  # a property in most, an attribute in some

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]  # an attribute in torch
        """Whether the callable's distribution has it."""
        return bool(self._first().has_rsample)

    def __repr__(self) -> str:
        """Name the shapes."""
        return f"Autoregressive(batch_shape={tuple(self.batch_shape)}, event_shape={tuple(self.event_shape)})"

    def expand(self, batch_shape: Sequence[int], _instance: Distribution | None = None) -> "Autoregressive":
        """Return the distribution with a larger batch shape.

        Raises:
            ValueError: If its own does not broadcast to that.
        """
        shape = expanded(self.batch_shape, batch_shape)
        checked: Any = self._get_checked_instance  # torch has no types for it
        new: Autoregressive = checked(Autoregressive, _instance)
        new.distribution_fn, new.sample0, new.num_steps = self.distribution_fn, self.sample0, self.num_steps
        Distribution.__init__(new, shape, self.event_shape, validate_args=self._validate_args)
        return new

    def log_prob(self, value: Tensor) -> Tensor:
        """Return ``log p(x)`` in nats, shape ``(*)`` for values of shape ``(*, *event)``; one call of the callable.

        Raises:
            ValueError: If the last dimensions are not the event's, or the callable's distribution rejects a value.
        """
        check_tensor("value", value)
        rank = len(self.event_shape)
        if value.ndim < rank or value.shape[value.ndim - rank :] != self.event_shape:
            raise ValueError(f"value: expected event_shape {tuple(self.event_shape)}, got shape {tuple(value.shape)}.")
        batch = torch.broadcast_shapes(value.shape[: value.ndim - rank], self.batch_shape)
        return self.distribution_fn(value).log_prob(value).expand(batch)

    @torch.no_grad()
    def sample(self, sample_shape: Sequence[int] = (), *, generator: torch.Generator | None = None) -> Tensor:
        """Draw samples.

        Args:
            sample_shape: Shape in front of the batch shape.
            generator: Source of the seed of the draw; torch's default generator if ``None``.

        Returns:
            Shape ``sample_shape + batch_shape + event_shape``.

        Raises:
            ValueError: If the samples have not come to rest after as many steps as there are variables.
        """
        shape, seed = self._extended_shape(as_size(sample_shape)), draw_seed(generator)
        with seeded(seed):
            network = self._network()
            return self._compose(as_size(sample_shape), seed) if network is None else network.sample(shape[:-1])

    def _network(self) -> NetworkConditionals | None:
        """The callable, if the engines know it and the steps are not fewer than they take."""
        fn = self.distribution_fn
        enough = self.num_steps is None or self.num_steps >= self.event_shape.numel()
        return fn if enough and isinstance(fn, NetworkConditionals) and fn.is_known else None

    def _compose(self, sample_shape: torch.Size, seed: int) -> Tensor:
        x = self._first().expand(self.batch_shape).sample(sample_shape)
        for _ in range(self._steps()):
            before, x = x, self._step(x, seed)
            if torch.equal(x, before):
                return x
        if self._validate_args and self.num_steps is None and not torch.equal(self._step(x, seed), x):
            raise ValueError(
                f"distribution_fn: expected one that settles in {self._steps()} steps, got samples that still change; "
                "either a variable depends on itself or on a later one, or the distribution rejects draws (as gamma "
                "does), so that the same seed gives other draws; make it of one that does not."
            )
        return x

    def _steps(self) -> int:
        return self.event_shape.numel() if self.num_steps is None else self.num_steps

    def _step(self, x: Tensor, seed: int) -> Tensor:
        torch.manual_seed(seed)
        return self.distribution_fn(x).sample()

    def rsample(self, sample_shape: Sequence[int] = (), *, generator: torch.Generator | None = None) -> Tensor:
        """Draw samples that are differentiable, by (3) with all its steps; shape as :meth:`sample`.

        Args:
            sample_shape: Shape in front of the batch shape.
            generator: Source of the seed of the draw; torch's default generator if ``None``.

        Raises:
            NotImplementedError: If the callable's distribution has no ``rsample``.
        """
        seed = draw_seed(generator)
        with seeded(seed):
            x = self._first().expand(self.batch_shape).rsample(as_size(sample_shape))
            for _ in range(self._steps()):
                torch.manual_seed(seed)
                x = self.distribution_fn(x).rsample()
        return x
