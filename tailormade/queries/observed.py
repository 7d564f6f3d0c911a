"""Which variables are observed, and what they are called.

Observed variables are a mask ``o`` in {0, 1}^D (1), their numbers, or their names where the model's metadata has the
names of columns; where nothing is said, ``o_i = 1`` wherever ``x_i`` is a number (2), which must hold for all rows
alike.
"""

from typing import Any, Protocol

from torch import Tensor

from tailormade.queries.evidence import observed_mask


class Asked(Protocol):
    """What is asked of a model to tell its variables.

    Attributes:
        features: Number of variables D.
        metadata: Notes, with the names of columns if it knows them.
    """

    features: int
    metadata: dict[str, Any]

    @property
    def missing(self) -> bool:
        """Whether it takes rows with missing cells."""


def variable_names(model: Asked) -> list[str]:
    """Return the names of a model's variables; x0, x1, ... if it has none.

    Example:
        >>> from tailormade import MAF
        >>> variable_names(MAF(3, seed=0))
        ['x0', 'x1', 'x2']
    """
    return list(model.metadata.get("columns") or (f"x{i}" for i in range(model.features)))


def observed_variables(
    model: Asked,
    x: Tensor,
    observed: Any,  # noqa: ANN401 - booleans, numbers or names
) -> Tensor:
    """Return which variables are observed, boolean, shape ``(D,)``.

    Args:
        model: The model that is asked.
        x: Evidence, shape ``(*, D)``.
        observed: Booleans ``(D,)``, numbers or names of variables; ``None`` for those that are not NaN in ``x``.

    Raises:
        ValueError: If a name or number is of no variable, or rows have different variables observed.
        TypeError: If it is neither booleans, numbers nor names, or names where the model has none.

    Example:
        >>> import torch
        >>> from tailormade import MADE
        >>> observed_variables(MADE(3, seed=0), torch.tensor([1.0, torch.nan, 0.0]), None).tolist()
        [True, False, True]
    """
    if x.ndim < 1 or x.shape[-1] != model.features:
        raise ValueError(f"x: expected shape (*, {model.features}), got {tuple(x.shape)}.")
    found = _not_nan(x) if observed is None else _numbers(model, observed)
    try:
        return observed_mask(found, model.features).to(x.device)
    except ValueError as error:
        if not model.missing:
            raise
        advice = " (of a model built with missing=True, complete(x) takes another pattern of NaN in each row)"
        raise ValueError(f"{str(error).removesuffix('.')}{advice}.") from None


def _not_nan(x: Tensor) -> Tensor:
    """One pattern for all rows, or as many as there are rows, which will not do."""
    rows = ~x.isnan().reshape(-1, x.shape[-1])
    return rows[0] if len(rows) and bool((rows == rows[0]).all()) else rows


def _numbers(model: Asked, observed: Any) -> Any:  # noqa: ANN401 - anything torch reads, or names
    """Numbers in place of names; anything else as it is."""
    names = [observed] if isinstance(observed, str) else observed
    if isinstance(names, Tensor) or not any(isinstance(name, str) for name in _items(names)):
        return observed
    columns = model.metadata.get("columns")
    if not columns:
        raise TypeError(
            "observed: names are not known here, as the model has no names of columns; expected numbers of variables "
            f"in 0..{model.features - 1} or booleans, got {[str(name) for name in names]}."
        )
    unknown = [name for name in names if name not in columns]
    if unknown:
        raise ValueError(f"observed: there is no column '{unknown[0]}'; expected some of {list(columns)}.")
    return [columns.index(name) for name in names]


def _items(values: Any) -> list[Any]:  # noqa: ANN401 - anything
    try:
        return list(values)
    except TypeError:
        return []
