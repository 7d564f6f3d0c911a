"""An inverse as the engines, the definition and ``torch.func`` take it: see :mod:`~tailormade.flows.inverse`.

Autograd and ``torch.func`` hand over the parameters that a function is to use, as tensors, and these may be others than
those that the network holds by then: after a functional call has ended, or in an ensemble. All work is therefore done
while the given parameters are in the network's place, which costs nothing where they are its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from tailormade.flows.bijections import Bijection
from tailormade.flows.inverse_layout import InverseKind, InverseLayout
from tailormade.flows.loop import invert_by_loop
from tailormade.masks import Degrees
from tailormade.nn import MaskedNetwork
from tailormade.sampling import Source, draw
from tailormade.sampling.adjoint import Tape
from tailormade.sampling.gradients import parameters_of
from tailormade.sampling.recorded import draw_recorded, pull_back

Grads = tuple[Tensor | None, ...]
T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """What is to be inverted.

    Attributes:
        network: Maps x and context to raw parameters.
        degrees: The connectivity.
        bijection: B, as a map of what the network sees.
        tapes: Of the draws, once they are made: what no output of a function can be, as its number is not known.
    """

    network: MaskedNetwork
    degrees: Degrees
    bijection: Bijection
    tapes: list[Tape] = field(default_factory=list)

    def source(self, context: Tensor | None, like: Tensor) -> Source:
        """Describe the inverse to the engines, in the type and on the device of a parameter."""
        features = self.degrees.features
        shift, scale = (f(features, dtype=like.dtype, device=like.device) for f in (torch.zeros, torch.ones))
        return Source(self.network, self.degrees, InverseLayout(self.bijection, features), shift, scale, context)

    def loop(self, y: Tensor, context: Tensor | None) -> Tensor:
        """Return the inverse of ``(*, D)`` by its definition."""
        network, weights = self.network, self.network.effective_weights(self.degrees)
        dtype, shape = weights.layers[0].dtype, (self.degrees.features, self.bijection.params)

        def params(x: Tensor) -> Tensor:
            raw = network.run(weights, x.to(dtype), context, dropout=False)
            return raw.to(torch.promote_types(raw.dtype, torch.float32)).unflatten(-1, shape)

        return invert_by_loop(params, self.bijection, self.degrees, y)

    def draw(self, y: Tensor, context: Tensor | None, engine: str, recorded: bool) -> Tensor:
        """Return the inverse of ``(n, D)`` by an engine."""
        source, noise = self.source(context, parameters_of(self.network)[0]), y.unsqueeze(-1)
        if not recorded:
            return draw(source, noise, engine=engine)
        x, tapes = draw_recorded(source, noise, InverseKind(self.bijection).slopes, engine)
        self.tapes.extend(tapes)
        return x

    def pull_back(self, g: Tensor, context: Tensor | None, wanted: bool) -> Grads:
        """Return derivatives with respect to y, context and, if they are wanted, all parameters."""
        params = parameters_of(self.network)
        found = pull_back(self.source(context, params[0]), self.tapes, g, params=wanted)
        return found.noise, found.context, *(found.params.get(p) for p in params)

    def at(self, params: tuple[Tensor, ...], function: Callable[..., T], *arguments: object) -> T:
        """Call a function while ``params`` are the network's parameters."""
        own = parameters_of(self.network)
        if all(a is b for a, b in zip(params, own, strict=True)):
            return function(*arguments)
        names = {id(parameter): f"network.{name}" for name, parameter in self.network.named_parameters()}
        named = {names[id(a)]: b for a, b in zip(own, params, strict=True)}
        result: T = torch.func.functional_call(_Bound(self.network, function), named, arguments)
        return result


class _Bound(nn.Module):
    """A function that uses a network, as a module that holds it."""

    def __init__(self, network: MaskedNetwork, function: Callable[..., Any]) -> None:
        super().__init__()
        self.network, self.function = network, function

    def forward(self, *arguments: Any) -> Any:  # noqa: ANN401 - those of the function
        return self.function(*arguments)
