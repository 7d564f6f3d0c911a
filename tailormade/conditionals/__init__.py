"""One-dimensional conditionals: what the numbers a network puts out for a variable mean.

A conditional turns ``params`` raw numbers ``θ`` into a distribution of one variable, ``p(x | θ)`` (1), and a value into
``width`` network inputs (2). It holds no tensors: equal conditionals are interchangeable, variables that share one, or
one but for its constants, are computed together, and a file stores its name and arguments. Samples are made from given
uniform noise (3), so that every sampling engine gives the same sample for the same noise; every family has a cdf
``F(x) = P(X <= x)`` (4) and a quantile function, the smallest x with ``F(x) >= u`` (5). Values are in the user's units.
"""

from tailormade.conditionals.base import Conditional, conditional_from_config, stack
from tailormade.conditionals.bernoulli import Bernoulli
from tailormade.conditionals.categorical import Categorical
from tailormade.conditionals.counts import NegativeBinomial, Poisson
from tailormade.conditionals.discretised import DiscretisedLogistics
from tailormade.conditionals.heaped import Heaped
from tailormade.conditionals.histogram import Histogram
from tailormade.conditionals.layout import Layout
from tailormade.conditionals.maybe_missing import MaybeMissing
from tailormade.conditionals.mixtures import LogisticMixture, Normal, NormalMixture, StudentTMixture
from tailormade.conditionals.ordinal import Ordinal
from tailormade.conditionals.point_masses import PointMasses
from tailormade.conditionals.recurring import Recurring
from tailormade.conditionals.spline import Spline

__all__ = [
    "Bernoulli",
    "Categorical",
    "Conditional",
    "DiscretisedLogistics",
    "Heaped",
    "Histogram",
    "Layout",
    "LogisticMixture",
    "MaybeMissing",
    "NegativeBinomial",
    "Normal",
    "NormalMixture",
    "Ordinal",
    "PointMasses",
    "Poisson",
    "Recurring",
    "Spline",
    "StudentTMixture",
    "conditional_from_config",
    "stack",
]
