"""What is said of rows drawn given evidence: whose density, exact or estimated, and from how many draws."""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tailormade.cli.common import say
from tailormade.cli.given import read_given

if TYPE_CHECKING:
    from tailormade.density import MADEDistribution
    from tailormade.queries import Given

POOR = 50.0  # effective draws below which a warning is given, as in Python
PARTICLES = 1000  # weighted draws for each order, unless asked otherwise


def check_asked(given: str | None, particles: int | None, orders: int | None) -> None:
    """Check that options that say how to answer come with evidence.

    Raises:
        ValueError: If they do not.
    """
    for name, value in (("particles", particles), ("orders", orders)):
        if given is None and value is not None:
            raise ValueError(f"--{name}: says how to answer; expected what is known, too: --given COL=VALUE,...")


def check_family(family: bool, orders: int) -> None:
    """Check that several orders can answer: those of a family, not those of a fixed mixture or one that is named.

    Raises:
        ValueError: If it cannot.
    """
    if orders > 1 and not family:
        raise ValueError(
            f"--orders: expected a model fitted with -n any, and no --order, for {orders} orders to answer; leave it "
            "out."
        )


def answers(density: "MADEDistribution", text: str, particles: int, orders: int, seed: int) -> "list[Given]":
    """Return what a density becomes for each row of evidence.

    Args:
        density: The density.
        text: The evidence, as :func:`~tailormade.cli.given.read_given` takes it.
        particles: Weighted draws for each row and order, where answers are estimated.
        orders: Number of orders that answer, of a model of any order.
        seed: Fixes the particles.

    Raises:
        ValueError: If the evidence cannot be read, or is outside the support.
    """
    from tailormade.queries import PoorEvidenceWarning
    from tailormade.queries.observed import variable_names

    check_family(density.family, orders)
    rows = read_given(text, density.model)
    density.model.metadata["columns"] = variable_names(density.model)  # for messages
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PoorEvidenceWarning)  # one for all rows comes instead
            return [
                density.given(row, rows.observed, particles=particles, orders=orders, seed=seed) for row in rows.values
            ]
    except ValueError as error:
        raise ValueError(str(error).replace("x:", "given:", 1)) from None


def notes(found: "Sequence[Given]") -> dict[str, Any]:
    """Return what ``--json`` says of answers."""
    exact = all(given.exact for given in found)
    return {"exact": exact, "effective_sample_size": None if exact else _effective(found)}


def tell(found: "Sequence[Given]", n: int, *, quiet: bool) -> None:
    """Say whose density answers and how, and warn where hardly any draw agrees with the evidence."""
    first = found[0]
    variables = first.query.model.features
    remark = f"given {variables - len(first.unobserved)} of {variables} variables: {first.describes}"
    if first.exact:
        say(f"{remark}; exact", quiet)
        return
    effective, drawn = _effective(found), first.particles * len(first.query.components)
    worst = "" if len(found) == 1 else f", the least of {len(found)} rows"
    say(f"{remark}; estimated from {drawn} weighted draws (effective sample size {effective:.1f}{worst})", quiet)
    if effective < POOR:
        _warn(found, n, drawn, effective)


def _warn(found: "Sequence[Given]", n: int, drawn: int, effective: float) -> None:
    from tailormade.queries import PoorEvidenceWarning

    different = min(float(given.distinct_draws(n)) for given in found)
    where = "" if len(found) == 1 else f" of the worst of {len(found)} rows of evidence"
    text = (
        f"of {drawn} weighted draws {effective:.1f} are worth something: the {n} rows{where} rest on about "
        f"{different:.0f} different ones. Raise --particles, or fit with -n any, which answers exactly."
    )
    warnings.warn(text, PoorEvidenceWarning, stacklevel=2)


def _effective(found: "Sequence[Given]") -> float:
    return min(float(given.effective_sample_size) for given in found)
