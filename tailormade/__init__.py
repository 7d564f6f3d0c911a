"""Densities made to measure: masked autoregressive density estimation on PyTorch."""

from tailormade import masks, nn
from tailormade.conditionals import Bernoulli, Categorical, Conditional
from tailormade.density import MADE, MADEDistribution
from tailormade.nn import AutoregressiveNetwork, MaskedLinear, MaskedSequential
from tailormade.store import load, save
from tailormade.training import FitConfig, History, fit

__all__ = [
    "MADE",
    "AutoregressiveNetwork",
    "Bernoulli",
    "Categorical",
    "Conditional",
    "FitConfig",
    "History",
    "MADEDistribution",
    "MaskedLinear",
    "MaskedSequential",
    "fit",
    "load",
    "masks",
    "nn",
    "save",
]
__version__ = "0.1.0"
