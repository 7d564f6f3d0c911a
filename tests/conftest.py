"""Fixtures for all tests. Because this file is here, tests can import ``registry`` and ``helpers``."""

import pytest
import torch
from registry import CASES, NETWORKS


@pytest.fixture(autouse=True)
def _same_draws_every_time():
    """Unseeded draws start from the same state, whatever ran before."""
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def _distributions_check_their_arguments():
    """torch.compile switches that off for the whole process."""
    torch.distributions.Distribution.set_default_validate_args(True)


@pytest.fixture
def double_by_default():
    """float64 as torch's default type, put back afterwards."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.fixture(params=list(CASES))
def model(request):
    """Every density of the registry in turn; narrow the names down with ``indirect=True``."""
    return CASES[request.param]()


@pytest.fixture(params=list(NETWORKS))
def net(request):
    """Every network of the registry in turn; narrow the names down with ``indirect=True``."""
    return NETWORKS[request.param]()
