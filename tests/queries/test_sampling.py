"""Samples given evidence follow the enumerated conditional probabilities, exact or resampled."""

import pytest
import torch
from helpers import context_for
from queries.enumerated import asked, create, evidence, frequencies, leading, mask, p_value, truth

from tailormade import Bernoulli, Categorical

pytestmark = pytest.mark.filterwarnings("ignore::tailormade.queries.PoorEvidenceWarning")

RARE = 1e-4  # a p-value below this is no chance
MIXED = [Bernoulli(), Categorical(3), Bernoulli(), Categorical(4), Categorical(2), Bernoulli()]
EXACT = {
    "ten_bits": {"features": 10, "input_order": "random", "hidden_units": (20,)},
    "mixture": {"features": 6, "orders": 4, "conditionals": MIXED, "direct": True},
    "context": {"features": 6, "orders": 2, "conditionals": MIXED, "context": 2},
    "residual": {"features": 6, "hidden_units": (9, 9, 9), "residual": True, "orders": 3},
    "ties": {"features": 6, "conditionals": MIXED, "input_order": [2, 1, 2, 3, 1, 3], "orders": 2},
    "any": {"features": 8, "orders": "any", "hidden_units": (20,), "direct": True},
    "image": {"features": 6, "orders": "any", "image_shape": (2, 3)},
}
WEIGHTED = {
    "one_order": ({"features": 4, "weights": 5}, [2, 3]),
    "mixture": ({"features": 4, "orders": 3, "weights": 2}, [1, 2]),
    "mixed": ({"features": 4, "conditionals": MIXED[:4], "orders": 2, "context": 2, "weights": 4}, [1, 3]),
    "eight_bits": ({"features": 8, "input_order": "right-to-left"}, [0, 1, 2]),
}


def seeded(seed=1):
    return torch.Generator().manual_seed(seed)


def how_likely(model, observed, samples, expected):
    """The p-value of samples under enumerated probabilities."""
    samples = samples.reshape(-1, samples.shape[-1])
    counts = frequencies(model, torch.nonzero(~observed).flatten().tolist(), samples)
    return p_value(len(samples) * expected.log_prob.detach().exp(), counts)


@pytest.mark.parametrize("share", [0.4, 0.7])
@pytest.mark.parametrize("name", EXACT)
def test_exact_samples(name, share):
    model = create(**EXACT[name])
    observed = leading(model, share)
    given, expected = asked(model, observed, evidence(model, observed))
    assert given.exact
    assert how_likely(model, observed, given.sample((20_000,), generator=seeded()), expected) > RARE


@pytest.mark.parametrize("observed", [[0], [7], [2, 5], [1, 3, 4, 6]], ids=str)
def test_exact_samples_of_any_order(observed):
    model = create(**EXACT["any"])
    observed = mask(model, observed)
    given, expected = asked(model, observed, evidence(model, observed))
    assert how_likely(model, observed, given.sample((10_000,), generator=seeded()), expected) > RARE


@pytest.mark.parametrize("name", WEIGHTED)
def test_resampled_once_from_each_of_many_pools(name):
    options, observed = WEIGHTED[name]
    model = create(**options)
    observed = mask(model, observed)
    x = evidence(model, observed)
    given = model(context_for(model)).given(x.expand(1500, -1), observed, particles=100, seed=0)
    expected = truth(model(context_for(model)), x, observed)
    assert not given.exact
    assert how_likely(model, observed, given.sample(generator=seeded()), expected) > RARE


@pytest.mark.parametrize("name", ["one_order", "mixture", "mixed"])
def test_resampled_many_times_for_one_row(name):
    options, observed = WEIGHTED[name]
    model = create(**options)
    observed = mask(model, observed)
    given, expected = asked(model, observed, evidence(model, observed), particles=5000, seed=0)
    assert how_likely(model, observed, given.sample((4000,), generator=seeded()), expected) > RARE


def test_the_test_notices_particles_without_weights():
    options, observed = WEIGHTED["mixture"]
    model = create(**options)
    observed = mask(model, observed)
    given, expected = asked(model, observed, evidence(model, observed), seed=0)
    proposed = given.query.expand((3000,)).propose(model.table[1], seeded())[:, ~observed]
    assert how_likely(model, observed, proposed, expected) < RARE


def test_the_test_notices_components_without_weights():
    model = create(**EXACT["mixture"])
    observed = leading(model, 0.5)
    given, expected = asked(model, observed, evidence(model, observed))
    rows = given.query.expand((5000,))
    equal = torch.cat([rows.propose(d, seeded(k)) for k, d in enumerate(model.table)])[:, ~observed]
    assert how_likely(model, observed, equal, expected) < RARE


def test_a_pool_is_not_used_for_ever():
    # a pool of 5 particles holds at most 5 different rows
    model = create(8, scale=0.1)
    given = model().given(torch.zeros(8), [7], particles=5, seed=0)
    assert len(given.sample((80,), generator=seeded()).unique(dim=0)) > 40


def test_every_row_of_evidence_gets_its_own_samples():
    model = create(5, orders=3, weights=2)
    observed = leading(model, 0.4)
    x = evidence(model, observed, 2, 3)
    samples = model().given(x, observed).sample((3000,), generator=seeded())
    for i, j in torch.cartesian_prod(torch.arange(2), torch.arange(3)).tolist():
        assert how_likely(model, observed, samples[:, i, j], truth(model(), x[i, j], observed)) > RARE


def test_every_row_of_evidence_and_context_gets_its_own_resampled_samples():
    model = create(4, 2, weights=3)
    observed = mask(model, [2, 3])
    x, context = evidence(model, observed, 2, 1), context_for(model, 3)
    samples = model(context).given(x, observed, particles=5000, seed=0).sample((1000,), generator=seeded())
    for i, j in torch.cartesian_prod(torch.arange(2), torch.arange(3)).tolist():
        assert how_likely(model, observed, samples[:, i, j], truth(model(context[j]), x[i, 0], observed)) > RARE
