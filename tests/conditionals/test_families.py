"""Every family of conditionals against torch.distributions, and against counting."""

import numpy as np
import pytest
import torch

from tailormade import Bernoulli, Categorical
from tailormade.conditionals import Conditional

FAMILIES = {
    "bernoulli": Bernoulli(),
    "one_category": Categorical(1),
    "two_categories": Categorical(2),
    "five_categories": Categorical(5),
}
BATCHES = [(), (0,), (4,), (2, 1, 3)]


@pytest.fixture(params=list(FAMILIES))
def family(request):
    return FAMILIES[request.param]


def raw_for(family, *batch):
    generator = torch.Generator().manual_seed(2)
    return 2 * torch.randn(*batch, family.params, generator=generator, dtype=torch.float64)


def states(family):
    return torch.arange(family.cardinality, dtype=torch.float64)


def probabilities(family, raw):
    """Probabilities of all states, shape (states, *)."""
    values = states(family).reshape(-1, *[1] * (raw.ndim - 1))
    return family.distribution(raw).log_prob(values).exp()


@pytest.mark.parametrize("batch", [batch for batch in BATCHES if 0 not in batch], ids=str)
def test_log_prob_is_torchs(family, batch):
    raw, x = raw_for(family, *batch), torch.randint(family.cardinality, batch).double()
    torch.testing.assert_close(
        family.log_prob(raw, x), family.distribution(raw).log_prob(x), atol=1e-12, rtol=0, check_dtype=False
    )


def test_an_empty_batch(family):
    raw, noise = raw_for(family, 0), torch.zeros(0, family.noise)
    assert family.log_prob(raw, torch.zeros(0)).shape == (0,)
    assert family.sample(raw, noise).shape == (0,)


def test_log_prob_adds_up_to_one(family):
    raw = raw_for(family, 7)
    total = family.log_prob(raw, states(family)[:, None]).exp().sum(0)
    torch.testing.assert_close(total, torch.ones(7).double(), atol=1e-12, rtol=0)


@pytest.mark.parametrize(("raw_batch", "x_batch"), [((3,), (5, 1)), ((5, 1), (3,)), ((), (3,)), ((3,), ())], ids=str)
def test_log_prob_broadcasts(family, raw_batch, x_batch):
    raw, x = raw_for(family, *raw_batch), torch.zeros(x_batch, dtype=torch.float64)
    batch = torch.broadcast_shapes(raw_batch, x_batch)
    expected = family.log_prob(raw.expand(*batch, family.params), x.expand(batch))
    assert torch.equal(family.log_prob(raw, x), expected)


@pytest.mark.parametrize("size", [50.0, 1000.0])
def test_extreme_parameters_stay_finite(family, size):
    raw = size * torch.eye(family.params).double()[0]
    assert bool(family.log_prob(raw, states(family)).isfinite().all())
    assert bool(family.log_prob(-raw, states(family)).isfinite().all())


def test_gradients(family):
    raw = raw_for(family, 3).requires_grad_()
    assert torch.autograd.gradcheck(lambda r: family.log_prob(r, torch.zeros(3).double()), (raw,))


GRID = (torch.arange(10_000, dtype=torch.float64) + 0.5) / 10_000  # midpoints: frequencies are exact to one in 10,000


def test_evenly_spread_noise_gives_the_probabilities(family):
    raw = raw_for(family, 3)
    x = family.sample(raw.expand(len(GRID), *raw.shape), GRID[:, None, None].expand(-1, 3, family.noise))
    frequencies = (x == states(family)[:, None, None]).double().mean(1)
    torch.testing.assert_close(frequencies, probabilities(family, raw), atol=2e-4, rtol=0)


def test_samples_are_monotone_in_the_noise(family):
    # a quantile function, or its mirror image as for Bernoulli, where u < p means 1
    steps = family.sample(raw_for(family).expand(len(GRID), -1), GRID[:, None]).diff()
    assert bool((steps >= 0).all()) or bool((steps <= 0).all())


def test_a_category_begins_where_the_cumulative_probability_ends():
    raw = torch.log(torch.tensor([0.25, 0.5, 0.25], dtype=torch.float64))
    noise = torch.tensor([0.0, 0.2499, 0.2501, 0.7499, 0.7501, 0.9999]).double()
    assert Categorical(3).sample(raw.expand(6, 3), noise[:, None]).tolist() == [0, 0, 1, 1, 2, 2]


