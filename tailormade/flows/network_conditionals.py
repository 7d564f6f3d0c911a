"""A network and its conditionals as the callable ``x ↦ Π_i p(· | θ_i(x_<i, c))`` that ``Autoregressive`` takes.

The network gives all raw parameters ``θ = net(enc(x), c)`` (1) in one pass; the conditionals make a distribution of
them, with independent variables at given x (2). Samples are made of uniform noise: ``x_i = F_i⁻¹(u_i | θ_i)`` (3), as
many numbers for every θ, so that composing the callable with its own samples on the same noise comes to rest after D
steps. The engines of :mod:`tailormade.sampling` find the same values on the same noise without those steps.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import torch
from torch import Tensor

from tailormade.conditionals import Conditional, Layout
from tailormade.conditionals.arithmetic import as_number
from tailormade.flows.product import ProductDistribution, draw_noise
from tailormade.masks import Degrees
from tailormade.nn import AutoregressiveNetwork, DegreeTable
from tailormade.nn.validation import check_batches
from tailormade.sampling import Source, draw


class Component(Protocol):
    """What is needed of a MADE, which is in a layer above."""

    context: int
    layout: Layout
    table: DegreeTable

    def parameters(self) -> Iterator[torch.nn.Parameter]:
        """Iterate over the weights."""

    def params(self, x: Tensor, context: Tensor | None, degrees: Degrees) -> Tensor:
        """Return the raw parameters of all conditionals, shape ``(*, sum(param_sizes))``."""

    def sampling_source(self, degrees: Degrees, context: Tensor | None) -> Source:
        """Return what the sampling engines need."""


class NetworkConditionals:
    """Map values to the distribution that a network gives each variable at them.

    Calling it with x of shape ``(*, D)`` returns a :class:`ProductDistribution`, not autoregressive in itself:
    :class:`~tailormade.flows.general.Autoregressive` of it is the density, and samples it fast.

    Args:
        network: An ``AutoregressiveNetwork``, whose event size is known, or a ``MADE``.
        conditionals: One for all variables, or a sequence of one for each. An ``AutoregressiveNetwork`` has one input
            a variable, so a conditional must encode values as one number; a MADE has conditionals, so give none.
        context: Shape ``(*, C)``; its batch shape broadcasts with that of x.
        order: Which component of a MADE of several orders.

    Raises:
        ValueError: If the conditionals do not fit the network, or context is missing or not called for.
        TypeError: If the network is neither.

    Example:
        >>> import tailormade as tm
        >>> network = AutoregressiveNetwork(1, event_shape=3, hidden_units=[8], activation="relu")
        >>> fn = NetworkConditionals(network, tm.Bernoulli())
        >>> fn(torch.zeros(5, 3)).sample().shape
        torch.Size([5, 3])
    """

    def __init__(
        self,
        network: AutoregressiveNetwork | Component,
        conditionals: Conditional | Sequence[Conditional] | None = None,
        *,
        context: Tensor | None = None,
        order: int = 0,
    ) -> None:
        self.network, self.context, self.order = network, context, order
        self.layout = _layout(network, conditionals)
        check_batches(torch.empty(0), context, network.context, "context")

    @property
    def features(self) -> int:
        """D."""
        return len(self.layout.conditionals)

    def __call__(self, x: Tensor | None = None) -> ProductDistribution:
        """Return the distribution at values of shape ``(*, D)``, zeros if ``None``."""
        weight = next(self.network.parameters())
        x = weight.new_zeros(self.features) if x is None else x
        if not isinstance(self.network, AutoregressiveNetwork):
            raw = self.network.params(x, self.context, self.network.table[self.order])
            return ProductDistribution(self.layout, raw)
        codes = self.layout.encode(x.to(torch.promote_types(x.dtype, torch.float32)))
        out = self.network(codes, self.context)
        return ProductDistribution(self.layout, out.flatten(-2) if isinstance(self.network.params, int) else out)

    @property
    def is_known(self) -> bool:
        """Whether the sampling engines know the network's way through its weights."""
        return not isinstance(self.network, AutoregressiveNetwork) or runs_as_ours(self.network)

    @torch.no_grad()
    def sample(self, batch: Sequence[int]) -> Tensor:
        """Draw events from the joint density by the sampling engines, shape ``batch + (D,)``.

        The noise is that of :meth:`ProductDistribution.sample` from the same state of torch's default generator. No
        unit is dropped, whatever the network's mode.
        """
        like = as_number(next(self.network.parameters()))
        noise = draw_noise(self.layout, (*batch, self.features), like)
        flat = noise.reshape(-1, *noise.shape[-2:])
        context = self.context
        if context is not None:
            context = context.expand(*batch, -1).reshape(len(flat), context.shape[-1])
        return draw(self._source(context), flat).reshape(*batch, self.features)

    def _source(self, context: Tensor | None) -> Source:
        if not isinstance(self.network, AutoregressiveNetwork):
            return self.network.sampling_source(self.network.table[self.order], context)
        self.network.apply_constraints()
        assert self.network.network is not None
        zeros = next(self.network.parameters()).new_zeros(self.features)
        context = None if context is None else context.to(zeros.dtype)
        return Source(self.network.network, self.network.degrees, self.layout, zeros, zeros + 1, context)


def runs_as_ours(network: AutoregressiveNetwork) -> bool:
    """Return whether a network is run by our ``forward``, and not by one of a subclass."""
    return type(network).forward is AutoregressiveNetwork.forward


def _layout(network: AutoregressiveNetwork | Component, given: Conditional | Sequence[Conditional] | None) -> Layout:
    if isinstance(network, AutoregressiveNetwork):
        return _layout_for(network, given)
    if not hasattr(network, "sampling_source"):
        raise TypeError(
            f"network: expected an AutoregressiveNetwork or a MADE, got {type(network).__name__}; give any other to "
            "tm.Autoregressive as a function that returns a torch distribution."
        )
    if given is not None:
        raise ValueError(f"conditionals: expected None, as this model has its own, got {given}; leave them out.")
    return network.layout


def _layout_for(network: AutoregressiveNetwork, given: Conditional | Sequence[Conditional] | None) -> Layout:
    features = len(network.degrees.inputs)
    if given is None:
        raise ValueError("conditionals: expected those of the network's outputs, got None; give one for each variable.")
    layout = Layout([given] * features if isinstance(given, Conditional) else list(given))
    sizes = [network.params] * features if isinstance(network.params, int) else list(network.params)
    if layout.param_sizes != sizes:
        raise ValueError(
            f"conditionals: expected params {sizes}, as the network puts out, got {layout.param_sizes}; change either."
        )
    wide = [c for c in layout.conditionals if c.width != 1]
    if wide:
        raise ValueError(
            f"conditionals: expected those that encode a value as one number, got {wide[0]}, whose code has "
            f"{wide[0].width}; use tm.MADE, which makes a network with as many inputs."
        )
    return layout
