"""Completions: every image stands in its place, what is missing looks like nothing else, and shapes must fit."""

import numpy as np
import pytest
import torch

from tailormade.plots import draw_completions

OBSERVED = np.arange(6) < 3


@pytest.fixture
def rows():
    return np.random.default_rng(0).integers(0, 4, (5, 6)).astype(float)


@pytest.fixture
def completions(rows):
    rest = np.random.default_rng(1).integers(0, 4, (4, 5, 6))
    return np.where(OBSERVED, rows, rest)


@pytest.fixture
def figure(rows, completions):
    return draw_completions(rows, OBSERVED, completions, (2, 3))


def lines(figure, columns):
    images = figure.axes[0].images
    return [images[k : k + columns] for k in range(0, len(images), columns)]


def colours(image):
    """The drawn colours, shape (H, W, 4)."""
    return image.cmap(image.norm(image.get_array()))


def test_a_line_an_image(figure, rows, completions):
    found = [[np.ma.filled(i.get_array(), np.nan) for i in line] for line in lines(figure, 6)]
    expected = [
        [r.reshape(2, 3) for r in (row, np.where(OBSERVED, row, np.nan), *completions[:, k])]
        for k, row in enumerate(rows)
    ]
    np.testing.assert_array_equal(found, expected)


def test_images_stand_in_lines_and_columns_without_touching(figure):
    boxes = np.array([[image.get_extent() for image in line] for line in lines(figure, 6)])
    left, right, lower, upper = np.moveaxis(boxes, -1, 0)
    assert (left == left[0]).all()
    assert (upper == upper[:, :1]).all()
    assert (left[:, 1:] > right[:, :-1] + 2).all()
    assert (upper[1:] > lower[:-1] + 2).all()  # from the upper edge downwards


def test_every_pixel_has_the_same_number_of_dots(figure):
    boxes = np.array([image.get_extent() for image in figure.axes[0].images])
    dots = np.stack([boxes[:, 1] - boxes[:, 0], boxes[:, 2] - boxes[:, 3]], 1) / [3, 2]
    assert len(np.unique(dots)) == 1
    assert dots[0, 0] % 1 == 0
    assert (boxes % 1 == 0).all()
    width, height = figure.get_size_inches() * figure.dpi
    assert figure.axes[0].get_xlim() == pytest.approx((0, width))
    assert figure.axes[0].get_ylim() == pytest.approx((height, 0))


@pytest.mark.parametrize("ink", [True, False])
def test_observed_values_are_grey_and_missing_ones_are_not(ink, rows, completions):
    figure = draw_completions(rows, OBSERVED, completions, (2, 3), ink=ink)
    for line in lines(figure, 6):
        for k, image in enumerate(line):
            red, green, blue = np.moveaxis(colours(image)[..., :3].reshape(6, 3), -1, 0)
            grey = (red == green) & (green == blue)
            assert grey.tolist() == (OBSERVED.tolist() if k == 1 else [True] * 6)
            assert (blue[~grey] > green[~grey]).all()


