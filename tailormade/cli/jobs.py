"""What ``tailormade fit`` trains: a model and its rows, made from an array or from a table, trained in the same way."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tailormade.datasets import Array
    from tailormade.training import FitConfig, Stream
    from tailormade.training.likelihood import Model

TABLES = (".csv", ".parquet")
SET_ASIDE = 0.1  # of the rows of an array, for validation
_SOME = 20_000  # rows by which the columns of a file that is read from disk are ordered
_ARRAYS = {"direct": True, "dropout": 0.2}  # where they differ from the library's defaults


class Flags(NamedTuple):
    """What was asked for on the command line; what was not is left out, and takes the defaults of the data.

    Attributes:
        architecture: Arguments of :class:`tailormade.MADE`, or of :class:`tailormade.MAF`.
        training: Fields of :class:`tailormade.FitConfig` that change the result.
        run: Its other fields.
        seed: Fixes everything random.
    """

    architecture: dict[str, Any]
    training: dict[str, Any]
    run: dict[str, Any]
    seed: int


@dataclass(frozen=True)
class Job:
    """Hold all that a fit needs.

    Attributes:
        model: To be trained; its notes are complete.
        train: Training rows, or a stream of them.
        valid: Validation rows, or ``None``; a stream holds its own out.
        contexts: ``context`` and ``valid_context`` of both.
        config: How to train.
        remark: What the rows are, in words.
        finish: Called when the model is trained.
    """

    model: "Model"
    train: Any
    valid: Any
    contexts: dict[str, Any]
    config: "FitConfig"
    remark: str
    finish: Callable[[], None] = lambda: None

    @property
    def held(self) -> bool:
        """Whether validation rows are held out, by a stream or beforehand."""
        return self.valid is not None or getattr(self.train, "held", 0) > 0


def is_table(data: Path, conditional: str) -> bool:
    """Tell from a file's name, unless it was asked for, whether a table with a schema is fitted."""
    return conditional == "table" or (conditional == "auto" and data.suffix in TABLES)


def array_job(
    data: Path,
    key: str | None,
    context: str | None,
    schema: Path | None,
    conditional: str,
    valid_fraction: float | None,
    flags: Flags,
    recipe: str | None = None,
) -> Job:
    """Return the fit of an array of numbers that all have the same conditional.

    Args:
        data: The file.
        key: Array to take from an ``.npz``.
        context: Columns to condition on, with commas between them.
        schema: Not for arrays.
        conditional: Of all variables, or ``'auto'``.
        valid_fraction: Rows to set aside where the file has not done so.
        flags: What was asked for.
        recipe: Name of the settings for what was not.

    Raises:
        ValueError: If the file, a column or a value is not what it should be.
    """
    from tailormade import MADE, FitConfig
    from tailormade.cli.rows import read_fit_rows
    from tailormade.training.recipes import Recipe, column_orders
    from tailormade.training.recipes import recipe as settings

    if schema is not None:
        raise ValueError("--schema: expected a table (.csv, .parquet, or --conditional table), got an array.")
    family = "bernoulli" if conditional == "auto" else conditional
    _check_recipe(recipe, family)
    FitConfig(**flags.training)  # refused before the file is read
    rows = read_fit_rows(
        data, key, context, family, SET_ASIDE if valid_fraction is None else valid_fraction, flags.seed
    )
    dropped = 0.0 if family == "mixture" else _ARRAYS["dropout"]  # measured on images, whose densities are not smooth
    chosen = Recipe({**_ARRAYS, "dropout": dropped}, {})
    if recipe is not None:
        width, image = sum(c.width for c in rows.conditionals), flags.architecture.get("image_shape")
        chosen = settings(recipe, len(rows.train), width, image)
    options = {**chosen.model, **flags.architecture}
    if "hidden_units" in flags.architecture:  # of any widths: the recipe's blocks went with its own
        options["residual"] = flags.architecture.get("residual", False)
    if chosen.model.get("input_order") == "random" and not {"input_order", "image_shape"} & set(flags.architecture):
        orders = 1 if flags.architecture.get("shared", True) else int(flags.architecture["orders"])
        each = column_orders(_some(rows.train), flags.seed, orders, binary=family == "bernoulli")
        options["input_order"] = each if orders > 1 else each[0]
    config = FitConfig(**{**chosen.training, **flags.training}, **flags.run, seed=flags.seed)
    model = MADE(len(rows.conditionals), len(rows.given), conditionals=rows.conditionals, seed=flags.seed, **options)
    model.metadata = rows.notes()
    contexts = {"context": rows.context, "valid_context": rows.valid_context}
    return Job(model, rows.train, rows.valid, contexts, config, rows.describe())


def _some(train: "Array | Stream") -> "Array":
    """Training rows in memory: all, or the first of those that are read from disk."""
    from tailormade.training import Stream

    if not isinstance(train, Stream):
        return train
    some: Array = next(train.batches(train.seed, 0, _SOME))[0].numpy()
    return some


def _check_recipe(name: str | None, family: str) -> None:
    from tailormade.training.recipes import check_level

    if name is not None:
        check_level(name)
        if family == "mixture":
            raise ValueError("--recipe: expected --conditional bernoulli or categorical for this, got mixture.")
