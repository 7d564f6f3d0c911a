"""The command as a user runs it, in an empty folder of its own."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from cli.table_store import answers, people

from tailormade.cli import run

SMALL = ["--epochs", "2", "-q", "8", "--seed", "1", "--quiet"]


@dataclass(frozen=True)
class Outcome:
    """What a run of the command left behind."""

    status: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def call(capsys):
    """Run the command and return status and what it printed."""

    def call(*words) -> Outcome:
        capsys.readouterr()
        status = run([str(word) for word in words])
        return Outcome(status, *capsys.readouterr())

    return call


@pytest.fixture
def done(call):
    """Run the command, which succeeds, and return what it printed to stdout."""

    def done(*words) -> str:
        outcome = call(*words)
        assert outcome.status == 0, outcome.err
        return outcome.out

    return done


@pytest.fixture
def refused(call):
    """Run the command, which refuses in one plain line and leaves the disk as it was; return the line."""

    def refused(*words) -> str:
        before = _contents()
        outcome = call(*words)
        assert (outcome.status, outcome.out) == (2, ""), outcome.err
        assert len(outcome.err.splitlines()) == 1, outcome.err
        assert outcome.err.startswith("tailormade: ")
        assert _contents() == before
        return outcome.err

    return refused


def _contents() -> dict[Path, bytes | None]:
    return {path: path.read_bytes() if path.is_file() else None for path in Path().rglob("*")}


def binary_rows(rows=60, features=5):
    """Zeros and ones, no column constant."""
    return (np.random.default_rng(0).random((rows, features)) < 0.4).astype(np.uint8)


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """A folder with tables, and models fitted to them once for all tests; nobody writes into it."""
    folder = tmp_path_factory.mktemp("store")
    x = binary_rows()
    np.savez(folder / "parts.npz", train=x[:40], valid=x[40:50], test=x[50:])
    np.save(folder / "table.npy", x)
    ages = np.linspace(20, 70, len(x)).round(1)
    lines = ["age,red,green,blue", *(f"{a},{r[0]},{r[1]},{r[2]}" for a, r in zip(ages, x, strict=True))]
    (folder / "people.csv").write_text("\n".join(lines) + "\n")
    np.save(folder / "codes.npy", np.random.default_rng(1).integers(0, 4, (60, 3)))
    for name, data, *options in (
        ("one", "parts.npz"),
        ("three", "parts.npz", "-n", "3", "-s", "2"),
        ("any", "parts.npz", "-n", "any"),
        ("given_age", "people.csv", "--context", "age", "--conditional", "bernoulli"),
        ("codes", "codes.npy", "--conditional", "categorical"),
    ):
        assert run(["fit", str(folder / data), "--out", str(folder / name), *SMALL, *options]) == 0
    return folder


@pytest.fixture(scope="session")
def tables(tmp_path_factory):
    """A folder with tables of mixed columns, and models fitted to them once for all tests; nobody writes into it."""
    folder = tmp_path_factory.mktemp("tables")
    (folder / "people.csv").write_text(people())
    (folder / "answers.csv").write_text(answers())
    for name, *options in (("m",), ("given", "--context", "sex"), ("three", "-n", "3")):
        words = ["--epochs", "2", "--seed", "1", "--quiet", *options]
        assert run(["fit", str(folder / "people.csv"), "--out", str(folder / name), *words]) == 0
    return folder


@pytest.fixture(scope="session")
def flows(tmp_path_factory):
    """A folder with columns of numbers, and flows fitted to them once for all tests; nobody writes into it."""
    folder = tmp_path_factory.mktemp("flows")
    rng = np.random.default_rng(0)
    width = rng.normal(3.0, 0.5, 300)
    height = width**2 + rng.normal(0, 0.4, 300)
    season = rng.uniform(0, 4, 300)
    table = np.stack([width, height, 10 + season + rng.normal(size=300), season], 1)
    np.save(folder / "pair.npy", table[:, :2])
    np.savetxt(folder / "all.csv", table, delimiter=",", header="width,height,heat,season", comments="", fmt="%.6f")
    for name, data, *options in (
        ("pair", "pair.npy", "--model", "maf"),
        ("all", "all.csv", "--model", "maf", "--bijection", "spline"),
        ("iaf", "all.csv", "--model", "iaf"),
        ("season", "all.csv", "--model", "maf", "--context", "season"),
    ):
        words = ["--transforms", "2", "--epochs", "4", "-q", "12", "--learning-rate", "0.01", "--seed", "1", "--quiet"]
        assert run(["fit", str(folder / data), "--out", str(folder / name), *words, *options]) == 0
    return folder
