"""The autoregressive check takes masked networks, too."""

import pytest
import torch
from registry import NETWORKS
from torch import nn

from tailormade import MaskedLinear, MaskedSequential
from tailormade.masks import audit
from tailormade.verify import check_autoregressive, check_normalised, verify


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_pass_unless_context_misses_a_variable(name):
    network = NETWORKS[name]()
    reaches = audit(network).context_reaches
    check = check_autoregressive(network)
    assert check.passed == (reaches is None or bool(reaches.all()))
    assert "largest forbidden derivative 0 in" in check.figure


def test_a_network_with_a_forbidden_connection_fails():
    masks = torch.ones(8, 3), torch.ones(6, 8)
    broken = MaskedSequential(MaskedLinear(3, 8, mask=masks[0]), nn.Tanh(), MaskedLinear(8, 6, mask=masks[1]))
    check = check_autoregressive(broken)
    assert not check
    assert "6 forbidden paths" in check.figure


def test_what_is_no_density_is_refused_by_the_other_checks():
    network = MaskedSequential(MaskedLinear(3, 3))
    with pytest.raises(TypeError, match="expected a MADE, got MaskedSequential"):
        check_normalised(network)
    with pytest.raises(TypeError, match="expected a MADE, got Linear"):
        verify(nn.Linear(3, 3))
