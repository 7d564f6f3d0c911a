"""Base distributions: their densities, samples, parameters and configurations."""

import pytest
import torch
from helpers import redraw
from torch.distributions import Distribution

from tailormade.flows import MixtureBase, NormalBase, StudentBase, base_from_config

BASES = {
    "normal": lambda: NormalBase(2),
    "student": lambda: StudentBase(2, dof=4.0),
    "fixed_student": lambda: StudentBase(2, dof=3.0, learn=False),
    "mixture": lambda: MixtureBase(2, components=3),
    "one_component": lambda: MixtureBase(2, components=1),
    "clusters": lambda: MixtureBase(2, components=3, joint=True),
    "one_cluster": lambda: MixtureBase(2, components=1, joint=True),
}


def build(name):
    return redraw(BASES[name]().double())


@pytest.mark.parametrize("name", BASES)
def test_log_prob_is_that_of_torch(name):
    base = build(name)
    z = torch.randn(4, 5, 2).double() * 3
    density = base()
    assert isinstance(density, Distribution)
    assert (density.batch_shape, density.event_shape) == ((), (2,))
    assert torch.allclose(base.log_prob(z), density.log_prob(z))
    assert base.log_prob(z).shape == (4, 5)


@pytest.mark.parametrize("name", BASES)
@torch.no_grad()
def test_densities_integrate_to_1(name):
    base = build(name)
    t = torch.linspace(-7, 7, 401).double()  # sinh: up to 500, for Student's tails
    grid = torch.cartesian_prod(t, t)
    slopes = grid.cosh().prod(-1) * (t[1] - t[0]) ** 2
    assert float((base.log_prob(grid.sinh()).exp() * slopes).sum()) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("name", BASES)
def test_configurations_come_back(name):
    base = build(name)
    other = base_from_config(base.config()).double()
    assert base.config() == other.config()
    other.load_state_dict(base.state_dict())
    assert torch.equal(base.log_prob(torch.ones(2).double()), other.log_prob(torch.ones(2).double()))


@pytest.mark.parametrize("name", ["student", "mixture", "clusters"])
def test_parameters_are_learnt(name):
    base = build(name)
    base.log_prob(torch.randn(50, 2).double()).sum().backward()
    assert all(float(p.grad.abs().max()) > 0 for p in base.parameters())


def test_fixed_degrees_of_freedom_stay():
    assert not any(p.requires_grad for p in StudentBase(2, learn=False).parameters())
    assert StudentBase(2, dof=3.0, learn=False).dof.tolist() == pytest.approx([3, 3])


def test_a_new_mixture_tells_its_components_apart():
    for joint in (False, True):
        base = MixtureBase(2, components=4, joint=joint)
        base.log_prob(torch.randn(20, 2)).sum().backward()
        slopes = base.locations.grad.unflatten(0, (2, 4))
        assert all(len(row.unique()) == 4 for row in slopes)


def test_parameters_are_vectors_which_no_weight_decay_shrinks():
    assert all(p.ndim == 1 for name in BASES for p in BASES[name]().parameters())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StudentBase(2, dof=0.5), "dof: expected a number above 0.5, got 0.5"),
        (lambda: MixtureBase(2, components=0), "components: expected at least 1, got 0"),
        (lambda: base_from_config({"kind": "CauchyBase"}), "base: expected one of .*'NormalBase'.* got 'CauchyBase'"),
    ],
)
def test_bad_arguments_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
