"""``tailormade probability``: how probable is it that a row is as a question says?"""

from typing import TYPE_CHECKING, Annotated

import typer

from tailormade.cli.common import FixedSeed, Json, Model, Quiet, emit, reproducible_seed, say

if TYPE_CHECKING:
    from tailormade.estimator import Probability


def probability(
    model: Model,
    question: Annotated[
        str, typer.Argument(metavar="QUESTION", help="Such as 'age > 50 and sex == Female'.", show_default=False)
    ],
    given: Annotated[
        str | None,
        typer.Option(help="What is known of the row: a question or 'COL=VALUE,...'.", metavar="QUESTION|COL=VALUE,..."),
    ] = None,
    context: Annotated[
        str | None, typer.Option(help="Context of a conditional model: 'COL=VALUE,...'.", metavar="COL=VALUE,...")
    ] = None,
    particles: Annotated[
        int, typer.Option(help="Draws for each order and part of the question, where answers are estimated.", min=2)
    ] = 1000,
    seed: FixedSeed = 0,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Print the probability that a complete row is as QUESTION says, with its standard error.

    Conditions are comparisons (==, !=, <, <=, >, >=), in ['a', 'b'] and between 1 and 2, joined by and, or, not.
    Columns whose names are no plain words stand in backticks.

    Example: tailormade probability m 'age > 50 and education in [Masters, Doctorate]' --given 'sex=Female'
    """
    from tailormade.cli.questions import check_question, read_context, read_given
    from tailormade.cli.tables import load_table

    density = load_table(model, "probability")
    check_question(density, question, "question")
    known, fed = read_given(density, given), read_context(density, context)
    seed = reproducible_seed(seed)
    found = density.probability(question, given=known, context=fed, seed=seed, particles=particles)
    result = {"probability": float(found), "standard_error": found.standard_error, "seed": seed}
    if found.standard_error:
        say(f"estimated from {particles} draws for each part of the question (seed {seed})", quiet)
    emit({**result, "question": question, "given": given}, _text(found), as_json)


def _text(found: "Probability") -> str:
    return f"{found:.4g} ± {found.standard_error:.2g}" if found.standard_error else f"{found:.4g} (exact)"
