"""Who survived, how old were those whose age nobody wrote down, and how sure can one be with 891 rows?

The Titanic's passenger list has gaps: one age in five, three decks in four. A density of the rows takes it as it is.
P(survived | class, sex) then is a question like any other, and a missing age is filled from whatever is known of that
passenger. Both are checked: probabilities against the passengers' own shares, ages by hiding some that are known.

A caution about small data. Some groups here have a few dozen passengers, so that a share counted in them is itself
uncertain: it is printed with its standard error, and a model within two of those is as right as the count. One further
away has smoothed over what 600 rows did not teach it, and nothing but such a comparison tells: the standard error of
the model's own computation says nothing of how well it fits. Nor do rows that helped to fit a model test it: three in
ten are held out here, and the last lines are about those alone.

Run: python examples/table_titanic.py titanic.csv [--epochs 200] (seaborn's file:
https://github.com/mwaskom/seaborn-data/blob/master/titanic.csv; without it, passengers made up in its likeness)
"""

import argparse

import numpy as np
import pandas as pd

import tailormade as tm

COLUMNS = ["survived", "pclass", "sex", "age", "sibsp", "parch", "fare", "embarked", "deck"]  # others repeat these


def made_up(rows: int = 600) -> pd.DataFrame:
    """Return rows like those of the file."""
    rng = np.random.default_rng(0)
    pclass, female = rng.choice([1, 2, 3], rows, p=[0.24, 0.21, 0.55]), rng.random(rows) < 0.35
    age = (rng.gamma(9, 4.6, rows) - 4 * (pclass - 1)).round().clip(1)
    frame = pd.DataFrame({"survived": (rng.random(rows) < 0.75 * female + 0.4 - 0.12 * pclass).astype(int)})
    frame = frame.assign(pclass=pclass, sex=np.where(female, "female", "male"), age=age)
    frame = frame.assign(sibsp=rng.poisson(0.5, rows), parch=rng.poisson(0.4, rows))
    frame = frame.assign(fare=rng.gamma(2, 45 / pclass**1.5).round(2), embarked=rng.choice(["C", "Q", "S"], rows))
    frame = frame.assign(deck=np.where(rng.random(rows) < 0.2 * pclass, None, rng.choice(["B", "C", "E"], rows)))
    return frame.assign(age=frame["age"].mask(rng.random(rows) < 0.2))


def main() -> None:
    """Fit to seven rows in ten, ask, and test on the others."""
    parser = argparse.ArgumentParser(description="Questions about the passengers of the Titanic.")
    parser.add_argument("file", nargs="?", help="titanic.csv")
    parser.add_argument("--epochs", type=int, default=200, help="passes over the rows at most")
    options = parser.parse_args()
    people = pd.read_csv(options.file)[COLUMNS] if options.file else made_up()
    train = people.sample(frac=0.7, random_state=0)
    test = people.drop(train.index)
    density = tm.DensityEstimator(max_epochs=options.epochs, random_state=0).fit(train)
    print(density.schema_.describe())

    print("\nP(survived | class, sex), and the share of those in the fit:")
    far = 0
    for (pclass, sex), group in train.groupby(["pclass", "sex"])["survived"]:
        found = density.probability("survived == 1", given={"pclass": pclass, "sex": sex})
        share = (group.sum() + 1) / (len(group) + 2)  # Laplace's, so that no error is 0
        error = (share * (1 - share) / len(group)) ** 0.5
        far += abs(found - share) > 2 * error
        print(f"  class {pclass}, {sex:6}  {found:.2f}   counted {share:.2f} ± {error:.2f}, {len(group)} passengers")
    print(f"  further than two standard errors from the count: {far} of 6")
    first, last = (density.expectation("age", given=f"pclass == {c} and survived == 1") for c in (1, 3))
    print(f"mean age of survivors: first class {first:.0f} years, third class {last:.0f}")

    known = test[test["age"].notna()]
    filled = density.impute(known.assign(age=np.nan))["age"]
    error, plain = (filled - known["age"]).abs().mean(), (train["age"].mean() - known["age"]).abs().mean()
    print(f"\n{int(train['age'].isna().sum())} ages are missing in the fit; of {len(known)} hidden in rows held out,")
    print(f"the model is {error:.1f} years off, the mean age {plain:.1f}")

    unknown = test.assign(survived=None)
    chance = density.impute(unknown)["survived"].astype(int)
    print(f"who survived, of {len(test)} held out: {(chance == test['survived']).mean():.0%} right; saying 'nobody': "
          f"{(test['survived'] == 0).mean():.0%}")  # fmt: skip
    gap = density.score(train) - density.score(test)
    print(f"log-probability of a row: {density.score(train):.2f} nats in the fit, {gap:.2f} less where held out")


if __name__ == "__main__":
    main()
