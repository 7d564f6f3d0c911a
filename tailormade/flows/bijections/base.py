r"""The interface of a bijection, and the registry that reads one from a file.

A bijection is an increasing map of one variable whose shape is set by ``params`` raw numbers θ, which a network puts
out: ``y = B(x; θ)`` (1) with slope ``dB/dx > 0`` (2). An autoregressive transform applies one to every variable, with
``θ_i`` a function of ``x_<i``, so that the log-determinant of its Jacobian is ``Σ_i log dB/dx_i`` (3). Bijections hold
no tensors: equal ones are interchangeable, and a file stores a name and arguments. Raw numbers that are all zero give
the identity, or come near to it, so that a flow of small weights starts where its base distribution is.

George Papamakarios, Eric Nalisnick, Danilo Jimenez Rezende, Shakir Mohamed, Balaji Lakshminarayanan, "Normalizing
Flows for Probabilistic Modeling and Inference", 2021, calls B the transformer and the network the conditioner.
"""

from abc import ABC, abstractmethod
from dataclasses import fields
from inspect import isabstract
from typing import Any

from torch import Tensor
from torch.distributions import constraints
from torch.distributions.constraints import Constraint

from tailormade.conditionals import Conditional, conditional_from_config

_REGISTRY: dict[str, type["Bijection"]] = {}


class Bijection(ABC):
    """A family of increasing maps of one variable. Subclasses are frozen dataclasses.

    To add one: implement the abstract members, import it in ``__init__``. All methods work on any number of variables
    at once: raw parameters have shape ``(*, params)`` and values ``(*)``; the two batch shapes broadcast.
    """

    def __init_subclass__(cls) -> None:
        """Register the family under its name, unless it is private."""
        if not cls.__name__.startswith("_"):
            _REGISTRY[cls.__name__] = cls

    @property
    @abstractmethod
    def params(self) -> int:
        """How many raw numbers parameterise the map."""

    @property
    def support(self) -> Constraint:
        """Which values of x it takes."""
        return constraints.real

    @property
    def codomain(self) -> Constraint:
        """Which values of y it reaches."""
        return constraints.real

    def encode(self, x: Tensor) -> Tensor:
        """Return what a network is to see of values: themselves, or numbers of ordinary size; shape ``(*)``."""
        return x

    def decode(self, code: Tensor) -> Tensor:
        """Return the values of which a network sees ``code``, shape ``(*)``."""
        return code

    @property
    def coded(self) -> "Bijection":
        """The same map as a function of the code instead of the value, ``B(decode(code); θ)``."""
        return self

    @abstractmethod
    def forward(self, raw: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return ``y = B(x; θ)`` and ``log dy/dx``, both of shape ``(*)``."""

    @abstractmethod
    def inverse(self, raw: Tensor, y: Tensor) -> Tensor:
        """Return the x with ``B(x; θ) = y``, shape ``(*)``, differentiable with respect to both arguments."""

    def config(self) -> dict[str, Any]:
        """Return name and arguments as JSON-ready values."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]  # a dataclass
        ready = {name: v.config() if isinstance(v, Conditional) else v for name, v in values.items()}
        return {"family": type(self).__name__, **ready}


def named_bijection(bijection: "str | Bijection") -> Bijection:
    """Return a bijection, or the one that ``'affine'`` or ``'spline'`` stands for, with its usual arguments.

    Raises:
        ValueError: If there is none of that name.
    """
    names = {"affine": "Affine", "spline": "RationalQuadraticSpline"}
    if not isinstance(bijection, str):
        return bijection
    if bijection not in names:
        raise ValueError(
            f"bijection: expected one of {sorted(names)} or a bijection such as Affine(), got {bijection!r}."
        )
    return _REGISTRY[names[bijection]]()


def bijection_from_config(config: dict[str, Any]) -> Bijection:
    """Build a bijection from :meth:`Bijection.config`.

    Raises:
        ValueError: If the family is unknown or its arguments are wrong.

    Example:
        >>> from tailormade.flows import Affine
        >>> bijection_from_config(Affine(scale="exp").config())
        Affine(scale='exp', bound=1000.0)
    """
    arguments = dict(config)
    family = arguments.pop("family", None)
    families = sorted(name for name, known in _REGISTRY.items() if not isabstract(known))
    if family not in families:
        raise ValueError(f"bijection: expected one of {families}, got {family!r}; take a name from that list.")
    try:
        return _REGISTRY[family](**{name: _argument(value) for name, value in arguments.items()})
    except TypeError as error:
        raise ValueError(f"bijection {family}: {error}.") from None


def _argument(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    return conditional_from_config(value) if isinstance(value, dict) else value
