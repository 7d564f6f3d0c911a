"""Data files: every layout read, divisions reproducible, the bundled data set."""

from pathlib import Path

import numpy as np
import pytest

from tailormade.datasets import Dataset, digits, read_dataset

ROWS = np.random.default_rng(0).integers(0, 2, (30, 4))


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def npz():
    """Write arrays, read them back."""

    def npz(key=None, **arrays):
        np.savez("x.npz", **arrays)
        return read_dataset("x.npz", key)

    return npz


LAYOUTS = {
    ("train", "valid", "test"): ["test", "train", "valid"],
    ("train_data", "valid_data", "test_data"): ["test", "train", "valid"],
    ("train", "test"): ["test", "train"],
    ("train_data", "valid_data"): ["train", "valid"],
    ("train",): ["train"],
    ("test",): ["test"],
    ("train", "labels"): ["train"],
    ("pixels",): ["all"],
}


@pytest.mark.parametrize("names", LAYOUTS, ids=str)
def test_layouts(names, npz):
    tables = {name: ROWS[: i + 3] for i, name in enumerate(names)}
    data = npz(**tables)
    assert sorted(data.parts) == LAYOUTS[names]
    for part, table in data.parts.items():
        name = next(n for n in names if part == "all" or n.startswith(part))
        np.testing.assert_array_equal(table, tables[name])


def test_the_only_table_among_other_arrays(npz):
    data = npz(rows=ROWS, labels=ROWS[:, 0], images=ROWS.reshape(30, 2, 2), names=np.array([["a", "b"]]))
    assert list(data.parts) == ["all"]
    np.testing.assert_array_equal(data.part("all"), ROWS)


@pytest.mark.parametrize("key", ["train", "other"])
def test_a_key_takes_one_array(key, npz):
    data = npz(key, train=ROWS, test=ROWS[:2], other=ROWS[:5])
    assert list(data.parts) == ["all"]
    assert len(data.part("all")) == {"train": 30, "other": 5}[key]


def test_npy():
    np.save("x.npy", ROWS)
    np.testing.assert_array_equal(read_dataset("x.npy").part("all"), ROWS)


@pytest.mark.parametrize(
    "dtype", [bool, np.uint8, np.int8, np.int64, np.uint16, np.float16, np.float32, ">f8"], ids=str
)
@pytest.mark.parametrize("name", ["x.npy", "x.npz"])
def test_types(dtype, name):
    (np.save if name.endswith("npy") else np.savez)(name, ROWS.astype(dtype))
    table = read_dataset(name).part("all")
    assert table.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(table.astype(int), ROWS)


def test_a_path_or_its_name():
    np.save("x.npy", ROWS)
    assert read_dataset(Path("x.npy")).source == read_dataset("x.npy").source == "x.npy"


@pytest.mark.parametrize("seed", [0, 7])
def test_a_division_is_reproducible_and_disjoint(seed):
    table = np.arange(40)[:, None]
    divided = Dataset({"all": table}).split(0.25, seed)
    assert sorted(divided.parts) == ["train", "valid"]
    train, valid = divided.part("train")[:, 0], divided.part("valid")[:, 0]
    assert (len(train), len(valid)) == (30, 10)
    assert sorted([*train, *valid]) == list(range(40))
    again = Dataset({"all": table}).split(0.25, seed)
    np.testing.assert_array_equal(again.part("valid")[:, 0], valid)


def test_another_seed_divides_otherwise():
    first, second = (Dataset({"all": np.arange(40)[:, None]}).split(0.25, seed) for seed in (0, 1))
    assert not np.array_equal(first.part("valid"), second.part("valid"))


def test_a_division_is_of_all_rows_alike():
    table = np.arange(40)[:, None]
    held = np.concatenate([Dataset({"all": table}).split(0.25, seed).part("valid") for seed in range(60)])
    assert set(held[:, 0]) == set(range(40))


def test_what_is_divided_stays():
    data = Dataset({"train": ROWS[:20], "valid": ROWS[20:]})
    assert data.split(0.5, 0) is data


def test_the_test_rows_are_not_divided():
    data = Dataset({"train": ROWS[:20], "test": ROWS[20:]}).split(0.25, 0)
    assert {name: len(rows) for name, rows in data.parts.items()} == {"train": 15, "valid": 5, "test": 10}
    np.testing.assert_array_equal(data.part("test"), ROWS[20:])


def test_at_least_one_row_is_set_aside():
    data = Dataset({"all": ROWS[:2]}).split(0.01, 0)
    assert [len(data.part(name)) for name in ("train", "valid")] == [1, 1]


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.5, 2.0])
def test_fractions_out_of_range(fraction):
    with pytest.raises(ValueError, match=r"fraction in \(0, 1\)"):
        Dataset({"all": ROWS}).split(fraction, 0)


def test_at_least_one_row_is_left_to_train_on():
    with pytest.raises(ValueError, match="expected"):
        Dataset({"all": ROWS}).split(0.999, 0)


def test_an_unknown_part():
    with pytest.raises(ValueError, match=r"x\.npy: has no part 'valid', expected one of \['test', 'train'\]"):
        Dataset({"train": ROWS, "test": ROWS}, source="x.npy").part("valid")


def test_digits():
    from sklearn.datasets import load_digits

    data = digits()
    assert {name: rows.shape for name, rows in data.parts.items()} == {
        "train": (1078, 64),
        "valid": (359, 64),
        "test": (360, 64),
    }
    rows = np.concatenate(list(data.parts.values()))
    assert set(np.unique(rows)) == {0, 1}
    original = (load_digits().data >= 8).astype(np.uint8)
    assert sorted(map(bytes, rows)) == sorted(map(bytes, original))


def test_digits_are_divided_by_seed():
    assert np.array_equal(digits(1).part("test"), digits(1).part("test"))
    assert not np.array_equal(digits(1).part("test"), digits(2).part("test"))
