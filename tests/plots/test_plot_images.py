"""Rows as pictures: each image holds its row, ink is dark, and what forms no image is refused."""

import numpy as np
import pytest
import torch

from tailormade.plots import image_grid, sample_matrix


@pytest.fixture
def rows():
    return np.random.default_rng(0).integers(0, 17, (5, 16)).astype(float)


def grey(figure, k):
    """The drawn grey of image k, 0 for black to 1 for white."""
    image = figure.axes[0].images[k]
    return image.cmap(image.norm(image.get_array()))[..., 0]


def test_every_row_is_an_image(rows):
    images = image_grid(rows).axes[0].images
    assert [image.get_array().shape for image in images] == [(4, 4)] * 5
    assert all(np.array_equal(image.get_array(), row.reshape(4, 4)) for image, row in zip(images, rows, strict=True))


def test_large_values_are_dark_on_one_scale(rows):
    figure = image_grid(rows)
    for k, row in enumerate(rows):
        assert np.allclose(grey(figure, k), 1 - row.reshape(4, 4) / rows.max(), atol=0.01)


def test_images_go_row_by_row_without_touching(rows):
    boxes = [image.get_extent() for image in image_grid(rows, columns=2).axes[0].images]
    assert [(int(left), int(upper)) for left, _, _, upper in boxes] == [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2)]
    assert boxes[0][1] < 1 < boxes[1][0]
    assert boxes[0][2] < 1 < boxes[2][3]


@pytest.mark.parametrize(
    ("count", "columns", "across"), [(5, None, 3), (9, None, 3), (5, 10, 5), (1, None, 1), (7, 2, 2)]
)
def test_columns(count, columns, across):
    assert image_grid(np.ones((count, 4)), columns=columns).axes[0].get_xlim() == (0, across)


def test_shape_can_be_given():
    image = image_grid(np.arange(12.0)[None], (3, 4)).axes[0].images[0]
    assert image.get_array().tolist() == np.arange(12.0).reshape(3, 4).tolist()


@pytest.mark.parametrize(
    "given",
    [
        torch.tensor([[1, 0, 0, 1]]),
        torch.tensor([[True, False, False, True]]),
        torch.eye(2, dtype=torch.bfloat16).reshape(1, 4),
        [[1, 0, 0, 1]],
    ],
)
def test_any_numeric_rows(given):
    assert grey(image_grid(given), 0).tolist() == [[0, 1], [1, 0]]


def test_tensor_that_requires_grad():
    assert len(image_grid(torch.ones(2, 4, requires_grad=True)).axes[0].images) == 2


def test_negative_values_are_lighter_than_zero():
    assert grey(image_grid([[-1.0, 0.0, 1.0, -1.0]]), 0).ravel().tolist() == pytest.approx([1, 0.5, 0, 1], abs=0.01)


def test_all_zero_is_paper():
    assert (grey(image_grid(np.zeros((1, 4))), 0) == 1).all()


def test_missing_values_have_their_own_colour():
    figure = image_grid([[np.nan, 0.0, 1.0, 1.0]])
    image = figure.axes[0].images[0]
    red, green, blue, _ = image.cmap(image.norm(image.get_array()))[0, 0]
    assert blue > green > red
    assert figure.axes[0].get_title(loc="left") == "1 image of 2 × 2; white is 0, black is 1, blue is missing"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, r"shape: expected \(H, W\), as 12 variables are no square image; sample_matrix"),
        ({"shape": (3, 5)}, r"shape: expected \(H, W\) with H W = 12 variables, got \(3, 5\)"),
        ({"shape": (12,)}, r"got \(12,\)"),
        ({"shape": (-3, -4)}, r"got \(-3, -4\)"),
        ({"shape": (3, 4), "columns": 0}, "columns: expected at least 1, got 0"),
    ],
)
def test_what_is_no_image_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        image_grid(np.ones((2, 12)), **options)


@pytest.mark.parametrize("draw", [image_grid, sample_matrix])
@pytest.mark.parametrize("shape", [(0, 4), (4,), (2, 2, 2), (3, 0)])
def test_rows_must_be_a_matrix(draw, shape):
    with pytest.raises(ValueError, match=r"rows: expected shape \(n, D\) with at least one row and variable"):
        draw(np.ones(shape))


def test_matrix_holds_the_rows(rows):
    axes = sample_matrix(rows).axes[0]
    assert np.array_equal(axes.images[0].get_array(), rows)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("variable", "row")
    assert axes.images[0].get_extent() == [0.5, 16.5, 5.5, 0.5]


def test_matrix_can_scale_each_variable():
    values = np.array([[1.0, 50.0, 7.0], [3.0, 100.0, 7.0], [2.0, np.nan, 7.0]])
    shown = sample_matrix(values, scale_each=True).axes[0].images[0].get_array()
    assert np.array_equal(np.ma.filled(shown, np.nan), [[0, 0, 0], [1, 1, 0], [0.5, np.nan, 0]], equal_nan=True)


@pytest.mark.parametrize(
    "figure", [lambda: image_grid(np.eye(1, 64)), lambda: sample_matrix(np.eye(3, 2), scale_each=True)]
)
def test_texts_stay_on_the_paper(figure):
    figure = figure()
    figure.canvas.draw()
    boxes = [axes.get_tightbbox() for axes in figure.axes]
    assert all(b.x0 >= 0 and b.y0 >= 0 and b.x1 <= figure.bbox.x1 and b.y1 <= figure.bbox.y1 for b in boxes)
