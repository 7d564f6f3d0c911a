"""Which variables are observed: by number, by mask, by name, or wherever there is no NaN."""

import numpy as np
import pytest
import torch

from tailormade import MADE

NAMES = ["age", "work", "sex", "home"]
NAN = float("nan")


def density(columns=None, **options):
    model = MADE(4, hidden_units=(6,), orders="any", seed=0, **options)
    model.metadata["columns"] = columns
    return model()


NAMED = {
    "list": ["work", "home"],
    "other_sequence": ["home", "work"],
    "tuple": ("work", "home"),
    "set": {"work", "home"},
    "array": np.array(["work", "home"]),
    "numbers": [1, 3],
}


@pytest.mark.parametrize("case", NAMED)
def test_names(case):
    given = density(NAMES).given([0.0, 1.0, 0.0, 1.0], NAMED[case])
    assert given.unobserved.tolist() == [0, 2]


def test_one_name():
    assert density(NAMES).given(torch.zeros(4), "sex").unobserved.tolist() == [0, 1, 3]


def test_unknown_names():
    words = r"^observed: there is no column 'x3'; expected some of \['age', 'work', 'sex', 'home'\]\.$"
    with pytest.raises(ValueError, match=words):
        density(NAMES).given(torch.zeros(4), ["work", "x3"])


@pytest.mark.parametrize("names", [["x3"], "x3", ("x3",), np.array(["x3"])], ids=repr)
def test_names_of_a_model_without_any(names):
    words = (
        r"^observed: names are not known here, as the model has no names of columns; expected numbers of variables in "
        r"0\.\.3 or booleans, got \['x3'\]\.$"
    )
    with pytest.raises(TypeError, match=words):
        density().given(torch.zeros(4), names)


PATTERNS = {
    "one_row": ([NAN, 1.0, NAN, 0.0], [0, 2]),
    "rows_alike": ([[NAN, 1.0, NAN, 0.0], [NAN, 0.0, NAN, 0.0]], [0, 2]),
    "everything": ([1.0, 1.0, 1.0, 0.0], []),
    "nothing": ([NAN] * 4, [0, 1, 2, 3]),
    "whole_numbers": ([1, 1, 1, 0], []),
}


@pytest.mark.parametrize("case", PATTERNS)
def test_what_is_not_nan_is_observed(case):
    x, unobserved = PATTERNS[case]
    given = density().given(x)
    assert given.unobserved.tolist() == unobserved
    assert given.batch_shape == torch.tensor(x).shape[:-1]


DIFFERENT = {
    "rows": [[NAN, 1.0, NAN, 0.0], [NAN, 0.0, 1.0, 0.0]],
    "no_rows": torch.zeros(0, 4),
    "batch": torch.tensor([[NAN, 1, 1, 1], [1, NAN, 1, 1]]).expand(3, 2, 4),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_rows_with_different_patterns(case):
    words = r"^observed: expected one mask of shape \(4,\) for all rows, got .*; ask once for each pattern\.$"
    with pytest.raises(ValueError, match=words):
        density().given(DIFFERENT[case])


@pytest.mark.parametrize("observed", [None, torch.eye(2, 4).bool()], ids=["nan", "mask"])
def test_models_of_incomplete_rows_have_complete(observed):
    words = r"\(of a model built with missing=True, complete\(x\) takes another pattern of NaN in each row\)\.$"
    with pytest.raises(ValueError, match=words):
        density(missing=True).given(DIFFERENT["rows"], observed)


def test_the_shape_comes_first():
    with pytest.raises(ValueError, match=r"^x: expected shape \(\*, 4\), got \(3,\)"):
        density().given([NAN, 1.0, 0.0])
