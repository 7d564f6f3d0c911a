"""Orders with weights of their own: each member is what it would be alone, and the density is their mixture."""

import math

import pytest
import torch

import tailormade as tm
from tailormade.masks import Degrees

CONFIG = {"max_epochs": 3, "batch_size": 16, "seed": 0, "progress": False, "clip_norm": 0.0}


def rows(n=80, seed=0):
    return torch.randint(2, (n, 5), generator=torch.Generator().manual_seed(seed))


def ensemble(**options):
    return tm.MADE(5, hidden_units=(9,), orders=3, shared=False, direct=True, seed=0, **options)


def alone(model, k):
    """A model of one order with the start of member k."""
    single = tm.MADE(5, hidden_units=(9,), direct=True, seed=1, input_order=model.table[k].inputs.tolist())
    single.network.load_state_dict(model.networks[k].state_dict())
    return single


def test_members_start_differently_and_know_their_order():
    model = ensemble()
    weights = [network.layers[0].weight for network in model.networks]
    assert len(weights) == 3
    assert not torch.equal(weights[0], weights[1])
    assert [degrees.member for degrees in model.table] == [0, 1, 2]
    assert model.table[-1].member == 2
    shared = tm.MADE(5, orders=3, seed=0)
    assert [degrees.member for degrees in shared.table] == [0, 0, 0]
    assert len(shared.networks) == 1


def test_training_all_at_once_is_training_each_alone():
    model = ensemble()
    singles = [alone(model, k) for k in range(3)]
    history = tm.fit(model, rows(), config=tm.FitConfig(**CONFIG))
    nlls = []
    for k, single in enumerate(singles):
        own = tm.fit(single, rows(), config=tm.FitConfig(**CONFIG))
        nlls.append(own.records[-1]["train_nll"])
        for found, expected in zip(model.networks[k].parameters(), single.network.parameters(), strict=True):
            torch.testing.assert_close(found, expected)
    assert math.isclose(history.records[-1]["train_nll"], sum(nlls) / 3, rel_tol=1e-6)


def test_the_density_is_the_mixture_of_the_members():
    model = ensemble()
    tm.fit(model, rows(), config=tm.FitConfig(**CONFIG))
    each = torch.stack([model(order=k).log_prob(rows()) for k in range(3)])
    torch.testing.assert_close(model().log_prob(rows()), each.logsumexp(0) - math.log(3))
    for k in range(3):
        single = alone(model, k)
        for name in ("input_shift", "input_scale"):
            getattr(single, name).copy_(getattr(model, name))
        torch.testing.assert_close(single.log_prob(rows()), each[k])


def test_validation_is_by_the_mixture():
    model, valid = ensemble(), rows(40, seed=1)
    history = tm.fit(model, rows(), valid, config=tm.FitConfig(**CONFIG))
    assert math.isclose(history.best_nll, -model.log_prob(valid).mean().item(), rel_tol=1e-5)


def test_save_and_load(tmp_path):
    model = ensemble()
    tm.fit(model, rows(), config=tm.FitConfig(**CONFIG, folder=tmp_path / "m"))
    loaded = tm.load(tmp_path / "m")
    assert not loaded.shared
    assert torch.equal(loaded.log_prob(rows()), model.log_prob(rows()))
    assert torch.equal(*(m().sample((9,), generator=torch.Generator().manual_seed(0)) for m in (model, loaded)))


def test_evidence_weighs_the_members():
    model = ensemble()
    tm.fit(model, rows(), config=tm.FitConfig(**CONFIG))
    every = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 5)
    given = model().given([1.0, 0.0, 0.0, 0.0, 0.0], [0], particles=4000, seed=0)
    joint = model.log_prob(every).detach().exp()
    assert math.isclose(float(given.log_evidence.exp()), float(joint[every[:, 0] == 1].sum()), rel_tol=0.05)


def test_arguments():
    with pytest.raises(ValueError, match="shared: expected True with orders='any'"):
        tm.MADE(3, orders="any", shared=False)
    assert "shared" not in tm.MADE(3, orders=2).config()
    assert isinstance(ensemble().table[1], Degrees)


def test_an_order_for_each():
    orders = [[1, 2, 3, 4, 5], [5, 4, 3, 2, 1], "left-to-right"]
    model = tm.MADE(5, hidden_units=(9,), orders=3, shared=False, input_order=orders, seed=0)
    assert [d.inputs.tolist() for d in model.table] == [[1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [1, 2, 3, 4, 5]]
    assert model.config()["input_order"] == orders
    with pytest.raises(ValueError, match="input_order: expected one, or one for each of 2 orders, got 3"):
        tm.MADE(5, orders=2, input_order=orders)


def test_orders_for_each_are_kept(tmp_path):
    model = tm.MADE(3, hidden_units=(4,), orders=2, shared=False, input_order=["random", [3, 1, 2]], seed=0)
    tm.save(model, tmp_path / "m")
    loaded = tm.load(tmp_path / "m")
    assert [d.inputs.tolist() for d in loaded.table] == [d.inputs.tolist() for d in model.table]
    assert loaded.config() == model.config()
