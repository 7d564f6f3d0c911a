r"""Degrees, orders, masks and their audit: pure functions on tensors.

A masked network models ``p(x) = Π_i p(x_i | x_<i)`` (1) with one set of weights. Every unit carries an
integer *degree*, and a connection exists only where degrees allow it (Germain et al. 2015):

    input ``i`` has degree ``d(i)`` in 1..D, its place in the factorisation; context has degree 0     (2)
    hidden unit ``k`` of degree ``m(k)`` sees a unit of degree ``a`` below it when ``a <= m(k)``      (3)
    an output of degree ``d`` sees a hidden unit of degree ``m`` when ``m < d``                       (4)

A path from input ``j`` to output ``i`` therefore satisfies ``d(j) <= m_1 <= ... <= m_L < d(i)`` (5): the
product of the masks is strictly triangular once variables are sorted by degree, which is (1). The converse
is not automatic: where no hidden degree lies between ``d(j)`` and ``d(i)`` the dependency is *lost*, in
silence in most libraries. :func:`audit` lists what is realised, what is lost and which units are dead.

Mathieu Germain, Karol Gregor, Iain Murray, Hugo Larochelle, "MADE: Masked Autoencoder for Distribution
Estimation", ICML 2015.
"""

from tailormade.masks.adjacency import adjacency_masks, topological_degrees
from tailormade.masks.audit import Audit, audit
from tailormade.masks.create import LostDependencyWarning, create_degrees, report_lost, warn_blind, warn_lost
from tailormade.masks.degrees import Degrees, create_autoregressive_mask
from tailormade.masks.hidden import create_hidden_degrees, degree_zero_units
from tailormade.masks.orders import create_input_order, order_from_sequence, sequence_from_order
from tailormade.masks.reachability import AuditMasks, count_lost, count_wrong, reachability

__all__ = [
    "Audit",
    "AuditMasks",
    "Degrees",
    "LostDependencyWarning",
    "adjacency_masks",
    "audit",
    "count_lost",
    "count_wrong",
    "create_autoregressive_mask",
    "create_degrees",
    "create_hidden_degrees",
    "create_input_order",
    "degree_zero_units",
    "order_from_sequence",
    "reachability",
    "report_lost",
    "sequence_from_order",
    "topological_degrees",
    "warn_blind",
    "warn_lost",
]
