"""Checks a user can run on any model: that it is what it claims to be.

Autoregressive: ``∂ params(x)[i] / ∂ x[j]`` is exactly 0 unless ``d(j) < d(i)`` (1), and the product of the masks
realises the rest (2). Normalised: the probabilities of all states add up to 1 (3); with more than 12 variables,
those of the last 12 add up to the probability of what comes before. The sampler draws from the conditionals that
``log_prob`` uses (4), and a saved model is the same model (5). How far a model of incomplete rows gives one answer to
what can be asked in several ways is measured (6). Of a flow, the density of one or two variables is integrated (3),
its two directions must be inverse to each other and its log-determinant that of its Jacobian (7). All but (5) runs in
float64 on a copy, in evaluation mode.
"""

from typing import TYPE_CHECKING, Union

from tailormade.density import MADE
from tailormade.verify.agreement import Agreement, check_agreement
from tailormade.verify.autoregressive import check_autoregressive
from tailormade.verify.check import Check, is_flow
from tailormade.verify.flows import check_inverse, check_log_det
from tailormade.verify.normalised import check_normalised
from tailormade.verify.sampler import check_round_trip, check_sampler

if TYPE_CHECKING:
    from tailormade.flows import Flow

__all__ = [
    "Agreement",
    "Check",
    "check_agreement",
    "check_autoregressive",
    "check_inverse",
    "check_log_det",
    "check_normalised",
    "check_round_trip",
    "check_sampler",
    "verify",
]


def verify(model: Union[MADE, "Flow"], *, seed: int = 0) -> list[Check]:
    """Run every check on a model.

    Args:
        model: The model; a flow with batch normalisation in evaluation mode.
        seed: Fixes the points at which it is probed.

    Returns:
        One :class:`Check` for each property; ``all(checks)`` if everything holds. Agreement is looked at where cells
        may be missing.

    Raises:
        ValueError: If a variable cannot be enumerated, or a flow is in training mode with batch normalisation.

    Example:
        >>> from tailormade import MADE
        >>> all(verify(MADE(3, seed=0)))
        True
    """
    if is_flow(model):
        integral = [check_normalised] if model.features <= 2 else []
        flow_checks = [check_autoregressive, *integral, check_log_det, check_inverse, check_round_trip]
        return [check(model, seed=seed) for check in flow_checks]
    checks = [check_autoregressive, check_normalised, check_sampler, check_round_trip]
    return [check(model, seed=seed) for check in checks + [check_agreement] * getattr(model, "missing", False)]
