"""What cannot be asked, and what is said then; what may be asked in other forms."""

import numpy as np
import pytest
import torch
from queries.enumerated import create

from tailormade import Bernoulli, Categorical
from tailormade.queries import observed_mask

KINDS = [Bernoulli(), Categorical(3), Bernoulli(), Categorical(4)]
NAMES = ["age", "work", "sex", "home"]
NAN = float("nan")


def density(columns=None, **options):
    model = create(4, conditionals=KINDS, **options)
    model.metadata["columns"] = columns
    return model


WRONG = {
    "narrow": ([1, 0, 0], [0], r"^x: expected shape \(\*, 4\), got \(3,\)\.$"),
    "wide": (torch.zeros(2, 5), [0], r"^x: expected shape \(\*, 4\), got \(2, 5\)\.$"),
    "scalar": (1.0, [0], r"^x: expected shape \(\*, 4\), got \(\)\.$"),
    "short_mask": ([0] * 4, [True, False], r"^observed: expected one mask of shape \(4,\) for all rows, got \(2,\)"),
    "mask_for_each_row": (
        torch.zeros(2, 4),
        torch.ones(2, 4, dtype=torch.bool),
        r"^observed: expected one mask of shape \(4,\) for all rows, got \(2, 4\); ask once for each pattern\.$",
    ),
    "no_mask_for_any_row": (
        [0] * 4,
        torch.ones(0, 4, dtype=torch.bool),
        r"^observed: expected one mask .* got \(0, 4\)",
    ),
    "too_large": ([0] * 4, [1, 4], r"^observed: expected numbers of variables in 0\.\.3, got \[1, 4\]\.$"),
    "negative": ([0] * 4, [-1], r"^observed: expected numbers of variables in 0\.\.3, got \[-1\]\.$"),
    "matrix_of_numbers": (
        [0] * 4,
        [[0, 1]],
        r"^observed: expected numbers of variables in 0\.\.3, got \[\[0, 1\]\]\.$",
    ),
    "one_number": ([0] * 4, 2, r"^observed: expected numbers of variables in 0\.\.3, got 2\.$"),
    "unknown_category": ([0, 3, 0, 0], [0, 1], r"^x: column '1' has 3 in row 0 .*, expected an integer in 0\.\.2"),
    "no_bit": ([[0] * 4, [0, 0, 0.5, 0]], [2], r"^x: column '2' has 0\.5 in row 1 .*, expected 0 or 1"),
    "nan": ([0, NAN, 0, 0], [0, 1], r"^x: column '1' has nan in row 0"),
    "infinite": ([0, float("inf"), 0, 0], [1], r"^x: column '1' has inf in row 0"),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("orders", [1, "any"])
def test_wrong_evidence(case, orders):
    x, observed, message = WRONG[case]
    with pytest.raises(ValueError, match=message):
        density(orders=orders)().given(x, observed)


@pytest.mark.parametrize("observed", [[0.0, 1.0], torch.ones(4), np.array([0.5]), [1j]], ids=str)
def test_observed_is_whole_numbers_or_booleans(observed):
    with pytest.raises(TypeError, match=r"^observed: expected booleans or numbers of variables, got torch\.\w+\.$"):
        density()().given(torch.zeros(4), observed)


@pytest.mark.parametrize("particles", [1, 0, -5])
@pytest.mark.parametrize("observed", [[0], [3]], ids=["exact", "weighted"])
def test_too_few_particles(observed, particles):
    with pytest.raises(ValueError, match=f"^particles: expected at least 2, got {particles}"):
        density()().given(torch.zeros(4), observed, particles=particles)


def test_batches_that_do_not_fit():
    model = create(4, 2)
    with pytest.raises(ValueError, match=r"^x: batch shape \(5,\) does not broadcast .*, \(3,\)\.$"):
        model(torch.zeros(3, 2)).given(torch.zeros(5, 4), [0])
    given = model(torch.zeros(3, 2)).given(torch.zeros(4), [0])
    with pytest.raises(ValueError, match=r"^value: batch shape \(2,\) does not broadcast .*, \(3,\)\.$"):
        given.log_prob(torch.zeros(2, 3))


def test_columns_are_named():
    with pytest.raises(ValueError, match=r"^x: column 'work' has 7 in row 0"):
        density(NAMES)().given([0, 7, 0, 0], [1, 2])
    with pytest.raises(ValueError, match=r"^value: column 'home' has 9 in row 0"):
        density(NAMES)().given([0, 2, 0, 0], [1, 2]).log_prob([0, 9])


OUTSIDE = {
    "two": ([2.0, 0, 0], r"^value: column '0' has 2 in row 0 .*, expected 0 or 1 \(Bernoulli\)"),
    "in_a_batch": ([[0, 0, 0], [0, 0, 4.0]], r"^value: column '3' has 4 in row 1 .*, expected an integer in 0\.\.3"),
    "nan": ([0, NAN, 0], r"^value: column '2' has nan"),
    "narrow": ([0, 0], r"^value: expected event_shape \(3,\), got shape \(2,\)"),
    "complete": ([0, 0, 0, 0], r"^value: expected event_shape \(3,\), got shape \(4,\)"),
    "scalar": (0, r"^value: expected event_shape \(3,\), got shape \(\)"),
}


@pytest.mark.parametrize("case", OUTSIDE)
def test_wrong_values(case):
    value, message = OUTSIDE[case]
    with pytest.raises(ValueError, match=message):
        density()().given([0, 2, 0, 0], [1]).log_prob(torch.tensor(value))


def test_validation_can_be_turned_off():
    model = density()
    dist = model()
    dist._validate_args = False
    given = dist.given([0.5, 0, 0, 0], [0])
    assert bool(given.log_prob([0.0, 0.5, 0.0]).isfinite())


@pytest.mark.parametrize("hidden", [NAN, 99.0, -1.0])
def test_unobserved_values_are_not_read(hidden):
    dist = density()()
    expected = dist.given([1, 2, 0, 0], [0, 1])
    given = dist.given([1, 2, hidden, hidden], [0, 1])
    value = torch.tensor([1.0, 3.0])
    assert torch.equal(given.log_prob(value), expected.log_prob(value))
    assert torch.equal(given.log_evidence, expected.log_evidence)
    assert torch.equal(given.fill(value), torch.tensor([1.0, 2, 1, 3]).double())
    assert bool(given.sample((20,)).isfinite().all())


MASKS = [[False, True, True, False], (1, 2), [2, 1, 2], range(1, 3), np.array([1, 2]), np.array([0, 1, 1, 0], bool)]
MASKS += [torch.tensor([1, 2], dtype=torch.uint8), torch.tensor([False, True, True, False])]


@pytest.mark.parametrize("observed", MASKS, ids=str)
@pytest.mark.parametrize("kind", [list, tuple, np.array, np.float32, torch.tensor, lambda x: torch.tensor(x).bool()])
def test_lists_and_arrays_of_any_kind(kind, observed):
    model = density(orders="any")
    x, value = kind([0, 1, 1, 0]), torch.zeros(2)
    expected = model().given(torch.tensor([0.0, 1, 1, 0]), [1, 2])
    assert torch.equal(model().given(x, observed).log_prob(value), expected.log_prob(value))
    assert torch.equal(model().given(x, observed).log_prob([0, 0]), expected.log_prob(value))


@pytest.mark.parametrize("observed", [[], (), torch.zeros(0), np.array([]), torch.zeros(4, dtype=torch.bool)], ids=str)
def test_nothing_may_be_observed(observed):
    assert observed_mask(observed, 4).tolist() == [False] * 4
