"""What a user hands to the estimator, checked before any work is done."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from tailormade.tables import Schema

FEW_ROWS = 50  # with fewer, a density hardly says more than the rows themselves


class FewRowsWarning(UserWarning):
    """Warn of a fit to so few rows that the density says little of others."""


def check_count(name: str, value: Any, least: int = 1) -> int:  # noqa: ANN401 - what a user gave
    """Return a number of things as an integer.

    Args:
        name: Of the argument.
        value: What was given.
        least: Fewest that make sense.

    Raises:
        TypeError: If it is no whole number.
        ValueError: If it is too small.

    Example:
        >>> check_count("draws", 0)
        Traceback (most recent call last):
        ValueError: draws: expected a whole number of at least 1, got 0.
    """
    wanted = f"{name}: expected a whole number of at least {least}, got {value!r}."
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(wanted)
    if value < least:
        raise ValueError(wanted)
    return int(value)


def check_hidden_units(value: Any) -> str | tuple[int, ...]:  # noqa: ANN401 - what a user gave
    """Return widths of hidden layers as a tuple, ``()`` for none, or ``'auto'``.

    Raises:
        TypeError: If it is neither a text nor a sequence of whole numbers.
        ValueError: If it is another text, or a width is below 1.
    """
    wanted = f"hidden_units: expected 'auto', or widths such as (128, 128), got {value!r}"
    if isinstance(value, str):
        if value != "auto":
            raise ValueError(f"{wanted}; leave it out to choose by the number of rows.")
        return value
    if isinstance(value, bool | int | np.integer) or not hasattr(value, "__iter__"):
        raise TypeError(f"{wanted}; write [width] for one layer, () for none.")
    return tuple(check_count("hidden_units", width) for width in value)


def check_names(name: str, value: Any) -> list[str]:  # noqa: ANN401 - what a user gave
    """Return names of columns as a list; a text alone is no list of them.

    Raises:
        TypeError: If it is no list of names.
    """
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        shown = f"; write [{value!r}]." if isinstance(value, str) else "."
        raise TypeError(f"{name}: expected a list of names of columns, got {value!r}{shown}")
    return [str(column) for column in value]


def check_known(name: str, columns: Sequence[str], known: Sequence[str]) -> None:
    """Check that columns exist.

    Raises:
        ValueError: Naming those that do not.
    """
    unknown = [column for column in columns if column not in known]
    if unknown:
        raise ValueError(f"{name}: expected names among {list(known)}, got {unknown}.")


class Options(NamedTuple):
    """Options of the estimator in the form the fit takes them."""

    hidden_units: str | tuple[int, ...]
    context: list[str]


def check_options(hidden_units: object, context: object, max_epochs: object, device: object, schema: object) -> Options:
    """Check the options of the estimator that nothing below it checks in the user's words.

    Raises:
        TypeError: If one has a wrong type.
        ValueError: If one has a wrong value.
    """
    check_count("max_epochs", max_epochs)
    check_device(device)
    if schema is not None and not isinstance(schema, Schema | Mapping):
        raise TypeError(
            f"schema: expected a Schema, or corrections by column such as {{'zip': 'categorical'}}, got {schema!r}."
        )
    return Options(check_hidden_units(hidden_units), [] if context is None else check_names("context", context))


def check_device(device: Any) -> None:  # noqa: ANN401 - what a user gave
    """Check that torch can compute there.

    Raises:
        ValueError: If it cannot.
    """
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, TypeError) as error:
        reason = (str(error).splitlines() or ["unknown"])[0]
        raise ValueError(f"device: {device!r} cannot be used here ({reason}); try 'cpu'.") from None


def warn_of_few_rows(x: NDArray[np.float64], stacklevel: int = 3) -> None:
    """Warn of fewer than ``FEW_ROWS`` rows, and say how many of them differ.

    Args:
        x: Encoded rows, shape ``(rows, D)``, NaN where a cell is missing.
        stacklevel: Of the caller who gave them.
    """
    if len(x) >= FEW_ROWS:
        return
    distinct = len(np.unique(np.nan_to_num(x, nan=np.inf), axis=0))
    said = "" if distinct == len(x) else ", all of them equal" if distinct == 1 else f", {distinct} of them different"
    warnings.warn(
        f"the fit has {len(x)} row{'s' * (len(x) != 1)}{said}: a density of so few says little about other rows, and "
        f"none are set aside to check it; give {FEW_ROWS} or more, if there are any.",
        FewRowsWarning,
        stacklevel=stacklevel,
    )
