"""Densities made to measure: masked autoregressive density estimation on PyTorch."""

from tailormade import masks, nn
from tailormade.conditionals import Bernoulli, Categorical, Conditional
from tailormade.density import MADE, MADEDistribution
from tailormade.nn import AutoregressiveNetwork, MaskedLinear, MaskedSequential

__all__ = [
    "MADE",
    "AutoregressiveNetwork",
    "Bernoulli",
    "Categorical",
    "Conditional",
    "MADEDistribution",
    "MaskedLinear",
    "MaskedSequential",
    "masks",
    "nn",
]
__version__ = "0.1.0"
