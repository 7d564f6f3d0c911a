"""TFP's constructor: its arguments, its errors in its words and order, and where ours is stricter."""

import inspect

import pytest
import torch
from torch import nn

from tailormade import AutoregressiveNetwork
from tailormade.masks import audit

TFP = {
    "params": inspect.Parameter.empty,
    "event_shape": None,
    "conditional": False,
    "conditional_event_shape": None,
    "conditional_input_layers": "all_layers",
    "hidden_units": None,
    "input_order": "left-to-right",
    "hidden_degrees": "equal",
    "activation": None,
    "use_bias": True,
    "kernel_initializer": "glorot_uniform",
    "bias_initializer": "zeros",
    "kernel_regularizer": None,
    "bias_regularizer": None,
    "kernel_constraint": None,
    "bias_constraint": None,
    "validate_args": False,
}


def test_arguments_have_tfps_names_order_and_defaults():
    parameters = inspect.signature(AutoregressiveNetwork).parameters.values()
    positional = {p.name: p.default for p in parameters if p.kind is not p.KEYWORD_ONLY}
    assert list(positional.items()) == list(TFP.items())


EVENT_RANK = "Parameter `event_shape` must describe a rank-1 shape"
EVENT_MISSING = "`event_shape` must be provided when `conditional` is True"
CONTEXT_MISSING = "`conditional_event_shape` must be provided when `conditional` is True"
CONTEXT_RANK = "Parameter `conditional_event_shape` must describe a rank-1 shape"
LAYERS = '"first_layers" or "all_layers"'
UNCALLED = "`conditional_event_shape` passed but `conditional` is set to False."
# each case commits the mistakes that TFP would find later, too
ERRORS = {
    "event_rank": ({"event_shape": [2, 2], "conditional": True, "conditional_input_layers": "x"}, EVENT_RANK),
    "event_rank_0": ({"event_shape": [], "conditional_event_shape": [2]}, EVENT_RANK),
    "event_missing": ({"conditional": True, "conditional_input_layers": "x"}, EVENT_MISSING),
    "context_missing": ({"event_shape": 3, "conditional": True, "conditional_input_layers": "x"}, CONTEXT_MISSING),
    "context_rank": (
        {
            "event_shape": [3],
            "conditional": True,
            "conditional_event_shape": [2, 2],
            "conditional_input_layers": "x",
        },
        CONTEXT_RANK,
    ),
    "context_rank_0": ({"event_shape": [3], "conditional": True, "conditional_event_shape": ()}, CONTEXT_RANK),
    "layers": (
        {"event_shape": 3, "conditional": True, "conditional_event_shape": 2, "conditional_input_layers": "last"},
        LAYERS,
    ),
    "context_uncalled": ({"event_shape": 3, "conditional_event_shape": [2]}, UNCALLED),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors_in_tfps_words_and_order(case):
    arguments, message = ERRORS[case]
    with pytest.raises(ValueError, match=message):
        AutoregressiveNetwork(2, **arguments)


STRICTER = {
    "layers_without_context": ({"conditional_input_layers": "last"}, LAYERS),
    "hidden_degrees": ({"hidden_degrees": "spread"}, 'Invalid hidden order: "spread"'),
    "hidden_degrees_without_layers": ({"hidden_degrees": "spread", "hidden_units": []}, "Invalid hidden order"),
    "input_order": ({"input_order": "sideways"}, 'Invalid input order: "sideways"'),
    "input_order_length": ({"input_order": [1, 2]}, r'Invalid input order: "\[1, 2\]"'),
    "input_order_tie": ({"input_order": [1, 1, 2]}, "Invalid input order"),
    "activation": ({"activation": "rlu"}, "activation: unknown name 'rlu'"),
    "softmax": ({"activation": "softmax"}, "it would mix units of different degrees"),
    "initializer": ({"kernel_initializer": "glorot"}, "kernel_initializer: unknown name 'glorot'"),
    "bias_initializer": ({"bias_initializer": "glorot"}, "bias_initializer: unknown name 'glorot'"),
    "regularizer": ({"kernel_regularizer": "l3"}, "kernel_regularizer: unknown name 'l3'"),
    "constraint": ({"bias_constraint": "small"}, "bias_constraint: unknown name 'small'"),
    "hidden_units": ({"hidden_units": [4, 0]}, r"hidden_units: expected widths of at least 1, got \[4, 0\]"),
    "hidden_units_negative": ({"hidden_units": -1}, r"hidden_units: expected widths of at least 1"),
    "dropout": ({"dropout": 1.0}, r"dropout: expected a probability in \[0, 1\), got 1.0"),
    "residual": ({"residual": True, "hidden_units": [4, 5]}, "expected equal widths with residual=True"),
    "params": ({"params": -1}, "params: expected a number of at least 0"),
    "params_length": ({"params": [1, 2]}, "one for each of 3 variables"),
    "no_variables": ({"event_shape": 0}, "event_shape"),
}


@pytest.mark.parametrize("case", STRICTER)
def test_errors_at_construction(case):
    arguments, message = STRICTER[case]
    with pytest.raises(ValueError, match=message):
        AutoregressiveNetwork(**{"params": 2, "event_shape": 3, "hidden_units": [4], **arguments})


TYPES = {
    "hidden_units": ({"hidden_units": [4.0]}, "hidden_units: expected integers"),
    "hidden_units_bool": ({"hidden_units": [True]}, "hidden_units: expected integers"),
    "activation": ({"activation": 3}, "activation: expected a name, a callable or None, got int"),
    "params": ({"params": 2.0}, "params"),
}


@pytest.mark.parametrize("case", TYPES)
def test_wrong_types(case):
    arguments, message = TYPES[case]
    with pytest.raises(TypeError, match=message):
        AutoregressiveNetwork(**{"params": 2, "event_shape": 3, **arguments})


def test_unknown_hidden_degrees_raise_even_before_the_event_is_known():
    with pytest.raises(ValueError, match="Invalid hidden order"):
        AutoregressiveNetwork(2, hidden_degrees="spread")


@pytest.mark.parametrize("units", [4, [4], (4,), iter([4])], ids=["int", "list", "tuple", "iterator"])
def test_hidden_units_of_any_kind(units):
    assert AutoregressiveNetwork(2, 3, hidden_units=units).degrees.hidden[0].tolist() == [1, 1, 2, 2]


@pytest.mark.parametrize("shape", [3, [3], (3,), torch.Size([3])], ids=repr)
def test_event_shapes_of_any_kind(shape):
    assert AutoregressiveNetwork(2, shape).event_shape == [3]


def test_hidden_degrees_may_be_given():
    net = AutoregressiveNetwork(2, 3, hidden_units=[3], hidden_degrees=[[2, 1, 2]])
    assert net.degrees.hidden[0].tolist() == [2, 1, 2]


def test_lost_dependencies_raise_if_strict():
    with pytest.raises(ValueError, match=r"\[1\] units lose 1 of 3 dependencies"):
        AutoregressiveNetwork(2, 3, hidden_units=[1], strict=True)


@pytest.mark.parametrize("rule", ["equal", "random"])
def test_random_order_and_degrees_come_from_the_generator(rule):
    nets = [
        AutoregressiveNetwork(
            1,
            6,
            hidden_units=[9],
            input_order="random",
            hidden_degrees=rule,
            generator=torch.Generator().manual_seed(s),
        )
        for s in (1, 1, 4)
    ]
    assert str(nets[0].degrees) == str(nets[1].degrees)
    assert str(nets[0].degrees) != str(nets[2].degrees)


@pytest.mark.parametrize("features", [1, 4])
def test_no_hidden_layers(features):
    net = AutoregressiveNetwork(2, features)
    assert torch.equal(audit(net).realised, torch.ones(features, features).tril(-1).bool())
    assert isinstance(net.network, nn.Module)
