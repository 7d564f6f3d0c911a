r"""A cloud of kernels around points: what unobserved variables of a flow are proposed from.

With points ``u_j``, ``j = 1..P``, their mean m and covariance Σ, the density is the mixture of Student-t kernels

    q(u) = (1/P) Σ_j t_ν(L⁻¹ (u - m - (1 - h²)^½ (u_j - m))) / |det L|,    L Lᵀ = h² Σ,    h = n^(-1/(U+4))     (1)

with n the effective number of points, and ``ν = U + 4``: tails heavier than those of most flows, so that weights
against (1) stay bounded. Moved towards m, kernels do not widen the cloud, which in many dimensions would cost nearly
all draws. Points first come from joint samples ``(u, o)``: those whose ``o`` is nearest to the evidence e, moved along
their own regression, ``u + (e - o) B`` (2).

Mike West, "Approximating Posterior Distributions by Mixtures", 1993, for (1); Mark A. Beaumont, Wenyang Zhang, David J.
Balding, "Approximate Bayesian Computation in Population Genetics", 2002, for (2).
"""

import math
from typing import NamedTuple

import torch
from torch import Generator, Tensor

_DOF = 4  # ν - U
_POINTS = 512
_NEAREST = (400, 20)  # joint samples to begin with at least, and for each variable, whose covariance is wanted


class Cloud(NamedTuple):
    """A mixture of Student-t kernels of one shape (1).

    Attributes:
        points: Their centres, already moved, shape ``(P, U)``.
        root: The matrix L, lower triangular, shape ``(U, U)``.
    """

    points: Tensor
    root: Tensor

    def sample(self, n: int, generator: Generator) -> Tensor:
        """Draw n values, shape ``(n, U)``."""
        which = torch.randint(len(self.points), (n,), generator=generator)
        width = self.points.shape[1]
        noise = torch.randn((n, 2 * width + _DOF), generator=generator, dtype=self.points.dtype)
        normal, rest = noise[:, :width], noise[:, width:]
        scale = ((width + _DOF) / rest.square().sum(-1, keepdim=True)).sqrt()
        return self.points[which] + (normal * scale) @ self.root.T

    def log_prob(self, u: Tensor) -> Tensor:
        """Return log q(u), shape ``(n,)``, of values ``(n, U)``."""
        width = u.shape[-1]
        white = [torch.linalg.solve_triangular(self.root, x.T, upper=False).T for x in (u, self.points)]
        square = torch.cdist(*white).square()
        dof = width + _DOF
        constant = math.lgamma((dof + width) / 2) - math.lgamma(dof / 2) - width / 2 * math.log(dof * math.pi)
        logs = constant - (dof + width) / 2 * torch.log1p(square / dof)
        return torch.logsumexp(logs, -1) - math.log(len(self.points)) - self.root.diagonal().log().sum()


def cloud_around(points: Tensor, shares: Tensor, spread: Tensor, generator: Generator) -> Cloud:
    """Return the cloud of weighted points.

    Args:
        points: Shape ``(n, U)``.
        shares: Their weights, which add up to 1, shape ``(n,)``.
        spread: Typical deviation of each variable, shape ``(U,)``, of which a little is added to that of the points.
        generator: Source of the choice of centres.

    Example:
        >>> import torch
        >>> points = torch.tensor([[0.0], [1.0]], dtype=torch.float64)
        >>> shares = torch.tensor([0.5, 0.5], dtype=torch.float64)
        >>> cloud = cloud_around(points, shares, torch.ones(1), torch.Generator().manual_seed(0))
        >>> grid = torch.linspace(-400, 400, 80_001, dtype=torch.float64)[:, None]
        >>> round(float(cloud.log_prob(grid).exp().sum() * 0.01), 4)
        1.0
    """
    mean = shares @ points
    centred = points - mean
    covariance = (shares[:, None] * centred).T @ centred + torch.diag((1e-3 * spread).square())
    width = float(1 / shares.square().sum()) ** (-1 / (points.shape[1] + 4))
    which = torch.multinomial(shares, _POINTS, replacement=True, generator=generator)
    return Cloud(mean + (1 - width**2) ** 0.5 * centred[which], width * torch.linalg.cholesky(covariance))


def first_cloud(joint: Tensor, evidence: Tensor, observed: Tensor, generator: Generator) -> Cloud:
    """Return the cloud that joint samples suggest (2).

    Args:
        joint: Samples of all variables, shape ``(n, D)``.
        evidence: Values of the observed ones, shape ``(O,)``.
        observed: Which they are, boolean, shape ``(D,)``.
        generator: Source of the choice of centres.
    """
    seen, rest = joint[:, observed], joint[:, ~observed]
    scale = seen.std(0).clamp(min=1e-12)
    offsets = (evidence - seen) / scale
    distance = offsets.square().sum(-1)
    count = min(len(joint), max(_NEAREST[0], _NEAREST[1] * rest.shape[1]))
    nearest = distance.topk(count, largest=False).indices
    shares = torch.softmax(-distance[nearest] / (2 * distance[nearest].max().clamp(min=1e-12)), 0)
    slopes = _slopes(offsets[nearest], rest[nearest], shares)
    return cloud_around(rest[nearest] + offsets[nearest] @ slopes, shares, rest.std(0), generator)


def _slopes(offsets: Tensor, rest: Tensor, shares: Tensor) -> Tensor:
    """How much the rest changes with the observed variables, by weighted least squares with a little ridge: (O, U)."""
    x = offsets - shares @ offsets
    y = rest - shares @ rest
    ridge = 1e-3 * torch.eye(x.shape[1], dtype=x.dtype)
    return -torch.linalg.solve((shares[:, None] * x).T @ x + ridge, (shares[:, None] * x).T @ y)
