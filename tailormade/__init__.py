"""Densities made to measure: masked autoregressive density estimation on PyTorch.

``MADE`` models ``p(x | c) = Π_i p(x_i | x_<i, c)`` (1) with one masked network; ``fit`` trains it, calling it returns a
``torch.distributions.Distribution``, ``save`` and ``load`` keep it. ``MAF`` and ``IAF`` are flows built on the same
network, for continuous variables, and are fitted and kept alike. Below it, ``nn`` has the masked layers and
``AutoregressiveNetwork``, ``masks`` the degrees and the audit; beside it, ``verify`` checks any model and ``plots``
draws it. ``DensityEstimator`` does all of this for the rows of any table, whose ``Schema`` it infers. Importing this
package loads torch and numpy only; the rest is loaded when it is used.
"""

import importlib
from typing import Any

from tailormade import masks, nn, sampling, training, verify
from tailormade.conditionals import (
    Bernoulli,
    Categorical,
    Conditional,
    DiscretisedLogistics,
    Histogram,
    LogisticMixture,
    NegativeBinomial,
    Normal,
    NormalMixture,
    Ordinal,
    PointMasses,
    Poisson,
    Spline,
    StudentTMixture,
)
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
    "DiscretisedLogistics",
    "FitConfig",
    "Histogram",
    "History",
    "LogisticMixture",
    "MADEDistribution",
    "MaskedLinear",
    "MaskedSequential",
    "NegativeBinomial",
    "Normal",
    "NormalMixture",
    "Ordinal",
    "PointMasses",
    "Poisson",
    "Spline",
    "StudentTMixture",
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

_MODULES = (
    "baselines",
    "compat",
    "conditionals",
    "datasets",
    "estimator",
    "flows",
    "patterns",
    "plots",
    "queries",
    "tables",
)
_NAMES = {
    **dict.fromkeys(("DensityEstimator", "TableDensity"), "estimator"),
    **dict.fromkeys(("IAF", "MAF", "Autoregressive", "Blockwise"), "flows"),
    "Schema": "tables",
}


def __dir__() -> list[str]:
    """Name what is imported when it is used, too."""
    return sorted({*globals(), *_MODULES, *_NAMES} - {"importlib", "Any"})


def __getattr__(name: str) -> Any:  # noqa: ANN401 - modules and classes
    """Import what needs more than torch and numpy when it is first named."""
    if name in _MODULES:
        return importlib.import_module(f"tailormade.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(f"tailormade.{_NAMES[name]}"), name)
    raise AttributeError(f"module 'tailormade' has no attribute '{name}'")
