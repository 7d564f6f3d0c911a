"""``tailormade probability`` of a flow: the share of draws for which a question holds."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tailormade.flows import FlowDistribution
    from tailormade.queries.estimates import Probability


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
    from tailormade.cli.flowdraws import answers
    from tailormade.cli.questions import plain
    from tailormade.flows.evidence import read_question
    from tailormade.queries.observed import variable_names

    try:
        read_question(text, variable_names(density.flow), "question")
    except ValueError as error:
        raise ValueError(plain(str(error), text, "question")) from None
    if given is None:
        return density.probability(text, seed=seed)
    found, *more = answers(density, given, particles, seed)
    if more:
        raise ValueError(f"given: expected one row of values, got {1 + len(more)}; ask once for each.")
    found.warn_if_poor()
    return found.probability(text)
