"""Layers between transforms: what each computes, inverts, reads off the data and stores."""

import pytest
import torch
from helpers import redraw

import tailormade as tm
from tailormade.flows.layers import ActivationNorm, BatchNorm, Layer, LULinear, Standardise
from tailormade.flows.layers.stack import Stack, build_stack

LAYERS = {"standardise": Standardise, "activation": ActivationNorm, "batch": BatchNorm, "linear": LULinear}


def rows(count=500, features=3, seed=0):
    noise = torch.randn(count, features, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return 5.0 + noise * torch.tensor([0.5, 2.0, 10.0][:features], dtype=torch.float64)


def layer_of(name):
    layer = redraw(LAYERS[name](3).double(), scale=0.4).eval()
    if layer.adapts and name != "activation":  # its parameters are drawn instead
        layer.adapt(rows())
    return layer


@pytest.mark.parametrize("name", LAYERS)
def test_inverse_and_log_det(name):
    layer = layer_of(name)
    x = rows(6).reshape(2, 3, 3)
    z, ladj = layer.to_noise(x, None)
    assert torch.allclose(layer.to_data(z, None), x)
    assert torch.allclose(layer.to_data_and_ladj(z, None)[1], -ladj)
    jacobian = torch.func.jacrev(lambda x: layer.to_noise(x, None)[0])(x[0, 0])
    assert torch.allclose(torch.linalg.slogdet(jacobian).logabsdet, ladj)
    assert float(ladj.detach().abs()) > 0.1


@pytest.mark.parametrize("name", LAYERS)
def test_gradients(name):
    layer = layer_of(name)
    x = rows(2).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: layer.to_noise(x, None), x)
    assert torch.autograd.gradcheck(
        lambda z: layer.to_data(z, None), layer.to_noise(x, None)[0].detach().requires_grad_()
    )


@pytest.mark.parametrize("name", ["standardise", "activation", "batch"])
def test_rows_leave_an_adapted_layer_with_mean_0_and_deviation_1(name):
    layer = LAYERS[name](3).double().eval()
    layer.adapt(rows())
    z, _ = layer.to_noise(rows(), None)
    assert torch.allclose(z.mean(0), torch.zeros(3).double(), atol=1e-6)
    assert torch.allclose(z.std(0, correction=0), torch.ones(3).double(), atol=1e-4)


def test_a_linear_layer_starts_as_the_identity_and_can_be_any_unpivoted_product():
    layer = LULinear(3).double()
    assert torch.equal(layer.to_noise(rows(), None)[0], rows())
    lower = torch.tensor([[1.0, 0, 0], [2, 1, 0], [3, 4, 1]]).double()
    upper = torch.tensor([[2.0, 5, 6], [0, 0.5, 7], [0, 0, 3]]).double()
    with torch.no_grad():
        layer.triangles.copy_(lower.tril(-1) + upper.triu(1))
        layer.log_diagonal.copy_(upper.diag().log())
    z, ladj = layer.to_noise(rows(4), None)
    assert torch.allclose(z, rows(4) @ (lower @ upper).T)
    assert torch.allclose(ladj, torch.tensor(3.0).double().log())


def test_batch_statistics_in_training_stored_ones_in_evaluation():
    layer = BatchNorm(3).double()
    layer.settle(rows())
    batch = rows(10, seed=4)
    z, ladj = layer.train().to_noise(batch, None)
    deviation = batch.std(0, correction=0)
    assert torch.allclose(z, (batch - batch.mean(0)) / deviation, atol=1e-4)
    assert torch.allclose(ladj, -deviation.log().sum(), atol=1e-4)
    stored = rows()
    z, ladj = layer.eval().to_noise(batch, None)
    assert torch.allclose(z, (batch - stored.mean(0)) / stored.std(0, correction=0), atol=1e-4)
    assert torch.allclose(ladj, -stored.std(0, correction=0).log().sum(), atol=1e-4)


def test_batch_statistics_are_over_all_batch_dimensions_and_differentiable():
    layer = BatchNorm(3).double().train()
    batch = rows(12).requires_grad_()
    z, ladj = layer.to_noise(batch.reshape(3, 4, 3), None)
    assert torch.allclose(z.reshape(12, 3), layer.to_noise(batch, None)[0])
    (gradient,) = torch.autograd.grad(ladj, batch)
    assert float(gradient.abs().max()) > 1e-3


