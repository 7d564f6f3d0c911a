r"""The module of a masked autoregressive transform: the network that makes the parameters, and the bijection.

One masked network maps x and a context c to ``θ_i(x_<i, c)`` (1) for all variables i at once, the raw parameters of
``y_i = B(x_i; θ_i)`` (2); see :mod:`tailormade.flows.transform`. It is MADE's network with the same degrees, masked at
every use. It sees x by the bijection's code, which for most is x itself. Its last layer starts with small weights, so
that (2) starts near the identity, also in a stack of many.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from tailormade.conditionals.arithmetic import as_number
from tailormade.flows.bijections import Affine, Bijection
from tailormade.flows.transform import AutoregressiveTransform
from tailormade.masks import AuditMasks, Degrees, create_degrees, degree_zero_units, report_lost, warn_blind
from tailormade.masks.hidden import HiddenRule
from tailormade.masks.orders import OrderLike
from tailormade.nn import DegreeTable, MaskedNetwork
from tailormade.nn.options import ACTIVATIONS, resolve
from tailormade.nn.start import initialize, spread_over_context, spread_over_inputs
from tailormade.nn.validation import as_widths, check_batches, check_last
from tailormade.random import seeded


class MaskedAutoregressive(nn.Module):
    """Hold the network and the bijection; calling it returns an :class:`~tailormade.flows.AutoregressiveTransform`.

    Context enters by degree 0: hidden units of degree 0 make the first variable's parameters a non-linear function of
    it; with no hidden layer they are affine.

    Args:
        features: Number of variables D.
        context: Width of the context C, 0 for none.
        bijection: The map B of every variable.
        hidden_units: Widths of the hidden layers; ``()`` for none.
        activation: Name of the function between layers.
        input_order: A name or the degree of each variable; variables of equal degree do not depend on each other.
        hidden_degrees: ``'equal'``, ``'random'`` or the degrees of each layer.
        residual: Run hidden layers after the first as residual blocks (equal widths).
        direct: Add a masked connection from inputs to outputs.
        strict: Raise instead of warn when layers are too narrow for every dependency.
        seed: Fixes order, degrees and initial weights; drawn from torch's default generator if ``None``.

    Attributes:
        network: The weights.
        table: The degrees, in the state dict.

    Raises:
        ValueError: If arguments do not fit together.
        TypeError: If the bijection is none.

    Example:
        >>> layer = MaskedAutoregressive(3, context=2, hidden_units=(16,), seed=0)
        >>> y, ladj = layer(torch.zeros(5, 2)).call_and_ladj(torch.ones(3))
        >>> y.shape, ladj.shape
        (torch.Size([5, 3]), torch.Size([5]))
    """

    def __init__(
        self,
        features: int,
        context: int = 0,
        *,
        bijection: Bijection = Affine(),  # noqa: B008 - frozen, so safe to share
        hidden_units: int | Sequence[int] = (256, 256),
        activation: str = "tanh",
        input_order: OrderLike = "left-to-right",
        hidden_degrees: HiddenRule = "equal",
        residual: bool = False,
        direct: bool = False,
        strict: bool = False,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        if features < 1 or context < 0:
            raise ValueError(f"features, context: expected at least 1 and 0, got {features} and {context}.")
        if not isinstance(bijection, Bijection):
            raise TypeError(
                f"bijection: expected a bijection such as Affine() or RationalQuadraticSpline(), got {bijection!r}."
            )
        self.features, self.context, self.bijection = features, context, bijection
        widths = as_widths(hidden_units)
        with seeded(seed):
            degrees = create_degrees(
                features, widths, input_order=input_order, hidden_degrees=hidden_degrees, degree_zero=context,
                residual=residual, allow_groups=True,
            )  # fmt: skip
            self.table = DegreeTable([degrees])
            self.network = MaskedNetwork(
                [1] * features, [bijection.params] * features, [len(layer) for layer in degrees.hidden],
                context=context, activation=resolve("activation", activation, ACTIVATIONS), residual=residual,
                direct=direct,
            )  # fmt: skip
            self._initialize(widths)
        warn_blind(self.audit_masks(), "give hidden_degrees some units of degree 0")
        self.lost = report_lost([degrees], direct=direct, strict=strict, context=context)

    @torch.no_grad()
    def _initialize(self, widths: Sequence[int]) -> None:
        initialize(self.network)
        spread_over_inputs(self.network, self.degrees)
        if self.context and widths:
            spread_over_context(self.network, degree_zero_units(self.context, widths[0], self.degrees.groups))

    @property
    def degrees(self) -> Degrees:
        """Degrees of all units."""
        return self.table[0]

    def forward(self, context: Tensor | None = None) -> AutoregressiveTransform:
        """Return the transform at a context ``(*, C)``.

        Raises:
            ValueError: If context is missing, not called for, or of another width.
        """
        check_batches(torch.empty(0), context, self.context, "context")
        return AutoregressiveTransform(self, context)

    def params(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """Return the raw parameters of all bijections.

        Args:
            x: Shape ``(*, D)``.
            context: Shape ``(*, C)`` or ``None``; batch shapes broadcast.

        Returns:
            Shape ``(*, D, params)``.

        Raises:
            ValueError: If a shape is wrong, or context is missing or not called for.
        """
        check_last("x", x, self.features)
        check_batches(x, context, self.context, "context")
        dtype = next(self.network.parameters()).dtype
        seen = self.bijection.encode(x).to(dtype)
        raw = self.network(seen, None if context is None else context.to(dtype), self.degrees)
        return as_number(raw).unflatten(-1, (self.features, self.bijection.params))

    def audit_masks(self, component: int = 0) -> AuditMasks:
        """Return what :func:`tailormade.masks.audit` needs."""
        return self.network.audit_masks(self.table[component])

    def extra_repr(self) -> str:
        """Describe the module."""
        return f"features={self.features}, context={self.context}, bijection={self.bijection}"
