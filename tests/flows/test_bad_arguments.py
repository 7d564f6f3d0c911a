"""Arguments that cannot be right: each gets a message that names it, what was expected and what was found."""

import pytest
import torch
from torch.distributions import Independent, Normal

import tailormade as tm
from tailormade import flows


def flow(kind=tm.MAF, **changes):
    return kind(2, **{"transforms": 2, "hidden_units": (8,), "seed": 0, **changes})


def walk(x):
    return Independent(Normal(x, 1.0), 1)


def network():
    return tm.AutoregressiveNetwork(2, 2, hidden_units=[4])


ZEROS = torch.zeros(3, 2)
MAKING = {
    "seed_text": ({"seed": "a"}, TypeError, "seed: expected a whole number .* got 'a'"),
    "seed_fraction": ({"seed": 1.5}, TypeError, "seed: expected a whole number .* got 1.5"),
    "seed_negative": ({"seed": -1}, ValueError, "seed: .* got -1"),
    "widths_list_as_text": ({"hidden_units": "32,32"}, TypeError, r"hidden_units: .* \(256, 256\), got '32,32'"),
    "widths_text": ({"hidden_units": "big"}, TypeError, "hidden_units: .* got 'big'"),
    "widths_fraction": ({"hidden_units": 1.5}, TypeError, "hidden_units: .* got 1.5"),
    "widths_of_text": ({"hidden_units": ("a",)}, TypeError, "hidden_units: expected integers"),
    "widths_zero": ({"hidden_units": (0,)}, ValueError, "hidden_units: .* at least 1"),
    "transforms_none": ({"transforms": 0}, ValueError, "transforms: expected at least 1, got 0"),
    "transforms_negative": ({"transforms": -1}, ValueError, "transforms: expected at least 1, got -1"),
    "transforms_text": ({"transforms": "a"}, TypeError, "transforms: expected a whole number"),
    "base": ({"base": "foo"}, ValueError, "base: expected one of .* got 'foo'"),
    "base_type": ({"base": 3}, TypeError, "base: .* got int"),
    "bijection": ({"bijection": "foo"}, ValueError, "bijection: expected one of .* got 'foo'"),
    "bijection_type": ({"bijection": 3}, TypeError, "bijection: .* got 3"),
    "orders": ({"orders": "foo"}, ValueError, "orders: expected one of .* got 'foo'"),
    "orders_number": ({"orders": 3}, TypeError, "orders: expected one of .* got 3"),
    "orders_nothing": ({"orders": None}, TypeError, "orders: expected one of .* got None"),
    "orders_flat": ({"orders": [1, 2]}, TypeError, "orders: .* for each transform, got 1 at 0"),
    "orders_few": ({"orders": [[1, 2]]}, ValueError, "orders: .* each of 2 transforms, got 1"),
    "orders_long": ({"orders": [[1, 2, 3], [3, 2, 1]]}, ValueError, "D = 2 variables"),
    "orders_of_text": ({"orders": [["a", "b"], [2, 1]]}, ValueError, "Invalid input order"),
    "normalisation": ({"normalisation": "foo"}, ValueError, "normalisation: expected one of"),
    "activation": ({"activation": "foo"}, ValueError, "activation: unknown name 'foo'"),
    "linear": ({"linear": "foo"}, TypeError, "linear: expected True or False, got 'foo'"),
    "residual": ({"residual": "no"}, TypeError, "residual: expected True or False, got 'no'"),
    "standardise": ({"standardise": None}, TypeError, "standardise: expected True or False, got None"),
    "context": ({"context": -1}, ValueError, "context: expected"),
    "context_text": ({"context": "a"}, TypeError, "context: expected a whole number"),
}


@pytest.mark.parametrize("kind", [tm.MAF, tm.IAF])
@pytest.mark.parametrize("name", MAKING)
def test_a_flow_says_which_argument_is_wrong(kind, name):
    changes, error, message = MAKING[name]
    with pytest.raises(error, match=message):
        flow(kind, **changes)


