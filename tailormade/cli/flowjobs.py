"""The fit of a flow: which options it takes, and which rows."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tailormade.cli.jobs import SET_ASIDE, TABLES, Flags, Job

if TYPE_CHECKING:
    from torch import nn

    from tailormade.cli.rows import FitRows
    from tailormade.flows import Bijection, Flow

FLOWS = ("maf", "iaf")
_CHOICES = {
    "--model": ("made", *FLOWS),
    "bijection": ("affine", "spline"),
    "base": ("normal", "student", "mixture", "made"),
    "normalisation": ("none", "activation", "batch"),
    "input_order": ("reversed", "random", "fixed"),
}
_HIDDEN = (256, 256)
_FEW, _ENOUGH = 20, 200  # different values in a column, of so many rows


class FlowFlags(NamedTuple):
    """What was asked for of a flow alone; ``None`` where nothing was.

    Attributes:
        transforms: How many.
        bijection: Name of the map of each variable.
        base: Name of the density of the noise.
        normalisation: Name, or ``'none'``.
        linear: Whether linear maps stand between transforms.
    """

    transforms: int | None
    bijection: str | None
    base: str | None
    normalisation: str | None
    linear: bool | None


def check_model(name: str, flow: FlowFlags, others: Mapping[str, Any]) -> None:
    """Check that a kind of model exists and takes the options that were given.

    Args:
        name: What ``--model`` says.
        flow: Options of flows.
        others: Options of a MADE, by name; ``None`` where not given.

    Raises:
        ValueError: Naming the first that does not fit.
    """
    _check_choice("--model", name)
    wrong = others if name in FLOWS else flow._asdict()
    fitting = "made" if name in FLOWS else " or ".join(FLOWS)
    for flag, value in wrong.items():
        if value is not None:
            raise ValueError(f"{flag}: expected --model {fitting} for this, got --model {name}; leave it out.")
    for flag in ("bijection", "base", "normalisation"):
        _check_choice(flag, getattr(flow, flag))


def _check_choice(name: str, value: str | None) -> None:
    if value is not None and value not in _CHOICES[name]:
        raise ValueError(f"{name}: expected one of {', '.join(_CHOICES[name])}, got '{value}'.")


def flow_job(
    data: Path,
    key: str | None,
    context: str | None,
    valid_fraction: float | None,
    kind: str,
    flow: FlowFlags,
    flags: Flags,
) -> Job:
    """Return the fit of a flow to a table or an array of numbers.

    Args:
        data: The file.
        key: Array to take from an ``.npz``.
        context: Columns to condition on, with commas between them.
        valid_fraction: Rows to set aside where the file has not done so.
        kind: ``'maf'`` or ``'iaf'``.
        flow: What was asked for of the flow.
        flags: What else was asked for.

    Raises:
        ValueError: If the file, a column or a value is not what it should be.
    """
    import tailormade as tm
    from tailormade.cli.rows import read_fit_rows

    flow_class = {"maf": tm.MAF, "iaf": tm.IAF}[kind]
    config = tm.FitConfig.for_model(flow_class, **flags.training, **flags.run, seed=flags.seed)
    _check_choice("input_order", flags.architecture.get("input_order"))
    fraction = SET_ASIDE if valid_fraction is None else valid_fraction
    with _advice_on_columns(data):
        rows = read_fit_rows(data, key, context, None, fraction, flags.seed)
    _check_columns(rows)
    model = _model(flow_class, rows, flow, flags)
    model.metadata = rows.notes()
    contexts = {"context": rows.context, "valid_context": rows.valid_context}
    return Job(model, rows.train, rows.valid, contexts, config, rows.describe())


def _model(kind: "type[Flow]", rows: "FitRows", flow: FlowFlags, flags: Flags) -> "Flow":
    width, given = len(rows.variables), len(rows.given)
    options = {"hidden_units": _HIDDEN, **flags.architecture}
    order = options.pop("input_order", None)
    options |= {} if order is None else {"orders": order}
    options |= {name: value for name, value in flow._asdict().items() if value is not None}
    options["bijection"] = _bijection(flow.bijection)
    options["base"] = _base(flow.base, width, given, options["hidden_units"], flags.seed)
    options["normalisation"] = None if flow.normalisation == "none" else flow.normalisation
    return kind(width, given, seed=flags.seed, **options)


def _bijection(name: str | None) -> "Bijection":
    from tailormade.flows import Affine, RationalQuadraticSpline

    return RationalQuadraticSpline() if name == "spline" else Affine()


def _base(name: str | None, features: int, context: int, hidden: Sequence[int], seed: int) -> "str | nn.Module | None":
    """A name of the library's, or a MADE of mixtures of normals that is trained with the flow."""
    from tailormade import MADE, NormalMixture
    from tailormade.random import derive

    if name != "made":
        return name
    return MADE(features, context, conditionals=NormalMixture(), hidden_units=hidden, seed=derive(seed, "base"))


@contextmanager
def _advice_on_columns(data: Path) -> Iterator[None]:
    """Say what to do about cells that are no numbers: tables with any cells are modelled without --model."""
    try:
        yield
    except ValueError as error:
        found, text, _ = str(error).partition(" Text and missing cells")
        if not text:
            raise
        advice = "fit the table without --model, which takes text and missing cells, or leave such columns out"
        raise ValueError(f"{found.removesuffix('.')}, as a flow takes numbers only; {advice}.") from None


def _check_columns(rows: "FitRows") -> None:
    """Refuse columns without a density, and warn of those whose density is all spikes."""
    import numpy as np

    if not isinstance(rows.train, np.ndarray):
        return  # rows on disk are checked by the fit
    counts = [len(np.unique(column)) for column in rows.train.T]
    if 1 in counts:
        raise ValueError(
            f"{rows.source}: column '{rows.variables[counts.index(1)]}' has the same value in every training row, so "
            "that it has no density; leave it out."
        )
    few = [name for name, count in zip(rows.variables, counts, strict=True) if count < _FEW]
    if few and len(rows.train) >= _ENOUGH:
        warnings.warn(_few_values(rows.source, few), UserWarning, stacklevel=2)


def _few_values(source: str, names: list[str]) -> str:
    table = ", or fit without --model, which models such columns as what they are" if source.endswith(TABLES) else ""
    return (
        f"{source}: fewer than {_FEW} different values in columns {names}: a flow puts spikes there, and its "
        f"log-likelihood means little. Leave them out, make them --context{table}."
    )
