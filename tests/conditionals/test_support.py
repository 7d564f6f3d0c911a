"""Which values are in the support, of all variables and of some."""

import pytest
import torch

from tailormade import Bernoulli, Categorical
from tailormade.conditionals import Layout
from tailormade.conditionals.support import EventSupport, check_part, check_values

LAYOUT = Layout([Bernoulli(), Categorical(3), Bernoulli(), Categorical(5)])
GOOD = torch.tensor([[0.0, 2, 1, 4], [1, 0, 0, 0]])


def test_a_layout_of_some_variables():
    part = LAYOUT.part([3, 0])
    assert part.conditionals == (Categorical(5), Bernoulli())
    assert part.in_support(torch.tensor([[4.0, 1], [1, 4]])).tolist() == [[True, True], [True, False]]


@pytest.mark.parametrize("batch", [(), (3,), (0,), (2, 3)], ids=str)
def test_events_of_no_variables_are_all_in_the_support(batch):
    support = EventSupport(LAYOUT.part([]))
    assert support.is_discrete
    assert torch.equal(support.check(torch.zeros(*batch, 0)), torch.ones(batch, dtype=torch.bool))
    check_values(LAYOUT.part([]), "x", torch.zeros(*batch, 0))


def test_good_values():
    check_values(LAYOUT, "x", GOOD)
    check_part(LAYOUT, "x", GOOD[:, [1, 3]], [1, 3])
    check_part(LAYOUT, "x", torch.zeros(2, 0), [])
    assert EventSupport(LAYOUT).check(GOOD).tolist() == [True, True]


def test_the_number_of_a_variable_is_that_in_the_whole_layout():
    with pytest.raises(
        ValueError, match=r"^x: column '3' has 5 in row 1 \(counted from 0\), expected an integer in 0\.\.4"
    ):
        check_part(LAYOUT, "x", torch.tensor([[0.0, 4], [1, 5]]), [2, 3])


def test_the_name_of_a_variable_is_its_own():
    with pytest.raises(ValueError, match=r"^given: column 'd' has 5 in row 0"):
        check_part(LAYOUT, "given", torch.tensor([0.0, 5]), [2, 3], ["a", "b", "c", "d"])


def test_the_sequence_of_variables_is_that_of_the_values():
    check_part(LAYOUT, "x", torch.tensor([4.0, 1]), [3, 0])
    with pytest.raises(ValueError, match=r"^x: column '0' has 4 in row 0 .*, expected 0 or 1"):
        check_part(LAYOUT, "x", torch.tensor([1.0, 4]), [3, 0])
