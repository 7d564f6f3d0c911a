"""What is a diamond worth, how wide is the range, and is the range as wide as it says?

A density of all columns of a table of diamonds holds every regression in it: the distribution of the price given any of
the others. Its 5 and 95 % quantiles are a range for the price, and the first lines show how it moves with weight, cut
and clarity; what comes after ± is the error of the computation, 0 where nothing had to be drawn. A range of 90 % should
hold nine in ten diamonds that the model has not seen. That is checked, and so is a wrong size: in some rows of the
file a diamond is 0 mm long or high. They are kept out of the fit and should be among the least probable of all rows.

Cut, color and clarity are grades. The schema is told their order, which the file does not know.

Run: python examples/table_diamonds.py diamonds.csv [--rows 4000] [--epochs 40] (seaborn's file:
https://github.com/mwaskom/seaborn-data/blob/master/diamonds.csv; without it, diamonds made up in its likeness)
"""

import argparse

import numpy as np
import pandas as pd

import tailormade as tm

GRADES = {
    "cut": ("Fair", "Good", "Very Good", "Premium", "Ideal"),
    "color": tuple("JIHGFED"),
    "clarity": ("I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"),
}
SIZES = ["x", "y", "z"]
SEEN = ["carat", "cut", "color", "clarity", "depth", "table"]  # of a diamond whose price is asked for
OFFERS = [(0.5, "Ideal", "VS2"), (1.0, "Ideal", "VS2"), (1.0, "Ideal", "SI2"), (1.0, "Fair", "SI2")]


def made_up(rows: int) -> pd.DataFrame:
    """Return rows like those of the file, one in a hundred without a size."""
    rng = np.random.default_rng(0)
    carat = np.exp(rng.normal(-0.4, 0.55, rows)).clip(0.2, 3).round(2)
    grades = {name: rng.integers(0, len(values), rows) for name, values in GRADES.items()}
    worth = 8.4 + 1.7 * np.log(carat) + 0.03 * grades["cut"] + 0.07 * grades["color"] + 0.1 * grades["clarity"]
    frame = pd.DataFrame({"carat": carat} | {name: np.array(GRADES[name])[codes] for name, codes in grades.items()})
    frame = frame.assign(depth=rng.normal(61.7, 1.3, rows).round(1), table=rng.normal(57, 2, rows).round())
    frame = frame.assign(price=np.exp(worth + rng.normal(0, 0.12, rows)).round().astype(int))
    wide = 6.45 * np.cbrt(carat) * (rng.random(rows) > 0.01)
    return frame.assign(
        x=wide.round(2), y=(wide * rng.normal(1.01, 0.005, rows)).round(2), z=(wide * frame["depth"] / 100).round(2)
    )


def inside(density: tm.DensityEstimator, diamonds: pd.DataFrame) -> tuple[float, float]:
    """Return how many prices are in their 90 % range, and how wide that is, relative to the price."""
    ranges = [density.quantile("price", [0.05, 0.95], given=row) for row in diamonds[SEEN].to_dict("records")]
    low, high = np.array(ranges, dtype=float).T
    return float(diamonds["price"].between(low, high).mean()), float(np.median((high - low) / diamonds["price"]))


def main() -> None:
    """Fit, ask for prices, check the ranges, and look for wrong sizes."""
    parser = argparse.ArgumentParser(description="Prices of diamonds.")
    parser.add_argument("file", nargs="?", help="diamonds.csv")
    parser.add_argument("--rows", type=int, default=4000, help="rows of the fit")
    parser.add_argument("--epochs", type=int, default=40, help="passes over the rows at most")
    parser.add_argument("--checked", type=int, default=100, help="held-out diamonds whose range is checked")
    options = parser.parse_args()
    diamonds = pd.read_csv(options.file) if options.file else made_up(2 * options.rows)
    wrong = (diamonds[SIZES] == 0).any(axis=1)
    sound = diamonds[~wrong].sample(frac=1, random_state=0)
    train, test = sound[: options.rows], sound[options.rows : options.rows + 2000]
    schema = {name: {"kind": "ordinal", "categories": values} for name, values in GRADES.items()}
    schema["table"] = {"kind": "continuous"}  # where few values occur, they would be taken for all there are
    density = tm.DensityEstimator(max_epochs=options.epochs, schema=schema, random_state=0).fit(train)
    print(density.schema_.describe())

    print("\nprices in $, 5 % | 50 % | 95 %:")
    for carat, cut, clarity in OFFERS:
        known = {"carat": carat, "cut": cut, "clarity": clarity}
        low, half, high = density.quantile("price", [0.05, 0.5, 0.95], given=known)
        alike = sound[(sound[list(known)] == pd.Series(known)).all(axis=1)]["price"]
        print(f"  {carat} carat, {cut}, {clarity}: {low:.0f} | {half:.0f} ± {half.standard_error:.0f} | {high:.0f}; "
              f"{len(alike)} such in the table, median {alike.median():.0f}")  # fmt: skip
    share, width = inside(density, test[: options.checked])
    chance = (0.09 / options.checked) ** 0.5
    print(f"\n{share:.0%} of {options.checked} held-out prices are in their 90 % range (± {chance:.0%} by chance); its")
    print(f"width is {width:.0%} of the price, the median one")

    usual, odd = density.score_samples(test), density.score_samples(diamonds[wrong])
    rare = np.quantile(usual, 0.01)
    print(f"\nlog-probability of held-out rows: {np.median(usual):.1f} nats, the median one; one in a hundred is below")
    print(f"{rare:.1f}; of {len(odd)} rows with a size of 0, {(odd < rare).sum()} are below that. The least probable:")
    worst = diamonds[wrong].iloc[[np.argmin(odd)]]
    cells = pd.Series(density.score_columns(worst)[0] - density.score_columns(test).mean(0), density.schema_.names)
    print(f"{worst.to_string(index=False)}\nmost is lost in {cells.idxmin()}: {-cells.min():.1f} nats")


if __name__ == "__main__":
    main()
