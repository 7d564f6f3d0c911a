"""``tailormade probability`` of a flow: the share of draws for which a question holds.

``P(A) ≈ (1/N) Σ_n [x_n in A]``, ``x_n ~ p`` (1); given a question B, over the draws in B; given single values, over
weighted draws, ``Σ w [x in A] / Σ w`` (2).
"""

from typing import TYPE_CHECKING, Any

from tailormade.cli.flowgiven import FlowRegion, holds, share_of

if TYPE_CHECKING:
    from tailormade.estimator import Probability
    from tailormade.flows import FlowDistribution
    from tailormade.queries.predicates import Expression


def ask_flow(density: "FlowDistribution", text: str, given: str | None, particles: int, seed: int) -> "Probability":
    """Return the probability of a question under a flow.

    Args:
        density: The flow's, at one context.
        text: The question.
        given: What is known, as typed.
        particles: Weighted draws, where single values are given.
        seed: Fixes the draws.

    Raises:
        ValueError: If either cannot be read, or what is given hardly occurs.
    """
    from tailormade.cli.flowdraws import answers, read_question
    from tailormade.cli.given import variable_names
    from tailormade.estimator import Probability

    names = variable_names(density.flow)
    question = read_question(text, names, "question")
    if given is None:
        return Probability(*FlowRegion(density, question, names, seed).share)
    source, *more = answers(density, given, particles, seed)
    if more:
        raise ValueError(f"given: expected one row of values, got {1 + len(more)}; ask once for each.")
    if isinstance(source, FlowRegion):
        return Probability(*share_of(int(holds(question, names, source.found).sum()), len(source.found)))
    mean, error = source.estimates.expectation(_indicator(question, names, source.estimates.values))
    return Probability(float(mean), float(error))


def _indicator(question: "Expression", names: list[str], values: Any) -> Any:  # noqa: ANN401 - tensors
    return holds(question, names, values.flatten(0, 2)).double()[None]
