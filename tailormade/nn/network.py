r"""``AutoregressiveNetwork``: TensorFlow Probability's masked network, argument for argument, with its traps mended.

For an event of D variables the output is a tensor ``params`` of shape ``(*, D, P)`` with
``∂ params[i, p] / ∂ x[j] = 0 unless d(j) < d(i)`` (1), where ``d = input_order``. Where TFP loses something in
silence this class says so: context that cannot reach the first variable ('first_layer'), hidden layers too
narrow to realise (1) as "if and only if", unknown names. Masking happens at every use, not after an optimiser
step. ``'degree_zero'`` is our own way for context to enter: in the first layer, with hidden units of degree 0
that carry a non-linear function of it to every variable. It is not available in TFP.
"""

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from tailormade.masks import AuditMasks, Degrees, create_degrees, report_lost, warn_blind
from tailormade.masks.hidden import HiddenRule
from tailormade.masks.orders import OrderLike
from tailormade.nn.degree_table import DegreeTable
from tailormade.nn.masked_network import MaskedNetwork
from tailormade.nn.options import ACTIVATIONS, Option, check_elementwise, resolve
from tailormade.nn.rules import WeightRules
from tailormade.nn.validation import (
    as_params,
    as_widths,
    check_batches,
    check_conditional,
    check_last,
    check_probability,
    event_size,
)


