r"""Evidence: what a density says about some variables once others are known.

Under one order σ in which the evidence e comes first, ``p(u | e) = Π_i p(u_i | u_<i, e)`` over the unobserved u (1) is
exact, and so is ``p(e)``. A mixture over K orders is not the mixture of its components' conditionals: component k
counts by how well it explains the evidence, ``p(u | e) = Σ_k p_k(e) p_k(u | e) / Σ_k p_k(e)`` (2). Where the evidence
does not come first in an order, ``p_k(e)`` is estimated: particles ``u_s`` are drawn with the evidence held fixed, and
``w_s = Π_{i observed} p_k(e_i | what comes before i)`` has the mean ``p_k(e)`` (3), whose logarithm is biased low, by
about half the relative variance. Draws are then resampled by weight, and ``(Σ w)² / Σ w²`` (4) says how many
particles are worth something.
"""

from tailormade.queries.evidence import PoorEvidenceWarning, Query, broadcast, comes_first, observed_mask
from tailormade.queries.exact import ExactAnswer
from tailormade.queries.given import Given
from tailormade.queries.masked import MaskedQuery

__all__ = [
    "ExactAnswer",
    "Given",
    "MaskedQuery",
    "PoorEvidenceWarning",
    "Query",
    "broadcast",
    "comes_first",
    "observed_mask",
]
