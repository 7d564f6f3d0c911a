r"""Evidence as an input of the network, for models of incomplete rows: exact answers for any pattern of evidence.

``log p(u | e) = Σ_i log p(u_i | u_<i, e)`` over the unobserved i that are asked for (1): evidence enters by degree 0,
so that one order and one set of masks serve all patterns, which may differ from row to row. A mixture weighs its
components by ``p_k(e) = Π_{i observed} p_k(e_i | e_<i)`` with everything else missing (2). Both are densities for every
pattern, learnt together and not derived from each other: (1) is the model's own conditional density, which need not
be the quotient of its ``p(u, e)`` and ``p(e)`` to the last digit, as with networks trained on many orders.
"""

import torch
from torch import Tensor

from tailormade.masks import Degrees
from tailormade.queries.evidence import Query
from tailormade.sampling import Evidence, draw


class MaskedQuery(Query):
    """Evidence that is an input; answers as if it came first in every order."""

    def terms(self, x: Tensor, *, drop: bool = True) -> tuple[Tensor, Tensor]:
        """Return the logarithm of (2) and (1), each ``(K, *)``, for x ``(*, D)``; NaN is not asked for."""
        observed = self.observed.expand(x.shape)
        known = torch.where(observed, x, torch.nan)
        seen, rest = self.logs(known, drop=drop), self.logs(x, drop=drop, evidence=observed)
        return seen.sum(-1), torch.where(observed, 0.0, rest).sum(-1)

    def propose(self, degrees: Degrees, generator: torch.Generator | None) -> Tensor:
        """Draw the unobserved variables of flat rows given the evidence, shape ``(rows, D)``."""
        given = Evidence(self.values, self.observed)
        return draw(self.model.sampling_source(degrees, self.context, given), self.noise(generator), given)
