"""Which rows of a table look wrong, and which of their cells.

A density of the rows of a table gives every row a log-probability, and every cell its part of it: log p(x_i | x_<i).
Here 178 wines, 14 columns each, are fitted, text and numbers together, without a word about the columns. Then a slip of
the decimal point, a unit mixed up and a swapped label are put into copies of three rows. Their log-probabilities fall
far below those of the others, and the part that fell most is the cell that is wrong. The same density fills gaps: each
from the cells that are there.

Run: python examples/table_anomalies.py
"""

import numpy as np
import pandas as pd
from sklearn.datasets import load_wine

import tailormade as tm


def read_wines() -> pd.DataFrame:
    """Return the wines, with the name of the grape instead of its number."""
    wines = load_wine(as_frame=True).frame.rename(columns={"od280/od315_of_diluted_wines": "od280"})
    return wines.assign(grape=wines.pop("target").map({0: "Nebbiolo", 1: "Grignolino", 2: "Barbera"}))


def spoil(wines: pd.DataFrame) -> pd.DataFrame:
    """Return copies of three rows with one wrong cell each."""
    spoilt = wines.iloc[[10, 80, 150]].astype({"proline": float})
    spoilt.iloc[0, spoilt.columns.get_loc("proline")] = 151.0
    spoilt.iloc[1, spoilt.columns.get_loc("alcohol")] = 1.2
    spoilt.iloc[2, spoilt.columns.get_loc("grape")] = "Nebbiolo"
    return spoilt


def main() -> None:
    """Fit, find the spoilt rows and cells, and fill gaps."""
    wines = read_wines()
    density = tm.DensityEstimator(max_epochs=60, random_state=0).fit(wines)
    print(density.schema_.describe())

    usual, spoilt = density.score_samples(wines), spoil(wines)
    print(f"\nlog-probability of a wine: {usual.mean():.1f} nats, of nine in ten above {np.quantile(usual, 0.1):.1f}")
    parts = density.score_columns(spoilt) - density.score_columns(wines).mean(0)
    for score, cells in zip(density.score_samples(spoilt), parts, strict=True):
        worst = int(np.argmin(cells))
        print(f"spoilt: {score:.1f} nats, {-cells[worst]:.1f} of them lost in {density.schema_.names[worst]}")

    gaps = wines.iloc[[0, 100]].assign(proline=np.nan)
    filled, really = density.impute(gaps)["proline"].round(), wines["proline"].iloc[[0, 100]]
    print(f"\nproline filled in: {filled.tolist()}, really {really.tolist()}, on average {wines['proline'].mean():.0f}")


if __name__ == "__main__":
    main()
