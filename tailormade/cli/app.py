"""The application: the verbs, registered."""

from typing import Annotated

import typer

from tailormade.cli.check import check
from tailormade.cli.complete import complete
from tailormade.cli.demo import demo
from tailormade.cli.fit import fit
from tailormade.cli.impute import impute
from tailormade.cli.probability import probability
from tailormade.cli.sample import sample
from tailormade.cli.score import score
from tailormade.cli.show import show

app = typer.Typer(
    name="tailormade",
    help="Densities made to measure: fit a normalised density to a table or images; score, sample, complete and "
    "question it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for verb in (demo, fit, score, sample, complete, impute, probability, check, show):
    app.command()(verb)


def _print_version(wanted: bool) -> None:
    if wanted:
        from tailormade import __version__

        print(f"tailormade {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Take options that belong to no verb."""
