"""Images shifted in training: what moves where, that the density of images as they are stays one, and that it helps."""

import itertools

import pytest
import torch
from sklearn.datasets import load_digits

import tailormade as tm
from tailormade.density.shifts import shift_code, shifted, training_shifts
from tailormade.verify import verify


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float32])
def test_every_shift_moves_every_pixel(dtype):
    image = torch.arange(1, 13).to(dtype)
    for down, right in itertools.product(range(-2, 3), repeat=2):
        expected = torch.zeros(3, 4, dtype=dtype)
        for r, c in itertools.product(range(3), range(4)):
            if 0 <= r + down < 3 and 0 <= c + right < 4:
                expected[r + down, c + right] = image.view(3, 4)[r, c]
        found = shifted(image[None], (3, 4), torch.tensor([[down, right]]))
        assert found.dtype == dtype
        assert torch.equal(found.view(3, 4), expected), (down, right)


def test_every_shift_has_a_code_of_its_own_and_none_is_zero():
    by = torch.tensor(list(itertools.product(range(-2, 3), repeat=2)))
    codes = shift_code(by, 2)
    assert codes.shape == (25, 8)
    assert len({tuple(code.tolist()) for code in codes}) == 25
    assert (codes.sum(1) == (by != 0).sum(1)).all()
    assert not codes[12].any()


def test_shifts_are_drawn_evenly_and_two_in_five_rows_stay():
    x = torch.zeros(9000, 9)
    x[:, 4] = 1
    moved, code = training_shifts(x, (3, 3), 1, torch.Generator().manual_seed(0))
    share = moved.mean(0)
    assert share[4].item() == pytest.approx(0.4 + 0.6 / 9, abs=0.02)
    assert (share[[0, 1, 2, 3, 5, 6, 7, 8]] - 0.6 / 9).abs().max() < 0.01
    assert torch.equal(code.any(1), moved[:, 4] == 0)


def build(shifts=1, **options):
    return tm.MADE(4, image_shape=(2, 2), shifts=shifts, hidden_units=(12,), seed=0, **options)


EVERY = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 4)


@pytest.mark.parametrize("options", [{}, {"direct": True}, {"residual": True}, {"context": 3}, {"orders": 2}])
def test_a_density_with_and_without_a_shift(options):
    options = {**options, **({"hidden_units": (12, 12, 12)} if "residual" in options else {})}
    model = tm.MADE(4, image_shape=(2, 2), shifts=1, seed=0, **{"hidden_units": (12,), **options})
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)))
    context = torch.tensor([0.5, -1.0, 2.0]) if "context" in options else None
    code = shift_code(torch.tensor([[1, -1]]), 1)
    plain = model.component_log_prob(EVERY, context, model.table[0])
    moved = model.conditional_log_probs(EVERY, context, model.table[0], None, code).sum(-1)
    assert plain.exp().sum().item() == pytest.approx(1, abs=1e-5)
    assert moved.exp().sum().item() == pytest.approx(1, abs=1e-5)
    assert (plain - moved).abs().max() > 0.1
    zero = model.conditional_log_probs(EVERY, context, model.table[0], None, torch.zeros(1, 4)).sum(-1)
    torch.testing.assert_close(zero, plain)


def test_it_samples_saves_and_passes_every_check(tmp_path):
    model = build()
    assert model().sample((7,)).shape == (7, 4)
    tm.save(model, tmp_path / "m")
    stored = tm.load(tmp_path / "m")
    assert stored.shifts == 1
    torch.testing.assert_close(stored.log_prob(EVERY), model.log_prob(EVERY))
    assert all(verify(stored))
    assert "shifts" not in build(shifts=0).config()


def test_a_shift_reaches_every_variable():
    model = build().double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)).double())
    code = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    jacobian = torch.autograd.functional.jacobian(
        lambda c: model.params(EVERY[5].double(), None, model.table[0], None, c), code
    )
    assert (jacobian.abs().max(1).values > 0).all()


def test_few_images_teach_more_where_they_are_shifted():
    images = torch.tensor(load_digits().images >= 8).float()
    x = torch.nn.functional.pad(images, (1, 1, 1, 1)).flatten(1)[torch.randperm(1797, generator=torch.Generator())]
    nll = {}
    for shifts in (0, 1):
        model = tm.MADE(100, image_shape=(10, 10), shifts=shifts, hidden_units=(200,), direct=True, seed=0)
        config = tm.FitConfig(300, 50, 4e-3, patience=60, seed=0, progress=False)
        nll[shifts] = tm.fit(model, x[:400], x[1000:], config=config).best_nll
    assert nll[1] < nll[0] - 0.4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shifts": -1, "image_shape": (2, 2)}, "shifts: expected a number of pixels, at least 0, got -1"),
        ({"shifts": 1.5, "image_shape": (2, 2)}, "shifts: expected a number of pixels, at least 0, got 1.5"),
        ({"shifts": 1}, "shifts: expected images of more than 1 rows and columns, got image_shape=None; say how"),
        (
            {"shifts": 2, "image_shape": (2, 2)},
            r"shifts: expected images of more than 2 rows and columns, got image_shape=\[2, 2\]",
        ),
        ({"shifts": 1, "image_shape": (2, 2), "missing": True}, "shifts: expected 0 for a model of incomplete rows"),
    ],
)
def test_refused(options, message):
    with pytest.raises(ValueError, match=message):
        tm.MADE(4, **options)
