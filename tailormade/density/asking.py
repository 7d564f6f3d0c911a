"""How a question about a density is put: which variables are observed, and which components answer.

Observed variables are a mask ``o`` in {0, 1}^D (1), their numbers, or their names where the model's metadata has the
names of columns; where nothing is said, ``o_i = 1`` wherever ``x_i`` is a number (2), which must hold for all rows
alike. A mixture answers as it is. A family of orders answers with connectivities in whose orders the observed variables
come first, so that ``p(u | e) = Π_i p(u_i | u_<i, e)`` (3) needs no sum over what is unknown.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from torch import Tensor

from tailormade.masks import Degrees
from tailormade.queries import comes_first, observed_mask

if TYPE_CHECKING:
    from tailormade.density.made import MADE


def observed_variables(
    model: "MADE",
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


def _numbers(model: "MADE", observed: Any) -> Any:  # noqa: ANN401 - anything torch reads, or names
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


def answering(
    model: "MADE", components: Sequence[Degrees], observed: Tensor, *, family: bool, orders: int
) -> tuple[Sequence[Degrees], str]:
    """Return the components that answer a question, and whose density that is.

    Args:
        model: The model that is asked.
        components: Those that its density mixes.
        observed: Boolean, shape ``(D,)``.
        family: Whether they stand for all orders, so that others may answer.
        orders: Number of orders with the evidence first whose mixture answers then.

    Raises:
        ValueError: If ``orders`` is below 1, or above 1 where this is no family.
    """
    if orders < 1 or (orders > 1 and not family):
        raise ValueError(
            f"orders: expected 1, or more where this is a family of orders (orders='any', none named), got {orders}."
        )
    if not family or not bool(observed.any()):
        return components, mixture_name(components)
    found = [model.evidence_first(observed, turn) for turn in range(orders)]
    far = "" if comes_first(found[0], observed) else " as far as its groups allow"
    what = "density of one order" if orders == 1 else f"mixture of {orders} orders"
    return found, f"the {what} with the evidence first{far}, not the mixture over {len(components)} orders"


def mixture_name(components: Sequence[Degrees]) -> str:
    """Say whose density components make."""
    return "the density of one order" if len(components) == 1 else f"the mixture over {len(components)} orders"
