"""The interface of a base distribution, and the registry that reads one from a file."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from torch import Tensor, nn
from torch.distributions import Distribution

_REGISTRY: dict[str, type["Base"]] = {}


class Base(nn.Module, ABC):
    """A density of the noise ``z`` ``(*, D)``. Subclasses name their arguments in ``_config``.

    A :class:`tailormade.MADE` has the same methods, and can stand in its place.

    Args:
        features: Number of variables D.

    Attributes:
        context: Width of the context that it takes; 0, except for a MADE with one.
    """

    context: ClassVar[int] = 0

    def __init_subclass__(cls) -> None:
        """Register the family under its name."""
        _REGISTRY[cls.__name__] = cls

    def __init__(self, features: int) -> None:
        super().__init__()
        self.features = features
        self._config: dict[str, Any] = {}

    @abstractmethod
    def log_prob(self, z: Tensor, context: Tensor | None = None) -> Tensor:
        """Return ``log p(z)`` in nats, shape ``(*)``."""

    @abstractmethod
    def forward(self, context: Tensor | None = None) -> Distribution:
        """Return the same as a torch distribution of event shape ``(D,)``."""

    def config(self) -> dict[str, Any]:
        """Return name and arguments as JSON-ready values."""
        return {"kind": type(self).__name__, "features": self.features, **self._config}


def base_from_config(config: dict[str, Any]) -> Base:
    """Build a base from :meth:`Base.config`; its parameters are stored beside it.

    Raises:
        ValueError: If the kind is unknown.

    Example:
        >>> from tailormade.flows import NormalBase
        >>> base_from_config(NormalBase(3).config()).features
        3
    """
    arguments = dict(config)
    kind = arguments.pop("kind", None)
    if kind not in _REGISTRY:
        raise ValueError(f"base: expected one of {sorted(_REGISTRY)}, got {kind!r}.")
    return _REGISTRY[kind](**arguments)
