"""``tailormade sample --given`` where answers are estimated: what they rest on is said; its options."""

import json

import numpy as np
import pytest
import torch

import tailormade as tm

NAN = float("nan")


@pytest.fixture
def fixed():
    """A model whose last variable is nearly a copy of its first, which is rarely 1."""
    model = tm.MADE(5, hidden_units=(), seed=0)
    with torch.no_grad():
        model.network.layers[0].weight.zero_()
        model.network.layers[0].bias.copy_(torch.tensor([-3.0, 0, 0, 0, -4]))
        model.network.layers[0].weight[4, 0] = 8.0
    tm.save(model, "fixed")
    return "fixed"


@pytest.fixture
def family():
    tm.save(tm.MADE(5, hidden_units=(16,), orders="any", seed=0), "family")
    return "family"


def answer(folder, row, **options):
    row = torch.tensor(row)
    return tm.load(folder)().given(row, seed=1, **options)


def test_what_rows_rest_on(fixed, call):
    outcome = call("sample", fixed, "-n", 4, "--given", "x4=0", "--seed", 1, "--particles", 300)
    effective = float(answer(fixed, [NAN] * 4 + [0.0], particles=300).effective_sample_size)
    assert outcome.err == (
        "given 1 of 5 variables: the density of one order; estimated from 300 weighted draws (effective sample size "
        f"{effective:.1f})\n"
    )


@pytest.mark.filterwarnings("ignore::tailormade.queries.PoorEvidenceWarning")
def test_too_few_draws_are_told_in_one_line(fixed, call):
    np.save("given.npy", np.array([[NAN] * 4 + [1.0], [NAN] * 4 + [0.0]]))
    outcome = call("sample", fixed, "-n", 100, "--given", "given.npy", "--seed", 1, "--particles", 200)
    given = answer(fixed, [NAN] * 4 + [1.0], particles=200)
    effective, different = float(given.effective_sample_size), float(given.distinct_draws(100))
    remark, warning = outcome.err.splitlines()
    assert remark.endswith(f"(effective sample size {effective:.1f}, the least of 2 rows)")
    assert warning == (
        f"tailormade: warning: of 200 weighted draws {effective:.1f} are worth something: the 100 rows of the worst "
        f"of 2 rows of evidence rest on about {different:.0f} different ones. Raise --particles, or fit with -n any, "
        "which answers exactly."
    )


def test_quiet_says_nothing(fixed, call):
    assert call("sample", fixed, "-n", 3, "--given", "x4=1", "--particles", 9, "--quiet").err == ""


@pytest.mark.parametrize("out", [[], ["--out", "x.npy"]], ids=["stdout", "file"])
def test_json_of_an_estimate(out, fixed, done):
    found = json.loads(done("sample", fixed, "-n", 3, "--given", "x4=0", "--seed", 1, "--json", *out))
    effective = float(answer(fixed, [NAN] * 4 + [0.0]).effective_sample_size)
    assert (found["exact"], found["effective_sample_size"]) == (False, pytest.approx(effective))


@pytest.mark.filterwarnings("ignore::tailormade.queries.PoorEvidenceWarning")
def test_json_has_the_least_over_rows(fixed, done):
    np.save("given.npy", np.array([[NAN] * 4 + [0.0], [NAN] * 4 + [1.0]]))
    found = json.loads(done("sample", fixed, "-n", 3, "--given", "given.npy", "--seed", 1, "--json"))
    least = float(answer(fixed, [NAN] * 4 + [1.0]).effective_sample_size)
    assert found["effective_sample_size"] == pytest.approx(least)
    assert len(found["rows"]) == 6


@pytest.mark.parametrize("out", [[], ["--out", "x.npy"]], ids=["stdout", "file"])
def test_json_of_an_exact_answer(out, family, done):
    found = json.loads(done("sample", family, "-n", 3, "--given", "x4=0", "--json", *out))
    assert (found["exact"], found["effective_sample_size"]) == (True, None)


@pytest.mark.parametrize("out", [[], ["--out", "x.npy"]], ids=["stdout", "file"])
def test_json_without_evidence_says_nothing_of_it(out, family, done):
    assert not {"exact", "effective_sample_size"} & set(json.loads(done("sample", family, "-n", 3, "--json", *out)))


def test_several_orders_answer(family, call):
    words = ["sample", family, "-n", 2000, "--given", "x4=0,x2=1", "--seed", 1, "--out"]
    outcome = call(*words, "x.npy", "--orders", 3)
    assert "the mixture of 3 orders with the evidence first, not the mixture over 16 orders; exact" in outcome.err
    given = answer(family, [NAN, NAN, 1.0, NAN, 0.0], orders=3)
    states = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 3)
    expected = (given.log_prob(states).exp().unsqueeze(-1) * states).sum(0)
    assert np.load("x.npy")[:, [0, 1, 3]].mean(0) == pytest.approx(expected.detach().numpy(), abs=0.05)


REFUSED = {
    "--particles 9": "--particles: says how to answer; expected what is known, too: --given COL=VALUE,...",
    "--orders 2": "--orders: says how to answer; expected what is known, too: --given COL=VALUE,...",
    "--given x4=1 --orders 2": "--orders: expected a model fitted with -n any, and no --order, for 2 orders to answer; "
    "leave it out.",
    "--given x4=1 --orders 0": "Invalid value for '--orders'",
    "--given x4=1 --particles 1": "Invalid value for '--particles'",
}


@pytest.mark.parametrize("words", REFUSED)
def test_refused(words, fixed, refused):
    assert refused("sample", fixed, *words.split()).startswith(f"tailormade: {REFUSED[words]}")


def test_a_named_order_answers_alone(family, refused):
    words = ["--given", "x4=1", "--order", 0, "--orders", 2]
    assert "--orders: expected a model fitted with -n any, and no --order" in refused("sample", family, *words)
