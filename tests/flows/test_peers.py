"""With the weights of zuko's and nflows' affine MAF copied in, log-densities agree; skipped where they are missing."""

import numpy as np
import pytest
import torch

from benchmarks.flows_copies import _Copy, _flow, _NflowsAffine, _ZukoAffine, from_nflows, from_zuko

FEATURES, WIDTH, ROWS = 7, 24, 50
SIZES = [(2, 3, 2), (FEATURES, 5, 3), (FEATURES, WIDTH, 2)]


def peer(library, features, width, transforms):
    if library == "zuko":
        flows = pytest.importorskip("zuko").flows
        return flows.MAF(features, transforms=transforms, hidden_features=(width, width))
    module = pytest.importorskip("nflows.flows.autoregressive")
    return module.MaskedAutoregressiveFlow(features, width, transforms, 1, use_residual_blocks=False)


def log_prob(flow, x):
    return flow().log_prob(x) if type(flow).__module__.startswith("zuko") else flow.log_prob(x)


@pytest.mark.parametrize(("features", "width", "transforms"), SIZES)
@pytest.mark.parametrize(("library", "copy"), [("zuko", from_zuko), ("nflows", from_nflows)])
@torch.no_grad()
def test_copied_weights_give_the_same_log_density(library, copy, features, width, transforms):
    torch.manual_seed(0)
    theirs = peer(library, features, width, transforms)
    for parameter in theirs.parameters():
        parameter.copy_(torch.randn_like(parameter) / parameter.shape[-1] ** 0.5)
    x = torch.randn(ROWS, features)
    ours = copy(theirs)
    assert torch.allclose(ours.log_prob(x), log_prob(theirs, x), atol=1e-5, rtol=1e-5)
    theirs.double()
    assert torch.allclose(copy(theirs).double().log_prob(x.double()), log_prob(theirs, x.double()), atol=1e-10)


@pytest.mark.parametrize(
    ("affine", "a", "expected"),
    [
        (_ZukoAffine(), [-20.0, 0.0, 1.0], [-5.134397282390806, 0.0, 0.8735418630546294]),
        (_NflowsAffine(), [0.0, 2.0], [-0.36507126522542077, 0.7551487415100716]),
    ],
)
def test_scales_are_those_of_the_peers(affine, a, expected):
    found = affine.log_scale(torch.tensor(a, dtype=torch.float64))
    assert np.allclose(found, expected, atol=1e-12)


def waves(*shape):
    return torch.sin(torch.arange(1.0, 1 + np.prod(shape), dtype=torch.float64)).reshape(shape)


def test_log_density_is_that_recorded_from_zuko():
    sizes, hidden = [(4, 3), (4, 4), (6, 4)], torch.tensor([1, 2, 1, 2])  # zuko's degrees for 3 variables
    layers = [(waves(*size), waves(size[0])) for size in sizes]
    copies = [_Copy(torch.tensor(order), [hidden, hidden], layers) for order in ([1, 2, 3], [3, 2, 1])]
    flow = _flow(copies, _ZukoAffine()).double()
    recorded = [-18.579811039, -4.171809255, -15.618332806]
    assert np.allclose(flow.log_prob(waves(3, 3)).detach(), recorded, atol=1e-6)
