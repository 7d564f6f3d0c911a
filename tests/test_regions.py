"""Regions of images: halves are complementary, shares have their size, masks are read as they stand."""

import numpy as np
import pytest

from tailormade.regions import HALVES, observed_pixels

PICTURES = {
    "top": ["111", "111", "000", "000", "000"],
    "bottom": ["000", "000", "111", "111", "111"],
    "left": ["100"] * 5,
    "right": ["011"] * 5,
}


@pytest.mark.parametrize("half", HALVES)
def test_halves(half):
    picture = observed_pixels(half, (5, 3)).reshape(5, 3)
    assert ["".join(str(int(seen)) for seen in line) for line in picture] == PICTURES[half]


@pytest.mark.parametrize("fraction", [0.02, 0.25, 0.5, 0.98])
def test_a_random_share(fraction):
    observed = observed_pixels(f"random:{fraction}", (10, 20), seed=3)
    assert (observed.shape, observed.dtype) == ((200,), np.bool_)
    assert observed.sum() == round(200 * fraction)


def test_the_seed_decides_what_is_observed_at_random():
    one, same, other = (observed_pixels("random:0.5", (8, 8), seed) for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


def test_every_pixel_is_as_likely():
    often = np.mean([observed_pixels("random:0.25", (3, 4), seed) for seed in range(800)], 0)
    assert np.abs(often - 0.25).max() < 0.07  # 4.5 standard errors


MASK = np.array([[0, 1, 1], [0, 0, 1]])


@pytest.mark.parametrize(
    "mask", [MASK, MASK.astype(bool), MASK.astype(float), MASK.ravel(), MASK.reshape(6, 1), MASK.reshape(1, 6)]
)
def test_a_mask_in_an_array(mask, tmp_path):
    np.save(tmp_path / "mask.npy", mask)
    assert observed_pixels(str(tmp_path / "mask.npy"), (2, 3)).tolist() == [bool(v) for v in MASK.ravel()]


@pytest.mark.parametrize("text", ["0,1,1\n0,0,1\n", "a,b,c\n0,1,1\n0,0,1\n", "0\n1\n1\n0\n0\n1\n", "0,1,1,0,0,1\n"])
def test_a_mask_in_a_csv(text, tmp_path):
    (tmp_path / "mask.csv").write_text(text)
    assert observed_pixels(str(tmp_path / "mask.csv"), (2, 3)).tolist() == [bool(v) for v in MASK.ravel()]


def refusal(region, shape=(2, 3)):
    with pytest.raises(ValueError, match="expected") as error:
        observed_pixels(region, shape)
    return str(error.value)


@pytest.mark.parametrize("region", ["", "middle", "Top", "random0.5", "mask.png", "top:0.5"])
def test_unknown_region(region):
    line = refusal(region)
    assert line.startswith("observe: expected top, bottom, left, right, random:FRACTION")
    assert line.endswith(f"got '{region}'.")


@pytest.mark.parametrize("fraction", ["", "0", "1", "-0.5", "1.5", "nan", "inf", "half"])
def test_fraction_out_of_range(fraction):
    assert refusal(f"random:{fraction}") == (
        f"observe: expected random:FRACTION with a fraction in (0, 1), got 'random:{fraction}'."
    )


@pytest.mark.parametrize(
    ("region", "shape", "found"),
    [
        ("random:0.05", (2, 3), "none"),
        ("random:0.95", (2, 3), "all"),
        ("top", (1, 4), "none"),
        ("bottom", (1, 4), "all"),
        ("left", (4, 1), "none"),
    ],
)
def test_something_observed_and_something_missing(region, shape, found):
    assert refusal(region, shape).endswith(f"but '{region}' observes {found}.")


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.ones((3, 2)), "has shape (3, 2), expected (2, 3) or (6,)"),
        (np.ones(5), "has shape (5,), expected (2, 3) or (6,)"),
        (np.array(1), "has shape (), expected"),
        (np.array([0, 1, 0.5, 0, 1, 1]), "has 0.5, expected 0 (missing) and 1 (observed)"),
        (np.array([0, 1, np.nan, 0, 1, 1]), "has nan, expected 0 (missing) and 1 (observed)"),
        (np.array(list("011001")), "expected an array of 0 (missing) and 1 (observed), got something else"),
        (np.array([None] * 6), "expected an array of 0 (missing) and 1 (observed), got something else"),
    ],
)
def test_wrong_mask(mask, message, tmp_path):
    path = tmp_path / "mask.npy"
    np.save(path, mask, allow_pickle=True)
    assert f"{path}" in refusal(str(path))
    assert message in refusal(str(path))


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY"])
def test_damaged_mask(content, tmp_path):
    (tmp_path / "mask.npy").write_bytes(content)
    assert "expected an array of 0 (missing) and 1 (observed)" in refusal(str(tmp_path / "mask.npy"))


def test_an_archive_is_no_mask(tmp_path):
    np.savez(tmp_path / "mask.npz", mask=MASK)
    (tmp_path / "mask.npz").rename(tmp_path / "mask.npy")
    assert "got something else" in refusal(str(tmp_path / "mask.npy"))


@pytest.mark.parametrize("name", ["mask.npy", "mask.csv"])
def test_no_mask(name, tmp_path):
    assert refusal(str(tmp_path / name)) == f"observe: {tmp_path / name}: expected a file with a mask, found nothing."
