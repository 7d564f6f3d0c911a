"""What all distributions given evidence have in common: an answer, and rows that are partly known."""

from typing import Any

from torch import Tensor
from torch.distributions import Distribution

from tailormade.queries.evidence import broadcast


class Answered(Distribution):
    """Be a density of the unobserved variables u given the evidence e; subclasses say whose, and make the answer.

    Attributes:
        unobserved: Numbers of the variables that events consist of, shape ``(U,)``.
        exact: Whether nothing is estimated.
    """

    unobserved: Tensor
    exact: bool
    _answer: Any  # has the methods below, and those that its subclass asks for
    _evidence: Tensor  # rows (*, D)

    @property
    def log_evidence(self) -> Tensor:
        """``log p(e)`` in nats, batch shape; estimated, and biased low where draws weigh, unless :attr:`exact`."""
        return self._answer.log_evidence()

    @property
    def log_evidence_error(self) -> Tensor:
        """Standard error of :attr:`log_evidence`, batch shape; 0 if :attr:`exact`."""
        return self._answer.log_evidence_error()

    @property
    def effective_sample_size(self) -> Tensor:
        """``(Σ w)² / Σ w²`` of the weighted draws, batch shape; infinite where draws are independent."""
        return self._answer.effective_sample_size()

    def fill(self, value: Tensor) -> Tensor:
        """Put unobserved values ``(*, U)`` beside the evidence, in rows ``(*, D)`` of all variables."""
        shape = broadcast("value", value.shape[:-1], self.batch_shape)
        full = self._evidence.expand(*shape, -1).clone()
        full[..., self.unobserved] = value.to(full.dtype).expand(*shape, -1)
        return full
