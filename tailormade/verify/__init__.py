"""Checks a user can run on any model: that it is what it claims to be.

Autoregressive: ``∂ params(x)[i] / ∂ x[j]`` is exactly 0 unless ``d(j) < d(i)`` (1), and the product of the masks
realises the rest (2). Normalised: the probabilities of all states add up to 1 (3); with more than 12 variables,
those of the last 12 add up to the probability of what comes before. The sampler draws from the conditionals that
``log_prob`` uses (4), and a saved model is the same model (5). All but (5) runs in float64 on a copy, in
evaluation mode.
"""

from tailormade.density import MADE
from tailormade.verify.autoregressive import check_autoregressive
from tailormade.verify.check import Check
from tailormade.verify.normalised import check_normalised
from tailormade.verify.sampler import check_round_trip, check_sampler

__all__ = ["Check", "check_autoregressive", "check_normalised", "check_round_trip", "check_sampler", "verify"]


def verify(model: MADE, *, seed: int = 0) -> list[Check]:
    """Run every check on a model.

    Args:
        model: The model.
        seed: Fixes the points at which it is probed.

    Returns:
        One :class:`Check` for each property; ``all(checks)`` if everything holds.

    Example:
        >>> from tailormade import MADE
        >>> all(verify(MADE(3, seed=0)))
        True
    """
    return [
        check_autoregressive(model, seed=seed),
        check_normalised(model, seed=seed),
        check_sampler(model, seed=seed),
        check_round_trip(model, seed=seed),
    ]
