r"""The inverse of an autoregressive transform for the arithmetic of one pass, and its exact gradients.

``x_i = B⁻¹(y_i; θ_i(x_<i, c))`` (1) is solved by the sampling engines, in which ``y_i`` is the noise that ``x_i`` is
drawn from: each hidden unit is computed once, where the definition (:mod:`~tailormade.flows.loop`) runs the network D
times. Where the network sees a code of x, it is the code that is solved for. With J = dy/dx, triangular in the order of
degrees, and ``g = dL/dx``,

    Jᵀ v = g,    dL/dy = v,    dL/dw = -vᵀ ∂f/∂w for parameters and context w,               (2)

which one sweep of the same schedule from the last degree to the first solves without forming J (see
:mod:`tailormade.sampling.adjoint`). Derivatives that are to be differentiated again are those of the definition, as are
those with respect to batched parameters; what else ``torch.func.vmap`` batches becomes rows of (1), and sweeps of (2).
Forward-mode derivatives need ``tailormade.sampling.use_engine("loop")``; ``torch.compile`` sees the definition.
"""

from torch import Tensor, broadcast_shapes, float32, is_grad_enabled, nn, promote_types
from torch.compiler import is_compiling

from tailormade.flows.bijections import Bijection
from tailormade.flows.inverse_function import solve
from tailormade.flows.inverse_problem import Problem
from tailormade.masks import Degrees
from tailormade.nn import MaskedNetwork
from tailormade.nn.kept_masks import transformed
from tailormade.sampling import engine_for
from tailormade.sampling.gradients import parameters_of

WORTH_COMPILING = 0.0005  # seconds in the torch engine; less than for samples, as an inverse is a step of many


def invert(
    network: MaskedNetwork, degrees: Degrees, bijection: Bijection, y: Tensor, context: Tensor | None = None
) -> Tensor:
    """Return the x with ``B(x_i; θ_i(x_<i, c)) = y_i``, differentiable with respect to y, context and parameters.

    Args:
        network: Maps B's code of x, and context, to the raw parameters of B, those of each variable side by side.
        degrees: The connectivity.
        bijection: B, the same for all variables.
        y: Shape ``(*, D)``.
        context: Shape ``(*, C)`` or ``None``; batch shapes broadcast.

    Returns:
        Shape ``(*, D)``, of the larger of both types.

    Raises:
        ValueError: If an engine is forced that cannot do it.

    Example:
        >>> import torch
        >>> from tailormade.flows import MaskedAutoregressive
        >>> layer, y = MaskedAutoregressive(3, seed=0), torch.tensor([1.0, 0.0, -1.0])
        >>> x = invert(layer.network, layer.degrees, layer.bijection, y)
        >>> bool(torch.allclose(layer().call_and_ladj(x)[0], y, atol=1e-5))
        True
    """
    parameters = parameters_of(network)
    dtype = parameters[0].dtype
    y = y.to(promote_types(promote_types(y.dtype, dtype), float32))
    batch = y.shape[:-1] if context is None else broadcast_shapes(y.shape[:-1], context.shape[:-1])
    y = y.expand(*batch, degrees.features).reshape(-1, degrees.features)
    if context is not None:
        width = context.shape[-1]
        context = context.to(dtype).expand(*batch, width).reshape(len(y), width)
    problem = Problem(network, degrees, bijection.coded)
    source = problem.source(None, parameters[0])
    engine = "loop" if is_compiling() else engine_for(source, y, worth=WORTH_COMPILING)
    if engine == "loop" or not _sweepable(network):
        code = problem.loop(y, context)
    elif not (recorded := _differentiated(y, context, *parameters)) and not transformed():
        code = problem.draw(y, context, engine, recorded=False)
    else:
        code = solve(problem, engine, recorded, y, context, *parameters)
    return bijection.decode(code.reshape(*batch, degrees.features))


def _differentiated(*tensors: Tensor | None) -> bool:
    return is_grad_enabled() and any(t is not None and t.requires_grad for t in tensors)


def _sweepable(network: MaskedNetwork) -> bool:
    """Whether all parameters are those of layers that the sweep knows."""
    return network.seen is None and not isinstance(network.activation, nn.Module)
