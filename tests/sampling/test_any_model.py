"""What an engine must take: any conditional, type, layout of memory and masked network."""

from itertools import product

import pytest
import torch
from helpers import context_for, redraw
from sampling.drawing import FAST, drawn, evidence_on, noise_for, sampled, source_of, two_numbers

from tailormade import MADE, Bernoulli, Categorical
from tailormade.conditionals import Layout
from tailormade.masks import create_degrees
from tailormade.nn import MaskedNetwork
from tailormade.nn.options import ACTIVATIONS
from tailormade.sampling import Source, engine_for
from tailormade.sampling.compiled import compiled_loops
from tailormade.sampling.kernel import run_table


@pytest.mark.usefixtures("unregistered")
def test_any_conditional_runs_in_torch():
    events = [Bernoulli(), two_numbers(), Categorical(3), two_numbers()] * 3
    model = redraw(MADE(12, hidden_units=(20,), conditionals=events, seed=0).double())
    source, noise = source_of(model), noise_for(model, 50)
    assert noise.shape[-1] == 2
    assert engine_for(source, noise_for(model, 10**5)) == "torch"
    assert torch.equal(drawn("torch", source, noise), drawn("loop", source, noise))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
@pytest.mark.parametrize("observed", [(), (1, 5)], ids=str)
def test_any_type_runs_in_torch(dtype, observed):
    model = redraw(MADE(9, 2, hidden_units=(20, 20), conditionals=[Bernoulli(), Categorical(5), Categorical(300)] * 3))
    model = model.to(dtype)
    evidence = evidence_on(model, 40, observed) if observed else None
    x = drawn("torch", source_of(model, 40), noise_for(model, 40), evidence)
    assert x.dtype == model.value_dtype
    assert bool(model.layout.in_support(x).all())
    assert len(x.unique(dim=0)) > 30


def test_a_narrow_type_is_compared_in_a_wide_one():
    model = redraw(MADE(3, hidden_units=(20,), conditionals=[Categorical(300)] * 3), scale=1.0).bfloat16()
    source, noise = source_of(model), noise_for(model, 500)
    first = drawn("torch", source, noise)[:, 0]
    assert torch.equal(first, drawn("loop", source, noise)[:, 0])
    assert bool((first[first > 256] % 2 == 1).any())  # numbers that bfloat16 does not have


@pytest.mark.parametrize("engine", FAST)
def test_memory_may_lie_in_any_order(engine):
    model = redraw(MADE(5, 3, hidden_units=(9,), seed=0).double())
    noise, context = noise_for(model, 30), context_for(model, 30)
    scattered = noise.permute(2, 1, 0).contiguous().permute(2, 1, 0), context.T.contiguous().T
    assert not scattered[0].is_contiguous()
    assert not scattered[1].is_contiguous()
    x = drawn(engine, model.sampling_source(model.table[0], scattered[1]), scattered[0])
    assert torch.equal(x, drawn("loop", source_of(model, 30), noise))
    assert torch.equal(sampled(engine, model(scattered[1]), 4), sampled("loop", model(context), 4))


@pytest.mark.parametrize("rows", [1, 2, 50])
@pytest.mark.parametrize("observed", [(), (0,), (0, 1, 2, 3, 4)], ids=str)
def test_the_loops_are_compiled_for_no_other_types(rows, observed):
    model = redraw(MADE(5, hidden_units=(9,), seed=0).double())
    compiled_loops(torch.float64)
    before = list(run_table.signatures)
    noise = noise_for(model, rows).transpose(0, 1).contiguous().transpose(0, 1)
    drawn("compiled", source_of(model), noise, evidence_on(model, rows, observed) if observed else None)
    assert run_table.signatures == before


@pytest.mark.parametrize("engine", ["loop", *FAST])
@pytest.mark.parametrize("requires_grad", [False, True])
def test_samples_have_no_gradient(engine, requires_grad):
    model = redraw(MADE(5, 3, hidden_units=(9,), seed=0).double())
    x = sampled(engine, model(context_for(model, 7).requires_grad_(requires_grad)), 2)
    assert not x.requires_grad


@pytest.mark.parametrize("engine", ["loop", *FAST])
def test_no_unit_is_dropped(engine):
    model = redraw(MADE(6, hidden_units=(9, 9), dropout=0.5, seed=0).double()).train()
    assert torch.equal(sampled(engine, model(), 50), sampled("loop", model.eval()(), 50))


ARCHITECTURES = [{"residual": r, "direct": d} for r, d in ((False, True), (True, False), (True, True))]
OPTIONS = [{"context_everywhere": e, "activation": a} for e, a in product((False, True), (None, ACTIVATIONS["tanh"]))]


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("use_bias", [False, True], ids=["", "bias"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_networks_that_no_made_builds(engine, use_bias, options, architecture):
    layout = Layout([Bernoulli(), Categorical(3), Bernoulli()])
    degrees = create_degrees(3, (8, 8), degree_zero=2, residual=architecture["residual"])
    widths = [len(layer) for layer in degrees.hidden]
    options = {**architecture, **options, "use_bias": use_bias, "context": 2}
    network = redraw(MaskedNetwork(layout.input_sizes, layout.param_sizes, widths, **options).double())
    numbers = torch.rand(99, 5, dtype=torch.float64)
    source = Source(network, degrees, layout, numbers[0], numbers[1] + 0.5, numbers[:, :2])
    assert torch.equal(drawn(engine, source, numbers[:, 2:, None]), drawn("loop", source, numbers[:, 2:, None]))
