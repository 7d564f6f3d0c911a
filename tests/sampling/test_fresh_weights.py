"""Samples are those of the weights as they are now, and of no weight that is masked."""

import copy
import math

import pytest
import torch
from helpers import context_for, poison, redraw
from sampling.drawing import FAST, drawn, evidence_on, noise_for, sampled, source_of

from tailormade import MADE, Bernoulli, Categorical

ROWS = 60
EVENT = [Bernoulli(), Categorical(3), Bernoulli(), Bernoulli()] * 2
EVIDENCE = {"none": (), "first": (0, 1), "last": (6, 7), "scattered": (1, 4, 6)}


def create(**options):
    options = {"hidden_units": (16, 16), "direct": True, "seed": 0, **options}
    return redraw(MADE(8, 2, conditionals=EVENT, **options).double(), scale=1.0)


def same_as_the_loop(engine, model):
    """Whether an engine agrees with the loop; with the samples."""
    samples = [sampled(name, model(context_for(model, 4)), 15) for name in (engine, "loop")]
    return torch.equal(*samples), samples[0]


def step(model):
    optimiser = torch.optim.Adam(model.parameters(), lr=0.5)
    x = torch.zeros(4, 8).double()
    (-model.log_prob(x, context_for(model, 4)).mean()).backward()
    optimiser.step()


@torch.no_grad()
def in_place(model):
    for parameter in model.parameters():
        parameter.mul_(-1)


def data(model):
    model.network.layers[0].weight.data[:] = 3.0
    model.network.layers[-1].bias.data = -model.network.layers[-1].bias.data


def load(model):
    model.load_state_dict(redraw(copy.deepcopy(model), seed=5, scale=2.0).state_dict())


def load_another_order(model):
    model.load_state_dict(create(input_order="right-to-left", seed=3).state_dict())


def replace(model):
    weight = model.network.layers[1].weight
    model.network.layers[1].weight = torch.nn.Parameter(torch.randn_like(weight))


def move_input(model):
    model.input_shift.add_(1.0)
    model.input_scale.mul_(0.3)


def cast(model):
    redraw(model.float(), seed=6).double()


EDITS = [step, in_place, data, load, load_another_order, replace, move_input, cast]


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_after_an_edit(engine, edit):
    model = create()
    agreed, before = same_as_the_loop(engine, model)
    edit(model)
    agrees, after = same_as_the_loop(engine, model)
    assert agreed
    assert agrees
    assert not torch.equal(before, after)


@pytest.mark.parametrize("engine", FAST)
def test_after_many_edits(engine):
    model = create(orders=3)
    for edit in EDITS[:4] * 2:
        edit(model)
        assert same_as_the_loop(engine, model)[0], edit.__name__


@pytest.mark.parametrize("engine", FAST)
def test_two_models_of_one_architecture(engine):
    models = [redraw(create(), seed=seed) for seed in (1, 2)]
    for model in (*models, *models):
        assert same_as_the_loop(engine, model)[0]


def poison_all(model, value):
    """Write a value into every masked entry, also of the weights that tell a unit which inputs it sees."""
    poison(model, value)
    network, degrees = model.network, model.table[0]
    masks = network._masks(degrees)
    for layer, mask in ((network.seen, masks[0][0]), (network.direct_seen, masks[1])):
        if layer is not None:
            layer.weight.data[~mask] = value


@pytest.mark.parametrize("engine", ["loop", *FAST])
@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("evidence", list(EVIDENCE))
@pytest.mark.parametrize("options", [{}, {"residual": True}, {"orders": "any"}, {"input_order": [2, 1] * 4}], ids=str)
def test_masked_entries_never_matter(engine, value, evidence, options):
    model, observed = create(**options), EVIDENCE[evidence]
    seen = evidence_on(model, ROWS, observed) if observed else None
    noise = noise_for(model, ROWS)
    clean = drawn("loop", source_of(model, ROWS), noise, seen)
    poison_all(model, value)
    assert not all(bool(p.isfinite().all()) for p in model.parameters())
    assert torch.equal(drawn(engine, source_of(model, ROWS), noise, seen), clean)
