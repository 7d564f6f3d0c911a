"""Densities of tables: ``DensityEstimator`` by scikit-learn's protocol, and the ``TableDensity`` that it fits."""

from tailormade.estimator.checks import FewRowsWarning
from tailormade.estimator.density import TableDensity
from tailormade.estimator.estimator import DensityEstimator, Marginal
from tailormade.estimator.imputing import METHODS
from tailormade.estimator.rarity import ExtrapolationWarning
from tailormade.queries.estimates import Estimated, Probability

__all__ = [
    "METHODS",
    "DensityEstimator",
    "Estimated",
    "ExtrapolationWarning",
    "FewRowsWarning",
    "Marginal",
    "Probability",
    "TableDensity",
]
