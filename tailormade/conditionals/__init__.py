"""One-dimensional conditionals: what the numbers a network puts out for a variable mean.

A conditional turns ``params`` raw numbers ``θ`` into a distribution of one variable, ``p(x | θ)`` (1), and a value into
``width`` network inputs (2). It holds no tensors: equal conditionals are interchangeable, variables that share one
are computed together, and a file stores its name and arguments. Samples are made from given uniform noise,
by the inverse cdf or its mirror image (3), so that every sampling engine gives the same sample for the same noise.
"""

from tailormade.conditionals.base import Conditional, conditional_from_config
from tailormade.conditionals.bernoulli import Bernoulli
from tailormade.conditionals.categorical import Categorical
from tailormade.conditionals.layout import Layout

__all__ = ["Bernoulli", "Categorical", "Conditional", "Layout", "conditional_from_config"]
