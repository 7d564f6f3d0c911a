"""Normal scores from log probabilities, and the solver of increasing curves."""

import pytest
import torch

from tailormade.flows.bijections.normal_scores import log_normal_cdf, mills, normal_score
from tailormade.flows.bijections.solve import solve


def grid(dtype):
    return torch.cat([torch.linspace(-40, 40, 801), torch.logspace(0, 4, 20), -torch.logspace(0, 4, 20)]).to(dtype)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-14), (torch.float32, 1e-6)])
def test_scores_are_found_again_far_into_both_tails(dtype, tolerance):
    y = grid(dtype)
    score = normal_score(torch.special.log_ndtr(y), torch.special.log_ndtr(-y))
    torch.testing.assert_close(score.y, y, rtol=tolerance, atol=tolerance)
    torch.testing.assert_close(score.log_tail, torch.special.log_ndtr(-y.abs()))
    torch.testing.assert_close(score.log_mills, mills(-y.abs()).log())


def test_log_of_the_normal_cdf():
    y = grid(torch.float64)
    torch.testing.assert_close(log_normal_cdf(y), torch.special.log_ndtr(y), rtol=1e-13, atol=1e-300)


def test_derivatives_of_scores():
    below = torch.tensor([-30.0, -3.0, -0.9, -0.2, -1e-4], dtype=torch.float64, requires_grad=True)

    def score(below):
        return normal_score(below, torch.log(-torch.expm1(below))).y

    assert torch.autograd.gradcheck(score, below)
    assert torch.autograd.gradgradcheck(score, below)


def test_derivative_at_one_half_is_not_lost():
    x = torch.zeros((), dtype=torch.float64, requires_grad=True)
    y = normal_score(log_normal_cdf(x), log_normal_cdf(-x)).y
    torch.testing.assert_close(torch.autograd.grad(y, x)[0], torch.tensor(1.0, dtype=torch.float64))


def test_solver_halves_where_newton_fails():
    y = torch.tensor([-0.999, 0.0, 0.3, 0.9999], dtype=torch.float64)

    def curve(x):  # Newton's steps on it diverge from far away
        return torch.tanh(x - 3), 2 * (torch.log(torch.tensor(2.0)) - torch.nn.functional.softplus(2 * (x - 3)) + x - 3)

    low, high = torch.full_like(y, -1e6), torch.full_like(y, 2e6)
    torch.testing.assert_close(solve(curve, y, low, high), 3 + torch.atanh(y), rtol=1e-9, atol=1e-9)


def test_solver_takes_an_empty_batch_and_closed_brackets():
    def curve(x):
        return x, torch.zeros_like(x)

    assert solve(curve, torch.empty(0), torch.empty(0), torch.empty(0)).shape == (0,)
    assert solve(curve, torch.tensor(2.0), torch.tensor(2.0), torch.tensor(2.0)) == 2.0
