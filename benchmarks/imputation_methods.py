"""scikit-learn's imputers over tables with text: how cells become their numbers, and what they fill in.

Numbers are standardised, and a column of text is as many indicators as it has categories in the fit rows, all missing
where the text is. Whatever an imputer makes of the indicators, the largest wins.
"""

import warnings
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - makes the next import possible
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer

from benchmarks.tables_data import SEED, Array

ITERATIVE_ROWS = 10_000


class Coding(NamedTuple):
    """Text as one-hot numbers, numbers standardised: how scikit-learn's imputers want a table."""

    categories: dict[str, list[Any]]  # of the columns of text
    loc: "pd.Series[float]"
    scale: "pd.Series[float]"

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "Coding":
        """Read categories, means and standard deviations from the fit rows."""
        numbers = frame.select_dtypes("number")
        text = {str(name): sorted(frame[name].dropna().unique()) for name in frame if name not in numbers}
        return cls(text, numbers.mean(), numbers.std(ddof=0))

    def encode(self, frame: pd.DataFrame) -> Array:
        """Return numbers, NaN where a cell is missing."""
        return np.concatenate([self._columns(frame[name]) for name in frame], axis=1)

    def _columns(self, cells: "pd.Series[Any]") -> Array:
        name = str(cells.name)
        if name not in self.categories:
            return ((cells.to_numpy(dtype=float) - self.loc[name]) / self.scale[name])[:, None]
        hot = np.stack([cells.eq(value).to_numpy(dtype=float) for value in self.categories[name]], 1)
        hot[cells.isna().to_numpy()] = np.nan
        return hot

    def decode(self, x: Array, names: list[str]) -> pd.DataFrame:
        """Return the table, its numbers still standardised."""
        found, start = {}, 0
        for name in names:
            values = self.categories.get(name)
            part = x[:, start : start + len(values or [0])]
            found[name] = part[:, 0] if values is None else np.array(values, dtype=object)[part.argmax(1)]
            start += part.shape[1]
        return pd.DataFrame(found)

    def standardise(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the table with its numbers standardised."""
        return frame.assign(**{name: (frame[name] - self.loc[name]) / self.scale[name] for name in self.loc.index})


def others(fit: pd.DataFrame, damaged: pd.DataFrame, coding: Coding) -> dict[str, pd.DataFrame]:
    """Return the table filled by scikit-learn, its numbers standardised."""
    known, gaps, names = coding.encode(fit), coding.encode(damaged), list(damaged)
    chosen = np.random.default_rng(SEED).permutation(len(known))[:ITERATIVE_ROWS]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        # together with the gaps: of rows without any, it would learn nothing in the later rounds
        iterative = IterativeImputer(random_state=SEED).fit_transform(np.concatenate([gaps, known[chosen]]))[
            : len(gaps)
        ]
    # the most frequent category is the one whose indicator has the greatest mean
    filled = {
        "iterative": iterative,
        "nearest": KNNImputer().fit(known).transform(gaps),
        "simple": SimpleImputer(strategy="mean").fit(known).transform(gaps),
    }
    return {name: coding.decode(x, names) for name, x in filled.items()}
