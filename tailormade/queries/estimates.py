"""Numbers that know how precisely they were computed."""

from typing import Self


class Estimated(float):
    """A number that knows how precisely it was computed.

    Attributes:
        standard_error: Of the estimate; 0 where nothing was drawn.

    Example:
        >>> price = Estimated(2757.0, 3.5)
        >>> price / 1000, price.standard_error
        (2.757, 3.5)
    """

    standard_error: float

    def __new__(cls, value: float, standard_error: float) -> Self:
        """Make a float that carries its error."""
        made = super().__new__(cls, value)
        made.standard_error = standard_error
        return made


class Probability(Estimated):
    """A probability under the model that knows how precisely it was computed.

    The standard error is that of the computation, and 0 where that is exact. It says nothing of how near the fitted
    model is to the world: hold out rows and count to see that.

    Example:
        >>> p = Probability(0.25, 0.01)
        >>> p + 0.5, p.standard_error
        (0.75, 0.01)
        >>> Probability(0.99, 0.01).interval
        (0.97, 1.0)
    """

    @property
    def interval(self) -> tuple[float, float]:
        """The probability give or take two standard errors, ``[p - 2 s, p + 2 s]``, cut off at 0 and 1."""
        return max(0.0, self - 2 * self.standard_error), min(1.0, self + 2 * self.standard_error)
