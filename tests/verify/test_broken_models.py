"""Checks of masks, of probabilities and of files fail on a model that is broken on purpose, and say by how much."""

import pytest
import torch
from broken import ARCHITECTURES, assert_failed, build

import tailormade.density.made as made
import tailormade.masks.degrees as degrees_module
import tailormade.nn.masked_network as masked_network
import tailormade.store as store
from tailormade import MADE
from tailormade.verify import check_autoregressive, check_normalised, check_round_trip, check_sampler


@pytest.fixture(params=list(ARCHITECTURES))
def model(request):
    return build(**ARCHITECTURES[request.param])


def to_itself(below, above, *, output):
    """A mask whose outputs see their own variable."""
    return degrees_module.create_autoregressive_mask(below, above, False, True, torch.bool)


@pytest.fixture
def own_values_seen(monkeypatch):
    monkeypatch.setattr(masked_network, "weight_mask", to_itself)


DERIVATIVE = r"largest forbidden derivative (0\.0*[1-9]|[1-9])"


@pytest.mark.usefixtures("own_values_seen")
def test_values_that_see_themselves(model):
    assert_failed(check_autoregressive(model), DERIVATIVE)
    assert_failed(check_normalised(model), r"sum to 1 within (0\.|[1-9]|\de-0[1-5])")


def one_more(pair):
    """Masks with a single connection too many, from below degree ``pair[0]`` to ``pair[1]`` above."""

    def mask(below, above, *, output):
        allowed = degrees_module.weight_mask(below, above, output=output)
        more = torch.zeros_like(allowed)
        rows, columns = torch.nonzero(above == pair[1]), torch.nonzero(below == pair[0])
        if output and len(rows) and len(columns):
            more[rows[0], columns[0]] = True
        return allowed | more

    return mask


@pytest.mark.parametrize("pair", [(4, 4), (5, 1), (3, 2)], ids=str)
def test_one_connection_too_many(pair, monkeypatch):
    monkeypatch.setattr(masked_network, "weight_mask", one_more(pair))
    assert_failed(check_autoregressive(build(hidden_units=())), DERIVATIVE)


def test_one_connection_too_many_in_one_of_three_orders(monkeypatch):
    model = build(orders=3, hidden_units=())
    bad = model.table[2].inputs

    def mask(below, above, *, output):
        change = one_more((5, 2)) if torch.equal(above, bad) else degrees_module.weight_mask
        return change(below, above, output=output)

    monkeypatch.setattr(masked_network, "weight_mask", mask)
    assert_failed(check_autoregressive(model), DERIVATIVE)


@pytest.mark.parametrize("broken", ["direct", "hidden"])
def test_degrees_that_imply_forbidden_paths(broken, monkeypatch):
    # the masks that are multiplied, beside those that the network uses
    if broken == "direct":
        model = build(direct=True)
        monkeypatch.setattr(degrees_module.Degrees, "direct_mask", lambda self: torch.ones(5, 5, dtype=torch.bool))
    else:
        model = build()
        monkeypatch.setattr(degrees_module, "weight_mask", to_itself)
    assert_failed(check_autoregressive(model), r"[1-9]\d* forbidden paths")


@pytest.mark.parametrize("break_direct", [True, False])
def test_a_forbidden_direct_connection(break_direct, monkeypatch):
    masks = masked_network.MaskedNetwork._masks

    def unmasked(self, degrees):
        hidden, direct = masks(self, degrees)
        return hidden, torch.ones_like(direct) if break_direct else direct

    monkeypatch.setattr(masked_network.MaskedNetwork, "_masks", unmasked)
    assert check_autoregressive(build(direct=True)).passed != break_direct


def test_context_that_is_not_seen(recwarn):
    # without units of degree 0 nothing carries context to the first variable
    model = build(features=3, context=1, hidden_units=(3,), hidden_degrees=[[1, 1, 2]])
    assert_failed(check_autoregressive(model), "context misses 1 outputs")


def patch_log_probs(monkeypatch, change):
    original = MADE.conditional_log_probs
    monkeypatch.setattr(MADE, "conditional_log_probs", lambda *a: change(original(*a)))


@pytest.mark.parametrize("factor", [1.001, 0.999, 2.0])
def test_a_density_with_the_wrong_scale(factor, model, monkeypatch):
    patch_log_probs(monkeypatch, lambda logs: logs * factor)
    assert_failed(check_normalised(model), r"sum to 1 within (0\.|[1-9]|\de-0[1-5])")


@pytest.mark.parametrize("shift", [1e-5, -1e-5])
def test_a_density_that_adds_up_to_something_else(shift, model, monkeypatch):
    patch_log_probs(monkeypatch, lambda logs: logs + shift)
    assert_failed(check_normalised(model), r"sum to 1 within (0\.0001|\de-0[45])")


@pytest.mark.parametrize("context", [0, 2])
def test_logits_averaged_over_orders(context, monkeypatch):
    # the mean of log-probabilities in place of the log of the mean of probabilities
    monkeypatch.setattr(made, "log_mean_exp", lambda logs: logs.mean(0))
    assert_failed(check_normalised(build(orders=3, context=context)), r"sum to 1 within (0\.|[1-9])")


def change_tensors(monkeypatch, change):
    contents = store._contents

    def changed(model):
        tensors, header = contents(model)
        return change(tensors), header

    monkeypatch.setattr(store, "_contents", changed)


LAST = "network.layers.1.weight"


def test_a_store_that_forgets_a_tensor(model, monkeypatch):
    change_tensors(monkeypatch, lambda tensors: {**tensors, LAST: torch.zeros_like(tensors[LAST])})
    assert_failed(check_round_trip(model), r"differ by (0\.\d*[1-9]|[1-9]|\d(\.\d+)?e-)")


def test_a_store_that_rounds(model, monkeypatch):
    change_tensors(monkeypatch, lambda tensors: {k: v.bfloat16().to(v.dtype) for k, v in tensors.items()})
    assert_failed(check_round_trip(model), r"differ by (0\.\d*[1-9]|[1-9]|\d(\.\d+)?e-)")


def test_a_store_that_loses_a_tensor(monkeypatch):
    change_tensors(monkeypatch, lambda tensors: {k: v for k, v in tensors.items() if k != LAST})
    assert_failed(check_round_trip(build()), LAST)


@pytest.mark.parametrize("check", [check_autoregressive, check_normalised, check_sampler, check_round_trip])
@pytest.mark.parametrize("model", ["one order", "fifteen variables"], indirect=True)
def test_a_model_that_is_not_a_number(check, model):
    with torch.no_grad():
        model.network.layers[0].bias.fill_(float("nan"))
    assert not check(model)
