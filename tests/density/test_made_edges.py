"""Edge sizes and types: empty and missing batches, one variable, one unit, other types, odd memory."""

import pytest
import torch
from helpers import every_state, redraw

from tailormade import MADE, Bernoulli, Categorical

KINDS = {
    "binary": Bernoulli(),
    "categorical": Categorical(2),
    "mixed": [Bernoulli(), Categorical(2), Bernoulli()],
}


@pytest.fixture(params=list(KINDS))
def kind(request):
    return KINDS[request.param]


def density(kind, features=3, **options):
    options = {"hidden_units": (8,), "orders": 2, "seed": 0, "activation": "tanh", **options}
    return redraw(MADE(features, conditionals=kind, **options))


def values(*batch):
    return torch.bernoulli(torch.full((*batch, 3), 0.5))


@pytest.mark.parametrize("batch", [(), (0,), (5,), (2, 5), (2, 0, 5), (2, 1, 5)], ids=str)
def test_batches(kind, batch):
    model, x = density(kind), values(*batch)
    assert model.log_prob(x).shape == batch
    flat = model.log_prob(x.reshape(-1, 3)).reshape(batch)
    torch.testing.assert_close(model.log_prob(x), flat)


def test_rows_do_not_see_each_other(kind):
    model, x = density(kind).double(), values(6).double()
    alone = torch.stack([model.log_prob(row) for row in x])
    torch.testing.assert_close(model.log_prob(x), alone, atol=1e-12, rtol=0)


@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.bool, torch.float64, torch.bfloat16])
def test_values_of_any_type(kind, dtype):
    model, x = density(kind), values(7)
    torch.testing.assert_close(model.log_prob(x.to(dtype)), model.log_prob(x))
    torch.testing.assert_close(model().log_prob(x.to(dtype)), model.log_prob(x))


@pytest.mark.parametrize(("dtype", "atol"), [(torch.float64, 1e-5), (torch.bfloat16, 0.1), (torch.float16, 1e-2)])
def test_models_of_other_types(kind, dtype, atol):
    # bfloat16 keeps 8 bits of every weight and activation
    model, x = density(kind), values(7)
    expected = model.log_prob(x)
    logs = model.to(dtype).log_prob(x)
    assert logs.dtype == torch.promote_types(dtype, torch.float32)
    torch.testing.assert_close(logs.float(), expected, atol=atol, rtol=0)
    assert model().sample((4,)).shape == (4, 3)


def test_many_categories_survive_bfloat16():
    # 256 and 257 are one number in bfloat16, but two categories
    model = density(Categorical(300), features=2, hidden_units=(), orders=1).bfloat16()
    raw = [model.params(torch.tensor([value, 0.0]), None, model.table[0])[300:] for value in (256.0, 257.0)]
    assert not torch.equal(*raw)


def test_values_need_not_be_contiguous(kind):
    model, x = density(kind), values(7)
    turned = x.T.contiguous().T
    strided = x.repeat_interleave(2, 0)[::2]
    assert not turned.is_contiguous()
    torch.testing.assert_close(model.log_prob(turned), model.log_prob(x))
    torch.testing.assert_close(model.log_prob(strided), model.log_prob(x))
    torch.testing.assert_close(model().log_prob(x[:1].expand(7, 3)), model.log_prob(x[:1]).expand(7))


def test_values_are_left_as_they_are(kind):
    x = values(7)
    before = x.clone()
    density(kind)().log_prob(x)
    assert torch.equal(x, before)


@pytest.mark.parametrize("units", [(), (1,), (4, 4)], ids=str)
@pytest.mark.parametrize("conditional", [Bernoulli(), Categorical(3)], ids=["binary", "categorical"])
def test_one_variable_is_its_conditional(units, conditional):
    model = density(conditional, features=1, hidden_units=units, orders=1)
    raw = model.params(torch.zeros(1), None, model.table[0])
    states = every_state(model).float()
    torch.testing.assert_close(model.log_prob(states), conditional.distribution(raw).log_prob(states.squeeze(-1)))
    assert model().sample((5,)).shape == (5, 1)


def test_log_prob_is_the_sum_of_torchs_conditionals():
    kinds = [Bernoulli(), Categorical(4), Bernoulli(), Categorical(3)]
    model = redraw(MADE(4, conditionals=kinds, hidden_units=(8,), input_order=[3, 1, 4, 2], seed=0).double())
    x = every_state(model)
    raw = model.params(x, None, model.table[0]).split([1, 4, 1, 3], -1)
    terms = [kind.distribution(r).log_prob(v) for kind, r, v in zip(kinds, raw, x.T, strict=True)]
    torch.testing.assert_close(model.log_prob(x), sum(terms), atol=1e-12, rtol=0)


@pytest.mark.parametrize("kind_name", KINDS)
def test_vmap(kind_name):
    model, x = density(KINDS[kind_name]), values(7)
    torch.testing.assert_close(torch.func.vmap(model.log_prob)(x), model.log_prob(x))


def test_gradients_of_single_rows():
    model, x = density(Bernoulli()).double(), values(7).double()
    model.forward = model.log_prob  # functional_call runs forward
    weights = {name: p.detach() for name, p in model.named_parameters()}
    gradient = torch.func.grad(lambda w, row: torch.func.functional_call(model, w, (row,)))
    rows = torch.func.vmap(gradient, in_dims=(None, 0))(weights, x)
    model.log_prob(x).sum().backward()
    sums = {name: value.sum(0) for name, value in rows.items()}
    torch.testing.assert_close(sums, {name: p.grad for name, p in model.named_parameters()}, atol=1e-10, rtol=0)


def test_inference_mode():
    with torch.inference_mode():
        model = density(Bernoulli())
        assert model.log_prob(values(7)).shape == (7,)
        assert model().sample((7,)).shape == (7, 3)


def test_context_of_another_type():
    model, context = MADE(3, 2, hidden_units=(8,), seed=0), torch.randn(7, 2, dtype=torch.float64)
    x = values(7)
    assert torch.equal(model.log_prob(x, context), model.log_prob(x, context.float()))


def test_every_parameter_gets_a_gradient(model):
    context = torch.zeros(model.context).double() if model.context else None
    model.log_prob(every_state(model), context).sum().backward()
    assert all(p.grad is not None and bool(p.grad.isfinite().all()) for p in model.parameters())
