r"""Evidence: what a flow says about some variables once others are known.

Where the observed variables e come before the others u in the orders of all transforms, as they can with a single one,
``p(u | e)`` is exact (:mod:`~tailormade.flows.evidence.exact`). Elsewhere a density of e is an integral,
``p(e) = ∫ p(u, e) du`` (1), which importance sampling estimates (:mod:`~tailormade.flows.evidence.weighted`). Given a
question instead of values, rows are drawn until it holds (:mod:`~tailormade.flows.evidence.region`).
"""

from tailormade.flows.evidence.given import FlowGiven
from tailormade.flows.evidence.reading import Known, read_known, read_question
from tailormade.flows.evidence.region import holding, share_of

__all__ = ["FlowGiven", "Known", "holding", "read_known", "read_question", "share_of"]
