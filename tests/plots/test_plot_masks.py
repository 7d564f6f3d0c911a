"""Masks as matrices: sorted by degree, counted, and with lost and forbidden dependencies in view."""

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb
from torch import nn

from tailormade import MADE, MaskedLinear, MaskedSequential
from tailormade.masks import audit
from tailormade.plots import draw_masks
from tailormade.plots.matrices import block_any, block_means
from tailormade.plots.style import PURPLE, SKY, VERMILION


def cells(axes, colour):
    """Which cells of a panel have a colour."""
    return np.isclose(axes.images[0].get_array(), to_rgb(colour)).all(-1)


def titles(figure):
    return [axes.get_title(loc="left") for axes in figure.axes]


def test_panels_show_the_sorted_masks():
    model = MADE(6, hidden_units=(8, 7), input_order="random", hidden_degrees="random", seed=3)
    degrees = model.table[0]
    figure = draw_masks(model)
    orders = [layer.argsort(stable=True) for layer in (degrees.inputs, *degrees.hidden, degrees.inputs)]
    for axes, mask, below, above in zip(figure.axes, degrees.masks(), orders, orders[1:], strict=False):
        assert np.array_equal(cells(axes, SKY), mask[above][:, below].numpy())
    kept = [f"{mask.float().mean():.1%} of {mask.numel():,} kept" for mask in degrees.masks()]
    assert [title.splitlines()[1] for title in titles(figure)] == [*kept, "15 of 15 pairs realised"]
    assert np.array_equal(cells(figure.axes[-1], SKY), np.tri(6, k=-1, dtype=bool))


def test_sorted_masks_are_staircases():
    figure = draw_masks(MADE(9, hidden_units=(20,), input_order="random", hidden_degrees="random", seed=0))
    for axes in figure.axes:
        filled = cells(axes, SKY).astype(int)
        assert (np.diff(filled, axis=1) <= 0).all()
        assert (np.diff(filled, axis=0) >= 0).all()


def test_ticks_are_degrees():
    axes = draw_masks(MADE(3, hidden_units=(4,), input_order=[3, 1, 2])).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2", "3"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["1", "1", "2", "2"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("inputs (3)", "hidden 1 (4)")


def test_lost_dependencies_have_a_colour():
    model = MADE(5, hidden_units=(2,))
    axes = draw_masks(model).axes[-1]
    lost = np.zeros((5, 5), dtype=bool)
    lost[tuple(audit(model).lost.T)] = True
    assert np.array_equal(cells(axes, VERMILION), lost)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["realised", "2 lost"]


def test_forbidden_dependencies_have_a_colour():
    net = MaskedSequential(MaskedLinear(3, 3, mask=torch.eye(3)), nn.ELU(), MaskedLinear(3, 3, mask=torch.ones(3, 3)))
    axes = draw_masks(net).axes[-1]
    assert np.array_equal(cells(axes, PURPLE), np.triu(np.ones((3, 3), dtype=bool)))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["realised", "6 forbidden"]


def test_units_without_degrees_are_sorted_by_what_they_see():
    mask = torch.tensor([[1, 1, 0], [1, 0, 0]])
    axes = draw_masks(MaskedSequential(MaskedLinear(3, 2, mask=mask), nn.ELU(), MaskedLinear(2, 3))).axes[0]
    assert cells(axes, SKY).astype(int).tolist() == [[1, 0, 0], [1, 1, 0]]
    assert [label.get_text() for label in axes.get_yticklabels()] == []


def test_direct_and_context_are_mentioned():
    figure = draw_masks(MADE(30, context=2, hidden_units=(8, 8), residual=True, direct=True))
    assert titles(figure)[-1].splitlines()[0] == "what outputs see, also directly"
    note = figure.get_supxlabel()
    assert "Context is not masked" in note
    assert "Each block's sum" in note


def test_a_large_network_is_averaged_and_keeps_every_lost_dependency_in_view():
    model = MADE(784, hidden_units=(500,), seed=0)
    figure = draw_masks(model)
    assert [title.splitlines()[1] for title in titles(figure)] == [
        "50.0% of 392,000 kept", "50.0% of 392,000 kept", "306,653 of 306,936 pairs realised",
    ]  # fmt: skip
    assert all(max(axes.images[0].get_array().shape) <= 200 for axes in figure.axes)
    lost = np.zeros((784, 784), dtype=bool)
    lost[tuple(audit(model).lost.T)] = True
    assert np.array_equal(cells(figure.axes[-1], VERMILION), block_any(lost) > 0)


def test_the_order_asked_for_is_drawn():
    model = MADE(4, hidden_units=(6,), orders=2, input_order=[4, 3, 2, 1], seed=1)
    assert draw_masks(model).get_suptitle() == "MADE 4-6-4\norder=0 (one of 2): x₄, x₃, x₂, x₁"
    assert draw_masks(model, 1).get_suptitle().splitlines()[1].startswith("order=1 (one of 2): ")
    assert np.array_equal(cells(draw_masks(model, 1).axes[-1], SKY), np.tri(4, k=-1, dtype=bool))


@pytest.mark.parametrize(("rows", "columns", "limit"), [(7, 5, 3), (3, 8, 8), (1, 1, 4), (784, 500, 200)])
def test_block_means_keep_the_share_of_ones(rows, columns, limit):
    matrix = np.random.default_rng(0).random((rows, columns)) < 0.3
    means = block_means(matrix, limit)
    assert means.shape == (min(rows, limit), min(columns, limit))
    heights, widths = (np.diff(np.append(np.arange(min(n, limit)) * n // min(n, limit), n)) for n in (rows, columns))
    assert np.isclose(heights @ means @ widths, matrix.sum())
    assert np.array_equal(block_any(matrix, limit), means > 0)


def test_texts_stay_on_the_paper():
    figure = draw_masks(MADE(40, context=3, hidden_units=(64, 64, 64), residual=True, direct=True))
    figure.canvas.draw()
    boxes = [axes.get_tightbbox() for axes in figure.axes]
    boxes += [text.get_window_extent() for text in figure.texts]
    assert all(b.x0 >= 0 and b.y0 >= 0 and b.x1 <= figure.bbox.x1 and b.y1 <= figure.bbox.y1 for b in boxes)


@pytest.mark.parametrize("widths", [(256,), (30, 30)], ids=str)
def test_titles_stay_on_the_paper(widths):
    figure = draw_masks(MADE(64, hidden_units=widths, direct=True, orders=8, seed=0))
    figure.canvas.draw()
    right = [a.title.get_window_extent().x1 for a in figure.axes] + [
        a._left_title.get_window_extent().x1 for a in figure.axes
    ]
    assert max(right) <= figure.bbox.x1
