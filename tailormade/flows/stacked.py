"""What MAF and IAF share: layers between data and noise, a base density, and what is read off the data."""

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from tailormade.conditionals.arithmetic import as_number
from tailormade.flows.advice import far_contexts, warn_of_contexts
from tailormade.flows.arguments import as_numbers, flag, whole
from tailormade.flows.autoregressive import MaskedAutoregressive
from tailormade.flows.bases.choice import choose_base
from tailormade.flows.bases.simple import NormalBase
from tailormade.flows.bijections import Affine, Bijection, named_bijection
from tailormade.flows.distribution import FlowDistribution
from tailormade.flows.flow_transform import FlowTransform
from tailormade.flows.layers import BatchNorm, InverseLayer, MaskedLayer
from tailormade.flows.layers.stack import all_to_noise, build_stack
from tailormade.flows.orders import orders_as_json, orders_of_transforms
from tailormade.flows.support import check_unbounded
from tailormade.masks.orders import OrderLike
from tailormade.nn.moments import mean_and_deviation
from tailormade.nn.validation import as_widths, check_batches, check_last
from tailormade.random import seeded


class Flow(nn.Module):
    """A stack of masked autoregressive transforms over a base; :class:`tailormade.MAF` describes the arguments.

    Attributes:
        stack: The layers, from data to noise.
        base: Density of the noise.
        metadata: JSON-ready notes that are saved with the model, such as the names of columns.
    """

    missing: ClassVar[bool] = False  # a flow takes complete rows
    base: Any  # a Base or a MADE
    layer_type: ClassVar[type[MaskedLayer | InverseLayer]]
    context_shift: Tensor
    context_scale: Tensor

    def __init__(
        self,
        features: int,
        context: int = 0,
        *,
        transforms: int = 5,
        hidden_units: int | Sequence[int] = (256, 256),
        bijection: str | Bijection = Affine(),  # noqa: B008 - frozen, so safe to share
        base: str | nn.Module | None = None,
        orders: str | Sequence[OrderLike] = "reversed",
        residual: bool = False,
        activation: str = "tanh",
        normalisation: str | None = None,
        linear: bool = False,
        standardise: bool = True,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        features, context, transforms = map(
            whole, ("features", "context", "transforms"), (features, context, transforms)
        )
        bijection = named_bijection(bijection)
        self.features, self.context, self.bijection = features, context, bijection
        input_orders = orders_of_transforms(orders, transforms)
        residual, linear, standardise = map(
            flag, ("residual", "linear", "standardise"), (residual, linear, standardise)
        )
        self._options: dict[str, Any] = {
            "transforms": transforms, "hidden_units": list(as_widths(hidden_units)), "residual": residual,
            "activation": activation, "normalisation": normalisation, "linear": linear, "standardise": standardise,
        }  # fmt: skip
        with seeded(seed):
            layers = [
                self.layer_type(MaskedAutoregressive(
                    features, context, input_order=order, bijection=bijection, hidden_units=hidden_units,
                    residual=residual, activation=activation,
                ))
                for order in input_orders
            ]  # fmt: skip
            self.stack = build_stack(features, layers, normalisation, linear=linear, standardise=standardise)
            self.base = choose_base(base, features, context)
        check_unbounded(bijection)
        self.asked_orders = orders_as_json(orders)
        self.register_buffer("context_shift", torch.zeros(context))
        self.register_buffer("context_scale", torch.ones(context))
        self.metadata: dict[str, Any] = {}
        self._told = False  # whether a far context was warned of

    @property
    def transforms(self) -> list[MaskedAutoregressive]:
        """The masked autoregressive transforms, from data to noise."""
        return [layer.transform for layer in self.stack if isinstance(layer, MaskedLayer | InverseLayer)]

    @property
    def batch_normalised(self) -> bool:
        """Whether there is batch normalisation, so that ``log_prob`` in training mode is no density of a row."""
        return any(isinstance(layer, BatchNorm) for layer in self.stack)

    @property
    def value_dtype(self) -> torch.dtype:
        """Type in which values and log-probabilities are computed: at least float32."""
        return torch.promote_types(self.context_shift.dtype, torch.float32)

    def config(self) -> dict[str, Any]:
        """Return the JSON-ready arguments that rebuild the architecture; degrees are stored beside them."""
        return {
            "features": self.features, "context": self.context, "bijection": self.bijection.config(),
            "base": {"kind": type(self.base).__name__, **self.base.config()},
            "orders": self.asked_orders, **self._options,
        }  # fmt: skip

    def as_tensor(self, values: Any) -> Tensor:  # noqa: ANN401 - anything torch reads as numbers
        """Return an array or list as a tensor where the model is; tensors as they are.

        Raises:
            TypeError: If they are no real numbers.
        """
        return as_numbers(values, self.context_shift.device)

    def forward(self, context: Tensor | None = None) -> FlowDistribution:
        """Return the density at a context ``(*, C)``, whose leading shape becomes the batch shape.

        Warns once of a context far from those that the flow was fitted to.

        Raises:
            ValueError: If context is missing or not called for.
        """
        context = self._checked(torch.empty(0), context)
        density = FlowDistribution(self, context)
        fitted = self.metadata.get("context_range")
        if context is not None and fitted and density._validate_args and not self._told:
            far = far_contexts(context, fitted)
            if far:
                self._told = True
                warn_of_contexts(far, self.metadata.get("context_columns"))
        return density

    def transform(self, context: Tensor | None = None) -> FlowTransform:
        """Return the torch transform from noise to data, at a context ``(*, C)``.

        Raises:
            ValueError: If context is missing or not called for.
        """
        return FlowTransform(self, self._checked(torch.empty(0), context))

    def log_prob(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """Return ``log p(x | c)`` in nats.

        Values are not checked (this is what training and ``torch.compile`` use); the distribution's ``log_prob``
        checks them. In training mode with batch normalisation the figure depends on the other rows, and is not the
        density of any.

        Args:
            x: Shape ``(*, D)``, of any numeric type.
            context: Shape ``(*, C)``; batch shapes broadcast.

        Returns:
            Shape ``(*)``.
        """
        z, ladj = self.to_noise(x, context)
        return self.base_log_prob(z, context) + ladj

    def to_noise(self, x: Tensor, context: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return ``z = f(x)``, shape ``(*, D)``, and ``log |det dz/dx|``, shape ``(*)``."""
        x = as_number(self.as_tensor(x))
        check_last("x", x, self.features)
        x = x if self._options["standardise"] else x.to(self.value_dtype)  # standardisation keeps float64's differences
        return self.stack.to_noise(x, self._scaled(x, context))

    def to_noise_by_variable(self, x: Tensor, context: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return ``z = f(x)`` and each variable's part of ``log |det dz/dx|``, ``(*, D)`` both; no ``linear`` layers.

        Raises:
            NotImplementedError: If there are linear layers, which mix variables.
        """
        x = as_number(self.as_tensor(x))
        z, log_slopes = self.stack.to_noise_by_variable(x, self._scaled(x, context))
        return z, log_slopes.expand(z.shape)

    def to_data(self, z: Tensor, context: Tensor | None = None) -> Tensor:
        """Return the x with ``f(x) = z``, shape ``(*, D)``."""
        z = self.as_tensor(z).to(self.value_dtype)
        return self.stack.to_data(z, self._scaled(z, context))

    def to_data_and_ladj(self, z: Tensor, context: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return x and ``log |det dx/dz|``, shape ``(*)``: one pass a transform for an IAF."""
        z = self.as_tensor(z).to(self.value_dtype)
        return self.stack.to_data_and_ladj(z, self._scaled(z, context))

    def base_at(self, context: Tensor | None) -> Distribution:
        """Return the distribution of the noise at a context, if it takes one."""
        return self.base(context if self.base.context else None)

    def base_sample(self, shape: torch.Size, batch: torch.Size, context: Tensor | None) -> Tensor:
        """Draw noise from torch's default generator, shape ``shape + batch + (D,)``."""
        if isinstance(self.base, NormalBase):
            return self.base.draw((*shape, *batch))
        return self.base_at(context).expand(batch).sample(shape)

    def base_log_prob(self, z: Tensor, context: Tensor | None) -> Tensor:
        """Return the noise's log-density in nats, shape ``(*)``."""
        return self.base.log_prob(z, context if self.base.context else None)

    def _checked(self, x: Tensor, context: Tensor | None) -> Tensor | None:
        context = None if context is None else as_number(self.as_tensor(context))
        check_batches(x, context, self.context, "context")
        return context

    def _scaled(self, x: Tensor, context: Tensor | None) -> Tensor | None:
        context = self._checked(x, context)
        return None if context is None else ((context - self.context_shift) / self.context_scale).to(self.value_dtype)

    @torch.no_grad()
    def adapt(self, x: Tensor, context: Tensor | None = None) -> None:
        """Set what is read off the training data instead of learnt.

        Standardises data and context, and starts the normalisation, and a MADE that is the base, where the rows are.

        Args:
            x: Training rows, shape ``(rows, D)``.
            context: Their contexts, shape ``(rows, C)``.

        Raises:
            ValueError: If rows or contexts do not have these shapes.
        """
        x, context = self._training_rows(x, context)
        if context is not None:
            mean, deviation = mean_and_deviation(context)
            self.context_shift.copy_(mean)
            self.context_scale.copy_(deviation)
        scaled = self._scaled(x, context)
        self.stack.adapt(x, scaled)
        if hasattr(self.base, "adapt"):
            self.base.adapt(all_to_noise(self.stack, x, scaled), context if self.base.context else None)

    @torch.no_grad()
    def settle(self, x: Tensor, context: Tensor | None = None) -> None:
        """Store the statistics of batch normalisation, layer by layer over all training rows.

        :func:`tailormade.fit` does so after every epoch; a training loop of your own must do so before it evaluates
        the model or draws from it. Without batch normalisation there is nothing to do.

        Args:
            x: Training rows, shape ``(rows, D)``.
            context: Their contexts, shape ``(rows, C)``.

        Raises:
            ValueError: If rows or contexts do not have these shapes.
        """
        x, context = self._training_rows(x, context)
        self.stack.settle(x, self._scaled(x, context))

    def _training_rows(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor | None]:
        x, context = self.as_tensor(x), None if context is None else self.as_tensor(context)
        if x.ndim != 2 or len(x) == 0 or x.shape[1] != self.features:
            raise ValueError(f"x: expected rows of shape (rows, {self.features}), got {tuple(x.shape)}.")
        if context is not None and tuple(context.shape) != (len(x), self.context):
            raise ValueError(f"context: expected shape {(len(x), self.context)}, got {tuple(context.shape)}.")
        x = as_number(x)
        return x if self._options["standardise"] else x.to(self.value_dtype), context
