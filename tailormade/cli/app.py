"""The application: the verbs, registered."""

import typer

from tailormade.cli.check import check
from tailormade.cli.demo import demo
from tailormade.cli.fit import fit
from tailormade.cli.sample import sample
from tailormade.cli.score import score
from tailormade.cli.show import show

app = typer.Typer(
    name="tailormade",
    help="Densities made to measure: fit a normalised density to a table or images, score, sample and check it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for verb in (demo, fit, score, sample, check, show):
    app.command()(verb)


@app.callback()
def _root() -> None:
    """Keep the verbs' names even if there were only one."""