def test_missing_pixels_are_hatched(rows, completions):
    observed = np.array([True, False, False, True, True, False])
    patches = draw_completions(rows, observed, completions, (2, 3)).axes[0].patches
    assert len(patches) == 5
    assert all(patch.get_hatch() for patch in patches)
    for line, patch in zip(lines(draw_completions(rows, observed, completions, (2, 3)), 6), patches, strict=True):
        left, right, lower, upper = line[1].get_extent()
        x = left + (right - left) / 3 * (np.arange(6) % 3 + 0.5)
        y = upper + (lower - upper) / 2 * (np.arange(6) // 3 + 0.5)
        assert patch.get_path().contains_points(np.stack([x, y], 1)).tolist() == (~observed).tolist()


@pytest.mark.parametrize(
    ("ink", "levels", "caption", "darkest"),
    [
        (True, None, "white is 0, black is 3, hatched blue is missing", 3),
        (False, None, "white is 3, black is 0, hatched blue is missing", 0),
        (False, 16, "white is 15, black is 0, hatched blue is missing", 0),
        (True, 2, "white is 0, black is 1, hatched blue is missing", 1),
    ],
)
def test_tones(ink, levels, caption, darkest, rows, completions):
    values = np.minimum(rows, 1) if levels == 2 else rows
    others = np.minimum(completions, 1) if levels == 2 else completions
    figure = draw_completions(values, OBSERVED, others, (2, 3), levels=levels, ink=ink)
    assert figure.axes[0].texts[-1].get_text() == caption
    top = 3 if levels is None else levels - 1
    for image in (line[0] for line in lines(figure, 6)):
        tone = image.get_array() / top
        np.testing.assert_allclose(colours(image)[..., 0], 1 - tone if ink else tone, atol=0.01)
        assert (colours(image)[..., 0][image.get_array() == darkest] == 0).all()


@pytest.mark.parametrize(("count", "name"), [(1, "1 completion"), (4, "4 completions")])
def test_columns_are_named(count, name, rows, completions):
    figure = draw_completions(rows, OBSERVED, completions[:count], (2, 3))
    names = figure.axes[0].texts[:3]
    assert [text.get_text() for text in names] == ["original", "observed", name]
    lefts = [image.get_extent()[0] for image in lines(figure, 2 + count)[0][:3]]
    assert [text.get_position()[0] for text in names] == lefts


@pytest.mark.parametrize("shape", [(2, 3), (6, 1), (1, 6), (3, 2)])
@pytest.mark.parametrize("count", [1, 4])
def test_texts_stay_on_the_paper_and_apart(shape, count, rows, completions):
    figure = draw_completions(rows, OBSERVED, completions[:count], shape, levels=12346)
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert all(b.x0 >= 0 and b.y0 >= 0 and b.x1 <= figure.bbox.x1 and b.y1 <= figure.bbox.y1 for b in boxes)
    assert boxes[0].x1 < boxes[1].x0 < boxes[1].x1 < boxes[2].x0
    frames = [image.get_window_extent() for image in figure.axes[0].images]
    assert all(not box.overlaps(frame) for box in boxes for frame in frames)


def test_large_images_keep_all_their_pixels():
    figure = draw_completions(np.eye(1, 200 * 150), np.arange(30000) < 9, np.eye(1, 30000)[None], (200, 150))
    left, right, lower, upper = figure.axes[0].images[0].get_extent()
    assert (right - left, lower - upper) == (150, 200)


def test_tensors(rows, completions):
    figure = draw_completions(torch.tensor(rows), torch.tensor(OBSERVED), torch.tensor(completions), (2, 3))
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), rows[0].reshape(2, 3))


def test_a_square_by_default():
    figure = draw_completions(np.eye(2, 16), np.arange(16) < 8, np.zeros((3, 2, 16)))
    assert figure.axes[0].images[0].get_array().shape == (4, 4)


WRONG = {
    "observed: expected booleans of shape (6,), got (6,) of int64": {"observed": np.arange(6)},
    "observed: expected booleans of shape (6,), got (5,) of bool": {"observed": OBSERVED[:5]},
    "completions: expected shape (n, 5, 6) with n at least 1, got (5, 6)": {"completions": np.zeros((5, 6))},
    "completions: expected shape (n, 5, 6) with n at least 1, got (0, 5, 6)": {"completions": np.zeros((0, 5, 6))},
    "completions: expected shape (n, 5, 6) with n at least 1, got (2, 4, 6)": {"completions": np.zeros((2, 4, 6))},
    "shape: expected (H, W) with H W = 6 variables, got (2, 2)": {"shape": (2, 2)},
    "shape: expected (H, W), as 6 variables are no square image": {"shape": None},
    "rows: expected shape (n, D) with at least one row and variable, got (0, 6)": {"originals": np.zeros((0, 6))},
}


@pytest.mark.parametrize("message", WRONG)
def test_what_does_not_fit_is_refused(message, rows, completions):
    arguments = {"originals": rows, "observed": OBSERVED, "completions": completions, "shape": (2, 3)}
    with pytest.raises(ValueError, match="expected") as error:
        draw_completions(**{**arguments, **WRONG[message]})
    assert message in str(error.value)
