"""Edge sizes and types: nothing or everything observed, one variable, no rows; expand, fill and the support."""

import pytest
import torch
from helpers import context_for, every_state
from queries.enumerated import asked, create, evidence, mask
from torch.distributions import Distribution

from tailormade import Bernoulli, Categorical

pytestmark = pytest.mark.filterwarnings("ignore::tailormade.queries.PoorEvidenceWarning")

KINDS = [Bernoulli(), Categorical(3), Bernoulli(), Categorical(4)]
ORDERS = pytest.mark.parametrize("orders", [1, 3, "any"])
WAYS = pytest.mark.parametrize("observed", [[0, 1], [2, 3]], ids=["exact", "weighted"])


def close(found, expected, atol=1e-9):
    torch.testing.assert_close(found, expected, atol=atol, rtol=0)


@ORDERS
@pytest.mark.parametrize("context", [0, 2])
def test_nothing_observed(context, orders):
    model = create(4, context, conditionals=KINDS, orders=orders)
    dist, states = model(context_for(model)), every_state(model)
    given = dist.given(torch.full((4,), torch.nan), [])
    assert given.exact
    assert given.event_shape == (4,)
    close(given.log_prob(states), dist.log_prob(states))
    close(given.log_evidence, torch.zeros(()).double())
    assert given.sample((5,)).shape == (5, 4)


@ORDERS
@pytest.mark.parametrize("batch", [(), (3,), (0,)], ids=str)
def test_everything_observed(batch, orders):
    model = create(4, conditionals=KINDS, orders=orders)
    every = torch.ones(4, dtype=torch.bool)
    x = evidence(model, every, *batch)
    given = model().given(x, every)
    density = model(order=model.evidence_first(every).inputs) if orders == "any" else model()
    assert given.exact
    assert (given.batch_shape, given.event_shape) == (batch, (0,))
    close(given.log_evidence, density.log_prob(x))
    close(given.log_prob(torch.zeros(*batch, 0)), torch.zeros(batch).double())
    assert given.sample((2,)).shape == (2, *batch, 0)
    assert given.support.check(torch.zeros(5, 0)).tolist() == [True] * 5
    assert torch.equal(given.fill(torch.zeros(0)), x)


@pytest.mark.parametrize("units", [(), (4,), (4, 4)], ids=str)
@pytest.mark.parametrize("observed", [[], [0]], ids=str)
def test_one_variable(observed, units):
    model = create(1, 2, conditionals=Categorical(3), hidden_units=units)
    given, expected = asked(model, mask(model, observed), torch.tensor([2.0]))
    close(given.log_prob(expected.rest), expected.log_prob)
    close(given.log_evidence, expected.log_evidence)
    assert given.sample((4,)).shape == (4, 1 - len(observed))


@WAYS
@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 3)], ids=str)
def test_no_rows(shape, observed):
    given = create(4)().given(torch.zeros(*shape, 4), observed, particles=10)
    assert given.log_evidence.shape == given.effective_sample_size.shape == given.log_evidence_error.shape == shape
    assert given.log_prob(torch.zeros(2)).shape == shape
    assert given.sample((5,)).shape == (5, *shape, 2)
    assert given.expectation(lambda u: u.sum(-1)).value.shape == shape


@WAYS
@pytest.mark.parametrize(("dtype", "atol"), [(torch.float32, 1e-4), (torch.bfloat16, 0.1)])
def test_models_of_other_types(dtype, atol, observed):
    model = create(4, 2, orders=2, conditionals=KINDS, scale=0.5)
    model.table.inputs[:] = torch.tensor([[1, 2, 3, 4], [2, 1, 4, 3]])
    x, context = evidence(model, mask(model, observed), 3), context_for(model)
    value = torch.zeros(2)
    expected = model(context).given(x, observed, seed=0)
    numbers = [expected.log_prob(value), expected.log_evidence]
    given = model.to(dtype)(context.to(dtype)).given(x.to(dtype), observed, seed=0)
    for found, number in zip([given.log_prob(value), given.log_evidence], numbers, strict=True):
        assert found.dtype == torch.float32
        close(found.double(), number, atol=atol + 5 * float(expected.log_evidence_error.max()))
    assert given.sample((5,)).dtype == torch.float32


@WAYS
def test_expand(observed):
    model = create(4, 2)
    given = model(context_for(model)).given(evidence(model, mask(model, observed), 3), observed, seed=0)
    larger = given.expand((2, 3))
    assert (larger.batch_shape, larger.event_shape) == ((2, 3), (2,))
    assert larger.sample((5,)).shape == (5, 2, 3, 2)
    value = torch.ones(2).double()
    error = 8 * float(given.log_evidence_error.max()) + 1e-12
    close(larger.log_prob(value), given.log_prob(value).expand(2, 3), atol=error)
    close(larger.log_evidence, given.log_evidence.expand(2, 3), atol=error)
    assert (larger.exact, larger.describes, larger.seed) == (given.exact, given.describes, given.seed)
    assert (larger.particles, larger.columns) == (given.particles, given.columns)


def test_expand_keeps_particles_and_columns():
    model = create(4)
    model.metadata["columns"] = ["a", "b", "c", "d"]
    larger = model().given(torch.zeros(4), [3], particles=20, seed=7).expand((2,))
    assert (larger.particles, larger.seed) == (20, 7)
    with pytest.raises(ValueError, match="column 'c'"):
        larger.log_prob([0, 0, 5])


def test_expand_does_not_shrink():
    with pytest.raises(RuntimeError, match="expand"):
        create(4)().given(torch.zeros(3, 4), [0]).expand((2,))


@pytest.mark.parametrize("order", [None, 0])
def test_an_expanded_density_can_be_asked(order):
    model = create(4, orders="any")
    given = model(order=order).expand((3,)).given(torch.zeros(4), [0])
    assert given.batch_shape == (3,)
    close(given.log_prob([0, 0, 1]), model(order=order).given(torch.zeros(4), [0]).log_prob([0, 0, 1]).expand(3))


@WAYS
def test_fill_puts_values_beside_the_evidence(observed):
    model = create(4, conditionals=KINDS)
    given = model().given([[1, 2, 0, 3], [0, 1, 1, 2]], observed)
    full = given.fill(torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]]]))
    assert full.shape == (2, 2, 4)
    rest = [i for i in range(4) if i not in observed]
    assert full[1, 0, rest].tolist() == [0.0, 1.0]
    assert full[:, 1, observed].tolist() == [[0.0, 1.0] if observed == [0, 1] else [1.0, 2.0]] * 2


def test_fill_does_not_change_the_evidence():
    given = create(4)().given(torch.zeros(4), [0, 1])
    given.fill(torch.ones(2))[:] = 7
    assert given.fill(torch.ones(2)).tolist() == [0, 0, 1, 1]


def test_the_support_is_that_of_the_unobserved_variables():
    given = create(4, conditionals=KINDS)().given(torch.zeros(4), [0, 2])
    assert isinstance(given, Distribution)
    assert given.support.is_discrete
    assert given.support.check(torch.tensor([[2.0, 3.0], [3.0, 3.0], [2.0, 4.0]])).tolist() == [True, False, False]
