"""What many tests need: all states of an event, Jacobian patterns, fresh weights."""

import copy

import torch
from torch import Tensor, nn

from tailormade.nn import MaskedSequential


def redraw(module: nn.Module, seed: int = 0, scale: float = 0.5) -> nn.Module:
    """Draw all parameters from a normal distribution, so that none is zero by initialisation."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(scale * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    return module


def fill(module: nn.Module, value: float) -> nn.Module:
    """Set every parameter to one value."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(value)
    return module


def every_state(model) -> Tensor:
    """All values that the event of a discrete model can take, shape ``(S, D)``."""
    values = [torch.arange(c.cardinality, dtype=torch.float64) for c in model.layout.conditionals]
    return torch.cartesian_prod(*values).reshape(-1, model.features)


def context_for(model, *batch: int) -> Tensor | None:
    """Contexts of a batch shape, or ``None`` if the model takes none."""
    generator = torch.Generator().manual_seed(5)
    dtype = next(model.parameters()).dtype
    return torch.randn(*batch, model.context, generator=generator, dtype=dtype) if model.context else None


def jacobian(function, x: Tensor) -> Tensor:
    """The Jacobian of ``function`` at ``x`` ``(n,)`` as a matrix, whose entries are checked to be finite."""
    rows = torch.func.jacrev(function)(x).detach().reshape(-1, x.numel())
    assert bool(rows.isfinite().all())
    return rows


def pattern(function, x: Tensor, output_sizes: list[int], input_sizes: list[int] | None = None) -> Tensor:
    """Which output variable depends on which input variable: exact non-zeros of the Jacobian, by blocks."""
    nonzero = (jacobian(function, x) != 0).double()
    outputs = _owners(output_sizes)
    return outputs.T @ nonzero @ (torch.eye(x.numel()).double() if input_sizes is None else _owners(input_sizes)) > 0


def _owners(sizes: list[int]) -> Tensor:
    return torch.eye(len(sizes), dtype=torch.float64).repeat_interleave(torch.tensor(sizes), 0)


def masked_layers(module: nn.Module) -> list[tuple[nn.Linear, Tensor]]:
    """Every masked layer of a network, with its weight as it is used."""
    if isinstance(module, MaskedSequential):
        return [(layer, layer.effective_weight()) for layer in module.masked_layers()]
    network, degrees = module.network, module.table[0]
    weights = network.effective_weights(degrees)
    layers, used = [*network.layers, network.direct], [*weights.layers, weights.direct]
    return [(layer, weight) for layer, weight in zip(layers, used, strict=True) if layer is not None]


def forbidden_entries(module: nn.Module) -> list[Tensor]:
    """For every masked layer, which entries of its weight are masked."""
    return [weight == 0 for _, weight in masked_layers(fill(copy.deepcopy(module), 1.0))]


def poison(module: nn.Module, value: float) -> None:
    """Write a value into the masked entries of the raw weights."""
    pairs = zip(masked_layers(module), forbidden_entries(module), strict=True)
    with torch.no_grad():
        for (layer, _), masked in pairs:
            layer.weight[masked] = value
