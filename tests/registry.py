"""The models that the property tests run on: a name for each constructor.

``CASES`` holds densities, ``NETWORKS`` bare networks. Both are products of architectures; what cuts across the
architectures (order, kinds of variables, rule of hidden degrees) is dealt to them in a fixed shuffle, so that every
combination of the three occurs without multiplying the number of cases. Activations are smooth, because a ReLU
that is off makes a connected network look disconnected, and weights are drawn anew, because a zero initial
weight would do the same.
"""

import warnings
from collections.abc import Callable
from functools import partial
from itertools import cycle, product
from random import Random

import torch
from helpers import redraw
from torch import nn

from tailormade import MADE, AutoregressiveNetwork, Bernoulli, Categorical, MaskedLinear, MaskedSequential

EVENTS = {
    "binary": [Bernoulli()] * 6,
    "ternary": [Categorical(3)] * 3,
    "alternating": [Bernoulli(), Categorical(3), Bernoulli(), Categorical(4)],
    "uneven": [Categorical(2), Bernoulli(), Bernoulli(), Categorical(3), Bernoulli()],
}
ORDERS = {
    "ltr": lambda d: "left-to-right",
    "rtl": lambda d: "right-to-left",
    "shuffled": lambda d: "random",
    "explicit": lambda d: [*range(d, d // 2, -1), *range(1, d // 2 + 1)],
    "groups": lambda d: [1 + i % (d // 2 + 1) for i in range(d)],
}
WIDTHS = {
    "none": (),
    "one_narrow": (2,),
    "one_wide": (16,),
    "three_narrow": (2, 2, 2),
    "three_wide": (16, 12, 20),
}


def _name(*parts):
    return "-".join(part for part in parts if part)


def _made(orders, widths, residual, direct, context, event, order, rule, shared=True):
    conditionals = EVENTS[event]
    units = WIDTHS[widths]
    model = MADE(
        len(conditionals),
        context,
        conditionals=conditionals,
        hidden_units=units[:1] * len(units) if residual else units,
        input_order=ORDERS[order](len(conditionals)),
        orders=orders,
        hidden_degrees=rule,
        residual=bool(residual),
        direct=bool(direct),
        seed=7,
        activation="tanh",
        shared=shared,
    )
    return redraw(model.double())


def _small(features=1, context=0, **options):
    return redraw(MADE(features, context, activation="tanh", seed=7, **options).double())


def _cases() -> dict[str, Callable[[], MADE]]:
    dealt = list(product(EVENTS, ORDERS, ("equal", "random")))
    Random(0).shuffle(dealt)
    cases = {}
    architectures = _distinct(product((1, 3, "any"), WIDTHS, ("", "residual"), ("", "direct"), (0, 2)))
    for architecture, (event, order, rule) in zip(architectures, cycle(dealt), strict=False):
        orders, widths, residual, direct, context = architecture
        name = _name(str(orders), widths, residual, direct, f"context{context}", event, order, rule)
        cases[name] = partial(_made, *architecture, event, order, rule)
        if orders == 3:
            cases[f"own-{name}"] = partial(_made, *architecture, event, order, rule, shared=False)
    return cases


def _distinct(architectures):
    """Leave out residual networks without a block, which are plain."""
    return [a for a in architectures if not a[2] or len(WIDTHS[a[1]]) > 1]


CASES: dict[str, Callable[[], MADE]] = {
    **_cases(),
    "one_variable": partial(_small, hidden_units=(4, 4)),
    "one_variable-none": partial(_small, hidden_units=()),
    "one_variable-context2": partial(_small, context=2, hidden_units=(4,), conditionals=Categorical(3)),
    "one_variable-any-direct-residual": partial(
        _small, hidden_units=(4, 4), orders="any", direct=True, residual=True, conditionals=Categorical(4)
    ),
    "one_category": partial(_small, features=3, hidden_units=(4,), conditionals=Categorical(1)),
    "one_unit": partial(_small, features=4, hidden_units=(1,)),
    "one_unit-context2": partial(_small, features=4, context=2, hidden_units=(1, 1)),
    "one_group": partial(_small, features=3, hidden_units=(4,), input_order=[1, 1, 1], orders=3),
    "given_degrees": partial(_small, features=4, hidden_units=(4, 3), hidden_degrees=[[3, 1, 2, 0], [1, 3, 2]]),
    "given_degrees-context2-3": partial(
        _small, features=3, context=2, hidden_units=(4, 4), hidden_degrees=[[2, 0, 1, 0]] * 2, residual=True, orders=3
    ),
}


def _network(mode, widths, residual, direct, order, rule):
    units = WIDTHS[widths]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*ignore the context.*")  # tested where it belongs
        net = AutoregressiveNetwork(
            2,
            4,
            conditional=bool(mode),
            conditional_event_shape=3 if mode else None,
            conditional_input_layers=mode or "all_layers",
            hidden_units=units[:1] * len(units) if residual else units,
            input_order=ORDERS[order](4),
            hidden_degrees=rule,
            activation="tanh",
            residual=bool(residual),
            direct=bool(direct),
        )
    return redraw(net.double())


def _stack(*layers, **options):
    return redraw(MaskedSequential(*layers, **options).double())


def _three(**options):
    layers = MaskedLinear(4, 9), nn.Tanh(), MaskedLinear(9, 7), nn.Tanh(), MaskedLinear(7, 8)
    return _stack(*layers, **options)


def _given_mask():
    first = MaskedLinear(4, 3, mask=torch.tensor([[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0]]))
    return _stack(first, nn.Tanh(), MaskedLinear(3, 8))


def _given_degrees():
    first = MaskedLinear(4, 5, degrees=torch.tensor([3, 1, 2, 2, 1]))
    return _stack(first, nn.Tanh(), MaskedLinear(5, 4), input_order=[2, 1, 4, 3])


def _networks() -> dict[str, Callable[[], nn.Module]]:
    dealt = list(product(("ltr", "rtl", "shuffled", "explicit"), ("equal", "random")))
    Random(1).shuffle(dealt)
    modes = ("", "all_layers", "first_layer", "degree_zero")
    networks = {}
    architectures = _distinct(product(modes, WIDTHS, ("", "residual"), ("", "direct")))
    for architecture, (order, rule) in zip(architectures, cycle(dealt), strict=False):
        mode, widths, residual, direct = architecture
        name = _name(mode or "unconditional", widths, residual, direct, order, rule)
        networks[name] = partial(_network, *architecture, order, rule)
    return networks


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    **_networks(),
    "stack-one_layer": lambda: _stack(MaskedLinear(4, 8)),
    "stack-three_wide": _three,
    "stack-three_wide-random": partial(_three, hidden_degrees="random"),
    "stack-three_wide-shuffled": partial(_three, input_order="random"),
    "stack-three_wide-groups": partial(_three, input_order=[2, 1, 2, 3]),
    "stack-given_mask": _given_mask,
    "stack-given_degrees": _given_degrees,
}


def named(cases, *words, without=()):
    """Return the names that contain all the words, as whole parts, and none of ``without``."""
    parts = {name: name.split("-") for name in cases}
    return [n for n, p in parts.items() if all(w in p for w in words) and not any(w in p for w in without)]
