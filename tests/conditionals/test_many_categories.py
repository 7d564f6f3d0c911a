"""What 10,000 categories cost: no array of rows x categories goes into a network, and only logits come out of it.

The input of a column of many categories is a code of 64 numbers, looked up in a table of 10,000 x 64 that does not
grow with the batch. The output side needs a logit for each category, so that ``log_prob`` makes arrays of rows x 10,000
once the last layer is reached, and of these a fixed number: the logits, and what the log-softmax makes of them.
"""

from math import prod

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from tailormade import MADE, Bernoulli, Categorical
from tailormade.conditionals import Layout, Normal
from tailormade.tables import Column

CATEGORIES, ROWS = 10_000, 1000
LARGE = ROWS * CATEGORIES


class Made(TorchDispatchMode):
    """Record the shape of every tensor that an operation makes, views of its arguments left out."""

    def __init__(self):
        super().__init__()
        self.shapes = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        known = {t.untyped_storage().data_ptr() for t in tree_leaves((args, kwargs)) if isinstance(t, torch.Tensor)}
        made = [t for t in tree_leaves(out) if isinstance(t, torch.Tensor)]
        self.shapes += [tuple(t.shape) for t in made if t.untyped_storage().data_ptr() not in known]
        return out

    @property
    def large(self):
        """Those with a number for each row and category, or more."""
        return [shape for shape in self.shapes if prod(shape) >= LARGE]


def column_of_many():
    return Column("city", "categorical", tuple(f"c{i:05}" for i in range(CATEGORIES))).conditional()


def one_hot():
    return Categorical(CATEGORIES)


def layout_of(many):
    return Layout([Bernoulli(), many, Normal()], missing=True)


def rows():
    generator = torch.Generator().manual_seed(0)
    city = torch.randint(CATEGORIES, (ROWS,), generator=generator).float()
    x = torch.stack([(city > 5000).float(), city, torch.randn(ROWS, generator=generator)], 1)
    return x.masked_fill(torch.rand(x.shape, generator=generator) < 0.1, torch.nan)


def model_of(many):
    torch.manual_seed(0)
    return MADE(3, conditionals=layout_of(many).conditionals, hidden_units=(32,), direct=True, missing=True)


@pytest.fixture(scope="module", autouse=True)
def _table_of_codes():
    """Looked up once and kept, whatever the batches are."""
    layout_of(column_of_many()).encode(torch.zeros(1, 3))


def encoded(many):
    with Made() as made:
        inputs = layout_of(many).encode(rows())
    return made, inputs


def test_a_table_gives_many_categories_a_code():
    assert column_of_many().width == 64
    assert sum(layout_of(column_of_many()).input_sizes) == 1 + 64 + 1 + 3


def test_inputs_hold_no_number_for_each_row_and_category():
    made, inputs = encoded(column_of_many())
    assert inputs.shape == (ROWS, 69)
    assert max(map(prod, made.shapes)) <= ROWS * 69


def test_one_hot_inputs_would():
    assert encoded(one_hot())[0].large


@torch.no_grad()
@pytest.mark.parametrize("evidence", [False, True])
def test_all_that_is_large_in_the_network_are_its_logits(evidence):
    model, x = model_of(column_of_many()), rows()
    seen = torch.tensor([True, False, False]).expand_as(x) if evidence else None
    with Made() as made:
        model.params(x, None, model.table[0], seen)
    logits = (ROWS, 1 + CATEGORIES + Normal().params)
    assert set(made.large) == {logits}
    others = [prod(shape) for shape in made.shapes if shape[:1] == (ROWS,) and shape != logits]
    assert max(others) <= ROWS * 69


@torch.no_grad()
def test_a_score_makes_a_few_arrays_of_logits():
    model = model_of(column_of_many())
    with Made() as made:
        model.log_prob(rows())
    # the last layer, the direct connection, their sum, and the log-softmax
    assert 0 < len(made.large) <= 4


def test_weights_into_the_network_do_not_grow_with_the_categories():
    first = model_of(column_of_many()).network.layers[0].weight
    assert first.shape == (32, 69)
