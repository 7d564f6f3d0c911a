"""A census table, mixed, skewed and incomplete: ranges as questions, synthetic rows, and where the nats come from.

The table has working hours that pile up at 40, capital gains that are zero for nine in ten, text with gaps ('?'), and
categories so rare that some occur in no row of the fit: a schema with ``unseen="probability"`` keeps room for them.
Nothing else is prepared by hand, but that two columns are left out: education-num, which is education over again, and
fnlwgt, which weighs the rows of the survey and says nothing about a person. Three uses follow. Questions ask about
ranges of several columns at once, and each probability stands beside the share of rows held out. Synthetic rows are
drawn, and two figures that matter are compared with those of the held-out rows. And for every column it is told how
much better the model guesses it from the columns before it than from its own frequencies: that is where a density of
independent columns loses its nats.

Run: python examples/table_adult.py adult.csv [--rows 4000] [--epochs 30] (UCI's adult.data with a line of names:
https://archive.ics.uci.edu/dataset/2/adult; without it, people made up in its likeness)
"""

import argparse

import numpy as np
import pandas as pd

import tailormade as tm
from tailormade.queries.language import parse
from tailormade.tables import Schema

QUESTIONS = [
    ("age between 30 and 40 and hours-per-week > 45", None),
    ("income == '>50K'", "age < 30"),
    ("income == '>50K'", "education in [Bachelors, Masters] and hours-per-week >= 40"),
    ("capital-gain > 0 and age >= 50", None),
]


def made_up(rows: int) -> pd.DataFrame:
    """Return rows with the columns of the file that are asked about."""
    rng = np.random.default_rng(0)
    age, level = rng.gamma(9, 4.3, rows).clip(17, 90).astype(int), rng.choice(4, rows, p=[0.35, 0.4, 0.18, 0.07])
    sex = rng.choice(["Male", "Female"], rows, p=[0.67, 0.33])
    hours = np.where(rng.random(rows) < 0.47, 40, rng.normal(42 - 5 * (sex == "Female"), 12, rows).clip(1, 99)).astype(
        int
    )
    rich = rng.random(rows) < 1 / (1 + np.exp(4.2 - level - 0.03 * (age - 25) - 0.03 * (hours - 40)))
    gain = np.where(rng.random(rows) < 0.06 + 0.15 * rich, rng.gamma(2, 4000, rows).round(), 0).astype(int)
    work = np.where(rng.random(rows) < 0.06, None, rng.choice(["Private", "State-gov", "Self-emp"], rows))
    names = np.array(["HS-grad", "Some-college", "Bachelors", "Masters"])
    return pd.DataFrame({
        "age": age, "workclass": work, "education": names[level], "sex": sex, "capital-gain": gain,
        "hours-per-week": hours, "income": np.where(rich, ">50K", "<=50K"),
    })  # fmt: skip


def share(rows: pd.DataFrame, question: str, given: str | None) -> float:
    """Return how many rows a question is true of, as a share of those that are as given."""
    cells = {name: rows[name].to_numpy() for name in rows}
    known = np.ones(len(rows), bool) if given is None else parse(given).holds(cells)
    return float(parse(question).holds(cells)[known].mean())


def main() -> None:
    """Fit, ask, draw, and take the score apart."""
    parser = argparse.ArgumentParser(description="Questions about a census.")
    parser.add_argument("file", nargs="?", help="adult.csv, with names of columns in its first line")
    parser.add_argument("--rows", type=int, default=4000, help="rows of the fit, and as many for comparison")
    parser.add_argument("--epochs", type=int, default=30, help="passes over the rows at most")
    options = parser.parse_args()
    people = pd.read_csv(options.file, na_values="?") if options.file else made_up(2 * options.rows)
    people = people.drop(columns=["education-num", "fnlwgt"], errors="ignore").sample(frac=1, random_state=0)
    train, test = people[: options.rows], people[options.rows : 2 * options.rows]
    schema = Schema.infer(train, unseen="probability")
    density = tm.DensityEstimator(max_epochs=options.epochs, schema=schema, random_state=0).fit(train)
    print(density.schema_.describe())

    print("\nquestions; the share of held-out rows is what a good model comes near to:")
    for question, given in QUESTIONS:
        found, counted = density.probability(question, given=given), share(test, question, given)
        print(f"  P({question}{'' if given is None else ' | ' + given}) = {found:.3f}, counted {counted:.3f}")

    drawn = density.sample(len(test), random_state=0)
    print("\nthree rows that never were:")
    print(drawn.head(3).to_string(index=False))
    for sex in ("Female", "Male"):
        rich = [(rows.loc[rows["sex"] == sex, "income"] == ">50K").mean() for rows in (drawn, test)]
        print(f"  {sex} with more than 50K: {rich[0]:.3f} of the drawn, {rich[1]:.3f} of the held-out rows")

    cells = density.score_columns(test).mean(0)
    alone = [density.marginal([name]).score_samples(test).mean() for name in density.schema_.names]
    gains = pd.Series(cells - alone, density.schema_.names).sort_values(ascending=False)
    print(f"\nheld-out rows: {cells.sum():.2f} nats a row, {sum(alone):.2f} with each column by itself; gained in")
    print("\n".join(f"  {name:16} {gain:+.2f}" for name, gain in gains.items()))


if __name__ == "__main__":
    main()
