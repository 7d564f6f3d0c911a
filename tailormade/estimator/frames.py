"""Frames that come in and go out: arrays checked by scikit-learn's rules, frames by their columns."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from tailormade.random import check_seed, fresh_seed
from tailormade.tables import backend_of
from tailormade.tables.rebuild import frame_of


def check_frame(estimator: BaseEstimator, X: Any, *, reset: bool) -> Any:  # noqa: ANN401 - a frame or an array
    """Return a frame as it is, and anything else as an array with as many columns as were fitted.

    Args:
        estimator: Gets ``n_features_in_``, and ``feature_names_in_`` of a frame, if ``reset``.
        X: Rows.
        reset: Whether this is ``fit``.

    Raises:
        ValueError: If an array has a wrong shape or infinite numbers, or two columns have one name.
    """
    _check_different(X)
    if backend_of(X) != "numpy" and not hasattr(X, "toarray"):  # sparse matrices are refused below
        if reset:
            names = [str(name) for name in (X.column_names if hasattr(X, "column_names") else X)]
            estimator.feature_names_in_, estimator.n_features_in_ = np.array(names, dtype=object), len(names)
        return X
    kind = "f" if hasattr(X, "toarray") else np.asarray(X).dtype.kind
    dtype = None if kind in "OUSb" else np.float64
    return validate_data(estimator, X, reset=reset, dtype=dtype, ensure_all_finite="allow-nan")


def _check_different(X: Any) -> None:  # noqa: ANN401 - a frame or an array
    labels = getattr(X, "column_names", getattr(X, "columns", ()))
    names = [str(label) for label in labels]
    repeated = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if repeated:
        raise ValueError(
            f"X: expected a different name for each column, got {repeated} more than once; rename or drop the others."
        )


KINDS = ("pandas", "polars", "pyarrow", "numpy")


def frame_kind(wanted: str | None, fitted: str | None) -> str:
    """Return what kind of frame to hand out: the one wanted, else the one that was fitted, else pandas or pyarrow.

    Args:
        wanted: By the user.
        fitted: What was fitted, ``None`` if it was no frame.

    Raises:
        ValueError: If there is no such kind, or it is not installed.
    """
    if wanted is None:
        return next(kind for kind in (fitted, "pandas", "pyarrow") if kind and _installed(kind))
    if wanted not in KINDS:
        raise ValueError(f"frames: expected one of {', '.join(KINDS)}, got {wanted!r}.")
    if not _installed(wanted):
        raise ValueError(f"frames: {wanted} is not installed; pip install {wanted}, or choose another kind.")
    return wanted


def _installed(kind: str) -> bool:
    return find_spec(kind) is not None


def frame_beside(X: Any, numbers: Any, names: Sequence[str]) -> Any:  # noqa: ANN401 - frames and arrays
    """Return numbers as a frame of the caller's kind; pandas, or pyarrow without it, beside an array.

    Args:
        X: What the caller gave; a pandas frame also lends its index.
        numbers: Shape ``(rows, D)``.
        names: Of the D columns.
    """
    import pyarrow as pa

    kind = frame_kind(None, None if backend_of(X) == "numpy" else backend_of(X))
    frame = frame_of(pa.table(list(np.asarray(numbers).T), names=list(names)), kind)
    if kind == "pandas" and hasattr(X, "index"):
        frame.index = X.index
    return frame


def seed_of(random_state: Any) -> int:  # noqa: ANN401 - None, a number or a RandomState
    """Return a seed: fresh for ``None``, the number itself, or the next of a generator.

    Raises:
        ValueError: If it is none of them, or negative.
    """
    if random_state is None:
        return fresh_seed()
    try:
        if isinstance(random_state, int | np.integer):
            check_seed(int(random_state))
            return int(random_state)
        return int(check_random_state(random_state).randint(2**31 - 1))
    except ValueError:
        raise ValueError(
            f"random_state: expected None, a whole number in 0..2^63-1 or a RandomState, got {random_state!r}."
        ) from None
