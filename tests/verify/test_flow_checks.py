"""The checks of flows: good ones pass, broken ones fail, and what is no density is refused."""

import re

import pytest
import torch
from broken import assert_failed
from helpers import redraw

import tailormade as tm
from tailormade.flows import StudentBase
from tailormade.flows.layers import MaskedLayer, Standardise
from tailormade.verify import check_autoregressive, check_inverse, check_log_det, check_normalised, verify

GOOD = {
    "maf": (tm.MAF, {}),
    "iaf": (tm.IAF, {}),
    "one variable": (tm.MAF, {"features": 1}),
    "no context": (tm.IAF, {"context": 0}),
    "three variables": (tm.MAF, {"features": 3, "linear": True, "normalisation": "activation"}),
    "student": (tm.MAF, {"base": StudentBase(2)}),
    "batch": (tm.MAF, {"normalisation": "batch"}),
}
FIGURES = {
    "autoregressive": r"largest forbidden derivative 0 in \d+ Jacobian rows over 2 transform\(s\); 0 forbidden paths",
    "normalised": r"the density integrates to \d\.\d{4} over a box that has \d\.\d{4} of 20000 samples",
    "log-determinant": r"differs from the Jacobian's by .* nats at most",
    "inverse": r"100 samples come back from noise within",
    "save and load": "log-probabilities of a saved and loaded copy differ by 0",
}


def build(name):
    kind, options = GOOD[name]
    flow = kind(**{"features": 2, "context": 1, "transforms": 2, "hidden_units": (8,), "seed": 0, **options})
    return redraw(flow, scale=0.3).eval()


@pytest.mark.parametrize("name", GOOD)
def test_good_flows_pass(name):
    flow = build(name)
    before = torch.get_rng_state()
    checks = verify(flow, seed=1)
    names = [n for n in FIGURES if n != "normalised" or flow.features <= 2]
    assert [check.name for check in checks] == names
    for check in checks:
        assert check, check
        assert re.match(FIGURES[check.name], check.figure), check.figure
    assert torch.equal(before, torch.get_rng_state())


def test_training_mode_with_batch_normalisation_is_refused():
    flow = build("batch").train()
    for check in (verify, check_autoregressive, check_normalised, check_inverse, check_log_det):
        with pytest.raises(ValueError, match=r"expected evaluation mode.*no density of a row; call model\.settle"):
            check(flow)
    assert all(verify(build("maf").train()))


def test_a_log_det_that_is_not_counted_fails(monkeypatch):
    flow = build("maf")
    flow.stack.layers[0].scale.fill_(2.0)
    assert all(verify(flow))
    monkeypatch.setattr(Standardise, "to_noise", lambda self, x, c: ((x - self.shift) / self.scale, x.new_zeros(())))
    assert_failed(check_normalised(flow), r"the density integrates to 4\.0")
    assert_failed(check_log_det(flow), r"by 1 nats")


def test_a_transform_with_a_mask_undone_fails():
    flow = build("maf")
    flow.transforms[1].table.inputs.fill_(1)  # all variables see nothing of each other
    assert check_autoregressive(flow).figure.startswith("largest forbidden derivative 0")
    transform = flow.transforms[1]
    transform.table.inputs.copy_(torch.tensor([[1, 2]]))
    params = transform.params
    transform.params = lambda x, c=None: params(x, c) + x.sum()
    assert_failed(check_autoregressive(flow), "largest forbidden derivative 1 ")


def test_an_inverse_that_is_none_fails(monkeypatch):
    flow = build("maf")
    to_data = MaskedLayer.to_data
    monkeypatch.setattr(MaskedLayer, "to_data", lambda self, z, c: to_data(self, z, c) + 0.01)
    assert_failed(check_inverse(flow), "come back from noise within 0.0")


def test_wide_flows_are_not_integrated():
    with pytest.raises(ValueError, match="expected a flow of at most 2 variables to integrate, got 3"):
        check_normalised(build("three variables"))
