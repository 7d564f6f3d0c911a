"""A small table with gaps: what a density of its rows answers without being fitted again.

344 penguins of three species, two of them with hardly a cell filled in, nine more without their sex. One fit takes the
table as it is, text, numbers and gaps. Then the same model says which species a bill belongs to, how heavy a bird is
and between which weights nine in ten lie, and fills the gaps. Each answer stands beside what can be counted in the
table, or beside cells that were hidden from the model, so that you see how far to trust it.

Run: python examples/table_penguins.py penguins.csv [--epochs 200] (seaborn's file:
https://github.com/mwaskom/seaborn-data/blob/master/penguins.csv; without it, birds made up in its likeness)
"""

import argparse

import numpy as np
import pandas as pd

import tailormade as tm

BILL = {"bill_length_mm": 48.0, "bill_depth_mm": 15.0}


def made_up(rows: int = 344) -> pd.DataFrame:
    """Return rows like those of the file, four in a hundred without sex."""
    rng = np.random.default_rng(0)
    kind, male = rng.choice(3, rows, p=[0.44, 0.2, 0.36]), rng.integers(0, 2, rows)
    centres = np.array([[38.8, 18.3, 190, 3700], [48.8, 18.4, 196, 3730], [47.5, 15.0, 217, 5080]])[kind]
    size = centres + male[:, None] * [3, 1, 6, 650] - [1.5, 0.5, 3, 325] + rng.normal(size=(rows, 4)) * [2, 0.8, 5, 300]
    numbers = pd.DataFrame(size, columns=["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"])
    sex = np.where(rng.random(rows) < 0.04, None, np.where(male, "MALE", "FEMALE"))
    species = np.array(["Adelie", "Chinstrap", "Gentoo"])[kind]
    return numbers.round({"bill_length_mm": 1, "bill_depth_mm": 1, "flipper_length_mm": 0, "body_mass_g": -1}).assign(
        species=species, sex=sex
    )


def ask(density: tm.DensityEstimator, birds: pd.DataFrame) -> None:
    """Print probabilities, means and intervals, and what the table says of the same."""
    near = birds[((birds[list(BILL)] - pd.Series(BILL)).abs() < 1).all(axis=1)]
    print(f"\na bill of {BILL['bill_length_mm']} x {BILL['bill_depth_mm']} mm; {len(near)} birds have one within 1 mm:")
    for species in sorted(birds["species"].unique()):
        found = density.probability(f"species == {species}", given=BILL)
        print(f"  {species:10} probability {found:.3f}, counted {(near['species'] == species).mean():.3f}")

    print("\nbody mass in g, given species and sex:")
    for (species, sex), alike in birds.groupby(["species", "sex"])["body_mass_g"]:
        known = {"species": species, "sex": sex}
        mean = density.expectation("body_mass_g", given=known)
        low, high = density.quantile("body_mass_g", [0.05, 0.95], given=known)
        counted = f"{len(alike)} in the table: mean {alike.mean():.0f}, {alike.between(low, high).mean():.0%} inside"
        print(f"  {species:10} {sex:6} mean {mean:.0f}, nine in ten in {low:.0f}..{high:.0f}; {counted}")


def main() -> None:
    """Hide some cells, fit, ask, and fill the gaps."""
    parser = argparse.ArgumentParser(description="Questions about penguins.")
    parser.add_argument("file", nargs="?", help="penguins.csv")
    parser.add_argument("--epochs", type=int, default=200, help="passes over the rows at most")
    options = parser.parse_args()
    birds = pd.read_csv(options.file) if options.file else made_up()
    hidden = birds.dropna().sample(40, random_state=0).index
    seen = birds.copy()
    seen.loc[hidden, "sex"] = None
    density = tm.DensityEstimator(max_epochs=options.epochs, random_state=0).fit(seen)
    print(density.schema_.describe())
    ask(density, seen)

    filled = density.impute(seen)
    right = (filled.loc[hidden, "sex"] == birds.loc[hidden, "sex"]).mean()
    print(f"\n{int(seen.isna().sum().sum())} gaps filled; of 40 sexes that were hidden {right:.0%} are right")
    print(filled[birds.isna().any(axis=1)].head(4).to_string())


if __name__ == "__main__":
    main()
