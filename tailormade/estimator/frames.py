"""What scikit-learn's protocol asks of the data: arrays checked by its rules, frames by their columns."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from tailormade.random import fresh_seed
from tailormade.tables import backend_of


def check_frame(estimator: BaseEstimator, X: Any, *, reset: bool) -> Any:  # noqa: ANN401 - a frame or an array
    """Return a frame as it is, and anything else as an array with as many columns as were fitted.

    Args:
        estimator: Gets ``n_features_in_``, and ``feature_names_in_`` of a frame, if ``reset``.
        X: Rows.
        reset: Whether this is ``fit``.

    Raises:
        ValueError: If an array has a wrong shape or infinite numbers.
    """
    if backend_of(X) != "numpy" and not hasattr(X, "toarray"):  # sparse matrices are refused below
        if reset:
            names = [str(name) for name in (X.column_names if hasattr(X, "column_names") else X)]
            estimator.feature_names_in_, estimator.n_features_in_ = np.array(names, dtype=object), len(names)
        return X
    kind = "f" if hasattr(X, "toarray") else np.asarray(X).dtype.kind
    dtype = None if kind in "OUSb" else np.float64
    return validate_data(estimator, X, reset=reset, dtype=dtype, ensure_all_finite="allow-nan")


def seed_of(random_state: Any) -> int:  # noqa: ANN401 - None, a number or a RandomState
    """Return a seed: fresh for ``None``, the number itself, or the next of a generator."""
    if random_state is None:
        return fresh_seed()
    if isinstance(random_state, int | np.integer):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))
