"""Training curves: what is plotted, where the best epoch is marked, and what range is shown."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from tailormade.plots import training_curves


def history(train, valid=None, best=None):
    valid = [None] * len(train) if valid is None else valid
    records = [
        {"epoch": e, "train_nll": t, "valid_nll": v, "learning_rate": 1e-3, "seconds": 0.1}
        for e, (t, v) in enumerate(zip(train, valid, strict=True), start=1)
    ]
    return SimpleNamespace(records=records, best_epoch=best)


def curves(figure):
    return {line.get_label(): line.get_xydata().tolist() for line in figure.axes[0].lines if line.get_label()[0] != "_"}


def test_both_curves_are_plotted_against_the_epoch():
    figure = training_curves(history([3.0, 2.0, 1.0], [4.0, 3.0, 3.5], best=2))
    assert isinstance(figure, Figure)
    assert curves(figure) == {"training": [[1, 3], [2, 2], [3, 1]], "validation": [[1, 4], [2, 3], [3, 3.5]]}
    assert figure.axes[0].get_xlabel() == "epoch"
    assert "nats" in figure.axes[0].get_ylabel()


def test_best_epoch_is_marked_with_its_validation_value():
    axes = training_curves(history([3.0, 2.0, 1.0], [4.0, 3.125, 3.5], best=2)).axes[0]
    assert [text.get_text() for text in axes.texts] == ["best: epoch 2, 3.12 nats"]
    assert axes.lines[-1].get_xydata().tolist() == [[2, 3.125]]


def test_without_validation_the_best_training_value_is_marked():
    figure = training_curves(history([3.0, 2.0, 1.0], best=3))
    assert list(curves(figure)) == ["training"]
    assert [text.get_text() for text in figure.axes[0].texts] == ["best: epoch 3, 1.00 nats"]


def test_no_best_epoch_no_mark():
    assert not training_curves(history([3.0, 2.0])).axes[0].texts


def test_missing_and_infinite_values_are_left_out():
    figure = training_curves(history([math.inf, 2.0, math.nan], [None, 3.0, 4.0]))
    assert curves(figure) == {"training": [[2, 2]], "validation": [[2, 3], [3, 4]]}


def test_huge_first_epochs_do_not_flatten_the_rest():
    axes = training_curves(history([5000.0, 900.0, *np.linspace(100, 90, 38)], best=40)).axes[0]
    low, high = axes.get_ylim()
    assert 80 < low < 90
    assert 100 < high < 110
    assert axes.get_title(loc="right") == "2 early epochs are above this range (up to 5000 nats)"


def test_a_late_rise_is_shown():
    axes = training_curves(history([*np.linspace(100, 90, 39), 400.0])).axes[0]
    assert axes.get_ylim()[1] > 400
    assert axes.get_title(loc="right") == ""


@pytest.mark.parametrize("values", [[2.0], [2.0, 2.0], [-3.0, -4.0], [0.0]])
def test_short_constant_and_negative_histories(values):
    axes = training_curves(history(values, values, best=1)).axes[0]
    low, high = axes.get_ylim()
    assert low < min(values) <= max(values) < high
    assert all(tick == round(tick) for tick in axes.get_xticks())


@pytest.mark.parametrize("values", [[], [math.nan]])
def test_nothing_to_draw_is_an_error(values):
    with pytest.raises(ValueError, match="history: expected at least one epoch with a finite train_nll or valid_nll"):
        training_curves(history(values))


def test_texts_stay_on_the_paper_and_clear_of_the_curves():
    e = np.arange(60)
    figure = training_curves(history(80 + 460 * np.exp(-e), 83 + 460 * np.exp(-e) + 0.05 * e, best=60))
    figure.canvas.draw()
    axes = figure.axes[0]
    box = axes.get_tightbbox()
    assert 0 <= box.x0 < box.x1 <= figure.bbox.x1
    assert 0 <= box.y0 < box.y1 <= figure.bbox.y1
    lowest = min(axes.transData.transform(line.get_xydata())[:, 1].min() for line in axes.lines)
    assert axes.texts[0].get_window_extent().y1 < lowest
