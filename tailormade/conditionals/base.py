"""The interface of a conditional, and the registry that reads one back from a file."""

from abc import ABC, abstractmethod
from dataclasses import asdict
from typing import Any, ClassVar

from torch import Tensor
from torch.distributions import Distribution
from torch.distributions.constraints import Constraint

_REGISTRY: dict[str, type["Conditional"]] = {}


class Conditional(ABC):
    """A family of one-dimensional distributions. Subclasses are frozen dataclasses.

    To add one: set the class attributes, implement the abstract methods, import it in ``__init__``. All methods work
    on any number of variables at once: raw parameters have shape ``(*, params)``, values ``(*)``.

    Attributes:
        noise: How many uniform numbers :meth:`sample` needs for one value.
        scaled: Whether inputs are divided by their standard deviation (continuous values), not only centred.
    """

    noise: ClassVar[int] = 1
    scaled: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        """Register the family under its name."""
        _REGISTRY[cls.__name__] = cls

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
    def distribution(self, raw: Tensor) -> Distribution:
        """Return the torch distribution with batch shape ``(*)``."""

    @abstractmethod
    def marginal_params(self, x: Tensor) -> Tensor:
        """Return raw parameters ``(n, params)`` of the smoothed marginals of the columns of ``x`` ``(rows, n)``.

        What a network starts from, and the baseline of independent variables. No value of the support
        gets probability 0, even one that never occurs.
        """

    def describe(self) -> str:
        """Say in words which values are expected."""
        return str(self.support)

    def config(self) -> dict[str, Any]:
        """Return name and arguments as JSON-ready values."""
        return {"family": type(self).__name__, **asdict(self)}  # type: ignore[call-overload]  # subclasses are dataclasses


def conditional_from_config(config: dict[str, Any]) -> Conditional:
    """Build a conditional from :meth:`Conditional.config`.

    Raises:
        ValueError: If the family is unknown or its arguments are wrong.
    """
    arguments = dict(config)
    family = arguments.pop("family", None)
    if family not in _REGISTRY:
        raise ValueError(f"conditional: expected one of {sorted(_REGISTRY)}, got {family!r}.")
    try:
        return _REGISTRY[family](**arguments)
    except TypeError as error:
        raise ValueError(f"conditional {family}: {error}.") from None
