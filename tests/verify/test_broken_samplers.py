"""The check of the sampler fails when samples are drawn from something else than the density."""

import pytest
import torch
from broken import ARCHITECTURES, assert_failed, build

import tailormade.density.distribution as distribution
from tailormade import MADE
from tailormade.sampling import sample_ancestral
from tailormade.verify import check_sampler, verify


@pytest.fixture(params=list(ARCHITECTURES))
def model(request):
    return build(**ARCHITECTURES[request.param])


def lagging(params, layout, degrees, noise):
    """Draw every variable given what is known before its predecessor."""
    x = known = noise.new_zeros(noise.shape[:-1])
    for degree in range(1, degrees.groups + 1):
        values = layout.sample(params(known).to(noise.dtype), noise)
        x, known = torch.where(degrees.inputs == degree, values, x), x
    return x


def without_the_past(params, layout, degrees, noise):
    return layout.sample(params(noise.new_zeros(noise.shape[:-1])).to(noise.dtype), noise)


def flipped(params, layout, degrees, noise):
    sizes = torch.tensor([c.cardinality for c in layout.conditionals])
    return sizes - 1 - sample_ancestral(params, layout, degrees, noise)


def likeliest(params, layout, degrees, noise):
    return sample_ancestral(params, layout, degrees, torch.full_like(noise, 0.5))


def a_little_off(params, layout, degrees, noise):
    """Probabilities that are wrong by 0.04."""
    return sample_ancestral(params, layout, degrees, (noise - 0.04).clamp(min=0))


def draw_with(monkeypatch, sampler):
    def draw(source, noise):
        return sampler(source.params(), source.layout, source.degrees, noise)

    monkeypatch.setattr(distribution, "draw", draw)


SAMPLERS = (lagging, without_the_past, flipped, likeliest, a_little_off)
DEVIATION = r"deviate by ([5-9]|[1-9]\d+)\.\d\d standard errors"


@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda s: s.__name__)
@pytest.mark.parametrize("model", [name for name in ARCHITECTURES if name != "one variable"], indirect=True)
def test_samplers_that_do_not_follow_the_density(sampler, model, monkeypatch):
    draw_with(monkeypatch, sampler)
    assert_failed(check_sampler(model), DEVIATION)


def test_errors_that_cancel_in_the_sum(monkeypatch):
    # single variables are off by 13 standard errors, some upwards and some downwards
    draw_with(monkeypatch, lagging)
    assert_failed(check_sampler(build(30, hidden_units=(100,))), DEVIATION)


def test_a_sampler_of_one_order_only(monkeypatch):
    # every component is sampled in the order of the first
    model = build(orders=3)
    first = model.table[0]
    draw_with(monkeypatch, lambda p, la, d, n: sample_ancestral(p, la, first, n))
    assert_failed(check_sampler(model), DEVIATION)


def test_a_sampler_without_the_context(monkeypatch):
    true = MADE.sampling_source
    monkeypatch.setattr(MADE, "sampling_source", lambda self, d, c: true(self, d, torch.zeros_like(c)))
    assert_failed(check_sampler(build(context=2)), DEVIATION)


def test_verify_runs_every_check(monkeypatch):
    draw_with(monkeypatch, flipped)
    assert [check.passed for check in verify(build())] == [True, True, False, True]
