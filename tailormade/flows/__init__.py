r"""Flows: masked autoregressive transforms, and the distributions made of them.

A flow is an invertible map f of D variables with a density p_0 of the noise on its other side (1). Its maps change one
variable at a time, by parameters that a masked network makes of the variables before it and of a context c (2), so
that the Jacobian is triangular and its determinant a product:

    log p(x | c) = log p_0(f(x; c)) + log |det ∂f/∂x|                                                    (1)
    y_i = B(x_i; θ_i(x_<i, c)),    log |det ∂y/∂x| = Σ_i log B'(x_i; θ_i)                                (2)

:class:`MAF` runs (2) from data to noise and is what to fit to data; :class:`IAF` runs it from noise to data and is what
to draw from. Both are modules: ``tailormade.fit`` trains them, a call gives a ``torch.distributions.Distribution``, and
``flow.transform()`` the torch transform from noise to data. The pieces stand alone too: :class:`MaskedAutoregressive`
is one such map with bijections B such as :class:`Affine` and :class:`RationalQuadraticSpline`; :class:`Autoregressive`
and :class:`Blockwise` make distributions of other callables and distributions.

Example:
    >>> import torch
    >>> import tailormade as tm
    >>> noise = torch.randn(500, 2, generator=torch.Generator().manual_seed(0))
    >>> rows = torch.stack([noise[:, 0] + noise[:, 1].square(), noise[:, 1]], 1)
    >>> flow = tm.MAF(2, transforms=2, hidden_units=(16,), seed=0)
    >>> history = tm.fit(flow, rows, config=tm.FitConfig(max_epochs=3, seed=0, progress=False))
    >>> density = flow()
    >>> density.sample((5,), generator=torch.Generator().manual_seed(1)).shape, density.log_prob(rows).shape
    (torch.Size([5, 2]), torch.Size([500]))
"""

from tailormade.flows.autoregressive import MaskedAutoregressive
from tailormade.flows.bases import Base, MixtureBase, NormalBase, StudentBase, base_from_config
from tailormade.flows.bijections import Affine, Bijection, CdfBijection, RationalQuadraticSpline, bijection_from_config
from tailormade.flows.blockwise import Blockwise
from tailormade.flows.distribution import FlowDistribution
from tailormade.flows.evidence import FlowGiven
from tailormade.flows.flow import IAF, MAF
from tailormade.flows.flow_transform import FlowTransform
from tailormade.flows.general import Autoregressive
from tailormade.flows.network_conditionals import NetworkConditionals
from tailormade.flows.stacked import Flow
from tailormade.flows.tfp import MaskedAutoregressiveFlow
from tailormade.flows.transform import AutoregressiveTransform

__all__ = [
    "IAF",
    "MAF",
    "Affine",
    "Autoregressive",
    "AutoregressiveTransform",
    "Base",
    "Bijection",
    "Blockwise",
    "CdfBijection",
    "Flow",
    "FlowDistribution",
    "FlowGiven",
    "FlowTransform",
    "MaskedAutoregressive",
    "MaskedAutoregressiveFlow",
    "MixtureBase",
    "NetworkConditionals",
    "NormalBase",
    "RationalQuadraticSpline",
    "StudentBase",
    "base_from_config",
    "bijection_from_config",
]
