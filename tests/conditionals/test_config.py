"""Conditionals as JSON, and back."""

import json

import pytest

from tailormade import Bernoulli, Categorical
from tailormade.conditionals import conditional_from_config


@pytest.mark.parametrize(
    ("family", "config"),
    [(Bernoulli(), {"family": "Bernoulli"}), (Categorical(7), {"family": "Categorical", "categories": 7})],
    ids=["bernoulli", "categorical"],
)
def test_round_trip(family, config):
    assert family.config() == config
    assert conditional_from_config(json.loads(json.dumps(config))) == family


WRONG = {
    "unknown": ({"family": "Normalish"}, r"conditional: expected one of \['Bernoulli'.*got 'Normalish'"),
    "missing": ({"categories": 3}, "conditional: expected one of .* got None"),
    "missing_argument": ({"family": "Categorical"}, "conditional Categorical: .*categories"),
    "unknown_argument": ({"family": "Bernoulli", "categories": 3}, "conditional Bernoulli: .*categories"),
    "out_of_range": ({"family": "Categorical", "categories": 0}, "categories: expected at least 1, got 0"),
    "wrong_type": ({"family": "Categorical", "categories": "many"}, "conditional Categorical"),
}


@pytest.mark.parametrize("case", WRONG)
def test_configs_that_are_refused(case):
    config, message = WRONG[case]
    with pytest.raises(ValueError, match=message):
        conditional_from_config(config)


def test_reading_leaves_the_config_as_it_was():
    config = {"family": "Categorical", "categories": 7}
    conditional_from_config(config)
    assert config == {"family": "Categorical", "categories": 7}


@pytest.mark.parametrize("categories", [0, -1])
def test_number_of_categories(categories):
    with pytest.raises(ValueError, match=f"categories: expected at least 1, got {categories}"):
        Categorical(categories)
