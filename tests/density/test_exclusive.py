"""The start of a density of binary columns that exclude each other."""

import numpy as np
import pytest
import torch
from helpers import every_state, fill

from tailormade import MADE, Bernoulli, Categorical, FitConfig, fit
from tailormade.density.exclusive import exclusive_start

COUNTS = [3000, 1200, 600, 3]  # rows of each value of a category


def one_hot(left_out=0):
    """Rows of a category of four values as a one-hot code, the last columns left out."""
    values = np.repeat(np.arange(4), COUNTS)
    return torch.from_numpy(np.eye(4, dtype=np.uint8)[values][:, : 4 - left_out])


def adapted(x, **options):
    """A density whose hidden units say nothing, after ``adapt``."""
    options = {"hidden_units": (8,), "direct": True, "seed": 0, **options}
    model = fill(MADE(x.shape[1], **options).double(), 0.0)
    model.adapt(x)
    return model


@pytest.mark.parametrize("order", ["left-to-right", "right-to-left", [3, 1, 4, 2]])
@pytest.mark.parametrize("left_out", [0, 1])
def test_a_one_hot_code_starts_as_its_category(order, left_out):
    x = one_hot(left_out)
    if left_out and order == [3, 1, 4, 2]:
        order = [3, 1, 2]
    model = adapted(x, input_order=order)
    with torch.no_grad():
        probability = model.log_prob(torch.eye(4)[:, : 4 - left_out].double()).exp()
    frequency = np.array(COUNTS) / sum(COUNTS)
    assert probability.numpy() == pytest.approx(frequency, rel=0.2, abs=2e-3)


def test_each_logit_is_that_of_the_formula():
    """By counting rows in plain Python, in a random order."""
    rng = np.random.default_rng(0)
    category, other = rng.integers(0, 4, 800), rng.random((800, 2)) < 0.4
    x = np.concatenate([np.eye(4)[category][:, :3], other], 1).astype(int)
    order = rng.permutation(5) + 1
    model = adapted(torch.from_numpy(x), input_order=order)
    rows = every_state(model)
    with torch.no_grad():
        logits = model.params(rows, None, model.table[0])
    trials = sum(x[:, j].sum() for i in range(3) for j in range(3) if order[j] < order[i])
    for i in range(5):
        before = [j for j in range(3) if i < 3 and order[j] < order[i]]
        free = [row for row in x if not any(row[j] for j in before)]
        hits = sum(row[i] for row in free)
        h = np.log((hits + 0.5) / (len(free) - hits + 0.5))
        for row, logit in zip(rows.tolist(), logits[:, i].tolist(), strict=True):
            told = sum(-np.log(2 * trials + 1) - h for j in before if row[j])
            assert logit == pytest.approx(h + told, abs=1e-8)


def test_columns_that_may_have_missed_each_other_by_chance_start_as_independent():
    x = torch.zeros(100, 2)
    x[:20, 0], x[20:40, 1] = 1.0, 1.0  # independent columns would meet 4 times
    assert exclusive_start(x, torch.tensor([1, 2])) is None
    assert adapted(x).network.direct.weight.abs().max() == 0.0


def test_columns_that_met_once_start_as_independent():
    x = torch.cat([one_hot(), torch.tensor([[1, 1, 0, 0]])])
    weights, _ = exclusive_start(x, torch.arange(1, 5))
    assert weights[1, 0] == 0.0
    assert weights[2, 0] < -3.0


def test_columns_far_apart_exclude_each_other_one_by_one():
    x = one_hot()
    noise = torch.from_numpy(np.random.default_rng(0).random((len(x), 1)) < 0.5)
    weights, logits = exclusive_start(torch.cat([x[:, :1], noise, x[:, 1:2]], 1), torch.arange(1, 4))
    assert weights[2, 0] == pytest.approx(float(-np.log(2 * COUNTS[0] + 1) - logits[2]))
    assert not weights[1].any()
    assert weights[2, 1] == 0.0


def test_rare_values_of_a_category_are_known_from_the_others():
    x = one_hot()
    assert COUNTS[3] * COUNTS[1] / sum(COUNTS) < 10  # these two columns may have missed each other by chance
    weights, _ = exclusive_start(x, torch.arange(1, 5))
    assert weights[3, 1] < -5.0


def test_only_columns_before_one_tell_it_something():
    weights, _ = exclusive_start(one_hot(), torch.tensor([4, 3, 2, 1]))
    assert torch.equal(weights != 0, torch.ones(4, 4).triu(1).bool() & (weights != 0))
    assert (weights[0, 1:3] != 0).all()


OTHERS = {
    "no direct connection": {"direct": False},
    "several orders": {"orders": 2},
    "any order": {"orders": "any"},
    "other conditionals": {"conditionals": [Bernoulli(), Bernoulli(), Bernoulli(), Categorical(2)]},
    "incomplete rows": {"missing": True},
}


@pytest.mark.parametrize("case", OTHERS)
def test_other_models_start_from_the_marginals(case):
    model = adapted(one_hot(), **OTHERS[case])
    assert all(not p.any() for name, p in model.named_parameters() if "bias" not in name)
    with torch.no_grad():
        first = model.log_prob(torch.eye(4)[:1].double())
    marginals = np.array(COUNTS) / sum(COUNTS)
    expected = np.log(marginals[0]) + np.log(1 - marginals[1:]).sum()
    assert first.item() == pytest.approx(expected, abs=0.05)


def test_rows_are_counted_over_blocks():
    x = one_hot().repeat(5, 1)  # 24,015 rows
    weights, logits = exclusive_start(x, torch.arange(1, 5))
    ones = x.double().sum(0)
    assert logits[0] == pytest.approx(float(torch.log((ones[0] + 0.5) / (len(x) - ones[0] + 0.5))))
    trials = 3 * ones[0] + 2 * ones[1] + ones[2]
    assert weights[3, 0] == pytest.approx(float(-torch.log(2 * trials + 1) - logits[3]))


def test_a_fit_of_one_hot_columns_is_that_of_the_categories_from_the_first_epoch():
    rng = np.random.default_rng(1)
    x = np.concatenate([np.eye(4, dtype=np.uint8)[rng.integers(0, 4, 1000)] for _ in range(10)], 1)
    nll = []
    for adapt in (True, False):
        model = MADE(40, hidden_units=(32,), direct=True, seed=0)
        config = FitConfig(max_epochs=2, adapt=adapt, seed=0, progress=False)
        nll.append(fit(model, x[:800], x[800:], config=config).records[1]["valid_nll"])
    assert nll[0] < 10 * np.log(4) + 0.6 < nll[1] - 1.0
