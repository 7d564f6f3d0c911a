r"""A linear layer whose weight is masked at every use.

``y = (M ∘ W) x + b`` (1), computed as ``where(M, W, 0)``. Unlike a projection after each optimiser step, (1) holds
whatever happened to ``W`` in between, and unlike a product it keeps an infinity or NaN in a masked entry out of
the result and gives such entries a gradient of exactly zero.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional


class MaskedLinear(nn.Linear):
    """Apply a linear map some of whose weights are held at zero.

    Args:
        in_features: Width of the input.
        out_features: Width of the output.
        bias: Whether to add a bias, which is never masked.
        mask: Boolean or 0/1 tensor broadcastable to ``(out_features, in_features)``; ``None`` for a dense layer, or
            for one whose mask ``MaskedSequential`` is to set.
        degrees: Degrees of the output units, shape ``(out_features,)``, used by ``MaskedSequential``.

    Raises:
        ValueError: If the mask or the degrees have the wrong shape.

    Example:
        >>> layer = MaskedLinear(2, 3, mask=torch.tensor([[1, 0], [1, 1], [0, 0]]))
        >>> layer(torch.ones(4, 2)).shape
        torch.Size([4, 3])
        >>> (layer.effective_weight() != 0).int().tolist()
        [[1, 0], [1, 1], [0, 0]]
    """

    mask: Tensor | None
    degrees: Tensor | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        mask: Tensor | None = None,
        *,
        degrees: Tensor | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(in_features, out_features, bias=bias, device=device, dtype=dtype)
        self.register_buffer("mask", None)
        self.register_buffer("degrees", None)
        if degrees is not None:
            self.degrees = self._checked_degrees(degrees)
        if mask is not None:
            self.set_mask(mask)

    def _checked_degrees(self, degrees: Tensor) -> Tensor:
        degrees = torch.as_tensor(degrees, device=self.weight.device)
        if degrees.shape != (self.out_features,):
            raise ValueError(
                f"degrees: expected one for each of {self.out_features} units, got shape {tuple(degrees.shape)}."
            )
        return degrees.long()

    def set_mask(self, mask: Tensor) -> None:
        """Replace the mask.

        Args:
            mask: Broadcastable to ``(out_features, in_features)``.

        Raises:
            ValueError: If it is not.
        """
        mask = torch.as_tensor(mask, device=self.weight.device)
        try:
            self.mask = mask.bool().broadcast_to(self.weight.shape).contiguous()
        except RuntimeError:
            raise ValueError(
                f"mask: expected a shape broadcastable to (out, in) = {tuple(self.weight.shape)}, "
                f"got {tuple(mask.shape)}; a mask of shape (in, out) must be transposed."
            ) from None

    def effective_weight(self, mask: Tensor | None = None) -> Tensor:
        """Return the weight as it is used, masked entries exactly zero; shape ``(out, in)``.

        Args:
            mask: Boolean mask to use instead of the layer's own.
        """
        mask = self.mask if mask is None else mask
        return self.weight if mask is None else torch.where(mask, self.weight, 0.0)

    def forward(self, input: Tensor) -> Tensor:
        """Map ``(*, in_features)`` to ``(*, out_features)``."""
        return functional.linear(input, self.effective_weight(), self.bias)

    def n_parameters(self) -> int:
        """Return the number of weights that are not masked, and biases."""
        weights = self.weight.numel() if self.mask is None else int(torch.count_nonzero(self.mask))
        return weights + (0 if self.bias is None else self.bias.numel())

    def extra_repr(self) -> str:
        """Describe the layer without printing the mask."""
        kept = "" if self.mask is None else f", unmasked={int(torch.count_nonzero(self.mask))}/{self.mask.numel()}"
        return super().extra_repr() + kept
