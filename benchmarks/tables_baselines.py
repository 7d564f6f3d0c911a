r"""What a density of a table has to beat, each giving the log-probability of the recorded cell.

Rows are encoded by the schema: codes of categories, numbers, NaN where a cell is missing. A number recorded to the
resolution ``δ`` is scored by ``P(x - δ/2 < X <= x + δ/2)`` (1), x being the multiple of ``δ`` that it stands for; one
of no known resolution by its density. The marginals here and the tree in :mod:`benchmarks.tables_tree` take (1)
exactly; the Gaussian mixture and the kernel density take density times ``δ`` (2), and their components may not be
narrower than ``δ/2`` along any column, where (2) adds up to 1.014 a column at most and nothing is won by spikes on
repeated values. Where ``δ`` is unknown, the least width of a component of the mixtures is the column's standard
deviation over 2^12, as it is in our own model.

A baseline is a function of training rows, validation rows and columns. It chooses its hyper-parameters by the
validation rows, or by BIC, and is then fitted to both.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, logsumexp
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity

from tailormade.tables import Column

Array = NDArray[np.float64]
Scorer = Callable[[Array], Array]
Columns = tuple[Column, ...]

COMPONENTS = (1, 2, 4, 8, 16, 32)
BANDWIDTHS = tuple(np.geomspace(0.02, 1.5, 14))  # in standard deviations
KERNELS = 5000  # training rows at most
FINEST = 2.0**-12  # of a standard deviation
HALF = 0.5  # added to every count


def step_of(column: Column) -> float | None:
    """Return the resolution of a numeric column, ``None`` if it has none or the column is coded."""
    return None if column.coded else column.step


def snapped(x: Array, step: float | None) -> Array:
    """Return the multiples of the resolution that numbers stand for."""
    return x if step is None else np.rint(x / step) * step


def log_cells(columns: Columns) -> float:
    """Return the sum of log δ, which makes (2) of a log density."""
    return float(sum(np.log(step) for column in columns if (step := step_of(column)) is not None))


# -- independent marginals


def marginals(train: Array, valid: Array, columns: Columns) -> Scorer:
    """Take columns for independent: smoothed counts of categories, a Gaussian mixture for numbers, chosen by BIC."""
    both = np.concatenate([train, valid])
    parts = [_marginal(both[:, i], column) for i, column in enumerate(columns)]
    return lambda x: np.sum([np.where(np.isnan(c), 0.0, p(c)) for c, p in zip(x.T, parts, strict=True)], axis=0)


def _marginal(x: Array, column: Column) -> Scorer:
    x = x[~np.isnan(x)]
    if column.coded:
        counts = np.bincount(x.astype(int), minlength=column.cardinality or 1) + HALF
        logs = np.log(counts / counts.sum())
        return lambda y: logs[np.nan_to_num(y).astype(int)]
    return best_mixture(x, step_of(column))


def best_mixture(x: Array, step: float | None) -> Scorer:
    """Return the log-probability of cells (1), or the log density, by the univariate mixture of the best BIC."""
    x, loc, scale = snapped(x, step), float(x.mean()), float(x.std()) or 1.0
    floor = FINEST if step is None else step / scale / 10  # masses of cells are bounded whatever the width
    fits = []
    for k in [k for k in COMPONENTS if 10 * k <= len(x)]:
        score = _mixture((x - loc) / scale, k, floor, loc, scale, step)
        fits.append((-2 * score(x).sum() + (3 * k - 1) * np.log(len(x)), k, score))
    return min(fits)[2]


def _mixture(z: Array, k: int, floor: float, loc: float, scale: float, step: float | None) -> Scorer:
    made = _quietly(GaussianMixture(k, reg_covar=floor**2, random_state=0), z[:, None])
    means, widths = loc + scale * made.means_[:, 0], scale * made.covariances_[:, 0, 0] ** 0.5
    weights = np.log(made.weights_)

    def score(x: Array) -> Array:
        x = snapped(x, step)[:, None]
        if step is None:
            parts = -0.5 * ((x - means) / widths) ** 2 - np.log(widths) - 0.5 * np.log(2 * np.pi)
        else:
            parts = log_normal_mass((x - step / 2 - means) / widths, (x + step / 2 - means) / widths)
        return np.asarray(logsumexp(weights + parts, axis=1))

    return score


def log_normal_mass(low: Array, high: Array) -> Array:
    """Return ``log(Φ(high) - Φ(low))``, accurate in both tails, where ``low < high``."""
    upper = low + high > 0  # there, the mass is that of the mirrored interval
    low, high = np.where(upper, -high, low), np.where(upper, -low, high)
    return np.asarray(log_ndtr(high) + np.log(-np.expm1(np.minimum(log_ndtr(low) - log_ndtr(high), -1e-300))))


def _quietly(model: Any, x: Array) -> Any:  # noqa: ANN401 - scikit-learn has no types
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(x)


# -- Gaussian mixture and kernel density, of numbers without gaps


def applies(x: Array, columns: Columns) -> bool:
    """Return whether a Gaussian mixture or a kernel density can be fitted: all are numbers, none is missing."""
    return not any(column.coded for column in columns) and not np.isnan(x).any()


def gaussian_mixture(train: Array, valid: Array, columns: Columns) -> Scorer:
    """Fit mixtures of normals with full covariances, and take the number of components by BIC."""
    x = np.concatenate([train, valid])
    # in units of the least width of each column, the least variance is 1 in all
    units = np.array([max(FINEST * s, (step_of(c) or 0.0) / 2) for c, s in zip(columns, x.std(0), strict=True)])
    loc, constant = x.mean(0), log_cells(columns) - float(np.log(units).sum())
    fits = [_full_mixture((x - loc) / units, k) for k in COMPONENTS if k == 1 or 10 * k <= len(x)]
    best = min(fits, key=lambda made: made.bic((x - loc) / units))
    return lambda y: np.asarray(best.score_samples((y - loc) / units)) + constant


def _full_mixture(z: Array, k: int) -> Any:  # noqa: ANN401 - scikit-learn has no types
    standard = z / z.std(0)
    label = KMeans(k, n_init=1, random_state=0).fit_predict(standard) if k > 1 else np.zeros(len(z), dtype=int)
    label = np.unique(label, return_inverse=True)[1]  # fewer clusters, if so few points are distinct
    groups = [z[label == j] for j in range(label.max() + 1)]
    covariances = [np.cov(g.T, bias=True).reshape(z.shape[1], -1) + np.diag(1 + 1e-3 * z.var(0)) for g in groups]
    start = {
        "means_init": np.stack([g.mean(0) for g in groups]),
        "weights_init": np.bincount(label) / len(z),
        "precisions_init": np.linalg.inv(np.stack(covariances)),
    }
    made = GaussianMixture(len(groups), reg_covar=1.0, init_params="random_from_data", random_state=0, **start)
    return _quietly(made, z)


def kernel_density(train: Array, valid: Array, columns: Columns) -> Scorer:
    """Fit a kernel density with normal kernels to standardised columns; the bandwidth is that of the best validation.

    Kernels are at no more than 5000 training rows, drawn by seed.
    """
    scale, loc = train.std(0), train.mean(0)
    floor = max((step_of(c) or 0.0) / 2 / s for c, s in zip(columns, scale, strict=True))
    constant = log_cells(columns) - float(np.log(scale).sum())

    def estimate(rows: Array, bandwidth: float) -> Scorer:
        chosen = np.random.default_rng(0).permutation(len(rows))[:KERNELS]
        made = KernelDensity(bandwidth=bandwidth, rtol=1e-6).fit((rows[chosen] - loc) / scale)
        return lambda y: np.asarray(made.score_samples((y - loc) / scale)) + constant

    allowed = sorted({max(h, floor) for h in BANDWIDTHS})
    best = max(allowed, key=lambda h: float(estimate(train, h)(valid[:KERNELS]).mean()))
    return estimate(np.concatenate([train, valid]), best)
