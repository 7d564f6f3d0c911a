"""``adapt``: what is read off the data before training starts."""

import numpy as np
import pytest
import torch
from helpers import every_state, fill, redraw

from tailormade import MADE, Bernoulli, Categorical

ROWS = torch.tensor([[1.0, 2, 0, 1], [1, 0, 0, 1], [0, 2, 0, 1], [1, 2, 0, 0], [1, 1, 0, 1]])
KINDS = [Bernoulli(), Categorical(3), Bernoulli(), Categorical(4)]


def density(context=0, **options):
    options = {"hidden_units": (8, 8), "seed": 0, "conditionals": KINDS, **options}
    return MADE(4, context, **options).double()


def smoothed(column, values):
    """Frequencies with half a count added to each value."""
    counts = np.array([(column == v).sum() for v in range(values)]) + 0.5
    return counts / counts.sum()


def independent(x):
    """Log-probability of rows under independent smoothed marginals, by numpy."""
    tables = [smoothed(column, values) for column, values in zip(ROWS.numpy().T, (2, 3, 2, 4), strict=True)]
    return [sum(np.log(t[int(v)]) for t, v in zip(tables, row, strict=True)) for row in x.tolist()]


@pytest.mark.parametrize("options", [{}, {"orders": 3}, {"residual": True, "direct": True}, {"hidden_units": ()}])
def test_with_zero_weights_the_density_is_that_of_independent_variables(options):
    model = fill(density(**options), 0.0)
    model.adapt(ROWS)
    states = every_state(model)
    expected = torch.tensor(independent(states), dtype=torch.float64)
    torch.testing.assert_close(model.log_prob(states), expected, atol=1e-10, rtol=0)


def test_inputs_are_centred_and_not_scaled():
    model = density()
    model.adapt(ROWS)
    assert model.input_shift.tolist() == pytest.approx([0.8, 0.2, 0.2, 0.6, 0.0, 0.2, 0.8, 0.0, 0.0])
    assert model.input_scale.tolist() == [1.0] * 9


def test_the_network_sees_inputs_shifted_and_scaled():
    model = redraw(density())
    model.adapt(ROWS)
    model.input_scale.fill_(2.0)
    inputs = (model.layout.encode(ROWS.double()) - model.input_shift) / 2
    expected = model.network(inputs, None, model.table[0])
    torch.testing.assert_close(model.params(ROWS, None, model.table[0]), expected, atol=1e-12, rtol=0)


def test_context_is_standardised():
    model, context = density(2), torch.randn(5, 2, dtype=torch.float64) * torch.tensor([3.0, 0.1]) + 7.0
    model.adapt(ROWS, context)
    scaled = (context - model.context_shift) / model.context_scale
    torch.testing.assert_close(scaled.mean(0), torch.zeros(2).double(), atol=1e-10, rtol=0)
    torch.testing.assert_close(scaled.std(0, correction=0), torch.ones(2).double(), atol=1e-10, rtol=0)


def test_what_is_standardised_is_what_the_network_sees():
    plain, adapted = redraw(density(2)), redraw(density(2))
    context = torch.randn(5, 2, dtype=torch.float64) * 3.0 + 7.0
    adapted.adapt(ROWS, context)
    plain.load_state_dict({**adapted.state_dict(), "context_shift": torch.zeros(2), "context_scale": torch.ones(2)})
    scaled = (context - adapted.context_shift) / adapted.context_scale
    x = ROWS.double()
    torch.testing.assert_close(adapted.log_prob(x, context), plain.log_prob(x, scaled), atol=1e-10, rtol=0)


def test_constant_context_is_only_shifted():
    model = density(2)
    model.adapt(ROWS, torch.full((5, 2), 7.0))
    assert model.context_scale.tolist() == [1.0, 1.0]
    assert model.context_shift.tolist() == [7.0, 7.0]


def test_moments_are_accumulated_over_blocks():
    model = MADE(3, 1, hidden_units=(4,)).double()
    x = torch.bernoulli(torch.full((25_001, 3), 0.3, dtype=torch.float64))
    context = torch.randn(25_001, 1, dtype=torch.float64)
    model.adapt(x, context)
    torch.testing.assert_close(model.input_shift, x.mean(0), atol=1e-10, rtol=0)
    torch.testing.assert_close(model.context_scale, context.std(0, correction=0), atol=1e-10, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int64])
def test_rows_of_any_type(dtype):
    model, expected = density(), density()
    model.adapt(ROWS.to(dtype))
    expected.adapt(ROWS.double())
    torch.testing.assert_close(model.log_prob(ROWS), expected.log_prob(ROWS), atol=1e-12, rtol=0)


@pytest.mark.parametrize("orders", [1, 3])
def test_an_adapted_density_is_a_density(orders):
    model = redraw(density(orders=orders))
    model.adapt(ROWS)
    total = model.log_prob(every_state(model)).logsumexp(0)
    torch.testing.assert_close(total, torch.zeros(()).double(), atol=1e-10, rtol=0)


def test_adapting_keeps_the_types():
    model = MADE(4, 2, hidden_units=(4,), conditionals=KINDS)
    model.adapt(ROWS.double(), torch.randn(5, 2).double())
    assert {value.dtype for value in model.state_dict().values()} == {torch.float32, torch.int64}


WRONG = {
    "no_rows": (torch.zeros(0, 4), None),
    "one_column": (torch.ones(5, 1), None),
    "too_many_columns": (torch.ones(5, 5), None),
    "context_rows": (ROWS, torch.zeros(4, 2)),
    "context_width": (ROWS, torch.zeros(5, 1)),
}


@pytest.mark.parametrize("case", WRONG)
def test_rows_that_do_not_fit(case):
    x, context = WRONG[case]
    model = density(0 if context is None else 2)
    with pytest.raises(ValueError, match="expected"):
        model.adapt(x, context)
