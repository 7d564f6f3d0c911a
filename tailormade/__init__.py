"""Densities made to measure: masked autoregressive density estimation on PyTorch.

``MADE`` models ``p(x | c) = Π_i p(x_i | x_<i, c)`` (1) with one masked network; ``fit`` trains it, calling it returns a
``torch.distributions.Distribution``, ``save`` and ``load`` keep it. Below it, ``nn`` has the masked layers and
``AutoregressiveNetwork``, ``masks`` the degrees and the audit; beside it, ``verify`` checks any model and ``plots``
draws it. Importing this package loads torch and numpy only; the rest is loaded when it is used.
"""

import importlib
from types import ModuleType

from tailormade import masks, nn, sampling, training, verify
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
    "sampling",
    "save",
    "training",
    "verify",
]
__version__ = "0.1.0"

_ON_USE = ("baselines", "compat", "datasets", "plots")


def __getattr__(name: str) -> ModuleType:
    """Import the modules that need more than torch and numpy when they are first named."""
    if name in _ON_USE:
        return importlib.import_module(f"tailormade.{name}")
    raise AttributeError(f"module 'tailormade' has no attribute '{name}'")
