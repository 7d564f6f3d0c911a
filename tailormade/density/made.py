"""``MADE``, the density model."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any, overload

import torch
from torch import Tensor, nn

from tailormade.conditionals import Bernoulli, Conditional, Layout
from tailormade.density.arguments import check_training_rows, checked_orders, one_each, order_name, rule_name
from tailormade.density.distribution import MADEDistribution, log_mean_exp
from tailormade.density.evidence import evidence_inputs, flag_columns
from tailormade.density.exclusive import exclusive_start
from tailormade.density.orders import OrderSource, first_order
from tailormade.density.shifts import check_shifts
from tailormade.density.sweeps import check_image
from tailormade.masks import AuditMasks, Degrees, degree_zero_units, report_lost, warn_blind
from tailormade.masks.hidden import HiddenRule
from tailormade.masks.orders import OrderLike
from tailormade.nn import DegreeTable, MaskedNetwork
from tailormade.nn.moments import mean_and_deviation
from tailormade.nn.options import ACTIVATIONS, resolve
from tailormade.nn.start import initialize, spread_over_context
from tailormade.nn.validation import as_widths, check_batches, check_probability
from tailormade.random import seeded
from tailormade.sampling import Evidence, Source


class MADE(nn.Module):
    """Model a density of D variables, conditioned on a context if there is one.

    Calling the model returns a ``torch.distributions.Distribution``. Context enters by degree 0: hidden units of
    degree 0 make the first variable's parameters a non-linear function of it; with no hidden layer they are affine.

    Args:
        features: Number of variables D.
        context: Width of the context C, 0 for none.
        conditionals: One for all variables, or a sequence of one for each.
        hidden_units: Widths of the hidden layers; ``()`` for none (a fully visible sigmoid belief network).
        input_order: Order of the first component: a name or the degree of each variable; equal degrees make groups
            of variables that are not conditioned on each other. Or a list of one for each of the K orders, or with
            ``orders='any'`` of any number of them.
        orders: Number of orders K whose mixture this is (the first ``input_order``, the others random), or ``'any'``,
            for a network of all orders that stores 16, or the listed ones, and is their mixture where none is named.
        shared: Whether all orders share one set of weights; if not, this is an ensemble of K networks, trained at once,
            each as good as if it were alone, for K times the work.
        hidden_degrees: ``'equal'``, ``'random'`` (drawn for each order) or the degrees of each layer.
        residual: Run hidden layers after the first as residual blocks (equal widths).
        direct: Add a masked connection from inputs to outputs.
        dropout: Probability of dropping a hidden unit in training.
        strict: Raise instead of warn when layers are too narrow for every dependency.
        seed: Fixes orders, degrees and initial weights; drawn from torch's default generator if ``None``.
        activation: Name of the function between layers.
        image_shape: Rows and columns of an event that is an image. Random orders then mostly sweep across it, so that
            an 'any' model knows the orders in which images are completed.
        shifts: Pixels by which training images are shifted at most, along both axes; the network is told by how much,
            so that the density stays that of images as they are (:mod:`tailormade.density.shifts`).
        missing: Model incomplete rows: NaN is a cell of which nothing is known, any cells may be evidence in
            :meth:`MADEDistribution.given`, exactly and a batch at a time; see :mod:`tailormade.density.evidence`.

    Attributes:
        metadata: JSON-ready notes that are saved with the model, such as the names of columns.

    Raises:
        ValueError: If arguments do not fit together.

    References:
        Mathieu Germain, Karol Gregor, Iain Murray, Hugo Larochelle, "MADE: Masked Autoencoder for Distribution
        Estimation", 2015.

    Example:
        >>> model = MADE(4, hidden_units=(16,), seed=0)
        >>> model().sample((3,)).shape
        torch.Size([3, 4])
        >>> every = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 4)
        >>> bool(torch.isclose(model().log_prob(every).exp().sum(), torch.tensor(1.0)))
        True
    """

    input_shift: Tensor
    input_scale: Tensor
    context_shift: Tensor
    context_scale: Tensor

    def __init__(
        self,
        features: int,
        context: int = 0,
        *,
        conditionals: Conditional | Sequence[Conditional] = Bernoulli(),  # noqa: B008 - frozen, so safe to share
        hidden_units: int | Sequence[int] = (500,),
        input_order: OrderLike | Sequence[OrderLike] = "left-to-right",
        orders: int | str = 1,
        hidden_degrees: HiddenRule = "equal",
        residual: bool = False,
        direct: bool = False,
        dropout: float = 0.0,
        strict: bool = False,
        seed: int | None = None,
        activation: str = "silu",
        image_shape: Sequence[int] | None = None,
        missing: bool = False,
        shared: bool = True,
        shifts: int = 0,
    ) -> None:
        super().__init__()
        if not shared and orders == "any":
            raise ValueError("shared: expected True with orders='any', whose orders cannot have weights of their own.")
        if not isinstance(activation, str):
            raise TypeError(
                f"activation: expected one of {sorted(ACTIVATIONS)}, as a model keeps it by name, got {activation!r}; "
                "AutoregressiveNetwork takes any element-wise callable."
            )
        if features < 1 or context < 0:
            raise ValueError(f"features, context: expected at least 1 and 0, got {features} and {context}.")
        self.features, self.context, self.orders = features, context, checked_orders(orders)
        self.layout, self.missing = Layout(one_each(conditionals, features), missing=missing), missing
        widths = as_widths(hidden_units)
        self._options: dict[str, Any] = {
            "hidden_units": list(widths), "hidden_degrees": rule_name(hidden_degrees),
            "residual": residual, "direct": direct, "dropout": check_probability("dropout", dropout),
            "activation": activation, "missing": missing,
            "image_shape": check_image(image_shape, features, first_order(input_order)),
        }  # fmt: skip
        self.shifts = check_shifts(shifts, self._options["image_shape"], missing)
        fed = context + (sum(self.layout.input_sizes) if missing else 0) + 4 * shifts
        self.source = OrderSource(features, widths, hidden_degrees, fed, residual, self._options["image_shape"])
        with seeded(seed):
            rows = self.source.stored(input_order, self.orders)
            self.table = DegreeTable(rows, own=not shared)
            self.network = self._create_network(rows[0], fed)
            others = [] if shared else rows[1:]
            self.others = nn.ModuleList(self._create_network(row, fed) for row in others)
        for name, width in (("input", sum(self.layout.input_sizes)), ("context", context)):
            self.register_buffer(f"{name}_shift", torch.zeros(width))
            self.register_buffer(f"{name}_scale", torch.ones(width))
        self.asked_order = order_name(input_order)
        self.metadata: dict[str, Any] = {}
        for row in rows:
            warn_blind(self.network.audit_masks(row), "give hidden_degrees some units of degree 0")
        self.lost = report_lost(rows, direct=direct, strict=strict, context=fed)

    def _create_network(self, degrees: Degrees, fed: int) -> MaskedNetwork:
        options, widths = self._options, self._options["hidden_units"]
        network = MaskedNetwork(
            self.layout.input_sizes, self.layout.param_sizes, [len(layer) for layer in degrees.hidden], context=fed,
            activation=resolve("activation", options["activation"], ACTIVATIONS), residual=options["residual"],
            direct=options["direct"], dropout=options["dropout"], order_aware=self.orders == "any",
        )  # fmt: skip
        initialize(network)
        if fed and widths:
            spread_over_context(network, degree_zero_units(fed, widths[0], degrees.groups))
        return network

    @property
    def shared(self) -> bool:
        """Whether all orders share one set of weights."""
        return not self.table.own

    @property
    def networks(self) -> list[MaskedNetwork]:
        """The networks: one, or one for each order where they do not share weights."""
        return [self.network, *(n for n in self.others if isinstance(n, MaskedNetwork))]

    def network_of(self, degrees: Degrees) -> MaskedNetwork:
        """Return the network that a connectivity of this model belongs to."""
        return self.networks[degrees.member]

    def config(self) -> dict[str, Any]:
        """Return the JSON-ready arguments that rebuild the architecture; degrees are stored beside them."""
        conditionals = [c.config() for c in self.layout.conditionals]
        same = all(c == conditionals[0] for c in conditionals)
        return {
            "features": self.features, "context": self.context, "orders": self.orders,
            "conditionals": conditionals[:1] if same else conditionals, "input_order": self.asked_order,
            **self._options, **({} if self.shared else {"shared": False}),
            **({"shifts": self.shifts} if self.shifts else {}),
        }  # fmt: skip

    @overload
    def as_tensor(self, values: None) -> None: ...
    @overload
    def as_tensor(self, values: Any) -> Tensor: ...  # noqa: ANN401 - anything torch reads as numbers
    def as_tensor(self, values: Any) -> Tensor | None:
        """Return an array or list as a tensor where the model is; tensors and ``None`` as they are."""
        if values is None or isinstance(values, Tensor):
            return values
        return torch.as_tensor(values, device=self.input_shift.device)

    @property
    def value_dtype(self) -> torch.dtype:
        """Type in which log-probabilities are computed: at least float32."""
        return torch.promote_types(next(self.parameters()).dtype, torch.float32)

    @property
    def draw_dtype(self) -> torch.dtype:
        """Type in which values are drawn: float64 if some are numbers, such as dates in seconds."""
        return self.value_dtype if all(c.cardinality for c in self.layout.conditionals) else torch.float64

    def forward(self, context: Tensor | None = None, order: int | OrderLike | None = None) -> MADEDistribution:
        """Return the density at ``context``.

        Args:
            context: Shape ``(*, C)``; its leading shape becomes the batch shape.
            order: Index of one of the stored orders; with ``orders='any'`` also the degrees of any order.
                ``None`` is the model's density: the mixture over all stored orders.

        Raises:
            ValueError: If context is missing or not called for, or the order is not one the model was trained on.
        """
        context = self._checked_context(torch.empty(0), self.as_tensor(context))
        family = self.orders == "any" and order is None
        return MADEDistribution(self, context, self._components(order), family=family)

    def _components(self, order: int | OrderLike | None) -> list[Degrees]:
        if order is None:
            return list(self.table)
        if isinstance(order, int | Integral):
            order = int(order)
            if not 0 <= order < len(self.table):
                raise ValueError(f"order: expected 0..{len(self.table) - 1}, got {order}.")
            return [self.table[order]]
        if self.orders != "any":
            raise ValueError(
                f"order: expected an index in 0..{len(self.table) - 1}, as this model was built with "
                f"orders={self.orders}; only one with orders='any' can be asked for an arbitrary order."
            )
        return [self.source.reordered(self.table[0], order)]

    def log_prob(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """Return ``log p(x | c)`` in nats: the mixture over all orders.

        Values are not checked against the support (this is what training and ``torch.compile`` use); the
        distribution's ``log_prob`` checks them.

        Args:
            x: Shape ``(*, D)``, of any numeric type.
            context: Shape ``(*, C)``; batch shapes broadcast.

        Returns:
            Shape ``(*)``.
        """
        return log_mean_exp(torch.stack([self.component_log_prob(x, context, d) for d in self.table]))

    def component_log_prob(
        self, x: Tensor, context: Tensor | None, degrees: Degrees, evidence: Tensor | None = None
    ) -> Tensor:
        """Return ``log p_k(x | c)`` in nats under one connectivity, shape ``(*)``; of the rest, given evidence."""
        return self.conditional_log_probs(x, context, degrees, evidence).sum(-1)

    def conditional_log_probs(
        self,
        x: Tensor,
        context: Tensor | None,
        degrees: Degrees,
        evidence: Tensor | None = None,
        shift: Tensor | None = None,
    ) -> Tensor:
        """Return the terms ``log p(x_i | x_<i, c)`` in nats, shape ``(*, D)``.

        Args:
            x: Shape ``(*, D)``; a model of incomplete rows takes NaN for what is missing, whose term is 0.
            context: Shape ``(*, C)`` or ``None``.
            degrees: The connectivity.
            evidence: Which values are given, boolean, shape ``(*, D)``: their terms are 0, and all others are given
                them, whatever the order. Only for a model of incomplete rows.
            shift: How the images of a training batch were shifted, as a code, shape ``(*, 4 * shifts)``.
        """
        raw = self.params(x, context, degrees, evidence, shift)
        terms = self.layout.log_prob(raw.to(self.value_dtype), self.as_tensor(x))
        return terms if evidence is None else torch.where(evidence, 0.0, terms)

    def params(
        self,
        x: Tensor,
        context: Tensor | None,
        degrees: Degrees,
        evidence: Tensor | None = None,
        shift: Tensor | None = None,
    ) -> Tensor:
        """Return the raw parameters of all conditionals, shape ``(*, sum(param_sizes))``."""
        x, context = self.as_tensor(x), self.as_tensor(context)
        if x.ndim < 1 or x.shape[-1] != self.features:
            raise ValueError(f"x: expected shape (*, {self.features}), got {tuple(x.shape)}.")
        context = self._checked_context(x, context)
        given = None if evidence is None else Evidence(x, evidence)
        return self.network_of(degrees)(self._inputs(x), self._fed(context, given, shift), degrees)

    def sampling_source(self, degrees: Degrees, context: Tensor | None, evidence: Evidence | None = None) -> Source:
        """Return what the sampling engines need, with one row of context, and of evidence, for each sample."""
        fed = self._fed(context, evidence)
        return Source(self.network_of(degrees), degrees, self.layout, self.input_shift, self.input_scale, fed)

    def _inputs(self, x: Tensor) -> Tensor:
        return (self._encode(x) - self.input_shift) / self.input_scale

    def _encode(self, x: Tensor) -> Tensor:
        """Network inputs of values; encoded in at least float32, where every category is a number of its own."""
        return self.layout.encode(x.to(torch.promote_types(x.dtype, self.value_dtype))).to(self.input_shift.dtype)

    def _fed(self, context: Tensor | None, evidence: Evidence | None, shift: Tensor | None = None) -> Tensor | None:
        """What enters by degree 0: standardised context, evidence and a shift; zeros for those that are not there."""
        seen = evidence if self.missing else None  # others have evidence first in their order
        told = None if seen is None else evidence_inputs(self.layout, *seen, self.input_shift, self.input_scale)
        parts = [
            (self.context, None if context is None else self._scale_context(context)),
            (len(self.input_shift) if self.missing else 0, told),
            (4 * self.shifts, shift),
        ]
        given = [part for _, part in parts if part is not None]
        wanted = [(width, part) for width, part in parts if width]
        if not given or len(wanted) == 1:
            return given[0] if given else None
        batch = torch.broadcast_shapes(*(part.shape[:-1] for part in given))
        every = [given[0].new_zeros(width) if part is None else part for width, part in wanted]
        return torch.cat([part.expand(*batch, part.shape[-1]) for part in every], -1)

    def _checked_context(self, x: Tensor, context: Tensor | None) -> Tensor | None:
        if context is not None and not context.is_floating_point():
            context = context.to(self.value_dtype)
        check_batches(x, context, self.context, "context")
        return context

    def _scale_context(self, context: Tensor) -> Tensor:
        return (context.to(self.context_shift.dtype) - self.context_shift) / self.context_scale

    @torch.no_grad()
    def adapt(self, x: Tensor, context: Tensor | None = None) -> None:
        """Set what is read off the training data instead of learnt.

        Centres the inputs, standardises the context, and starts the output biases at the smoothed marginals, so that
        training begins at the density of independent variables. A direct connection starts with what binary columns
        that exclude each other say, as those of one-hot codes do (:mod:`tailormade.density.exclusive`), if the model
        has one order.

        Args:
            x: Training rows, shape ``(rows, D)``.
            context: Their contexts, shape ``(rows, C)``.

        Raises:
            ValueError: If rows or contexts do not have these shapes.
        """
        check_training_rows(x, context, self.features, self.context)
        mean, deviation = mean_and_deviation(x.to(self.input_shift.device), self._encode)
        if self.missing:
            mean = torch.where(flag_columns(self.layout).to(mean.device), 0.0, mean)
        self.input_shift.copy_(mean)
        scaled = self.layout.input_scaled().to(mean.device)
        self.input_scale.copy_(torch.where(scaled, deviation, 1.0))
        if context is not None:
            mean, deviation = mean_and_deviation(context.to(self.context_shift.device))
            self.context_shift.copy_(mean)
            self.context_scale.copy_(deviation)
        marginals = self.layout.marginal_params(x)
        for k, network in enumerate(self.networks):
            last, start = network.layers[-1], self.direct_start(x, k)
            last.bias.copy_(marginals)  # type: ignore[operator]  # a Linear
            if start is not None and network.direct is not None:
                weights, logits = start
                network.direct.weight.copy_(weights)
                last.bias.copy_(logits + weights @ self.input_shift.double())  # type: ignore[operator]  # a Linear

    def direct_start(self, x: Tensor, member: int = 0) -> tuple[Tensor, Tensor] | None:
        """Return the weights ``(D, D)`` at which :meth:`adapt` starts a direct connection, and the logits without them.

        They say which binary columns exclude each other (:mod:`tailormade.density.exclusive`). ``None`` if none do, and
        for models of several orders that share weights, of other variables, or of incomplete rows.

        Args:
            x: Training rows, shape ``(rows, D)``.
            member: Which network's.
        """
        direct = self.network.direct
        binary = all(isinstance(c, Bernoulli) for c in self.layout.conditionals) and not self.missing
        if direct is None or not binary or (self.shared and len(self.table) > 1):
            return None
        return exclusive_start(x.to(direct.weight.device), self.table[member].inputs)

    def draw(self, generator: torch.Generator | None = None) -> Degrees:
        """Draw a fresh random order, and hidden degrees if their rule is random."""
        return self.source.fresh(self.table[0], generator)

    def evidence_first(self, observed: Tensor, turn: int = 0) -> Degrees:
        """Return a connectivity of the family in whose order the observed variables come first.

        Args:
            observed: Boolean, shape ``(D,)``.
            turn: Which of the many such orders, from 0.
        """
        return self.source.evidence_first(list(self.table), observed, turn)

    def audit_masks(self, component: int = 0) -> AuditMasks:
        """Return what :func:`tailormade.masks.audit` needs."""
        degrees = self.table[component]
        return self.network_of(degrees).audit_masks(degrees)
