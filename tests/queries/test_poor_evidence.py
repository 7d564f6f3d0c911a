"""A warning where hardly any particle agrees with the evidence, and only there."""

import warnings

import pytest
import torch
from queries.enumerated import create, mask, truth

from tailormade.queries import PoorEvidenceWarning


def copying(bias, context=0, **options):
    """The second variable is a copy of the first, which is 1 with the probability of a logit."""
    model = create(2, context, hidden_units=(), **options)
    with torch.no_grad():
        model.network.layers[0].weight[:] = torch.tensor([[0.0, 0.0], [40.0, 0.0]])
        model.network.layers[0].bias[:] = torch.tensor([bias, -20.0])
    return model


WORDS = (
    r"^given: of 1000 particles, (\d+)\.0 are worth something in the worst of 1 row\(s\), so that estimates are "
    r"unreliable\. Raise particles, or fit a model with orders='any', which answers exactly\.$"
)


def test_hardly_any_particle_agrees():
    with pytest.warns(PoorEvidenceWarning, match=WORDS) as caught:
        given = copying(-5.0)().given([0, 1], [1], seed=0)
    assert caught[0].filename == __file__
    assert 1 < float(given.effective_sample_size) < 20
    assert f" {float(given.effective_sample_size):.1f} are" in str(caught[0].message)


def test_what_is_left_is_still_right():
    model = copying(-5.0)
    with pytest.warns(PoorEvidenceWarning):
        given = model().given([0, 1], [1], seed=0)
    expected = truth(model(), torch.tensor([0, 1]), mask(model, [1])).log_evidence.detach()
    assert float((given.log_evidence - expected).abs()) < 4 * float(given.log_evidence_error)
    assert 0.1 < float(given.log_evidence_error) < 1
    assert given.sample((30,)).tolist() == [[1.0]] * 30


def test_the_warning_counts_poor_rows():
    rows = torch.tensor([[0, 0], [0, 1], [0, 1]])
    with pytest.warns(PoorEvidenceWarning, match=r"worst of 2 row\(s\)"):
        copying(-5.0)().given(rows, [1], seed=0)


def test_the_warning_counts_the_particles_of_all_orders():
    model = copying(-5.0, orders=2)
    model.table.inputs[1] = model.table.inputs[0]
    with pytest.warns(PoorEvidenceWarning, match=r"of 400 particles"):
        model().given([0, 1], [1], particles=200, seed=0)


SILENT = {
    "evidence_that_is_likely": (copying(-5.0), [0, 0], [1]),
    "evidence_that_is_frequent": (copying(-2.0), [0, 1], [1]),
    "exact": (copying(-5.0), [1, 1], [0]),
    "exact_and_impossible": (copying(-5.0), [1, 0], [0, 1]),
    "no_evidence": (copying(-5.0), [0, 0], []),
    "no_rows": (copying(-5.0), torch.zeros(0, 2), [1]),
    "any_order": (copying(-5.0, orders="any"), [0, 1], [1]),
    "few_particles_of_an_exact_answer": (copying(-5.0), [1, 1], [0]),
}


@pytest.mark.parametrize("case", SILENT)
def test_no_warning(case):
    model, x, observed = SILENT[case]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model().given(x, observed, seed=0, particles=2 if "few" in case else 1000)


@pytest.mark.parametrize(("particles", "warns"), [(60, False), (49, True)])
def test_fifty_are_enough(particles, warns):
    # equal weights: every particle counts in full
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        create(3, scale=0.0)().given(torch.zeros(3), [2], particles=particles)
    assert bool(caught) is warns
