"""Rows of a flow as a picture: dots, over the density where there are two variables, or images where they form some."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tailormade.flows import Flow, FlowDistribution
    from tailormade.rowfile import Array

ENOUGH = 5000  # samples that say where the mass of a density is


def title_of(flow: "Flow") -> str:
    """Return what a flow is in a few words."""
    count = len(flow.transforms)
    return f"{type(flow).__name__} of {count} transform{'s' if count > 1 else ''}"


def draw_density(
    density: "FlowDistribution", samples: "Array", data: "Array | None" = None, dots: int | None = None
) -> "Figure":
    """Draw samples of a flow and rows of data, over contours where there are two variables and one context.

    Args:
        density: The flow's.
        samples: Shape ``(n, D)``.
        data: Rows to compare with, or ``None``.
        dots: How many of the samples are shown over contours, at most.
    """
    import torch

    from tailormade.plots import draw_contours, draw_pairs
    from tailormade.queries.observed import variable_names

    names, title = variable_names(density.flow), title_of(density.flow)
    if density.batch_shape or density.flow.features != 2:
        return draw_pairs(samples, data, names, title)

    def log_prob(points: Any) -> Any:  # noqa: ANN401 - arrays
        with torch.no_grad():
            return density.log_prob(torch.from_numpy(points)).numpy()

    return draw_contours(log_prob, samples, data, names, title, dots=dots)


def draw_drawn(density: "FlowDistribution", rows: "Array", n: int, given: str | None) -> "Figure":
    """Draw the rows that were asked for.

    Args:
        density: The flow's, at one context.
        rows: What was drawn; more than were asked for, to find contours, where :func:`rows_for` says so.
        n: How many were asked for.
        given: Evidence, as typed.
    """
    from tailormade.plots import draw_pairs, draw_rows
    from tailormade.plots.rows import is_image
    from tailormade.queries.observed import variable_names

    flow = density.flow
    if is_image(flow.features):
        return draw_rows(rows)
    if given is not None:
        return draw_pairs(rows, None, variable_names(flow), f"{title_of(flow)}, given {given}")
    return draw_density(density, rows, dots=n)


def rows_for(density: "FlowDistribution", n: int, given: str | None) -> int:
    """Return how many rows a picture of n rows takes."""
    return max(n, ENOUGH) if given is None and density.flow.features == 2 else n
