"""Families of continuous numbers: one normal, and mixtures of normals, of Student-t, of logistics.

All are (2) of :mod:`tailormade.conditionals.numeric` and differ in the shape of their components: normal ones have the
lightest tails, logistic ones (log density falling linearly) stand outliers better, and Student-t ones, of 1, 2 or 4
degrees of freedom, best. Only for these three does Student's distribution have a cdf and a quantile function in closed
form that are simple enough to be exact and fast.
"""

from dataclasses import dataclass

from torch import Tensor, distributions

from tailormade.conditionals.arithmetic import constant
from tailormade.conditionals.generic import GenericDistribution
from tailormade.conditionals.kernels import Kernel, LogisticKernel, NormalKernel, StudentKernel
from tailormade.conditionals.numeric import Numeric


@dataclass(frozen=True)
class Normal(Numeric):
    """A normal variable with two parameters: location and log scale, in units of ``(x - loc) / scale``.

    Args:
        loc: Centre of the values, about.
        scale: Their spread, about.
        min_scale: What the standard deviation never falls below, in the units of x.
        warp: Model ``asinh((x - loc) / scale)`` instead, for heavy tails.

    Raises:
        ValueError: If ``scale`` is not positive or a number is not finite.

    Example:
        >>> import torch
        >>> Normal(loc=170.0, scale=10.0).cdf(torch.zeros(2), torch.tensor([170.0]))
        tensor([0.5000])
    """

    loc: float = 0.0
    scale: float = 1.0
    min_scale: float = 0.0
    warp: bool = False

    @property
    def components(self) -> int:  # type: ignore[override]  # one, and no field
        """One."""
        return 1

    @property
    def kernel(self) -> Kernel:
        """The normal density."""
        return NormalKernel()

    @property
    def noise(self) -> int:
        """One uniform number."""
        return 1

    @property
    def params(self) -> int:
        """Location and log scale."""
        return 2

    def distribution(self, raw: Tensor) -> distributions.Distribution:
        """Return ``torch.distributions.Normal`` over the batch ``(*)``, unless values are warped."""
        if self.warp:
            return GenericDistribution(self, raw)
        _, location, sigma = self.mixture(raw)
        scale = constant(self.scale, raw)
        return distributions.Normal(constant(self.loc, raw) + scale * location.squeeze(-1), scale * sigma.squeeze(-1))


@dataclass(frozen=True)
class NormalMixture(Numeric):
    """A mixture of K normals: K logits, K locations, K log scales.

    Args:
        components: Number of components K.
        loc: Centre of the values, about.
        scale: Their spread, about.
        min_scale: What no component's scale falls below, in the units of x.
        warp: Model ``asinh((x - loc) / scale)`` instead, for heavy tails.

    Raises:
        ValueError: If ``scale`` is not positive, ``components`` is below 1 or a number is not finite.

    Example:
        >>> import torch
        >>> NormalMixture(2).log_prob(torch.tensor([0.0, 0.0, -5.0, 5.0, 0.0, 0.0]), torch.tensor(5.0)).exp()
        tensor(0.1995)
    """

    components: int = 10
    loc: float = 0.0
    scale: float = 1.0
    min_scale: float = 0.0
    warp: bool = False

    @property
    def kernel(self) -> Kernel:
        """The normal density."""
        return NormalKernel()


@dataclass(frozen=True)
class LogisticMixture(Numeric):
    """A mixture of K logistic distributions: K logits, K locations, K log scales.

    Args:
        components: Number of components K.
        loc: Centre of the values, about.
        scale: Their spread, about.
        min_scale: What no component's scale falls below, in the units of x.
        warp: Model ``asinh((x - loc) / scale)`` instead, for heavy tails.

    Raises:
        ValueError: If ``scale`` is not positive, ``components`` is below 1 or a number is not finite.

    Example:
        >>> import torch
        >>> LogisticMixture(1, loc=3.0).log_prob(torch.zeros(3), torch.tensor(3.0)).exp()
        tensor(0.2500)
    """

    components: int = 10
    loc: float = 0.0
    scale: float = 1.0
    min_scale: float = 0.0
    warp: bool = False

    @property
    def kernel(self) -> Kernel:
        """The logistic density."""
        return LogisticKernel()


@dataclass(frozen=True)
class StudentTMixture(Numeric):
    """A mixture of K Student-t distributions: K logits, K locations, K log scales.

    Args:
        components: Number of components K.
        freedom: Degrees of freedom of all components: 1 (Cauchy), 2 or 4, whose cdf and quantile have closed forms.
        loc: Centre of the values, about.
        scale: Their spread, about.
        min_scale: What no component's scale falls below, in the units of x.
        warp: Model ``asinh((x - loc) / scale)`` instead, for heavy tails.

    Raises:
        ValueError: If ``freedom`` is none of the three, or an argument is wrong as in the other mixtures.

    Example:
        >>> import torch
        >>> StudentTMixture(1, freedom=1).cdf(torch.zeros(3), torch.tensor([-1.0, 0.0, 1.0]))
        tensor([0.2500, 0.5000, 0.7500])
    """

    components: int = 10
    freedom: int = 4
    loc: float = 0.0
    scale: float = 1.0
    min_scale: float = 0.0
    warp: bool = False

    def __post_init__(self) -> None:
        """Check the arguments."""
        super().__post_init__()
        if self.freedom not in (1, 2, 4):
            raise ValueError(f"freedom: expected 1, 2 or 4, got {self.freedom!r}.")

    @property
    def kernel(self) -> Kernel:
        """Student's density."""
        return StudentKernel(self.freedom)