def test_training_does_not_touch_the_stored_statistics():
    layer = BatchNorm(3).double().train()
    layer.to_noise(rows(), None)
    assert torch.equal(layer.mean, torch.zeros(3).double())
    assert torch.equal(layer.variance, torch.ones(3).double())


def test_a_single_row_is_normalised_by_the_stored_statistics():
    layer = BatchNorm(3).double()
    layer.settle(rows())
    row = rows(1, seed=2)
    assert torch.equal(layer.train().to_noise(row, None)[0], layer.eval().to_noise(row, None)[0])


class Bent(Layer):
    """Not linear, so that the statistics of what leaves it are not those of what enters it, transformed."""

    def to_noise(self, x, context):
        return x**3 / 100 + (0 if context is None else context), (3 * x**2 / 100).log().sum(-1)

    def to_data(self, z, context):
        raise NotImplementedError


def test_settling_goes_layer_by_layer_over_all_rows_not_over_batch_averages():
    first, second = BatchNorm(3).double(), BatchNorm(3).double()
    stack = redraw(Stack([first, Bent(), second])).train()
    x, c = rows(9000), rows(9000, 1, seed=3)
    stack.settle(x, c)
    assert stack.training
    assert torch.allclose(first.mean, x.mean(0))
    assert torch.allclose(first.variance, x.var(0, correction=0))
    reached = Bent().to_noise(first.eval().to_noise(x, c)[0], c)[0]  # given the first one's stored statistics
    assert torch.allclose(second.mean, reached.mean(0))
    assert torch.allclose(second.variance, reached.var(0, correction=0))


def test_settling_leaves_what_is_read_off_or_learnt():
    stack = build_stack(3, [Bent()], "activation", linear=False, standardise=True).double()
    before = {name: value.clone() for name, value in stack.state_dict().items()}
    stack.settle(rows())
    assert all(torch.equal(value, before[name]) for name, value in stack.state_dict().items())
    stack.adapt(rows())
    assert not any(torch.equal(value, before[name]) for name, value in stack.state_dict().items())


def test_adapting_goes_no_further_than_it_must():
    class Never(Bent):
        def to_noise(self, x, context):
            raise AssertionError

    Stack([Standardise(3), Never(), Never()]).adapt(rows())


def test_where_layers_stand():
    def kinds(normalisation, **options):
        stack = build_stack(2, [Bent(), Bent()], normalisation, **options)
        return [type(layer).__name__ for layer in stack]

    assert kinds(None, linear=False, standardise=False) == ["Bent", "Bent"]
    assert kinds("batch", linear=True, standardise=True) == [
        "Standardise", "Bent", "BatchNorm", "LULinear", "Bent", "BatchNorm"
    ]  # fmt: skip
    assert kinds("activation", linear=False, standardise=False) == ["Bent", "ActivationNorm"] * 2


@pytest.mark.parametrize("name", ["standardise", "activation", "batch"])
def test_parts_of_the_log_det_are_the_slopes_of_the_variables(name):
    layer, x = layer_of(name), rows(4)
    z, slopes = layer.to_noise_by_variable(x, None)
    assert torch.equal(z, layer.to_noise(x, None)[0])
    jacobian = torch.func.jacrev(lambda x: layer.to_noise(x, None)[0])(x[0])
    assert torch.allclose(jacobian.diagonal().log(), slopes)


def test_a_linear_layer_has_no_parts():
    with pytest.raises(NotImplementedError, match="LULinear"):
        LULinear(3).to_noise_by_variable(rows(4), None)


@pytest.mark.parametrize("kind", [tm.MAF, tm.IAF])
def test_parts_of_the_log_det_of_a_flow(kind):
    flow = redraw(kind(3, transforms=2, hidden_units=(8,), orders="fixed", normalisation="activation", seed=0).double())
    flow.adapt(rows())
    z, slopes = flow.to_noise_by_variable(rows(4))
    whole, ladj = flow.to_noise(rows(4))
    assert torch.allclose(z, whole)
    assert torch.allclose(slopes.sum(-1), ladj)
    jacobian = torch.func.jacrev(lambda x: flow.to_noise(x)[0])(rows(4)[0])
    assert torch.allclose(jacobian.diagonal().log(), slopes[0])
