r"""``MAF`` and ``IAF``: stacks of masked autoregressive transforms over a base density.

    z = f(x) = f_T ∘ ... ∘ f_1(x),    log p(x | c) = log p_0(z | c) + Σ_t log |det ∂f_t|                   (1)

A MAF runs every transform's parallel direction from data to noise: a density costs T passes through a network, and a
sample is solved for, variable by variable. An IAF runs it from noise to data: a sample costs T passes, and so does the
density of a sample that it drew itself. Between transforms the order of the variables changes, and there may be
normalisation or an invertible linear map; before all of them data are standardised, with a log-det that is counted, so
that densities are in the user's own units.

George Papamakarios, Theo Pavlakou, Iain Murray, "Masked Autoregressive Flow for Density Estimation", 2017; Diederik P.
Kingma et al., "Improved Variational Inference with Inverse Autoregressive Flow", 2016.
"""

from tailormade.flows.layers import InverseLayer, MaskedLayer
from tailormade.flows.stacked import Flow


class MAF(Flow):
    """Model a density by a masked autoregressive flow: fast to score and to fit.

    Calling the model returns a ``torch.distributions.Distribution``, at a context if there is one.

    Args:
        features: Number of variables D.
        context: Width of the context C, 0 for none.
        transforms: Number of transforms T.
        hidden_units: Widths of the hidden layers of each; ``()`` for none.
        bijection: The map of each variable, the same in all transforms: ``'affine'``, ``'spline'``, or one with
            arguments of its own.
        base: Density of the noise: ``'normal'`` (``None`` too), ``'student'``, ``'mixture'``, one of the classes
            behind these names, or a :class:`tailormade.MADE` of continuous conditionals with the same context or
            none, which is trained jointly (the paper's MADE-MoG base if they are mixtures of normals).
        orders: Of the variables: ``'reversed'`` in every other transform, ``'random'`` in each, ``'fixed'``, or one
            order for each transform, a name or the degrees of the variables.
        residual: Run hidden layers after the first as residual blocks of two (an odd number of equal widths).
        activation: Name of the function between hidden layers. The default is bounded, so that a row far from all
            training rows gets parameters like those of the nearest ones.
        normalisation: After each transform: ``'activation'``, ``'batch'`` or ``None``;
            see :mod:`tailormade.flows.layers.normalisation`.
        linear: Put an invertible linear map between transforms.
        standardise: Scale data to mean 0 and deviation 1 inside the model (:meth:`adapt` reads them off).
        seed: Fixes orders and initial weights; drawn from torch's default generator if ``None``.

    Attributes:
        metadata: JSON-ready notes that are saved with the model, such as the names of columns.

    Raises:
        ValueError: If arguments do not fit together.
        TypeError: If the base or the bijection is none.

    References:
        George Papamakarios, Theo Pavlakou, Iain Murray, "Masked Autoregressive Flow for Density Estimation", 2017.

    Example:
        >>> import torch
        >>> flow = MAF(3, context=1, transforms=2, hidden_units=(16,), seed=0)
        >>> density = flow(torch.zeros(4, 1))
        >>> x = density.sample((5,))
        >>> x.shape, density.log_prob(x).shape
        (torch.Size([5, 4, 3]), torch.Size([5, 4]))
    """

    layer_type = MaskedLayer


class IAF(Flow):
    """Model a density by an inverse autoregressive flow: fast to sample, and to score its own samples.

    A density to fit to data is better a :class:`MAF`, as an IAF solves for the noise of every row, variable by
    variable. As a variational posterior it has :meth:`FlowDistribution.rsample_and_log_prob`. Arguments as for
    :class:`MAF`.

    References:
        Diederik P. Kingma, Tim Salimans, Rafal Jozefowicz, Xi Chen, Ilya Sutskever, Max Welling, "Improved Variational
        Inference with Inverse Autoregressive Flow", 2016.

    Example:
        >>> import torch
        >>> x, log_q = IAF(3, transforms=2, hidden_units=(16,), seed=0)().rsample_and_log_prob((5,))
        >>> x.shape, log_q.requires_grad
        (torch.Size([5, 3]), True)
    """

    layer_type = InverseLayer
