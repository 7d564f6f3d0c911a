"""``tailormade probability``: how probable is it that a row is as a question says?"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tailormade.cli.common import FixedSeed, Json, Model, Quiet, emit, reproducible_seed, say

if TYPE_CHECKING:
    from tailormade.flows import Flow

_REMARK = "± and (exact) are about the computation under the model, not about how well the model fits"


def probability(
    model: Model,
    question: Annotated[
        str | None,
        typer.Argument(metavar="[QUESTION]", help="Such as 'age > 50 and sex == Female'.", show_default=False),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(help="Ask for mean and quantiles of a column of numbers or dates instead.", metavar="COL"),
    ] = None,
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

    The figure after ± is the standard error of the computation; where two of them reach beyond 0 or 1, the range is
    printed instead, and (exact) where nothing was drawn. Neither says how well the model fits: score held-out rows. How
    probable --given is under the model is said, too, with a warning where the answer is an extrapolation.

    Of a flow it is the share of rows drawn, with its error; --given takes single values, or a question.

    With --column instead of QUESTION, print the mean of that column and its quantiles: 5, 25, 50, 75 and 95 %.

    Example: tailormade probability m 'age > 50 and education in [Masters, Doctorate]' --given 'sex=Female'

    Example: tailormade probability m --column age --given 'education == Masters'
    """
    import tailormade as tm
    from tailormade.cli.expectations import ask_column, check_asked
    from tailormade.cli.questions import check_question, probability_text, read_context, read_given, tell_evidence
    from tailormade.cli.tables import load_table
    from tailormade.verify.check import is_flow

    check_asked(question, column)
    flow = tm.load(model)
    if is_flow(flow):
        _ask_flow(flow, question, column, given, context, particles, reproducible_seed(seed), as_json, quiet)
        return
    density = load_table(model, "probability")
    if question is not None:
        check_question(density, question, "question")
    known, fed = read_given(density, given), read_context(density, context)
    seed = reproducible_seed(seed)
    likely = tell_evidence(density, known, fed, seed, quiet=quiet)
    asked: dict[str, Any] = {"given": known, "context": fed, "seed": seed, "particles": particles}
    if column is not None:
        result, text, estimated = ask_column(density, column, **asked)
    else:
        found = density.probability(str(question), **asked)
        result = {"probability": float(found), "standard_error": found.standard_error, "question": question}
        text, estimated = probability_text(found), bool(found.standard_error)
    if estimated:
        say(f"estimated from {particles} draws for each part of the question (seed {seed})", quiet)
    say(_REMARK, quiet)
    emit({**result, "seed": seed, "given": given, **likely}, text, as_json)


def _ask_flow(
    flow: "Flow",
    question: str | None,
    column: str | None,
    given: str | None,
    context: str | None,
    particles: int,
    seed: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Ask a flow, and print the answer."""
    from tailormade.cli.contexts import read_numbers
    from tailormade.cli.flowprobability import ask_flow
    from tailormade.cli.flowrefusal import refuse_options
    from tailormade.cli.questions import probability_text

    refuse_options(flow, {"--column": column})
    found = ask_flow(flow(read_numbers(flow, context)), str(question), given, particles, seed)
    say(_REMARK, quiet)
    result = {"probability": float(found), "standard_error": found.standard_error, "question": question}
    emit({**result, "seed": seed, "given": given}, probability_text(found), as_json)
