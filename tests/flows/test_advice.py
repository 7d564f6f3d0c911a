"""Rows to which no flow can be fitted well are warned of, ordinary ones are not."""

import warnings

import pytest
import torch
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

import tailormade as tm
from tailormade.flows.advice import FlowDataWarning, advise


def normal(rows=500, columns=3, seed=0):
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))


def silent(x):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        advise(x)


COPIES = {
    "copy": lambda x: x[:, 0],
    "negative": lambda x: 7 - x[:, 1],
    "scaled": lambda x: 1e6 + 2.54 * x[:, 0].double(),
    "sum": lambda x: x[:, 0] + 2 * x[:, 1] - x[:, 2],
}


@pytest.mark.parametrize("name", COPIES)
def test_a_column_that_others_determine_is_named(name):
    x = normal()
    rows = torch.cat([x, COPIES[name](x)[:, None]], 1)
    with pytest.warns(FlowDataWarning, match="columns 'd' are copies of earlier columns.*leave these columns out"):
        advise(rows, ["a", "b", "c", "d"])


def test_columns_after_a_copy_are_judged_without_it():
    x = normal()
    with pytest.warns(FlowDataWarning, match="columns 1, 3 are copies"):
        advise(torch.stack([x[:, 0], x[:, 0], x[:, 1], x[:, 0] - x[:, 1], x[:, 2]], 1))


def test_a_value_far_out_is_named():
    x = normal(rows=2_000_000, columns=1)
    x = torch.cat([x, x.flip(0)], 1)
    x[3, 1] = 1e9
    with pytest.warns(FlowDataWarning, match="columns 1 have values more than 1000 standard deviations"):
        advise(x)


@pytest.mark.parametrize("load", [load_iris, load_wine, load_diabetes, load_breast_cancer])
def test_ordinary_tables_pass_in_silence(load):
    silent(torch.from_numpy(load().data))
    silent(torch.from_numpy(load().data).float())


def test_near_copies_heavy_tails_and_few_rows_pass_in_silence():
    x = normal(2000, 2)
    silent(torch.stack([x[:, 0], x[:, 0] + 1e-3 * x[:, 1]], 1))
    silent(torch.distributions.StudentT(2.0).sample((5000, 2)))
    silent(normal(rows=5, columns=8))
    silent(1e8 + normal(columns=2).double())


def test_fit_warns_before_training():
    x = normal(columns=2)
    flow = tm.MAF(3, transforms=1, hidden_units=(4,), seed=0)
    config = tm.FitConfig(max_epochs=1, seed=0, progress=False)
    with pytest.warns(FlowDataWarning, match="columns 2 are copies") as caught:
        tm.fit(flow, torch.cat([x, x[:, :1]], 1), config=config)
    assert caught[0].filename == __file__


def conditional(tmp_path):
    """A flow fitted to contexts in 0..1 and 10..20, saved and loaded."""
    c = torch.stack([torch.linspace(0, 1, 50), torch.linspace(10, 20, 50)], 1)
    flow = tm.MAF(2, context=2, transforms=1, hidden_units=(8,), seed=0)
    flow.metadata["context_columns"] = ["time", "heat"]
    tm.fit(flow, normal(50, 2), context=c, config=tm.FitConfig(max_epochs=1, seed=0, progress=False))
    tm.save(flow, tmp_path / "m")
    return tm.load(tmp_path / "m")


def test_a_context_far_from_those_fitted_to_is_warned_of_once(tmp_path):
    flow = conditional(tmp_path)
    with pytest.warns(FlowDataWarning, match="context: columns 'heat' have values more than 3 ranges") as caught:
        flow(torch.tensor([[0.5, 15.0], [0.5, 51.0]]))
    assert caught[0].filename == __file__
    flow(torch.tensor([0.5, 51.0]))


def test_contexts_that_are_near_enough_pass_in_silence(tmp_path):
    flow = conditional(tmp_path)
    flow(torch.tensor([[3.9, 49.0], [-2.9, -19.0]]))
    flow(torch.zeros(0, 2))