class AutoregressiveNetwork(nn.Module):
    r"""Map a vector to parameters of its conditionals, output ``i`` seeing only variables before ``i``.

    All of TFP's arguments keep their names, order and defaults (note that ``activation=None`` is linear); those after
    ``validate_args`` are ours and by keyword only.

    Args:
        params: Number of parameters P of each variable, or one number for each variable.
        event_shape: D or ``[D]``; inferred at the first call if ``None``.
        conditional: Whether there is a second input, the context.
        conditional_event_shape: Width of the context, C or ``[C]``.
        conditional_input_layers: ``'all_layers'``, ``'first_layer'`` or ``'degree_zero'``. With 'all_layers' the
            first variable sees an affine function of the context; with 'first_layer' nothing of it once there is
            a hidden layer (a warning says so); with 'degree_zero' a non-linear function, if there is a hidden layer.
        hidden_units: Widths of the hidden layers; none is allowed.
        input_order: ``'left-to-right'``, ``'right-to-left'``, ``'random'``, or the degree of each variable.
        hidden_degrees: ``'equal'``, ``'random'``, or (ours) the degrees of each layer.
        activation: Name, callable, module or ``None``, applied between layers.
        use_bias: Whether masked layers have a bias.
        kernel_initializer: Name or callable that fills a tensor, on the full dense shape.
        bias_initializer: The same for biases.
        kernel_regularizer: Function of an effective weight; see :meth:`regularization_loss`.
        bias_regularizer: Function of a bias.
        kernel_constraint: Projection of weights, applied before they are used in training.
        bias_constraint: Projection of biases.
        validate_args: Check inputs for NaN at every call.
        residual: Run hidden layers after the first as residual blocks (equal widths).
        direct: Add a masked connection from inputs to outputs.
        dropout: Probability of dropping a hidden unit in training.
        strict: Raise instead of warn when dependencies are lost.
        generator: Source of random orders and degrees; torch's default generator if ``None``.

    Raises:
        ValueError: If arguments contradict each other or the order fits no event of this size.

    References:
        Joshua V. Dillon et al., "TensorFlow Distributions", 2017; the class is
        ``tfp.bijectors.AutoregressiveNetwork``. MADE: Germain et al., 2015. Residual MADE: Durkan and Nash,
        "Autoregressive Energy Machines", 2019.

    Example:
        >>> net = AutoregressiveNetwork(params=2, event_shape=[3], hidden_units=[8, 8], activation="relu")
        >>> net(torch.zeros(5, 3)).shape
        torch.Size([5, 3, 2])
    """

    def __init__(
        self,
        params: int | Sequence[int],
        event_shape: int | Sequence[int] | None = None,
        conditional: bool = False,
        conditional_event_shape: int | Sequence[int] | None = None,
        conditional_input_layers: str = "all_layers",
        hidden_units: int | Iterable[int] | None = None,
        input_order: OrderLike = "left-to-right",
        hidden_degrees: HiddenRule = "equal",
        activation: Option = None,
        use_bias: bool = True,
        kernel_initializer: Option = "glorot_uniform",
        bias_initializer: Option = "zeros",
        kernel_regularizer: Option = None,
        bias_regularizer: Option = None,
        kernel_constraint: Option = None,
        bias_constraint: Option = None,
        validate_args: bool = False,
        *,
        residual: bool = False,
        direct: bool = False,
        dropout: float = 0.0,
        strict: bool = False,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        size = event_size("event_shape", event_shape)
        self.context = check_conditional(conditional, size, conditional_event_shape, conditional_input_layers)
        self.params = as_params(params)
        self.context_mode, self.validate_args, self._strict = conditional_input_layers, validate_args, strict
        self._architecture: dict[str, Any] = {
            "residual": residual, "direct": direct, "dropout": check_probability("dropout", dropout),
            "use_bias": use_bias, "activation": resolve("activation", activation, ACTIVATIONS),
        }  # fmt: skip
        self._hidden_units = as_widths(hidden_units)
        if self._hidden_units and self._architecture["activation"] is not None:
            check_elementwise("activation", self._architecture["activation"], self._hidden_units[0])
        self._order: tuple[OrderLike, HiddenRule, torch.Generator | None] = (input_order, hidden_degrees, generator)
        self._rules = WeightRules(
            kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, kernel_constraint,
            bias_constraint,
        )  # fmt: skip
        self.network: MaskedNetwork | None = None
        self.table: DegreeTable | None = None
        if size is not None:
            self.build(size)
        else:
            create_degrees(1, (), hidden_degrees=hidden_degrees if isinstance(hidden_degrees, str) else "equal")

    @property
    def event_shape(self) -> list[int] | None:
        """``[D]``, or ``None`` before the first call if it was not given."""
        return None if self.table is None else [self.table.inputs.shape[1]]

    def build(self, features: int) -> None:
        """Create the parameters for an event of ``features`` variables.

        Raises:
            ValueError: If the order or the params do not fit that many variables.
        """
        order, rule, generator = self._order
        zero = self.context if self.context_mode == "degree_zero" else 0
        degrees = create_degrees(
            features, self._hidden_units, input_order=order, hidden_degrees=rule, degree_zero=zero,
            residual=self._architecture["residual"], generator=generator,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Initializing zero-element tensors")  # params=0 is allowed
            self.network = self._network(features, degrees)
        self.table = DegreeTable([degrees])
        report_lost([degrees], direct=self._architecture["direct"], strict=self._strict, context=zero)
        warn_blind(
            self.network.audit_masks(degrees),
            f"conditional_input_layers='{self.context_mode}' does that. Use 'degree_zero' (or 'all_layers', which is "
            "affine for the first variable)",
        )

    def _network(self, features: int, degrees: Degrees) -> MaskedNetwork:
        network = MaskedNetwork(
            [1] * features, _output_sizes(self.params, features), [len(layer) for layer in degrees.hidden],
            context=self.context, context_everywhere=self.context_mode == "all_layers", **self._architecture,
        )  # fmt: skip
        self._rules.initialize(network)
        return network

    @property
    def degrees(self) -> Degrees:
        """Degrees of all units (the network must be built)."""
        return self._built()[1][0]

    def _built(self) -> tuple[MaskedNetwork, DegreeTable]:
        if self.network is None or self.table is None:
            raise ValueError("event_shape: unknown until the first call; give event_shape or call build(features).")
        return self.network, self.table

    def forward(self, x: Tensor, conditional_input: Tensor | None = None) -> Tensor:
        """Compute the params.

        Args:
            x: Values, shape ``(*, D)``.
            conditional_input: Context, shape ``(*, C)``; its batch shape broadcasts with that of x both ways.

        Returns:
            Shape ``(*, D, P)``, or ``(*, sum(params))`` if params differ per variable; see :meth:`split`.

        Raises:
            ValueError: If a shape is wrong, x is not floating point, or context is missing or uncalled for.
        """
        if self.network is None:
            check_last("input_shape", x, None)
            self.build(x.shape[-1])
            self.to(x.device).train(self.training)
        network, table = self._built()
        self.apply_constraints()
        x, context = self._checked(x, conditional_input, table.inputs.shape[1])
        out = network(x, context, table[0])
        return out.unflatten(-1, (table.inputs.shape[1], self.params)) if isinstance(self.params, int) else out

    def _checked(self, x: Tensor, context: Tensor | None, features: int) -> tuple[Tensor, Tensor | None]:
        weight = next(self._built()[0].parameters())
        check_last("input_shape", x, features)
        check_batches(x, context, self.context)
        if self.validate_args and any(t is not None and bool(t.isnan().any()) for t in (x, context)):
            raise ValueError("x and conditional_input: expected no NaN, got some (validate_args=True).")
        return x.to(weight.dtype), None if context is None else context.to(weight.dtype)

    def split(self, output: Tensor) -> tuple[Tensor, ...]:
        """Split an output into one tensor ``(*, P_i)`` for each variable."""
        if isinstance(self.params, int):
            return output.unbind(-2)
        return output.split(self.params, dim=-1)

    def compute_output_shape(self, input_shape: Sequence[int]) -> tuple[int, ...]:
        """Return the shape of the output for an input of shape ``(*, D)``."""
        if isinstance(self.params, int):
            return (*input_shape, self.params)
        return (*input_shape[:-1], sum(self.params))

    def regularization_loss(self) -> Tensor:
        """Return the sum of all regularisers, to be added to the objective; they see effective weights."""
        network, table = self._built()
        return self._rules.loss(network, table[0])

    def apply_constraints(self) -> None:
        """Project weights and biases in place, masked layers by what they effectively are.

        Every call does this for parameters that have changed since, as TFP does after a step of the optimiser. Do it
        by hand after the last step if the next call is inside a ``torch.func`` transform, which changes nothing in
        place.
        """
        network, table = self._built()
        self._rules.project(network, table[0])

    def audit_masks(self, component: int = 0) -> AuditMasks:
        """Return what :func:`tailormade.masks.audit` needs."""
        network, table = self._built()
        return network.audit_masks(table[component])


def _output_sizes(params: int | tuple[int, ...], features: int) -> Sequence[int]:
    sizes = [params] * features if isinstance(params, int) else list(params)
    if len(sizes) != features:
        raise ValueError(f"params: expected one number, or one for each of {features} variables, got {params}.")
    return sizes
