"""What MADE refuses, and in which words: the argument, what was expected, what was found."""

import inspect
import json

import pytest
import torch

from tailormade import MADE, Bernoulli, Categorical
from tailormade.conditionals import conditional_from_config


def test_arguments_and_defaults():
    parameters = inspect.signature(MADE).parameters
    defaults = {name: p.default for name, p in parameters.items() if p.default is not p.empty}
    assert list(parameters)[:2] == ["features", "context"]
    assert all(p.kind is p.KEYWORD_ONLY for name, p in parameters.items() if name not in ("features", "context"))
    expected = {
        "context": 0,
        "conditionals": Bernoulli(),
        "hidden_units": (500,),
        "input_order": "left-to-right",
        "orders": 1,
        "hidden_degrees": "equal",
        "residual": False,
        "direct": False,
        "dropout": 0.0,
        "strict": False,
        "seed": None,
    }
    assert {name: defaults[name] for name in expected} == expected


VALUES = {
    "features": ({"features": 0}, "features, context: expected at least 1 and 0, got 0 and 0"),
    "context": ({"context": -1}, "features, context: expected at least 1 and 0, got 3 and -1"),
    "orders": ({"orders": 0}, "orders: expected a number of at least 1 or 'any', got 0"),
    "orders_name": ({"orders": "all"}, "orders: expected a number of at least 1 or 'any', got 'all'"),
    "orders_bool": ({"orders": True}, "orders: expected a number of at least 1 or 'any', got True"),
    "orders_float": ({"orders": 2.0}, "orders: expected a number of at least 1 or 'any', got 2.0"),
    "hidden_units": ({"hidden_units": (0,)}, "hidden_units: expected widths of at least 1"),
    "input_order": ({"input_order": "sideways"}, "Invalid input order"),
    "input_order_length": ({"input_order": [1, 2]}, "Invalid input order"),
    "input_order_gap": ({"input_order": [1, 1, 3]}, "Invalid input order.*without a gap"),
    "hidden_degrees": ({"hidden_degrees": "spread"}, "Invalid hidden order"),
    "hidden_degrees_width": ({"hidden_degrees": [[1, 2]]}, "hidden_degrees: expected one degree for each unit"),
    "residual": ({"hidden_units": (4, 5), "residual": True}, "equal widths with residual=True"),
    "dropout": ({"dropout": 1.5}, r"dropout: expected a probability in \[0, 1\), got 1.5"),
    "activation": ({"activation": "softmax"}, "it would mix units of different degrees"),
    "too_few": ({"conditionals": [Bernoulli()]}, "conditionals: expected one conditional, or 3 of them"),
    "no_conditional": ({"conditionals": ["bernoulli"] * 3}, "conditionals: expected one conditional, or 3 of them"),
}


@pytest.mark.parametrize("case", VALUES)
def test_wrong_arguments(case):
    arguments, message = VALUES[case]
    with pytest.raises(ValueError, match=message):
        MADE(**{"features": 3, "hidden_units": (8,), **arguments})


@pytest.mark.parametrize("units", [(8.0,), ("8",), (True,)], ids=["float", "string", "bool"])
def test_hidden_units_of_the_wrong_type(units):
    with pytest.raises(TypeError, match="hidden_units: expected integers"):
        MADE(3, hidden_units=units)


CALLS = {
    "missing": (2, {}, "context"),
    "uncalled": (0, {"context": torch.zeros(2)}, "context"),
    "width": (2, {"context": torch.zeros(5, 3)}, "context"),
    "scalar": (2, {"context": torch.tensor(1.0)}, "context"),
}


@pytest.mark.parametrize("case", CALLS)
def test_context_that_does_not_fit(case):
    context, arguments, message = CALLS[case]
    model = MADE(3, context, hidden_units=(8,))
    with pytest.raises(ValueError, match=message):
        model(**arguments)
    with pytest.raises(ValueError, match=message):
        model.log_prob(torch.zeros(5, 3), **arguments)


@pytest.mark.parametrize("case", CALLS)
def test_errors_name_mades_own_argument(case):
    # `conditional_input` is what AutoregressiveNetwork calls it
    context, arguments, _ = CALLS[case]
    with pytest.raises(ValueError, match="context") as caught:
        MADE(3, context, hidden_units=(8,))(**arguments)
    assert "conditional" not in str(caught.value)


def test_context_of_integers_is_the_same_everywhere():
    model, x = MADE(3, 2, hidden_units=(8,)), torch.zeros(5, 3)
    context = torch.tensor([1, 0])
    assert torch.equal(model.log_prob(x, context), model(context).log_prob(x))


@pytest.mark.parametrize("x", [torch.zeros(5, 4), torch.zeros(2), torch.tensor(1.0)], ids=["wide", "narrow", "scalar"])
def test_values_of_the_wrong_width(x):
    with pytest.raises(ValueError, match="x: expected"):
        MADE(3, hidden_units=(8,)).log_prob(x)


def test_batches_that_do_not_broadcast():
    with pytest.raises(ValueError, match=r"batch shape \(4,\) does not broadcast with that of x, \(5,\)"):
        MADE(3, 2, hidden_units=(8,)).log_prob(torch.zeros(5, 3), torch.zeros(4, 2))


CONFIGS = {
    "plain": {},
    "mixed": {"conditionals": [Bernoulli(), Categorical(3), Bernoulli()]},
    "any": {"orders": "any", "dropout": 0.25, "direct": True, "activation": "tanh"},
    "given_degrees": {"hidden_degrees": [[1, 2, 1, 2]], "hidden_units": (4,)},
}


@pytest.mark.parametrize("case", CONFIGS)
def test_config_is_json_and_says_what_was_asked_for(case):
    options = {"hidden_units": (8,), **CONFIGS[case]}
    model = MADE(3, **options)
    config = json.loads(json.dumps(model.config()))
    assert config["features"] == 3
    assert config["hidden_units"] == list(options["hidden_units"])
    assert config["orders"] == options.get("orders", 1)
    kinds = [conditional_from_config(c) for c in config["conditionals"]]
    assert kinds == options.get("conditionals", [Bernoulli()])