SAMPLERS = {
    "flow": lambda: flow()(),
    "autoregressive": lambda: tm.Autoregressive(walk, torch.zeros(2)),
    "blockwise": lambda: tm.Blockwise([Normal(0.0, 1.0), Normal(0.0, 1.0)]),
}
SHAPES = {
    "negative": ((-1,), ValueError),
    "number": (3, TypeError),
    "text": ("a", TypeError),
    "half": ((1.5,), TypeError),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("draw", ["sample", "rsample"])
@pytest.mark.parametrize("name", SAMPLERS)
def test_a_sample_shape_is_whole_numbers_from_zero(name, draw, shape):
    asked, error = SHAPES[shape]
    with pytest.raises(error, match="sample_shape: expected"):
        getattr(SAMPLERS[name](), draw)(asked)


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_distribution_refuses_what_is_no_generator_shape_or_value(name):
    d = SAMPLERS[name]()
    with pytest.raises(TypeError, match=r"generator: expected a torch\.Generator or None, got int"):
        d.sample((2,), generator=3)
    with pytest.raises(ValueError, match=r"batch_shape: .* got \(-2,\)"):
        d.expand((-2,))
    with pytest.raises(TypeError, match="batch_shape: expected a sequence"):
        d.expand(("a",))
    with pytest.raises(TypeError, match=r"expected a tensor.* got str"):
        d.log_prob("a")
    with pytest.raises(ValueError, match="value: expected event_shape"):
        d.log_prob(torch.zeros(3, 5))


@pytest.mark.parametrize("bad", ["a", None, torch.zeros(3, 2, dtype=torch.complex64)])
def test_rows_of_a_flow_are_real_numbers(bad):
    for log_prob in (flow().log_prob, flow()().log_prob):
        with pytest.raises(TypeError, match="expected a tensor or array of real numbers"):
            log_prob(bad)


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_rows_of_a_flow_are_finite(bad):
    with pytest.raises(ValueError, match=r"column 1 has .* in row 2 .* expected a finite number"):
        flow()().log_prob(torch.tensor([[0.0, 0.0], [0.0, 0.0], [0.0, bad]]))


@pytest.mark.parametrize("kind", [tm.MAF, tm.IAF])
def test_a_missing_context_says_how_to_pass_it(kind):
    conditional = flow(kind, context=1)
    for call in (conditional, conditional.transform, lambda: conditional.log_prob(ZEROS)):
        with pytest.raises(ValueError, match=r"`context` must be passed.* shape \(\*, 1\).*model\(context\)"):
            call()


def test_a_context_has_the_width_the_rows_and_the_type_that_the_flow_takes():
    conditional = flow(context=1)
    with pytest.raises(ValueError, match=r"`context`\. Expected `1`, but got `2`"):
        conditional(ZEROS)
    with pytest.raises(ValueError, match=r"context: batch shape \(4,\) does not broadcast"):
        conditional.log_prob(ZEROS, torch.zeros(4, 1))
    with pytest.raises(TypeError, match="expected a tensor or array of real numbers, got str"):
        conditional("a")
    with pytest.raises(ValueError, match="context: expected finite numbers"):
        conditional(torch.tensor([torch.nan]))
    with pytest.raises(ValueError, match="context: given to a model that was built without one"):
        flow()(torch.zeros(3, 1))


CALLS = {
    "transform_text": (
        lambda: flows.AutoregressiveTransform("foo"),
        "module: expected a MaskedAutoregressive, got str",
    ),
    "transform_network": (
        lambda: flows.AutoregressiveTransform(network()),
        "module: .* tm.flows.MaskedAutoregressiveFlow",
    ),
    "transform_value": (lambda: flows.MaskedAutoregressive(2)()("a"), "x: expected a tensor, got str"),
    "transform_inverse": (lambda: flows.MaskedAutoregressive(2)().inv([1.0, 2.0]), "y: expected a tensor, got list"),
    "callable": (lambda: tm.Autoregressive("a", torch.zeros(2)), "distribution_fn: expected a function"),
    "sample0": (lambda: tm.Autoregressive(walk, [0.0, 0.0]), "sample0: expected a tensor, got list"),
    "no_sample0": (lambda: tm.Autoregressive(walk), "distribution_fn: .* pass sample0"),
    "num_steps": (lambda: tm.Autoregressive(walk, torch.zeros(2), "a"), "num_steps: expected a whole number"),
    "half_a_step": (lambda: tm.Autoregressive(walk, torch.zeros(2), 1.5), "num_steps: expected a whole number"),
    "one_block": (lambda: tm.Blockwise(Normal(0.0, 1.0)), "distributions: expected a list .* got Normal"),
    "no_blocks": (lambda: tm.Blockwise(None), "distributions: expected a list .* got NoneType"),
    "module_as_block": (lambda: tm.Blockwise([flow()]), "distributions: .* got MAF at 0"),
    "tfp_text": (lambda: flows.MaskedAutoregressiveFlow("a"), "shift_and_log_scale_fn: expected a function"),
    "tfp_bijector": (lambda: flows.MaskedAutoregressiveFlow(bijector_fn=3), "bijector_fn: expected a function"),
    "tfp_rank": (lambda: flows.MaskedAutoregressiveFlow(network(), event_ndims="a"), "event_ndims: expected a whole"),
    "tfp_value": (lambda: flows.MaskedAutoregressiveFlow(network())("a"), "x: expected a tensor, got str"),
    "bins": (lambda: flows.RationalQuadraticSpline(bins="a"), "bins: expected a whole number, got 'a'"),
    "half_a_bin": (lambda: flows.RationalQuadraticSpline(bins=2.5), "bins: expected a whole number, got 2.5"),
    "spline_bound": (lambda: flows.RationalQuadraticSpline(bound="a"), "bound: expected a number, got 'a'"),
    "affine_bound": (lambda: flows.Affine(bound="a"), "bound: expected a number, got 'a'"),
    "cdf": (lambda: flows.CdfBijection("a"), "conditional"),
}


@pytest.mark.parametrize("name", CALLS)
def test_general_classes_and_bijections_say_which_argument_is_wrong(name):
    call, message = CALLS[name]
    with pytest.raises(TypeError, match=message):
        call()
