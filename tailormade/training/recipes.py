"""Architectures and settings for arrays of binary or categorical variables, by how much data there is.

Three levels, each better and slower than the one before:

=========  =====================================================================================================
fast       One hidden layer of 500 with a direct connection, short training: seconds to a minute.
default    A residual block and longer training where rows are many, stronger regularisation of one layer where they
           are few, any order where they are fewer than the variables' pairs can be learnt from.
best       As ``default``, of wider layers where rows are many, trained for longer.
=========  =====================================================================================================

What decides is the number of rows for each variable. Below 2 a network of one order overfits whatever is done: it is
trained on fresh orders in every step, without direct connections, and is the mixture over stored orders. Below 10,
one layer with dropout and strong weight decay. Above, a residual block, with less dropout the more rows. Where an
``input_order`` is ``'random'``, :func:`column_order` has a better one for given rows. Many images are
shifted by a pixel in training, which the network is told (:mod:`tailormade.density.shifts`).

The levels were chosen on validation rows of the binary sets of the MADE, NADE and sum-product-network papers.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from numpy.typing import NDArray

from tailormade.ordering import informative_sequence
from tailormade.patterns import ColumnPatterns

LEVELS = ("fast", "default", "best")

_ANY_ORDER = 2  # rows a variable below which one order is not worth its weights
_MANY = 10_000  # rows from which an order estimated from them beats a random one (on eight sets), and shifts are taken
_SPREAD = 0.5  # of orders in an ensemble: 0.3 to 1 are as good
_DECAY = 0.3  # of weights, with fewer rows: gains 0.07 on jester and 0.02 on mushrooms; loses 0.02 on pumsb_star
_FEW = 10  # rows a variable below which a residual block overfits


class Recipe(NamedTuple):
    """What to build and how to train it.

    Attributes:
        model: Keyword arguments of :class:`tailormade.MADE`.
        training: Fields of :class:`tailormade.FitConfig`.
    """

    model: dict[str, Any]
    training: dict[str, Any]


def recipe(name: str, rows: int, features: int, image: Sequence[int] | None = None) -> Recipe:
    """Return a recipe for binary or categorical variables.

    Args:
        name: ``'fast'``, ``'default'`` or ``'best'``.
        rows: Training rows.
        features: Variables; a category counts as many as it has values.
        image: Rows and columns, if the variables are pixels.

    Raises:
        ValueError: If there is no recipe of that name, or a number is below 1.

    Example:
        >>> recipe("default", 16_000, 126).model["hidden_units"]
        (300, 300)
        >>> recipe("default", 400, 500).model["orders"]
        'any'
    """
    check_level(name)
    if rows < 1 or features < 1:
        raise ValueError(f"rows, features: expected at least 1, got {rows} and {features}.")
    if name == "fast":
        return _fast(rows, features)
    if rows < _ANY_ORDER * features:
        return _any_order(name)
    if rows < _FEW * features:
        return _few_rows(name)
    chosen = _residual(name, rows, features)
    return chosen if image is None or rows < _MANY else _of_images(name, chosen, image)


def check_level(name: str) -> None:
    """Check the name of a recipe.

    Raises:
        ValueError: If there is none of that name.
    """
    if name not in LEVELS:
        raise ValueError(f"recipe: expected one of {', '.join(LEVELS)}, got {name!r}.")


def column_order(rows: NDArray[Any], seed: int, binary: bool = True, spread: float = 0.0) -> list[int]:
    """Return the degrees of all columns in an order for the data, where a recipe's order is ``'random'``.

    Columns that take few patterns together, as those of a one-hot code, follow each other
    (:class:`tailormade.patterns.ColumnPatterns`). Many rows are taken in the sequence of
    :func:`tailormade.ordering.informative_sequence`; with few the estimate helps less than a random order does.

    Args:
        rows: Training rows of codes, shape ``(n, D)``.
        seed: Fixes a random order.
        binary: Whether all columns are binary.
        spread: How far the sequence for many rows is left to chance.

    Example:
        >>> import numpy as np
        >>> column_order(np.eye(3)[[0, 1, 2, 2]], seed=0)
        [1, 2, 3]
    """
    coding = ColumnPatterns.find(rows) if binary else ColumnPatterns.single(rows.shape[1])
    if len(rows) < _MANY:
        return coding.random_order(seed)
    return coding.column_degrees(informative_sequence(coding.encode(rows) if binary else rows, spread, seed))


def column_orders(rows: NDArray[Any], seed: int, count: int, binary: bool = True) -> list[list[int]]:
    """Return orders for the members of an ensemble, each as :func:`column_order` has it but different.

    The mixture of members that follow one order is hardly better than each of them (0.03 nats on plants), that of
    members of several orders is (0.1 with three).
    """
    spread = _SPREAD if count > 1 else 0.0
    return [column_order(rows, seed + k, binary, spread) for k in range(count)]


def _fast(rows: int, features: int) -> Recipe:
    return Recipe(
        {"hidden_units": (500,), "input_order": "random", "direct": True, "dropout": _dropout(rows, features)},
        {"max_epochs": 30, "patience": 10},
    )


def _any_order(name: str) -> Recipe:
    return Recipe(
        {"hidden_units": (500,), "orders": "any", "direct": False, "dropout": 0.5},
        {"max_epochs": 200 if name == "default" else 400, "patience": 50, "weight_decay": 1.0},
    )


def _few_rows(name: str) -> Recipe:
    return Recipe(
        {"hidden_units": (500,), "input_order": "random", "direct": True, "dropout": 0.5},
        {"max_epochs": 100 if name == "default" else 200, "patience": 40 if name == "default" else 80,
         "weight_decay": 5.0},
    )  # fmt: skip


def _residual(name: str, rows: int, features: int) -> Recipe:
    width = 300 if name == "default" else 500
    decay = {"weight_decay": _DECAY} if rows < _MANY else {}
    return Recipe(
        {"hidden_units": (width, width), "residual": True, "input_order": "random", "direct": True,
         "dropout": _dropout(rows, features)},
        {"max_epochs": 200 if rows < 5000 else 60 if name == "default" else 100, "patience": 40 if rows < 5000 else 20,
         **decay},
    )  # fmt: skip


def _of_images(name: str, chosen: Recipe, image: Sequence[int]) -> Recipe:
    """Wider, as shifted images are hard to overfit, and trained for longer; sweeps instead of random orders."""
    options = {"hidden_units": (1000, 1000), "input_order": "left-to-right", "image_shape": tuple(image), "shifts": 1}
    epochs = {"max_epochs": 100 if name == "default" else 200, "patience": 0}
    return Recipe({**chosen.model, **options}, {**chosen.training, **epochs})


def _dropout(rows: int, features: int) -> float:
    if features < 32:  # few inputs: little to overfit with
        return 0.1
    return 0.5 if rows < 10_000 else 0.3 if rows < 30_000 else 0.2
