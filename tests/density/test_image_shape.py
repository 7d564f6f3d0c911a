"""Models of images: their arguments, their orders, their files."""

import pytest
import torch

import tailormade as tm
from tailormade import MADE
from tailormade.density import sweeps
from tailormade.density.sweeps import check_image

WRONG = {
    "too_few": ((2, 2), r"^image_shape: expected \(rows, columns\) of 6 pixels in all, got \(2, 2\)\.$"),
    "one_number": ((6,), r"^image_shape: expected \(rows, columns\) of 6 pixels in all, got \(6,\)\.$"),
    "three_numbers": ((1, 2, 3), r"^image_shape: expected \(rows, columns\)"),
    "negative": ((-2, -3), r"^image_shape: expected \(rows, columns\)"),
    "zero": ((0, 6), r"^image_shape: expected \(rows, columns\)"),
}


@pytest.mark.parametrize("case", WRONG)
def test_shapes_that_do_not_fit(case):
    shape, message = WRONG[case]
    with pytest.raises(ValueError, match=message):
        MADE(6, hidden_units=(4,), image_shape=shape)


@pytest.mark.parametrize("order", [[1, 1, 2, 3, 4, 5], torch.tensor([1, 2, 3, 3, 2, 1])], ids=str)
def test_images_have_no_groups(order):
    with pytest.raises(ValueError, match=r"^image_shape: expected an input_order without groups, got equal degrees\.$"):
        MADE(6, hidden_units=(4,), input_order=order, image_shape=(2, 3))


@pytest.mark.parametrize("order", ["left-to-right", "random", [6, 5, 4, 3, 2, 1], torch.arange(1, 7)], ids=str)
@pytest.mark.parametrize("shape", [(2, 3), [3, 2], torch.Size([1, 6]), torch.tensor([6, 1])], ids=str)
def test_shapes_that_fit(shape, order):
    assert check_image(shape, 6, order) == [int(size) for size in shape]


def test_no_image():
    assert check_image(None, 6, "random") is None
    assert MADE(6, hidden_units=(4,)).config()["image_shape"] is None


def image(**options):
    return MADE(20, hidden_units=(9,), image_shape=(4, 5), seed=0, **{"orders": "any", **options})


@pytest.fixture
def sharp(monkeypatch):
    for name, share in (("_UNIFORM", 0), ("_SHARP", 1), ("_ALONG_AXES", 1)):
        monkeypatch.setattr(sweeps, name, share)


def sweeps_along_an_axis(order):
    order = order.reshape(4, 5)
    return any(bool((t.amax(1)[:-1] < t.amin(1)[1:]).all()) for t in (order, order.flip(0), order.T, order.T.flip(0)))


@pytest.mark.usefixtures("sharp")
@pytest.mark.parametrize("rule", ["equal", "random"])
def test_fresh_orders_are_sweeps(rule):
    model = image(hidden_degrees=rule)
    drawn = [model.draw(torch.Generator().manual_seed(seed)).inputs for seed in range(60)]
    assert all(sweeps_along_an_axis(order) for order in drawn)
    assert len({tuple(order.tolist()) for order in drawn}) == 8
    assert len(model.draw().hidden) == 1


@pytest.mark.usefixtures("sharp")
@pytest.mark.parametrize("orders", [5, "any"])
def test_stored_orders_are_sweeps_after_the_first(orders):
    model = image(orders=orders, input_order="random")
    assert all(sweeps_along_an_axis(row.inputs) for row in list(model.table)[1:])
    assert not sweeps_along_an_axis(model.table[0].inputs)


def test_other_models_do_not_sweep():
    drawn = [MADE(20, hidden_units=(9,), orders="any", seed=0).draw().inputs for _ in range(50)]
    assert not any(sweeps_along_an_axis(order) for order in drawn)


@pytest.mark.usefixtures("sharp")
def test_a_loaded_model_still_sweeps(tmp_path):
    model = image()
    tm.save(model, tmp_path / "m")
    loaded = tm.load(tmp_path / "m")
    assert loaded.config()["image_shape"] == model.config()["image_shape"] == [4, 5]
    assert torch.equal(loaded.table.inputs, model.table.inputs)
    assert sweeps_along_an_axis(loaded.draw().inputs)
    observed = torch.arange(20) >= 10
    assert torch.equal(loaded.evidence_first(observed).inputs, model.evidence_first(observed).inputs)
    assert loaded.evidence_first(observed).inputs.tolist() == [
        *range(16, 21),
        *range(11, 16),
        *range(6, 11),
        *range(1, 6),
    ]
