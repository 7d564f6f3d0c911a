r"""MADE: a normalised density ``p(x | c) = Π_i p(x_i | x_<i, c)`` (1) from one masked network.

One order σ gives the density ``p_σ`` of (1). K orders share the weights and give the mixture
``p(x) = (1/K) Σ_k p_k(x)`` (2), whose logarithm is the log-mean-exp of the *joint* log-probabilities.
``orders='any'`` trains the family of all ``p_σ`` (3): one density each, and (2) over 16 stored orders when none is
named. Averaging logits over orders is none of these and no density: x_i would be predicted from variables that
come after it in another order.

Germain et al., "MADE", ICML 2015; Benigno Uria, Iain Murray, Hugo Larochelle, "A Deep and Tractable Density
Estimator", ICML 2014.
"""

from tailormade.density.distribution import MADEDistribution
from tailormade.density.made import MADE

__all__ = ["MADE", "MADEDistribution"]
