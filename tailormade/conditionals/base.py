"""The interface of a conditional, what all families can derive from it, and the registry that reads one from a file."""

from abc import ABC, abstractmethod
from collections.abc import Hashable
from dataclasses import fields
from inspect import isabstract
from math import inf, isinf
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.distributions import Distribution
from torch.distributions.constraints import Constraint

from tailormade.conditionals.generic import GenericDistribution

_REGISTRY: dict[str, type["Conditional"]] = {}


class Conditional(ABC):
    """A family of one-dimensional distributions. Subclasses are frozen dataclasses.

    To add one: implement the abstract methods, import it in ``__init__``. All methods work on any number of variables
    at once: raw parameters have shape ``(*, params)``, values ``(*)``. In a stack (see :func:`stack`), the last
    dimension of ``(*)`` is that of the n variables.

    Attributes:
        constants: Fields that are numbers, or tuples of numbers of one length, which may differ between the variables
            of a stack.
    """

    constants: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Register the family under its name."""
        _REGISTRY[cls.__name__] = cls

    @property
    def noise(self) -> int:
        """How many uniform numbers :meth:`sample` needs for one value."""
        return 1

    @property
    def scaled(self) -> bool:
        """Whether inputs are divided by their standard deviation (continuous values), not only centred."""
        return False

    @property
    def scaled_inputs(self) -> tuple[bool, ...]:
        """The same for each input, where they differ."""
        return (self.scaled,) * self.width

    @property
    @abstractmethod
    def params(self) -> int:
        """How many raw numbers parameterise the distribution."""

    @property
    @abstractmethod
    def width(self) -> int:
        """How many network inputs encode one value."""

    @property
    @abstractmethod
    def support(self) -> Constraint:
        """Which values have positive probability."""

    @property
    def cardinality(self) -> int | None:
        """Number of values 0..k-1 the variable can take, or ``None`` if they cannot be enumerated."""
        return None

    @property
    def filler(self) -> float | Tensor:
        """A value in the support: what stands in a cell of which nothing is known; ``(n,)`` in a stack."""
        return 0.0

    @property
    def log_cell(self) -> float | Tensor:
        """The ``c`` in ``log P(X = x) = log_prob(x) + c``: 0 for probabilities, minus infinity for densities."""
        return 0.0 if self.support.is_discrete else -inf

    @abstractmethod
    def encode(self, x: Tensor) -> Tensor:
        """Turn values ``(*)`` of floating type into network inputs ``(*, width)``."""

    @abstractmethod
    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``log p(x)`` in nats, shape ``(*)``."""

    @abstractmethod
    def sample(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Turn uniform noise ``(*, noise)`` in [0, 1) into values ``(*)``."""

    @abstractmethod
    def marginal_params(self, x: Tensor) -> Tensor:
        """Return raw parameters ``(n, params)`` of the smoothed marginals of the columns of ``x`` ``(rows, n)``.

        What a network starts from, and the baseline of independent variables. Missing cells (NaN) are left out; a
        column may have no others. No value of the support gets probability 0, even one that never occurs.
        """

    def cdf(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``F(x) = P(X <= x)``, shape ``(*)``."""
        cumulative = torch.nn.functional.pad(self._cumulative(raw), (1, 0))
        states = cumulative.shape[-1] - 1
        index = x.nan_to_num(-1).floor().clamp(-1, states - 1).long() + 1
        batch = torch.broadcast_shapes(cumulative.shape[:-1], index.shape)
        return cumulative.expand(*batch, -1).gather(-1, index.expand(batch).unsqueeze(-1)).squeeze(-1)

    def icdf(self, raw: Tensor, u: Tensor) -> Tensor:
        """Return the smallest x with ``F(x) >= u``, shape ``(*)``."""
        cumulative = self._cumulative(raw)[..., :-1]
        return (cumulative < u.unsqueeze(-1)).sum(-1).to(raw.dtype)

    def _cumulative(self, raw: Tensor) -> Tensor:
        """``F`` at all states, ``(*, k)``."""
        assert self.cardinality is not None, "a family without states has a cdf and an icdf of its own"
        states = torch.arange(self.cardinality, dtype=raw.dtype, device=raw.device)
        # states run along the first dimension here, as the last one may be that of a stack
        logs = self.log_prob(raw, states.reshape(-1, *[1] * (raw.ndim - 1)))
        cumulative = logs.exp().cumsum(0).clamp(max=1).movedim(0, -1)
        return torch.cat([cumulative[..., :-1], torch.ones_like(cumulative[..., :1])], -1)

    def mass_below(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``P(X < x)``, shape ``(*)``; discrete values are whole numbers."""
        return self.cdf(raw, x.ceil() - 1 if self.support.is_discrete else x)

    def close(self, x: Tensor, points: Tensor) -> Tensor:
        """Return which point each x is equal to, or is what float32 has left of.

        Args:
            x: Shape ``(*)``.
            points: float64, shape ``(k,)``, or ``(n, k)`` in a stack.

        Returns:
            Booleans of shape ``(*, k)``.
        """
        x = x.unsqueeze(-1)
        return (x == points) | (x == points.float())

    def matches(self, x: Tensor, points: Tensor) -> Tensor:
        """Return which point each x stands for: is close to or, where a record is rounded, is rounded to."""
        return self.close(x, points)

    def recorded(self, x: Tensor) -> Tensor:
        """Return the values that ``x`` stands for, where a record is rounded."""
        return x

    def distribution(self, raw: Tensor) -> Distribution:
        """Return a torch distribution with batch shape ``(*)``."""
        return GenericDistribution(self, raw)

    def describe(self) -> str:
        """Say in words which values are expected."""
        return str(self.support)

    def structure(self) -> tuple[Hashable, ...]:
        """Return what the members of a stack share: the family and all arguments but its constants."""
        return (type(self), *(_shared(getattr(self, f.name), f.name in self.constants) for f in _fields(self)))

    def config(self) -> dict[str, Any]:
        """Return name and arguments as JSON-ready values; without infinities: JSON has none, and they are defaults."""
        values = {f.name: getattr(self, f.name) for f in _fields(self)}
        ready = {name: v.config() if isinstance(v, Conditional) else v for name, v in values.items()}
        finite = {name: v for name, v in ready.items() if not (isinstance(v, float) and isinf(v))}
        return {
            "family": type(self).__name__,
            **{n: list(v) if isinstance(v, tuple) else v for n, v in finite.items()},
        }


def _fields(conditional: Conditional) -> tuple[Any, ...]:
    return fields(conditional)  # type: ignore[arg-type]  # subclasses are dataclasses


def _shared(value: Any, constant: bool) -> Hashable:  # noqa: ANN401 - an argument of any family
    if isinstance(value, Conditional):
        return value.structure()
    if constant:
        return len(value) if isinstance(value, tuple) else None
    return value


def stack(members: list[Conditional]) -> Conditional:
    """Return one conditional that computes several of equal structure, side by side, in vectorised calls.

    Its constants are float64 tensors of shape ``(n,)``, or ``(n, k)``. It takes values ``(*, n)`` and raw parameters
    ``(*, n, params)``, and is neither compared nor stored. Members that are all equal need none: the first is returned.

    Example:
        >>> from tailormade.conditionals import Normal
        >>> stack([Normal(loc=0.0), Normal(loc=10.0)]).cdf(torch.zeros(2, 2), torch.tensor([0.0, 10.0]))
        tensor([0.5000, 0.5000])
    """
    first = members[0]
    if all(m == first for m in members):
        return first
    stacked = object.__new__(type(first))  # __init__ would check the tensors as if they were numbers
    for f in _fields(first):
        values = [getattr(m, f.name) for m in members]
        value: Any = values[0]
        if isinstance(value, Conditional):
            value = stack(values)
        elif f.name in first.constants:
            value = torch.tensor(values, dtype=torch.float64)
        object.__setattr__(stacked, f.name, value)
    return stacked


def conditional_from_config(config: dict[str, Any]) -> Conditional:
    """Build a conditional from :meth:`Conditional.config`.

    Raises:
        ValueError: If the family is unknown or its arguments are wrong.
    """
    arguments = dict(config)
    family = arguments.pop("family", None)
    families = sorted(name for name, known in _REGISTRY.items() if not isabstract(known))
    if family not in families:
        raise ValueError(f"conditional: expected one of {families}, got {family!r}.")
    try:
        return _REGISTRY[family](**{name: _argument(value) for name, value in arguments.items()})
    except TypeError as error:
        raise ValueError(f"conditional {family}: {error}.") from None


def _argument(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, dict):
        return conditional_from_config(value)
    return tuple(value) if isinstance(value, list) else value