def test_one_is_drawn_below_its_probability():
    raw = torch.log(torch.tensor([0.25 / 0.75], dtype=torch.float64))
    noise = torch.tensor([0.0, 0.2499, 0.2501, 0.9999]).double()
    assert Bernoulli().sample(raw.expand(4, 1), noise[:, None]).tolist() == [1, 1, 0, 0]


def test_noise_that_equals_a_probability_is_beyond_it():
    half = torch.full((1,), 0.5)
    assert float(Bernoulli().sample(torch.zeros(1), half)) == 0
    assert float(Categorical(2).sample(torch.zeros(2), half)) == 1


@pytest.mark.parametrize("noise", [0.0, 1.0 - 2.0**-24], ids=["lowest", "highest"])
def test_extreme_noise_stays_in_the_support(family, noise):
    x = family.sample(raw_for(family, 50).float(), torch.full((50, family.noise), noise))
    assert bool(family.support.check(x).all())
    assert x.dtype == torch.float32


@pytest.mark.parametrize("batch", BATCHES, ids=str)
def test_encoding(family, batch):
    code = family.encode(torch.zeros(batch, dtype=torch.float64))
    assert code.shape == (*batch, family.width)
    assert code.dtype == torch.float64


def test_encodings_tell_the_states_apart(family):
    code = family.encode(states(family))
    assert len(code.unique(dim=0)) == family.cardinality


def test_bernoulli_encodes_the_value():
    assert Bernoulli().encode(torch.tensor([0.0, 1.0])).tolist() == [[0.0], [1.0]]


def test_categorical_encodes_one_hot():
    assert Categorical(3).encode(torch.tensor([2.0, 0.0])).tolist() == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]


COLUMNS = torch.tensor([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0]])


def test_marginals_are_smoothed_counts(family):
    x = COLUMNS.clamp(max=family.cardinality - 1)
    counts = np.array([[(column == v).sum() for v in range(family.cardinality)] for column in x.numpy().T]) + 0.5
    raw = family.marginal_params(x)
    assert raw.shape == (2, family.params)
    found = probabilities(family, raw).T
    torch.testing.assert_close(found, torch.tensor(counts / counts.sum(1, keepdims=True)), atol=1e-12, rtol=0)


@pytest.mark.parametrize("rows", [0, 1, 100_000])
def test_no_value_has_probability_0(family, rows):
    raw = family.marginal_params(torch.zeros(rows, 2))
    assert bool(raw.isfinite().all())
    assert bool((probabilities(family, raw) > 0).all())


@pytest.mark.parametrize("dtype", [torch.float64, torch.int64, torch.uint8, torch.bfloat16, torch.float16])
def test_marginals_of_many_rows_of_any_type(dtype):
    # 1000 is beyond what half precision and bytes can count
    x = torch.cat([torch.ones(1000, 1), torch.zeros(500, 1)]).to(dtype)
    torch.testing.assert_close(Bernoulli().marginal_params(x), torch.tensor([[1000.5 / 500.5]]).double().log())
    expected = torch.tensor([[500.5, 1000.5]]).double().div(1501).log()
    torch.testing.assert_close(Categorical(2).marginal_params(x), expected)


def test_support_is_the_states(family):
    support = family.support
    assert bool(support.check(states(family)).all())
    outside = torch.tensor([-1.0, 0.5, float(family.cardinality), float("nan"), float("inf")])
    assert not bool(support.check(outside).any())


@pytest.mark.parametrize("name", FAMILIES)
def test_equal_conditionals_are_interchangeable(name):
    family = FAMILIES[name]
    again = type(family)(*([family.cardinality] if isinstance(family, Categorical) else []))
    assert again == family
    assert hash(again) == hash(family)


def test_conditionals_cannot_be_changed():
    with pytest.raises(AttributeError):
        Categorical(3).categories = 4


@pytest.mark.parametrize(("family", "words"), [(Bernoulli(), "0 or 1"), (Categorical(4), "an integer in 0..3")])
def test_describe(family, words):
    assert family.describe() == words


def test_the_interface_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        Conditional()
