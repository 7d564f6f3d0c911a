"""A made table of all kinds of columns, and estimators fitted to it, once."""

import numpy as np
import pandas as pd
import pytest

from tailormade import DensityEstimator


def made_table(rows=400, seed=0):
    rng = np.random.default_rng(seed)
    sex = rng.choice(["f", "m"], rows)
    size = np.round(rng.normal(np.where(sex == "f", 165, 178), 7), 1)
    children = rng.poisson(1.2, rows)
    city = rng.choice(["Bern", "Genf", "Basel"], rows, p=[0.5, 0.3, 0.2])
    frame = pd.DataFrame({"sex": sex, "size": size, "children": children, "city": city})
    frame.loc[rng.random(rows) < 0.15, "size"] = np.nan
    frame.loc[rng.random(rows) < 0.1, "city"] = None
    return frame


@pytest.fixture(scope="session")
def table():
    return made_table()


@pytest.fixture(scope="session")
def fitted(table):
    return DensityEstimator(max_epochs=60, random_state=0).fit(table)


@pytest.fixture(scope="session")
def conditional(table):
    return DensityEstimator(context=["sex"], max_epochs=40, random_state=0).fit(table)
