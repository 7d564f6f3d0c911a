"""Candidates are kept as often as their weights say, to within one."""

import torch

from tailormade.queries.resampling import resample

WEIGHTS = torch.tensor([[0.5, 0.0], [0.3, 0.1], [0.2, 0.9]])


def counts(chosen, m):
    return torch.stack([torch.bincount(row, minlength=m) for row in chosen.T], 1)


def test_each_is_kept_as_often_as_it_weighs_to_within_one():
    for n in (1, 4, 7, 100):
        kept = counts(resample(WEIGHTS.log(), n, torch.Generator().manual_seed(n)), 3)
        assert kept.sum(0).tolist() == [n, n]
        assert bool(((kept - n * WEIGHTS).abs() < 1).all())


def test_the_mean_over_many_choices_of_one_is_the_weight():
    generator = torch.Generator().manual_seed(0)
    kept = sum(counts(resample(WEIGHTS.log(), 1, generator), 3) for _ in range(4000)) / 4000
    torch.testing.assert_close(kept, WEIGHTS, atol=0.03, rtol=0)


def test_scale_does_not_matter_and_the_last_is_reached():
    logs = torch.tensor([[-1e4], [-1e4]])
    assert sorted(resample(logs, 2, None).flatten().tolist()) == [0, 1]
    assert resample(torch.tensor([[-torch.inf], [0.0]]), 5, None).flatten().tolist() == [1] * 5


def test_seeded():
    a, b, c = (resample(torch.zeros(100, 3), 7, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(a, b)
    assert not torch.equal(a, c)
