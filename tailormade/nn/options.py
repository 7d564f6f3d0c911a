"""What activations, initialisers, regularisers and constraints may be called.

Each is given as a name Keras knows, as a callable, or as ``None``. Activations must act on every unit alone: one
that mixes units, such as a softmax, would carry information across degrees and break the factorisation.
Weights are laid out ``(out, in)``, Keras kernels ``(in, out)``; norms are always over the inputs of a unit.
"""

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

Function = Callable[[Tensor], Tensor]
Option = str | Function | None


def _linear(x: Tensor) -> Tensor:
    return x


def _leaky_relu(x: Tensor) -> Tensor:
    return functional.leaky_relu(x, 0.2)  # Keras's slope; torch's is 0.01


ACTIVATIONS: Mapping[str, Function] = {
    "linear": _linear,
    "relu": torch.relu,
    "relu6": functional.relu6,
    "leaky_relu": _leaky_relu,
    "elu": functional.elu,
    "selu": torch.selu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "swish": functional.silu,
    "mish": functional.mish,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "hard_sigmoid": functional.hardsigmoid,
    "softplus": functional.softplus,
    "softsign": functional.softsign,
    "exponential": torch.exp,
}


IN_PLACE: Mapping[Function, Function] = {  # the same values, written over the argument
    torch.relu: torch.relu_,
    functional.elu: partial(functional.elu, inplace=True),
    torch.selu: torch.selu_,
    functional.silu: partial(functional.silu, inplace=True),
    torch.tanh: torch.tanh_,
    torch.sigmoid: torch.sigmoid_,
}


def _he_uniform(weight: Tensor) -> Tensor:
    return nn.init.kaiming_uniform_(weight, nonlinearity="relu")


def _he_normal(weight: Tensor) -> Tensor:
    return nn.init.kaiming_normal_(weight, nonlinearity="relu")


INITIALIZERS: Mapping[str, Function] = {
    "zeros": nn.init.zeros_,
    "ones": nn.init.ones_,
    "glorot_uniform": nn.init.xavier_uniform_,
    "glorot_normal": nn.init.xavier_normal_,
    "he_uniform": _he_uniform,
    "he_normal": _he_normal,
    "orthogonal": nn.init.orthogonal_,
}

_FACTOR = 0.01  # behind Keras's names of regularisers


def _l1(weight: Tensor) -> Tensor:
    return _FACTOR * weight.abs().sum()


def _l2(weight: Tensor) -> Tensor:
    return _FACTOR * weight.square().sum()


def _l1_l2(weight: Tensor) -> Tensor:
    return _l1(weight) + _l2(weight)


REGULARIZERS: Mapping[str, Function] = {"l1": _l1, "l2": _l2, "l1_l2": _l1_l2}


def _non_neg(weight: Tensor) -> Tensor:
    return weight.clamp(min=0.0)


def _unit_norm(weight: Tensor) -> Tensor:
    return weight / _norm(weight)


def _max_norm(weight: Tensor) -> Tensor:
    norm = _norm(weight)
    return weight * (norm.clamp(max=2.0) / norm)


def _norm(weight: Tensor) -> Tensor:
    return weight.norm(dim=-1, keepdim=True).clamp(min=1e-7)


CONSTRAINTS: Mapping[str, Function] = {"non_neg": _non_neg, "unit_norm": _unit_norm, "max_norm": _max_norm}


def check_elementwise(name: str, function: Function, width: int) -> None:
    """Check on a few points that a function acts on every unit alone.

    A layer norm, a softmax or an unmasked linear layer lets units of low degree see those of high degree, and no mask
    would tell.

    Args:
        name: What to call it in the message.
        function: From ``(*, width)`` to the same shape; a module is tried in evaluation mode.
        width: Number of units.

    Raises:
        ValueError: If a unit's value depends on another's.

    Example:
        >>> check_elementwise("activation", lambda x: torch.softmax(x, -1), 4)
        Traceback (most recent call last):
        ValueError: activation: expected a function of each unit alone, got one that mixes units of different degrees.
    """
    modules = list(function.modules()) if isinstance(function, nn.Module) else []
    modes = [m.training for m in modules]
    like = next(iter(function.parameters()), torch.empty(0)) if isinstance(function, nn.Module) else torch.empty(0)
    x = torch.linspace(-1.5, 1.5, 3 * width, dtype=like.dtype, device=like.device).reshape(3, width)
    try:
        for module in modules:
            module.training = False
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            mixed = _mixes(function, x)
    finally:
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode
    if mixed:
        raise ValueError(
            f"{name}: expected a function of each unit alone, got one that mixes units of different degrees."
        )


def _mixes(function: Function, x: Tensor) -> bool:
    """Whether moving the last unit moves the others."""
    moved = x.clone()
    moved[:, -1] += 1.0
    before, after = function(x.clone()), function(moved)
    return before.shape != x.shape or not torch.equal(before[:, :-1], after[:, :-1])


def resolve(kind: str, option: Option, known: Mapping[str, Function]) -> Function | None:
    """Return the function an option stands for.

    Args:
        kind: Name of the argument, for the message.
        option: A name, a callable or ``None``.
        known: The names.

    Raises:
        ValueError: If the name is unknown.
        TypeError: If the option is neither a name nor callable.

    Example:
        >>> resolve("activation", "relu", ACTIVATIONS)(torch.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """
    if option is None:
        return None
    if isinstance(option, str):
        name = option.lower().replace("nonneg", "non_neg")
        if name not in known:
            mixing = " (it would mix units of different degrees)" if name == "softmax" else ""
            raise ValueError(f"{kind}: unknown name '{option}'{mixing}; expected one of {sorted(known)} or a callable.")
        return known[name]
    if not callable(option):
        raise TypeError(f"{kind}: expected a name, a callable or None, got {type(option).__name__}.")
    return option
